"""The catalogue of made-up tools (`tools/*.toml`) and of what requests speak of (`entities.toml`).

A tool is described by the words of its name, texts that say what it does, its slots, and frames
of requests for it: `core` is how what differs from call to call is said, `do` are verb phrases and
`ask` sentences that hold it, `also` are endings that state optional slots, `gives` is what a call
returns, and `refs` are noun phrases for a slot that takes what an earlier call has returned.
`finds` are noun phrases for what a tool looks up by its one required slot: another one that takes
the identifier can be asked for with these. `rows` says the records of a slot that is a list of
them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from planc.tune.samples import HELD_OUT, Split

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Slot:
    """A parameter: its possible names, of which frames use the first; the kind of its values, such
    as `city`, `int 2..14`, `science -9..-3` (a power of ten), `map of int 1..6 by subject` or
    `rows item: id item; count: int 2..9`; its default, as text; and what it is."""

    names: tuple[str, ...]
    kind: str
    default: str | None
    about: str
    required: bool

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def fields(self) -> Sequence[Slot]:
        """The fields of the records, if it is a list of such."""
        if not self.kind.startswith("rows "):
            return []
        pairs = (field.split(": ") for field in self.kind.removeprefix("rows ").split("; "))
        return [Slot(tuple(names.split("/")), kind, None, "", True) for names, kind in pairs]


@dataclass(frozen=True)
class Entry:
    """A tool of the catalogue, under the words of its name; `domain` is the file it is in, and
    `family` what is kept for testing together with it."""

    name: str
    domain: str
    family: str
    about: Sequence[str]
    core: str
    do: Sequence[str]
    ask: Sequence[str]
    slots: Mapping[str, Slot]
    also: Mapping[str, Sequence[str]]
    gives: Mapping[str, str]
    refs: Mapping[str, Sequence[str]]
    finds: Sequence[str]
    rows: Mapping[str, Sequence[str]]

    @property
    def asked(self) -> Slot:
        """The first required slot: of a tool that looks things up, what it does so by."""
        return next(slot for slot in self.slots.values() if slot.required)

    @property
    def identifies(self) -> str | None:
        """The kind of identifiers that it gives first."""
        return next((kind for kind in self.gives.values() if kind.startswith("id ")), None)


@cache
def entities() -> Mapping[str, Sequence[str]]:
    """What requests speak of, by kind."""
    found: Mapping[str, Sequence[str]] = tomllib.loads(
        (_FOLDER / "entities.toml").read_text(encoding="utf-8")
    )
    return found


@cache
def all_entries() -> Sequence[Entry]:
    return [
        _entry(name, path.stem, table)
        for path in sorted((_FOLDER / "tools").glob("*.toml"))
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
    ]


@cache
def entries(split: Split) -> Sequence[Entry]:
    """The tools of a split: every sixth family is kept for testing."""
    families = list(dict.fromkeys(entry.family for entry in all_entries()))
    held = set(families[HELD_OUT - 1 :: HELD_OUT])
    return [entry for entry in all_entries() if (entry.family in held) is (split == "test")]


def _entry(name: str, domain: str, table: Mapping[str, Any]) -> Entry:
    slots = [_slot(key, told) for key, told in table["slots"].items()]
    return Entry(
        name,
        domain,
        table.get("family", name),
        table["about"],
        table["core"],
        table["do"],
        table["ask"],
        {slot.name: slot for slot in slots},
        table.get("also", {}),
        table.get("gives", {}),
        table.get("refs", {}),
        table.get("finds", ()),
        table.get("rows", {}),
    )


def _slot(key: str, told: str) -> Slot:
    """A slot from its key, `name/other?`, and its text, `KIND = DEFAULT | what it is`."""
    kind, about = told.split(" | ", 1)
    kind, _, default = kind.partition(" = ")
    names = tuple(name.removesuffix("?") for name in key.split("/"))
    return Slot(names, kind.strip(), default.strip() or None, about.strip(), "?" not in key)
