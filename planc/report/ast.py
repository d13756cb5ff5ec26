"""Syntax tree to an indented outline, for `planc compile --emit ast` and for tests.

A node is a line: its kind and what it holds itself. The nodes below it follow, indented, each
with its role in front where the order alone does not tell it. Comments stand where the formatter
would write them.
"""

from __future__ import annotations

from collections.abc import Iterable

from planc import syntax as ast
from planc.format import argument_text, name_text, tool_text, word_text
from planc.types import literal_text, quote

_INDENT = "  "


def dump(plan: ast.Plan) -> str:
    """The outline of a plan, one line a node; `""` for a plan without text."""
    lines: list[str] = []
    for statement in plan.statements:
        lines += statement.leading
        head, *below = _statement(statement)
        lines += [f"{head}  {statement.trailing}" if statement.trailing else head, *below]
    lines += plan.epilogue
    return "".join(f"{line}\n" for line in lines)


def _statement(statement: ast.Statement) -> list[str]:
    match statement:
        case ast.Assignment(name=name, value=value):
            return _node(f"assign {name_text(name)}", [("", value)])
        case ast.Return(value=value):
            return _node("return", [("", value)])
        case ast.Effect(value=value):
            return _node("effect", [("", value)])
    raise AssertionError(statement)


def _expression(node: ast.Expression) -> list[str]:
    match node:
        case ast.Literal(value=value):
            return [literal_text(value)]
        case ast.Name(id=name):
            return [f"name {name_text(name)}"]
        case ast.ListExpression(items=items):
            return _node("list", [("", item) for item in items])
        case ast.RecordExpression(entries=entries):
            return _node("record", [(quote(entry.key), entry.value) for entry in entries])
        case ast.Call(tool=tool, arguments=arguments):
            below = [(argument_text(argument.name), argument.value) for argument in arguments]
            return _node(f"call {tool_text(tool)}", below)
        case ast.Field(value=value, name=name):
            return _node(f"field {word_text(name)}", [("", value)])
        case ast.Index(value=value, index=index):
            return _node("index", [("of", value), ("at", index)])
        case ast.Format(parts=parts):
            return _node("format", [("", part) for part in parts])
        case ast.Unary(operator=operator, operand=operand):
            return _node(f"unary {operator}", [("", operand)])
        case ast.Binary(operator=operator, left=left, right=right):
            return _node(f"binary {operator}", [("", left), ("", right)])
        case ast.Conditional(test=test, then=then, otherwise=otherwise):
            return _node("conditional", [("test", test), ("then", then), ("else", otherwise)])
        case ast.Map(element=element, variable=variable, iterable=iterable, condition=condition):
            filtered = [] if condition is None else [("if", condition)]
            below = [("over", iterable), *filtered, ("element", element)]
            return _node(f"map {name_text(variable)}", below)
    raise AssertionError(node)


def _node(head: str, below: Iterable[tuple[str, ast.Expression | str]]) -> list[str]:
    lines = [head]
    for role, node in below:
        first, *rest = [quote(node)] if isinstance(node, str) else _expression(node)
        lines.append(f"{_INDENT}{role}: {first}" if role else f"{_INDENT}{first}")
        lines += [_INDENT + line for line in rest]
    return lines
