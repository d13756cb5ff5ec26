"""Worked examples for a model that plans over tools it has never seen: small tool sets, none of
them real, each with requests and their plans.

They show one call and several, arguments that are left out, and requests that no tool serves. A
call whose result has fields is given a name, also where no later line uses it: a small model that
does not name what it may need writes a value of its own in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic takes that of `typing` from Python 3.12 on

from planc.decode.grammar import NO_TOOL
from planc.tools import Example, ToolSet, from_function

_NOW = datetime(2026, 3, 2, 8, 15)


class City(TypedDict):
    id: str
    country: str


class Booking(TypedDict):
    number: str
    price: float


class Tip(TypedDict):
    tip: float


def _percent_of(percent: float, value: float, digits: int = 2) -> Any:
    """What some percent of a value are.

    Args:
        digits: Digits after the point. Default is 2.
    """


def _mean(values: list[float]) -> Any:
    """The mean of some values."""


def _find_city(name: str) -> City:  # type: ignore[empty-body]
    """Find a city by its name."""


def _book_room(city_id: str, nights: int, breakfast: bool = False) -> Booking:  # type: ignore[empty-body]
    """Book a hotel room.

    Args:
        nights: How many nights.
        breakfast: Whether breakfast is included. Default is False.
    """


def _tip(amount: float, percent: float) -> Tip:  # type: ignore[empty-body]
    """Calculate a tip."""


def _post_message(to: str, text: str, urgent: bool = False) -> None:
    """Send a message to a person."""


def _forecast(city: str, days: int = 1, unit: Literal["celsius", "fahrenheit"] = "celsius") -> Any:
    """The weather forecast.

    Args:
        city: The city, such as "Lima".
        days: Number of days. Default is 1.
        unit: Default is celsius.
    """


def _order(address: str, time: str, passengers: int = 1) -> Any:
    """Order a taxi.

    Args:
        time: In the form HH:MM.
        passengers: Default is 1.
    """


def _lesson(tools: dict[str, Callable[..., Any]], *shown: tuple[str, *tuple[str, ...]]) -> ToolSet:
    """Tools by their names, and requests with the lines of their plans."""
    return ToolSet(
        [from_function(function, effect="write", name=name) for name, function in tools.items()],
        [Example(request, _NOW, "\n".join(lines)) for request, *lines in shown],
    )


LESSONS = (
    _lesson(
        {"percent_of": _percent_of, "statistics.mean": _mean},
        (
            "What is 15% of 80, 15% of 120.5, and 7% of 9 with four digits?",
            "percent_of(percent=15, value=80)",
            "percent_of(percent=15, value=120.5)",
            "percent_of(percent=7, value=9, digits=4)",
        ),
        ("Translate 'good morning' into Welsh.", NO_TOOL),
    ),
    _lesson(
        {"weather.forecast": _forecast, "taxi.order": _order},
        (
            "How warm will it be in Lima, and how warm in Quito in the next five days? And I need "
            "a taxi at Calle Real 5 at nine in the morning.",
            'weather.forecast(city="Lima")',
            'weather.forecast(city="Quito", days=5)',
            'taxi.order(address="Calle Real 5", time="09:00")',
        ),
        ("When does the sun set in Lima?", NO_TOOL),
        (
            "The forecast for Boston in Fahrenheit, please",
            'weather.forecast(city="Boston", unit="fahrenheit")',
        ),
    ),
    _lesson(
        {
            "find_city": _find_city,
            "book_room": _book_room,
            "calculate_tip": _tip,
            "post_message": _post_message,
        },
        ("Which country is Oslo in?", 'oslo = find_city(name="Oslo")'),
        (
            "Book a room in Oslo for three nights, work out a tip of 10% on its price, find Lima, "
            "and send Ann the tip.",
            'oslo = find_city(name="Oslo")',
            "booking = book_room(city_id=oslo.id, nights=3)",
            "tip = calculate_tip(amount=booking.price, percent=10)",
            'lima = find_city(name="Lima")',
            'post_message(to="Ann", text=f"{tip.tip}")',
        ),
        ("Call Bo", NO_TOOL),
        (
            "A tip of 8% on 50 and a tip of 5% on that",
            "tip = calculate_tip(amount=50, percent=8)",
            "tip_on_tip = calculate_tip(amount=tip.tip, percent=5)",
        ),
    ),
)
