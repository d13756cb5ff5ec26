"""Well-typed expressions of the part of the language that a model is offered.

The type that a place asks for goes in, an expression that fits comes out. For each type a writer
makes the list of what may stand there, the simplest first, and chooses; what cannot be filled is
not on the list. `Depth` says what may still be nested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from functools import partial

from planc import syntax as ast
from planc.testing import constants
from planc.testing.choices import Choices
from planc.testing.conditions import condition
from planc.testing.nodes import NOWHERE, between_texts, binary, constant
from planc.testing.scope import Path, Scope
from planc.testing.toolsets import argument_type
from planc.tools import Parameter, Tool, ToolSet
from planc.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NONE,
    STR,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Primitive,
    Record,
    RecordField,
    Type,
    is_subtype,
    members,
    without_none,
)

Option = Callable[[], ast.Expression]
Copied = Mapping[Nominal, Sequence[str]]
Identifiers = Callable[[str], Sequence[str] | None]


def unlimited(name: str) -> None:
    """The `Identifiers` of a plan whose parameters may have any value, whatever their name."""


_MAX_HOLES = 8
_MAX_ITEMS = 16
_ANY_LEVELS = 4  # of lists and records in a value that may be anything


class Depth(IntEnum):
    """What may stand inside: nothing that calls or chooses, calls that look something up, or
    conditionals and maps too."""

    PLAIN = 0
    SIMPLE = 1
    VALUE = 2


class Writer:
    """Writes the expressions of one plan. `copied` are the literals there are for nominal types
    that a model may not make up, and `identifiers` tells those there are for a parameter or a field
    of some name, or None where any value may stand."""

    def __init__(
        self,
        tools: ToolSet,
        choices: Choices,
        copied: Copied,
        identifiers: Identifiers = unlimited,
    ) -> None:
        self.tools = tools
        self.choices = choices
        self.copied = copied
        self.identifiers = identifiers

    # Values

    def value(self, of: Type, scope: Scope, depth: Depth) -> ast.Expression:
        """An expression for a place that asks for a type; there must be one."""
        simple = self.simple(of, scope, depth)
        compound = self.compound(of, scope) if depth == Depth.VALUE else []
        if compound and (not simple or self.choices.once_in(2)):
            return self.choices.pick(compound)()
        return self.choices.pick(simple)()

    def can(self, of: Type, scope: Scope, depth: Depth) -> bool:
        """Whether there is an expression for a place that asks for a type."""
        return bool(
            self.simple(of, scope, depth) or (depth == Depth.VALUE and self.maps(of, scope))
        )

    def simple(self, of: Type, scope: Scope, depth: Depth) -> list[Option]:
        """What may stand for a type without conditionals and maps around it."""
        key = (of, depth)
        if key not in scope.options:
            scope.options[key] = []  # a lookup that needs itself is none
            scope.options[key] = self._simple(of, scope, depth)
        return scope.options[key]

    def _simple(self, of: Type, scope: Scope, depth: Depth) -> list[Option]:
        found = [option for member in members(of) for option in self.literals(member)]
        paths = scope.fitting(of)
        if paths:
            found.append(lambda: self.choices.pick(paths).write(self.choices))
        if is_subtype(STR, of) and scope.texts:
            found.append(partial(self.format, scope))
        for member in members(of):
            found += self.structures(member, scope, depth)
        if depth != Depth.PLAIN:
            found += [
                o for m in members(of) if isinstance(m, Nominal) for o in self.lookups(m, scope)
            ]
        return found

    def compound(self, of: Type, scope: Scope) -> list[Option]:
        """Conditionals and maps for a type."""
        key = (of, "compound")
        if key not in scope.options:
            found: list[Option] = []
            if self.simple(of, scope, Depth.SIMPLE):
                fitting = [p for p in scope.optionals if is_subtype(without_none(p.type), of)]
                found += [partial(self._conditional, of, scope)] * bool(scope.typed)
                found += [partial(self._unless_none, fitting, of, scope)] * bool(fitting)
            maps = self.maps(of, scope)
            found += [lambda: self.choices.pick(maps)()] * 2 * bool(maps)
            scope.options[key] = found
        return scope.options[key]

    def _conditional(self, of: Type, scope: Scope) -> ast.Expression:
        then = self.value(of, scope, Depth.SIMPLE)
        test = self.condition(scope)
        return ast.Conditional(NOWHERE, test, then, self.value(of, scope, Depth.SIMPLE))

    def _unless_none(self, paths: Sequence[Path], of: Type, scope: Scope) -> ast.Expression:
        path = self.choices.pick(paths)
        test = binary("!=", path.write(self.choices), constant(None))
        otherwise = self.value(of, scope, Depth.SIMPLE)
        return ast.Conditional(NOWHERE, test, path.write(self.choices), otherwise)

    # Literals

    def literals(self, of: Type) -> list[Option]:
        """The constants of one member of a type."""
        choices = self.choices
        match of:
            case LiteralOf(values):
                return [lambda: constant(choices.pick(values))]
            case Nominal():
                return self.nominal(of)
        known: dict[Type, Option] = {
            STR: lambda: constant(constants.text(choices)),
            INT: self.integer,
            FLOAT: self.number,
            BOOL: lambda: constant(choices.once_in(2)),
            NONE: lambda: constant(None),
        }
        if of == ANY:
            return [known[one] for one in (STR, FLOAT, BOOL, NONE)]
        return [known[of]] if of in known else []

    def nominal(self, of: Nominal) -> list[Option]:
        if of.copied:
            given = self.copied.get(of, ())
            return [lambda: constant(self.choices.pick(given))] if given else []
        sample = constants.spelt(of)
        if sample is None:
            return []
        return [lambda: constant(constants.nominal(of, self.choices) or sample)]

    def integer(self) -> ast.Expression:
        sign = -1 if self.choices.once_in(6) else 1
        return constant(sign * constants.integer(self.choices))

    def number(self) -> ast.Expression:
        if self.choices.once_in(3):
            return self.integer()
        sign = -1 if self.choices.once_in(6) else 1
        return constant(sign * constants.decimal(self.choices))

    def format(self, scope: Scope) -> ast.Expression:
        holes = [
            self.choices.pick(scope.texts).write(self.choices)
            for _ in range(self.choices.count(1, _MAX_HOLES))
        ]
        return between_texts(
            holes, lambda: constants.text(self.choices, braces=False), self.choices
        )

    # Lists and records

    def structures(self, of: Type, scope: Scope, depth: Depth) -> list[Option]:
        """The lists and records of one member of a type."""
        match of:
            case ListOf(element) if self.can(element, scope, depth):
                return [lambda: self._list(element, scope, depth)]
            case DictOf(inner):
                return [lambda: self._dict(inner, scope, depth)]
            case Record(fields) if all(
                self.can(f.type, scope, depth) for f in fields if f.required
            ):
                return [lambda: self._record(fields, scope, depth)]
            case Primitive() if of == ANY:
                return [self._any_list, self._any_record]
        return []

    def _list(self, element: Type, scope: Scope, depth: Depth) -> ast.Expression:
        length = self.choices.count(1, _MAX_ITEMS)
        items = [self.value(element, scope, depth) for _ in range(length)]
        return ast.ListExpression(NOWHERE, tuple(items))

    def _dict(self, inner: Type, scope: Scope, depth: Depth) -> ast.Expression:
        length = self.choices.count(0, _MAX_ITEMS) if self.can(inner, scope, depth) else 0
        return self.record_of(length, lambda: self.value(inner, scope, depth))

    def record_of(self, length: int, write: Option) -> ast.Expression:
        keys = dict.fromkeys(constants.key(self.choices) for _ in range(length))
        entries = [ast.Entry(NOWHERE, key, write()) for key in keys]
        return ast.RecordExpression(NOWHERE, tuple(entries))

    def _record(
        self, fields: tuple[RecordField, ...], scope: Scope, depth: Depth
    ) -> ast.Expression:
        given = [
            f
            for f in fields
            if f.required or (self.can(f.type, scope, depth) and self.choices.once_in(2))
        ]
        entries = [
            ast.Entry(NOWHERE, f.name, self.named(f.name, f.type, scope, depth)) for f in given
        ]
        return ast.RecordExpression(NOWHERE, tuple(entries))

    def _any_list(self, levels: int = _ANY_LEVELS) -> ast.Expression:
        count = self.choices.count(0, _MAX_ITEMS)
        items = [self._anything(levels - 1) for _ in range(count)]
        return ast.ListExpression(NOWHERE, tuple(items))

    def _any_record(self, levels: int = _ANY_LEVELS) -> ast.Expression:
        return self.record_of(self.choices.count(0, 4), lambda: self._anything(levels - 1))

    def _anything(self, levels: int) -> ast.Expression:
        """What stands inside a value that may be anything: constants and, to some levels, lists
        and records."""
        options = list(self.literals(ANY))
        if levels:
            options += [partial(self._any_list, levels), partial(self._any_record, levels)]
        return self.choices.pick(options)()

    # Calls

    def lookups(self, of: Nominal, scope: Scope) -> list[Option]:
        """The calls that may stand for a value which a model may not make up."""
        fitting = [t for t in self.reading() if is_subtype(t.result, of)] if of.copied else []
        callable_ = [t for t in fitting if self.callable(t, scope, Depth.PLAIN)]
        return [partial(self.call, tool, scope, Depth.PLAIN) for tool in callable_]

    def reading(self) -> list[Tool]:
        """The tools that change nothing and tell what they return."""
        reading = (tool for tool in self.tools.values() if tool.effect != "write")
        return [tool for tool in reading if tool.result not in (ANY, NONE)]

    def callable(self, tool: Tool, scope: Scope, depth: Depth) -> bool:
        """Whether every required argument can be filled."""
        return all(self.can(argument_type(p), scope, depth) for p in tool.parameters if p.required)

    def call(self, tool: Tool, scope: Scope, depth: Depth) -> ast.Expression:
        given = [p for p in self.given(tool.parameters) if self._wanted(p, scope, depth)]
        arguments = [ast.Argument(NOWHERE, p.name, self.argument(p, scope, depth)) for p in given]
        return ast.Call(NOWHERE, tool.name, tuple(arguments), NOWHERE)

    def given(self, parameters: tuple[Parameter, ...]) -> list[Parameter]:
        """The parameters in the order in which a call gives them."""
        return list(parameters)

    def _wanted(self, parameter: Parameter, scope: Scope, depth: Depth) -> bool:
        if parameter.required:
            return True
        return self.choices.once_in(2) and self.can(argument_type(parameter), scope, depth)

    def argument(self, parameter: Parameter, scope: Scope, depth: Depth) -> ast.Expression:
        return self.named(parameter.name, argument_type(parameter), scope, depth)

    # Identifiers

    def named(self, name: str, of: Type, scope: Scope, depth: Depth) -> ast.Expression:
        """An expression for the value of a parameter or a field; there must be one."""
        stated = self.identifiers(name)
        if stated is None:
            return self.value(of, scope, depth)
        return self._identifier(name, stated, of, scope, depth)

    def _identifier(
        self, name: str, stated: Sequence[str], of: Type, scope: Scope, depth: Depth
    ) -> ast.Expression:
        """One that is stated, a value without fields, or a field of the very name."""
        found: list[Option] = []
        for member in members(of):
            match member:
                case ListOf(inner) if self.can(inner, scope, depth):
                    write = partial(self._identifier, name, stated, inner, scope, depth)
                    found.append(partial(_list_of_one, write))
                case DictOf(inner) if self.can(inner, scope, depth):
                    write = partial(self._identifier, name, stated, inner, scope, depth)
                    found.append(partial(self.record_of, 2, write))
                case Primitive() if member in (STR, INT, FLOAT):
                    texts = stated if member == STR else [t for t in stated if t.isdigit()]
                    values = [text if member == STR else int(text) for text in texts]
                    found += [partial(constant, value) for value in values]
                case _:
                    found += self.literals(member) + self.structures(member, scope, depth)
                    if isinstance(member, Nominal) and depth != Depth.PLAIN:
                        found += self.lookups(member, scope)
        for path in scope.fitting(of):
            fields = [step for step in path.steps if isinstance(step, str)]
            if not fields or fields[-1] == name:
                found.append(partial(path.write, self.choices))
        return self.choices.pick(found)()

    # Maps

    def maps(self, of: Type, scope: Scope) -> list[Option]:
        """The maps for the lists of a type, over each list in scope."""
        key = (of, "maps")
        if key not in scope.options:
            wanted = [member.element for member in members(of) if isinstance(member, ListOf)]
            scope.options[key] = [
                partial(self.map, path, inner, bodies)
                for element in wanted
                for path, inner in ((p, scope.inside(item)) for p, item in scope.lists)
                if (bodies := self.bodies(element, inner, scope.map_variable))
            ]
        return scope.options[key]

    def bodies(self, element: Type, inner: Scope, variable: str) -> list[Option]:
        """What a map computes for each element: a part of it, a text, or a lookup."""
        found: list[Option] = []
        parts = [path for path in inner.fitting(element) if path.name == variable]
        if parts:
            found.append(lambda: self.choices.pick(parts).write(self.choices))
        if is_subtype(STR, element) and inner.texts:
            found.append(partial(self.format, inner))
        tools = [t for t in self.reading() if is_subtype(t.result, element)]
        tools = [t for t in tools if self.callable(t, inner, Depth.SIMPLE)]
        if tools:
            found.append(lambda: self.call(self.choices.pick(tools), inner, Depth.SIMPLE))
        return found

    def map(self, path: Path, inner: Scope, bodies: Sequence[Option]) -> ast.Expression:
        body = self.choices.pick(bodies)()
        test = self.condition(inner) if self.choices.once_in(2) and inner.typed else None
        return ast.Map(NOWHERE, body, inner.newest, path.write(self.choices), test, NOWHERE)

    def condition(self, scope: Scope) -> ast.Expression:
        """A test for a conditional or map whose parts rely on nothing that it tells."""
        return condition(scope.typed, self.choices)


def _list_of_one(write: Option) -> ast.Expression:
    return ast.ListExpression(NOWHERE, (write(),))
