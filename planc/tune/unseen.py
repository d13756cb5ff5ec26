"""Requests over any tools, from their descriptions and types alone.

A clause asks for one call: what the tool's description says, and what each argument is. Values are
drawn by type, and for plain texts by what the parameter's name suggests. Where a call returns what
another is to be given (a nominal type, or a field of the parameter's name and type), the second may
ask for it, and the plan passes it on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from planc.decode.probe import refused_at
from planc.format import argument_text, tool_text
from planc.testing import constants
from planc.testing.choices import Choices
from planc.tools import Parameter, Tool, ToolSet
from planc.tune.general.values import Value, listed
from planc.tune.samples import Draw, Sample, Split
from planc.tune.standard import frames, times, words
from planc.tune.standard.requests import impossible
from planc.tune.standard.work import Work, capital
from planc.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    STR,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Record,
    Type,
    literal_text,
    members,
    without_none,
)

# How an argument is said: `{label}` is what it is.
SAID = (
    "{label} {value}",
    "with {label} {value}",
    "{label}: {value}",
    "{label} is {value}",
    "{value} as the {label}",
    "the {label} should be {value}",
    "use {value} for the {label}",
    "{label} = {value}",
    "({label} {value})",
    "where the {label} is {value}",
    "of {label} {value}",
    "taking {value} as {label}",
)
CALLED = (
    "{what}, {given}",
    "{what} {given}",
    "{what}: {given}",
    "{what} - {given}",
    "{given}: {what}",
    "{what}; {given}",
    "I want to {what}, {given}",
)
THEN = (
    "{what} with that, {given}",
    "{what} for it, {given}",
    "use it to {what}, {given}",
    "with the result, {what}, {given}",
    "{what} with what comes of it, {given}",
    "take that to {what}, {given}",
)
YES = ("yes", "true", "on", "please", "of course", "sure")
NO = ("no", "false", "off", "please not", "not this time", "without")

_SUGGESTED: Sequence[tuple[str, Sequence[str]]] = (
    (r"city|place|locat|destin|address|venue|country|region|origin|from|to$", words.PLACES),
    (r"folder|director", words.FOLDERS),
    (r"artist|author|person|user|customer|patient|player|guest|name", words.FIRST),
    (r"title|topic|subject|categor|genre", words.EVENTS),
    (r"message|text|content|body|descr|note|comment|reason", words.NEWS),
    (r"task|action", words.TASKS),
)
_OPTIONAL = 0.3
_MOST_CALLS = 4


class _Nothing(Exception):
    """There is nothing that a request could say here."""


def request(tools: ToolSet, called: Sequence[Tool], rng: Random, split: Split) -> Sample | None:
    """A request that calls for some of a set's tools, of those in `called`, with its plan; None
    for an attempt that came to nothing, or to what the decoder cannot write."""
    draw = Draw(rng, split)
    now = times.clock(draw)
    if draw.chance(0.05):
        said = impossible(Work(draw, now))
        return Sample(said, now, "", tuple(draw.drawn))
    plan = _Plan(called, draw)
    wanted = rng.choices(range(1, _MOST_CALLS + 1), [0.55, 0.25, 0.13, 0.07])[0]
    try:
        clauses = [plan.clause() for _ in range(wanted)]
    except _Nothing:
        return None
    said = _joined(draw, clauses)
    if refused_at(tools, plan.text, said) is not None:
        return None
    return Sample(said, now, plan.text, tuple(draw.drawn))


def _joined(draw: Draw, clauses: Sequence[str]) -> str:
    said = clauses[0]
    for clause in clauses[1:]:
        frame: str = draw.one("TWO", frames.TWO)
        said = frame.format(a=said, b=clause)
    said = re.sub(r"(?<=[.!?] )[a-z]", lambda found: found[0].upper(), said)
    whole: str = draw.one("PLAIN", frames.PLAIN)
    return whole.format(vp=said, Vp=capital(said))


class _Plan:
    """A plan under way, clause by clause."""

    def __init__(self, tools: Sequence[Tool], draw: Draw) -> None:
        self.tools = tools
        self.draw = draw
        self.lines: list[str] = []
        self.calls: list[Tool] = []
        self.used: set[int] = set()

    @property
    def text(self) -> str:
        names = (f"{self.name(i)} = " if i in self.used else "" for i in range(len(self.lines)))
        return "".join(f"{name}{line}\n" for name, line in zip(names, self.lines, strict=True))

    def name(self, call: int) -> str:
        """The variable of an earlier call."""
        return f"result{call + 1}"

    def clause(self) -> str:
        """One more call: what the request says of it."""
        tool = self.draw.rng.choice(self.tools)
        passed = self._passed_on(tool) if self.draw.chance(0.5) else {}
        said, written = [], []
        for parameter in tool.parameters:
            if parameter.name in passed:
                written.append(f"{argument_text(parameter.name)}={passed[parameter.name]}")
            elif parameter.required or self.draw.chance(_OPTIONAL):
                try:
                    value = self._value(without_none(parameter.type), parameter.name)
                except _Nothing:
                    if parameter.required:
                        raise
                    continue
                said.append(self._say("SAID", SAID, label=_label(parameter), value=value.said))
                written.append(f"{argument_text(parameter.name)}={value.written}")
        line = f"{tool_text(tool.name)}({', '.join(written)})"
        if line in self.lines:
            raise _Nothing
        self.calls.append(tool)
        self.lines.append(line)
        given = ", ".join(said)
        name, of = ("THEN", THEN) if passed else ("CALLED", CALLED)
        told = self._say(name, of, what=_what(tool), given=given)
        return re.sub(r"[,:;-]? *$|^: ", "", told)

    def _say(self, name: str, of: Sequence[str], **slots: str) -> str:
        return self.draw.one(name, of).format_map(slots)

    def _passed_on(self, tool: Tool) -> dict[str, str]:
        """The arguments that the last call's result has: expressions by the parameters' names."""
        if not self.calls:
            return {}
        last = len(self.calls) - 1
        result, found = self.calls[last].result, {}
        for parameter in tool.parameters:
            wanted = without_none(parameter.type)
            if isinstance(result, Nominal) and result == wanted:
                found[parameter.name] = self.name(last)
            elif isinstance(result, Record):
                fields = (f for f in result.fields if f.required and f.type == wanted)
                alike = next((f for f in fields if _alike(f.name, parameter.name)), None)
                if alike is not None:
                    found[parameter.name] = f"{self.name(last)}.{alike.name}"
        if found:
            self.used.add(last)
        return found

    def _value(self, of: Type, name: str) -> Value:
        rng = self.draw.rng
        if of == BOOL:
            truth = self.draw.chance(0.6)
            return Value(self.draw.one("YES" if truth else "NO", YES if truth else NO), str(truth))
        if of in (INT, FLOAT):
            number = _number(name, rng, whole=of == INT)
            return Value(number, number)
        if of in (STR, ANY):
            text = self._text(name)
            return Value(text if self.draw.chance(0.7) else f'"{text}"', literal_text(text))
        match of:
            case LiteralOf(values):
                chosen = rng.choice(list(values))
                return Value(str(chosen), literal_text(chosen))
            case Nominal():
                found = constants.nominal(of, Choices.of_random(rng))
                if found is None:
                    raise _Nothing
                return Value(found, literal_text(found))
            case ListOf(element):
                parts = [self._value(element, name) for _ in range(rng.randint(1, 3))]
                said = listed([part.said for part in parts])
                return Value(said, f"[{', '.join(part.written for part in parts)}]")
            case Record(fields) if fields:
                kept = [f for f in fields if f.required or self.draw.chance(_OPTIONAL)]
                pairs = [(f.name, self._value(without_none(f.type), f.name)) for f in kept]
                return _mapped([(_spaced(key), key, value) for key, value in pairs])
            case DictOf(value):
                keys = dict.fromkeys(self._text(name) for _ in range(rng.randint(1, 3)))
                pairs = [(key, self._value(value, name)) for key in keys]
                return _mapped([(key, key, value) for key, value in pairs])
        options = [member for member in members(of) if member != of]
        for option in rng.sample(options, len(options)):
            try:
                return self._value(option, name)
            except _Nothing:
                continue
        raise _Nothing

    def _text(self, name: str) -> str:
        for pattern, of in _SUGGESTED:
            if re.search(pattern, name, re.IGNORECASE):
                return self.draw.one(pattern, of)
        if re.search(r"date|day", name, re.IGNORECASE):
            return f"{times.clock(self.draw):%Y-%m-%d}"
        if re.search(r"id$|code|number", name, re.IGNORECASE):
            return f"{self.draw.rng.choice('ABCKQRX')}{self.draw.rng.randint(100, 99999)}"
        return self.draw.one("ITEMS", words.ITEMS)


def _mapped(entries: Sequence[tuple[str, str, Value]]) -> Value:
    """A record or a dict, by what each key is called, the key, and its value."""
    said = ", ".join(f"{called} {value.said}" for called, _, value in entries)
    written = ", ".join(f"{literal_text(key)}: {value.written}" for _, key, value in entries)
    return Value(said, f"{{{written}}}")


def _number(name: str, rng: Random, whole: bool) -> str:
    """A number as plans write it, of a size that the name suggests."""
    sizes: Mapping[str, Callable[[], int]] = {
        r"year": lambda: rng.randint(1950, 2030),
        r"price|amount|cost|salary|budget|income|value": lambda: rng.randint(1, 900) * 10,
        r"percent|rate": lambda: rng.randint(1, 30),
        r"age|weight|height|speed|temp": lambda: rng.randint(5, 200),
    }
    size = next((of for key, of in sizes.items() if re.search(key, name)), None)
    number = size() if size else rng.choice([rng.randint(0, 9), rng.randint(1, 500)])
    if whole or rng.random() < 0.6:
        return str(number)
    return f"{number}.{rng.choice(['5', '25', '75', '1', '9'])}"


def _what(tool: Tool) -> str:
    """What a tool does, as a verb phrase if its description is one."""
    said = re.split(r"(?<=\w)[.;:(]", tool.description.strip())[0].strip() or _spaced(tool.name)
    return said[:1].lower() + said[1:] if said[1:2].islower() else said


def _label(parameter: Parameter) -> str:
    """What a parameter is: its description, if that is a few words."""
    said = parameter.description.strip().rstrip(".").removeprefix("The ").removeprefix("the ")
    brief = 0 < len(said.split()) <= 4 and "," not in said
    return said[:1].lower() + said[1:] if brief else _spaced(parameter.name)


def _spaced(name: str) -> str:
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).strip().lower()


def _alike(field: str, parameter: str) -> bool:
    """Whether a field's name is the parameter's, or its last word: `id` and `city_id`."""
    one, other = _spaced(field).split(), _spaced(parameter).split()
    return one == other or (len(other) > 1 and one == other[-1:])
