"""Requests over tools of the catalogue, a few over each of many tool sets, and their plans.

What is asked is one call; several of one tool, which differ in what its frames call the core; calls
of several tools; calls that take what an earlier one has returned; or what none of the tools does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from planc import toolset
from planc.decode.probe import refused_at
from planc.diagnostics import PlanError
from planc.format import argument_text, tool_text
from planc.tune.general import signatures
from planc.tune.general.catalogue import Entry, Slot, entries
from planc.tune.general.questions import QUESTIONS
from planc.tune.general.signatures import Signature, Style
from planc.tune.general.values import Value, day_of, drawn, listed
from planc.tune.samples import Draw, Sample, Split
from planc.tune.standard import frames, times

_TRIED = 10
_TOGETHER = 4  # requests over a tool set, whose text then is read once for them all
_STATED = 0.5  # how often an optional argument is
_SHOWN = (0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 6)  # tools beside those that are needed
_AGAIN = (
    "{a}, and the same for {b}",
    "{a}. And for {b}",
    "{a}, then do it again for {b}",
    "{a}. Same for {b}, please",
)
_CROSSED = ("", "", "", ", each of them", ", in every combination", " (all combinations)")
_APART = ("; ", ", and also ", ", as well as ", "; also ")
_EACH = (", ", "; ", " and ", ", and ", ", also ", " as well as ")

_LITTLE = {"of", "by", "for", "to", "with", "in", "from", "on", "at", "between"}

Values = Mapping[str, Value]


@dataclass
class _Plan:
    """A request under way: the signatures of the tools that it asks for, and the calls of its plan
    with the variables of their results, None for those that have no fields. `shown` are the tools
    that it is over; a tool set's first request is over none, and they are drawn as it needs them.
    """

    draw: Draw
    now: datetime
    style: Style
    shown: Mapping[str, Signature] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    calls: dict[str, str | None] = field(default_factory=dict)

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

    def values(self, entry: Entry, names: Sequence[str]) -> dict[str, Value]:
        """Values for slots of a tool: different ones for slots of a kind, and dates in order."""
        forms = self.signature(entry).forms
        found: dict[str, Value] = {}
        for name in names:
            slot = entry.slots[name]
            alike = {found[one].written for one in found if entry.slots[one].kind == slot.kind}
            for _ in range(_TRIED):
                found[name] = drawn(slot, self.now, forms, self.rng)
                if slot.kind == "bool" or found[name].written not in alike:
                    break
        dates = [name for name in names if entry.slots[name].kind == "date"]
        ordered = sorted(
            (found[name] for name in dates), key=lambda value: day_of(value, forms.dates)
        )
        return {**found, **dict(zip(dates, ordered, strict=True))}

    def call(self, entry: Entry, given: Values) -> str | None:
        """Calls a tool, once with the same arguments; the variable of what it returns, if that has
        fields and is new."""
        signature = self.signature(entry)
        arguments = [
            f"{argument_text(name)}={given[slot].written}"
            for slot, name in signature.names.items()
            if slot in given
        ]
        call = f"{tool_text(signature.name)}({', '.join(arguments)})"
        if call in self.calls:
            return None
        self.calls[call] = self._variable(entry) if entry.gives else None
        return self.calls[call]

    def _variable(self, entry: Entry) -> str:
        words = entry.name.split("_")
        little = next((i for i, word in enumerate(words) if i and word in _LITTLE), len(words))
        word = words[little - 1]
        taken = filter(None, self.calls.values())
        count = sum(re.fullmatch(rf"{word}\d*", name) is not None for name in taken)
        return f"{word}{count + 1}" if count else word


def requests(rng: Random, split: Split) -> list[Sample]:
    """Requests over one tool set with their plans: none after an attempt that came to nothing. The
    first asks for tools, to which others are added; half of the rest ask in the same way."""
    style, way = Style.drawn(rng), _way(rng)
    first = _plan(rng, split, style, {})
    said = _text(way(first))
    needed = list(first.signatures.values()) if first.calls else []
    if not said:
        return []
    shown = {one.entry.name: one for one in (*needed, *_others(first))}
    schemas = [dict(one.schema) for one in shown.values()]
    rng.shuffle(schemas)
    try:
        tools = toolset.described(schemas)
    except PlanError:  # two tools have come to one name
        return []
    found: dict[str, Sample] = {}
    plan = first
    for _ in range(_TRIED):
        if said and refused_at(tools, plan.text, said) is None:
            sample = Sample(said, plan.now, plan.text, tuple(plan.draw.drawn), tuple(schemas))
            found.setdefault(said, sample)
        if len(found) == _TOGETHER or not found:
            break
        plan = _plan(rng, split, style, shown)
        said = _text((way if rng.random() < 0.5 else _way(rng))(plan))
    return list(found.values())


def _plan(rng: Random, split: Split, style: Style, shown: Mapping[str, Signature]) -> _Plan:
    draw = Draw(rng, split)
    return _Plan(draw, times.clock(draw), style, shown)


Way = Callable[[_Plan], str | None]
"""Makes a plan, and gives the text of a request for it, if it came to one."""


def _way(rng: Random) -> Way:
    ways: dict[Way, float] = {
        _single: 0.28,
        _several: 0.26,
        _different: 0.2,
        _passed: 0.13,
        _impossible: 0.13,
    }
    return rng.choices(list(ways), list(ways.values()))[0]


def _text(said: str | None) -> str:
    text = re.sub(r"\bon (?=today|tomorrow|yesterday)", "", said or "")
    return re.sub(r"(^|[.!?] )([a-z])", lambda found: found[1] + found[2].upper(), text)


def _others(plan: _Plan) -> list[Signature]:
    """Tools that are shown and not asked for, half of them of the same domain."""
    rng = plan.rng
    asked = next(iter(plan.signatures.values())).entry
    known = [one for one in plan.entries() if one.name not in plan.signatures]
    near = [one for one in known if one.domain == asked.domain]
    count = rng.choice(_SHOWN) if plan.calls else rng.randint(1, 5)
    found: dict[str, Signature] = {}
    for _ in range(count):
        entry = rng.choice(near if rng.random() < 0.5 else known)
        found[entry.name] = signatures.drawn(entry, plan.style, rng, False)
    return list(found.values())


def _any(plan: _Plan) -> Entry:
    return plan.rng.choice(plan.entries())


def _single(plan: _Plan) -> str:
    return _whole(plan, [_clause(plan, _any(plan))])


def _different(plan: _Plan) -> str | None:
    known = plan.entries()
    if len(known) < 2:
        return None
    found = plan.rng.sample(known, min(len(known), plan.rng.choice([2, 2, 2, 3])))
    many = plan.rng.random() < 0.35
    clauses = [
        _repeated(plan, one) if many and plan.rng.random() < 0.5 else _clause(plan, one)
        for one in found
    ]
    return _whole(plan, clauses)


def _several(plan: _Plan) -> str:
    return _whole(plan, [_repeated(plan, _any(plan))])


def _impossible(plan: _Plan) -> str:
    """A request for one call, of a tool that is not shown, or a question that asks for none."""
    if plan.rng.random() < 0.4:
        plan.signature(_any(plan))  # beside which tools are shown
        return plan.draw.one("QUESTIONS", QUESTIONS)
    hidden = [one for one in entries(plan.draw.split) if one.name not in plan.shown]
    said = _whole(plan, [_clause(plan, plan.rng.choice(hidden))])
    plan.calls.clear()
    return said


def _passed(plan: _Plan) -> str | None:
    """Calls of which each takes what the one before has returned."""
    giving = [one for one in plan.entries() if one.gives]
    if not giving:
        return None
    entry = plan.rng.choice(giving)
    plan.signature(entry, True)
    clauses: list[tuple[str, bool]] = []
    given: dict[str, Value] = {}
    for _ in range(plan.rng.choice([2, 2, 3])):
        said, variable = _clause_of(plan, entry, given)
        clauses.append(said)
        follower = _follower(plan, entry)
        if follower is None or variable is None:
            break
        entry, slot, part = follower
        plan.signature(entry, True)
        reference = plan.rng.choice(list(entry.refs[slot]))
        given = {slot: Value(reference, f"{variable}.{part}")}
    return _whole(plan, clauses) if len(clauses) > 1 else None


def _follower(plan: _Plan, entry: Entry) -> tuple[Entry, str, str] | None:
    """A tool that takes what another one gives, the slot, and the field that it takes: an
    identifier of its kind, or the only number."""
    counts = Counter(entry.gives.values())
    found = [
        (one, name, part)
        for one in plan.entries()
        for name, slot in one.slots.items()
        if name in one.refs
        for part, kind in entry.gives.items()
        if counts[kind] == 1
        if kind == slot.kind or (kind == "number" and slot.kind.split(" ")[0] in ("int", "float"))
    ]
    return plan.rng.choice(found) if found else None


# How one tool is asked for: a verb phrase or a whole sentence, and which of the two it is.


def _clause(plan: _Plan, entry: Entry) -> tuple[str, bool]:
    return _clause_of(plan, entry, {})[0]


def _clause_of(plan: _Plan, entry: Entry, given: Values) -> tuple[tuple[str, bool], str | None]:
    """A request for one call, some of whose values are given, and the call's variable."""
    required = [slot.name for slot in entry.slots.values() if slot.required]
    stated = _stated(plan, entry)
    found = {**plan.values(entry, [*required, *stated]), **given}
    core = _filled(entry.core, found)
    said = _said(plan, entry, core, found, stated)
    return said, plan.call(entry, found)


@dataclass(frozen=True)
class _Several:
    """Several calls of a tool: the values that they share, and each one's of the slots in the core;
    `stated` are the optional ones among the shared."""

    plan: _Plan
    entry: Entry
    shared: dict[str, Value]
    different: list[dict[str, Value]]
    stated: list[str]

    @property
    def cores(self) -> list[str]:
        return [_filled(self.entry.core, one) for one in self.different]

    def listed(self) -> tuple[str, bool]:
        """The cores one after the other."""
        if len(self.different[0]) == 1:
            return self.said(listed(self.cores))
        return self.said(self._joint().join(self.cores))

    def again(self) -> tuple[str, bool]:
        """The first core, and then that it is to be done for the others too."""
        first, *others = self.cores
        said, whole = self.said(first)
        frame = self.plan.rng.choice(_AGAIN)
        return frame.format(a=said.rstrip("?.! "), b=listed(others)), whole

    def respectively(self) -> tuple[str, bool]:
        """The cores, and behind them the values of an optional slot in their order."""
        name, frame, values = self._own()
        joined = Value(listed([value.said for value in values]), "")
        ending = _filled(frame, {name: joined})
        return _ended(self.said(listed(self.cores)), f"{ending} respectively")

    def own(self) -> tuple[str, bool]:
        """Each core with a value of its own for an optional slot."""
        name, frame, values = self._own()
        told = [
            core + _filled(frame, {name: one}) for core, one in zip(self.cores, values, strict=True)
        ]
        return self.said(self._joint().join(told))

    def crossed(self) -> tuple[str, bool]:
        """Two values of each of two slots of the core, for every two of which there is a call."""
        one, other, *_ = self.different
        a, b, *_ = one
        joined = {name: Value(listed([one[name].said, other[name].said]), "") for name in (a, b)}
        core = _filled(self.entry.core, {**one, **joined})
        pairs = [(x, y) for x in (one, other) for y in (one, other)]
        self.different[:] = [{**one, a: x[a], b: y[b]} for x, y in pairs]
        return _ended(self.said(core), self.plan.rng.choice(_CROSSED))

    def _joint(self) -> str:
        """What stands between cores of several values: no "and" where they hold one themselves."""
        return self.plan.rng.choice(_APART if " and " in self.entry.core else _EACH)

    def said(self, core: str) -> tuple[str, bool]:
        return _said(self.plan, self.entry, core, self.shared, self.stated)

    def _own(self) -> tuple[str, str, list[Value]]:
        """An optional slot, an ending that states it, and a value of it for each call."""
        slots = [slot for slot in self.entry.slots.values() if _has_value(slot)]
        slot = self.plan.rng.choice(slots)
        if slot.name in self.stated:
            self.stated.remove(slot.name)
        values = [self.plan.values(self.entry, [slot.name])[slot.name] for _ in self.different]
        for one, value in zip(self.different, values, strict=True):
            one[slot.name] = value
        return slot.name, self.plan.rng.choice(list(self.entry.also[slot.name])), values


def _has_value(slot: Slot) -> bool:
    """Whether a slot is optional and an ending states its value, a single one."""
    return not slot.required and slot.kind != "bool" and not slot.kind.startswith("list of ")


def _repeated(plan: _Plan, entry: Entry) -> tuple[str, bool]:
    """A request for several calls of a tool, which differ in the slots of its core, and sometimes
    in an optional one."""
    varied = [name for name in entry.slots if f"{{{name}}}" in entry.core]
    fixed = [s.name for s in entry.slots.values() if s.required and s.name not in varied]
    stated = _stated(plan, entry)
    several = _Several(
        plan,
        entry,
        plan.values(entry, [*fixed, *stated]),
        _different_values(plan, entry, varied),
        stated,
    )
    ways = {several.listed: 0.65, several.again: 0.15}
    if any(_has_value(slot) for slot in entry.slots.values()):
        ways |= {several.own: 0.12, several.respectively: 0.08}
    first, *others = several.different
    if len(varied) > 1 and others and all(others[0][n].said != first[n].said for n in varied[:2]):
        ways |= {several.crossed: 0.15}
    said = plan.rng.choices(list(ways), list(ways.values()))[0]()
    for one in several.different:
        plan.call(entry, {**several.shared, **one})
    return said


def _different_values(plan: _Plan, entry: Entry, names: Sequence[str]) -> list[dict[str, Value]]:
    """Values for several calls, different in the first of some slots, as far as there are such."""
    found: dict[str, dict[str, Value]] = {}
    count = plan.rng.choice([2, 2, 2, 3, 3, 4])
    for _ in range(_TRIED):
        one = _apart(plan.values(entry, names))
        found.setdefault(one[names[0]].written, one)
    return list(found.values())[:count]


def _apart(values: dict[str, Value]) -> dict[str, Value]:
    """The values with lists in brackets, so that they can be told from each other."""
    return {
        name: Value(one.written.replace('"', ""), one.written) if one.written[0] == "[" else one
        for name, one in values.items()
    }


def _stated(plan: _Plan, entry: Entry) -> list[str]:
    optional = (slot.name for slot in entry.slots.values() if not slot.required)
    return [name for name in optional if plan.rng.random() < _STATED]


def _filled(frame: str, values: Values) -> str:
    """A frame with its slots filled; numbers that touch a letter or a sign are not in words."""

    def said(found: re.Match[str]) -> str:
        name, touched = found[1], found[2]
        if name not in values:
            return found[0]
        value = values[name]
        return f"{value.written if touched and value.number else value.said}{touched}"

    return re.sub(r"\{(\w+)\}([\w^%°]?)", said, frame)


def _said(
    plan: _Plan, entry: Entry, core: str, values: Values, stated: Sequence[str]
) -> tuple[str, bool]:
    """A frame of a tool with its core, and an ending for each of the stated optional slots."""
    whole = plan.rng.random() < 0.4
    frame = plan.rng.choice(list(entry.ask if whole else entry.do))
    said = (_filled(frame, values).replace("{core}", core), whole)
    for name in stated:
        said = _ended(said, _filled(plan.rng.choice(list(entry.also[name])), values))
    return said


def _ended(said: tuple[str, bool], ending: str) -> tuple[str, bool]:
    text, whole = said
    if whole and text[-1] in "?.!":
        return f"{text[:-1]}{ending}{text[-1]}", whole
    return f"{text}{ending}", whole


def _whole(plan: _Plan, clauses: Sequence[tuple[str, bool]]) -> str:
    """Clauses as a request: verb phrases are joined, sentences stand one after the other."""
    say = plan.draw.one
    said = [text for text, _ in clauses]
    if any(whole for _, whole in clauses):
        texts = [said[0]]
        for text, whole in clauses[1:]:
            joint = "" if whole else plan.rng.choice(["", "Also, ", "And ", "Then "])
            texts.append(f"{joint}{text}")
        return " ".join(map(_sentence, texts))
    text = said[0]
    if len(said) == 2:
        text = say("TWO", frames.TWO).format(a=said[0], b=said[1])
    elif len(said) > 2:
        first, second, third = said
        capitals = {"B": second[:1].upper() + second[1:], "C": third[:1].upper() + third[1:]}
        text = say("THREE", frames.THREE).format(a=first, b=second, c=third, **capitals)
    several = re.search(r"[.;:] ", text)
    frame = say("PLAIN", frames.PLAIN) if several else say("WHOLE", frames.WHOLE)
    return frame.format(vp=text, Vp=text[:1].upper() + text[1:])


def _sentence(text: str) -> str:
    return text if text[-1] in ".?!" else f"{text}."
