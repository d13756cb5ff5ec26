"""Worked examples for a model that plans over tools it has never seen: small tool sets, none of
them real, each with requests and their plans.

They show one call and several, a call that needs another's result, arguments that are left out,
and requests that no tool serves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from planc.decode.grammar import NO_TOOL
from planc.tools import Example, ToolSet, from_function

_NOW = datetime(2026, 3, 2, 8, 15)


class City(BaseModel):
    id: str
    country: str


class Booking(BaseModel):
    number: str


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
        {"find_city": _find_city, "book_room": _book_room, "post_message": _post_message},
        ("Which country is Oslo in?", 'find_city(name="Oslo")'),
        (
            "Book a room in Oslo for three nights and tell Ann the booking's number.",
            'city = find_city(name="Oslo")',
            "booking = book_room(city_id=city.id, nights=3)",
            'post_message(to="Ann", text=f"The booking is {booking.number}.")',
        ),
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
)
