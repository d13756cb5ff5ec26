"""Identifiers, which are such by their names, and where their values come from.

Descriptions of tools type identifiers as texts or numbers, so that a hotel's name, a made-up number
or another thing's identifier is as well typed as the right one. But their names tell what belongs
together: a parameter `hotel_id` takes the field `hotel_id` of what another tool has found, or the
`id` of a hotel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from planc.decode.paths import Path, paths
from planc.tools import Tool
from planc.types import FLOAT, INT, STR, ListOf, Record, Type, is_subtype, members

_KINDS = {"id", "uid", "uuid", "guid", "sku", "isbn", "ean", "asin"}
_OF_ANYTHING = {"id", "uid", "uuid", "guid"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_STATED = re.compile(
    r"(?<![\w@#/:.-])(?:[\w@#/:-]|\.(?=\w))*\d(?:[\w@#/:-]|\.(?=\w))*"  # with a digit in it
    r"|(?<!\w)['\"“]([^'\"”\n]{1,40})['\"”](?!\w)"  # in quotes
    rf"|(?i:\b(?:{'|'.join(sorted(_KINDS))})s?\b)"  # behind the word
    r"[\s:=#]{0,3}(?:(?:is|of|number)\b[\s:=#]{0,3})?([\w@./-]{0,100}\w)"
)
_COUNTED = re.compile(  # an ordinal, a date, a time or a fraction
    r"\d+(?:st|nd|rd|th)|\d{4}-\d\d-\d\d|\d{1,2}(?::\d\d)+|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?",
    re.IGNORECASE,
)
_MAKING = (["add"], ["create"], ["insert"], ["make"], ["new"], ["register"])


def words(name: str) -> list[str]:
    """A name's words: of `locationId`, `location_id` and `LOCATION-ID` the same."""
    return [word.casefold() for word in _WORD.findall(name.replace("IDs", "Ids"))]


def identifies(name: str) -> bool:
    """Whether a parameter or a field is an identifier, by its name: `id`, `locationId`, `sku`."""
    return bool(_KINDS & set(_singular(name)[-1:]))


def stated(request: str) -> list[str]:
    """What a request may state as an identifier: words with a digit in them (but for dates, times
    and ordinals), what is in quotes, and what stands behind `id` or the like."""
    found = (next(filter(None, (*one.groups(), one[0]))) for one in _STATED.finditer(request))
    texts = (text.strip("#:/-") for text in found)
    return list(dict.fromkeys(text for text in texts if text and not _COUNTED.fullmatch(text)))


def identified(found: Sequence[Path], name: str, only: bool) -> list[Path]:
    """The paths that may stand for an identifier of that name. Of a variable that has a field of
    the name these are the paths to that; else, if a field's name and this one end alike (`id` for
    `locationId`, or the reverse), those to identifiers; else all or, with `only`, none."""
    fields: dict[str, set[str]] = {}
    for path in found:
        if path.field is not None:
            fields.setdefault(path.root, set()).add(path.field)
    kept = {
        root: _alike(names, name) or (set() if only else names) for root, names in fields.items()
    }
    return [path for path in found if path.field is None or path.field in kept[path.root]]


def _alike(fields: set[str], name: str) -> set[str]:
    wanted = _singular(name)
    same = {field for field in fields if _singular(field) == wanted}
    if same:
        return same
    if any(_end_alike(_singular(field), wanted) for field in fields):
        return {field for field in fields if identifies(field)}
    return set()


def _end_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names end in the same two words, or one is the end of the other."""
    shared = min(2, len(one), len(other))
    return shared > 0 and tuple(one[-shared:]) == tuple(other[-shared:])


def _singular(name: str) -> list[str]:
    return [word[:-1] if len(word) > 2 and word.endswith("s") else word for word in words(name)]


@dataclass(frozen=True)
class _Given:
    """An identifier that a tool's result has: its name's words, and those of what it identifies."""

    words: tuple[str, ...]
    owner: frozenset[str]
    type: Type


class Identifiers:
    """Which identifiers a set of tools finds. One that takes nothing lists all there are, and does
    not tell which of them is meant."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self.tools = list(tools)
        finders = (tool for tool in self.tools if tool.parameters)
        self._given = {tool.name: _given(tool) for tool in finders}

    def found(self, name: str, of: Type, tool: Tool | None = None) -> bool:
        """Whether a tool that can be called finds the identifier that a parameter (of `tool`) of
        this name and type takes."""
        return any(source in self._callable for source in self.sources(name, of, tool))

    def needed(self, tool: Tool) -> Iterator[set[str]]:
        """For each identifier that a tool must be given and that tools find, their names."""
        for one in tool.parameters:
            if one.required and identifies(one.name):
                sources = set(self.sources(one.name, one.type, tool))
                if sources:
                    yield sources

    def sources(self, name: str, of: Type, tool: Tool | None = None) -> Iterator[str]:
        """The names of the tools whose results have an identifier. What a tool makes anew has none
        yet."""
        wanted = tuple(_singular(name))
        owner = frozenset(wanted[:-1]) or (_nouns(tool) if tool else frozenset())
        if tool is not None and words(tool.name)[:1] in _MAKING and owner & _nouns(tool):
            return
        for source, given in self._given.items():
            for one in given:
                shorter = min(one.words, wanted, key=len)
                bare = len(shorter) == 1 and shorter[0] in _OF_ANYTHING
                alike = owner & one.owner if bare else _end_alike(one.words, wanted)
                if alike and any(_goes(one.type, part) for part in _parts(of)):
                    yield source
                    break

    @cached_property
    def _callable(self) -> set[str]:
        """The tools that need no identifier, or such as others find that can be called."""
        found: set[str] = set()
        more = True
        while more:
            new = {t.name for t in self.tools if all(of & found for of in self.needed(t))} - found
            found |= new
            more = bool(new)
        return found


def _goes(given: Type, wanted: Type) -> bool:
    """Whether an identifier goes where a type is asked, a number as its text too."""
    return is_subtype(given, wanted) or (wanted == STR and given in (INT, FLOAT))


@lru_cache(maxsize=1024)
def _given(tool: Tool) -> list[_Given]:
    found = []
    for path in paths({"result": tool.result}):
        if path.field is not None and identifies(path.field):
            name = tuple(_singular(path.field))
            found.append(_Given(name, frozenset(name[:-1]) or _nouns(tool), path.type))
    return found


def _nouns(tool: Tool) -> frozenset[str]:
    """The words of what a tool is about: of its name, without the verb, and of its records'."""
    _, *nouns = _singular(tool.name) or [""]
    return frozenset(
        [*nouns, *(word for name in _records(tool.result) for word in _singular(name))]
    )


def _records(of: Type) -> Iterator[str]:
    for part in _parts(of):
        if isinstance(part, Record) and part.name:
            yield part.name


def _parts(of: Type) -> Iterator[Type]:
    """A type's members, and those of its lists' elements."""
    for member in members(of):
        yield member
        if isinstance(member, ListOf):
            yield from _parts(member.element)
