"""A request under way: its tools as they are shown, and the calls of its plan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from planc.format import argument_text, tool_text
from planc.tune.general import signatures
from planc.tune.general.catalogue import Entry, Slot, entries
from planc.tune.general.signatures import Signature, Style
from planc.tune.general.values import Forms, Value, Values, day_of, drawn, filled, listed
from planc.tune.samples import Draw
from planc.types import literal_text

TRIED = 10
THING = "\N{SYMBOL FOR SUBSTITUTE}"
"""Stands on both sides of the key of a thing (`Draft.things`)."""
LITTLE = {"of", "by", "for", "to", "with", "in", "from", "on", "at", "between"}


@dataclass
class Draft:
    """A request under way: the signatures of the tools that it asks for, and the calls of its plan
    with the variables of their results, None for those that have no fields. `shown` are the tools
    that it is over; a tool set's first request is over none, and they are drawn as it needs them.
    With `naming`, things are named where a tool looks up their identifiers: a value is then written
    as a key of `things` between two `THING`, until the call that takes it is made.
    """

    draw: Draw
    now: datetime
    style: Style
    naming: bool
    shown: Mapping[str, Signature] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    calls: dict[str, str | None] = field(default_factory=dict)
    things: dict[str, tuple[Entry, Value]] = field(default_factory=dict)

    @property
    def rng(self) -> Random:
        return self.draw.rng

    @property
    def text(self) -> str:
        lines = (f"{name} = {call}\n" if name else f"{call}\n" for call, name in self.calls.items())
        return "".join(lines)

    def signature(self, entry: Entry, passed: bool = False) -> Signature:
        if entry.name not in self.signatures:
            known = self.shown.get(entry.name)
            self.signatures[entry.name] = known or signatures.drawn(
                entry, self.style, self.rng, passed
            )
        return self.signatures[entry.name]

    def entries(self) -> Sequence[Entry]:
        """The tools that may be asked for."""
        return [one.entry for one in self.shown.values()] or entries(self.draw.split)

    def any(self) -> Entry:
        return self.rng.choice(self.entries())

    def values(self, entry: Entry, names: Sequence[str]) -> dict[str, Value]:
        """Values for slots of a tool: different ones for slots of a kind, and dates in order."""
        signature = self.signature(entry)
        forms = signature.forms
        found: dict[str, Value] = {}
        for name in names:
            slot = entry.slots[name]
            alike = {found[one].written for one in found if entry.slots[one].kind == slot.kind}
            for _ in range(TRIED):
                found[name] = self._value(signature, slot)
                if slot.kind == "bool" or found[name].written not in alike:
                    break
        dates = [name for name in names if entry.slots[name].kind == "date"]
        ordered = sorted(
            (found[name] for name in dates), key=lambda value: day_of(value, forms.dates)
        )
        return {**found, **dict(zip(dates, ordered, strict=True))}

    def _value(self, signature: Signature, slot: Slot) -> Value:
        if slot.fields:
            return self._rows(signature, slot)
        if slot.kind.startswith("list of id "):
            ids = self._different(slot.kind.removeprefix("list of "), signature.forms)
            said = listed([one.said for one in ids])
            return Value(said, f"[{', '.join(one.written for one in ids)}]")
        return self._named(slot.kind) or drawn(slot, self.now, signature.forms, self.rng)

    def _rows(self, signature: Signature, slot: Slot) -> Value:
        """A list of records, which differ in what the first of their fields says."""
        first, *others = slot.fields
        names = signature.fields[slot.name]
        things = self._different(first.kind, signature.forms)
        frames = signature.entry.rows[slot.name]
        frame = self.rng.choice([one for one in frames if self.naming or "}s" not in one])
        said, written = [], []
        for thing in things:
            values = {one.name: drawn(one, self.now, signature.forms, self.rng) for one in others}
            values = {first.name: thing, **values}
            one = any(value.written == "1" for value in values.values())
            said.append(filled(frame.replace("}s", "}") if one else frame, values))
            pairs = (f"{literal_text(names[key])}: {one.written}" for key, one in values.items())
            written.append(f"{{{', '.join(pairs)}}}")
        return Value(listed(said), f"[{', '.join(written)}]")

    def _different(self, kind: str, forms: Forms) -> list[Value]:
        """Some values of a kind of identifiers."""
        found: dict[str, Value] = {}
        slot = Slot(("",), kind, None, "", True)
        count = self.rng.choice([1, 2, 2, 2, 3, 3, 4])
        for _ in range(TRIED):
            one = self._named(kind, plainly=True) or drawn(slot, self.now, forms, self.rng)
            found.setdefault(one.written, one)
        return list(found.values())[:count]

    def finders(self, kind: str) -> Sequence[Entry]:
        """The tools that look up identifiers of a kind."""
        return [one for one in self.entries() if one.finds and kind == one.identifies]

    def _named(self, kind: str, plainly: bool = False) -> Value | None:
        """A thing that is named, if identifiers of the kind are looked up: `plainly` by its name
        alone."""
        finders = self.finders(kind) if self.naming and kind.startswith("id ") else []
        if not finders:
            return None
        known = [one for one in finders if one.name in self.signatures]
        finder = self.rng.choice(known or finders)
        name = drawn(finder.asked, self.now, self.signature(finder).forms, self.rng)
        key = f"{kind} {name.written}"
        self.things[key] = finder, name
        frame = finder.finds[0] if plainly else self.rng.choice(list(finder.finds))
        said = filled(frame, {finder.asked.name: name})
        return Value(said, f"{THING}{key}{THING}")

    def _looked_up(self, found: re.Match[str]) -> str:
        """The identifier of a thing, which is looked up once."""
        finder, name = self.things[found[1]]
        variable = self.call(finder, {finder.asked.name: name})
        part = next(part for part, kind in finder.gives.items() if kind == finder.identifies)
        return self.given(finder, variable or "", part)

    def given(self, entry: Entry, variable: str, part: str) -> str:
        """The field of a result of a tool."""
        return f"{variable}{self.signature(entry).path}.{part}"

    def call(self, entry: Entry, given: Values) -> str | None:
        """Calls a tool, once with the same arguments; the variable of what it returns, if that has
        fields."""
        signature = self.signature(entry)
        arguments = [
            f"{argument_text(name)}={self._resolved(given[slot].written)}"
            for slot, name in signature.names.items()
            if slot in given
        ]
        call = f"{tool_text(signature.name)}({', '.join(arguments)})"
        if call not in self.calls:
            self.calls[call] = self._variable(entry) if entry.gives else None
        return self.calls[call]

    def _resolved(self, written: str) -> str:
        """A value with the identifiers of its things, whose lookups are called."""
        return re.sub(f"{THING}(.*?){THING}", self._looked_up, written)

    def _variable(self, entry: Entry) -> str:
        words = entry.name.split("_")
        little = next((i for i, word in enumerate(words) if i and word in LITTLE), len(words))
        word = words[little - 1]
        taken = filter(None, self.calls.values())
        count = sum(re.fullmatch(rf"{word}\d*", name) is not None for name in taken)
        return f"{word}{count + 1}" if count else word
