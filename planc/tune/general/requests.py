"""Requests over tools of the catalogue, a few over each of many tool sets, and their plans.

What is asked is one call; several of one tool, which differ in what its frames call the core; calls
of several tools; calls that take what earlier ones have returned; calls on things that are named,
which another tool looks up; or what none of the tools does.
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
from planc.tune.general.values import Forms, Value, day_of, drawn, listed
from planc.tune.samples import Draw, Sample, Split
from planc.tune.standard import frames, times
from planc.types import literal_text

_TRIED = 10
_THING = "\N{SYMBOL FOR SUBSTITUTE}"  # stands on both sides of the key of a thing
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
_NEXT = ("", "", "Also, ", "And ", "Then ", "Then, ", "After that, ", "Next, ", "Finally, ")
_EACH = (", ", "; ", " and ", ", and ", ", also ", " as well as ")

_LITTLE = {"of", "by", "for", "to", "with", "in", "from", "on", "at", "between"}

Values = Mapping[str, Value]


@dataclass
class _Plan:
    """A request under way: the signatures of the tools that it asks for, and the calls of its plan
    with the variables of their results, None for those that have no fields. `shown` are the tools
    that it is over; a tool set's first request is over none, and they are drawn as it needs them.
    With `naming`, things are named where a tool looks up their identifiers: a value is then written
    as a key of `things` between two `_THING`, until the call that takes it is made.
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

    def values(self, entry: Entry, names: Sequence[str]) -> dict[str, Value]:
        """Values for slots of a tool: different ones for slots of a kind, and dates in order."""
        signature = self.signature(entry)
        forms = signature.forms
        found: dict[str, Value] = {}
        for name in names:
            slot = entry.slots[name]
            alike = {found[one].written for one in found if entry.slots[one].kind == slot.kind}
            for _ in range(_TRIED):
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
            said.append(_filled(frame.replace("}s", "}") if one else frame, values))
            pairs = (f"{literal_text(names[key])}: {one.written}" for key, one in values.items())
            written.append(f"{{{', '.join(pairs)}}}")
        return Value(listed(said), f"[{', '.join(written)}]")

    def _different(self, kind: str, forms: Forms) -> list[Value]:
        """Some values of a kind of identifiers."""
        found: dict[str, Value] = {}
        slot = Slot(("",), kind, None, "", True)
        count = self.rng.choice([1, 2, 2, 2, 3, 3, 4])
        for _ in range(_TRIED):
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
        slot = next(one for one in finder.slots.values() if one.required)
        name = drawn(slot, self.now, self.signature(finder).forms, self.rng)
        key = f"{kind} {name.written}"
        self.things[key] = finder, name
        frame = finder.finds[0] if plainly else self.rng.choice(list(finder.finds))
        said = _filled(frame, {slot.name: name})
        return Value(said, f"{_THING}{key}{_THING}")

    def _looked_up(self, found: re.Match[str]) -> str:
        """The identifier of a thing, which is looked up once."""
        finder, name = self.things[found[1]]
        slot = next(one for one in finder.slots.values() if one.required)
        variable = self.call(finder, {slot.name: name})
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
            f"{argument_text(name)}={self.resolved(given[slot].written)}"
            for slot, name in signature.names.items()
            if slot in given
        ]
        call = f"{tool_text(signature.name)}({', '.join(arguments)})"
        if call not in self.calls:
            self.calls[call] = self._variable(entry) if entry.gives else None
        return self.calls[call]

    def resolved(self, written: str) -> str:
        """A value with the identifiers of its things, whose lookups are called."""
        return re.sub(f"{_THING}(.*?){_THING}", self._looked_up, written)

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
    return _Plan(draw, times.clock(draw), style, rng.random() < 0.5, shown)


Way = Callable[[_Plan], str | None]
"""Makes a plan, and gives the text of a request for it, if it came to one."""


def _way(rng: Random) -> Way:
    ways: dict[Way, float] = {
        _single: 0.23,
        _several: 0.22,
        _different: 0.15,
        _chained: 0.13,
        _named: 0.15,
        _impossible: 0.12,
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
        entry = rng.choice(near if near and rng.random() < 0.5 else known)
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


def _chained(plan: _Plan) -> str | None:
    """Calls of several tools, of which one or more take what earlier ones have returned."""
    giving = [one for one in plan.entries() if one.gives]
    if not giving:
        return None
    entry: Entry | None = plan.rng.choice(giving)
    clauses: list[tuple[str, bool]] = []
    results: list[tuple[Entry, str]] = []
    count, passed = plan.rng.choice([2, 2, 2, 3, 3, 4, 5]), 0
    while entry is not None and len(clauses) < count:
        last = len(clauses) == count - 1
        taken = _taken(plan, results) if results and (last or plan.rng.random() < 0.6) else None
        if taken is not None:
            entry, given = taken
            passed += 1
        else:
            given = {}
        plan.signature(entry, True)
        said, variable = _clause_of(plan, entry, given)
        clauses.append(said)
        if variable is not None and (entry, variable) not in results:
            results.append((entry, variable))
        entry = _any(plan)
    return _whole(plan, clauses) if passed else None


def _taken(
    plan: _Plan, results: Sequence[tuple[Entry, str]]
) -> tuple[Entry, dict[str, Value]] | None:
    """A tool that takes what an earlier one gives, and the value of its slot: an identifier of its
    kind, a number, or a text. Said is what the last tool gave, or the name of what one gave."""
    told = Counter(part for entry, _ in results for part in entry.gives)
    found: list[tuple[Entry, str, str, str]] = []
    for giver, variable in results:
        kinds = Counter(giver.gives.values())
        for one in plan.entries():
            for slot in filter(lambda slot: slot.required, one.slots.values()):
                for part, kind in giver.gives.items():
                    if not _fits(kind, slot):
                        continue
                    refs = one.refs.get(slot.name, ())
                    said = []
                    if refs and kinds[kind] == 1 and variable == results[-1][1]:
                        said += [plan.rng.choice(list(refs))] * 2
                    if told[part] == 1 and _nameable(part, kind, refs):
                        said.append(f"the {part.replace('_', ' ')}")
                    written = plan.given(giver, variable, part)
                    found += [(one, slot.name, reference, written) for reference in said]
    if not found:
        return None
    entry, name, reference, written = plan.rng.choice(found)
    return entry, {name: Value(reference, written)}


def _fits(kind: str, slot: Slot) -> bool:
    """Whether a slot takes a field of a kind."""
    return kind == slot.kind or (kind == "number" and slot.kind.split(" ")[0] in ("int", "float"))


def _nameable(part: str, kind: str, refs: Sequence[str]) -> bool:
    """Whether what is passed on can be called by its field's name: a text, or a number that does
    not stand before what it counts."""
    words = part.split("_")
    noun = words[-1] not in _LITTLE and words[0] != "is" and part != "result"
    return noun and (kind == "text" or (kind == "number" and "the result" in refs))


def _kinds(slot: Slot) -> list[str]:
    """The kinds of identifiers that a slot takes."""
    kinds = [one.kind for one in slot.fields] or [slot.kind.removeprefix("list of ")]
    return [kind for kind in kinds if kind.startswith("id ")]


def _named(plan: _Plan) -> str | None:
    """Calls on things that are named: one, several of one tool, or several on one thing."""
    plan.naming = True
    takers = [
        (one, slot)
        for one in plan.entries()
        for slot in one.slots.values()
        if slot.required and any(plan.finders(kind) for kind in _kinds(slot))
    ]
    if not takers:
        return None
    entry, slot = plan.rng.choice(takers)
    several = f"{{{slot.name}}}" in entry.core and slot.kind.startswith("id ")
    if several and plan.rng.random() < 0.35:
        return _whole(plan, [_repeated(plan, entry)])
    said, _ = _clause_of(plan, entry, {})
    clauses = [said]
    others = [(one, other) for one, other in takers if one is not entry and other.name in one.refs]
    others = [(one, other) for one, other in others if other.kind == slot.kind]
    if plan.things and others and plan.rng.random() < 0.6:
        for one, other in plan.rng.sample(others, min(len(others), plan.rng.choice([1, 1, 2]))):
            reference = plan.rng.choice(list(one.refs[other.name]))
            given = {other.name: Value(reference, f"{_THING}{next(iter(plan.things))}{_THING}")}
            clauses.append(_clause_of(plan, one, given)[0])
    elif plan.rng.random() < 0.2:
        clauses.append(_clause(plan, _any(plan)))
    return _whole(plan, clauses)


# How one tool is asked for: a verb phrase or a whole sentence, and which of the two it is.


def _clause(plan: _Plan, entry: Entry) -> tuple[str, bool]:
    return _clause_of(plan, entry, {})[0]


def _clause_of(plan: _Plan, entry: Entry, given: Values) -> tuple[tuple[str, bool], str | None]:
    """A request for one call, some of whose values are given, and the call's variable."""
    required = [slot.name for slot in entry.slots.values() if slot.required]
    stated = _stated(plan, entry)
    found = {**plan.values(entry, [*required, *stated]), **given}
    core = _filled(entry.core, found)
    said, whole = _said(plan, entry, core, found, stated)
    for reference in given.values():
        said = re.sub(f"(['\"]){re.escape(reference.said)}\\1", reference.said, said)
    return (said, whole), plan.call(entry, found)


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
        name: Value(one.written.replace('"', ""), one.written)
        if one.written[0] == "[" and _THING not in one.written
        else one
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
    if len(said) > 3 or any(whole for _, whole in clauses):
        texts = [said[0]]
        for text, whole in clauses[1:]:
            joint = "" if whole else plan.rng.choice(_NEXT)
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
