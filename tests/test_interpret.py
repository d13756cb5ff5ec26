"""What happens when a graph runs: in parallel, in order, once, and told truthfully."""

from __future__ import annotations

import asyncio
import gc
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any, NotRequired

import anyio
import pytest
from typing_extensions import TypedDict

import planc.run.calls
from planc.compile import compile_plan
from planc.diagnostics import PlanError
from planc.run.events import Event
from planc.run.interpret import Outcome, interpret
from planc.run.policy import AllowAll, Decision, DryRun, Policy, Request
from planc.source import Source
from planc.tools import Clock, Tool, ToolSet, from_function, from_json
from planc.types import EmailAddress
from planc.uncollected import seldom_collected
from planc.values import Unknown
from tests.stops import stopped


class Person(TypedDict):
    name: str
    address: EmailAddress


class World:
    """Tools that write what they do into a log."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.gates: dict[str, anyio.Event] = {}

    def tools(self, *more: Tool) -> ToolSet:
        return ToolSet(
            [
                from_function(self.double, effect="pure"),
                from_function(self.look, effect="read", resource="disk"),
                from_function(self.write, resource="disk"),
                from_function(self.send, resource="mail"),
                from_function(self.fail, effect="read"),
                from_function(self.people, effect="read"),
                from_function(self.anything, effect="read"),
                from_function(self.gated, resource="disk"),
                *more,
            ]
        )

    def double(self, n: int) -> int:
        self.log.append(f"double {n}")
        return 2 * n

    def look(self, key: str) -> str:
        self.log.append(f"look {key}")
        return f"<{key}>"

    def write(self, text: str) -> str:
        self.log.append(f"write {text}")
        return text

    def send(self, to: str) -> None:
        self.log.append(f"send {to}")

    def fail(self, why: str) -> str:
        raise ValueError(why)

    def people(self) -> list[Person]:
        return [
            {"name": "Ann", "address": "ann@x.example"},
            {"name": "Bo", "address": "bo@x.example"},
        ]

    def anything(self, value: str) -> Any:
        return {"text": value, "number": 3, "list": [1, 2], "none": None}[value]

    async def gated(self, name: str, opens: str, needs: str) -> str:
        """Opens one gate and waits for another, so that tests need no sleeping."""
        self.log.append(f"begin {name}")
        self.gates.setdefault(opens, anyio.Event()).set()
        await self.gates.setdefault(needs, anyio.Event()).wait()
        self.log.append(f"end {name}")
        return name


def run(
    plan: str,
    tools: ToolSet,
    policy: Policy | None = None,
    listener: Callable[[Event], None] = lambda event: None,
    capabilities: Mapping[type, object] | None = None,
) -> Outcome:
    compiled = compile_plan(Source(plan), tools)

    async def work() -> Outcome:
        with anyio.fail_after(10):
            return await interpret(
                compiled.graph,
                tools,
                policy=policy or AllowAll(),
                listener=listener,
                capabilities=capabilities,
            )

    return anyio.run(work)


def codes(outcome: Outcome) -> list[str]:
    return [failure.code.name[:4] for failure in outcome.failures]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("7 // 2 + 7 % 2", 4),
        ("7 / 2", 3.5),
        ('"a" + "b"', "ab"),
        ("[1] + [2]", [1, 2]),
        ("-double(n=2)", -4),
        ("not double(n=0)", True),
        ('"b" in "abc"', True),
        ("3 not in [1, 2]", True),
        ("1 < 2", True),
        ('{"a": [1, {"b": 2}]}', {"a": [1, {"b": 2}]}),
        ('f"{1} {1.5} {True} {["x", "y"]} {"z"}"', "1 1.5 True x, y z"),
        ("people()[1].name", "Bo"),
        ("people()[-1].address", "bo@x.example"),
        ('look(key="a") or "none"', "<a>"),
        ("double(n=0) or 5", 5),
        ("double(n=0) and 5", 0),
        ("[double(n=n) for n in [1, 2, 3]]", [2, 4, 6]),
        ("[double(n=n) for n in [1, 2, 3] if n != 2]", [2, 6]),
        ("[[double(n=n + m) for n in [1, 2]] for m in [10, 20]]", [[22, 24], [42, 44]]),
        ("None", None),
    ],
)
def test_an_expression_has_its_value(expression: str, value: object) -> None:
    outcome = run(f"return {expression}", World().tools())
    assert outcome == Outcome(value, (), True)
    assert type(outcome.result) is type(value)


def test_calls_that_do_not_need_each_other_run_at_once() -> None:
    world = World()
    tool = from_function(world.gated, effect="read", name="meet")
    plan = 'a = meet(name="a", opens="x", needs="y")\nb = meet(name="b", opens="y", needs="x")'
    assert run(plan, world.tools(tool)).complete
    assert sorted(world.log) == ["begin a", "begin b", "end a", "end b"]


def test_plain_functions_run_at_once_too() -> None:
    barrier = threading.Barrier(2, timeout=5)

    def meet(n: int) -> int:
        barrier.wait()
        return n

    tools = ToolSet([from_function(meet, effect="read")])
    assert run("return [meet(n=n) for n in [1, 2]]", tools).result == [1, 2]


def test_writes_to_one_resource_keep_the_order_of_the_plan() -> None:
    world = World()
    world.gates["go"] = anyio.Event()
    plan = (
        'slow = look(key="slow")\n'
        "write(text=slow)\n"
        'write(text="second")\n'
        'x = look(key="third")\n'
        'write(text="fourth")\n'
    )
    run(plan, world.tools())
    assert world.log == ["look slow", "write <slow>", "write second", "look third", "write fourth"]


def test_a_write_waits_for_a_write_under_way() -> None:
    world = World()
    plan = 'gated(name="first", opens="x", needs="x")\nwrite(text="second")\nsend(to="anyone")'
    run(plan, world.tools())
    assert world.log.index("end first") < world.log.index("write second")


def test_the_iterations_of_a_map_write_in_order_and_read_at_once() -> None:
    world = World()
    meet = from_function(world.gated, effect="read", resource="door", name="meet")
    gates = '{"me": "1", "you": "2"}, {"me": "2", "you": "1"}'
    plan = (
        f"rows = [{gates}]\n"
        "names = [write(text=meet(name=row.me, opens=row.me, needs=row.you)) for row in rows]\n"
        "return names"
    )
    outcome = run(plan, world.tools(meet))
    assert outcome.result == ["1", "2"]
    assert [line for line in world.log if line.startswith("write")] == ["write 1", "write 2"]


def test_the_branch_not_taken_runs_nothing() -> None:
    world = World()
    plan = (
        'a = write(text="yes") if double(n=1) == 2 else write(text="no")\n'
        'b = double(n=0) and write(text="never")\n'
        'c = double(n=1) or write(text="never")\n'
        "return a"
    )
    assert run(plan, world.tools()).result == "yes"
    assert [line for line in world.log if line.startswith("write")] == ["write yes"]


def test_a_failure_cancels_what_needs_it_and_nothing_else() -> None:
    world = World()
    events: list[Event] = []
    plan = (
        'a = fail(why="no luck")\n'
        "b = write(text=a)\n"
        "c = [send(to=x) for x in [a]]\n"
        'd = write(text="independent")\n'
        "return d"
    )
    outcome = run(plan, world.tools(), listener=events.append)
    assert outcome.result == "independent"
    assert codes(outcome) == ["E401"]
    assert "no luck" in outcome.failures[0].message
    assert outcome.status == 3
    span = outcome.failures[0].span
    assert span is not None and span.text == 'fail(why="no luck")'
    assert world.log == ["write independent"]
    cancelled = {event.call for event in events if event.kind == "cancelled"}
    assert "b" in cancelled


def test_a_plan_whose_result_needs_a_failed_call_is_not_complete() -> None:
    outcome = run('return fail(why="x")', World().tools())
    assert not outcome.complete and outcome.result is None


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ("return people()[5].name", "E407"),
        ("return 1 / double(n=0)", "E407"),
        ('return anything(value="text") + 1', "E407"),
        ('return anything(value="number").field', "E407"),
        ('return [x for x in anything(value="number")]', "E407"),
        ('return double(n=anything(value="text"))', "E403"),
        ('return double(n=anything(value="none"))', "E403"),
        ('return look(key=anything(value="list"))', "E403"),
    ],
)
def test_what_the_checker_cannot_know_is_checked_when_it_arrives(plan: str, code: str) -> None:
    outcome = run(plan, World().tools())
    assert codes(outcome) == [code]
    assert not outcome.complete
    assert outcome.failures[0].span is not None


def test_a_result_of_another_type_than_promised_is_a_failure() -> None:
    def liar() -> int:
        return "three"  # type: ignore[return-value]

    def stranger() -> Any:
        return threading.Lock()

    tools = ToolSet([from_function(liar, effect="read"), from_function(stranger, effect="read")])
    assert codes(run("return liar()", tools)) == ["E402"]
    assert codes(run("return stranger()", tools)) == ["E402"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("k"), "KeyError: 'k'"),
        (SystemExit(5), "5"),
        (TimeoutError(), "TimeoutError"),
        (RuntimeError("no bus"), "no bus"),
        (RuntimeError(), "RuntimeError"),
        (asyncio.CancelledError(), "it was cancelled, and not by planc"),
    ],
)
@pytest.mark.parametrize("awaits", [False, True])
def test_whatever_a_tool_raises_is_a_failure_with_words(
    error: BaseException, words: str, awaits: bool
) -> None:
    def broken() -> None:
        raise error

    async def ruined() -> None:
        raise error

    function = ruined if awaits else broken
    tools = ToolSet([from_function(function, effect="read", name="broken")])
    outcome = run("broken()", tools)
    assert codes(outcome) == ["E401"]
    message = outcome.failures[0].message
    assert re.sub(r" \(at test_interpret\.py:\d+\)$", "", message) == f"`broken` failed: {words}"
    assert ("test_interpret" in message) == isinstance(error, KeyError)


def test_a_tool_that_takes_too_long_is_given_up() -> None:
    async def forever() -> None:
        await anyio.sleep_forever()

    tools = ToolSet([from_function(forever, timeout=0.01)])
    outcome = run("forever()", tools)
    assert codes(outcome) == ["E404"]
    assert "not known" in outcome.failures[0].message


class Answer:
    """A policy with given answers."""

    def __init__(self, *answers: Decision) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    async def decide(self, request: Request) -> Decision:
        self.asked.append(request)
        return self.answers.pop(0)


def test_a_refused_write_and_all_later_ones_are_left_undone() -> None:
    world = World()
    policy = Answer("yes", "no")
    plan = 'write(text="one")\nwrite(text="two")\nwrite(text="three")\nx = look(key="k")\nreturn x'
    outcome = run(plan, world.tools(), policy)
    assert codes(outcome) == ["E406"]
    assert outcome.status == 4
    assert [line for line in world.log if line.startswith("write")] == ["write one"]
    assert outcome.result == "<k>"
    assert [request.arguments for request in policy.asked] == [{"text": "one"}, {"text": "two"}]


def test_a_dry_run_reads_but_does_not_write() -> None:
    world = World()
    events: list[Event] = []
    plan = (
        'a = look(key="a")\n'
        "b = write(text=a)\n"
        'c = write(text=f"{b}!")\n'
        "d = look(key=b)\n"
        "e = b if b == a else a\n"
        "f = [double(n=1) for x in [b]]\n"
        "return c"
    )
    outcome = run(plan, world.tools(), DryRun(), events.append)
    assert outcome.complete and isinstance(outcome.result, Unknown)
    assert [line for line in world.log if not line.startswith("double")] == ["look a"]
    skipped = [event for event in events if event.kind == "skipped"]
    assert [str((event.arguments or {})["text"]) for event in skipped[:2]] == ["<a>", "‹b›!"]


def test_a_dry_run_knows_no_element_whose_place_is_not_known() -> None:
    def place() -> int: ...  # type: ignore[empty-body]

    tools = ToolSet([from_function(place, effect="write")])
    outcome = run("n = place()\nreturn [1, 2][n]", tools, DryRun())
    assert outcome.complete and isinstance(outcome.result, Unknown)


def test_a_dry_run_asks_nothing_with_what_it_does_not_know() -> None:
    log: list[str] = []

    def make(name: str) -> str: ...  # type: ignore[empty-body]
    def names() -> list[str]:
        return ["a", "b"]

    def find(text: str) -> str:
        log.append(text)
        return text

    tools = ToolSet(
        [
            from_function(make, effect="write"),
            from_function(names, effect="read"),
            from_function(find, effect="read"),
        ]
    )
    plan = (
        'a = make(name="a")\n'
        'b = find(text=f"{a}")\n'
        'c = [find(text=n) for n in names() if make(name=n) == "x"]\n'
        'd = [a] == ["a"]\n'
        "return [b, c, d]"
    )
    result = run(plan, tools, DryRun()).result
    assert not log
    assert all(isinstance(value, Unknown) for value in result)


def test_a_map_writes_in_order_though_an_iteration_is_left_out() -> None:
    log: list[int] = []

    async def slow(x: int) -> bool:
        await anyio.sleep(0.05 if x == 1 else 0)
        return True

    def put(x: int) -> int:
        log.append(x)
        return x

    tools = ToolSet(
        [
            from_function(slow, effect="read", resource="r"),
            from_function(put, effect="write", resource="w"),
        ]
    )
    run("xs = [1, 2, 3]\nreturn [put(x=x) if slow(x=x) else 0 for x in xs if x != 2]", tools)
    assert log == [1, 3]


def test_a_number_too_large_to_write_is_told() -> None:
    def big() -> int:
        return 10**5000

    tools = ToolSet([from_function(big, effect="read")])
    assert codes(run('return f"{big()}"', tools)) == ["E402"]


class Spot(TypedDict):
    x: int
    label: NotRequired[str]


def test_a_field_that_is_absent_is_none_however_it_is_reached() -> None:
    def spot() -> Spot:
        return {"x": 1}

    tools = ToolSet([from_function(spot, effect="read")])
    outcome = run('p = spot()\nreturn [p.label, p["label"], p["x"]]', tools)
    assert outcome.result == [None, None, 1]


def test_a_tool_may_change_what_it_is_given() -> None:
    def push(xs: Any) -> int:
        xs.append(1)
        return len(xs)

    tools = ToolSet([from_function(push, effect="read")])
    assert run("a = [0]\nreturn [push(xs=a), push(xs=a), a]", tools).result == [2, 2, [0]]


def test_a_tool_without_a_program_is_found_before_anything_runs() -> None:
    world = World()
    described = from_json({"name": "remote", "parameters": {"properties": {}}})
    with pytest.raises(PlanError) as caught:
        run('write(text="one")\nremote()', world.tools(described))
    assert [d.code.name for d in caught.value.diagnostics] == ["E405-not-runnable"]
    assert world.log == []


def test_events_tell_the_run_in_order() -> None:
    events: list[Event] = []
    run(
        'a = write(text="x")\nreturn [double(n=n) for n in [1]]',
        World().tools(),
        None,
        events.append,
    )
    told = [(event.kind, event.call) for event in events if event.tool == "write"]
    assert told == [("approved", "a"), ("started", "a"), ("finished", "a")]
    inner = [event for event in events if event.tool == "double"]
    assert [event.kind for event in inner] == ["started", "finished"]
    assert inner[0].call.endswith("[0]") and inner[0].arguments == {"n": 1}
    assert inner[1].to_json()["result"] == 2


def test_an_interrupted_write_is_told_as_unsure() -> None:
    events: list[Event] = []
    world = World()
    compiled = compile_plan(Source('gated(name="a", opens="x", needs="never")'), world.tools())

    async def work() -> None:
        async with anyio.create_task_group() as group:

            async def main() -> None:
                await interpret(
                    compiled.graph, compiled.tools, policy=AllowAll(), listener=events.append
                )

            group.start_soon(main)
            with anyio.fail_after(5):
                await world.gates.setdefault("x", anyio.Event()).wait()
            group.cancel_scope.cancel()

    anyio.run(work)
    assert [event.kind for event in events] == ["approved", "started", "interrupted"]


def test_what_a_tool_does_to_its_task_stays_there() -> None:
    """A failed task group leaves its task marked as cancelled (until Python 3.13)."""

    async def falls_back() -> int:
        async def fail() -> None:
            raise OSError

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
        except* OSError:
            pass
        return 2

    async def cancels_itself() -> int:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)
        return 3

    world = World()
    found = [from_function(one, effect="read") for one in (falls_back, cancels_itself)]
    tools = ToolSet([*world.tools().values(), *found])
    outcome = run("a = falls_back()\nreturn double(n=a)", tools)
    assert outcome.result == 4 and outcome.complete
    outcome = run('a = cancels_itself()\nwrite(text="x")\nreturn double(n=a)', tools)
    assert codes(outcome) == ["E401"] and not outcome.complete
    assert world.log[-1] == "write x"


def test_a_plain_function_that_has_not_begun_does_not_after_a_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planc.run.calls, "_THREADS", 1)
    log: list[int] = []
    goes_on = threading.Event()

    def slow(n: int) -> int:
        log.append(n)
        goes_on.wait(5)
        return n

    tools = ToolSet([from_function(slow, effect="read")])
    compiled = compile_plan(Source("return [slow(n=n) for n in [1, 2, 3]]"), tools)
    events: list[Event] = []

    def listener(event: Event) -> None:
        events.append(event)
        if event.kind == "interrupted":
            goes_on.set()

    stopped(compiled.graph, tools, lambda: log, listener)
    assert len(log) == 1
    told = Counter(event.kind for event in events)
    assert told == {"started": 3, "waiting": 1, "finished": 1, "interrupted": 2}


def test_what_a_listener_raises_is_not_the_tools_failure() -> None:
    def gone(event: Event) -> None:
        raise BrokenPipeError

    world = World()
    with pytest.raises(ExceptionGroup) as raised:
        run('write(text="x")', world.tools(), listener=gone)
    assert raised.group_contains(BrokenPipeError) and not world.log


def test_a_tool_that_takes_no_notice_of_a_stop_is_the_last() -> None:
    log: list[str] = []

    async def deaf() -> int:
        try:
            await anyio.sleep(10)
        except asyncio.CancelledError:
            log.append("deaf")
        return 1

    def later(n: int) -> None:
        log.append("later")

    tools = ToolSet([from_function(deaf, effect="read"), from_function(later, effect="read")])
    events: list[Event] = []
    compiled = compile_plan(Source("a = deaf()\nlater(n=a)"), tools)

    stopped(compiled.graph, tools, lambda: events, events.append)
    assert log == ["deaf"]
    assert [event.kind for event in events] == ["started", "finished"]


def test_a_tool_gets_the_clock_and_converted_arguments() -> None:
    class Stopped:
        def now(self) -> datetime:
            return datetime(2026, 1, 2, 3, 4, 5)

    def later(start: datetime, where: Path, *, clock: Clock) -> dict[str, Any]:
        assert isinstance(start, datetime) and isinstance(where, Path)
        return {"late": start > clock.now(), "when": start, "where": where}

    tools = ToolSet([from_function(later, effect="read")])
    plan = 'return later(start="2026-01-02 03:04:06", where="/tmp/x")'
    outcome = run(plan, tools, capabilities={Clock: Stopped()})
    assert outcome.result == {"late": True, "when": "2026-01-02 03:04:06", "where": "/tmp/x"}


def test_what_a_tool_does_to_its_context_stays_its_own() -> None:
    mark = ContextVar("mark", default="clean")

    async def soil(n: int) -> int:
        found = n if mark.get() == "clean" else -1
        mark.set("soiled")
        return found + 1

    tools = ToolSet([from_function(soil, effect="read")])
    plan = "a = soil(n=0)\nb = soil(n=a)\nreturn soil(n=b)"
    assert run(plan, tools).result == 3


def test_calls_without_a_pause_leave_others_their_turn() -> None:
    """A chain of calls that never wait, beside one that does: this one begins at once."""
    log: list[str] = []

    async def step(n: int) -> int:
        log.append("step")
        return n + 1

    async def other() -> None:
        log.append("other")

    tools = ToolSet([from_function(one, effect="read") for one in (step, other)])
    chain = "".join(f"x{i} = step(n={f'x{i - 1}' if i else 0})\n" for i in range(40))
    assert run(f"{chain}other()\nreturn x39", tools).result == 40
    assert log.index("other") < 10


def test_a_hundred_calls_of_a_map_all_happen() -> None:
    world = World()
    numbers = ", ".join(map(str, range(100)))
    assert run(f"return [double(n=n) for n in [{numbers}]]", world.tools()).result == [
        2 * n for n in range(100)
    ]


def test_runs_that_overlap_put_back_how_often_cycles_are_looked_for() -> None:
    begun = gc.get_threshold()
    first, second = seldom_collected(), seldom_collected()
    first.__enter__()
    during = gc.get_threshold()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == during != begun
    second.__exit__(None, None, None)
    assert gc.get_threshold() == begun


def test_a_run_does_not_look_for_cycles_where_that_is_switched_off() -> None:
    begun = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with seldom_collected():
            assert gc.get_threshold()[0] == 0
        assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*begun)
