"""What the model reads: what it is to do, the tools, examples, and last the clock and the request.

Tools that come with examples are followed by them; before tools without, there are lessons over
tools of their own. All but the clock and the request is the same for every request on a tool set,
so that its keys and values can be kept from one request to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from planc.decode.dates import named
from planc.decode.grammar import NO_TOOL
from planc.decode.lessons import LESSONS
from planc.decode.paths import STEPS
from planc.decode.spans import spans
from planc.format import argument_text, tool_text
from planc.tools import Example, Tool, ToolSet
from planc.types import DictOf, ListOf, Record, Type, Union, members, nominals

Message = dict[str, str]

_INSTRUCTIONS = f"""\
You write a plan: a few lines that call tools to do what the user asks, and nothing else.

Rules:
- One call a line, with named arguments: `tool(argument=value)`, or `name = tool(argument=value)` \
if a later line needs what it returns.
- One call for each thing that is asked: two cities are two calls. No call that is not asked for.
- Use what a call returned by its name. Inside a text write f"... {{name}} ...".
- Every value comes from the request or from an earlier call.
- Write an argument marked `?` only where the request tells its value.
- If no tool can do what is asked, write only: {NO_TOOL}
"""


@dataclass(frozen=True)
class Request:
    """What is asked, and the local time at which it is asked."""

    text: str
    now: datetime


def messages(request: Request, tools: ToolSet) -> list[Message]:
    """The chat that the model is to go on with."""
    return _asked(beginning(tools), request, tools)


def _asked(begun: list[Message], request: Request, tools: ToolSet) -> list[Message]:
    """A chat that has begun, with the clock and the request at its end."""
    *shown, last = begun
    asked = last["content"] + question(request, _dated(tools))
    return [*shown, {"role": "user", "content": asked}]


def beginning(tools: ToolSet) -> list[Message]:
    """How the chat begins, whatever the request, which comes at the end of the last message."""
    chat = before(tools)
    _tell(chat, tools)
    return chat


def before(tools: ToolSet) -> list[Message]:
    """What the chat begins with before the tools: with lessons, where they bring no examples."""
    chat = [{"role": "system", "content": _INSTRUCTIONS}, {"role": "user", "content": ""}]
    if not tools.examples:
        for lesson in LESSONS:
            _tell(chat, lesson)
    return chat


def _tell(chat: list[Message], tools: ToolSet) -> None:
    chat[-1]["content"] += _listed(tools)
    dated = _dated(tools)
    for example in tools.examples:
        _show(chat, example, dated)


def _listed(tools: ToolSet) -> str:
    return f"Tools:\n{describe_tools(tools.values())}\n\n"


def _show(chat: list[Message], example: Example, dated: bool) -> None:
    asked = question(Request(example.text, example.now), dated, example.plan)
    chat[-1]["content"] += asked
    # With the newline, that a plan ends is a choice of its own, and not one of its last sign.
    chat.append({"role": "assistant", "content": f"{example.plan.rstrip()}\n"})
    chat.append({"role": "user", "content": ""})


def taught(request: Request) -> list[Message]:
    """The chat for a model that has been taught its tools: the clock, the times that the request
    names, and the request."""
    now = request.now
    known = {**named(request.text, now), **spans(request.text)}
    times = "".join(f", {said} {time}" for said, time in known.items())
    asked = f"{now:%A %Y-%m-%d %H:%M}{times}\n{request.text}"
    return [{"role": "system", "content": "Plan."}, {"role": "user", "content": asked}]


def taught_beginning(tools: ToolSet) -> list[Message]:
    """How the chat begins for a model that has been taught to plan over any tools: with these."""
    return [
        {"role": "system", "content": "Plan over the tools."},
        {"role": "user", "content": _listed(tools)},
    ]


def taught_any(request: Request, tools: ToolSet) -> list[Message]:
    """The chat for such a model: the tools, the clock and the request."""
    return _asked(taught_beginning(tools), request, tools)


def _dated(tools: ToolSet) -> bool:
    """Whether a tool speaks of dates by a type of theirs."""
    found = (nominal for tool in tools.values() for of in _types(tool) for nominal in nominals(of))
    return any(nominal.calendar for nominal in found)


def question(request: Request, dated: bool, plan: str | None = None) -> str:
    """The clock and a request. With `dated` the days of the coming week are named, since small
    models copy dates better than they compute them: of an example only those in its plan."""
    now = request.now
    clock = f"Now: {now:%A} {now:%Y-%m-%d %H:%M}"
    days = [now + timedelta(days=i) for i in range(1, 7)] if dated else []
    named = [
        f"{day:%A} = {day:%Y-%m-%d}" if i else f"tomorrow = {day:%Y-%m-%d}"
        for i, day in enumerate(days)
        if plan is None or f"{day:%Y-%m-%d}" in plan
    ]
    if named:
        clock += f" ({', '.join(named)})"
    return f"{clock}\n{request.text}"


def describe_tools(tools: Iterable[Tool]) -> str:
    """A line a tool, and below them the forms of the types that they use."""
    tools = list(tools)
    lines = []
    for tool in tools:
        told = [f"{p.name}: {p.description}" for p in tool.parameters if p.description]
        about = " ".join([tool.description, *([f"({'; '.join(told)})"] if told else [])])
        signature = tool.signature(_shallow(tool.result, STEPS), tool_text, argument_text)
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
