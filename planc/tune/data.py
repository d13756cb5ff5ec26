"""The requests that a model is taught: made up for a tool set, or given by a user."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from pydantic import BaseModel, ValidationError

from planc import files, toolset
from planc.compile import compile_plan
from planc.decode.probe import refused_at
from planc.decode.retrieve import MANY, Ranking
from planc.diagnostics import NO_TRAINING, Diagnostic, PlanError
from planc.parse import parse
from planc.schema import refusal
from planc.source import Source
from planc.syntax import Call, walk
from planc.tools import Tool, ToolSet
from planc.tune import unseen
from planc.tune.general.requests import requests as general
from planc.tune.leakage import known_runs, runs
from planc.tune.samples import Sample, Split
from planc.tune.standard.requests import request as standard

TESTED = 100
"""Samples of frames and entities that are kept for testing."""

_TOLD = 20  # wrong lines of a file
_TRIED = 20
_PATIENCE = 10  # attempts for each request
_OWN = 0.25  # of the requests over standard tools and others are over these, at least
_REFUSED = 8  # requests that no tool serves, where these are more than a quarter

HELD = 20
"""Of so many samples that a user gives one is kept for testing."""


def made_up(
    tools: ToolSet | None, count: int, seed: int, split: Split, least: int | None = None
) -> list[Sample]:
    """Different requests over a tool set: those over the standard tools if it has these, and over
    others such as follow from descriptions and types; with None each over tools of its own. What
    shares a run of words with a benchmark (`planc.tune.leakage`) is left out, and a quarter at most
    are requests that no tool serves. Raises `PlanError` (E603) where not even `least` can be made
    (by itself `count`)."""
    make = _maker(tools, seed, split)
    found: dict[str, Sample] = {}
    refused = 0
    for number in range(_PATIENCE * count):
        for one in make(Random(f"{seed} {split} {number}")):
            if one.text in found or runs(one.text) & known_runs():
                continue
            if not one.plan:
                if refused >= max(_REFUSED, len(found) // 4):
                    continue
                refused += 1
            found[one.text] = one
        if len(found) >= count:
            break
    if len(found) < (count if least is None else least):
        raise PlanError(
            Diagnostic(
                NO_TRAINING,
                f"only {len(found)} requests can be made up for these tools, and not {count}",
                hint="ask for fewer with --samples, or give requests with their plans: --data FILE",
            )
        )
    return list(found.values())[:count]


def uncalled(tools: ToolSet, samples: Iterable[Sample]) -> list[str]:
    """The tools that the plan of no sample calls."""
    called = {
        node.tool
        for plan in {sample.plan for sample in samples}
        for statement in parse(Source(plan)).statements
        for node in walk(statement)
        if isinstance(node, Call)
    }
    return [name for name in tools if name not in called]


def _maker(tools: ToolSet | None, seed: int, split: Split) -> Callable[[Random], list[Sample]]:
    """What makes requests, one or more at a time, or none."""
    if tools is None:
        return partial(general, split=split)
    make = partial(_over_standard, tools, split=split)
    tried = (make(Random(f"{seed} {number}")) for number in range(_TRIED))
    if sum(map(len, tried)) <= _TRIED // 2:
        return partial(_over_unseen, tools, _Own(list(tools.values())), split=split)
    known = toolset.load(["stdlib_tools"])
    own = [tool for tool in tools.values() if tool != known.get(tool.name)]
    return partial(_over_both, tools, _Own(own), split=split) if own else make


class _Own:
    """Tools that are none of the standard ones."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self.tools = tools
        self._ranking = Ranking(tools)

    def may_serve(self, text: str) -> bool:
        """Whether a request has a word in common with one of them."""
        return bool(self._ranking.scores(text).any())


def _over_standard(tools: ToolSet, rng: Random, split: Split) -> list[Sample]:
    """A request over the standard tools; none where its plan does not go with these."""
    sample = standard(rng, split)
    try:
        compile_plan(Source(sample.plan), tools)
    except PlanError:
        return []
    return [sample]


def _over_unseen(tools: ToolSet, own: _Own, rng: Random, split: Split) -> list[Sample]:
    sample = unseen.request(tools, own.tools, rng, split)
    return [] if sample is None or (not sample.plan and own.may_serve(sample.text)) else [sample]


def _over_both(tools: ToolSet, own: _Own, rng: Random, split: Split) -> list[Sample]:
    if rng.random() < max(_OWN, len(own.tools) / len(tools)):
        return _over_unseen(tools, own, rng, split)
    made = _over_standard(tools, rng, split)
    return [one for one in made if one.plan or not own.may_serve(one.text)]


def given(path: Path, tools: ToolSet | None) -> list[Sample]:
    """The samples of a JSON-lines file, each with `text`, `now` and `plan`, and with None also with
    `tools`, as function schemas. Raises `PlanError`: E603 for each line that is none, or whose plan
    does not check or cannot be decoded, and for fewer than two samples."""
    samples, wrong = [], []
    for number, line in enumerate(files.read_text(str(path), files.MAX_BATCH).text.split("\n"), 1):
        if line.strip():
            try:
                samples.append(_sample(line, tools))
            except (ValueError, RecursionError, PlanError) as error:
                reason = refusal(error) if isinstance(error, ValidationError) else str(error)
                message = f"line {number} of `{path}` is no sample: {reason:.120}"
                wrong.append(Diagnostic(NO_TRAINING, message))
        if len(wrong) == _TOLD:
            break
    if wrong:
        raise PlanError(wrong)
    if len(samples) < 2:
        message = f"`{path}` has {len(samples)} samples, and one at least is kept for testing"
        raise PlanError(Diagnostic(NO_TRAINING, message))
    return samples


class _Row(BaseModel):
    """A line of a user's file."""

    text: str
    now: datetime
    plan: str
    tools: tuple[dict[str, Any], ...] = ()


def _sample(line: str, tools: ToolSet | None) -> Sample:
    """The sample of a line, its plan in the canonical form. Raises `ValueError`, `RecursionError`,
    `PlanError`."""
    row = _Row.model_validate_json(line)
    text = files.checked_request(Source(row.text))
    if not 1970 <= row.now.year < 9999:
        raise ValueError(f"its time is of the year {row.now.year}")
    if tools is None and not row.tools:
        raise ValueError("it has no `tools` of its own")
    if tools is None and len(row.tools) > MANY:
        raise ValueError(f"it has {len(row.tools)} tools, and the model is shown at most {MANY}")
    known = tools if tools is not None else toolset.described(list(row.tools))
    plan = compile_plan(Source(row.plan), known).text
    at = refused_at(known, plan, text)
    if at is not None:
        raise ValueError(f"the decoder cannot write its plan from {plan.encode()[at:][:30]!r} on")
    own = row.tools if tools is None else ()
    return Sample(text, row.now.replace(tzinfo=None), plan, tools=own)
