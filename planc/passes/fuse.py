"""Map fusion: a map over the result of a map becomes one map.

Legal:
1. Nothing else uses the inner map's result, and neither map has a condition.
2. The outer map writes nothing: unfused, it does nothing at all when an iteration of the inner one
   fails.
3. The order of what the two maps do does not matter: unfused, all of the inner one comes first.
   Nor does it matter whether the inner one comes before or after what stands between the two.
4. The outer map's element cannot be had without the inner one's. Else what follows would be done
   though an iteration of the inner map failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from planc.effects import Effects, conflict, effects, writes
from planc.ir import Body, Graph, Node
from planc.passes.rewrite import finished, renamed, with_bodies, with_nodes
from planc.tools import Tool


def fuse_maps(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    if "map" not in graph.ops:
        return graph
    uses = Counter(graph.shown)
    for node in graph.walk():
        uses.update(node.operands)
        uses.update(body.result for body in node.bodies if body.result)
    if graph.body.result is not None:
        uses[graph.body.result] += 1

    def visit(body: Body) -> Body:
        maps: dict[str, int] = {}
        latest: dict[tuple[str, bool], int] = {}  # by what is done to a resource: the last place
        gone: set[str] = set()
        nodes: list[Node] = []
        for one in body.nodes:
            node = with_bodies(one, visit)
            at = maps.get(node.operands[0]) if node.op == "map" else None
            if at is not None and uses[nodes[at].id] == 1:
                since = frozenset(effect for effect, place in latest.items() if place > at)
                if _may_fuse(nodes[at], since, node, tools):
                    gone.add(nodes[at].id)
                    node = _fused(nodes[at], node)
            if node.op == "map":
                maps[node.id] = len(nodes)
            latest |= dict.fromkeys(effects(node, tools), len(nodes))
            nodes.append(node)
        return with_nodes(body, [node for node in nodes if node.id not in gone])

    return finished(graph, visit(graph.body), tools, {})


def _may_fuse(inner: Node, since: Effects, outer: Node, tools: Mapping[str, Tool]) -> bool:
    """Whether a map may be fused with one before it, since which this has been done."""
    if len(inner.bodies) > 1 or len(outer.bodies) > 1 or writes(outer, tools):
        return False
    if not _needs_parameter(outer.bodies[0]):
        return False
    done = effects(inner, tools)
    return not conflict(done, since | effects(outer, tools))


def _needs_parameter(body: Body) -> bool:
    """Whether the body's result fails whenever its first parameter does: it is reached by operands
    alone, not from inside a branch or the body of a map."""
    needed = {body.result}
    for node in reversed(body.nodes):
        if node.id in needed:
            needed.update(node.operands)
    return body.parameters[0][0] in needed


def _fused(inner: Node, outer: Node) -> Node:
    """The outer map over what the inner one is over: each iteration does the inner's first."""
    (first,), (then,) = inner.bodies, outer.bodies
    assert first.result is not None
    (parameter, _), *_ = then.parameters
    then = renamed(then, {parameter: first.result})
    body = Body(first.nodes + then.nodes, then.result, first.parameters)
    return replace(outer, operands=inner.operands, bodies=(body,))
