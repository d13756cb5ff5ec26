"""Common-subexpression elimination by value numbering (Cocke 1970).

Legal:
1. Two operations without effect on the same values are one, where the first is in scope.
2. Two calls of a `pure` tool with the same arguments are one.
3. Two calls of a `read` tool with the same arguments are one if nothing between them writes to its
   resource; in a map's body every write of the body counts as between, since the body runs again.
4. A write is never one with another, nor is a call that shows something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping

from planc.effects import effects, observable, version
from planc.ir import Body, Graph, Node
from planc.passes.rewrite import Names, finished, substituted, with_bodies, with_nodes
from planc.tools import Tool

Key = tuple[Hashable, ...]


def eliminate_common_subexpressions(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    numbering = _Numbering(tools)
    return finished(graph, numbering.body(graph.body), tools, numbering.names)


class _Numbering:
    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self.tools = tools
        self.names: Names = {}
        self.available: dict[Key, str] = {}
        self.written: Counter[str] = Counter()  # how often each resource was written to so far

    def body(self, body: Body) -> Body:
        """The body without what it computes again. What it makes available is so inside alone."""
        added: list[Key] = []
        nodes = []
        for one in body.nodes:
            node = substituted(one, self.names)
            key = self.key(node)
            if key is not None and key in self.available:
                self.names[node.id] = self.available[key]
                continue
            node = self.inside(node)
            if key is not None:
                self.available[key] = node.id
                added.append(key)
            self.write(node)
            nodes.append(node)
        for key in added:
            del self.available[key]
        return with_nodes(body, nodes, self.names)

    def inside(self, node: Node) -> Node:
        if not node.bodies:
            return node
        if node.op == "map":
            self.write(node)
        before = self.written

        def visit(inner: Body) -> Body:
            self.written = before.copy()
            return self.body(inner)

        node = with_bodies(node, visit)
        self.written = before
        return node

    def write(self, node: Node) -> None:
        for resource, writing in effects(node, self.tools):
            if writing:
                self.written[resource] += 1

    def key(self, node: Node) -> Key | None:
        """What is the same for nodes with the same value; None for those that nothing equals."""
        if node.bodies or node.op == "batch":
            return None
        attribute = node.attribute
        if node.op == "const":
            attribute = (type(attribute), repr(attribute))
        key: Key = (node.op, node.type, node.operands, attribute)
        if node.op != "call":
            return key
        tool = self.tools[node.attribute[0]]
        if observable(node, self.tools):
            return None
        if tool.effect == "pure":
            return key
        return (*key, version(tool, self.written))
