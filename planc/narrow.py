"""What a test tells about the branches behind it: `x`, `x != None`, `x == None`, joined by `and`,
`or` and `not` (occurrence typing, Tobin-Hochstadt and Felleisen 2008, for `None` alone)."""

from __future__ import annotations

from collections.abc import Mapping

from planc import syntax as ast
from planc.format import format_expression
from planc.types import Type, without_none


def facts(test: ast.Expression, holds: bool, types: Mapping[int, Type]) -> dict[str, Type]:
    """The narrower types that hold where a test came out as `holds`, by the text of the name or
    path they are of. `types` are those of the expressions so far, by identity."""
    match test:
        case ast.Unary(operator="not", operand=operand):
            return facts(operand, not holds, types)
        case ast.Binary(operator="and", left=left, right=right) if holds:
            return {**facts(left, True, types), **facts(right, True, types)}
        case ast.Binary(operator="or", left=left, right=right) if not holds:
            return {**facts(left, False, types), **facts(right, False, types)}
        case (
            ast.Binary(operator="!=" | "==", left=subject, right=ast.Literal(value=None))
            | ast.Binary(operator="!=" | "==", left=ast.Literal(value=None), right=subject)
        ):
            not_none = (test.operator == "!=") == holds
        case ast.Name() | ast.Field():
            subject, not_none = test, holds
        case _:
            return {}
    path = path_of(subject)
    of = types.get(id(subject))
    return {path: without_none(of)} if path and of is not None and not_none else {}


def path_of(node: ast.Expression) -> str | None:
    """The text of a name or of fields of a name, by which narrowed types are known."""
    inner = node
    while isinstance(inner, ast.Field):
        inner = inner.value
    return format_expression(node) if isinstance(inner, ast.Name) else None
