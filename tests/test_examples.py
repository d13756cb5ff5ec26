"""Everything under examples/ works as its README says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from planc import toolset
from planc.compile import compile_plan
from planc.files import read_text
from planc.format import format
from planc.parse import parse
from planc.report.calls import calls_json
from planc.report.execute import FixedClock
from planc.run.interpret import Outcome, interpret
from planc.run.policy import AllowAll
from planc.source import Source
from planc.tools import Clock, ToolSet, from_json
from tests.test_cli import planc

EXAMPLES = Path(__file__).parent.parent / "examples"
PLANS = sorted((EXAMPLES / "plans").glob("*.plan"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLES / "home", tmp_path / "home")
    monkeypatch.setenv("PLANC_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(plan: Path, *specs: str) -> Outcome:
    compiled = compile_plan(read_text(str(plan), 10_000), toolset.load(specs))

    async def work() -> Outcome:
        return await interpret(
            compiled.graph,
            compiled.tools,
            policy=AllowAll(),
            capabilities={Clock: FixedClock(None)},
        )

    return anyio.run(work)


@pytest.mark.parametrize("plan", sorted(EXAMPLES.rglob("*.plan")), ids=lambda path: path.stem)
def test_every_plan_is_in_the_canonical_form(plan: Path) -> None:
    source = read_text(str(plan), 10_000)
    assert format(parse(source)) == source.text


RESULTS: dict[str, Callable[[object], bool]] = {
    "standup": lambda result: str(result).startswith("https://"),
    "birthday": lambda result: str(result).startswith("Sent to +"),
    "minutes": lambda result: result == "Lunch costs 37.5, and we end at 2026-11-24 10:45:00.",
}


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.stem)
def test_the_plans_run_on_the_sample_data(plan: Path, home: Path) -> None:
    outcome = run(plan, "stdlib_tools")
    assert outcome.failures == ()
    assert RESULTS[plan.stem](outcome.result)


def test_a_tool_set_of_ones_own_runs() -> None:
    outcome = run(EXAMPLES / "tools" / "garden.plan", str(EXAMPLES / "tools" / "garden.py"))
    assert outcome.result == "The tomatoes had 18.5 %, watered: B-01, B-02"


def test_json_tools_are_planned_with() -> None:
    tools = toolset.load([str(EXAMPLES / "tools" / "shop.json")])
    compiled = compile_plan(read_text(str(EXAMPLES / "tools" / "shop.plan"), 10_000), tools)
    calls = calls_json(compiled.checked)["calls"]
    assert [call["tool"] for call in calls] == ["shop.find_item", "shop.find_item", "shop.order"]
    assert calls[2]["args"]["lines"][1] == {"sku": {"$ref": "mug", "path": ["sku"]}, "count": 4}


@pytest.mark.slow
def test_the_requests_compile_with_the_smallest_model(home: Path) -> None:
    done = planc("compile", str(EXAMPLES / "requests" / "standup.txt"), "--model", "smollm2-135m")
    assert done.returncode == 0, done.stderr
    batch = str(EXAMPLES / "requests" / "many.jsonl")
    done = planc("compile", "--batch", batch, "--emit", "json", "--model", "smollm2-135m")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["ferns", "lights"]
    for line in lines:
        assert set(line) == {"id", "plan", "calls", "result", "diagnostics", "stats"}
    assert {call["tool"] for call in lines[1]["calls"]} <= {"set_lamp"}


def test_the_readme_of_the_examples_names_what_is_there() -> None:
    told = (EXAMPLES / "README.md").read_text()
    for path in [*EXAMPLES.glob("tools/*.py"), *EXAMPLES.glob("tools/*.json")]:
        assert path.name in told


def test_the_id_of_a_call_is_no_map_s_variable() -> None:
    tools = ToolSet(
        [
            from_json({"name": "g", "returns": {"type": "array", "items": {"type": "string"}}}),
            from_json({"name": "f", "parameters": {"properties": {"x": {"type": "string"}}}}),
        ]
    )
    compiled = compile_plan(Source("[f(x=v1) for v1 in g()]"), tools)
    calls = calls_json(compiled.checked)["calls"]
    inner, outer = sorted(calls, key=lambda call: str(call["tool"]))
    assert outer["id"] not in ("v1", inner["id"])
    assert inner["map"] == {"over": {"$ref": outer["id"], "path": []}, "as": "v1"}
    assert inner["args"] == {"x": {"$ref": "v1", "path": []}}
