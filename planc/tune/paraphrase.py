"""Requests in other words: a model says them again, and what comes back to the same plan is kept.

So a model is taught to understand what no frame of a list says (Wang, Berant and Liang, 2015, had
people reword made-up requests). A paraphrase is kept if

1. the decoder can write the plan from it: what a plan must copy from the request is still there
   (`planc.decode.probe`);
2. a planner makes the same plan of it (the round trip);
3. it shares no run of words with a benchmark (`planc.tune.leakage`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from planc import toolset
from planc.decode.probe import refused_at
from planc.diagnostics import PlanError
from planc.tools import TextModel, ToolSet
from planc.tune.leakage import known_runs, runs
from planc.tune.samples import Sample

Plans = Callable[[str, datetime, ToolSet], str]
"""The canonical text of the plan for a request. Raises `PlanError` where there is none."""

_INSTRUCTION = (
    "Say this request to an assistant in other words, as another person would who wants exactly "
    "the same. Keep all names, addresses, days, times, numbers and quoted texts. Answer with the "
    "new request alone."
)
_MAX_TOKENS = 160


def paraphrased(
    samples: Iterable[Sample], tools: ToolSet | None, speaker: TextModel, plans: Plans
) -> Iterator[Sample | None]:
    """For each sample the same in other words, or None where these are not kept. With None for
    `tools` each sample is over its own."""
    for sample in samples:
        over = toolset.described(list(sample.tools)) if tools is None else tools
        text = " ".join(speaker.complete(_INSTRUCTION, sample.text, _MAX_TOKENS).split())
        if text[:1] == text[-1:] == '"' and text.count('"') == 2:
            text = text[1:-1]
        kept = (
            _words(text) != _words(sample.text)
            and refused_at(over, sample.plan, text) is None
            and not runs(text) & known_runs()
            and _planned(plans, text, sample.now, over) == sample.plan
        )
        yield replace(sample, text=text, drawn=()) if kept else None


def _words(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _planned(plans: Plans, text: str, now: datetime, tools: ToolSet) -> str | None:
    try:
        return plans(text, now, tools)
    except PlanError:
        return None
