"""Random constants: texts, numbers, keys, and the texts of nominal types."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from planc.testing.choices import Choices
from planc.testing.regexes import matching
from planc.types import Nominal

_WORDS = ["a", "", "Oslo", "two words", "café", "日本語", "🙂", "it's", "100%", "a, b", "x" * 40]
_ODD = ['say "hi"', "back\\slash", "\\n", "one\ntwo", "\ttab", "# none", "`tick`", "return 1", "  "]
_BRACES = ["{", "}", "{}", "{{a}}"]
_UNPRINTABLE = ["\r", "\0", "\x1b[0m", "\u202e", "\u00a0", "\ufeff", "\x7f", "\u2028"]
_KEYS = ["a", "b", "name", "two words", "é", "", "if", "{x}", "k'", "x.y"]
_SAFE_TRIES = 40
_FIRST_DAY = datetime(1900, 1, 1)
_DAYS = 73049  # to the end of 2099
_PLAIN_FLOAT = re.compile(r"(0|[1-9][0-9]{0,14})\.[0-9]{1,10}")


def text(choices: Choices, *, braces: bool = True, unprintable: bool = False) -> str:
    """A text of printable characters, line ends and tabs; with others where that is asked."""
    pool = _WORDS + _ODD + (_BRACES if braces else []) + (_UNPRINTABLE if unprintable else [])
    pieces = [choices.pick(pool) for _ in range(1 + choices.below(2))]
    if choices.once_in(8):
        char = chr(choices.below(0x110000))
        pieces += char if char.isprintable() and (braces or char not in "{}") else ""
    if choices.once_in(200):
        pieces = ["long text " * 60]
    return "".join(pieces)


def key(choices: Choices) -> str:
    return choices.pick(_KEYS)


def integer(choices: Choices) -> int:
    """A number of at most 15 digits, and not below zero."""
    return choices.below(10 ** (1 + choices.below(15) if choices.once_in(6) else 1))


def decimal(choices: Choices) -> float:
    """A number whose canonical text has at most 15 digits before the point and 10 after it."""
    value = integer(choices) + choices.pick([0.5, 0.0, 0.25, 0.1, 0.125, 0.0009765625])
    return value if _PLAIN_FLOAT.fullmatch(repr(value)) else 0.5


def nominal(of: Nominal, choices: Choices) -> str | None:
    """A text of a nominal type, without quotes, backslashes and control characters. None if none
    is found for its pattern."""
    sample = spelt(of)
    for _ in range(3 if sample is not None else 0):
        found = _attempt(of, choices)
        if found is not None:
            return found
    return sample


@lru_cache(maxsize=1024)
def spelt(of: Nominal) -> str | None:
    """Some text of a nominal type, always the same; None if none is found."""
    choices = Choices.of_random(Random(of.name))
    found = (_attempt(of, choices) for _ in range(_SAFE_TRIES))
    return next((one for one in found if one is not None), None)


def _attempt(of: Nominal, choices: Choices) -> str | None:
    if of.calendar is not None:
        found = _moment(of.calendar, choices)
    else:
        found = matching(of.pattern, choices)
    clean = found.isprintable() and not set(found) & {'"', "\\"}
    return found if clean and of.accepts(found) else None


def _moment(calendar: str, choices: Choices) -> str:
    moment = _FIRST_DAY + timedelta(choices.below(_DAYS), 60 * choices.below(24 * 60))
    if not calendar.startswith("%Y-%m-%d"):
        moment = moment.replace(day=min(moment.day, 28))
    return moment.strftime(calendar)
