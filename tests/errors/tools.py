"""The tools that the plans in this folder, in tests/golden/ and in docs/language.md call.

None of them does anything: the plans are checked, never run.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from planc.tools import Tool, ToolSet, from_json, tool
from planc.types import Date, DateTime, EmailAddress, FilePath, PhoneNumber, Url


class Contact(BaseModel):
    name: str
    email: EmailAddress | None
    phone: PhoneNumber | None


class Note(BaseModel):
    title: str
    body: str
    tags: list[str]
    due: Date | None
    author: Contact | None


class Email(TypedDict):
    id: str
    link: Url


class Point(TypedDict):
    x: float
    y: float
    label: NotRequired[str]


class Style(TypedDict):
    colour: Literal["red", "green", "blue"]
    origin: NotRequired[Point]


class Circle(TypedDict):
    kind: Literal["circle"]
    radius: float


class Square(TypedDict):
    kind: Literal["square"]
    side: float


class Route(TypedDict):
    metres: float
    steps: list[str]


@tool(effect="read", resource="contacts")
def get_email_address(name: str) -> EmailAddress: ...


@tool(effect="read", resource="contacts")
def find_contacts(query: str, limit: int = 10) -> list[Contact]: ...


@tool(effect="write", resource="mail")
def send_mail(
    to: list[EmailAddress], subject: str, body: str, cc: list[EmailAddress] | None = None
) -> Email: ...


@tool(effect="write", resource="mail")
def forward_mail(id: str, to: EmailAddress, note: str | None = None) -> None: ...


@tool(effect="write", resource="phone")
def call(number: PhoneNumber) -> None: ...


@tool(effect="read", resource="files")
def read_file(path: FilePath) -> str: ...


@tool(effect="read", resource="web")
def fetch_page(url: Url) -> str: ...


@tool(effect="pure")
def days_between(start: Date, end: Date) -> int: ...


@tool(effect="write", resource="calendar")
def create_event(
    title: str,
    start: DateTime,
    minutes: int = 30,
    attendees: list[EmailAddress] | None = None,
    place: Point | None = None,
) -> str: ...


@tool(effect="read", resource="maps")
def find_route(
    origin: str,
    destination: str,
    by: Literal["driving", "walking", "bicycling", "transit"] = "driving",
    speed: float | None = None,
) -> Route: ...


@tool(effect="read", resource="notes")
def find_note(title: str) -> Note | None: ...


@tool(effect="write", resource="notes")
def save_note(title: str, body: str, due: Date | None = None) -> Note: ...


@tool(effect="write", resource="log")
def log(text: str) -> None: ...


@tool(effect="read")
def search(query: str) -> Any: ...


@tool(effect="pure")
def plot(points: list[Point], style: Style | None = None) -> str: ...


@tool(effect="pure")
def draw(shape: Circle | Square) -> str: ...


@tool(effect="pure")
def set_tags(tags: dict[str, str]) -> dict[str, str]: ...


@tool(effect="pure")
def mean(numbers: list[float]) -> float: ...


@tool(effect="pure")
def rate(stars: Literal[1, 2, 3], sign: Literal[-1, 1] = 1) -> int: ...


@tool(effect="read")
def is_open(place: Annotated[str, Field(description="the name of a shop")]) -> bool: ...


@tool(effect="pure")
def pick(key: str | int, flag: bool = False) -> str | int: ...


@tool(effect="pure", name="return")
def give_back(value: Any) -> Any: ...


SCHEMAS: tuple[dict[str, Any], ...] = (
    {
        "name": "Buses.FindBus",
        "parameters": {
            "type": "dict",
            "properties": {
                "from": {"type": "string"},
                "to": {"type": "string"},
                "date": {"type": "string", "format": "date"},
                "fare.class": {"type": "string", "enum": ["Economy", "Flexible"]},
            },
            "required": ["from", "to"],
        },
        "x-effect": "read",
    },
    {
        "type": "function",
        "function": {
            "name": "get-weather",
            "parameters": {
                "type": "object",
                "properties": {
                    "city-name": {"type": "string"},
                    "units": {"anyOf": [{"const": "metric"}, {"const": "imperial"}]},
                },
                "required": ["city-name"],
            },
            "returns": {"type": "object", "properties": {"°C": {"type": "number"}}},
            "x-effect": "read",
        },
    },
)


def _tools() -> list[Tool]:
    marked = [getattr(value, "__planc_tool__", None) for value in globals().values()]
    return [one for one in marked if isinstance(one, Tool)] + [from_json(s) for s in SCHEMAS]


TOOLS = ToolSet(_tools())
