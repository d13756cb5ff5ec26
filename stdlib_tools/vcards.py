"""Reading contacts from vCard files (RFC 2426 and RFC 6350)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path

from vobject.base import ContentLine, VObjectError, getLogicalLines, textLineToContentLine

from stdlib_tools.matching import one_line
from stdlib_tools.wording import clipped

# What vobject raises for files that are not what they should be.
_BROKEN = (VObjectError, ValueError, TypeError, AttributeError, LookupError, RecursionError)
_LAST = 101  # one more than the least preference of RFC 6350, section 5.3
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_Lines = defaultdict[str, list[ContentLine]]
_ESCAPE = re.compile(r"\\(.)")
_BEGIN = re.compile(r"^(?=BEGIN:VCARD[ \t]*$)", re.MULTILINE | re.IGNORECASE)
_OLD = re.compile(r"^VERSION:2\.1[ \t]*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """A phone number or an e-mail address; `kinds` are its types, such as `home` or `cell`."""

    text: str
    kinds: frozenset[str]
    preference: int


@dataclass(frozen=True)
class Card:
    """A contact; `structured` is the family name, the given name and the additional names."""

    name: str
    structured: tuple[str, str, str]
    nicknames: tuple[str, ...]
    phones: tuple[Value, ...]
    emails: tuple[Value, ...]


@dataclass(frozen=True)
class Contents:
    """The cards of a file that can be read, and why another one, or the file, cannot."""

    cards: tuple[Card, ...] = ()
    fault: str | None = None


def read(file: Path, folder: Path) -> Contents:
    """The cards of a file in a folder. What has been read is kept until the file changes."""
    try:
        real = file.resolve(strict=True)
        if not real.is_relative_to(folder.resolve()):
            return Contents(fault="it is a link that leads out of the folder")
        if not real.is_file():
            return Contents(fault="it is no regular file")
        status = real.stat()
    except (OSError, RuntimeError) as error:
        return Contents(fault=getattr(error, "strerror", None) or clipped(str(error)))
    return _read(real, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1024)
def _read(file: Path, _changed: int, _size: int) -> Contents:
    cards: list[Card] = []
    fault = None
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return Contents(fault="it is not text in UTF-8")
    except OSError as error:
        return Contents(fault=error.strerror or str(error))
    for part in _BEGIN.split(text):
        try:
            for lines in _components(part):
                cards += _card(lines)
        except _BROKEN as error:
            fault = fault or clipped(str(error))
    return Contents(tuple(cards), fault)


def _components(text: str) -> Iterator[_Lines]:
    """The lines of each card by their names, undecoded: when vobject decodes a list of nicknames,
    it keeps only the first."""
    inside: list[str] = []
    lines: _Lines = defaultdict(list)
    soft = _OLD.search(text) is not None  # lines are folded as in quoted-printable texts
    for content, number in getLogicalLines(StringIO(text), allowQP=soft):
        line = textLineToContentLine(content, number)
        if line.name == "BEGIN":
            inside.append(line.value.strip().upper())
        elif line.name != "END":
            if inside == ["VCARD"]:
                lines[line.name].append(line)
        elif not inside or inside.pop() != line.value.strip().upper():
            raise VObjectError("something ends that never began", number)
        elif not inside:
            yield lines
            lines = defaultdict(list)
    if inside:
        raise VObjectError(f"the last {inside[0]} has no end")


def _card(lines: _Lines) -> Iterator[Card]:
    """The card, unless it has no name of any kind."""
    family, given, additional = [*_fields(lines["N"], ";"), "", "", ""][:3]
    nicknames = _fields(lines["NICKNAME"], ",")
    whole = " ".join(part for part in (given, additional, family) if part)
    names = [*_fields(lines["FN"]), whole, *nicknames, *_fields(lines["ORG"], ";")]
    name = next((name for name in names if name), None)
    if name is not None:
        yield Card(
            name=name,
            structured=(family, given, additional),
            nicknames=tuple(nicknames),
            phones=tuple(_values(lines["TEL"], _phone)),
            emails=tuple(_values(lines["EMAIL"], _email)),
        )


def _fields(lines: list[ContentLine], separator: str | None = None) -> list[str]:
    """The texts of the lines, split at the separator and unescaped."""
    texts: list[str] = []
    for line in lines:
        raw = str(line.value)
        parts = re.split(rf"(?<!\\)((?:\\\\)*){separator}", raw) if separator else [raw]
        # Backslashes before a separator come as parts of their own; they belong to the text.
        joined = ["".join(parts[i : i + 2]) for i in range(0, len(parts), 2)]
        texts += [one_line(_ESCAPE.sub(_unescaped, part)) for part in joined]
    return texts


def _unescaped(escape: re.Match[str]) -> str:
    return " " if escape[1] in "nN" else escape[1]


def _values(lines: list[ContentLine], clean: Callable[[str], str]) -> Iterator[Value]:
    for line in lines:
        given = [*line.params.get("TYPE", []), *line.singletonparams]
        kinds = frozenset(kind.strip().lower() for text in given for kind in text.split(","))
        rank = (line.params.get("PREF") or [""])[0]
        preference = int(rank) if re.fullmatch("[0-9]{1,3}", rank) else _LAST
        text = clean(_ESCAPE.sub(_unescaped, str(line.value)))
        yield Value(text, kinds, 1 if "pref" in kinds else preference)


def _phone(text: str) -> str:
    """A number, also of a `tel:` address (RFC 3966), with plain hyphens and spaces."""
    text = one_line(_DASHES.sub("-", text))
    return text[4:].partition(";")[0] if text[:4].lower() == "tel:" else text


def _email(text: str) -> str:
    return one_line(text[7:] if text[:7].lower() == "mailto:" else text)
