"""The compiler as a whole: a plan's text in, a checked plan and its graph out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from planc.check import CheckedPlan, check
from planc.format import format
from planc.ir import Graph
from planc.lower import lower
from planc.parse import parse
from planc.passes import Step, optimise
from planc.source import Source
from planc.tools import Tool


@dataclass(frozen=True, eq=False)
class Compiled:
    """A plan that is known to be good. `text` is its canonical form."""

    checked: CheckedPlan
    tools: Mapping[str, Tool]

    @property
    def text(self) -> str:
        return format(self.checked.plan)

    @property
    def empty(self) -> bool:
        return not self.checked.plan.statements

    @cached_property
    def graph(self) -> Graph:
        return lower(self.checked)

    @cached_property
    def steps(self) -> list[Step]:
        """How the passes make the graph that is run."""
        return optimise(self.graph, self.tools)

    @property
    def optimised(self) -> Graph:
        return self.steps[-1].graph


def compile_plan(source: Source, tools: Mapping[str, Tool]) -> Compiled:
    """Parses and checks a plan. Raises `PlanError` with all mistakes."""
    return Compiled(check(parse(source), tools), tools)
