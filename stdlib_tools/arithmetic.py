"""A calculator: Python's notation for arithmetic, and no more of Python.

It reckons with 34 decimal digits (as IEEE 754's decimal128), so that 0.1 + 0.2 is 0.3, and 2.5 is
rounded to 3, as people do; the result is the nearest 64-bit float. Numbers cannot grow without
bounds, and what may be written is so little that no expression can do anything but reckon.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from decimal import (
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)

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
_THOUSANDS = re.compile(r"[0-9],[0-9]{3}(?![0-9])")
_DECIMALS = Context(
    prec=34,
    rounding=ROUND_HALF_UP,
    Emin=-999,
    Emax=999,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
_WIDEST = 2200  # digits of the quotient of any two numbers
_LARGEST = Decimal("1.7976931348623157e308")  # float


def _divided(a: Decimal, b: Decimal) -> Decimal:
    if not b:
        raise DivisionByZero
    return a / b


def _floor_divided(a: Decimal, b: Decimal) -> Decimal:
    return _divided(a, b).to_integral_value(ROUND_FLOOR)


def _remainder(a: Decimal, b: Decimal) -> Decimal:
    """With the sign of `b`, as Python has it for numbers."""
    if not b:
        raise DivisionByZero
    with localcontext() as wide:
        wide.prec = _WIDEST
        rest = a % b
    return rest + b if rest and (rest < 0) != (b < 0) else rest


_BINARY: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
    ast.FloorDiv: _floor_divided,
    ast.Mod: _remainder,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Decimal], Decimal]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def _round(number: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    if digits % 1 or abs(digits) > 15:
        raise ToolError("round takes a whole number of digits, 15 at most")
    scale = Decimal(10) ** digits
    return (number * scale).to_integral_value() / scale


_FUNCTIONS: dict[str, tuple[Callable[..., Decimal], range]] = {
    "sqrt": (Decimal.sqrt, range(1, 2)),
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
    if _THOUSANDS.search(written):
        raise ToolError(
            f"{shown(expression)} has a comma inside a number: write 1200 for 1,200, and a blank "
            "behind the comma between two numbers"
        )
    try:
        with localcontext(_DECIMALS):
            result = _value(ast.parse(written, mode="eval").body, written)
            if not result.is_finite():
                raise InvalidOperation
            if abs(result) > _LARGEST:
                raise Overflow
            return float(result)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ToolError(f"{shown(expression)} is not arithmetic") from error
    except ZeroDivisionError as error:  # such as decimal.DivisionByZero
        raise ToolError(f"{shown(expression)} divides by zero") from error
    except Overflow as error:
        raise ToolError(f"{shown(expression)} is too large a number") from error
    except InvalidOperation as error:
        raise ToolError(f"{shown(expression)} has no real number as its value") from error


def _value(node: ast.expr, written: str) -> Decimal:
    """The value of a part of what is written, whose numbers are read as they stand there."""
    match node:
        case ast.Constant(value=int() | float() as number) if type(number) is not bool:
            return +Decimal(written[node.col_offset : node.end_col_offset])
        case ast.BinOp(left, operation, right) if type(operation) in _BINARY:
            return _BINARY[type(operation)](_value(left, written), _value(right, written))
        case ast.UnaryOp(operation, operand) if type(operation) in _UNARY:
            return _UNARY[type(operation)](_value(operand, written))
        case ast.Call(ast.Name(name), arguments, []) if name in _FUNCTIONS:
            function, counts = _FUNCTIONS[name]
            if len(arguments) not in counts:
                raise ToolError(f"{name} does not take {len(arguments)} numbers")
            return function(*(_value(argument, written) for argument in arguments))
        case ast.Call(ast.Name(name)) | ast.Name(name):
            raise ToolError(f"{shown(name)} is not known; the functions are {_known()}")
    raise ToolError("only numbers, + - * / // % **, brackets and functions can be worked out")


def _known() -> str:
    return ", ".join(_FUNCTIONS)
