"""The rules of a graph's form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from planc.diagnostics import IR_INVALID, Diagnostic, PlanError
from planc.effects import ordered
from planc.ir import Body, Graph, Node
from planc.operators import ARITHMETIC, EQUALITY, MEMBERSHIP, ORDERING
from planc.tools import Tool, batched_form
from planc.types import (
    DictOf,
    ListOf,
    Record,
    Type,
    base_of,
    is_subtype,
    members,
    type_of_constant,
    without_none,
)

_ATTRIBUTES = {
    "unary": frozenset({"-", "not"}),
    "binary": frozenset({*ARITHMETIC, *EQUALITY, *ORDERING, *MEMBERSHIP}),
}
_OPERANDS = {"const": 0, "field": 1, "index": 2, "unary": 1, "binary": 2, "select": 1, "map": 1}
_BODIES = {"select": (2,), "map": (1, 2)}
_Problem = tuple[Node | None, str]  # which node breaks a rule, and how
OPS = frozenset({*_OPERANDS, "call", "batch", "list", "record", "format"})


def verify(graph: Graph, tools: Mapping[str, Tool] | None = None) -> Graph:
    """The graph itself, if it keeps the rules of its form. Raises `PlanError` (E502).

    The rules: every name is defined once; a use follows its definition and lies in its scope;
    operations have the operands, attribute and bodies of the table in `planc.ir`; an effect edge
    joins two nodes of one body, so that there is no cycle. With the tools known: calls are those
    of a tool, with arguments and a result of its types; and what two nodes do to one resource is
    ordered, by edges of effect or of data, as the nodes are.
    """
    problems: list[_Problem] = []
    defined: set[str] = set()
    _verify_body(graph.body, set(), defined, problems)
    here = {node.id for node in graph.body.nodes}
    unknown = (name for name in graph.shown if name not in here)
    problems += [(None, f"%{name} is shown, and not defined") for name in unknown]
    if graph.body.parameters:
        problems.append((None, "the graph itself takes no parameters"))
    if tools is not None and not problems:
        problems += _verify_calls(graph, tools)
        problems += [] if problems else _verify_order(graph.body, tools)
    if problems:
        raise PlanError(
            [Diagnostic(IR_INVALID, text, node.span if node else None) for node, text in problems]
        )
    return graph


def _verify_body(
    body: Body, visible: set[str], defined: set[str], problems: list[_Problem]
) -> None:
    here: set[str] = set()
    added: set[str] = set()
    for name, _ in body.parameters:
        _define(name, None, defined, problems)
        added.add(name)
    visible |= added
    for node in body.nodes:
        problems += _verify_node(node)
        for name in node.operands:
            if name not in visible:
                text = f"%{node.id} uses %{name}, which is not defined before it"
                problems.append((node, text))
        for name in node.after:
            if name not in here:
                text = f"%{node.id} comes after %{name}, which is not before it here"
                problems.append((node, text))
        for inner in node.bodies:
            _verify_body(inner, visible, defined, problems)
        _define(node.id, node, defined, problems)
        visible.add(node.id)
        here.add(node.id)
    if body.result is not None and body.result not in visible:
        problems.append((None, f"the result %{body.result} is not defined"))
    visible -= added | here


def _define(name: str, node: Node | None, defined: set[str], problems: list[_Problem]) -> None:
    if name in defined:
        problems.append((node, f"%{name} is defined twice"))
    defined.add(name)


def _verify_node(node: Node) -> Iterator[_Problem]:
    if node.op not in OPS:
        yield node, f"%{node.id}: there is no operation `{node.op}`"
        return
    if node.op in _OPERANDS and len(node.operands) != _OPERANDS[node.op]:
        yield node, f"%{node.id}: `{node.op}` takes {_OPERANDS[node.op]} operands"
    if len(node.bodies) not in _BODIES.get(node.op, (0,)):
        yield node, f"%{node.id}: `{node.op}` cannot hold {len(node.bodies)} bodies"
    if node.op in _ATTRIBUTES and node.attribute not in _ATTRIBUTES[node.op]:
        yield node, f"%{node.id}: `{node.op}` knows no `{node.attribute}`"
    if node.op == "call" and len(node.attribute[1]) != len(node.operands):
        yield node, f"%{node.id}: a call names each of its arguments"
    if node.early and node.op != "call":
        yield node, f"%{node.id}: only a call can be early"
    if node.op == "batch" and len(node.attribute[2]) >= len(node.operands):
        yield node, f"%{node.id}: a batch has an argument for each of its calls"
    if node.op == "record" and len(node.attribute) != len(node.operands):
        yield node, f"%{node.id}: a record names each of its values"
    if node.op == "format" and len(node.attribute) != len(node.operands) + 1:
        yield node, f"%{node.id}: a format has one text more than values"
    if node.op == "const" and not is_subtype(type_of_constant(node.attribute), base_of(node.type)):
        yield node, f"%{node.id} is {node.attribute!r:.40}, which is no {node.type}"
    given = 1 if node.op == "map" else 0
    for body in node.bodies:
        if len(body.parameters) != given:
            yield node, f"%{node.id}: a body of `{node.op}` takes {given} parameters"
        if body.result is None:
            yield node, f"%{node.id}: a body of `{node.op}` has a result"


def _verify_calls(graph: Graph, tools: Mapping[str, Tool]) -> Iterator[_Problem]:
    nodes = {node.id: node for node in graph.walk()}
    for node in nodes.values():
        if node.op not in ("call", "batch"):
            continue
        name, *rest = node.attribute
        if name not in tools:
            yield node, f"%{node.id} calls `{name}`, which is no tool"
            continue
        tool = tools[name]
        if node.early and tool.effect == "write":
            yield node, f"%{node.id} writes, and must not be early"
        names: tuple[str, ...] = rest[0]
        result = tool.result
        if node.op == "batch":
            varying, shared = rest
            names = (*[varying] * (len(node.operands) - len(shared)), *shared)
            result = ListOf(result)
            if batched_form(tool, tools) is None:
                yield node, f"%{node.id} is a batch, and `{name}` has no batched form here"
        elif len(set(names)) < len(names):
            yield node, f"%{node.id} gives an argument twice"
        if not is_subtype(result, node.type):
            yield node, f"%{node.id} is a {node.type}, and `{name}` returns a {tool.result}"
        for absent in tool.required:
            if absent not in names:
                yield node, f"%{node.id} does not give `{absent}`"
        for argument, value in zip(names, node.operands, strict=True):
            if argument not in tool.by_name:
                yield node, f"%{node.id} gives `{argument}`, which `{name}` does not take"
            elif not _goes(value, tool.by_name[argument].type, nodes):
                wanted = tool.by_name[argument].type
                yield (
                    node,
                    f"%{node.id} gives a {nodes[value].type} as `{argument}`, which is a {wanted}",
                )


def _goes(name: str, wanted: Type, nodes: Mapping[str, Node]) -> bool:
    """Whether a value goes where a type is wanted: by its type, apart from None, of which a branch
    may know that it is not there, or by what it is made of. Parameters of maps always go."""
    node = nodes.get(name)
    if node is None:
        return True
    if node.op == "const":
        if node.attribute is None:
            return True
        constant = type_of_constant(node.attribute)
        return is_subtype(constant, wanted) or (
            is_subtype(node.type, wanted) and is_subtype(constant, base_of(node.type))
        )
    if node.type == wanted or is_subtype(without_none(node.type), wanted):
        return True
    if node.op == "select":
        return all(_goes(body.result or "", wanted, nodes) for body in node.bodies)
    return any(_parts_go(node, member, nodes) for member in members(wanted))


def _parts_go(node: Node, wanted: Type, nodes: Mapping[str, Node]) -> bool:
    if node.op == "map" and isinstance(wanted, ListOf):
        return _goes(node.bodies[-1].result or "", wanted.element, nodes)
    if node.op == "list" and isinstance(wanted, ListOf):
        return all(_goes(name, wanted.element, nodes) for name in node.operands)
    if node.op != "record":
        return False
    parts = dict(zip(node.attribute, node.operands, strict=True))
    if isinstance(wanted, DictOf):
        return all(_goes(name, wanted.value, nodes) for name in parts.values())
    return isinstance(wanted, Record) and all(
        _goes(parts[field.name], field.type, nodes) if field.name in parts else not field.required
        for field in wanted.fields
    )


def _verify_order(body: Body, tools: Mapping[str, Tool]) -> Iterator[_Problem]:
    wanted = ordered(body, tools)
    place = {node.id: i for i, node in enumerate(body.nodes)}
    for node, needed in zip(body.nodes, wanted.nodes, strict=True):
        found = reached(body, place, set(needed.after), (*node.uses, *node.after))
        for before in needed.after:
            if before not in found:
                yield node, f"%{node.id} must come after %{before}, since they touch one resource"
        for inner in node.bodies:
            yield from _verify_order(inner, tools)


def reached(
    body: Body,
    place: Mapping[str, int],
    wanted: Collection[str],
    start: Iterable[str],
    limit: int | None = None,
) -> set[str]:
    """Those of some values to which edges lead from others of the same body, or which are among
    these; its nodes stand at these places. With a limit no more nodes than that are looked at, and
    a path may be missed."""
    first = min((place[name] for name in wanted), default=0)
    found: set[str] = set()
    seen: set[str] = set()
    stack = list(start)
    while stack and len(found) < len(wanted):
        name = stack.pop()
        if name in seen or place.get(name, -1) < first:
            continue
        if limit is not None and len(seen) >= limit:
            break
        seen.add(name)
        if name in wanted:
            found.add(name)
        node = body.nodes[place[name]]
        stack += (*node.uses, *node.after)
    return found
