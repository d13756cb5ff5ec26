"""Values of a type: random ones, and whether a value is one."""

from __future__ import annotations

from random import Random
from typing import Any

from planc.testing import constants
from planc.testing.choices import Choices
from planc.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Record,
    Type,
    Union,
)

_PYTHON: dict[Type, tuple[type, ...]] = {
    STR: (str,),
    INT: (int,),
    FLOAT: (int, float),
    BOOL: (bool,),
    NONE: (type(None),),
    NEVER: (),
}


def value_of(of: Type, rng: Random) -> Any:
    """A random value of a type, as plain data. Raises `ValueError` where none is known: for
    `Never`, and for a nominal type whose pattern no text was found for."""
    return drawn(of, Choices.of_random(rng))


def drawn(of: Type, choices: Choices) -> Any:
    """As `value_of`, from any source of decisions."""
    match of:
        case ListOf(element):
            length = 0 if element == NEVER else choices.below(4)
            return [drawn(element, choices) for _ in range(length)]
        case DictOf(value):
            keys = dict.fromkeys(constants.key(choices) for _ in range(choices.below(4)))
            return {key: drawn(value, choices) for key in keys}
        case Record(fields):
            given = [f for f in fields if f.required or choices.once_in(2)]
            return {field.name: drawn(field.type, choices) for field in given}
        case LiteralOf(values):
            return choices.pick(values)
        case Union(members):
            return drawn(choices.pick(members), choices)
        case Nominal():
            found = constants.nominal(of, choices)
            if found is not None:
                return found
    if of == ANY:
        return _anything(choices)
    if of in _PYTHON and of != NEVER:
        return _scalar(of, choices)
    raise ValueError(f"no value of the type {of} is known")


def has_values(of: Type) -> bool:
    """Whether `value_of` knows a value of a type."""
    match of:
        case Record(fields):
            return all(has_values(field.type) for field in fields)
        case DictOf(inner):
            return has_values(inner)
        case ListOf(element):
            return element == NEVER or has_values(element)
        case Union(members):
            return all(has_values(member) for member in members)
        case Nominal():
            return constants.spelt(of) is not None
    return of != NEVER


def _scalar(of: Type, choices: Choices) -> Any:
    if of == STR:
        return constants.text(choices)
    if of == BOOL:
        return choices.once_in(2)
    if of == NONE:
        return None
    sign = -1 if choices.once_in(4) else 1
    whole = of == INT or choices.once_in(3)
    return sign * (constants.integer(choices) if whole else constants.decimal(choices))


def _anything(choices: Choices) -> Any:
    scalar = choices.pick([STR, INT, FLOAT, BOOL, NONE])
    return drawn(choices.pick([scalar, scalar, ListOf(scalar), DictOf(scalar)]), choices)


def fits(value: object, of: Type) -> bool:
    """Whether a value is of a type, said as plainly as can be; a record may hold more fields than
    its type tells."""
    match of:
        case ListOf(element):
            return isinstance(value, list) and all(fits(item, element) for item in value)
        case DictOf(inner):
            return isinstance(value, dict) and all(fits(v, inner) for v in value.values())
        case Record(fields):
            return isinstance(value, dict) and all(
                fits(value[f.name], f.type) if f.name in value else not f.required for f in fields
            )
        case LiteralOf(constants):
            return any(type(value) is type(one) and value == one for one in constants)
        case Union(members):
            return any(fits(value, member) for member in members)
        case Nominal():
            return of.accepts(value)
    if of == ANY:
        return True
    return isinstance(value, _PYTHON[of]) and (not isinstance(value, bool) or of == BOOL)
