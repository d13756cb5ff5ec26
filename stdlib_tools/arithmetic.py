"""A calculator: Python's notation for arithmetic, and no more of Python.

All numbers are 64-bit floats, so that no result can grow without bounds, and what may be written
is so little that no expression can do anything but reckon.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable

from planc.tools import tool
from stdlib_tools.errors import ToolError
from stdlib_tools.matching import shown

_LONGEST = 500
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-"})
# Nothing that could begin a string, an attribute or a statement, and no digit run into a word.
_WRITTEN = re.compile(
    r"(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])"
    r"|[A-Za-z]+(?![\w.])|[-+*/%(), ])*"
)
_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def _round(number: float, digits: float = 0.0) -> float:
    if not digits.is_integer() or abs(digits) > 15:
        raise ToolError("round takes a whole number of digits, 15 at most")
    return round(number, int(digits))


_FUNCTIONS: dict[str, tuple[Callable[..., float], range]] = {
    "sqrt": (math.sqrt, range(1, 2)),
    "abs": (abs, range(1, 2)),
    "round": (_round, range(1, 3)),
    "min": (min, range(2, _LONGEST)),
    "max": (max, range(2, _LONGEST)),
}


@tool(effect="pure", timeout=5, cost=0.001)
def calculate(expression: str) -> float:
    """Work out arithmetic such as "2350 * 17 / 100".

    Args:
        expression: numbers, + - * / // % **, brackets, sqrt, round, min, max, abs.
    """
    if len(expression) > _LONGEST:
        raise ToolError(f"an expression may have at most {_LONGEST} characters")
    written = " ".join(expression.translate(_SIGNS).split())
    if not _WRITTEN.fullmatch(written):
        raise ToolError(f"{shown(expression)} is not arithmetic")
    try:
        result = _value(ast.parse(written, mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ToolError(f"{shown(expression)} is not arithmetic") from error
    except ZeroDivisionError as error:
        raise ToolError(f"{shown(expression)} divides by zero") from error
    except OverflowError as error:
        raise ToolError(f"{shown(expression)} is too large a number") from error
    except ValueError as error:
        raise ToolError(f"{shown(expression)} has no real number as its value") from error
    if not math.isfinite(result):
        raise ToolError(f"{shown(expression)} is too large a number")
    return result


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if type(number) is not bool:
            return float(number)
        case ast.BinOp(left, operation, right) if type(operation) in _BINARY:
            return _BINARY[type(operation)](_value(left), _value(right))
        case ast.UnaryOp(operation, operand) if type(operation) in _UNARY:
            return _UNARY[type(operation)](_value(operand))
        case ast.Call(ast.Name(name), arguments, []) if name in _FUNCTIONS:
            function, counts = _FUNCTIONS[name]
            if len(arguments) not in counts:
                raise ToolError(f"{name} does not take {len(arguments)} numbers")
            return function(*map(_value, arguments))
        case ast.Call(ast.Name(name)) | ast.Name(name):
            raise ToolError(f"{shown(name)} is not known; the functions are {_known()}")
    raise ToolError("only numbers, + - * / // % **, brackets and functions can be worked out")


def _known() -> str:
    return ", ".join(_FUNCTIONS)
