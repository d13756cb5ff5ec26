"""The text of HTML, which mails and web pages are written in."""

from __future__ import annotations

import html
import re

from stdlib_tools.wording import plain

# A tag or a comment. Each alternative gives up at the next "<", so that the time is linear in the
# length of any text, which Python's HTML parser does not warrant.
_TAG = re.compile(
    r"<!--(?:(?!<!--).)*?-->"
    r"|<(?P<closes>/?)(?P<name>[a-z][\w:-]*+)"
    r"(?:(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>|[^<>]*+>)"
    r"|<![^<>]*+>",
    re.DOTALL | re.IGNORECASE,
)
_HIDDEN = re.compile("script|style|title")
_CELL = re.compile("td|th|option")
_BLOCK = re.compile(
    "address|article|aside|blockquote|br|d[dlt]|div|fieldset|figure|footer|form|h[1-6]|header|hr|li|main"
    "|nav|ol|p|pre|section|table|tr|ul"
)


def text_of_html(markup: str) -> str:
    """The text between the tags, with line ends at those that begin or end a block, and tabs
    between the cells of a table."""
    parts: list[str] = []
    hidden, at = "", 0
    for tag in _TAG.finditer(markup):
        if not hidden:
            parts.append(_spaced(markup[at : tag.start()]))
        closes, name, at = tag["closes"], (tag["name"] or "").lower(), tag.end()
        if hidden:
            hidden = "" if closes and name == hidden else hidden
        elif _HIDDEN.fullmatch(name):
            hidden = "" if closes else name
        elif _BLOCK.fullmatch(name):
            parts.append("\n")
        elif _CELL.fullmatch(name):
            parts.append("\t")
    if not hidden:
        parts.append(_spaced(markup[at:]))
    whole = re.sub(r" *\t[ \t]*", "\t", html.unescape("".join(parts)))
    lines = (line.strip() for line in whole.split("\n"))
    return plain(re.sub(r"\n{3,}", "\n\n", "\n".join(lines))).strip("\n")


def _spaced(text: str) -> str:
    """A text with every run of blanks and line ends made one space."""
    return " ".join(re.split(r"\s+", text))
