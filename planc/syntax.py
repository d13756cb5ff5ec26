"""The abstract syntax of plans: frozen nodes, each with the span it was written at.

Two nodes are equal when they mean the same text: spans do not count, and `1`, `1.0` and `True`
are three different literals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache

from planc.source import Span

Constant = str | int | float | bool | None


@dataclass(frozen=True)
class Node:
    span: Span = field(compare=False, repr=False)


class Expression(Node):
    """What has a value."""


@dataclass(frozen=True)
class Literal(Expression):
    value: Constant
    kind: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", type(self.value).__name__)


@dataclass(frozen=True)
class Name(Expression):
    id: str


@dataclass(frozen=True)
class ListExpression(Expression):
    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Entry(Node):
    key: str
    value: Expression


@dataclass(frozen=True)
class RecordExpression(Expression):
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Argument(Node):
    """`name=value`; the span is the name's."""

    name: str
    value: Expression


@dataclass(frozen=True)
class Call(Expression):
    """A call of a tool; `tool_span` is the tool's name alone."""

    tool: str
    arguments: tuple[Argument, ...]
    tool_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Field(Expression):
    value: Expression
    name: str
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Index(Expression):
    value: Expression
    index: Expression


@dataclass(frozen=True)
class Format(Expression):
    """An f-string: text and holes in turn, at least one of them a hole."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True)
class Unary(Expression):
    """`-` or `not`."""

    operator: str
    operand: Expression


@dataclass(frozen=True)
class Binary(Expression):
    """Arithmetic, comparison, `in`, `not in`, `and` or `or`; the last two take their right side
    only when the left does not decide."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Conditional(Expression):
    """`then if test else otherwise`; the branch not taken runs nothing."""

    test: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True)
class Map(Expression):
    """`[element for variable in iterable if condition]`, for all elements at once."""

    element: Expression
    variable: str
    iterable: Expression
    condition: Expression | None
    variable_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Statement(Node):
    """One line. `leading` are the comment lines above it (`""` stands for an empty line) and
    `trailing` is the comment behind it."""

    leading: tuple[str, ...] = field(default=(), kw_only=True)
    trailing: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Assignment(Statement):
    name: str
    value: Expression
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Effect(Statement):
    """A bare expression, made for what its calls do."""

    value: Expression


@dataclass(frozen=True)
class Return(Statement):
    value: Expression


@dataclass(frozen=True)
class Plan(Node):
    """A whole text; `epilogue` are the comment lines after the last statement."""

    statements: tuple[Statement, ...]
    epilogue: tuple[str, ...] = ()


def children(node: Node) -> list[Node]:
    """The nodes right below a node, in the order of the text's fields."""
    found: list[Node] = []
    for slot in _slots(type(node)):  # type: ignore[arg-type]
        value = getattr(node, slot)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item for item in value if isinstance(item, Node)]
    return found


@cache
def _slots(kind: type[Node]) -> tuple[str, ...]:
    return tuple(slot.name for slot in fields(kind) if "Span" not in str(slot.type))


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, parents first."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack += children(top)[::-1]
