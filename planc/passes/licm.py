"""Loop-invariant code motion: out of the bodies of maps.

Legal:
1. What cannot fail and uses nothing of the body (constants and what is put together of them) may
   stand before the map.
2. A call of a `pure` tool, or of a `read` tool to whose resource the map writes nothing, may stand
   there too, as may any other operation, if the body would run at least once: the map is over a
   list that the plan puts together of at least one element, and the node stands in the condition
   or, where there is none, in the element's body. Else it would do what might never have been done.
3. A write stays where it is, and so does a call that shows something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from planc.effects import Effects, conflict, effects, observable
from planc.ir import Body, Graph, Node
from planc.passes.rewrite import Known, expanded, with_nodes
from planc.tools import Tool


def move_invariants(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    return expanded(graph, tools, "map", lambda node, known: _apart(node, known, tools))


def _apart(node: Node, known: Known, tools: Mapping[str, Tool]) -> list[Node]:
    """The nodes that may stand before a map, and then the map without them."""
    over = known.nodes.get(node.operands[0])
    runs = over is not None and over.op == "list" and bool(over.operands)
    done = effects(node, tools)
    moved: list[Node] = []
    bodies: list[Body] = []
    for at, body in enumerate(node.bodies):
        inside = {name for name, _ in body.parameters}
        kept = []
        for one in body.nodes:
            free = not (one.uses & inside)
            once = runs and at == 0 and _movable(one, done, tools)
            if free and (known.total(one.id) or once):
                moved.append(one)
            else:
                inside.add(one.id)
                kept.append(one)
        bodies.append(with_nodes(body, kept))
    return [*moved, replace(node, bodies=tuple(bodies))] if moved else [node]


def _movable(node: Node, done: Effects, tools: Mapping[str, Tool]) -> bool:
    """Whether a node may be done before what its map does."""
    return not observable(node, tools) and not conflict(effects(node, tools), done)
