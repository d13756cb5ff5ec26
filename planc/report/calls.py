"""A plan as JSON: its calls, flat and in plan order, and its result.

Every argument is JSON that says where its value comes from:

    {"$ref": "sid", "path": ["content", 0]}     a call's result, or a part of it
    {"$format": ["Join: ", {"$ref": ...}]}      a text put together
    {"$op": "+", "args": [...]}                 an operator
    {"$if": test, "then": ..., "else": ...}     a choice
    {"$field": [value, "name"]}                 a part of something that is no call's result
    {"$map": element, "over": ..., "as": "x"}   a map whose element is no call
    {"$literal": {...}}                         a record with a key that begins with `$`

and is itself otherwise: a constant, in which a whole number is `5.0` where a float is asked. A
map over a literal list is unrolled, up to some thousand elements in all; in any other, the calls of
its element carry `map`, and refer to the element by the map's variable. A call in a branch carries
`when`. Of what stands in another map or branch, `map` and `when` have the outer one in `in`.
"""

from __future__ import annotations

from typing import Any

from planc import syntax as ast
from planc.check import CheckedPlan
from planc.diagnostics import TOO_LARGE, Diagnostic, PlanError
from planc.types import ANY, FLOAT, DictOf, ListOf, Record, Type, members

Json = Any
_LARGEST_EXACT = 2**53  # up to which every whole number is a float (IEEE 754, binary64)
_MOST = 200_000  # values in an argument, a variable's value or the result, each text with its parts
_UNROLLED = 5_000  # elements of the maps that are unrolled
_Context = dict[str, Json]


def calls_json(checked: CheckedPlan) -> dict[str, Json]:
    """The `calls` and the `result` of a plan. Raises `PlanError` (E103) where a value would be too
    large: the value of a variable stands wherever the variable does."""
    writer = _Writer(checked)
    result: Json = None
    for statement in checked.plan.statements:
        match statement:
            case ast.Assignment(name=name, value=value):
                writer.values[name] = writer.bounded(writer.value(value, {}, name), value)
            case ast.Effect(value=value):
                writer.value(value, {})
            case ast.Return(value=value):
                result = writer.bounded(writer.value(value, {}), value)
    return {"calls": writer.calls, "result": result}


class _Writer:
    def __init__(self, checked: CheckedPlan) -> None:
        self.tools = checked.tools
        self.calls: list[dict[str, Json]] = []
        self.values: dict[str, Json] = {}
        self.unrolled = 0
        self.sizes: dict[int, tuple[Json, int]] = {}
        """How many values there are in a list or a record, by its identity. It is kept with them,
        so that no other takes its place."""
        maps = (node for node in ast.walk(checked.plan) if isinstance(node, ast.Map))
        self.taken = {*checked.variables, *(node.variable for node in maps)}

    def value(self, node: ast.Expression, context: _Context, name: str | None = None) -> Json:
        """The JSON of an expression; `context` is what every call inside it carries, and `name`
        the variable it is assigned to."""
        match node:
            case ast.Literal(value=value):
                return value
            case ast.Name(id=variable):
                return self.values[variable]
            case ast.ListExpression(items=items):
                return [self.value(item, context) for item in items]
            case ast.RecordExpression(entries=entries):
                record = {entry.key: self.value(entry.value, context) for entry in entries}
                plain = not any(key.startswith("$") for key in record)
                return record if plain else {"$literal": record}
            case ast.Call():
                return self.call(node, context, name)
            case ast.Field(value=value, name=field):
                return _part(self.value(value, context), field)
            case ast.Index(value=value, index=index):
                return _part(self.value(value, context), self.value(index, context))
            case ast.Format(parts=parts):
                return {
                    "$format": [p if isinstance(p, str) else self.value(p, context) for p in parts]
                }
            case ast.Unary(operator="-", operand=ast.Literal(value=int() | float() as number)):
                return -number
            case ast.Unary(operator=operator, operand=operand):
                return {"$op": operator, "args": [self.value(operand, context)]}
            case ast.Binary(operator=operator, left=left, right=right):
                first = self.value(left, context)
                inner = context
                if operator in ("and", "or"):
                    inner = _under(context, first, operator == "and")
                return {"$op": operator, "args": [first, self.value(right, inner)]}
            case ast.Conditional(test=test_, then=then, otherwise=otherwise):
                test = self.value(test_, context)
                return {
                    "$if": test,
                    "then": self.value(then, _under(context, test, True)),
                    "else": self.value(otherwise, _under(context, test, False)),
                }
            case ast.Map():
                return self.map(node, context, name)
        raise AssertionError(node)

    def call(self, node: ast.Call, context: _Context, name: str | None) -> Json:
        asked = self.tools[node.tool].by_name
        arguments = {}
        for argument in node.arguments:
            value = self.bounded(self.value(argument.value, context), argument.value)
            arguments[argument.name] = _typed(value, asked[argument.name].type)
        call = self.fresh(name)
        self.calls.append({"id": call, "tool": node.tool, "args": arguments, **context})
        return {"$ref": call, "path": []}

    def map(self, node: ast.Map, context: _Context, name: str | None) -> Json:
        over = self.value(node.iterable, context)
        outer = self.values
        count = len(over) if isinstance(over, list) else 0
        if isinstance(over, list) and not node.condition and self.unrolled + count <= _UNROLLED:
            self.unrolled += count
            unrolled = []
            for i, item in enumerate(over):
                self.values = {**outer, node.variable: item}
                one = f"{name}_{i + 1}" if name else None
                unrolled.append(self.value(node.element, context, self.free(one)))
            self.values = outer
            return unrolled
        self.values = {**outer, node.variable: {"$ref": node.variable, "path": []}}
        about: dict[str, Json] = {"over": over, "as": node.variable}
        if "map" in context:
            about["in"] = context["map"]
        if node.condition is not None:
            about["if"] = self.value(node.condition, {**context, "map": dict(about)})
        element = self.value(node.element, {**context, "map": about}, name)
        self.values = outer
        return element if isinstance(node.element, ast.Call) else {"$map": element, **about}

    def bounded(self, value: Json, node: ast.Expression) -> Json:
        """The value. Raises `PlanError` (E103) if there are too many in it."""
        if self.size(value) > _MOST:
            message = f"as JSON this would be more than {_MOST:,} values"
            raise PlanError(Diagnostic(TOO_LARGE, message, node.span))
        return value

    def size(self, value: Json) -> int:
        """How many values there are in a value, itself included."""
        if not isinstance(value, list | dict):
            return 1
        if id(value) not in self.sizes:
            parts = value if isinstance(value, list) else value.values()
            self.sizes[id(value)] = value, 1 + sum(map(self.size, parts))
        return self.sizes[id(value)][1]

    def free(self, name: str | None) -> str | None:
        """A name that was made up, if the plan has no such one."""
        return None if name in self.taken else name

    def fresh(self, name: str | None) -> str:
        if name is not None and not any(call["id"] == name for call in self.calls):
            return name
        number = len(self.calls) + 1
        while f"v{number}" in self.taken:
            number += 1
        self.taken.add(f"v{number}")
        return f"v{number}"


def _under(context: _Context, test: Json, holds: bool) -> _Context:
    """The context of what runs only if a test holds, or if it does not."""
    when: dict[str, Json] = {"test": test, "is": holds}
    if "when" in context:
        when["in"] = context["when"]
    return {**context, "when": when}


def _typed(value: Json, of: Type) -> Json:
    """A value with the whole numbers in it as floats where the type asks for floats and there is
    one of that size."""
    kinds = members(of)
    if type(value) is int:
        exact = FLOAT in kinds and abs(value) <= _LARGEST_EXACT
        return float(value) if exact else value
    if isinstance(value, list):
        elements = [kind.element for kind in kinds if isinstance(kind, ListOf)]
        return [_typed(item, elements[0]) for item in value] if len(elements) == 1 else value
    if isinstance(value, dict) and not any(key.startswith("$") for key in value):
        inner = [kind for kind in kinds if isinstance(kind, Record | DictOf)]
        if len(inner) == 1:
            return {key: _typed(item, _field(inner[0], key)) for key, item in value.items()}
    return value


def _field(of: Record | DictOf, key: str) -> Type:
    if isinstance(of, DictOf):
        return of.value
    return of.by_name[key].type if key in of.by_name else ANY  # more than is asked for


def _part(value: Json, key: Json) -> Json:
    """A field or an element, found at once where the value is known."""
    if isinstance(value, list) and type(key) is int and -len(value) <= key < len(value):
        return value[key]
    if isinstance(value, dict) and isinstance(key, str | int):
        if "$ref" in value:
            return {"$ref": value["$ref"], "path": [*value["path"], key]}
        if key in value and not any(name.startswith("$") for name in value):
            return value[key]
    return {"$field": [value, key]}
