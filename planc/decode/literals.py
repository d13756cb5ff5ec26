"""The literals that a model may write for a nominal type.

What a type says must be copied (`Nominal.copied`) can only be a piece of the request. Any other
is spelt by the type's pattern, dates and times by one that knows the calendar. Where a pattern
says something that the decoder cannot hold a model to, its literals are copied too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import llguidance

from planc.decode.closing import BYTES, Closer
from planc.types import Nominal

_TRAILING = ".,;:!?"
_PAIRS = {")": "(", "]": "[", "}": "{"}

# Inside quotes, without escapes. Where a pattern speaks of classes of characters, Python's `re`
# and Rust's `regex` agree on ASCII alone.
_SAFE = r'/[^"\\\x00-\x1f\x7f]*/'
_ASCII = r"/[ !#-\[\]-~]*/"
_CLASSES = re.compile(r"\\[a-zA-Z]|\(\?")
# What the two read differently: set operators, nested classes, `{,n}`.
_READ_DIFFERENTLY = re.compile(r"&&|--|~~|\[[^\]]*\[|\{,")

# Years from 1900 to 2099, in which every fourth but 1900 is a leap year.
_DAY_28 = "(0[1-9]|1[0-9]|2[0-8])"
_FULL_DATE = (
    "((19|20)[0-9][0-9]-("
    f"(0[1-9]|1[0-2])-{_DAY_28}"
    "|(0[13-9]|1[0-2])-(29|30)"
    "|(0[13578]|1[02])-31)"
    "|((19|20)(0[48]|[2468][048]|[13579][26])|2000)-02-29)"
)
_DIRECTIVES = {
    "Y": "(19|20)[0-9][0-9]",
    "m": "(0[1-9]|1[0-2])",
    "d": _DAY_28,
    "H": "([01][0-9]|2[0-3])",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "%": "%",
}


def copies(of: Nominal, request: str) -> list[str]:
    """The values of a type that the request holds, in its order, in their normal form, without
    repetition."""
    return list(dict.fromkeys(_found(of, request)))


def _found(of: Nominal, request: str) -> Iterator[str]:
    for match in re.finditer(of.copied or of.pattern, request):
        text = _without_punctuation(match[0])
        value = of.normalised(text)
        while text and not of.accepts(value):
            text = text[:-1]
            value = of.normalised(text)
        if text:
            yield value


def _without_punctuation(text: str) -> str:
    """The text without the sentence's punctuation behind it, such as a bracket that it does not
    open."""
    while text and (
        text[-1] in _TRAILING
        or (text[-1] in _PAIRS and text.count(_PAIRS[text[-1]]) < text.count(text[-1]))
    ):
        text = text[:-1]
    return text


@lru_cache(maxsize=1024)
def spelling(of: Nominal) -> str | None:
    """The terminal (llguidance's Lark dialect) for the values of a type that a model may write
    by itself, without the quotes; None for a type whose values are copied.

    A `calendar` of the form `%Y-%m-%d...` spells real dates only; in other forms days end at 28,
    which keeps every spelling a real date.
    """
    if of.copied is not None or _READ_DIFFERENTLY.search(of.pattern):
        return None
    parts = [of.pattern.replace("/", "\\/")]
    if of.calendar is not None:
        calendar = _calendar(of.calendar)
        if calendar is None:
            return None
        parts.append(calendar.replace("/", "\\/"))
    signs = _ASCII if _CLASSES.search(of.pattern) else _SAFE
    terminal = " & ".join([*(f"/{part}/" for part in parts), signs])
    grammar = f"start: T\nT: {terminal}"
    if llguidance.LLMatcher.validate_grammar(llguidance.grammar_from("lark", grammar), BYTES):
        return None
    sample = Closer(grammar).shortest(b"")
    return terminal if sample is not None and of.accepts(sample.decode()) else None


def _calendar(format: str) -> str | None:
    """The regular expression of the real dates and times of a `strptime` format, if known."""
    spelt, rest = "", format
    if rest.startswith("%Y-%m-%d"):
        spelt, rest = _FULL_DATE, rest.removeprefix("%Y-%m-%d")
    for directive, char in re.findall(r"%(.)|([^%])", rest):
        if directive and directive not in _DIRECTIVES:
            return None
        spelt += _DIRECTIVES[directive] if directive else re.escape(char)
    return spelt
