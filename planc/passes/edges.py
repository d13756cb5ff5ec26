"""Effect edges reduced to the needed ones (transitive reduction: Aho, Garey and Ullman 1972).

Legal:
1. An effect edge is left out where other edges, of data or of effect, already lead from the one
   node to the other. To keep this linear, no more than `MOST` nodes are looked at for each edge.

It is the last pass: any other draws the edges anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from planc.ir import Body, Graph
from planc.passes.rewrite import with_bodies, with_nodes
from planc.tools import Tool
from planc.verify import reached

MOST = 64


def reduce_edges(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    def visit(body: Body) -> Body:
        place = {node.id: i for i, node in enumerate(body.nodes)}
        nodes = []
        for one in body.nodes:
            node = with_bodies(one, visit)
            before = (body.nodes[place[name]] for name in node.after)
            further = (name for other in before for name in (*other.uses, *other.after))
            limit = MOST * len(node.after)
            found = reached(body, place, set(node.after), (*node.uses, *further), limit)
            if found:
                kept = tuple(name for name in node.after if name not in found)
                node = replace(node, after=kept)
            nodes.append(node)
        return with_nodes(body, nodes)

    body = visit(graph.body)
    return graph if body is graph.body else Graph(body, graph.shown)
