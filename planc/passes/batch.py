"""Batching: several calls of a tool become one of its batched form (`@tool(batch="get_many")`).

Legal:
1. The calls stand in one body, and all but one of their arguments are the same values. Neither the
   tool nor its batched form writes, and the tool shows nothing.
2. What the varying argument of each waits for is the same, so that no call waits longer than
   before, and it is there before the first of them, or is a constant.
3. Between the first and the last nothing writes to the tool's resource.

If the batched call fails, or does not answer for each, the calls are made one by one: those that
would have failed do so, and the others do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace

from planc.effects import effects, observable, version
from planc.ir import Body, Graph, Node, origins
from planc.passes.rewrite import finished, with_bodies, with_nodes
from planc.tools import Tool, batched_form
from planc.types import INT, ListOf


@dataclass
class _Group:
    """Calls that may become one: the place of the first, and all of them."""

    place: int
    calls: list[Node] = field(default_factory=list)


def batch(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    if not any(node.op == "call" and tools[node.attribute[0]].batch for node in graph.walk()):
        return graph

    def visit(body: Body) -> Body:
        nodes = [with_bodies(node, visit) for node in body.nodes]
        found = [group for group in _groups(nodes, tools) if len(group.calls) > 1]
        first = {group.place: group for group in found}
        gone = {call.id for group in found for call in group.calls}
        constants = {node.id: node for node in nodes if node.op == "const"}
        made: list[Node] = []
        for place, node in enumerate(nodes):
            if place in first:
                calls = first[place].calls
                early = dict.fromkeys(name for call in calls for name in call.operands)
                made += [constants.pop(name) for name in early if name in constants]
                made += _batched(calls, tools)
            if node.op == "const":
                made += [node] if constants.pop(node.id, None) else []
            elif node.id not in gone:
                made.append(node)
        return with_nodes(body, made)

    return finished(graph, visit(graph.body), tools, {})


def _groups(nodes: list[Node], tools: Mapping[str, Tool]) -> list[_Group]:
    place: dict[str, int] = {}
    needs: dict[str, Collection[str]] = {}  # for what calls nothing: what it comes from
    written: Counter[str] = Counter()
    groups: dict[Hashable, _Group] = {}
    closed: list[_Group] = []
    for i, node in enumerate(nodes):
        place[node.id] = i
        if node.op != "call" and not node.bodies:
            needs[node.id] = node.uses
        key = _key(node, needs, place, written, tools)
        if key is not None:
            group = groups.setdefault(key, _Group(i))
            late = (name for name in node.operands if place.get(name, -1) > group.place)
            if any(nodes[place[name]].op != "const" for name in late):
                closed.append(group)
                group = groups[key] = _Group(i)
            group.calls.append(node)
        for resource, writing in effects(node, tools):
            written[resource] += writing
    return [*closed, *groups.values()]


def _key(
    node: Node,
    needs: Mapping[str, Collection[str]],
    place: Mapping[str, int],
    written: Counter[str],
    tools: Mapping[str, Tool],
) -> Hashable | None:
    """What is the same for calls that may become one; None for what is batched with nothing."""
    if node.op != "call" or node.early or observable(node, tools):
        return None
    tool = tools[node.attribute[0]]
    form = batched_form(tool, tools)
    if form is None or form[1] not in node.attribute[1]:
        return None
    given = dict(zip(node.attribute[1], node.operands, strict=True))
    shared = tuple(sorted((name, value) for name, value in given.items() if name != form[1]))
    waits = frozenset(name for name in origins(node.uses, needs) if name in place)
    return tool.name, shared, waits, version(tool, written)


def _batched(calls: list[Node], tools: Mapping[str, Tool]) -> list[Node]:
    """One call for all, and its answers in place of theirs."""
    first = calls[0]
    name, names = first.attribute
    form = batched_form(tools[name], tools)
    assert form is not None
    shared = tuple(n for n in names if n != form[1])
    values = [call.operands[call.attribute[1].index(form[1])] for call in calls]
    values += [first.operands[names.index(n)] for n in shared]
    whole = replace(
        first,
        id=f"{first.id}.all",
        op="batch",
        type=ListOf(first.type),
        operands=tuple(values),
        attribute=(name, form[1], shared),
        spans=tuple(call.span for call in calls),
    )
    nodes = [whole]
    for i, call in enumerate(calls):
        at = Node(f"{call.id}.at", "const", INT, attribute=i)
        nodes.append(at)
        nodes.append(replace(call, op="index", operands=(whole.id, at.id), attribute=None))
    return nodes
