"""Fuzzing: properties of the language, the checker, the decoder and the interpreter.

Each property is tried on many plans over the given tools and, when it does not hold, on ever
smaller ones (hypothesis shrinks them) until it finds none that is smaller.

| property | says |
|---|---|
| `decoded` | what a model with random logits writes under the constraint is well typed |
| `accepted` | what the decoder's part of the language holds, the constraint lets pass |
| `refused` | a plan with a mistake is refused by the checker, and by the constraint |
| `runs` | a well-typed plan runs on tools that answer as they promise |
| `optimised` | and does the same when it is optimised: result, writes, and what reads could see |
| `read` | any text is read, or has its mistakes told, without a crash and in linear time |
"""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from random import Random
from typing import Any

import anyio
import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.reporting import with_reporter

from planc import syntax as ast
from planc.check import check
from planc.compile import Compiled, compile_plan
from planc.decode.identifiers import identifies, stated
from planc.decode.literals import copies, spelling
from planc.decode.probe import decode_at_random, refused_at
from planc.diagnostics import BAD_ARGUMENT, BAD_VALUE, PlanError, render
from planc.format import format
from planc.irtext import parse_ir, print_ir
from planc.parse import parse
from planc.run.interpret import interpret
from planc.run.policy import AllowAll
from planc.source import Source, printable
from planc.testing import fake_tools, mutants, mutated, plans, random_text, tool_sets, value_of
from planc.testing.plans import random_plan
from planc.tools import ToolSet
from planc.types import (
    ANY,
    DictOf,
    ListOf,
    Nominal,
    Record,
    Type,
    Union,
    members,
    nominals,
)

Draw = Callable[[st.SearchStrategy[Any]], Any]
_LIMITS = (60, 200, 500, 1024)  # tokens of a random model's plan
_HASTES = (0.0, 0.1, 0.3, 0.5)
_SECONDS = 0.5  # that reading any text may take, and
_SECONDS_A_CHARACTER = 2e-4  # for each of its characters
_CORPUS = 200  # plans that texts to read are made of, which have
_SHORT = 300  # characters at the most


@dataclass(frozen=True)
class Subject:
    """What plans are made for: tools, and the request that holds the values to be copied and states
    a number as an identifier."""

    tools: ToolSet
    request: str


@dataclass(frozen=True)
class Finding:
    """A property that does not hold: the smallest text that shows it, and what is wrong."""

    property: str
    subject: Subject
    text: str
    reason: str

    def describe(self) -> str:
        """For a person: the tools that matter, the text, what is wrong."""
        called = [t for t in self.subject.tools.values() if t.name in self.text]
        parts = [
            ("tools", "\n".join(tool.signature() for tool in called)),
            ("request", self.subject.request if self.property != "read" else ""),
            ("plan", self.text),
            ("what is wrong", self.reason),
        ]
        return "".join(
            f"{title}:\n{textwrap.indent(printable(text).rstrip(), '  ')}\n"
            for title, text in parts
            if text
        )


class Broken(Exception):
    """Raised by a property that does not hold of a text."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(reason)
        self.text = text
        self.reason = reason


def subject_for(tools: ToolSet) -> Subject:
    """These tools, and a request with an identifier, and with two values of every type of theirs
    that is copied."""
    rng = Random(0)
    wanted = [of for of in _nominals(tools) if spelling(of) is None]
    values = [value_of(of, rng) for of in wanted for _ in range(2)]
    return Subject(tools, "\n".join(["Write to sid@example.org about id 4711.", *map(str, values)]))


def fixed(tools: ToolSet) -> st.SearchStrategy[Subject]:
    """The same tools for every example."""
    return st.just(subject_for(tools))


def generated() -> st.SearchStrategy[Subject]:
    """New tools for every example."""
    return tool_sets().map(subject_for)


def fuzz(
    name: str,
    subjects: st.SearchStrategy[Subject],
    examples: int,
    seed: int,
    advance: Callable[[], object] = lambda: None,
) -> Finding | None:
    """Tries a property on a number of examples; the first that breaks it, made small, or None.

    `advance` is called for each example. The same seed gives the same examples.
    """
    if name == READ:
        return _fuzz_texts(subjects, examples, seed, advance)
    holds = _PLANS[name]
    found: list[Finding] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(subjects, st.data())
    def trial(subject: Subject, data: st.DataObject) -> None:
        advance()
        try:
            holds(subject, data.draw)
        except Broken as broken:
            found.append(Finding(name, subject, broken.text, broken.reason))
            raise

    try:
        with with_reporter(lambda text: None):
            trial()
    except Broken:
        return found[-1]
    return None


# Properties


def _decoded(subject: Subject, draw: Draw) -> None:
    chance = Random(draw(st.integers(0, 2**32 - 1)))
    limit, haste = chance.choice(_LIMITS), chance.choice(_HASTES)
    try:
        text = decode_at_random(subject.tools, subject.request, chance, limit, haste)
    except RuntimeError as error:
        raise Broken("", str(error)) from error
    except PlanError as error:  # of a statement, as soon as it is written
        place = error.diagnostics[0].span
        raise Broken(place.source.text if place else "", render(error.diagnostics)) from error
    _well_typed(text, subject.tools)


def _accepted(subject: Subject, draw: Draw) -> None:
    text = format(draw(_decodable(subject)))
    _well_typed(text, subject.tools)
    at = refused_at(subject.tools, text, subject.request)
    if at is not None:
        before = text.encode()[:at].decode("utf-8", "replace")
        raise Broken(text, f"the constraint refuses what follows {before!r}")


def _refused(subject: Subject, draw: Draw) -> None:
    mutant = draw(mutants(subject.tools, _decodable(subject)))
    try:
        check(parse(Source(mutant.text)), subject.tools)
    except PlanError:
        pass
    else:
        raise Broken(mutant.text, f"the checker takes it ({mutant.kind})")
    if refused_at(subject.tools, mutant.text, subject.request) is None:
        raise Broken(mutant.text, f"the constraint lets it pass ({mutant.kind})")


def _runs(subject: Subject, draw: Draw) -> None:
    text = format(draw(plans(subject.tools, decodable=False)))
    compiled = _well_typed(text, subject.tools)
    fakes = fake_tools(subject.tools, draw(st.integers(0, 99)))

    async def run() -> Any:
        return await interpret(compiled.graph, fakes, policy=AllowAll())

    # An index that is not there, and what came as `Any` and is of the wrong type after all.
    gradual = any(_holds_any(tool.result) for tool in subject.tools.values())
    expected = (BAD_VALUE, BAD_ARGUMENT) if gradual else (BAD_VALUE,)
    wrong = [one for one in anyio.run(run).failures if one.code not in expected]
    if wrong:
        raise Broken(text, render(wrong))


def _optimised(subject: Subject, draw: Draw) -> None:
    text = format(draw(plans(subject.tools, decodable=False)))
    compiled = _well_typed(text, subject.tools)
    seed, failure = draw(st.integers(0, 99)), draw(st.sampled_from((0.0, 0.2)))
    seen = []
    for graph in (compiled.graph, compiled.optimised):
        fakes = fake_tools(subject.tools, seed, failure)
        outcome = anyio.run(partial(interpret, graph, fakes, policy=AllowAll()))
        seen.append((outcome, fakes.world()))
    (before, world), (after, other) = seen
    if other.writes != world.writes:
        raise Broken(
            text, f"optimised, it writes other than before:\n{print_ir(compiled.optimised)}"
        )
    if before.complete and (after.result, after.complete) != (before.result, True):
        raise Broken(text, f"optimised, its result is {after.result!r}, not {before.result!r}")
    if not before.failures and not other.reads <= world.reads:
        raise Broken(text, f"optimised, it reads other than before: {other.reads - world.reads}")


def _well_typed(text: str, tools: Mapping[str, Any]) -> Compiled:
    """The compiled plan, which is sound all the way to its graphs."""
    try:
        compiled = compile_plan(Source(text), tools)
        compiled.graph, compiled.optimised  # noqa: B018 - they are made when asked for
    except PlanError as error:
        raise Broken(text, render(error.diagnostics)) from error
    if parse(Source(compiled.text)) != compiled.checked.plan:
        raise Broken(text, f"its canonical text is another plan:\n{compiled.text}")
    written = print_ir(compiled.graph)
    if print_ir(parse_ir(Source(written))) != written:
        raise Broken(text, f"the text of its graph reads back as another:\n{written}")
    return compiled


_PLANS: dict[str, Callable[[Subject, Draw], None]] = {
    "decoded": _decoded,
    "accepted": _accepted,
    "refused": _refused,
    "runs": _runs,
    "optimised": _optimised,
}
READ = "read"
PROPERTIES = (*_PLANS, READ)


def _holds_any(of: Type) -> bool:
    match of:
        case ListOf(inner) | DictOf(inner):
            return _holds_any(inner)
        case Record(fields):
            return any(_holds_any(field.type) for field in fields)
    return ANY in members(of) or (isinstance(of, Union) and any(map(_holds_any, of.members)))


def _nominals(tools: ToolSet) -> list[Nominal]:
    types = [p.type for tool in tools.values() for p in tool.parameters]
    results = [tool.result for tool in tools.values()]
    return list(dict.fromkeys(n for of in (*types, *results) for n in nominals(of)))


def _decodable(subject: Subject) -> st.SearchStrategy[ast.Plan]:
    """Plans of the part of the language that the constraint offers for a request."""
    wanted = (of for of in _nominals(subject.tools) if spelling(of) is None)
    copied = {of: copies(of, subject.request) for of in wanted}
    given = stated(subject.request)
    return plans(
        subject.tools, copied, identifiers=lambda name: given if identifies(name) else None
    )


# Texts


def _fuzz_texts(
    subjects: st.SearchStrategy[Subject], examples: int, seed: int, advance: Callable[[], object]
) -> Finding | None:
    """The property `read`, on texts that are no plans and on plans that were spoilt. Drawn with
    `random` alone, which makes many more of them than hypothesis would."""
    rng = Random(seed)
    subject = _one(subjects, seed)
    drawn = (format(random_plan(subject.tools, rng, decodable=bool(i % 2))) for i in count())
    corpus = list(islice((text for text in drawn if len(text) < _SHORT), _CORPUS))
    for _ in range(examples):
        advance()
        text = random_text(rng) if rng.random() < 0.1 else mutated(rng, corpus)
        reason = _misread(text, subject.tools)
        if reason is not None:
            text = _smallest(text, lambda one: _misread(one, subject.tools) is not None)
            reason = _misread(text, subject.tools) or reason
            return Finding(READ, subject, text, reason)
    return None


def _one(subjects: st.SearchStrategy[Subject], seed: int) -> Subject:
    """One of the subjects, the same for the same seed."""
    found: list[Subject] = []

    @hypothesis.seed(seed)
    @settings(max_examples=1, database=None, phases=[Phase.generate])
    @given(subjects)
    def draw(subject: Subject) -> None:
        found.append(subject)

    draw()
    return found[-1]


def _misread(text: str, tools: ToolSet) -> str | None:
    """How reading a text goes wrong: a crash, a canonical text that is another plan, or the time
    it takes (the least of three attempts)."""
    allowed = _SECONDS + _SECONDS_A_CHARACTER * len(text)
    for _ in range(3):
        begin = time.process_time()
        try:
            plan = parse(Source(text))
            if parse(Source(format(plan))) != plan:
                return "its canonical text is another plan"
            check(plan, tools)
        except PlanError as error:
            render(error.diagnostics)
        except Exception as error:  # noqa: BLE001 - whatever a text raises is the finding
            return f"{type(error).__name__}: {error}"
        seconds = time.process_time() - begin
        if seconds <= allowed:
            return None
    return f"reading it took {seconds:.1f} s"


def _smallest(text: str, fails: Callable[[str], bool]) -> str:
    """A smaller text that still fails (delta debugging, Zeller and Hildebrandt 2002)."""
    size = max(1, len(text) // 2)
    while size:
        start = 0
        while start < len(text):
            without = text[:start] + text[start + size :]
            if fails(without):
                text = without
            else:
                start += size
        size //= 2
    return text
