"""Requests for calls that need other calls: that take what these return, or that are on a thing by
its name, whose identifier another tool looks up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from planc.tune.general.catalogue import Entry, Slot
from planc.tune.general.clauses import Clause, clause, clause_of, joined, repeated
from planc.tune.general.draft import LITTLE, THING, Draft
from planc.tune.general.values import Value, Values

_OF_SEVERAL = 5  # how much oftener a tool is asked for that takes several things at once


def chained(draft: Draft) -> str | None:
    """Calls of several tools, of which one or more take what earlier ones have returned."""
    giving = [one for one in draft.entries() if one.gives]
    if not giving:
        return None
    entry = draft.rng.choice(giving)
    clauses: list[Clause] = []
    results: list[tuple[Entry, str]] = []
    count, passed = draft.rng.choice([2, 2, 2, 3, 3, 4, 5]), 0
    for number in range(1, count + 1):
        given: Values = {}
        if results and (number == count or draft.rng.random() < 0.6):
            entry, given = _taken(draft, results) or (entry, given)
            passed += bool(given)
        draft.signature(entry, True)
        said, variable = clause_of(draft, entry, given)
        clauses.append(said)
        if variable is not None and (entry, variable) not in results:
            results.append((entry, variable))
        entry = draft.any()
    return joined(draft, clauses) if passed else None


def _taken(draft: Draft, results: Sequence[tuple[Entry, str]]) -> tuple[Entry, Values] | None:
    """A tool that takes what an earlier one gives, and the value of its slot: an identifier of its
    kind, a number, or a text. Said is what the last tool gave, or the name of what one gave."""
    told = Counter(part for entry, _ in results for part in entry.gives)
    found: list[tuple[Entry, str, str, str]] = []
    for giver, variable in results:
        kinds = Counter(giver.gives.values())
        for one in draft.entries():
            for slot in filter(lambda slot: slot.required, one.slots.values()):
                for part, kind in giver.gives.items():
                    if not _fits(kind, slot):
                        continue
                    refs = one.refs.get(slot.name, ())
                    said = []
                    if refs and kinds[kind] == 1 and variable == results[-1][1]:
                        said += [draft.rng.choice(list(refs))] * 2
                    if told[part] == 1 and _nameable(part, kind, refs):
                        said.append(f"the {part.replace('_', ' ')}")
                    written = draft.given(giver, variable, part)
                    found += [(one, slot.name, reference, written) for reference in said]
    if not found:
        return None
    entry, name, reference, written = draft.rng.choice(found)
    return entry, {name: Value(reference, written)}


def _fits(kind: str, slot: Slot) -> bool:
    """Whether a slot takes a field of a kind."""
    return kind == slot.kind or (kind == "number" and slot.kind.split(" ")[0] in ("int", "float"))


def _nameable(part: str, kind: str, refs: Sequence[str]) -> bool:
    """Whether what is passed on can be called by its field's name: a text, or a number that does
    not stand before what it counts."""
    words = part.split("_")
    noun = words[-1] not in LITTLE and words[0] != "is" and part != "result"
    return noun and (kind == "text" or (kind == "number" and "the result" in refs))


def _kinds(slot: Slot) -> list[str]:
    """The kinds of identifiers that a slot takes."""
    kinds = [one.kind for one in slot.fields] or [slot.kind.removeprefix("list of ")]
    return [kind for kind in kinds if kind.startswith("id ")]


def named(draft: Draft) -> str | None:
    """Calls on things that are named: one, several of one tool, or several on one thing."""
    draft.naming = True
    takers = [
        (one, slot)
        for one in draft.entries()
        for slot in one.slots.values()
        if slot.required and any(draft.finders(kind) for kind in _kinds(slot))
    ]
    if not takers:
        return None
    weights = [1 if slot.kind.startswith("id ") else _OF_SEVERAL for _, slot in takers]
    ((entry, slot),) = draft.rng.choices(takers, weights)
    several = f"{{{slot.name}}}" in entry.core and slot.kind.startswith("id ")
    if several and draft.rng.random() < 0.35:
        return joined(draft, [repeated(draft, entry)])
    said, _ = clause_of(draft, entry, {})
    clauses = [said]
    others = [(one, other) for one, other in takers if one is not entry and other.name in one.refs]
    others = [(one, other) for one, other in others if other.kind == slot.kind]
    if draft.things and others and draft.rng.random() < 0.6:
        for one, other in draft.rng.sample(others, min(len(others), draft.rng.choice([1, 1, 2]))):
            reference = draft.rng.choice(list(one.refs[other.name]))
            given = {other.name: Value(reference, f"{THING}{next(iter(draft.things))}{THING}")}
            clauses.append(clause_of(draft, one, given)[0])
    elif draft.rng.random() < 0.2:
        clauses.append(clause(draft, draft.any()))
    return joined(draft, clauses)
