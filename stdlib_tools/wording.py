"""Texts made fit to store and to tell: whatever a model, a mail or a file has put into them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stdlib_tools.errors import ToolError
from stdlib_tools.matching import one_line

_SURROGATES = re.compile(r"[\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """A text of several lines, ended by `\\n`, without control characters but tabs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", _SURROGATES.sub("\ufffd", text))


def titled(text: str, what: str, limit: int = 500) -> str:
    """A title or name on one line. Raises `ToolError` when it is empty or over the limit."""
    line = one_line(text)
    if not line:
        raise ToolError(f"{what} is empty")
    if len(line) > limit:
        raise ToolError(f"{what} has {len(line)} characters; at most {limit} are allowed")
    return line


def clipped(text: str, limit: int = 150) -> str:
    """The beginning of a text, on one line, for a message."""
    line = one_line(text[: 4 * limit])
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def listed(items: Sequence[str], word: str = "and", limit: int = 5) -> str:
    """`a, b and c`, with no more than `limit` of them named."""
    if len(items) > limit:
        items = [*items[: limit - 1], f"{len(items) - limit + 1} more"]
    return f" {word} ".join(part for part in (", ".join(items[:-1]), items[-1]) if part)
