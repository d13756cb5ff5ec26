"""What a benchmark is made of: cases, and a judge of plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from planc.tools import ToolSet

Json = Any
Call = Mapping[str, Json]  # in the form of `planc.report.calls`


@dataclass(frozen=True)
class Case:
    """A request with its tools, and what the judge knows of the right answer.

    `group` is the part of the suite that the case is counted in, and `number` its place there,
    from 0: even-numbered cases are for development, odd ones for results. `tools` may raise
    `PlanError`, as a benchmark's descriptions are foreign text.
    """

    id: str
    group: str
    number: int
    query: str
    now: datetime
    tools: Callable[[], ToolSet]
    gold: Json


def always(call: Call) -> bool:
    """Whether a plan makes a call once and in any case: neither under a condition nor for each
    element of a list."""
    return "map" not in call and "when" not in call


@dataclass(frozen=True)
class Verdict:
    """The scores of one plan, each from 0 to 1, and what is wrong; empty if nothing is."""

    scores: Mapping[str, float]
    reason: str = ""


class Suite(Protocol):
    """A benchmark. `metrics` names its scores, the one that counts most first; `package` is where
    its data comes from, if not from planc or the user."""

    name: str
    package: str | None
    metrics: tuple[str, ...]

    def cases(self) -> Sequence[Case]:
        """All cases, in the benchmark's order. Raises `PlanError` (E601) without the data."""

    def judge(self, case: Case, calls: Sequence[Call]) -> Verdict:
        """The scores of a plan's calls."""
