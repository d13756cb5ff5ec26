"""Constant folding and algebraic simplification.

Legal:
1. An operation on constants becomes the constant that the interpreter would compute, if it has one
   that a plan can hold; one that fails there is left to fail.
2. An element of a list or record that the plan puts together becomes the value put in, if none of
   the others could fail (else the use would go on where it would have been cancelled), and if its
   type is the same where that is checked when it arrives (`Any`).
3. `x + 0`, `x - 0`, `x * 1` with whole numbers and a whole number `x`, `x + ""` with a text, and
   `not not x` with a boolean become `x`. Not so for floats: `-0.0 + 0` is `0.0`.
4. A format of one text in no others becomes that text, and one puts constants among its texts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from planc.ir import Body, Graph, Node
from planc.passes.rewrite import Known, Names, finished, substituted, with_bodies, with_nodes
from planc.tools import Tool
from planc.types import BOOL, INT, STR
from planc.values import ValueProblem, as_text, compute

_LONGEST = 1000  # characters of a text that is worth writing into the graph
_COMPUTED = frozenset({"unary", "binary", "index", "field"})
_NEUTRAL: Mapping[tuple[Any, ...], Any] = {
    (INT, "+"): 0,
    (INT, "-"): 0,
    (INT, "*"): 1,
    (STR, "+"): "",
}


def fold(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
    names: Names = {}
    known = Known()

    def visit(body: Body) -> Body:
        known.enter(body)
        nodes = []
        for node in body.nodes:
            found = _folded(with_bodies(substituted(node, names), visit), known)
            if isinstance(found, str):
                names[node.id] = found
            else:
                known.add(found)
                nodes.append(found)
        return with_nodes(body, nodes, names)

    return finished(graph, visit(graph.body), tools, names)


def _folded(node: Node, known: Known) -> Node | str:
    """The node, one in its place, or the name of a value in its place."""
    operands = [known.nodes.get(name) for name in node.operands]
    constants = [one.attribute for one in operands if one is not None and one.op == "const"]
    if node.op in _COMPUTED and len(constants) == len(operands):
        return _constant(node, constants)
    match node.op:
        case "field":
            return _element(node, operands[0], node.attribute, known)
        case "index" if len(constants) and operands[1] is not None and operands[1].op == "const":
            return _element(node, operands[0], operands[1].attribute, known)
        case "binary" if len(constants) == 1 and operands[1] is not None:
            return _neutral(node, operands[0], operands[1])
        case "unary" if node.attribute == "not" and operands[0] is not None:
            inner = operands[0]
            if inner.op == "unary" and inner.attribute == "not":
                of = known.nodes.get(inner.operands[0])
                if of is not None and of.type == BOOL:
                    return of.id
        case "format":
            return _format(node, operands)
    return node


def _constant(node: Node, operands: list[Any]) -> Node:
    try:
        value = compute(node, operands)
    except ValueProblem:
        return node
    if isinstance(value, float) and not math.isfinite(value):
        return node
    if not isinstance(value, str | int | float | None) or len(str(value)) > _LONGEST:
        return node
    return replace(node, op="const", operands=(), attribute=value)


def _element(node: Node, whole: Node | None, key: Any, known: Known) -> Node | str:
    """What a list or record was given as an element."""
    if whole is None:
        return node
    if whole.op == "record" and key in whole.attribute:
        at = len(whole.attribute) - 1 - whole.attribute[::-1].index(key)  # the last one counts
    elif (
        whole.op == "list"
        and type(key) is int
        and -len(whole.operands) <= key < len(whole.operands)
    ):
        at = key % len(whole.operands)
    else:
        return node
    element = whole.operands[at]
    return element if known.total_but_for(whole, at) and known.fits(element, node.type) else node


def _neutral(node: Node, left: Node | None, right: Node) -> Node | str:
    if left is None or right.op != "const" or left.type != _constant_type(right):
        return node
    neutral = _NEUTRAL.get((left.type, node.attribute))
    same = type(neutral) is type(right.attribute) and neutral == right.attribute
    return left.id if neutral is not None and same else node


def _constant_type(constant: Node) -> Any:
    """The type of which a constant is, if it is one of those with a neutral element."""
    return {int: INT, str: STR}.get(type(constant.attribute))


def _format(node: Node, operands: list[Node | None]) -> Node | str:
    texts, values = [node.attribute[0]], []
    for name, operand, text in zip(node.operands, operands, node.attribute[1:], strict=True):
        constant = operand is not None and operand.op == "const"
        told = as_text(operand.attribute) if operand is not None and constant else ""
        if constant and len(texts[-1]) + len(told) + len(text) <= _LONGEST:
            texts[-1] += told + text
        else:
            values.append(name)
            texts.append(text)
    if not values:
        whole = texts[0]
        return (
            replace(node, op="const", operands=(), attribute=whole)
            if len(whole) <= _LONGEST
            else node
        )
    if texts == ["", ""]:
        only = operands[node.operands.index(values[0])]
        if only is not None and only.type == STR and only.op in ("format", "binary", "const"):
            return values[0]
    if len(values) == len(node.operands):
        return node
    return replace(node, operands=tuple(values), attribute=tuple(texts))
