"""What the variables in scope offer: themselves, their fields, their elements, with their types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planc.format import name_text, word_text
from planc.types import NEVER, NONE, DictOf, ListOf, Record, Type, members, without_none

STEPS = 2  # fields and indexes behind a variable


@dataclass(frozen=True)
class Path:
    """An expression that reaches a value, as a piece of a rule, with the value's type.

    `narrowed` is the type once a test has told that it is not None; it is None where the checker
    does not narrow (behind an index) or the value is never None. `root` is the variable, and
    `field` the last field on the way; None if there is none.
    """

    rule: str
    type: Type
    narrowed: Type | None
    root: str
    field: str | None


def paths(variables: Mapping[str, Type]) -> list[Path]:
    """Every path into the variables, the nearest first. What has no value is left out."""
    return [
        path
        for name, of in variables.items()
        for path in _paths([name_text(name)], of, STEPS, (name, None), named=True)
    ]


def _paths(
    text: list[str], of: Type, steps: int, place: tuple[str, str | None], *, named: bool
) -> Iterator[Path]:
    """`text` holds texts and, between them, the names of terminals; `place` is the variable, and
    the last field."""
    if of in (NONE, NEVER):
        return
    optional = named and NONE in members(of)
    yield Path(_rule(text), of, without_none(of) if optional else None, *place)
    if not steps:
        return
    match of:
        case Record(fields):
            for field in fields:
                if field.required and writable(field.name):
                    inner = [*text[:-1], f"{text[-1]}.{word_text(field.name)}"]
                    at = place[0], field.name
                    yield from _paths(inner, field.type, steps - 1, at, named=named)
        case ListOf(element):
            inner = [*text[:-1], f"{text[-1]}[", "INDEX", "]"]
            yield from _paths(inner, element, steps - 1, place, named=False)
        case DictOf(value):
            inner = [*text[:-1], f"{text[-1]}[", "KEY", "]"]
            yield from _paths(inner, value, steps - 1, place, named=False)


def writable(name: str) -> bool:
    """Whether a plan can write a field's name."""
    return bool(name) and "`" not in name and name.isprintable()


def _rule(text: list[str]) -> str:
    return " ".join(piece if i % 2 else quoted(piece) for i, piece in enumerate(text))


def quoted(text: str) -> str:
    """A text as a terminal of llguidance's Lark dialect."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
