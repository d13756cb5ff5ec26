"""What the passes save on the plans that a model wrote for a suite of `planc eval`.

    python benchmarks/savings.py results.json [results.json]...

For each group of cases: the calls before and after, the seconds that the plans are expected to take
one call after another, as written, and optimised (by the tools' declared costs), and how many plans
each pass changed. Benchmarks describe functions and not what they do to the world, so that each
counts as a write, of which no pass may touch any; `--reads` counts them as reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from planc.compile import Compiled, compile_plan
from planc.diagnostics import PlanError
from planc.eval import results
from planc.eval.assistant import Assistant
from planc.eval.bfcl import Bfcl
from planc.eval.cases import Suite
from planc.eval.complexfuncbench import ComplexFuncBench
from planc.eval.nestful import Nestful
from planc.ir import Graph
from planc.schedule import schedule
from planc.source import Source
from planc.tools import ToolSet

SUITES: dict[str, type[Suite]] = {
    suite.name: suite  # type: ignore[type-abstract]
    for suite in (Assistant, Bfcl, ComplexFuncBench, Nestful)
}


@dataclass
class Totals:
    """Sums over the plans of a group."""

    plans: int = 0
    calls: int = 0
    calls_after: int = 0
    in_turn: float = 0.0
    written: float = 0.0
    optimised: float = 0.0
    changed: Counter[str] = field(default_factory=Counter)

    def add(self, compiled: Compiled) -> None:
        before = schedule(compiled.graph, compiled.tools)
        self.plans += 1
        self.calls += _calls(compiled.graph)
        self.calls_after += _calls(compiled.optimised)
        self.in_turn += before.work
        self.written += before.makespan
        self.optimised += schedule(compiled.optimised, compiled.tools).makespan
        self.changed.update({step.name for step in compiled.steps if step.changed})

    def row(self, group: str) -> str:
        changed = ", ".join(f"{name} {count}" for name, count in self.changed.most_common())
        return (
            f"| {group} | {self.plans} | {self.calls} | {self.calls_after} | {self.in_turn:.1f} | "
            f"{self.written:.1f} | {self.optimised:.1f} | {changed} |"
        )


def _calls(graph: Graph) -> int:
    return sum(node.op in ("call", "batch") for node in graph.walk())


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--reads", is_flag=True, help="Count functions that declare nothing as reads.")
def main(files: Iterable[Path], reads: bool) -> None:
    click.echo(
        "| group | plans | calls | after | in turn, s | as written, s | optimised, s | passes |"
    )
    click.echo("|---|---|---|---|---|---|---|---|")
    for file in files:
        run = results.read(file)
        suite = SUITES[run.setting["suite"]]()
        if reads and suite.package is None:
            raise click.ClickException(f"{file}: the functions of this suite declare what they do")
        cases = {case.id: case for case in suite.cases()}
        totals: dict[str, Totals] = {}
        for outcome in run.cases:
            if not outcome.plan:
                continue
            if outcome.id not in cases:
                raise click.ClickException(f"{file}: {suite.name} has no case {outcome.id}")
            tools = cases[outcome.id].tools()
            if reads:
                tools = ToolSet([replace(tool, effect="read") for tool in tools.values()])
            try:
                compiled = compile_plan(Source(outcome.plan), tools)
            except PlanError as error:
                raise click.ClickException(f"{outcome.id}: {error}") from error
            totals.setdefault(f"{suite.name} {outcome.group}", Totals()).add(compiled)
        for group, total in totals.items():
            click.echo(total.row(group))


if __name__ == "__main__":
    main()
