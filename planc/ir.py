"""The graph: a plan in static single assignment form, with effect edges.

A node is one operation on values that other nodes define. `call` runs a tool; `map` and `select`
hold bodies, which are graphs of their own and may use the values around them (like the regions
of MLIR's `scf` dialect, Lattner et al. 2021); everything else computes without effect. `after`
are the effect edges: nodes that must have ended before this one begins, though it uses no value
of theirs. Nodes stand in an order in which every use follows its definition.

    op      operands            attribute               bodies
    const                       the value
    call    arguments           (tool, argument names)
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

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from planc.diagnostics import IR_INVALID, Diagnostic, PlanError
from planc.operators import ARITHMETIC, EQUALITY, MEMBERSHIP, ORDERING
from planc.source import Span
from planc.tools import Tool
from planc.types import Type

ANY_RESOURCE = "*"


@dataclass(frozen=True)
class Node:
    """One operation; `id` is its value's name, unique in the whole graph."""

    id: str
    op: str
    type: Type
    operands: tuple[str, ...] = ()
    attribute: Any = None
    bodies: tuple[Body, ...] = ()
    after: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)

    @cached_property
    def captures(self) -> frozenset[str]:
        """The values from around that the bodies use."""
        return frozenset().union(*(body.free for body in self.bodies))

    @cached_property
    def uses(self) -> frozenset[str]:
        """Every value that must be there before the node can begin."""
        return frozenset(self.operands) | self.captures


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
    """A whole plan: a body that is given nothing."""

    body: Body

    def walk(self) -> Iterator[Node]:
        """Every node, those in bodies after the node that holds them."""
        stack = list(reversed(self.body.nodes))
        while stack:
            node = stack.pop()
            yield node
            for body in reversed(node.bodies):
                stack.extend(reversed(body.nodes))


Effects = frozenset[tuple[str, bool]]
"""The resources that a node touches, each with whether it writes to it."""


def effects(node: Node, tools: Mapping[str, Tool]) -> Effects:
    """What a node does to the world, its bodies included. A tool that names no resource touches
    `ANY_RESOURCE`, which stands for all of them."""
    if node.op == "call":
        tool = tools[node.attribute[0]]
        if tool.effect == "pure":
            return frozenset()
        return frozenset({(tool.resource or ANY_RESOURCE, tool.effect == "write")})
    return frozenset().union(
        *(effects(inner, tools) for body in node.bodies for inner in body.nodes)
    )


_ATTRIBUTES = {
    "unary": frozenset({"-", "not"}),
    "binary": frozenset({*ARITHMETIC, *EQUALITY, *ORDERING, *MEMBERSHIP}),
}
_OPERANDS = {"const": 0, "field": 1, "index": 2, "unary": 1, "binary": 2, "select": 1, "map": 1}
_BODIES = {"select": (2,), "map": (1, 2)}
OPS = frozenset({*_OPERANDS, "call", "list", "record", "format"})


def verify(graph: Graph) -> Graph:
    """The graph itself, if it keeps the rules of its form. Raises `PlanError` (E502).

    The rules: every name is defined once; a use follows its definition and lies in its scope;
    operations have the operands, attribute and bodies of the table above; an effect edge joins
    two nodes of one body.
    """
    problems: list[str] = []
    defined: set[str] = set()
    _verify_body(graph.body, set(), defined, problems)
    if graph.body.parameters:
        problems.append("the graph itself takes no parameters")
    if problems:
        raise PlanError([Diagnostic(IR_INVALID, problem) for problem in problems])
    return graph


def _verify_body(body: Body, visible: set[str], defined: set[str], problems: list[str]) -> None:
    here: set[str] = set()
    added: set[str] = set()
    for name, _ in body.parameters:
        _define(name, defined, problems)
        added.add(name)
    visible |= added
    for node in body.nodes:
        problems += _verify_node(node)
        for name in node.operands:
            if name not in visible:
                problems.append(f"%{node.id} uses %{name}, which is not defined before it")
        for name in node.after:
            if name not in here:
                problems.append(f"%{node.id} comes after %{name}, which is not before it here")
        for inner in node.bodies:
            _verify_body(inner, visible, defined, problems)
        _define(node.id, defined, problems)
        visible.add(node.id)
        here.add(node.id)
    if body.result is not None and body.result not in visible:
        problems.append(f"the result %{body.result} is not defined")
    visible -= added | here


def _define(name: str, defined: set[str], problems: list[str]) -> None:
    if name in defined:
        problems.append(f"%{name} is defined twice")
    defined.add(name)


def _verify_node(node: Node) -> Iterator[str]:
    if node.op not in OPS:
        yield f"%{node.id}: there is no operation `{node.op}`"
        return
    if node.op in _OPERANDS and len(node.operands) != _OPERANDS[node.op]:
        yield f"%{node.id}: `{node.op}` takes {_OPERANDS[node.op]} operands"
    if len(node.bodies) not in _BODIES.get(node.op, (0,)):
        yield f"%{node.id}: `{node.op}` cannot hold {len(node.bodies)} bodies"
    if node.op in _ATTRIBUTES and node.attribute not in _ATTRIBUTES[node.op]:
        yield f"%{node.id}: `{node.op}` knows no `{node.attribute}`"
    if node.op == "call" and len(node.attribute[1]) != len(node.operands):
        yield f"%{node.id}: a call names each of its arguments"
    if node.op == "record" and len(node.attribute) != len(node.operands):
        yield f"%{node.id}: a record names each of its values"
    if node.op == "format" and len(node.attribute) != len(node.operands) + 1:
        yield f"%{node.id}: a format has one text more than values"
    given = 1 if node.op == "map" else 0
    for body in node.bodies:
        if len(body.parameters) != given:
            yield f"%{node.id}: a body of `{node.op}` takes {given} parameters"
        if body.result is None:
            yield f"%{node.id}: a body of `{node.op}` has a result"
