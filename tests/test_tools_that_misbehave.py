"""Tools are foreign code: whatever one does, the run is told truthfully, and other calls are as the
plan says."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, RootModel, computed_field
from typing_extensions import TypedDict

from planc.diagnostics import BAD_RESULT, TIMED_OUT, TOOL_FAILED
from planc.run.events import Event
from planc.tools import ToolSet, from_function
from planc.values import ValueProblem, plain
from tests.test_cli import planc
from tests.test_interpret import run


def bump(xs: list[dict]) -> int:  # type: ignore[type-arg]
    xs[0]["k"] += 1
    return int(xs[0]["k"])


def test_what_a_tool_does_to_its_argument_does_not_reach_the_plan() -> None:
    told: list[Any] = []

    def listener(event: Event) -> None:
        told.extend([event.arguments] if event.kind == "started" else [])

    tools = ToolSet([from_function(bump)])
    plan = 'a = bump(xs=[{"k": 1}])\nb = bump(xs=[{"k": 1}])\nreturn [a, b]\n'
    assert run(plan, tools, listener=listener).result == [2, 2]
    assert told == 2 * [{"xs": [{"k": 1}]}]


class Panic(BaseException):
    pass


class Unsayable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def panic() -> int:
    raise Panic("native code")


async def panic_later() -> int:
    raise BaseExceptionGroup("two", [Panic("one"), Panic("other")])


def unsayable() -> int:
    raise Unsayable


@pytest.mark.parametrize(
    ("tool", "said"), [(panic, "native code"), (panic_later, "two"), (unsayable, "Unsayable")]
)
def test_whatever_a_tool_raises_is_the_error_of_its_call(
    tool: Callable[..., Any], said: str
) -> None:
    outcome = run(f"{tool.__name__}()\n", ToolSet([from_function(tool)]))
    (failure,) = outcome.failures
    assert failure.code is TOOL_FAILED and said in failure.message


def test_what_is_nested_without_end_is_no_data() -> None:
    deep: list[Any] = []
    for _ in range(450):
        deep = [deep]

    def nest() -> Any:
        return deep

    (failure,) = run("return nest()\n", ToolSet([from_function(nest, effect="read")])).failures
    assert failure.code is BAD_RESULT and "levels" in failure.message


def count_to(n: int) -> list[int]:
    yield from range(n)  # type: ignore[misc]


def traced(function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    @wraps(function)
    def call(**given: Any) -> Any:
        return function(**given)

    return call


@traced
async def later(n: int) -> int:
    return n


def test_generators_and_functions_that_give_something_to_await_are_tools() -> None:
    tools = ToolSet([from_function(one, effect="read") for one in (count_to, later)])
    assert run("return [count_to(n=3), later(n=4)]\n", tools).result == [[0, 1, 2], 4]


def test_what_yields_is_held_to_its_time() -> None:
    stop = threading.Event()

    def endless() -> list[int]:
        while not stop.wait(0.01):
            yield 1  # type: ignore[misc]

    try:
        tools = ToolSet([from_function(endless, effect="read", timeout=0.05)])
        (failure,) = run("return endless()\n", tools).failures
    finally:
        stop.set()
    assert failure.code is TIMED_OUT


def test_what_follows_a_write_that_does_not_end_does_not_overtake_it() -> None:
    stop, log = threading.Event(), list[str]()

    def first() -> None:
        stop.wait()

    def second() -> None:
        log.append("second")

    def other() -> None:
        log.append("other")

    tools = ToolSet(
        [
            from_function(first, resource="file", timeout=0.05),
            from_function(second, resource="file"),
            from_function(other, resource="mail"),
        ]
    )
    try:
        outcome = run("first()\nsecond()\nother()\n", tools)
    finally:
        stop.set()
    assert log == ["other"]
    assert [one.message for one in outcome.failures][1:] == [
        "`second` is not called: `first` before it has not ended"
    ]


def greet(name: str = Field("World", description="who")) -> str:
    return f"Hello {name}"


def make(name: str = Field(default_factory=lambda: "made")) -> str:
    return name


def test_the_default_of_a_pydantic_field_is_what_is_left_out() -> None:
    tools = ToolSet([from_function(one, effect="read") for one in (greet, make)])
    plan = 'return [greet(), greet(name="Ann"), make()]\n'
    assert run(plan, tools).result == ["Hello World", "Hello Ann", "made"]


class Colour(Enum):
    RED = "red"


class Trip(BaseModel):
    from_: str = Field("Oslo", alias="from")
    secret: str = Field("s", exclude=True)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def length(self) -> int:
        return len(self.from_)


class Names(RootModel[list[str]]):
    pass


def test_models_are_returned_as_pydantic_writes_them() -> None:
    def trip() -> Trip:
        return Trip()

    def names() -> Names:
        return Names(["a"])

    tools = ToolSet([from_function(one, effect="read") for one in (trip, names)])
    result = run("return [trip(), names()]\n", tools).result
    assert result == [{"from": "Oslo", "length": 4}, ["a"]]


def test_odd_values_are_what_they_stand_for() -> None:
    class Text(str):
        def __repr__(self) -> str:
            raise RuntimeError

        __str__ = __repr__

    assert plain({Colour.RED: 1}) == {"red": 1}
    assert type(plain(Text("a"))) is str and plain(Text("a")) == "a"
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert plain(noon) == noon.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    with pytest.raises(ValueProblem, match="no value"):
        plain(object())


class Maybe(TypedDict, total=False):
    b: Any


def test_an_absent_field_of_any_type_is_none() -> None:
    def maybe(there: bool) -> Maybe:
        return {"b": 3} if there else {}

    tools = ToolSet([from_function(maybe, effect="read")])
    plan = 'r = maybe(there={})\nreturn r.b if r.b != None else "absent"\n'
    assert run(plan.format(True), tools).result == 3
    assert run(plan.format(False), tools).result == "absent"


TOOLS = """
from planc.tools import tool

def note(text):
    with open("done.log", "a") as log:
        log.write(text + "\\n")

@tool(effect="write", resource="mail")
def wrong(text: str) -> int:
    note(text)
    return "250 OK"

@tool(effect="write", resource="mail")
def raises(text: str) -> int:
    note(text)
    raise ConnectionError("lost")

@tool(effect="write", resource="mail")
def never(text: int) -> int:
    return text

@tool(effect="read")
def lonely() -> str:
    return "\\ud800"
"""


def test_what_a_failed_write_did_is_accounted_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("odd.py").write_text(TOOLS)
    Path("a.plan").write_text('x = wrong(text="a")\nraises(text="b")\nnever(text=x)\n')
    done = planc("run", "a.plan", "--tools", "odd.py", "--yes")
    assert Path("done.log").read_text() == "a\nb\n"
    assert "writes done: wrong\n" in done.stderr
    assert "may or may not have been done: raises\n" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii"])
def test_the_events_of_a_run_are_told_whatever_standard_output_can_write(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    Path("odd.py").write_text(TOOLS)
    Path("a.plan").write_text("return lonely()\n")
    done = planc("run", "a.plan", "--tools", "odd.py", "--json")
    assert '"result": "\\ud800"' in done.stdout.splitlines()[-1]


PICKY = """
from typing import Annotated
from pydantic import Field
from planc.tools import tool

@tool(effect="write", resource="desk")
def book(guests: Annotated[int, Field(ge=1, le=5)]) -> str:
    import beside
    return beside.told(guests)
"""


def test_a_value_that_a_function_does_not_take_is_found_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tools").mkdir()
    Path("tools/picky.py").write_text(PICKY)
    Path("tools/beside.py").write_text("def told(n):\n    return f'for {n}'\n")
    Path("a.plan").write_text("a = book(guests=2)\nbook(guests=3 + 6)\nreturn a\n")
    for command in (["run", "a.plan", "--yes"], ["check", "a.plan"]):
        done = planc(*command, "--tools", "tools/picky.py")
        if command[0] == "run":
            assert done.returncode == 1 and done.stdout == ""
            assert "E408" in done.stderr and "`guests` of `book` cannot be 9" in done.stderr
            assert "a.plan:2:1" in done.stderr
    Path("a.plan").write_text("a = book(guests=2)\nbook(guests=9)\nreturn a\n")
    done = planc("check", "a.plan", "--tools", "tools/picky.py")
    assert done.returncode == 1 and "E408" in done.stdout
    Path("a.plan").write_text("return book(guests=2)\n")  # which imports what lies beside it
    assert planc("run", "a.plan", "--yes", "--tools", "tools/picky.py").stdout == "for 2\n"
