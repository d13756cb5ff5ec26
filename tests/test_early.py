"""Early reads: begun before it is known whether they are needed, and told of only if they are."""

from __future__ import annotations

import anyio
import pytest

from planc import passes
from planc.compile import compile_plan
from planc.diagnostics import PlanError
from planc.irtext import parse_ir
from planc.run.events import Event
from planc.run.interpret import Outcome, interpret
from planc.run.policy import AllowAll
from planc.source import Source
from planc.tools import ToolSet, from_function
from planc.verify import verify


async def wanted(key: str) -> bool:
    await anyio.sleep(0.02)
    return key == "yes"


async def read(key: str) -> int:
    await anyio.sleep(0.01)
    if key == "bad":
        raise RuntimeError("it is not there")
    return 1


def write(value: int) -> int:
    return value


TOOLS = ToolSet(
    [
        from_function(wanted, effect="read", resource="user"),
        from_function(read, effect="read", resource="store"),
        from_function(write, effect="write", resource="store"),
    ]
)


def run(text: str) -> tuple[Outcome, list[Event]]:
    graph = compile_plan(Source(text), TOOLS).optimised
    graph = passes.run(graph, TOOLS, ["early", "edges"])[-1].graph
    events: list[Event] = []
    outcome = anyio.run(lambda: interpret(graph, TOOLS, policy=AllowAll(), listener=events.append))
    return outcome, events


def test_a_branch_reads_before_its_test_is_known() -> None:
    outcome, events = run('return read(key="a") if wanted(key="yes") else read(key="b")')
    assert outcome.result == 1 and outcome.complete
    begun = [event.tool for event in events if event.kind == "started"]
    ended = [event.tool for event in events if event.kind == "finished"]
    assert sorted(begun) == ["read", "read", "wanted"]
    assert ended == ["read", "read", "wanted"]


@pytest.mark.parametrize(("answer", "told"), [("yes", 1), ("no", 0)])
def test_that_an_early_read_failed_is_told_once_if_it_was_needed(answer: str, told: int) -> None:
    outcome, events = run(
        f'a = read(key="bad") if wanted(key="{answer}") else 2\nb = a + 1\nc = write(value=a)\n'
    )
    assert [failure.message for failure in outcome.failures] == [
        "`read` failed: it is not there"
    ] * told
    assert [event.tool for event in events if event.kind == "failed"] == ["read"] * told
    assert ("write" in [e.tool for e in events if e.kind == "finished"]) is not bool(told)


def test_a_failure_is_not_lost_in_a_map() -> None:
    outcome, _ = run(
        'return [read(key="bad") for x in [read(key="a"), 2]] if wanted(key="yes") else []'
    )
    assert not outcome.complete and len(outcome.failures) == 1


def test_an_early_call_on_an_early_failure_tells_nothing() -> None:
    outcome, events = run('a = read(key=f"{read(key="bad")}") if wanted(key="no") else 2\n')
    assert outcome.complete and not outcome.failures
    assert not [event for event in events if event.kind in ("failed", "cancelled")]


def test_a_read_does_not_pass_a_write() -> None:
    _, events = run('a = write(value=1)\nb = read(key="a") if wanted(key="yes") else a\n')
    told = [(event.kind, event.tool) for event in events]
    assert told.index(("finished", "write")) < told.index(("started", "read"))


def test_only_calls_that_do_not_write_are_early() -> None:
    written = "graph {\n  %1 = const 1 : int\n  %a = call early `write`(`value`=%1) : int\n}\n"
    with pytest.raises(PlanError, match="must not be early"):
        verify(parse_ir(Source(written)), TOOLS)
