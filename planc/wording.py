"""How the checker's messages name types, constants and remedies."""

from __future__ import annotations

import re

from planc import syntax as ast
from planc.narrow import path_of
from planc.types import LiteralOf, Nominal, Type, literal_text


def a(of: Type) -> str:
    """A type with its article; a constant as it is written."""
    text = shortened(str(of), 200)
    if isinstance(of, LiteralOf) and len(of.values) == 1:
        return shown(of.values[0])
    article = "an" if text[0] in "aeioAEIO" and not text.startswith("Any") else "a"
    return text if text in ("None", "Any") else f"{article} {text}"


def shown(value: str | int | float | bool) -> str:
    """A constant as it is written, cut where it is long."""
    return shortened(literal_text(value), 60)


def shortened(text: str, most: int) -> str:
    """A text of so many characters at most: its beginning and its last one."""
    return text if len(text) <= most else f"{text[: most - 4]}...{text[-1]}"


def none_hint(node: ast.Expression) -> str:
    """What to do about a value that may be None."""
    path = path_of(node)
    if path is None:
        return "it may be None; give it a name and choose: `name if name != None else ...`"
    return f"it may be None; choose: `{path} if {path} != None else ...`"


def form_hint(asked: Nominal, value: str) -> str:
    """What form a nominal type asks for."""
    if asked.calendar is not None and re.fullmatch(asked.pattern, value):
        return "the calendar has no such day or time"
    return f"the form is {asked.description or asked.pattern}"
