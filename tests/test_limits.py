"""Calls under limits: how many at once, in which order, how fast, and how long it is to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from planc import costs
from planc.compile import compile_plan
from planc.costs import DECLARED, DEFAULT_COST, Costs
from planc.diagnostics import PlanError
from planc.ir import Graph
from planc.limits import UNLIMITED, Counts, Limits
from planc.run.events import Event
from planc.run.gate import Gate
from planc.run.interpret import interpret
from planc.run.policy import AllowAll
from planc.schedule import schedule
from planc.source import Source
from planc.tools import ToolSet, from_function


async def look(key: str) -> int:
    await anyio.sleep(0.02)
    return len(key)


async def ask(key: str) -> int:
    await anyio.sleep(0.02)
    return len(key)


async def sum_up(numbers: list[int]) -> int:
    await anyio.sleep(0.02)
    return sum(numbers)


TOOLS = ToolSet(
    [
        from_function(look, effect="read", resource="store", cost=0.02),
        from_function(ask, effect="read", resource="web", cost=0.02),
        from_function(sum_up, effect="pure", cost=0.02),
    ]
)
KEYS = [f"k{i}" for i in range(6)]
WIDE = "".join(f'{key} = look(key="{key}")\n' for key in KEYS)
LONG = f'{WIDE}a = ask(key="a")\nb = sum_up(numbers=[a])\nc = sum_up(numbers=[b])\n'


def graph_of(text: str, tools: ToolSet = TOOLS) -> Graph:
    return compile_plan(Source(text), tools).graph


class Watch:
    """Which calls began, and how many were under way at once."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, float]] = []
        self.running: set[str] = set()
        self.most = 0

    def __call__(self, event: Event) -> None:
        if event.kind == "started":
            self.begun.append((event.call, event.seconds))
            self.running.add(event.call)
            self.most = max(self.most, len(self.running))
        elif event.kind == "finished":
            self.running.remove(event.call)


def watched(text: str, limits: Limits, tools: ToolSet = TOOLS) -> Watch:
    watch = Watch()
    graph = graph_of(text, tools)
    outcome = anyio.run(
        lambda: interpret(graph, tools, policy=AllowAll(), listener=watch, limits=limits)
    )
    assert outcome.complete and not watch.running
    return watch


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        (UNLIMITED, 6),
        (Limits(workers=4), 4),
        (Limits(workers=1), 1),
        (Limits(at_once={"look": 2}), 2),
        (Limits(at_once={"store": 3}), 3),
        (Limits(at_once={"web": 3}), 6),
        (Limits(workers=5, at_once={"look": 9}), 5),
    ],
)
def test_no_more_calls_are_under_way_than_the_limits_let(limits: Limits, most: int) -> None:
    assert watched(WIDE, limits).most == most


def test_a_tool_says_how_many_calls_it_bears() -> None:
    tools = ToolSet([replace(TOOLS["look"], limit=2), TOOLS["ask"], TOOLS["sum_up"]])
    assert watched(WIDE, UNLIMITED, tools).most == 2
    assert watched(WIDE + 'a = ask(key="a")', UNLIMITED, tools).most == 3


def test_a_tool_says_how_many_calls_may_begin_in_a_second() -> None:
    tools = ToolSet([replace(TOOLS["look"], rate=50.0), TOOLS["ask"], TOOLS["sum_up"]])
    begun = [at for _, at in watched(WIDE, UNLIMITED, tools).begun]
    assert len(begun) == 6  # one that is told late, on a busy machine, is near the next
    assert all(at >= 0.019 * place for place, at in enumerate(begun))
    planned = schedule(graph_of(WIDE, tools), tools)
    assert planned.makespan == pytest.approx(5 * 0.02 + 0.02)


@pytest.mark.parametrize("limits", [UNLIMITED, Limits(workers=1)])
def test_a_rate_and_a_limit_together_let_every_call_begin(limits: Limits) -> None:
    tools = ToolSet([replace(TOOLS["look"], rate=100.0, limit=1), TOOLS["ask"], TOOLS["sum_up"]])
    assert len(watched(WIDE, limits, tools).begun) == 6


def test_a_tool_named_like_its_resource_counts_once() -> None:
    tools = ToolSet([replace(TOOLS["look"], resource="look"), TOOLS["ask"], TOOLS["sum_up"]])
    assert watched(WIDE, Limits(at_once={"look": 2}), tools).most == 2


@pytest.mark.parametrize("setting", [{"limit": 0}, {"rate": 0.0}, {"rate": -1.0}])
def test_a_limit_lets_some_call_begin(setting: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="no number above 0"):
        replace(TOOLS["look"], **setting)


def test_what_has_the_longest_way_to_the_end_comes_first() -> None:
    begun = [call for call, _ in watched(LONG, Limits(workers=2)).begun]
    assert begun[0] == "a"
    planned = schedule(graph_of(LONG), TOOLS, DECLARED, Limits(workers=2))
    assert planned.begin["a"] == 0 and planned.length == pytest.approx(0.06)
    assert planned.makespan == pytest.approx(0.10)  # nine calls of 0.02 s for two workers
    assert planned.work == pytest.approx(0.18)


def test_the_calls_of_a_map_are_under_the_limits_too() -> None:
    text = f"[look(key=k) for k in {KEYS}]".replace("'", '"')
    assert watched(text, UNLIMITED).most == 6
    assert watched(text, Limits(workers=2)).most == 2


def test_a_call_that_is_cancelled_while_it_waits_leaves_its_place() -> None:
    async def run() -> int:
        watch = Watch()
        with anyio.move_on_after(0.03):
            await interpret(
                graph_of(WIDE), TOOLS, policy=AllowAll(), listener=watch, limits=Limits(workers=2)
            )
        return len(watch.begun)

    assert anyio.run(run) < 6


@pytest.mark.parametrize("setting", [{"limit": 2}, {"rate": 1e6}])
def test_a_call_that_waits_is_not_looked_at_for_each_that_begins(
    setting: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    free = Counts.free

    def counted(self: Counts, *arguments: Any) -> bool:
        nonlocal looks
        looks += 1
        return free(self, *arguments)

    async def at_once(key: str) -> int:
        return len(key)

    monkeypatch.setattr(Counts, "free", counted)
    tool = replace(from_function(at_once, effect="read", resource="store"), **setting)
    tools, count = ToolSet([tool]), 400
    text = "".join(f'k{i} = at_once(key="{i}")\n' for i in range(count))
    assert len(schedule(graph_of(text, tools), tools).begin) == count
    assert looks < 8 * count
    looks = 0
    assert len(watched(text, UNLIMITED, tools).begun) == count
    assert looks < 8 * count


def test_the_first_that_waits_for_its_turn_leaves_it_to_the_next_when_it_is_cancelled() -> None:
    tool = replace(TOOLS["look"], rate=20.0)

    async def run() -> list[str]:
        gate, begun = Gate(UNLIMITED), list[str]()

        async def call(name: str, rank: float) -> None:
            await gate.enter(tool, rank)
            begun.append(name)

        async with anyio.create_task_group() as group:
            group.cancel_scope.deadline = anyio.current_time() + 5.0
            group.start_soon(call, "first", 3.0)
            await anyio.sleep(0.01)
            with anyio.move_on_after(0.01):
                group.start_soon(call, "last", 1.0)
                await gate.enter(tool, 2.0)
        return begun

    assert anyio.run(run) == ["first", "last"]


def test_durations_are_learned_by_the_size_of_the_arguments(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "durations.json"
    known = costs.read(path)
    look = TOOLS["look"]
    assert known.of(look) == 0.02
    assert known.of(replace(look, cost=None)) == DEFAULT_COST
    small: Mapping[str, Any] = {"key": "k"}
    large = {"key": "k" * 1000}
    for _ in range(30):
        known.add(look, small, 1.0)
        known.add(look, large, 3.0)
    known.write(path)
    again = costs.read(path)
    assert (again.of(look, small), again.of(look, large)) == (1.0, 3.0)
    assert again.of(look) == 2.0 == again.of(look, {"key": "k" * 10**6})
    assert again.of(replace(look, name="other")) == 0.02
    for _ in range(100):
        again.add(look, small, 5.0)
    assert again.of(look, small) == pytest.approx(5.0, abs=0.02)


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", '{"version": 1}', '{"version": 1, "seconds": {"f": {"1": [0]}}}']
)
def test_durations_that_cannot_be_read_are_not_known(text: str, tmp_path: Path) -> None:
    path = tmp_path / "durations.json"
    path.write_text(text)
    assert costs.read(path) == Costs()


def test_durations_that_cannot_be_kept_are_a_diagnostic(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PlanError, match="E105"):
        Costs().write(tmp_path / "file" / "below" / "durations.json")
