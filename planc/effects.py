"""What nodes do to the world, and the order that it asks for.

A node follows the last write to each resource it touches, and a write also follows the reads since
then; edges that follow from these are left out. So the effect edges of a body follow from the order
in which its nodes stand, which is that of the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
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
    seen = _Seen()
    nodes: list[Node] = []
    for node in body.nodes:
        touched = effects(node, tools)
        if not (touched or node.bodies or node.after):
            nodes.append(node)
            continue
        inner = tuple(ordered(one, tools) for one in node.bodies)
        after: dict[str, None] = {}
        for resource, writes in sorted(touched):
            after.update(dict.fromkeys(seen.before(resource, writes)))
        seen.add(node.id, touched)
        kept = tuple(name for name in after if name not in node.uses)
        if kept != node.after or not all(map(is_, inner, node.bodies)):
            node = replace(node, bodies=inner, after=kept)
        nodes.append(node)
    same = all(map(is_, nodes, body.nodes))
    return body if same else replace(body, nodes=tuple(nodes))


class _Seen:
    """What the nodes so far have done: the last write to each resource, and the reads since then.
    `followed` is how many of the reads of no resource, thus of all, the last write to a resource
    follows, which what follows that write need not follow again."""

    def __init__(self) -> None:
        self.last_write: dict[str, str] = {}
        self.reads: defaultdict[str, list[str]] = defaultdict(list)
        self.followed: dict[str, int] = {}

    def before(self, resource: str, writes: bool) -> Iterator[str]:
        """What a node that touches a resource has to follow."""
        if resource == ANY_RESOURCE:
            overlapping = sorted({*self.last_write, *self.reads})
        else:
            overlapping = [resource, ANY_RESOURCE]
        for other in overlapping:
            begin = self.followed.get(resource, 0) if other == ANY_RESOURCE else 0
            reads = self.reads[other][begin:] if writes and other in self.reads else []
            if reads:
                yield from reads
            elif other in self.last_write:
                yield self.last_write[other]

    def add(self, name: str, touched: Effects) -> None:
        for resource, writes in touched:
            if not writes:
                self.reads[resource].append(name)
            elif resource == ANY_RESOURCE:
                self.last_write = {ANY_RESOURCE: name}
                self.reads.clear()
                self.followed.clear()
            else:
                self.last_write[resource] = name
                self.reads[resource].clear()
                self.followed[resource] = len(self.reads[ANY_RESOURCE])
