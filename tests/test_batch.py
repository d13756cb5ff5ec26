"""Batched forms: what may be one, that one call is made, and what happens when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from planc import toolset
from planc.compile import compile_plan
from planc.diagnostics import PlanError
from planc.run.events import Event
from planc.run.interpret import Outcome, interpret
from planc.run.policy import AllowAll
from planc.source import Source
from planc.tools import ToolSet, batched_form, from_function
from tests.stops import stopped

PLAN = 'a = price(item="a", year=2024)\nb = price(item="b", year=2024)\nbuy(at=a)\nbuy(at=b)\n'


def made(answer: Callable[[list[str]], list[int]]) -> tuple[ToolSet, list[str]]:
    """Tools with a batched form that answers so, and the calls that are made of them."""
    log: list[str] = []

    def price(item: str, year: int = 0) -> int:
        log.append(f"price {item}")
        if item == "b":
            raise RuntimeError("there is no b")
        return 7

    def prices(item: list[str], year: int = 0) -> list[int]:
        log.append(f"prices {' '.join(item)}")
        return answer(item)

    def buy(at: int) -> None:
        log.append(f"buy {at}")

    tools = ToolSet(
        [
            from_function(price, effect="read", resource="shop", batch="prices"),
            from_function(prices, effect="read", resource="shop"),
            from_function(buy, effect="write", resource="money"),
        ]
    )
    return tools, log


def run(text: str, tools: ToolSet) -> tuple[Outcome, list[Event]]:
    graph = compile_plan(Source(text), tools).optimised
    events: list[Event] = []
    outcome = anyio.run(lambda: interpret(graph, tools, policy=AllowAll(), listener=events.append))
    return outcome, events


def test_several_calls_are_one() -> None:
    tools, log = made(lambda items: [len(items) * 10 + i for i in range(len(items))])
    outcome, events = run(PLAN, tools)
    assert log == ["prices a b", "buy 20", "buy 21"]
    assert not outcome.failures
    assert [e.tool for e in events if e.kind == "finished"] == ["prices", "buy", "buy"]


def refuse(items: list[str]) -> list[int]:
    raise RuntimeError("one of them is not there")


@pytest.mark.parametrize("answer", [refuse, lambda items: [1], lambda items: ["x", "y"]])
def test_if_the_batch_fails_each_call_is_made_by_itself(
    answer: Callable[[list[str]], list[int]],
) -> None:
    tools, log = made(answer)
    outcome, events = run(PLAN, tools)
    assert log[0] == "prices a b" and sorted(log[1:3]) == ["price a", "price b"]
    assert log[3:] == ["buy 7"]
    assert [failure.message for failure in outcome.failures] == ["`price` failed: there is no b"]
    assert [event.tool for event in events if event.kind == "retried"] == ["prices"]


def test_arguments_in_another_order_are_told_apart() -> None:
    log: list[str] = []

    def price(item: str, shop: str) -> str: ...  # type: ignore[empty-body]
    def prices(item: list[str], shop: str) -> list[str]:
        log.append(f"{item} {shop}")
        return item

    tools = ToolSet(
        [
            from_function(price, effect="read", batch="prices"),
            from_function(prices, effect="read"),
        ]
    )
    run('s = "S"\nreturn [price(item="x", shop=s), price(shop=s, item="y")]', tools)
    assert log == ["['x', 'y'] S"]


def test_calls_that_wait_for_different_things_are_not_one() -> None:
    tools, log = made(lambda items: [1] * len(items))
    run('a = price(item="a")\nc = price(item=f"{a}")\nd = price(item="d")\n', tools)
    assert sorted(log) == ["price 1", "prices a d"]


def get(key: str, deep: bool = False) -> int: ...  # type: ignore[empty-body]


def _tools(many: Callable[..., Any], effect: Any = "read") -> ToolSet:
    return ToolSet(
        [
            from_function(get, effect=effect, batch="many"),
            from_function(many, effect=effect, name="many"),
        ]
    )


def right(key: list[str], deep: bool = False) -> list[int]: ...  # type: ignore[empty-body]
def no_list(key: str, deep: bool = False) -> list[int]: ...  # type: ignore[empty-body]
def two_lists(key: list[str], deep: list[bool]) -> list[int]: ...  # type: ignore[empty-body]
def other(key: list[str], deep: bool, more: int) -> list[int]: ...  # type: ignore[empty-body]
def one_answer(key: list[str], deep: bool = False) -> int: ...  # type: ignore[empty-body]


def test_a_batched_form_has_the_tools_parameters_one_as_a_list() -> None:
    tools = _tools(right)
    assert batched_form(tools["get"], tools) == (tools["many"], "key")
    assert batched_form(tools["many"], tools) is None
    assert batched_form(tools["get"], {"get": tools["get"]}) is None


@pytest.mark.parametrize("many", [no_list, two_lists, other, one_answer])
def test_another_tool_is_no_batched_form(many: Callable[..., Any]) -> None:
    tools = _tools(many)
    with pytest.raises(PlanError, match=r"E207.*`many` is no batched form of `get`"):
        batched_form(tools["get"], tools)


def test_a_write_is_batched_with_nothing() -> None:
    tools = _tools(right, "write")
    with pytest.raises(PlanError, match="each write stands for itself"):
        batched_form(tools["get"], tools)


def test_a_batched_form_that_is_not_there_is_told_when_tools_are_loaded(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from planc.tools import tool\n"
        '@tool(effect="read", batch="many")\n'
        "def get(key: str) -> int: ...\n"
    )
    with pytest.raises(PlanError, match=r"E207.*`get` is batched by `many`, and there"):
        toolset.load([str(file)])


def test_after_a_stop_the_calls_of_a_batch_that_failed_are_not_made() -> None:
    log: list[str] = []

    async def get(key: str) -> int:
        log.append(key)
        return 1

    async def get_many(key: list[str]) -> list[int]:
        log.append("many")
        try:
            await asyncio.sleep(10)
        finally:
            raise OSError("the connection was closed")

    found = [
        from_function(get, effect="read", batch="get_many"),
        from_function(get_many, effect="read"),
    ]
    tools = ToolSet(found)
    graph = compile_plan(
        Source('a = get(key="a")\nb = get(key="b")\nreturn [a, b]'), tools
    ).optimised

    stopped(graph, tools, lambda: log)
    assert log == ["many"]


def test_a_failed_call_of_a_batch_has_its_own_place() -> None:
    tools, _ = made(refuse)
    outcome, _ = run(PLAN, tools)
    (failure,) = outcome.failures
    assert failure.span is not None and failure.span.text == 'price(item="b", year=2024)'
