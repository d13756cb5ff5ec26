"""A results file: what was measured with what, and every case.

It is JSON, written anew and whole each time (so that a run that was cut off can go on), with

    suite, ids, groups, limit   which cases were asked
    cases_sha256        of their requests and gold plans
    model               name, file, SHA-256
    adapter             `none`, or the names of adapters by their SHA-256
    refusal, refusal_taught  see `planc.models`
    prompt_sha256       of the first case's prompt without its request
    seed, versions
    asked               how many cases there are to be
    sizes               how many cases of each group they stand for: more, if there is a limit
    date, machine
    totals              for each group and for all: cases, and each metric's mean with its 95 %
                        interval (Wilson's, for metrics that are 0 or 1 in each case). In those of
                        all each group counts by its size
    cases               id, group, request, plan, scores, reason, stats
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from planc import files
from planc.diagnostics import BAD_RESULTS, Diagnostic, PlanError

Json = Any
_Z = 1.959964  # the normal distribution's 97.5 % point
_ALL = "all"


@dataclass(frozen=True)
class Outcome:
    """What became of one case. `stats` are those of the plan; None if there is none."""

    id: str
    group: str
    query: str
    plan: str
    scores: dict[str, float]
    reason: str
    stats: dict[str, Json] | None


@dataclass
class Results:
    """A run of a suite: `setting` is all that the outcomes depend on, `about` the rest."""

    setting: dict[str, Json]
    about: dict[str, Json]
    cases: list[Outcome] = field(default_factory=list)

    def totals(self) -> dict[str, dict[str, Json]]:
        """The means of each group, in the order of the cases, and of all."""
        groups: dict[str, list[Outcome]] = {}
        for case in self.cases:
            groups.setdefault(case.group, []).append(case)
        totals = {group: _means(cases, [1.0] * len(cases)) for group, cases in groups.items()}
        if len(groups) != 1:
            sizes = self.about.get("sizes", {})
            asked = {group: len(cases) for group, cases in groups.items()}
            each = {group: sizes.get(group, count) / count for group, count in asked.items()}
            totals[_ALL] = _means(self.cases, [each[case.group] for case in self.cases])
        return totals

    def write(self, path: Path) -> None:
        """Writes the file in one step. Raises `PlanError` (E105)."""
        content = {
            **self.setting,
            **self.about,
            "totals": self.totals(),
            "cases": [asdict(case) for case in self.cases],
        }
        files.write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def read(path: Path) -> Results:
    """The results in a file. Raises `PlanError` (E602)."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cases = TypeAdapter(list[Outcome]).validate_python(content["cases"])
        setting = {name: content.get(name) for name in SETTING}  # some were not kept before
        setting["suite"], setting["model"] = content["suite"], content["model"]
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise PlanError(
            Diagnostic(BAD_RESULTS, f"`{path}` holds no results of `planc eval`: {error!s:.80}")
        ) from error
    about = {k: v for k, v in content.items() if k not in (*SETTING, "totals", "cases")}
    return Results(setting, about, cases)


SETTING = (
    "suite",
    "ids",
    "groups",
    "limit",
    "cases_sha256",
    "model",
    "adapter",
    "refusal",
    "refusal_taught",
    "prompt_sha256",
    "seed",
    "versions",
)


def _means(cases: Sequence[Outcome], weights: Sequence[float]) -> dict[str, Json]:
    """The weighted means, with intervals by as many cases as tell as much without weights
    (Kish, Survey Sampling, 1965)."""
    metrics: dict[str, list[tuple[float, float]]] = {}
    for case, weight in zip(cases, weights, strict=True):
        for metric, score in case.scores.items():
            metrics.setdefault(metric, []).append((score, weight))
    told: dict[str, Json] = {"cases": len(cases)}
    for metric, scores in metrics.items():
        whole = sum(weight for _, weight in scores)
        mean = sum(score * weight for score, weight in scores) / whole
        told[metric] = {"mean": round(mean, 4)}
        if {score for score, _ in scores} <= {0.0, 1.0}:
            count = whole * whole / sum(weight * weight for _, weight in scores)
            told[metric]["interval"] = [round(end, 4) for end in wilson(mean, count)]
    seconds = [case.stats["seconds"] for case in cases if case.stats]
    if seconds:
        told["seconds_per_plan"] = round(sum(seconds) / len(seconds), 3)
    return told


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % score interval of a share of `count` cases (Wilson, 1927)."""
    middle = share + _Z * _Z / (2 * count)
    half = _Z * math.sqrt(share * (1 - share) / count + _Z * _Z / (4 * count * count))
    whole = 1 + _Z * _Z / count
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def mean_of(totals: Mapping[str, Json], metric: str) -> str:
    """A mean in per cent, with its interval: `85.0 (79.1-89.5)`."""
    told = totals[metric]
    text = f"{100 * told['mean']:.1f}"
    if "interval" in told:
        low, high = told["interval"]
        text += f" ({100 * low:.1f}-{100 * high:.1f})"
    return text
