"""Unrolling of maps over lists that the plan puts together.

Legal:
1. The map has no condition, and its list's elements are there for certain: unrolled, an iteration
   would go on where a missing element of another would have cancelled the whole map.
2. Elements whose type is checked when they arrive (`Any`) are of the type that the body knows.
3. It has at most `MOST` iterations, and makes no more than `MOST_NODES` nodes.

The copies stand in the order of the iterations, and so do their writes. Their names are those that
the events of the iterations have: `v3[1]`. (Inside a map that stays one, the events of a copy have
the iteration of that map last: `v3[1][0]`.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from planc.ir import Graph, Node
from planc.passes.rewrite import Known, defined, expanded, renamed
from planc.tools import Tool

MOST = 16
MOST_NODES = 256


def unroll_maps(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    return expanded(graph, tools, "map", _unrolled)


def _unrolled(node: Node, known: Known) -> list[Node]:
    over = known.nodes.get(node.operands[0])
    if over is None or over.op != "list" or len(node.bodies) > 1:
        return [node]
    (body,) = node.bodies
    inside = list(defined(body))
    many = len(over.operands) > MOST or len(over.operands) * len(inside) > MOST_NODES
    parameter, of = body.parameters[0]
    if many or not all(known.total(one) and known.fits(one, of) for one in over.operands):
        return [node]
    nodes: list[Node] = []
    results = []
    for i, element in enumerate(over.operands):
        copied = {name: _copied(name, i) for name in inside}
        copied[parameter] = element
        copy = renamed(body, copied)
        assert copy.result is not None
        nodes += copy.nodes
        results.append(copy.result)
    made = replace(node, op="list", operands=tuple(results), attribute=None, bodies=())
    return [*nodes, made]


def _copied(name: str, iteration: int) -> str:
    """The name of a copy; those of inner maps, which are unrolled first, have their iteration
    behind it."""
    origin, bracket, inner = name.partition("[")
    return f"{origin}[{iteration}]{bracket}{inner}"
