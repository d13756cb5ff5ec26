"""Dead-code elimination.

Legal:
1. A node whose value nothing uses is gone, if neither it nor a body of it writes, or shows
   something to the user.
2. What a plan without a `return` shows is used.
3. A write stays, whether its result is used or not, and what it uses stays with it.

A call that is gone cannot fail any more: what did not depend on it is as before.
"""

from __future__ import annotations

from collections.abc import Mapping

from planc.effects import observable
from planc.ir import Body, Graph, Node
from planc.passes.rewrite import finished, with_bodies, with_nodes
from planc.tools import Tool


def eliminate_dead_code(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    def alive(body: Body, wanted: set[str]) -> Body:
        if body.result is not None:
            wanted.add(body.result)
        kept: list[Node] = []
        for one in reversed(body.nodes):
            if one.id not in wanted and not observable(one, tools):
                continue
            node = with_bodies(one, lambda inner: alive(inner, set()))
            wanted |= node.uses
            kept.append(node)
        return with_nodes(body, kept[::-1])

    return finished(graph, alive(graph.body, set(graph.shown)), tools, {})
