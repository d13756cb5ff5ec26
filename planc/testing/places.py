"""Where in a plan what may be changed: the calls, the arguments with the types that are asked
there, and the variables whose types are plain to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

from planc import syntax as ast
from planc.tools import Tool
from planc.types import ANY, DictOf, ListOf, Record, Type

N = TypeVar("N", bound=ast.Node)


@dataclass(frozen=True)
class Place:
    """An expression that stands where a type is asked, in the statement of this number."""

    statement: int
    node: ast.Expression
    type: Type


@dataclass(frozen=True)
class Call:
    """A call of a known tool, in the statement of this number."""

    statement: int
    node: ast.Call
    tool: Tool


@dataclass(frozen=True)
class Places:
    """What there is to change in a plan that is well typed for some tools."""

    plan: ast.Plan
    tools: Mapping[str, Tool]

    @cached_property
    def calls(self) -> list[Call]:
        return [
            Call(i, node, self.tools[node.tool])
            for i, statement in enumerate(self.plan.statements)
            for node in ast.walk(statement)
            if isinstance(node, ast.Call)
        ]

    @cached_property
    def asked(self) -> list[Place]:
        """The places that ask for one certain type, but not for `Any`."""
        return [
            place
            for call in self.calls
            for argument in call.node.arguments
            for place in _places(
                call.statement, argument.value, call.tool.by_name[argument.name].type
            )
            if place.type != ANY
        ]

    @cached_property
    def variables(self) -> dict[str, tuple[int, Type]]:
        """The variables that hold the result of a single call, with the statement that assigns
        them and their type."""
        return {
            statement.name: (i, self.tools[statement.value.tool].result)
            for i, statement in enumerate(self.plan.statements)
            if isinstance(statement, ast.Assignment) and isinstance(statement.value, ast.Call)
        }

    @cached_property
    def assigned(self) -> dict[str, int]:
        """Every variable with the statement that assigns it."""
        return {
            statement.name: i
            for i, statement in enumerate(self.plan.statements)
            if isinstance(statement, ast.Assignment)
        }

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name of a variable, also those of maps."""
        maps = (node.variable for node in ast.walk(self.plan) if isinstance(node, ast.Map))
        return frozenset([*self.assigned, *maps])

    @property
    def returned(self) -> bool:
        return any(isinstance(one, ast.Return) for one in self.plan.statements)

    def swapped(self, old: ast.Node, new: ast.Node) -> ast.Plan:
        """The plan with one node in place of another."""
        return _swapped(self.plan, old, new)

    def inserted(self, index: int, statement: ast.Statement) -> ast.Plan:
        statements = self.plan.statements
        return replace(self.plan, statements=(*statements[:index], statement, *statements[index:]))


def _places(statement: int, node: ast.Expression, of: Type) -> Iterator[Place]:
    """A place and those inside it; not those inside a union, where a change may choose another
    alternative."""
    yield Place(statement, node, of)
    match node, of:
        case ast.Conditional(then=then, otherwise=otherwise), _:
            yield from _places(statement, then, of)
            yield from _places(statement, otherwise, of)
        case ast.ListExpression(items=items), ListOf(element):
            for item in items:
                yield from _places(statement, item, element)
        case ast.Map(element=body), ListOf(element):
            yield from _places(statement, body, element)
        case ast.RecordExpression(entries=entries), DictOf(inner):
            for entry in entries:
                yield from _places(statement, entry.value, inner)
        case ast.RecordExpression(entries=entries), Record():
            for entry in entries:
                yield from _places(statement, entry.value, of.by_name[entry.key].type)


def _swapped(node: N, old: ast.Node, new: ast.Node) -> N:
    if node is old:
        return new  # type: ignore[return-value]
    changed: dict[str, Any] = {}
    for slot in fields(node):
        value = getattr(node, slot.name)
        if isinstance(value, ast.Node):
            other: Any = _swapped(value, old, new)
        elif isinstance(value, tuple):
            parts = [_swapped(v, old, new) if isinstance(v, ast.Node) else v for v in value]
            same = all(a is b for a, b in zip(parts, value, strict=True))
            other = value if same else tuple(parts)
        else:
            continue
        if other is not value:
            changed[slot.name] = other
    return replace(node, **changed) if changed else node
