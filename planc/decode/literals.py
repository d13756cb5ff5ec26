"""The literals that a model may write for a nominal type.

What a type says must be copied (`Nominal.copied`) can only be a piece of the request. Any other
is spelt by the type's pattern, dates and times by one that knows the calendar. Where a pattern
says something that the decoder cannot hold a model to, its literals are copied too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from random import Random

import llguidance

from planc.decode.closing import BYTES, Closer, matcher_of, next_bytes
from planc.types import Nominal

_TRAILING = ".,;:!?"
_LEADING = "-.&'"  # of a list's entry, or an apostrophe
_QUOTES = {"'": "'", "`": "`", "*": "*", "_": "_", "~": "~", "“": "”", "‘": "’", "«": "»"}
_BRACKETS = {")": "(", "]": "[", "}": "{"}

# Inside quotes, without escapes. Where a pattern speaks of classes of characters, Python's `re`
# and Rust's `regex` agree on ASCII alone.
_SAFE = r'/[^"\\\x00-\x1f\x7f]*/'
_ASCII = r"/[ !#-\[\]-~]*/"
_CLASSES = re.compile(r"\\[a-zA-Z]|\(\?")
# What the two read differently: set operators, nested classes, `{,n}`, possessive quantifiers.
_READ_DIFFERENTLY = re.compile(r"&&|--|~~|\[[^\]]*\[|\{,|[+*?}]\+")
_ANCHORS = re.compile(r"^(?:\^|\\A)|(?<!\\)(?:\$|\\Z)$")
_SLASH = re.compile(r"\\.|/", re.DOTALL)
_WALKS, _STEPS, _WAY = 12, 40, 400  # of the trial whether a value can be ended

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
    for match in re.finditer(of.copied or _ANCHORS.sub("", of.pattern), request):
        text = _without_signs(match)
        for begun in (text, text.lstrip(_LEADING)):
            found = (of.normalised(begun[:end]) for end in range(len(begun), 0, -1))
            value = next((one for one in found if of.accepts(one)), None)
            if value is not None:
                yield value
                break


def _without_signs(match: re.Match[str]) -> str:
    """What was found, without the signs of the sentence around it: punctuation behind it, such as
    a bracket that it does not open, and quotes or markup on both sides, of which the first may
    stand before what was found and the last behind."""
    request, (start, end) = match.string, match.span()
    before = start
    while start < end:
        first, last = request[start], request[end - 1]
        opening = _BRACKETS.get(last)
        text = request[start:end]
        if last in _TRAILING or (opening and text.count(opening) < text.count(last)):
            end -= 1
        elif before and _QUOTES.get(request[before - 1]) == last:
            before, end = before - 1, end - 1
        elif first in _QUOTES and _QUOTES[first] in (last, request[end : end + 1]):
            end -= end - start > 1 and _QUOTES[first] == last
            start += 1
        else:
            break
    return request[start:end]


@lru_cache(maxsize=1024)
def spelling(of: Nominal) -> str | None:
    """The terminal (llguidance's Lark dialect) for the values of a type that a model may write
    by itself, without the quotes; None for a type whose values are copied.

    A `calendar` of the form `%Y-%m-%d...` spells real dates only; in other forms days end at 28,
    which keeps every spelling a real date.
    """
    if of.copied is not None or _READ_DIFFERENTLY.search(of.pattern):
        return None
    parts = [_between_slashes(of.pattern)]
    if of.calendar is not None:
        calendar = _calendar(of.calendar)
        if calendar is None:
            return None
        parts.append(_between_slashes(calendar))
    signs = _ASCII if _CLASSES.search(of.pattern) else _SAFE
    terminal = " & ".join([*(f"/{part}/" for part in parts), signs])
    return terminal if _can_be_held(of, f'start: T\nT: "\\"" ({terminal}) "\\""') else None


def _between_slashes(pattern: str) -> str:
    """A regular expression as it stands between slashes."""
    return _SLASH.sub(lambda found: "\\/" if found[0][-1] == "/" else found[0], pattern)


def _can_be_held(of: Nominal, grammar: str) -> bool:
    """Whether a model can be held to a type by the grammar of its literals: llguidance takes it,
    and a value that was begun at random can be ended at every step, by one that the type accepts.
    (Behind `.+`, with something to come, the way to the end is not found byte by byte.)"""
    source = llguidance.grammar_from("lark", grammar)
    if llguidance.LLMatcher.validate_grammar(source, BYTES):
        return False
    closer, start = Closer(grammar), matcher_of(BYTES, grammar)
    chance = Random(of.pattern)
    for _ in range(_WALKS):
        under_way = start.deep_copy()
        begun = b""
        for step in range(_STEPS):
            if step % 4 == 0:
                rest = closer.shortest(begun, _WAY)
                if rest is None:
                    return False
                text = (begun + rest).decode("utf-8", "replace")[1:-1]
                if "\ufffd" not in text and not of.accepts(text):
                    return False
            byte = chance.choice(next_bytes(under_way))
            under_way.consume_token(byte)
            begun += bytes([byte])
            if under_way.is_stopped():
                break
    return True


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
