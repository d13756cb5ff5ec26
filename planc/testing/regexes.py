"""Texts that match a regular expression, drawn outside hypothesis as well as inside.

The expression is read by the parser of `re` itself and turned into a small tree of `_Chars`,
`_Sequence`, `_Either` and `_Repeat`. What looks ahead or back is left out, so a drawn text is
likely to match and must still be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from re import _parser
from typing import Any

from planc.testing.choices import Choices

_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_SIGNS = " -_.,:;/+@()[]{}<>!?#$%&*=^|~`'"
_FOREIGN = "éßжÅ日本"
_MANY = 5  # how often more than asked `*` and `+` repeat at most
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_NOT_DIGIT": lambda char: not char.isdigit(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda char: not char.isspace(),
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
    "CATEGORY_NOT_WORD": lambda char: not (char.isalnum() or char == "_"),
}


@dataclass(frozen=True)
class _Chars:
    options: str


@dataclass(frozen=True)
class _Sequence:
    parts: tuple[_Tree, ...]


@dataclass(frozen=True)
class _Either:
    options: tuple[_Tree, ...]


@dataclass(frozen=True)
class _Repeat:
    part: _Tree
    low: int
    high: int


_Tree = _Chars | _Sequence | _Either | _Repeat


def matching(pattern: str, choices: Choices) -> str:
    """A text that is likely to match the whole pattern, of characters that a plan's string can
    hold as they are; beyond ASCII only where the pattern has neither escapes nor extensions."""
    return "".join(_draw(_tree(pattern), choices))


def _draw(tree: _Tree, choices: Choices) -> Iterable[str]:
    match tree:
        case _Chars(options):
            yield choices.pick(options) if options else ""
        case _Sequence(parts):
            for part in parts:
                yield from _draw(part, choices)
        case _Either(options):
            yield from _draw(choices.pick(options), choices)
        case _Repeat(part, low, high):
            for _ in range(low + choices.below(high - low + 1)):
                yield from _draw(part, choices)


@lru_cache(maxsize=256)
def _tree(pattern: str) -> _Tree:
    simple = "\\" not in pattern and "(?" not in pattern
    pool = _PLAIN + _SIGNS + (_FOREIGN if simple else "")
    parsed = _parser.parse(pattern)
    return _sequence(parsed, pool)


def _sequence(parsed: Iterable[Any], pool: str) -> _Tree:
    parts = [_node(str(op), value, pool) for op, value in parsed]
    return parts[0] if len(parts) == 1 else _Sequence(tuple(parts))


def _node(op: str, value: Any, pool: str) -> _Tree:
    match op:
        case "LITERAL":
            return _Chars(chr(value))
        case "NOT_LITERAL":
            return _Chars(pool.replace(chr(value), ""))
        case "ANY":
            return _Chars(pool)
        case "IN":
            return _Chars(_class(value, pool))
        case "BRANCH":
            return _Either(tuple(_sequence(option, pool) for option in value[1]))
        case "SUBPATTERN":
            return _sequence(value[-1], pool)
        case "ATOMIC_GROUP":
            return _sequence(value, pool)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            low, high, part = value
            return _Repeat(_sequence(part, pool), int(low), min(int(high), int(low) + _MANY))
    return _Sequence(())  # anchors and what looks around


def _class(items: list[Any], pool: str) -> str:
    """The characters of the pool in a class, or its own first ones if the pool has none."""
    negated = str(items[0][0]) == "NEGATE"
    inside = [(str(op), value) for op, value in items if str(op) != "NEGATE"]
    found = [char for char in pool if any(_holds(*one, char) for one in inside) != negated]
    starts = (value if op == "LITERAL" else value[0] for op, value in inside if op != "CATEGORY")
    return "".join(found) or "".join(chr(start) for start in starts if not negated)


def _holds(op: str, value: Any, char: str) -> bool:
    if op == "LITERAL":
        return ord(char) == int(value)
    if op == "RANGE":
        return bool(value[0] <= ord(char) <= value[1])
    return _CATEGORIES[str(value)](char)
