"""Literal deduplication: each constant once, before everything else.

Legal:
1. Constants of one type and value are one, wherever they stand: they are there before anything runs
   and cannot fail.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from planc.ir import Body, Graph, Node
from planc.passes.rewrite import Names, finished, substituted, with_bodies, with_nodes
from planc.tools import Tool


def share_literals(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    names: Names = {}
    first: dict[Hashable, Node] = {}

    def visit(body: Body) -> Body:
        nodes = []
        for one in body.nodes:
            if one.op == "const":
                value = one.attribute
                shared = first.setdefault((one.type, type(value), repr(value)), one)
                names[one.id] = shared.id
            else:
                nodes.append(with_bodies(substituted(one, names), visit))
        return with_nodes(body, nodes, names)

    body = visit(graph.body)
    body = with_nodes(graph.body, [*first.values(), *body.nodes], names)
    return finished(graph, body, tools, names)
