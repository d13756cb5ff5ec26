"""The tests that a model may write in a conditional or a map."""

from __future__ import annotations

from collections.abc import Sequence

from planc import syntax as ast
from planc.testing import constants
from planc.testing.choices import Choices
from planc.testing.nodes import NOWHERE, binary, constant
from planc.testing.scope import Path, may_be_none
from planc.types import FLOAT, INT, STR, LiteralOf, Nominal, Type, base_of

_EQUALITY = ["==", "!="]
_ORDERING = ["<", "<=", ">", ">="]


def condition(paths: Sequence[Path], choices: Choices) -> ast.Expression:
    """A test of one of some paths."""
    forms = {
        "is": paths,
        "not": paths,
        "equal": [path for path in paths if _comparable(path.type)],
        "order": [path for path in paths if path.type in (INT, FLOAT)],
        "none": [path for path in paths if may_be_none(path.type)],
    }
    form = choices.pick([form for form, fitting in forms.items() if fitting])
    path = choices.pick(forms[form])
    left = path.write(choices)
    match form:
        case "not":
            return ast.Unary(NOWHERE, "not", left)
        case "equal":
            right = constant(_like(path.type, choices))
            return binary(choices.pick(_EQUALITY), left, right)
        case "order":
            right = constant(_like(path.type, choices))
            return binary(choices.pick(_ORDERING), left, right)
        case "none":
            return binary(choices.pick(_EQUALITY), left, constant(None))
    return left


def _comparable(of: Type) -> bool:
    if isinstance(of, LiteralOf):
        return bool(_comparable_constants(of))
    return of in (STR, INT, FLOAT) or (isinstance(of, Nominal) and base_of(of) == STR)


def _comparable_constants(of: LiteralOf) -> list[str | int | float]:
    return [value for value in of.values if not isinstance(value, bool)]


def _like(of: Type, choices: Choices) -> str | int | float:
    """A constant that a value of a type may be equal to."""
    if isinstance(of, LiteralOf):
        return choices.pick(_comparable_constants(of))
    if of in (INT, FLOAT):
        sign = -1 if choices.once_in(6) else 1
        whole = of == INT or choices.once_in(3)
        return sign * (constants.integer(choices) if whole else constants.decimal(choices))
    return constants.text(choices)
