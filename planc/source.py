"""Texts and places in them.

Every stage that can complain about a text holds a `Span`, so that a mistake found late (in the
checker, or while the plan runs) still points at the characters that caused it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, with which a text cannot be written in UTF-8 (RFC 3629)."""

_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


@dataclass(frozen=True, eq=False)
class Source:
    """A text with the name that diagnostics show for it (a path, or `<request>`)."""

    text: str
    name: str = "<plan>"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(i + 1 for i, char in enumerate(self.text) if char == "\n")]

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both counted from 1, the column in characters."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its line end."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] - 1 if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r")

    def span(self, start: int, end: int) -> Span:
        return Span(start, end, self)


@dataclass(frozen=True)
class Span:
    """The half-open range of characters `[start, end)` of a source."""

    start: int
    end: int
    source: Source

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end), self.source)

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    def __repr__(self) -> str:
        return f"Span({self.start}, {self.end})"


def printable(text: str) -> str:
    """The text with every character that could steer a terminal shown as a visible escape.

    Line ends and tabs are kept. Control characters, bidirectional overrides ("Trojan Source",
    CVE-2021-42574) and lone surrogates become `\\x1b`, `\\u202e` and so on.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if char not in "\n\t"
        and (unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI_CONTROLS)
        else char
        for char in text
    )
