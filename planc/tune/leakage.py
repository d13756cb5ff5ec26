"""What training requests have in common with those of benchmarks: it should be nothing.

Compared are runs of words (n-grams), in lower case and without punctuation; a shorter request is
compared whole. Runs of six words tell a frame that was copied from phrases that everybody uses
(GPT-3's report, arXiv 2005.14165, appendix C, took eight to thirteen, against whole documents).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from planc.diagnostics import PlanError
from planc.eval.assistant import Assistant
from planc.eval.bfcl import Bfcl
from planc.eval.complexfuncbench import ComplexFuncBench
from planc.eval.nestful import Nestful
from planc.tune.samples import Sample

WORDS = 6
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Report:
    """Counts of training requests: all, different texts and plans, plans by their lines, the
    entries drawn from the lists, and the requests that share a run of words with each benchmark."""

    requests: int
    texts: int
    plans: int
    lines: Mapping[int, int]
    drawn: int
    leaked: Mapping[str, int]


@cache
def known_runs() -> frozenset[tuple[str, ...]]:
    """The runs of words of all benchmarks that are installed: a request with one of these is not
    taught."""
    found, _ = benchmarks()
    return frozenset(run for texts in found.values() for text in texts for run in runs(text))


def benchmarks() -> tuple[dict[str, list[str]], list[str]]:
    """The requests of the suites of `planc eval`, by their names, and the names of those suites
    whose data is not installed."""
    found, missing = {}, []
    for suite in (Assistant(), Bfcl(), Nestful(), ComplexFuncBench()):
        try:
            found[suite.name] = [case.query for case in suite.cases()]
        except PlanError:
            missing.append(suite.name)
    return found, missing


def report(samples: Sequence[Sample], known: Mapping[str, Iterable[str]]) -> Report:
    """Counts samples, against the texts of benchmarks by name."""
    mine = [runs(sample.text) for sample in samples]
    leaked = {}
    for name, texts in known.items():
        theirs = {run for text in texts for run in runs(text)}
        leaked[name] = sum(bool(one & theirs) for one in mine)
    lines = Counter(sample.plan.count("\n") for sample in samples)
    return Report(
        len(samples),
        len({sample.text for sample in samples}),
        len({sample.plan for sample in samples}),
        dict(sorted(lines.items())),
        len({entry for sample in samples for entry in sample.drawn}),
        leaked,
    )


def runs(text: str) -> set[tuple[str, ...]]:
    """The runs of `WORDS` words of a text, or, if it is shorter, all of it."""
    words = _WORD.findall(text.casefold())
    return {tuple(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))}
