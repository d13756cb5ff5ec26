"""Requests over tools of the catalogue, a few over each of many tool sets, and their plans.

What is asked is one call; several of one tool, which differ in what its frames call the core; calls
of several tools; calls that take what earlier ones have returned; calls on things that are named,
which another tool looks up; or what none of the tools does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

from planc import toolset
from planc.decode.probe import refused_at
from planc.diagnostics import PlanError
from planc.tune.general import signatures
from planc.tune.general.catalogue import entries
from planc.tune.general.chains import chained, named
from planc.tune.general.clauses import clause, joined, repeated
from planc.tune.general.draft import TRIED, Draft
from planc.tune.general.questions import QUESTIONS
from planc.tune.general.signatures import Signature, Style
from planc.tune.samples import Draw, Sample, Split
from planc.tune.standard import times

_TOGETHER = 4  # requests over a tool set, whose text then is read once for them all
_SHOWN = (0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 6)  # tools beside those that are needed


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
    draft = first
    for _ in range(TRIED):
        if said and refused_at(tools, draft.text, said) is None:
            sample = Sample(said, draft.now, draft.text, tuple(draft.draw.drawn), tuple(schemas))
            found.setdefault(said, sample)
        if len(found) == _TOGETHER or not found:
            break
        draft = _plan(rng, split, style, shown)
        said = _text((way if rng.random() < 0.5 else _way(rng))(draft))
    return list(found.values())


def _plan(rng: Random, split: Split, style: Style, shown: Mapping[str, Signature]) -> Draft:
    draw = Draw(rng, split)
    return Draft(draw, times.clock(draw), style, rng.random() < 0.5, shown)


Way = Callable[[Draft], str | None]
"""Makes a draft, and gives the text of a request for it, if it came to one."""


def _way(rng: Random) -> Way:
    ways: dict[Way, float] = {
        _single: 0.17,
        _several: 0.18,
        _different: 0.14,
        chained: 0.12,
        named: 0.3,
        _impossible: 0.09,
    }
    return rng.choices(list(ways), list(ways.values()))[0]


def _text(said: str | None) -> str:
    text = re.sub(r"\bon (?=today|tomorrow|yesterday)", "", said or "")
    return re.sub(r"(^|[.!?] )([a-z])", lambda found: found[1] + found[2].upper(), text)


def _others(draft: Draft) -> list[Signature]:
    """Tools that are shown and not asked for, half of them of the same domain."""
    rng = draft.rng
    asked = next(iter(draft.signatures.values())).entry
    known = [one for one in draft.entries() if one.name not in draft.signatures]
    near = [one for one in known if one.domain == asked.domain]
    count = rng.choice(_SHOWN) if draft.calls else rng.randint(1, 5)
    found: dict[str, Signature] = {}
    for _ in range(count):
        entry = rng.choice(near if near and rng.random() < 0.5 else known)
        found[entry.name] = signatures.drawn(entry, draft.style, rng, False)
    return list(found.values())


def _single(draft: Draft) -> str:
    return joined(draft, [clause(draft, draft.any())])


def _different(draft: Draft) -> str | None:
    known = draft.entries()
    if len(known) < 2:
        return None
    found = draft.rng.sample(known, min(len(known), draft.rng.choice([2, 2, 2, 3])))
    many = draft.rng.random() < 0.35
    clauses = [
        repeated(draft, one) if many and draft.rng.random() < 0.5 else clause(draft, one)
        for one in found
    ]
    return joined(draft, clauses)


def _several(draft: Draft) -> str:
    return joined(draft, [repeated(draft, draft.any())])


def _impossible(draft: Draft) -> str:
    """A request for one call, of a tool that is not shown, or a question that asks for none."""
    if draft.rng.random() < 0.4:
        draft.signature(draft.any())  # beside which tools are shown
        return draft.draw.one("QUESTIONS", QUESTIONS)
    hidden = [one for one in entries(draft.draw.split) if one.name not in draft.shown]
    said = joined(draft, [clause(draft, draft.rng.choice(hidden))])
    draft.calls.clear()
    return said
