"""Well-typed expressions of the whole language.

Where a place asks for a type, `value` pushes it inwards; under an operator, and for a variable,
the checker finds the type from the inside, and so do `inferred` and `free`, which tell it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from planc import syntax as ast
from planc.testing import constants
from planc.testing.expressions import Depth, Option
from planc.testing.nodes import NOWHERE, between_texts, binary, constant
from planc.testing.operators import OperatorWriter, Typed, widened
from planc.testing.scope import Path, Scope
from planc.tools import Parameter, Tool
from planc.types import (
    BOOL,
    FLOAT,
    INT,
    NONE,
    STR,
    ListOf,
    LiteralOf,
    Nominal,
    Record,
    RecordField,
    Type,
    is_subtype,
    members,
    union,
    without_none,
)


class WholeWriter(OperatorWriter):
    """Writes the expressions of one plan, with all that the language has."""

    def nominal(self, of: Nominal) -> list[Option]:
        sample = constants.spelt(of)
        given = [*self.copied.get(of, ()), *([sample] if sample is not None else [])]
        if not given:
            return []
        return [
            lambda: constant(self.choices.pick(given)),
            lambda: constant(constants.nominal(of, self.choices) or given[0]),
        ]

    def argument(self, parameter: Parameter, scope: Scope, depth: Depth) -> ast.Expression:
        absent = not parameter.required and is_subtype(NONE, parameter.type)
        if absent and self.choices.once_in(6):
            return constant(None)
        return super().argument(parameter, scope, depth)

    def given(self, parameters: tuple[Parameter, ...]) -> list[Parameter]:
        given = list(parameters)
        return self.choices.shuffled(given) if self.choices.once_in(4) else given

    # Where a type is asked

    def value(self, of: Type, scope: Scope, depth: Depth) -> ast.Expression:
        if self.spend():
            larger = self.larger(of, scope)
            if larger:
                return self.choices.pick(larger)()
        return super().value(of, scope, depth)

    def larger(self, of: Type, scope: Scope) -> list[Option]:
        """What the whole language adds in a place for a type."""
        found: list[Option] = []
        if self.can(of, scope, Depth.SIMPLE):
            found.append(lambda: self._choice(of, scope))
        for member in members(of):
            if isinstance(member, ListOf):
                found.append(lambda: ast.ListExpression(NOWHERE, ()))
                found += self._wider_maps(member.element, scope)
        typed = self.inferred(of, scope)
        return [*found, *(partial(_node_of, option) for option in typed)]

    def _choice(self, of: Type, scope: Scope) -> ast.Expression:
        test, then, otherwise = self.test(scope)
        first = self.value(of, then, Depth.SIMPLE)
        return ast.Conditional(NOWHERE, test, first, self.value(of, otherwise, Depth.SIMPLE))

    def _wider_maps(self, wanted: Type, scope: Scope) -> list[Option]:
        """Maps with any body, under any test."""
        lists = [(path, scope.inside(element)) for path, element in scope.lists]
        fitting = [one for one in lists if self.can(wanted, one[1], Depth.SIMPLE)]
        return [partial(self._wider_map, wanted, path, inner) for path, inner in fitting]

    def _wider_map(self, wanted: Type, path: Path, inner: Scope) -> ast.Expression:
        test, then, _ = self.test(inner)
        body = self.value(wanted, then, Depth.SIMPLE)
        tested = test if self.choices.once_in(2) or then is not inner else None
        iterable = path.write(self.choices)
        return ast.Map(NOWHERE, body, inner.newest, iterable, tested, NOWHERE)

    # Where the checker finds the type itself

    def inferred(self, of: Type, scope: Scope) -> list[Callable[[], Typed]]:
        """Expressions whose type, as the checker finds it, may stand where a type is asked."""
        found: list[Callable[[], Typed]] = [
            partial(self._called, tool, scope)
            for tool in self.tools.values()
            if is_subtype(tool.result, of) and self.callable(tool, scope, Depth.SIMPLE)
        ]
        numbers = [one for one in (INT, FLOAT) if is_subtype(one, of)]
        found += [partial(self.arithmetic, number, scope) for number in numbers]
        if is_subtype(STR, of):
            found += [partial(self.sum, scope), partial(self._format, scope)]
        if is_subtype(BOOL, of):
            found.append(partial(self.boolean, scope))
        lists = [member for member in members(of) if isinstance(member, ListOf)]
        found += [partial(self.joined, one.element, scope) for one in lists]
        for path in scope.optionals:
            if is_subtype(without_none(path.type), of):
                found += [partial(self._or, path, other) for other in scope.fitting(of)]
        return found

    def _called(self, tool: Tool, scope: Scope) -> Typed:
        return self.call(tool, scope, Depth.SIMPLE), tool.result

    def _or(self, path: Path, other: Path) -> Typed:
        of = union([without_none(path.type), other.type])
        return binary("or", path.write(self.choices), other.write(self.choices)), of

    def _format(self, scope: Scope) -> Typed:
        kinds = [self.choices.pick([STR, INT, FLOAT]) for _ in range(self.choices.count(1, 4))]
        holes = [self.operand(kind, scope)[0] for kind in kinds]
        return between_texts(holes, lambda: self.text(), self.choices), STR

    def text(self) -> str:
        return constants.text(self.choices, unprintable=True)

    def free(self, scope: Scope) -> Typed:
        """Any expression, with its type."""
        if self.spend():
            return self.choices.pick([self._list_of, self._record_of, self._either, self._mapped])(
                scope
            )
        calls = [t for t in self.tools.values() if self.callable(t, scope, Depth.VALUE)]
        forms = ["constant", *["path"] * bool(scope.paths), *["call"] * 2 * bool(calls)]
        match self.choices.pick([*forms, "number", "text", "boolean"]):
            case "path":
                path = self.choices.pick(scope.paths)
                return path.write(self.choices), path.type
            case "call":
                return self._called(self.choices.pick(calls), scope)
            case "number":
                return self.arithmetic(self.choices.pick([INT, FLOAT]), scope)
            case "text":
                return self.choices.pick([self.sum, self._format])(scope)
            case "boolean":
                return self.boolean(scope)
        return self._constant()

    def _constant(self) -> Typed:
        values: list[ast.Constant] = [self.text(), constants.integer(self.choices), 2.5, True, None]
        value = self.choices.pick([*values, "2026-11-24", "sid@example.org", 1e-7])
        return ast.Literal(NOWHERE, value), NONE if value is None else LiteralOf((value,))

    def _list_of(self, scope: Scope) -> Typed:
        items = [self.free(scope) for _ in range(self.choices.below(4))]
        of = ListOf(union(widened(kind) for _, kind in items))
        return ast.ListExpression(NOWHERE, tuple(node for node, _ in items)), of

    def _record_of(self, scope: Scope) -> Typed:
        keys = dict.fromkeys(constants.key(self.choices) for _ in range(self.choices.below(4)))
        values = {key: self.free(scope) for key in keys}
        entries = tuple(ast.Entry(NOWHERE, key, node) for key, (node, _) in values.items())
        fields = tuple(RecordField(key, widened(of)) for key, (_, of) in values.items())
        return ast.RecordExpression(NOWHERE, entries), Record(fields)

    def _either(self, scope: Scope) -> Typed:
        test, then, otherwise = self.test(scope)
        (first, one), (second, other) = self.free(then), self.free(otherwise)
        return ast.Conditional(NOWHERE, test, first, second), union([one, other])

    def _mapped(self, scope: Scope) -> Typed:
        if not scope.lists:
            return self._list_of(scope)
        path, element = self.choices.pick(scope.lists)
        inner = scope.inside(element)
        test, then, _ = self.test(inner)
        body, of = self.free(then)
        iterable = path.write(self.choices)
        return ast.Map(NOWHERE, body, inner.newest, iterable, test, NOWHERE), ListOf(widened(of))


def _node_of(option: Callable[[], Typed]) -> ast.Expression:
    return option()[0]
