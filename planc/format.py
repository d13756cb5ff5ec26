"""Syntax tree to canonical text: one statement a line, one way to write each thing.

Parsing what `format` writes gives the same tree, comments included.
"""

from __future__ import annotations

import re

from planc import syntax as ast
from planc.parse import KEYWORDS
from planc.types import escape, literal_text, quote

# How tightly an expression holds together; a looser one inside a tighter one gets parentheses.
_CONDITIONAL, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _FACTOR, _POSTFIX, _ATOM = range(10)
_BINARY = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not in"), _COMPARISON),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "//", "%"), _PRODUCT),
}
_WORD = re.compile(r"[^\W\d]\w*")  # as in the grammar; `str.isidentifier` differs


def format(plan: ast.Plan) -> str:
    """The canonical text of a plan; `""` for an empty one."""
    lines: list[str] = []
    for statement in plan.statements:
        lines += statement.leading
        text = format_statement(statement)
        lines.append(f"{text}  {statement.trailing}" if statement.trailing else text)
    lines += plan.epilogue
    return "".join(f"{line}\n" for line in lines)


def format_statement(statement: ast.Statement) -> str:
    match statement:
        case ast.Assignment(name=name, value=value):
            return f"{name_text(name)} = {format_expression(value)}"
        case ast.Return(value=value):
            return f"return {format_expression(value)}"
        case ast.Effect(value=value):
            return format_expression(value)
    raise AssertionError(statement)


def format_expression(expression: ast.Expression) -> str:
    return _expression(expression)[0]


def name_text(name: str) -> str:
    """A name as a plan writes it: in backticks unless it is a plain word."""
    return name if _WORD.fullmatch(name) and name not in KEYWORDS else f"`{name}`"


def word_text(name: str) -> str:
    """A field's name, where keywords need no backticks."""
    return name if _WORD.fullmatch(name) else f"`{name}`"


def tool_text(name: str) -> str:
    """A tool's name, which may hold dots."""
    first, *rest = name.split(".")
    if not all((first, *rest)):
        return f"`{name}`"
    return ".".join([name_text(first), *map(word_text, rest)])


def argument_text(name: str) -> str:
    """An argument's name, where keywords need no backticks and dots are allowed."""
    parts = name.split(".")
    return ".".join(map(word_text, parts)) if all(parts) else f"`{name}`"


def _expression(node: ast.Expression) -> tuple[str, int]:
    """The text of an expression and how tightly it holds together."""
    match node:
        case ast.Literal(value=value):
            # `1.x` would read as a number: a number below a field stands in parentheses.
            return literal_text(value), _FACTOR if type(value) in (int, float) else _ATOM
        case ast.Name(id=name):
            return name_text(name), _ATOM
        case ast.ListExpression(items=items):
            return f"[{', '.join(format_expression(item) for item in items)}]", _ATOM
        case ast.RecordExpression(entries=entries):
            pairs = (f"{quote(e.key)}: {format_expression(e.value)}" for e in entries)
            return "{" + ", ".join(pairs) + "}", _ATOM
        case ast.Call(tool=tool, arguments=arguments):
            given = (f"{argument_text(a.name)}={format_expression(a.value)}" for a in arguments)
            return f"{tool_text(tool)}({', '.join(given)})", _POSTFIX
        case ast.Field(value=value, name=name):
            return f"{_at_least(_POSTFIX, value)}.{word_text(name)}", _POSTFIX
        case ast.Index(value=value, index=index):
            return f"{_at_least(_POSTFIX, value)}[{format_expression(index)}]", _POSTFIX
        case ast.Format(parts=parts):
            return f'f"{"".join(map(_part, parts))}"', _ATOM
        case ast.Unary(operator="-", operand=operand):
            return f"-{_at_least(_FACTOR, operand)}", _FACTOR
        case ast.Unary(operand=operand):
            return f"not {_at_least(_NOT, operand)}", _NOT
        case ast.Binary(operator=operator, left=left, right=right):
            level = _BINARY[operator]
            left_level = level + 1 if level == _COMPARISON else level
            text = f"{_at_least(left_level, left)} {operator} {_at_least(level + 1, right)}"
            return text, level
        case ast.Conditional(test=test, then=then, otherwise=otherwise):
            text = (
                f"{_at_least(_OR, then)} if {_at_least(_OR, test)} "
                f"else {format_expression(otherwise)}"
            )
            return text, _CONDITIONAL
        case ast.Map(element=element, variable=variable, iterable=iterable, condition=condition):
            text = f"{format_expression(element)} for {name_text(variable)} in "
            text += _at_least(_OR, iterable)
            if condition is not None:
                text += f" if {_at_least(_OR, condition)}"
            return f"[{text}]", _ATOM
    raise AssertionError(node)


def _at_least(level: int, node: ast.Expression) -> str:
    text, own = _expression(node)
    return text if own >= level else f"({text})"


def _part(part: str | ast.Expression) -> str:
    if isinstance(part, str):
        return escape(part).replace("{", "{{").replace("}", "}}")
    text = format_expression(part)
    return f"{{ {text} }}" if text.startswith("{") else f"{{{text}}}"
