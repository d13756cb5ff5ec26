"""The tools that a request may need, of a large set."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import pytest

from planc import toolset
from planc.decode.retrieve import Ranking, relevant
from planc.tools import Example, ToolSet, from_function
from planc.types import STR, EmailAddress, Nominal, PhoneNumber

Berth = Annotated[str, Nominal("Berth", STR, pattern="[A-Z][0-9]+", copied="[A-Z][0-9]+")]


def _tools() -> ToolSet:
    def book_berths(berth: Berth, nights: int) -> None:
        """Book a place in a harbour."""

    def find_berth(length: float) -> Berth:  # type: ignore[empty-body]
        """A place for a boat of some metres."""

    def getWeatherForecast(city: str, unit: Literal["celsius", "kelvin"]) -> str:  # type: ignore[empty-body]
        """How warm it will be."""

    def paint(colour: str) -> None:
        """Paint the hull.

        Args:
            colour: The varnish that is wanted.
        """

    functions = (book_berths, find_berth, getWeatherForecast, paint)
    now = datetime(2026, 11, 23, 9)
    return ToolSet(
        [from_function(function, effect="write") for function in functions],
        [
            Example("Paint it red", now, 'paint(colour="red")'),
            Example("Fly", now, "# no tool fits"),
            Example(
                "A berth", now, "berth = find_berth(length=9)\nbook_berths(berth=berth, nights=1)"
            ),
        ],
    )


TOOLS = _tools()
RANKING = Ranking(TOOLS.values())


@pytest.mark.parametrize(
    ("request_", "tool"),
    [
        ("I am booking for two", "book_berths"),  # by its stem, and inside a name
        ("What is the forecast?", "getWeatherForecast"),
        ("In Kelvin, please", "getWeatherForecast"),  # among the values of a parameter
        ("VARNISH the boat's hull", "paint"),
    ],
)
def test_a_tool_is_found_by_the_words_of_its_signature(request_: str, tool: str) -> None:
    assert [found.name for found in RANKING.best(request_, 1)] == [tool]


@pytest.mark.parametrize("request_", ["", "日本", "xyzzy", "'; --\x00"])
def test_any_request_gets_as_many_tools_as_there_are_to_be(request_: str) -> None:
    assert not RANKING.scores(request_).any()
    assert len(RANKING.best(request_, 2)) == 2
    assert len(RANKING.best(request_, 9)) == len(TOOLS)


def test_what_a_tool_cannot_be_called_without_comes_with_it() -> None:
    found = relevant(TOOLS, RANKING, "booking", 1)
    assert list(found) == ["book_berths", "find_berth"]
    assert list(relevant(TOOLS, RANKING, "paint", 1)) == ["paint"]


def test_what_brings_what_is_needed_comes_with_what_it_needs() -> None:
    def alpha(to: EmailAddress) -> None: ...

    def beta(phone: PhoneNumber) -> EmailAddress: ...  # type: ignore[empty-body]

    def gamma(name: str) -> PhoneNumber: ...  # type: ignore[empty-body]

    tools = ToolSet([from_function(one, effect="read") for one in (alpha, beta, gamma)])
    assert set(relevant(tools, Ranking(tools.values()), "alpha", 1)) == {"alpha", "beta", "gamma"}
    many = [from_function(beta, effect="read", name=f"beta{i}") for i in range(100)]
    tools = ToolSet([*tools.values(), *many])
    assert len(relevant(tools, Ranking(tools.values()), "alpha", 1)) < 10


def test_examples_are_those_that_use_no_other_tool() -> None:
    shown = {e.text for e in relevant(TOOLS, RANKING, "booking", 1).examples}
    assert shown == {"A berth", "Fly"}
    assert {e.text for e in relevant(TOOLS, RANKING, "paint", 1).examples} == {
        "Paint it red",
        "Fly",
    }


def test_tools_without_words_are_ranked_too() -> None:
    def f() -> None: ...

    tools = [from_function(f, effect="pure", name="_")]
    assert [tool.name for tool in Ranking(tools).best("anything", 3)] == ["_"]


def test_whoever_writes_to_somebody_can_look_them_up() -> None:
    tools = toolset.load(["stdlib_tools"])
    found = relevant(tools, Ranking(tools.values()), "Mail the minutes to Ann", 6)
    assert {"compose_new_email", "get_email_address"} <= set(found)
