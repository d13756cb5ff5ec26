"""What the model reads: the tools first, then examples, then the clock and the request.

All but the last part is the same for every request on a tool set, so that its keys and values
can be kept from one request to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from planc.decode.grammar import NO_TOOL
from planc.decode.paths import STEPS
from planc.tools import Example, Tool
from planc.types import DictOf, ListOf, Record, Type, Union, members, nominals

Message = dict[str, str]

_INSTRUCTIONS = f"""\
You write a plan: a few lines that call tools to do what the user asks, and nothing else.

Rules:
- One call a line, with named arguments: `name = tool(argument=value)`.
- Use what a call returned by its name. Inside a text write f"... {{name}} ...".
- Leave out every argument marked `?` unless the request asks for it.
- If no tool can do what is asked, write only: {NO_TOOL}

Tools:
"""

_OTHER_TOOLS = (
    (
        "(other tools: find_city(name: str) -> City with .id; book_room(city_id: str, nights: int, "
        "breakfast: bool = None) -> Booking with .number; post_message(to: str, text: str) -> "
        "None)\nBook a room in Oslo for three nights and tell Ann the booking's number.",
        'city = find_city(name="Oslo")\n'
        "booking = book_room(city_id=city.id, nights=3)\n"
        'post_message(to="Ann", text=f"The booking is {booking.number}.")',
    ),
    ("(the same tools)\nWash my car.", NO_TOOL),
)


@dataclass(frozen=True)
class Request:
    """What is asked, and the local time at which it is asked."""

    text: str
    now: datetime


def messages(
    request: Request, tools: Mapping[str, Tool], examples: Sequence[Example]
) -> list[Message]:
    """The chat that the model is to go on with."""
    system = _INSTRUCTIONS + describe_tools(tools.values())
    chat = [{"role": "system", "content": system}]
    shown = [
        (question(e.text, e.now, f"{e.now:%Y-}" in e.plan), e.plan) for e in examples
    ] or _OTHER_TOOLS
    for asked, plan in shown:
        chat.append({"role": "user", "content": asked})
        chat.append({"role": "assistant", "content": plan.rstrip("\n")})
    chat.append({"role": "user", "content": question(request.text, request.now)})
    return chat


def question(text: str, now: datetime, dated: bool = True) -> str:
    """The clock and a request. With `dated` the days of the coming week are named: small models
    copy dates better than they compute them."""
    clock = f"Now: {now:%A} {now:%Y-%m-%d %H:%M}"
    if dated:
        days = [now + timedelta(days=i) for i in range(1, 7)]
        coming = "".join(f", {day:%A} = {day:%Y-%m-%d}" for day in days[1:])
        clock += f" (tomorrow = {days[0]:%Y-%m-%d}{coming})"
    return f"{clock}\n{text}"


def describe_tools(tools: Iterable[Tool]) -> str:
    """A line a tool, and below them the forms of the types that they use."""
    tools = list(tools)
    lines = []
    for tool in tools:
        told = [f"{p.name}: {p.description}" for p in tool.parameters if p.description]
        about = " ".join([tool.description, *([f"({'; '.join(told)})"] if told else [])])
        signature = tool.signature(_shallow(tool.result, STEPS))
        lines.append(f"{signature}  # {about}" if about else signature)
    forms = dict(form for tool in tools for of in _types(tool) for form in _forms(of))
    if forms:
        lines.append("\nTypes: " + "; ".join(f"{name} is {form}" for name, form in forms.items()))
    return "\n".join(lines)


def _shallow(of: Type, steps: int) -> str:
    """A type as far as a plan's paths go, with what lies deeper left out."""
    match of:
        case Record(fields, name=None) if fields:
            if not steps:
                return "{...}"
            shown = (
                f'"{field.name}"{"" if field.required else "?"}: {_shallow(field.type, steps - 1)}'
                for field in fields
            )
            return f"{{{', '.join(shown)}}}"
        case ListOf(element):
            return f"list[{_shallow(element, max(0, steps - 1))}]"
        case DictOf(value):
            return f"dict[str, {_shallow(value, max(0, steps - 1))}]"
        case Union(options):
            return " | ".join(_shallow(option, steps) for option in options)
    return str(of)


def _types(tool: Tool) -> list[Type]:
    return [*(parameter.type for parameter in tool.parameters), tool.result]


def _forms(of: Type) -> Iterable[tuple[str, str]]:
    for nominal in nominals(of):
        if nominal.description:
            yield nominal.name, nominal.description
    for member in members(of):
        inner = getattr(member, "element", member)
        if isinstance(inner, Record) and inner.name:
            fields = ", ".join(f".{field.name}" for field in inner.fields)
            yield inner.name, f"a record with {fields}"
