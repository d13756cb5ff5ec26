"""Selects whose outcome is known.

Legal, where the value in place of a select is of its type, if that is one that is checked when a
value arrives (`Any`):
1. With a constant test, the nodes of the body that is taken stand in place of the select, and the
   other body is gone: it would never have run.
2. With two bodies that hold nothing and result in one value, the select is that value, if the test
   cannot fail.
3. With a boolean test, and True and False as results, it is the test, if it is a boolean itself
   and no enumeration of the two.
4. With `not x` as its test, it is the select of `x` with its bodies exchanged: both go by the truth
   of `x`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from planc.ir import Body, Graph, Node
from planc.passes.rewrite import Known, Names, finished, substituted, with_bodies, with_nodes
from planc.tools import Tool
from planc.types import BOOL


def simplify_selects(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    if "select" not in graph.ops:
        return graph
    names: Names = {}
    known = Known()

    def visit(body: Body) -> Body:
        known.enter(body)
        nodes: list[Node] = []
        for one in body.nodes:
            node = _positive(substituted(one, names), known)
            node = with_bodies(node, visit)
            found = _outcome(node, known)
            if found is None:
                known.add(node)
                nodes.append(node)
                continue
            taken, value = found
            nodes += taken
            names[node.id] = names.get(value, value)
        return with_nodes(body, nodes, names)

    return finished(graph, visit(graph.body), tools, names)


def _positive(node: Node, known: Known) -> Node:
    """The select without `not` before its test."""
    while node.op == "select":
        test = known.nodes.get(node.operands[0])
        if test is None or test.op != "unary" or test.attribute != "not":
            break
        then, otherwise = node.bodies
        node = replace(node, operands=test.operands, bodies=(otherwise, then))
    return node


def _outcome(node: Node, known: Known) -> tuple[tuple[Node, ...], str] | None:
    """The nodes in place of a select and the value that it has; None where it stays."""
    if node.op != "select":
        return None
    test = known.nodes.get(node.operands[0])
    then, otherwise = node.bodies
    assert then.result is not None and otherwise.result is not None
    if test is not None and test.op == "const":
        taken = then if test.attribute else otherwise
        assert taken.result is not None
        return (taken.nodes, taken.result) if known.fits(taken.result, node.type) else None
    if then.nodes or otherwise.nodes:
        boolean = test is not None and test.type == node.type == BOOL
        if boolean and _is(then, True) and _is(otherwise, False):
            return (), node.operands[0]
        return None
    same = then.result == otherwise.result and known.fits(then.result, node.type)
    if same and known.total(node.operands[0]):
        return (), then.result
    return None


def _is(body: Body, value: bool) -> bool:
    """Whether a body holds nothing but True, or False (which `1` and `0` equal)."""
    return (
        len(body.nodes) == 1
        and body.result == body.nodes[0].id
        and (body.nodes[0].op == "const" and body.nodes[0].attribute is value)
    )
