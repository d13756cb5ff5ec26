"""Random types, tools and tool sets."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from planc.testing.choices import Choices
from planc.testing.values import drawn
from planc.tools import Effect, Parameter, Tool, ToolSet
from planc.types import (
    ANY,
    BOOL,
    DATE,
    DATE_TIME,
    EMAIL_ADDRESS,
    FILE_PATH,
    FLOAT,
    INT,
    NONE,
    PHONE_NUMBER,
    STR,
    URL,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Record,
    RecordField,
    Type,
    optional,
    union,
    without_none,
)

IBAN = Nominal("IBAN", STR, r"[A-Z]{2}[0-9]{2}[A-Z0-9]{4,12}", None, r"[A-Z]{2}[0-9]{2}\w+")
COLOUR = Nominal("Colour", STR, "#[0-9a-f]{6}", description="#rrggbb")
MONTH = Nominal("Month", STR, "[0-9]{4}-[0-9]{2}", "%Y-%m")
EURO_DATE = Nominal("EuroDate", STR, r"\d{2}\.\d{2}\.\d{4}", "%d.%m.%Y")
NOTE_TITLE = Nominal("NoteTitle", STR, "[^,;]+", description="no commas")

_NOMINALS = [
    *(EMAIL_ADDRESS, PHONE_NUMBER, FILE_PATH, URL, DATE, DATE_TIME),
    *(IBAN, COLOUR, MONTH, EURO_DATE, NOTE_TITLE),
]
_TOOL_NAMES = [
    *("find", "send_mail", "search", "Buses.FindBus", "get-weather", "a", "x", "return", "log_it"),
    *("2nd tool", "_hidden", "Übung", "a.b.c", "a..b", "None", "z9", "in.if", "listAll", "#"),
]
_ARGUMENTS = [
    *("query", "to", "limit", "from", "class", "in", "if", "x", "city-name", "fare.class", "é ü"),
    *("None", "not", "a", "b", "2", "items", "when", "_"),
]
_FIELDS = ["id", "name", "a", "b", "kind", "if", "°C", "two words", "None", "x"]
_CONSTANTS: list[str | int | float | bool] = [
    *("a", "driving", "two words", 'say "hi"', "", "é", "2026-11-24"),
    *(1, 0, 3, -1, 2.5, 1.0, -0.5, True, False),
]
_RECORDS = [None, None, "Person", "Route"]
_MAX_DEPTH = 3


@dataclass(frozen=True)
class _Kinds:
    """Which kinds of types there are beside the simple ones."""

    any_: bool = True
    dicts: bool = True
    records: bool = True
    optional: bool = True


def types(
    *, any_: bool = True, dicts: bool = True, records: bool = True, optional: bool = True
) -> st.SearchStrategy[Type]:
    """Random types, without the kinds that are switched off; `optional`: fields may be absent."""
    return _types(_Kinds(any_, dicts, records, optional))


def tools(
    *, any_: bool = True, dicts: bool = True, records: bool = True, optional: bool = True
) -> st.SearchStrategy[Tool]:
    """Random signatures with no function behind them."""
    return _tools(_Kinds(any_, dicts, records, optional))


def tool_sets(
    min_size: int = 1,
    max_size: int = 6,
    *,
    any_: bool = True,
    dicts: bool = True,
    records: bool = True,
    optional: bool = True,
) -> st.SearchStrategy[ToolSet]:
    """Random tool sets. The keywords switch kinds of types off, as for `types`."""
    return _tool_sets(min_size, max_size, _Kinds(any_, dicts, records, optional))


def random_tools(rng: Random, size: int = 4) -> ToolSet:
    """A random tool set, drawn without hypothesis."""
    return _tool_set(Choices.of_random(rng), size, _Kinds())


@st.composite
def _types(draw: st.DrawFn, kinds: _Kinds) -> Type:
    return _type(Choices.of_hypothesis(draw), kinds, 0)


@st.composite
def _tools(draw: st.DrawFn, kinds: _Kinds) -> Tool:
    choices = Choices.of_hypothesis(draw)
    return _tool(choices, choices.pick(_TOOL_NAMES), kinds)


@st.composite
def _tool_sets(draw: st.DrawFn, min_size: int, max_size: int, kinds: _Kinds) -> ToolSet:
    choices = Choices.of_hypothesis(draw)
    return _tool_set(choices, min_size + choices.below(max_size - min_size + 1), kinds)


def _tool_set(choices: Choices, size: int, kinds: _Kinds) -> ToolSet:
    names: dict[str, None] = {}
    for i in range(size):
        name = choices.pick(_TOOL_NAMES)
        names[f"{name}{i}" if name in names else name] = None
    return ToolSet(_tool(choices, name, kinds) for name in names)


def _tool(choices: Choices, name: str, kinds: _Kinds) -> Tool:
    names = dict.fromkeys(choices.pick(_ARGUMENTS) for _ in range(choices.below(5)))
    effects: list[Effect] = ["read", "write", "pure"]
    return Tool(
        name,
        choices.pick(["", "Does something."]),
        tuple(_parameter(choices, one, kinds) for one in names),
        NONE if choices.once_in(6) else _type(choices, kinds, 0),
        choices.pick(effects),
        choices.pick([None, "disk", "mail"]),
    )


def _parameter(choices: Choices, name: str, kinds: _Kinds) -> Parameter:
    of = _type(choices, kinds, 1)
    if not choices.once_in(3):
        return Parameter(name, of)
    if choices.once_in(2):
        return Parameter(name, of, required=False, default=drawn(of, choices))
    return Parameter(name, optional(of), required=False)


def _type(choices: Choices, kinds: _Kinds, depth: int) -> Type:
    forms = ["simple", "simple", "nominal", "constants"]
    if depth < _MAX_DEPTH:
        forms += ["list", "optional", "union"]
        forms += ["record", "record"] if kinds.records else []
        forms += ["dict"] if kinds.dicts else []
    match choices.pick(forms):
        case "nominal":
            return choices.pick(_NOMINALS)
        case "constants":
            drawn = [choices.pick(_CONSTANTS) for _ in range(1 + choices.below(3))]
            return LiteralOf(tuple({(type(value), value): value for value in drawn}.values()))
        case "list":
            return ListOf(_type(choices, kinds, depth + 1))
        case "dict":
            return DictOf(_type(choices, kinds, depth + 1))
        case "record":
            return _record(choices, kinds, depth + 1)
        case "optional":
            return optional(_type(choices, kinds, depth + 1))
        case "union":
            members = [_type(choices, kinds, depth + 1) for _ in range(2 + choices.below(2))]
            return union(members)
    return choices.pick([STR, INT, FLOAT, BOOL, STR, *([ANY] if kinds.any_ else [NONE])])


def _record(choices: Choices, kinds: _Kinds, depth: int) -> Type:
    names = dict.fromkeys(choices.pick(_FIELDS) for _ in range(choices.below(4)))
    fields = [
        RecordField(name, _type(choices, kinds, depth), not (kinds.optional and choices.once_in(3)))
        for name in names
    ]
    return Record(tuple(fields), choices.pick(_RECORDS))


def argument_type(parameter: Parameter) -> Type:
    """The type of the values that a plan gives: an argument that may be left out is not None."""
    if parameter.required or parameter.type == NONE:
        return parameter.type
    return without_none(parameter.type)
