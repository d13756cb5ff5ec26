"""How one tool is asked for, and how what is asked is put together.

A clause is a verb phrase or a whole sentence, and which of the two it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from planc.tune.general.catalogue import Entry, Slot
from planc.tune.general.draft import THING, TRIED, Draft
from planc.tune.general.values import Value, Values, filled, listed
from planc.tune.standard import frames
from planc.tune.standard.work import capital

_STATED = 0.5  # how often an optional argument is
_AGAIN = (
    "{a}, and the same for {b}",
    "{a}. And for {b}",
    "{a}, then do it again for {b}",
    "{a}. Same for {b}, please",
)
_CROSSED = ("", "", "", ", each of them", ", in every combination", " (all combinations)")
_APART = ("; ", ", and also ", ", as well as ", "; also ")
_NEXT = ("", "", "Also, ", "And ", "Then ", "Then, ", "After that, ", "Next, ", "Finally, ")
_EACH = (", ", "; ", " and ", ", and ", ", also ", " as well as ")


Clause = tuple[str, bool]


def clause(draft: Draft, entry: Entry) -> Clause:
    return clause_of(draft, entry, {})[0]


def clause_of(draft: Draft, entry: Entry, given: Values) -> tuple[Clause, str | None]:
    """A request for one call, some of whose values are given, and the call's variable."""
    required = [slot.name for slot in entry.slots.values() if slot.required]
    stated = _stated(draft, entry)
    found = {**draft.values(entry, [*required, *stated]), **given}
    core = filled(entry.core, found)
    said, whole = _said(draft, entry, core, found, stated)
    for reference in given.values():
        said = re.sub(f"(['\"]){re.escape(reference.said)}\\1", reference.said, said)
    return (said, whole), draft.call(entry, found)


@dataclass(frozen=True)
class _Several:
    """Several calls of a tool: the values that they share, and each one's of the slots in the core;
    `stated` are the optional ones among the shared."""

    draft: Draft
    entry: Entry
    shared: dict[str, Value]
    different: list[dict[str, Value]]
    stated: list[str]

    @property
    def cores(self) -> list[str]:
        return [filled(self.entry.core, one) for one in self.different]

    def listed(self) -> Clause:
        """The cores one after the other."""
        if len(self.different[0]) == 1:
            return self.said(listed(self.cores))
        return self.said(self._joint().join(self.cores))

    def again(self) -> Clause:
        """The first core, and then that it is to be done for the others too."""
        first, *others = self.cores
        said, whole = self.said(first)
        frame = self.draft.rng.choice(_AGAIN)
        return frame.format(a=said.rstrip("?.! "), b=listed(others)), whole

    def respectively(self) -> Clause:
        """The cores, and behind them the values of an optional slot in their order."""
        name, frame, values = self._own()
        joined = Value(listed([value.said for value in values]), "")
        ending = filled(frame, {name: joined})
        return _ended(self.said(listed(self.cores)), f"{ending} respectively")

    def own(self) -> Clause:
        """Each core with a value of its own for an optional slot."""
        name, frame, values = self._own()
        told = [
            core + filled(frame, {name: one}) for core, one in zip(self.cores, values, strict=True)
        ]
        return self.said(self._joint().join(told))

    def crossed(self) -> Clause:
        """Two values of each of two slots of the core, for every two of which there is a call."""
        one, other, *_ = self.different
        a, b, *_ = one
        joined = {name: Value(listed([one[name].said, other[name].said]), "") for name in (a, b)}
        core = filled(self.entry.core, {**one, **joined})
        pairs = [(x, y) for x in (one, other) for y in (one, other)]
        self.different[:] = [{**one, a: x[a], b: y[b]} for x, y in pairs]
        return _ended(self.said(core), self.draft.rng.choice(_CROSSED))

    def _joint(self) -> str:
        """What stands between cores of several values: no "and" where they hold one themselves."""
        return self.draft.rng.choice(_APART if " and " in self.entry.core else _EACH)

    def said(self, core: str) -> Clause:
        return _said(self.draft, self.entry, core, self.shared, self.stated)

    def _own(self) -> tuple[str, str, list[Value]]:
        """An optional slot, an ending that states it, and a value of it for each call."""
        slots = [slot for slot in self.entry.slots.values() if _has_value(slot)]
        slot = self.draft.rng.choice(slots)
        if slot.name in self.stated:
            self.stated.remove(slot.name)
        values = [self.draft.values(self.entry, [slot.name])[slot.name] for _ in self.different]
        for one, value in zip(self.different, values, strict=True):
            one[slot.name] = value
        return slot.name, self.draft.rng.choice(list(self.entry.also[slot.name])), values


def _has_value(slot: Slot) -> bool:
    """Whether a slot is optional and an ending states its value, a single one."""
    return not slot.required and slot.kind != "bool" and not slot.kind.startswith("list of ")


def repeated(draft: Draft, entry: Entry) -> Clause:
    """A request for several calls of a tool, which differ in the slots of its core, and sometimes
    in an optional one."""
    varied = [name for name in entry.slots if f"{{{name}}}" in entry.core]
    fixed = [s.name for s in entry.slots.values() if s.required and s.name not in varied]
    stated = _stated(draft, entry)
    several = _Several(
        draft,
        entry,
        draft.values(entry, [*fixed, *stated]),
        _different_values(draft, entry, varied),
        stated,
    )
    ways = {several.listed: 0.65, several.again: 0.15}
    if any(_has_value(slot) for slot in entry.slots.values()):
        ways |= {several.own: 0.12, several.respectively: 0.08}
    first, *others = several.different
    if len(varied) > 1 and others and all(others[0][n].said != first[n].said for n in varied[:2]):
        ways |= {several.crossed: 0.15}
    said = draft.rng.choices(list(ways), list(ways.values()))[0]()
    for one in several.different:
        draft.call(entry, {**several.shared, **one})
    return said


def _different_values(draft: Draft, entry: Entry, names: Sequence[str]) -> list[dict[str, Value]]:
    """Values for several calls, different in the first of some slots, as far as there are such."""
    found: dict[str, dict[str, Value]] = {}
    count = draft.rng.choice([2, 2, 2, 3, 3, 4])
    for _ in range(TRIED):
        one = _apart(draft.values(entry, names))
        found.setdefault(one[names[0]].written, one)
    return list(found.values())[:count]


def _apart(values: dict[str, Value]) -> dict[str, Value]:
    """The values with lists in brackets, so that they can be told from each other."""
    return {
        name: Value(one.written.replace('"', ""), one.written)
        if one.written[0] == "[" and THING not in one.written
        else one
        for name, one in values.items()
    }


def _stated(draft: Draft, entry: Entry) -> list[str]:
    optional = (slot.name for slot in entry.slots.values() if not slot.required)
    return [name for name in optional if draft.rng.random() < _STATED]


def _said(draft: Draft, entry: Entry, core: str, values: Values, stated: Sequence[str]) -> Clause:
    """A frame of a tool with its core, and an ending for each of the stated optional slots."""
    whole = draft.rng.random() < 0.4
    frame = draft.rng.choice(list(entry.ask if whole else entry.do))
    said = (filled(frame, values).replace("{core}", core), whole)
    for name in stated:
        said = _ended(said, filled(draft.rng.choice(list(entry.also[name])), values))
    return said


def _ended(said: Clause, ending: str) -> Clause:
    text, whole = said
    if whole and text[-1] in "?.!":
        return f"{text[:-1]}{ending}{text[-1]}", whole
    return f"{text}{ending}", whole


def joined(draft: Draft, clauses: Sequence[Clause]) -> str:
    """Clauses as a request: verb phrases are joined, sentences stand one after the other."""
    say = draft.draw.one
    said = [text for text, _ in clauses]
    if len(said) > 3 or any(whole for _, whole in clauses):
        texts = [said[0]]
        for text, whole in clauses[1:]:
            joint = "" if whole else draft.rng.choice(_NEXT)
            texts.append(f"{joint}{text}")
        return " ".join(map(_sentence, texts))
    text = said[0]
    if len(said) == 2:
        text = say("TWO", frames.TWO).format(a=said[0], b=said[1])
    elif len(said) > 2:
        first, second, third = said
        capitals = {"B": capital(second), "C": capital(third)}
        text = say("THREE", frames.THREE).format(a=first, b=second, c=third, **capitals)
    several = re.search(r"[.;:] ", text)
    frame = say("PLAIN", frames.PLAIN) if several else say("WHOLE", frames.WHOLE)
    return frame.format(vp=text, Vp=capital(text))


def _sentence(text: str) -> str:
    return text if text[-1] in ".?!" else f"{text}."
