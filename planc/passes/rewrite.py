"""What the passes have in common: values in place of others, and what is known of values.

A pass need not care for effect edges: `finished` draws them anew from the order in which the nodes
stand, which every pass keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import is_

from planc.effects import ordered
from planc.ir import Body, Graph, Node
from planc.tools import Tool
from planc.types import Type, is_dynamic

Names = dict[str, str]
"""The values that stand in place of others."""

_NONE: Mapping[str, str] = {}
_TOTAL = frozenset({"const", "list", "record"})  # a text can become too long


def finished(graph: Graph, body: Body, tools: Mapping[str, Tool], names: Names) -> Graph:
    """The graph with another body, in which some values stand in place of others; the graph itself
    if nothing is other than before."""
    if body is graph.body:
        return graph
    shown = tuple(dict.fromkeys(names.get(name, name) for name in graph.shown))
    return Graph(ordered(body, tools), shown)


def substituted(node: Node, names: Names) -> Node:
    """The node with the values that stand in place of its operands. Its bodies stay as they are."""
    if not names:
        return node
    operands = tuple(names.get(name, name) for name in node.operands)
    return node if operands == node.operands else replace(node, operands=operands)


def with_bodies(node: Node, visit: Callable[[Body], Body]) -> Node:
    """The node with what a pass makes of each of its bodies; itself if that is nothing new."""
    if not node.bodies:
        return node
    bodies = tuple(map(visit, node.bodies))
    return node if all(map(is_, bodies, node.bodies)) else replace(node, bodies=bodies)


def with_nodes(body: Body, nodes: Sequence[Node], names: Mapping[str, str] = _NONE) -> Body:
    """The body with other nodes, and a value in place of its result; itself if it has them."""
    result = names.get(body.result, body.result) if body.result else None
    same = len(nodes) == len(body.nodes) and all(map(is_, nodes, body.nodes))
    return (
        body if same and result == body.result else replace(body, nodes=tuple(nodes), result=result)
    )


def expanded(
    graph: Graph,
    tools: Mapping[str, Tool],
    op: str,
    made: Callable[[Node, Known], Sequence[Node]],
) -> Graph:
    """The graph with some nodes in place of each one of an operation, inner ones first."""
    if op not in graph.ops:
        return graph
    known = Known()

    def visit(body: Body) -> Body:
        known.enter(body)
        nodes: list[Node] = []
        for one in body.nodes:
            node = with_bodies(one, visit)
            for new in made(node, known) if node.op == op else (node,):
                known.add(new)
                nodes.append(new)
        return with_nodes(body, nodes)

    return finished(graph, visit(graph.body), tools, {})


def renamed(body: Body, names: Mapping[str, str]) -> Body:
    """The body with other names, also for what it defines."""
    return Body(
        tuple(
            replace(
                node,
                id=names.get(node.id, node.id),
                operands=tuple(names.get(name, name) for name in node.operands),
                after=tuple(names.get(name, name) for name in node.after),
                bodies=tuple(renamed(inner, names) for inner in node.bodies),
            )
            for node in body.nodes
        ),
        names.get(body.result, body.result) if body.result else None,
        tuple((names.get(name, name), of) for name, of in body.parameters),
    )


def defined(body: Body) -> Iterable[str]:
    """The names that a body defines, also inside its nodes."""
    yield from (name for name, _ in body.parameters)
    for node in body.nodes:
        yield node.id
        for inner in node.bodies:
            yield from defined(inner)


class Known:
    """The nodes that a pass has come by, by their names. A value is `total` if it cannot fail to
    be there, but for the memory it takes: a constant, a list or record of such values, or the
    parameter of a map's body."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self._total: set[str] = set()
        self._partial: dict[str, list[int]] = {}

    def enter(self, body: Body) -> None:
        """Takes note of the parameters of a body."""
        self._total.update(name for name, _ in body.parameters)

    def add(self, node: Node) -> None:
        self.nodes[node.id] = node
        partial = [i for i, name in enumerate(node.operands) if not self.total(name)]
        self._partial[node.id] = partial[:2]
        if node.op in _TOTAL and not partial:
            self._total.add(node.id)

    def fits(self, name: str, of: Type) -> bool:
        """Whether a value may stand in place of one of a type: where that leaves something to be
        checked when it arrives, it must be of the very type."""
        return not is_dynamic(of) or (name in self.nodes and self.nodes[name].type == of)

    def total(self, name: str) -> bool:
        return name in self._total

    def total_but_for(self, node: Node, at: int) -> bool:
        """Whether all operands of a node are total, or all but the one at a place."""
        return all(i == at for i in self._partial[node.id])
