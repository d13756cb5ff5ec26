"""Early reads: what a branch would read is read before it is known which branch is taken.

Legal:
1. A call of a `read` or `pure` tool may stand before the select that holds it, if it uses nothing
   of the select's body, shows the user nothing, and nothing in the body before it writes to its
   resource.
2. It is marked: that it failed counts only where its value is used after all.

It is no part of the usual passes, since it reads what may not be needed: `planc run --early-reads`
says that this is welcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from planc.effects import Effects, conflict, effects, observable
from planc.ir import Graph, Node
from planc.passes.rewrite import expanded, with_nodes
from planc.tools import Tool


def read_early(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    return expanded(graph, tools, "select", lambda node, known: _apart(node, tools))


def _apart(node: Node, tools: Mapping[str, Tool]) -> list[Node]:
    """The calls that may be made before a select, with what they are given, and then it."""
    moved: list[Node] = []
    bodies = []
    for body in node.bodies:
        inside: set[str] = set()
        done: Effects = frozenset()
        kept = []
        for one in body.nodes:
            touched = effects(one, tools)
            call = one.op == "call" and not observable(one, tools) and not conflict(touched, done)
            if not (one.uses & inside) and (call or one.op == "const"):
                moved.append(replace(one, early=True) if call else one)
            else:
                inside.add(one.id)
                done |= touched
                kept.append(one)
        bodies.append(with_nodes(body, kept))
    return [*moved, replace(node, bodies=tuple(bodies))] if moved else [node]
