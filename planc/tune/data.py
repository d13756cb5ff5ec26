"""The requests that a model is taught: made up for a tool set, or given by a user."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from pydantic import BaseModel, ValidationError

from planc import files, toolset
from planc.compile import compile_plan
from planc.decode.probe import refused_at
from planc.decode.retrieve import MANY
from planc.diagnostics import NO_TRAINING, Diagnostic, PlanError
from planc.schema import refusal
from planc.source import Source
from planc.tools import ToolSet
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

HELD = 20
"""Of so many samples that a user gives one is kept for testing."""


def made_up(tools: ToolSet | None, count: int, seed: int, split: Split) -> list[Sample]:
    """Different requests over a tool set: those over the standard tools if it has these, or else
    such as follow from descriptions and types; with None each over tools of its own. What shares a
    run of words with a benchmark (`planc.tune.leakage`) is left out. Raises `PlanError` (E603)
    where so many cannot be made."""
    make = _maker(tools, seed, split)
    found: dict[str, Sample] = {}
    for number in range(_PATIENCE * count):
        for one in make(Random(f"{seed} {split} {number}")):
            if not runs(one.text) & known_runs():
                found.setdefault(one.text, one)
        if len(found) >= count:
            return list(found.values())[:count]
    raise PlanError(
        Diagnostic(
            NO_TRAINING,
            f"only {len(found)} requests can be made up for these tools, and not {count}",
            hint="ask for fewer with --samples, or give requests with their plans: --data FILE",
        )
    )


def _maker(tools: ToolSet | None, seed: int, split: Split) -> Callable[[Random], list[Sample]]:
    if tools is None:
        return partial(general, split=split)
    make = partial(_over_standard, tools, split=split)
    tried = (make(Random(f"{seed} {number}")) for number in range(_TRIED))
    if sum(map(len, tried)) > _TRIED // 2:
        return make
    return partial(_over_unseen, tools, split=split)


def _over_standard(tools: ToolSet, rng: Random, split: Split) -> list[Sample]:
    """A request over the standard tools; none where its plan does not go with these."""
    sample = standard(rng, split)
    try:
        compile_plan(Source(sample.plan), tools)
    except PlanError:
        return []
    return [sample]


def _over_unseen(tools: ToolSet, rng: Random, split: Split) -> list[Sample]:
    sample = unseen.request(tools, rng, split)
    return [] if sample is None else [sample]


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
