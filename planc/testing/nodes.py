"""Syntax trees as the parser makes them, at no place in any text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planc import syntax as ast
from planc.source import Source
from planc.testing.choices import Choices

NOWHERE = Source("").span(0, 0)


def constant(value: ast.Constant) -> ast.Expression:
    """A constant; a minus before a number is an operator."""
    if isinstance(value, int | float) and str(value).startswith("-"):
        return ast.Unary(NOWHERE, "-", ast.Literal(NOWHERE, -value))
    return ast.Literal(NOWHERE, value)


def expression_of(value: object) -> ast.Expression:
    """The expression by which a plan writes a value, as plain data."""
    match value:
        case list():
            return ast.ListExpression(NOWHERE, tuple(expression_of(item) for item in value))
        case dict():
            entries = (ast.Entry(NOWHERE, key, expression_of(item)) for key, item in value.items())
            return ast.RecordExpression(NOWHERE, tuple(entries))
        case str() | int() | float() | None:
            return constant(value)
    raise AssertionError(value)


def binary(operator: str, left: ast.Expression, right: ast.Expression) -> ast.Expression:
    return ast.Binary(NOWHERE, operator, left, right)


def between_texts(
    holes: Sequence[ast.Expression], write: Callable[[], str], choices: Choices
) -> ast.Format:
    """An f-string of holes, with texts in some of the places between and around them."""
    parts: list[str | ast.Expression] = []
    for hole in (*holes, None):
        text = write() if choices.once_in(2) else ""
        parts += [text] if text else []
        parts += [hole] if hole is not None else []
    return ast.Format(NOWHERE, tuple(parts))
