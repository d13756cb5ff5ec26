"""What the binary operators join: the one table for the checker, the graph and the decoder."""

from __future__ import annotations

from planc.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    STR,
    DictOf,
    ListOf,
    Record,
    Type,
    base_of,
    is_subtype,
    members,
    union,
)

ARITHMETIC = ("+", "-", "*", "/", "//", "%")
EQUALITY = ("==", "!=")
ORDERING = ("<", "<=", ">", ">=")
MEMBERSHIP = ("in", "not in")


def result_of(operator: str, left: Type, right: Type) -> Type | None:
    """The type of `left operator right`, or None where the operator does not join the two.

    Numbers join with all of arithmetic, texts and lists with `+`. Equality joins what could be
    equal, ordering numbers or texts (dates as texts order rightly), membership an element and
    its list, a text and a text, or a key and its record.
    """
    left, right = base_of(left), base_of(right)
    if operator in EQUALITY:
        return BOOL if any(_overlap(a, b) for a in members(left) for b in members(right)) else None
    if operator in MEMBERSHIP:
        return BOOL if _may_hold(right, left) else None
    numbers = is_subtype(left, FLOAT) and is_subtype(right, FLOAT)
    texts = is_subtype(left, STR) and is_subtype(right, STR)
    if operator in ORDERING:
        return BOOL if numbers or texts else None
    if ANY in (left, right):
        return ANY
    if numbers:
        return INT if operator != "/" and (left, right) == (INT, INT) else FLOAT
    if operator == "+" and texts:
        return STR
    if operator == "+" and isinstance(left, ListOf) and isinstance(right, ListOf):
        return ListOf(union([left.element, right.element]))
    return None


def _overlap(a: Type, b: Type) -> bool:
    return is_subtype(a, b) or is_subtype(b, a) or (type(a) is type(b) and isinstance(a, ListOf))


def _may_hold(container: Type, item: Type) -> bool:
    if isinstance(container, ListOf):
        pairs = ((a, b) for a in members(item) for b in members(base_of(container.element)))
        return any(_overlap(a, b) for a, b in pairs)
    if container == STR or isinstance(container, DictOf | Record):
        return is_subtype(item, STR)
    return container == ANY
