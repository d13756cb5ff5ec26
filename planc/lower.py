"""Checked plan to graph.

Names become values: a variable's node carries its name, other nodes a number. `and`, `or` and
conditionals become `select`, whose bodies hold what must not run unless taken. Then every body
gets its effect edges.
"""

from __future__ import annotations

import re

from planc import syntax as ast
from planc.check import CheckedPlan
from planc.effects import ordered
from planc.ir import Body, Graph, Node
from planc.source import Span
from planc.types import ANY, BOOL, NONE, STR, Record, Type, element_of, members
from planc.uncollected import uncollected
from planc.verify import verify

_WORD = re.compile(r"[^\W\d]\w*")


@uncollected()
def lower(checked: CheckedPlan) -> Graph:
    """The graph of a plan, verified."""
    lowering = _Lowering(checked)
    result: str | None = None
    values: list[str] = []
    for statement in checked.plan.statements:
        match statement:
            case ast.Assignment(name=name, value=value):
                lowering.names[name] = lowering.value(value, value_name(name))
                values.append(lowering.names[name])
            case ast.Effect(value=value):
                values.append(lowering.value(value))
            case ast.Return(value=value):
                result = lowering.value(value)
    body = Body(tuple(lowering.nodes), result)
    used = {name for node in body.nodes for name in node.uses}
    shown = tuple(dict.fromkeys(v for v in values if v not in used)) if result is None else ()
    return verify(Graph(ordered(body, checked.tools), shown), checked.tools)


def value_name(variable: str) -> str:
    """The id of a variable's value. That of a name which is no plain word has a mark in front, so
    that it is none of those that the compiler makes up, such as `12`, `x.3` and `v2[0]`, and no
    bracket, behind which such an id has the number of an iteration."""
    if _WORD.fullmatch(variable):
        return variable
    return "=" + variable.replace("%", "%25").replace("[", "%5B")


def _may_lack(of: Type, name: str) -> bool:
    """Whether a record may be without a field whose type does not tell that, since it is any."""
    records = (one for one in members(of) if isinstance(one, Record))
    fields = (one.by_name[name] for one in records if name in one.by_name)
    return any(not field.required and field.type == ANY for field in fields)


class _Lowering:
    def __init__(self, checked: CheckedPlan) -> None:
        self.checked = checked
        self.names: dict[str, str] = {}
        self.nodes: list[Node] = []
        self.taken = {
            *checked.variables,
            *(n.variable for n in ast.walk(checked.plan) if isinstance(n, ast.Map)),
        }
        self.calls = 0
        self.number = 0  # of the last call that no variable names
        self.count = 0

    def fresh(self, op: str) -> str:
        """The id of a node that no variable names: calls are counted apart (`v2` is the second
        call of the plan, as in `planc.report.calls`), other nodes have a number."""
        if op == "call":
            self.number = max(self.calls, self.number + 1)
            while f"v{self.number}" in self.taken:
                self.number += 1
            return f"v{self.number}"
        self.count += 1
        return str(self.count)

    def emit(
        self,
        op: str,
        of: Type,
        span: Span,
        operands: tuple[str, ...] = (),
        attribute: object = None,
        bodies: tuple[Body, ...] = (),
        name: str | None = None,
    ) -> str:
        self.calls += op == "call"
        node_id = name or self.fresh(op)
        self.nodes.append(Node(node_id, op, of, operands, attribute, bodies, span=span))
        return node_id

    def value(self, node: ast.Expression, name: str | None = None) -> str:
        """The id of the node that computes an expression."""
        of, span = self.checked.type_of(node), node.span

        def emit(
            op: str,
            *operands: str,
            attribute: object = None,
            bodies: tuple[Body, ...] = (),
        ) -> str:
            return self.emit(op, of, span, operands, attribute, bodies, name)

        match node:
            case ast.Literal(value=constant):
                return emit("const", attribute=constant)
            case ast.Name(id=variable):
                return self.names[variable]
            case ast.ListExpression(items=items):
                return emit("list", *map(self.value, items))
            case ast.RecordExpression(entries=entries):
                keys = tuple(entry.key for entry in entries)
                return emit("record", *(self.value(e.value) for e in entries), attribute=keys)
            case ast.Call(tool=tool, arguments=arguments):
                names = tuple(argument.name for argument in arguments)
                values = [self.value(argument.value) for argument in arguments]
                return emit("call", *values, attribute=(tool, names))
            case (
                ast.Field(value=value, name=key)
                | ast.Index(value=value, index=ast.Literal(value=str() as key))
            ) if isinstance(node, ast.Field) or self.is_record(value):
                whole = self.value(value)
                if not _may_lack(self.checked.type_of(value), key):
                    return emit("field", whole, attribute=key)
                named = self.emit("const", STR, span, attribute=key)
                test = self.emit("binary", BOOL, span, (named, whole), "in")
                there = Node(self.fresh("field"), "field", of, (whole,), key, span=span)
                absent = Node(self.fresh("const"), "const", NONE, span=span)
                bodies = (Body((there,), there.id), Body((absent,), absent.id))
                return emit("select", test, bodies=bodies)
            case ast.Index(value=value, index=index):
                return emit("index", self.value(value), self.value(index))
            case ast.Format(parts=parts):
                texts, values = self.format(parts)
                return emit("format", *values, attribute=texts)
            case ast.Unary(operator=operator, operand=operand):
                return emit("unary", self.value(operand), attribute=operator)
            case ast.Binary(operator="and" | "or", left=left, right=right):
                test = self.value(left)
                taken, kept = self.body(right), Body((), test)
                bodies = (taken, kept) if node.operator == "and" else (kept, taken)
                return emit("select", test, bodies=bodies)
            case ast.Binary(operator=operator, left=left, right=right):
                return emit("binary", self.value(left), self.value(right), attribute=operator)
            case ast.Conditional(test=test_, then=then, otherwise=otherwise):
                test = self.value(test_)
                return emit("select", test, bodies=(self.body(then), self.body(otherwise)))
            case ast.Map(iterable=iterable, element=element, condition=condition):
                over = self.value(iterable)
                inner = [*([condition] if condition is not None else []), element]
                return emit("map", over, bodies=tuple(self.body(n, node) for n in inner))
        raise AssertionError(node)

    def is_record(self, node: ast.Expression) -> bool:
        return all(isinstance(one, Record) for one in members(self.checked.type_of(node)))

    def format(self, parts: tuple[str | ast.Expression, ...]) -> tuple[tuple[str, ...], list[str]]:
        """The texts around the holes of an f-string, and the ids of the holes' values."""
        texts, values = [""], []
        for part in parts:
            if isinstance(part, str):
                texts[-1] += part
            else:
                values.append(self.value(part))
                texts.append("")
        return tuple(texts), values

    def body(self, node: ast.Expression, map_: ast.Map | None = None) -> Body:
        """The nodes of an expression apart from those around; the parameter of a map's body is
        the map's variable."""
        outer_nodes, outer_names = self.nodes, self.names
        self.nodes, self.names = [], dict(outer_names)
        parameters: tuple[tuple[str, Type], ...] = ()
        if map_ is not None:
            self.count += 1
            parameter = f"{value_name(map_.variable)}.{self.count}"
            self.names[map_.variable] = parameter
            of = self.checked.type_of(map_.iterable)
            parameters = ((parameter, element_of(of) or ANY),)
        result = self.value(node)
        body = Body(tuple(self.nodes), result, parameters)
        self.nodes, self.names = outer_nodes, outer_names
        return body
