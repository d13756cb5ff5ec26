"""Running a suite: the results file, going on after a stop, and reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from planc import toolset
from planc.compile import compile_plan
from planc.decode.model import Stats
from planc.decode.planner import Planned
from planc.diagnostics import BAD_SCHEMA, Diagnostic, PlanError
from planc.eval import report, results
from planc.eval.cases import Call, Case, Verdict
from planc.eval.evaluate import Choice, evaluate
from planc.eval.results import Outcome, wilson
from planc.source import Source
from planc.tools import ToolSet

NOW = datetime(2026, 11, 23, 9)
SCHEMAS = [{"name": "ring", "description": "Rings.", "parameters": {"type": "object"}}]


def tools() -> ToolSet:
    return ToolSet(toolset.from_schemas(SCHEMAS))


def no_tools() -> ToolSet:
    raise PlanError(Diagnostic(BAD_SCHEMA, "`ring` is not described as a function"))


class Rings:
    """A suite in which a plan is right if it rings as often as the gold plan says."""

    name = "rings"
    package: str | None = None
    metrics: tuple[str, ...] = ("right",)

    def cases(self) -> Sequence[Case]:
        return [
            *(Case(f"a{i}", "a", i, f"ring {i} times", NOW, tools, i) for i in range(6)),
            Case("b0", "b", 0, "ring", NOW, no_tools, 1),
        ]

    def judge(self, case: Case, calls: Sequence[Call]) -> Verdict:
        right = len(calls) == case.gold
        return Verdict({"right": float(right)}, "" if right else f"{len(calls)} calls")


class Ringer:
    """A planner that rings as often as it is asked to, but never more than three times."""

    seed = 0
    adapter = "none"

    def __init__(self, model: Path, fail_after: int | None = None) -> None:
        self.model = model
        self.asked: list[str] = []
        self.fail_after = fail_after

    def loaded(self) -> Any:
        return SimpleNamespace(name="ringer", path=self.model, refusal=1.0, refusal_taught=0.5)

    def plan(self, text: str, now: datetime, tools: ToolSet) -> Planned:
        if self.fail_after is not None and len(self.asked) == self.fail_after:
            raise KeyboardInterrupt
        self.asked.append(text)
        count = min(3, int(text.split()[1]))
        compiled = compile_plan(Source("ring()\n" * count), tools)
        return Planned(compiled, Stats("ringer", None, 10, 0, count, 0, 0.5))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"weights")
    return path


def run(planner: Ringer, out: Path, **options: Any) -> results.Results:
    choice = Choice(**options)
    cases = choice.of(Rings().cases())
    return evaluate(Rings(), cases, planner, choice, out, lambda outcome: None)  # type: ignore[arg-type]


def test_the_totals_and_the_cases_are_in_the_file(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    run(Ringer(model), out)
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["suite"] == "rings" and content["model"]["name"] == "ringer"
    assert len(content["model"]["sha256"]) == len(content["prompt_sha256"]) == 64
    assert content["totals"]["a"]["right"]["mean"] == pytest.approx(4 / 6, abs=1e-4)
    assert content["totals"]["b"]["right"]["mean"] == 0
    assert content["totals"]["all"]["cases"] == 7
    assert content["totals"]["a"]["seconds_per_plan"] == 0.5
    by_id = {case["id"]: case for case in content["cases"]}
    assert by_id["a5"]["plan"] == "ring()\n" * 3 and by_id["a5"]["reason"] == "3 calls"
    assert by_id["a2"]["reason"] == "" and by_id["a2"]["stats"]["decoded_tokens"] == 2
    assert "E204" in by_id["b0"]["reason"] and by_id["b0"]["stats"] is None
    assert results.read(out).totals() == content["totals"]


def test_of_a_sample_each_group_counts_by_its_size(model: Path, tmp_path: Path) -> None:
    asked = run(Ringer(model), tmp_path / "out.json", limit=2)
    assert asked.about["sizes"] == {"a": 6, "b": 1}
    totals = asked.totals()
    right = totals["a"]["right"]["mean"]
    assert totals["all"]["cases"] == 3
    assert totals["all"]["right"]["mean"] == pytest.approx((6 * right + 0) / 7, abs=1e-4)
    alike = 7**2 / (2 * 3**2 + 1)  # as many cases without weights tell as much
    expected = wilson(6 * right / 7, alike)
    assert totals["all"]["right"]["interval"] == pytest.approx(expected, abs=1e-4)
    odd = run(Ringer(model), tmp_path / "odd.json", ids="odd", groups=("a",))
    assert odd.about["sizes"] == {"a": 3} and list(odd.totals()) == ["a"]


def test_a_run_that_was_stopped_goes_on(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with pytest.raises(KeyboardInterrupt):
        run(Ringer(model, fail_after=2), out)
    assert len(results.read(out).cases) == 2
    planner = Ringer(model)
    whole = run(planner, out)
    assert planner.asked == ["ring 2 times", "ring 3 times", "ring 4 times", "ring 5 times"]
    assert [case.id for case in whole.cases] == ["a0", "a1", "a2", "a3", "a4", "a5", "b0"]


@pytest.mark.parametrize("name", results.SETTING)
def test_results_of_another_setting_are_not_mixed(name: str, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    run(Ringer(model), out)
    content = json.loads(out.read_text(encoding="utf-8"))
    out.write_text(json.dumps(content | {name: "another"}))
    with pytest.raises(PlanError, match=rf"E602.*another {name.replace('_', ' ')}"):
        run(Ringer(model), out)
    assert json.loads(out.read_text(encoding="utf-8"))[name] == "another"


def test_what_is_no_results_file_is_told(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("no results")
    with pytest.raises(PlanError, match="E602"):
        run(Ringer(model), out)


def test_cases_are_chosen_by_number_and_at_random_for_good() -> None:
    cases = Rings().cases()
    assert [case.id for case in Choice("even").of(cases)] == ["a0", "a2", "a4", "b0"]
    assert [case.id for case in Choice("odd").of(cases)] == ["a1", "a3", "a5"]
    assert [case.id for case in Choice("even", groups=("b",)).of(cases)] == ["b0"]
    some = Choice(limit=3).of(cases)
    assert [case.group for case in some] == ["a", "a", "a", "b"]
    assert some == Choice(limit=3).of(cases)


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(0.5, 100, 0.4038, 0.5962), (0.0, 20, 0.0, 0.1611), (1.0, 20, 0.8389, 1.0)],
)
def test_the_interval_is_that_of_wilson(share: float, count: int, low: float, high: float) -> None:
    assert wilson(share, count) == pytest.approx((low, high), abs=1e-4)


def test_a_report_shows_where_runs_differ(model: Path, tmp_path: Path) -> None:
    first = run(Ringer(model), tmp_path / "a.json")
    second = results.read(tmp_path / "a.json")
    second.cases[2] = Outcome("a2", "a", "ring 2 times", "```\n", {"right": 0.0}, "<b>no</b>", None)
    text = report.markdown([first, second])
    assert "| ringer #1 | a | 6 | 66.7 (30.0-90.3) | 0.5 |" in text
    assert "### a2 (the runs differ)" in text and "### a4\n" in text and "### a1" not in text
    assert "&lt;b&gt;no&lt;/b&gt;" in text and "````\n```\n````" in text


def test_two_runs_are_compared_on_the_cases_of_both(model: Path, tmp_path: Path) -> None:
    first = run(Ringer(model), tmp_path / "a.json")
    with pytest.raises(KeyboardInterrupt):
        run(Ringer(model, fail_after=5), tmp_path / "b.json")
    second = results.read(tmp_path / "b.json")
    second.cases[0] = replace(second.cases[0], scores={"right": 0.0})
    told = report.markdown([first, second])
    assert "of the 5 cases that both were asked, by `right`: 1 better" in told
    assert "CUT OFF after 5 of 7 cases" in told and "adapter none" in told


def test_two_cases_of_one_name_are_refused(model: Path, tmp_path: Path) -> None:
    twice = [*Rings().cases(), *Rings().cases()]
    planner: Any = Ringer(model)
    with pytest.raises(PlanError, match=r"E601.*'a0'"):
        evaluate(Rings(), twice, planner, Choice(), tmp_path / "o.json", lambda outcome: None)
