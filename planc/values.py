"""The values of a running plan, and the operations on them that call no tool.

Values are plain data: texts, numbers, booleans, None, lists and string-keyed dicts.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from operator import add, floordiv, ge, gt, le, lt, mod, mul, sub, truediv
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_jsonable_python

from planc.build import MAX_DEPTH
from planc.ir import Node
from planc.types import NONE, members


class ValueProblem(Exception):
    """An operation that has no answer for the values at hand; the message says why."""


@dataclasses.dataclass(frozen=True)
class Unknown:
    """What a dry run has in place of the result of a call that it left out."""

    call: str
    text: str | None = None  # that it is part of, with a mark in its place

    def __str__(self) -> str:
        return f"‹{self.call}›" if self.text is None else self.text


MAX_TEXT = 10_000_000
MAX_PARTS = 2_000_000  # of a list or a record, those inside counted too
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv, "%": mod,
    "==": lambda left, right: _equal(left, right),
    "!=": lambda left, right: not _equal(left, right),
    "<": lt, "<=": le, ">": gt, ">=": ge,
    "in": lambda item, container: _holds(container, item),
    "not in": lambda item, container: not _holds(container, item),
}  # fmt: skip


def _equal(left: Any, right: Any) -> bool:
    """Whether two values are the same: for a plan no boolean is a number, as it is for Python."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return bool(left == right)


def _holds(container: Any, item: Any) -> bool:
    if isinstance(container, list):
        return any(_equal(one, item) for one in container)
    return item in container


def compute(node: Node, operands: list[Any]) -> Any:
    """The value of a node that calls no tool and has no bodies. Raises `ValueProblem`."""
    match node.op:
        case "const":
            return node.attribute
        case "list":
            return _of_bounded_parts(operands)
        case "record":
            _of_bounded_parts(operands)
            return dict(zip(node.attribute, operands, strict=True))
    unknown = any(map(contains_unknown, operands))
    if unknown and node.op in ("unary", "binary"):
        return Unknown(node.id)
    if isinstance(operands[0] if operands else None, Unknown) and node.op in ("field", "index"):
        return operands[0]
    if node.op == "index" and contains_unknown(operands[1]):
        return Unknown(node.id)
    try:
        if node.op == "format":
            whole = _formatted(node, operands)
            return Unknown(node.id, whole) if unknown else whole
        return _compute_known(node, operands)
    except ZeroDivisionError:
        raise ValueProblem("this divides by zero") from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueProblem(str(error)) from error


def _formatted(node: Node, operands: list[Any]) -> str:
    texts = [node.attribute[0]]
    for value, text in zip(operands, node.attribute[1:], strict=True):
        texts += [as_text(value), text]
    whole: str = _bounded("".join(texts))
    return whole


def _compute_known(node: Node, operands: list[Any]) -> Any:
    match node.op:
        case "field":
            absent = isinstance(operands[0], dict) and node.attribute not in operands[0]
            if absent and NONE in members(node.type):
                return None  # a field that its record may lack
            return _element(operands[0], node.attribute)
        case "index":
            return _element(operands[0], operands[1])
        case "unary":
            return not operands[0] if node.attribute == "not" else -operands[0]
        case "binary":
            left, right = operands
            if node.attribute in ("*", "%") and not isinstance(left, int | float):
                raise ValueProblem(f"`{node.attribute}` needs numbers")
            if node.attribute == "*" and not isinstance(right, int | float):
                raise ValueProblem("`*` needs numbers")
            return _bounded(_BINARY[node.attribute](left, right))
    raise AssertionError(node)


def _element(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        if key in value:
            return value[key]
        raise ValueProblem(f"there is no {key!r} in it; it has {', '.join(map(repr, value))}")
    if isinstance(value, list) and type(key) is int:
        if -len(value) <= key < len(value):
            return value[key]
        raise ValueProblem(f"there is no element {key}; it has {len(value)}")
    raise ValueProblem(f"{_kind(value)} has no element {key!r}")


def _of_bounded_parts(operands: list[Any]) -> list[Any]:
    """The operands, unless they have too many parts all together: a few lines that each name the
    one before twice hold more than any memory, once they are written out."""
    left, stack = MAX_PARTS, list[Any]([operands])
    while stack:
        whole = stack.pop()
        left -= len(whole)
        if left < 0:
            raise ValueProblem(f"this has more than {MAX_PARTS:,} parts")
        inside = whole.values() if isinstance(whole, dict) else whole
        stack += [part for part in inside if isinstance(part, list | dict)]
    return operands


def _bounded(value: Any) -> Any:
    """The value, unless arithmetic blew it up beyond what anything could use."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 4096:
        raise ValueProblem("this number is too large")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueProblem("this is no finite number")
    if isinstance(value, str | list) and len(value) > MAX_TEXT:
        raise ValueProblem("this is too long")
    return value


def as_text(value: Any) -> str:
    """A value inside an f-string: texts as they are, lists joined by commas, and whatever came
    as `Any` with a structure of its own as JSON."""
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def contains_unknown(value: Any) -> bool:
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    return isinstance(value, Unknown)


def plain(value: Any) -> Any:
    """What a tool returned as plain data: models as pydantic writes them, dataclasses as records,
    times in the forms of `Date` and `DateTime` (local ones), paths as texts, sets, tuples and
    generators as lists. Raises `ValueProblem` for what has no such form."""
    return _plain(value, 0)


def _plain(value: Any, level: int) -> Any:
    if level > MAX_DEPTH:
        raise ValueProblem(f"it has more than {MAX_DEPTH} levels")
    match value:
        case Enum():
            return _plain(value.value, level)
        case bool() | None:
            return value
        # Of classes that go back to these what they are, and not what they say they are.
        case int():
            return _bounded(int.__int__(value))
        case str():
            return str.__str__(value)
        case float():
            return float.__float__(value)
        case datetime():
            local = value if value.tzinfo is None else value.astimezone()
            return local.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case Path():
            return str(value)
        case BaseModel():
            return _plain(value.model_dump(by_alias=True, warnings=False), level)
        case Mapping():
            inside = level + 1
            return {str(_plain(key, inside)): _plain(of, inside) for key, of in value.items()}
        case list() | tuple() | set() | frozenset() | Iterator():
            return [_plain(item, level + 1) for item in value]
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: _plain(getattr(value, name), level + 1) for name in names}
    try:
        return to_jsonable_python(value)
    except PydanticSerializationError:
        raise ValueProblem(f"{_kind(value)} is no value that a plan can hold") from None


def _kind(value: Any) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"
