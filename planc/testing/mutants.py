"""Plans with one mistake each.

Each kind of mistake has a function that lists the plans which a well-typed plan becomes by it.
That these are ill typed follows from how they are made; the checker is not asked, so that it, the
decoder and whatever else judges plans can be held against them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from hypothesis import strategies as st

from planc import syntax as ast
from planc.format import format
from planc.testing.choices import Choices
from planc.testing.nodes import NOWHERE, constant, expression_of
from planc.testing.places import Place, Places
from planc.testing.values import drawn, fits, has_values
from planc.tools import ToolSet
from planc.types import (
    ANY,
    LiteralOf,
    Nominal,
    Record,
    Type,
    is_subtype,
    members,
    without_none,
)


@dataclass(frozen=True)
class Mutant:
    """The text of a plan with one mistake, and which."""

    kind: str
    text: str


Made = Iterator[Callable[[], ast.Plan]]
_STRANGE = "nowhere_9"
_VALUES: list[object] = ["text", 7, 2.5, True, [], [7], {"strange": 1}, "", [["text"]], [{}]]
_BROKEN = [
    "",
    "2026-02-30",
    "2026-13-01 10:00:00",
    "30.02.2026",
    "2026-13",
    "no\nform",
    "no, form;",
]


def mutants(tools: ToolSet, plans: st.SearchStrategy[ast.Plan]) -> st.SearchStrategy[Mutant]:
    """Ill-typed plans, each made of one of the well-typed ones by one mistake. They are ill typed
    whatever the request is."""
    return _mutants(tools, plans)


def random_mutant(plan: ast.Plan, tools: ToolSet, rng: Random) -> Mutant:
    """A well-typed plan with a mistake of a random kind, drawn without hypothesis."""
    return _mutant(plan, tools, Choices.of_random(rng))


def _mutant(plan: ast.Plan, tools: ToolSet, choices: Choices) -> Mutant:
    places = Places(plan, tools)
    kinds = list(KINDS)
    first = choices.below(len(kinds))
    for kind in kinds[first:] + kinds[:first]:
        made = list(KINDS[kind](places, choices))
        if made:
            return Mutant(kind, format(choices.pick(made)()))
    raise AssertionError("an unknown tool can always be called")


@st.composite
def _mutants(draw: st.DrawFn, tools: ToolSet, plans: st.SearchStrategy[ast.Plan]) -> Mutant:
    return _mutant(draw(plans), tools, Choices.of_hypothesis(draw))


# Calls


def _unknown_tool(places: Places, choices: Choices) -> Made:
    name = "no_such_tool"
    while name in places.tools:
        name += "_"
    call = ast.Call(NOWHERE, name, (), NOWHERE)
    for one in places.calls:
        yield partial(places.swapped, one.node, replace(one.node, tool=name))
    yield partial(places.inserted, 0, ast.Effect(NOWHERE, call))


def _unknown_argument(places: Places, choices: Choices) -> Made:
    for call in places.calls:
        name = next(n for n in ("strange", "strange_") if n not in call.tool.by_name)
        strange = ast.Argument(NOWHERE, name, constant("text"))
        arguments = (*call.node.arguments, strange)
        yield partial(places.swapped, call.node, replace(call.node, arguments=arguments))


def _missing_argument(places: Places, choices: Choices) -> Made:
    for call in places.calls:
        for argument in call.node.arguments:
            if call.tool.by_name[argument.name].required:
                left = tuple(one for one in call.node.arguments if one is not argument)
                yield partial(places.swapped, call.node, replace(call.node, arguments=left))


def _repeated_argument(places: Places, choices: Choices) -> Made:
    for call in places.calls:
        for argument in call.node.arguments:
            arguments = (*call.node.arguments, argument)
            yield partial(places.swapped, call.node, replace(call.node, arguments=arguments))


# Constants


def _refused(place: Place, values: Sequence[object]) -> list[ast.Expression]:
    return [expression_of(value) for value in values if not fits(value, place.type)]


def _wrong_literal(places: Places, choices: Choices) -> Made:
    for place in places.asked:
        for node in _refused(place, _VALUES):
            yield partial(places.swapped, place.node, node)


def _not_in_enumeration(places: Places, choices: Choices) -> Made:
    for place in places.asked:
        known = [v for m in members(place.type) if isinstance(m, LiteralOf) for v in m.values]
        others = [f"{v}x" if isinstance(v, str) else v + 100 for v in known if v is not True]
        for node in _refused(place, others):
            yield partial(places.swapped, place.node, node)


def _broken_form(places: Places, choices: Choices) -> Made:
    for place in places.asked:
        if any(isinstance(member, Nominal) for member in members(place.type)):
            for node in _refused(place, _BROKEN):
                yield partial(places.swapped, place.node, node)


def _none(places: Places, choices: Choices) -> Made:
    for place in places.asked:
        for node in _refused(place, [None]):
            yield partial(places.swapped, place.node, node)


# Names


def _unknown_variable(places: Places, choices: Choices) -> Made:
    name = _STRANGE
    while name in places.names:
        name += "_"
    node = ast.Name(NOWHERE, name)
    for place in places.asked:
        yield partial(places.swapped, place.node, node)
    if not places.returned:
        yield partial(places.inserted, len(places.plan.statements), ast.Return(NOWHERE, node))


def _early_use(places: Places, choices: Choices) -> Made:
    for place in places.asked:
        for name, index in places.assigned.items():
            if index >= place.statement and name not in _map_names(places, place.statement):
                yield partial(places.swapped, place.node, ast.Name(NOWHERE, name))


def _map_names(places: Places, index: int) -> set[str]:
    nodes = ast.walk(places.plan.statements[index])
    return {node.variable for node in nodes if isinstance(node, ast.Map)}


def _reassigned(places: Places, choices: Choices) -> Made:
    for i, statement in enumerate(places.plan.statements):
        if isinstance(statement, ast.Assignment):
            for name, index in places.assigned.items():
                if index < i:
                    yield partial(places.swapped, statement, replace(statement, name=name))


def _wrong_variable(places: Places, choices: Choices) -> Made:
    for place in places.asked:
        for name, (index, of) in places.variables.items():
            if index < place.statement and not _may_go(of, place.type):
                yield partial(places.swapped, place.node, ast.Name(NOWHERE, name))


def _may_go(of: Type, asked: Type) -> bool:
    return is_subtype(of, asked) or is_subtype(without_none(of), asked)


def _unknown_field(places: Places, choices: Choices) -> Made:
    for name, (index, of) in places.variables.items():
        if of == ANY:
            continue
        known = {f.name for m in members(of) if isinstance(m, Record) for f in m.fields}
        field = next(one for one in ("strange", "strange_") if one not in known)
        node = ast.Field(NOWHERE, ast.Name(NOWHERE, name), field, NOWHERE)
        for place in places.asked:
            if place.statement > index:
                yield partial(places.swapped, place.node, node)
        last = places.plan.statements[-1]
        if isinstance(last, ast.Return):
            yield partial(places.swapped, last.value, node)
        else:
            yield partial(places.inserted, len(places.plan.statements), ast.Return(NOWHERE, node))


# Records


def _missing_field(places: Places, choices: Choices) -> Made:
    for place in places.asked:
        if isinstance(place.type, Record) and has_values(place.type):
            for field in place.type.fields:
                if field.required:
                    yield partial(_without, places, place, field.name, choices)


def _without(places: Places, place: Place, name: str, choices: Choices) -> ast.Plan:
    value = _record(place, choices)
    del value[name]
    return places.swapped(place.node, expression_of(value))


def _unknown_entry(places: Places, choices: Choices) -> Made:
    for place in places.asked:
        if isinstance(place.type, Record) and has_values(place.type):
            yield partial(_with_strange, places, place, choices)


def _with_strange(places: Places, place: Place, choices: Choices) -> ast.Plan:
    value = _record(place, choices)
    strange = next(n for n in ("strange", "strange_") if n not in value)
    return places.swapped(place.node, expression_of({**value, strange: 1}))


def _record(place: Place, choices: Choices) -> dict[str, object]:
    value = drawn(place.type, choices)
    assert isinstance(value, dict)
    return value


# Statements


def _after_return(places: Places, choices: Choices) -> Made:
    end = ast.Return(NOWHERE, constant(1))
    count = len(places.plan.statements)
    for index in range(count):
        if not places.returned:
            yield partial(places.inserted, index, end)
    if places.returned:
        yield partial(places.inserted, count, end)


def _dropped(places: Places, choices: Choices) -> Made:
    for index in range(len(places.plan.statements)):
        yield partial(places.inserted, index, ast.Effect(NOWHERE, constant("text")))
    for name, index in places.assigned.items():
        dropped = ast.Effect(NOWHERE, ast.Name(NOWHERE, name))
        yield partial(places.inserted, index + 1, dropped)


KINDS: dict[str, Callable[[Places, Choices], Made]] = {
    "unknown tool": _unknown_tool,
    "unknown argument": _unknown_argument,
    "missing argument": _missing_argument,
    "repeated argument": _repeated_argument,
    "wrong literal": _wrong_literal,
    "not in enumeration": _not_in_enumeration,
    "broken form": _broken_form,
    "none": _none,
    "unknown variable": _unknown_variable,
    "use before assignment": _early_use,
    "reassigned name": _reassigned,
    "wrong variable": _wrong_variable,
    "unknown field": _unknown_field,
    "missing field": _missing_field,
    "unknown entry": _unknown_entry,
    "after return": _after_return,
    "dropped value": _dropped,
}
"""Each kind of mistake with the function that lists the plans made by it."""
