"""The graph: a plan in static single assignment form, with effect edges.

A node is one operation on values that other nodes define. `call` runs a tool; `map` and `select`
hold bodies, which are graphs of their own and may use the values around them (like the regions
of MLIR's `scf` dialect, Lattner et al. 2021); everything else computes without effect. `after`
are the effect edges: nodes that must have ended before this one begins, though it uses no value
of theirs. Nodes stand in an order in which every use follows its definition.

    op      operands            attribute               bodies
    const                       the value
    call    arguments           (tool, argument names)
    batch   one argument of each    (tool, argument that differs,
            call, then the others   names of the others)
    list    elements
    record  values              keys
    format  values              texts, one more than values
    field   record              the field's name
    index   list or record, index
    unary   operand             `-` or `not`
    binary  left, right         the operator
    select  test                                        then, otherwise
    map     list                                        element, or condition and element
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from planc.source import Span
from planc.types import Type

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Node:
    """One operation; `id` is its value's name, unique in the whole graph. An `early` call is made
    before it is known whether its value is needed. `spans` are those of the calls of a batch, where
    they are known."""

    id: str
    op: str
    type: Type
    operands: tuple[str, ...] = ()
    attribute: Any = None
    bodies: tuple[Body, ...] = ()
    after: tuple[str, ...] = ()
    early: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)
    spans: tuple[Span | None, ...] = field(default=(), compare=False, repr=False)

    @property
    def origin(self) -> str:
        """The name of the node that this one is a copy of, for one iteration of a map: `v3` for
        `v3[1]`; else its own."""
        return self.id.partition("[")[0]

    @property
    def variable(self) -> str:
        """The variable whose value it is, where it is that of one (`planc.lower.value_name`)."""
        if not self.id.startswith("="):
            return self.id
        return self.id[1:].replace("%5B", "[").replace("%25", "%")

    @cached_property
    def captures(self) -> frozenset[str]:
        """The values from around that the bodies use."""
        if not self.bodies:
            return _NOTHING
        return frozenset().union(*(body.free for body in self.bodies))

    @cached_property
    def uses(self) -> frozenset[str]:
        """Every value that must be there before the node can begin."""
        return frozenset((*self.operands, *self.captures) if self.bodies else self.operands)


@dataclass(frozen=True)
class Body:
    """Nodes with the values they are given and the one they result in."""

    nodes: tuple[Node, ...]
    result: str | None
    parameters: tuple[tuple[str, Type], ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def free(self) -> frozenset[str]:
        """The values that are used here and defined outside."""
        defined = {name for name, _ in self.parameters} | self.by_id.keys()
        used = {name for node in self.nodes for name in node.uses}
        return frozenset((used | ({self.result} if self.result else set())) - defined)


@dataclass(frozen=True)
class Graph:
    """A whole plan: a body that is given nothing. `shown` are the values that a plan without a
    `return` is read for, those that no node uses; a pass keeps them as it keeps the result."""

    body: Body
    shown: tuple[str, ...] = ()

    @cached_property
    def ops(self) -> frozenset[str]:
        """The operations that there are."""
        return frozenset(node.op for node in self.walk())

    def walk(self) -> Iterator[Node]:
        """Every node, those in bodies after the node that holds them."""
        stack = list(reversed(self.body.nodes))
        while stack:
            node = stack.pop()
            yield node
            for body in reversed(node.bodies):
                stack.extend(reversed(body.nodes))


def origins(names: Iterable[str], needs: Mapping[str, Collection[str]]) -> set[str]:
    """Where some values come from in the end: those of `needs` come from others."""
    found: set[str] = set()
    seen: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in needs:
            stack += needs[name]
        else:
            found.add(name)
    return found
