"""Identifiers, which are such by their names, and where their values come from.

Descriptions of tools type identifiers as texts or numbers, so that a hotel's name, a made-up number
or another thing's identifier is as well typed as the right one. But their names tell what belongs
together: a parameter `hotel_id` takes the field `hotel_id` of what another tool has found, or the
`id` of a hotel.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, takewhile

from planc.decode.paths import Path, paths
from planc.tools import Tool
from planc.types import FLOAT, INT, STR, ListOf, Record, Type, is_subtype, members

_KINDS = {"id", "uid", "uuid", "guid", "sku", "isbn", "ean", "asin"}
_OF_ANYTHING = {"id", "uid", "uuid", "guid"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_KIND = "|".join(sorted(_KINDS))
_BEHIND = r"[\w@./-]{0,100}\w"
_STATED = re.compile(
    rf"(?i:(?<![^\W_])(?:{_KIND})(?P<plural>s)?\b)"  # behind the word
    rf"[\s:=#(]{{1,3}}(?:(?:is|are|of|number)\b[\s:=#]{{0,3}})?(?P<behind>{_BEHIND})"
    rf"(?P<more>(?(plural)(?:(?:,[ ]and|,|[ ]and)[ ]{_BEHIND}){{0,30}}))"
    # in quotes; what stands there is looked at word by word too
    r"|(?<!\w)(?=(?P<quote>['\"`])(?P<quoted>(?:(?!(?P=quote)).){1,40})(?P=quote)(?!\w)"
    r"|“(?P<curly>[^”\n]{1,40})”|«(?P<angular>[^»\n]{1,40})»)"
    r"|(?<![\w@#/:.-])(?P<word>(?:[\w@#/:=-]|\.(?=\w))+)"
)
_NAMED_SO = re.compile(rf"(?i:{_KIND})[-_./:#=]+(.*\w)")  # as `SKU-123`
_TELLING = re.compile(r"\d|^[@#]|\w[@/_]\w|^[A-Z][A-Z-]+$")  # of a word that it may identify
_COUNTED = re.compile(  # an ordinal, a date, a time or a fraction
    r"\d+(?:st|nd|rd|th)|\d{4}-\d\d-\d\d|\d{1,2}(?::\d\d)+|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?",
    re.IGNORECASE,
)


def words(name: str) -> list[str]:
    """A name's words: of `locationId`, `location_id` and `LOCATION-ID` the same."""
    return [word.casefold() for word in _WORD.findall(name.replace("IDs", "Ids"))]


_EMPTY = frozenset(words("a all and at by for from get id in list of on or the to with"))
_OF = frozenset(words("at by for from in of on with"))
_MAKING = frozenset(words("add create insert make new register"))
_CHANGING = _MAKING | frozenset(
    words(
        "apply approve archive assign book buy cancel change charge close delete deposit disable "
        "edit enable invite move order pay place post purchase refund reject remove rename renew "
        "rent reply reserve reset save schedule sell send set share start stop submit subscribe "
        "transfer unsubscribe update upload withdraw"
    )
)


def identifies(name: str) -> bool:
    """Whether a parameter or a field is an identifier, by its name: `id`, `locationId`, `sku`."""
    return bool(_KINDS & set(_singular(name)[-1:]))


def stated(request: str) -> list[str]:
    """What a request may state as an identifier: what stands behind `id` or the like, what is in
    quotes, and words with a digit, a sign or nothing but capitals in them, whole and in their
    pieces; but no dates, times and ordinals."""
    found: dict[str, None] = {}
    for match in _STATED.finditer(request):
        if match["word"]:
            texts = list(_pieces(match["word"]))
        elif match["behind"]:
            texts = [match["behind"], *re.findall(rf"(?:,|and) (?!and )({_BEHIND})", match["more"])]
        else:
            texts = [match["quoted"] or match["curly"] or match["angular"]]
        found |= {text: None for text in texts if not _COUNTED.fullmatch(text)}
    return list(found)


def _pieces(word: str) -> Iterator[str]:
    """A word that may identify something and, if signs part it, those of its pieces that may, as
    what stands behind `user_id=`."""
    if _COUNTED.fullmatch(word):
        return
    parts = re.split(r"[:/#=]+|(?<=[a-z])\.(?=\d)", word)
    named = [part for name, part in pairwise(parts) if identifies(name)]
    if behind := _NAMED_SO.fullmatch(word):
        named.append(behind[1])
    whole = [word, word.strip("#@:/=-")] if _TELLING.search(word) else []
    yield from dict.fromkeys([*whole, *filter(_TELLING.search, parts), *named])


def made_by(tool: Tool) -> str | None:
    """The noun of what a tool makes anew, by its name: `booking` for `create_hotel_booking`; None
    for one that makes nothing, such as `add_to_cart`."""
    verb, *nouns = _singular(_last(tool.name)) or [""]
    if verb not in _MAKING or "to" in nouns:
        return None
    named = takewhile(lambda word: word not in _OF, nouns)
    return next(reversed([word for word in named if word not in _EMPTY]), "")


def is_of(name: str, noun: str) -> bool:
    """Whether an identifier's name says no more than that it is one of what a noun names: `id` or
    `userId` of a `user`."""
    return set(_singular(name)[:-1]) <= {noun}


def _last(name: str) -> str:
    """The name of a tool without those of what it is in: `create_order` of `shop.create_order`."""
    return name.rpartition(".")[2]


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
    """Which identifiers a set of tools finds. A tool that changes something does not find, nor does
    one that need be given nothing: it lists all there are, and does not tell which is meant."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self.tools = list(tools)
        finders = [tool for tool in self.tools if tool.required and not _changes(tool)]
        self._given = {tool.name: _given(tool) for tool in finders}
        told = Counter(word for tool in self.tools for word in _nouns(tool))
        often = max(3, len(self.tools) / 2)
        self._common = {word for word, count in told.items() if count > often}
        self._callable: dict[frozenset[str], set[str]] = {}
        self._sources: dict[tuple[str, Type, Tool | None], set[str]] = {}

    def found(
        self, name: str, of: Type, tool: Tool | None = None, barred: frozenset[str] = frozenset()
    ) -> bool:
        """Whether a tool that can be called finds the identifier that a parameter (of `tool`) of
        this name and type takes. Those that are `barred` cannot be called."""
        sources = self.sources(name, of, tool)
        return bool(sources and sources & self.callable(barred))

    def needed(self, tool: Tool) -> Iterator[set[str]]:
        """For each identifier that a tool must be given and that tools find, their names."""
        for one in tool.parameters:
            if one.required and identifies(one.name):
                sources = self.sources(one.name, one.type, tool)
                if sources:
                    yield sources

    def sources(self, name: str, of: Type, tool: Tool | None = None) -> set[str]:
        """The names of the tools whose results have an identifier. What a tool makes anew has none
        yet."""
        key = name, of, tool
        if key not in self._sources:
            self._sources[key] = set(self._having(name, of, tool))
        return self._sources[key]

    def _having(self, name: str, of: Type, tool: Tool | None) -> Iterator[str]:
        wanted = tuple(_singular(name))
        nouns = _nouns(tool) - self._common if tool is not None else frozenset()
        owner = frozenset(wanted[:-1]) or nouns
        noun = made_by(tool) if tool is not None else None
        if noun is not None and is_of(name, noun):
            return
        for source, given in self._given.items():
            for one in given:
                shorter = min(one.words, wanted, key=len)
                bare = len(shorter) == 1 and shorter[0] in _OF_ANYTHING
                alike = owner & one.owner - self._common if bare else _end_alike(one.words, wanted)
                if alike and any(_goes(one.type, part) for part in _parts(of)):
                    yield source
                    break

    def callable(self, barred: frozenset[str]) -> Set[str]:
        """The tools, but for those that are barred, that need no identifier, or such as others find
        that can be called."""
        if barred not in self._callable:
            needed = {t.name: list(self.needed(t)) for t in self.tools if t.name not in barred}
            found: set[str] = set()
            more = True
            while more:
                new = {name for name, sets in needed.items() if all(of & found for of in sets)}
                more = new != found
                found = new
            self._callable[barred] = found
        return self._callable[barred]


@lru_cache(maxsize=8)
def identifiers_of(tools: tuple[Tool, ...]) -> Identifiers:
    """Those of a set of tools, made once."""
    return Identifiers(tools)


def _changes(tool: Tool) -> bool:
    """Whether a tool changes something: it says so and, since one that says nothing counts as such,
    its name does."""
    return tool.effect == "write" and bool(_CHANGING & set(words(_last(tool.name))[:1]))


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


@lru_cache(maxsize=1024)
def _nouns(tool: Tool) -> frozenset[str]:
    """The words of what a tool is about: of its name, without the verb, and of its records'."""
    around, _, last = tool.name.rpartition(".")
    nouns = [*_singular(around), *_singular(last)[1:]]
    named = (word for name in _records(tool.result) for word in _singular(name))
    return frozenset([*nouns, *named]) - _EMPTY


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
