"""What nodes do to the world, and the order that it asks for.

A node follows the last write to each resource it touches, and a write also follows the reads since
then; edges that follow from these are left out. So the effect edges of a body follow from the order
in which its nodes stand, which is that of the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from operator import is_

from planc.ir import Body, Node
from planc.tools import ANY_RESOURCE, Tool

Effects = frozenset[tuple[str, bool]]
"""The resources that a node touches, each with whether it writes to it."""

NOTHING: Effects = frozenset()


def effects(node: Node, tools: Mapping[str, Tool]) -> Effects:
    """What a node does to the world, its bodies included. A tool that names no resource touches
    `ANY_RESOURCE`, which stands for all of them."""
    if node.op in ("call", "batch"):
        return tools[node.attribute[0]].touches
    if not node.bodies:
        return NOTHING
    return frozenset().union(
        *(effects(inner, tools) for body in node.bodies for inner in body.nodes)
    )


def writes(node: Node, tools: Mapping[str, Tool]) -> bool:
    """Whether a node changes the world, in its bodies too."""
    return any(writing for _, writing in effects(node, tools))


def observable(node: Node, tools: Mapping[str, Tool]) -> bool:
    """Whether a node, in its bodies too, does more than give its value: it writes, or shows."""
    if node.op in ("call", "batch"):
        tool = tools[node.attribute[0]]
        return tool.shows or tool.effect == "write"
    return any(observable(inner, tools) for body in node.bodies for inner in body.nodes)


def conflict(one: Effects, other: Effects) -> bool:
    """Whether the order of two nodes with these effects matters: both touch a resource, and one of
    them writes to it."""
    return any(
        (a_writes or b_writes) and (a == b or ANY_RESOURCE in (a, b))
        for a, a_writes in one
        for b, b_writes in other
    )


def version(tool: Tool, written: Mapping[str, int]) -> tuple[int, ...]:
    """What has been written of all that a tool touches, by how often each resource was: two calls
    that are the same see the same if their versions are."""
    touched = sorted({resource for resource, _ in tool.touches})
    if ANY_RESOURCE in touched:
        return (sum(written.values()),)
    return tuple(written.get(resource, 0) for resource in (*touched, ANY_RESOURCE))


def ordered(body: Body, tools: Mapping[str, Tool]) -> Body:
    """The body with the effect edges that its nodes' order asks for, also inside them; what
    effect edges they had does not matter."""
    last_write: dict[str, str] = {}
    reads: defaultdict[str, list[str]] = defaultdict(list)
    nodes: list[Node] = []
    for node in body.nodes:
        touched = effects(node, tools)
        if not (touched or node.bodies or node.after):
            nodes.append(node)
            continue
        inner = tuple(ordered(one, tools) for one in node.bodies)
        after: dict[str, None] = {}
        for resource, writes in sorted(touched):
            for other in _overlapping(resource, last_write, reads):
                if writes and reads.get(other):
                    after.update(dict.fromkeys(reads[other]))
                elif other in last_write:
                    after[last_write[other]] = None
        _record(node.id, touched, last_write, reads)
        kept = tuple(name for name in after if name not in node.uses)
        if kept != node.after or not all(map(is_, inner, node.bodies)):
            node = replace(node, bodies=inner, after=kept)
        nodes.append(node)
    same = all(map(is_, nodes, body.nodes))
    return body if same else replace(body, nodes=tuple(nodes))


def _overlapping(
    resource: str, last_write: Mapping[str, str], reads: Mapping[str, list[str]]
) -> list[str]:
    """The resources touched so far that are this one, or stand for it."""
    if resource == ANY_RESOURCE:
        return sorted({*last_write, *reads})
    return [name for name in (resource, ANY_RESOURCE) if name in last_write or name in reads]


def _record(
    name: str,
    touched: Effects,
    last_write: dict[str, str],
    reads: defaultdict[str, list[str]],
) -> None:
    for resource, writes in touched:
        if not writes:
            reads[resource].append(name)
        elif resource == ANY_RESOURCE:
            last_write.clear()
            reads.clear()
            last_write[ANY_RESOURCE] = name
        else:
            last_write[resource] = name
            reads[resource].clear()
