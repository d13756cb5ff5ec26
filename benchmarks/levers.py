"""What else might make plans right: other orders of a tool's parameters, none that are optional,
and the best of several samples.

    python benchmarks/levers.py --ids even --limit 8 --out levers.json

Each is compared with planc's plans of the same requests. README.md says how to read the table.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import click

from planc import models
from planc.compile import compile_plan
from planc.decode import model as decoder
from planc.decode.constraint import PlanConstraint
from planc.decode.planner import AUTO, Planner
from planc.decode.prompt import Request
from planc.diagnostics import PlanError
from planc.eval.bfcl import ANSWERED, Bfcl
from planc.eval.cases import Case, Suite
from planc.eval.evaluate import Choice, Ids
from planc.eval.machine import machine
from planc.eval.nestful import Nestful
from planc.report.calls import calls_json
from planc.source import Source
from planc.tools import Parameter, ToolSet

GROUPS = (*ANSWERED, "live_simple", "live_multiple")
SAMPLES = 4
TEMPERATURE = 0.5
Parameters = tuple[Parameter, ...]


def required(parameters: Parameters) -> Parameters:
    return tuple(one for one in parameters if one.required)


def optional(parameters: Parameters) -> Parameters:
    return tuple(one for one in parameters if not one.required)


FORMS: Mapping[str, Callable[[Parameters], Parameters]] = {
    "as declared": lambda all_: all_,
    "required first": lambda all_: required(all_) + optional(all_),
    "required reversed": lambda all_: required(all_)[::-1] + optional(all_),
    "reversed": lambda all_: all_[::-1],
    "required only": required,
}
"""What a model is told of a tool's parameters, by a name."""


def formed(tools: ToolSet, form: Callable[[Parameters], Parameters]) -> ToolSet:
    return ToolSet([replace(tool, parameters=form(tool.parameters)) for tool in tools.values()])


def ending(*arguments: Any, **named: Any) -> PlanConstraint:
    """A constraint that ends sampled plans, too, where the model is done."""
    return PlanConstraint(*arguments, **{**named, "greedy": True})


class Trial:
    """Plans of one model for the cases of one suite."""

    def __init__(self, planner: Planner, suite: Suite) -> None:
        self.planner = planner
        self.suite = suite

    def __call__(self, case: Case, tools: ToolSet, seed: int | None = None) -> dict[str, Any]:
        """A plan and whether it is right; with a seed, a sampled one."""
        model = self.planner.loaded()
        model.seed = seed or self.planner.seed
        begin = time.perf_counter()
        found: dict[str, Any] = {"plan": "", "right": 0.0}
        try:
            with mock.patch.object(decoder, "PlanConstraint", ending):
                decoded = model.plan(
                    Request(case.query, case.now),
                    tools,
                    temperature=0.0 if seed is None else TEMPERATURE,
                    adapter=self.planner.adapter_for(tools),
                )
            checked = compile_plan(Source(decoded.text), tools).checked
            verdict = self.suite.judge(case, calls_json(checked)["calls"])
            found = {"plan": decoded.text, "right": verdict.scores[self.suite.metrics[0]]}
        except PlanError as error:
            found["reason"] = str(error)
        return found | {"seconds": round(time.perf_counter() - begin, 3)}

    def of(self, case: Case, forms: Sequence[str], samples: int) -> dict[str, Any]:
        """The plans of one case in each form, and some that are sampled as well."""
        tools = case.tools()
        known: dict[str, dict[str, Any]] = {}
        row: dict[str, Any] = {"id": case.id, "group": case.group}
        for name in forms:
            other = formed(tools, FORMS[name])
            told = str([[one.name for one in tool.parameters] for tool in other.values()])
            if told not in known:
                known[told] = self(case, other)
            row[name] = known[told]
        row["samples"] = [self(case, tools, seed) for seed in range(1, samples + 1)]
        return row


def table(rows: Sequence[Mapping[str, Any]], forms: Sequence[str]) -> str:
    """How many plans are right in each form, those better and worse than the first, and how many
    have a right one among all samples and the first."""
    base = forms[0]
    lines = ["| | right | better | worse |", "|---|---|---|---|"]
    for name in forms:
        pairs = [(row[name]["right"] == 1, row[base]["right"] == 1) for row in rows]
        better = sum(one and not other for one, other in pairs)
        worse = sum(other and not one for one, other in pairs)
        lines.append(f"| {name} | {sum(one for one, _ in pairs)} | {better} | {worse} |")
    if any(row["samples"] for row in rows):
        any_right = [any(one["right"] == 1 for one in (row[base], *row["samples"])) for row in rows]
        lines.append(f"| any of the samples too | {sum(any_right)} | | |")
    return "\n".join([f"{len(rows)} cases", "", *lines])


@click.command()
@click.option("--model", "name", default=models.default().name, show_default=True)
@click.option("--adapter", default=AUTO, show_default=True, help="A file, or `none`.")
@click.option("--suite", "suite", type=click.Choice(["bfcl", "nestful"]), default="bfcl")
@click.option("--ids", type=click.Choice(["even", "odd"]), default="even", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), default=8, show_default=True)
@click.option("--form", "forms", type=click.Choice(list(FORMS)), multiple=True, help="Only these.")
@click.option("--samples", type=click.IntRange(min=0), default=SAMPLES, show_default=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def main(
    name: str,
    adapter: str,
    suite: str,
    ids: Ids,
    limit: int,
    forms: Sequence[str],
    samples: int,
    out: Path,
) -> None:
    """Plans LIMIT cases of each group in each form, and by sampling."""
    judged: Suite = Bfcl() if suite == "bfcl" else Nestful()
    groups = GROUPS if suite == "bfcl" else ()
    cases = Choice(ids, groups, limit).of(judged.cases())
    planner = Planner(name, 0, lambda *_: None, adapter=adapter)
    trial = Trial(planner, judged)
    compared = list(dict.fromkeys(["as declared", *(forms or FORMS)]))
    rows: list[dict[str, Any]] = []
    told = {**machine(), "suite": suite, "ids": ids, "model": name, "adapter": adapter}
    for case in cases:
        rows.append(trial.of(case, compared, samples))
        content = {**told, "forms": compared, "cases": rows}
        out.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(table(rows, compared))


if __name__ == "__main__":
    main()
