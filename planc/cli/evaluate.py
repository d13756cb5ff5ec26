"""The commands that measure how often plans are right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planc import files
from planc.cli.settings import Settings, shared

if TYPE_CHECKING:
    from planc.eval.cases import Suite
    from planc.eval.evaluate import Choice, Ids

_Make = Callable[[Path | None], "Suite"]


@click.group("eval", short_help="Measure how often plans are right.")
def eval_() -> None:
    """Ask the requests of a benchmark, and judge the plans.

    \b
    planc eval assistant --out results.json            sixty requests to an assistant
    planc eval bfcl --ids odd --out bfcl.json          one call or several, or none
    planc eval nestful --out nestful.json              calls that need each other's results
    planc eval compare a.json b.json -o report.md      runs side by side
    """


def _suite(name: str, help_: str, make: _Make, data: str | None) -> None:
    """Adds the command of a suite; `data` says what --data gives it, if it takes any."""

    @click.command(name, short_help=help_.split(". ")[0], help=help_)
    @click.option(
        "--ids",
        type=click.Choice(["all", "even", "odd"]),
        default="all",
        show_default=True,
        help="Only even-numbered cases (planc is tuned on those), or only odd ones.",
    )
    @click.option(
        "--group",
        "groups",
        multiple=True,
        metavar="NAME",
        help="Only this group (category, part) of the suite; may be given again.",
    )
    @click.option(
        "--limit", type=click.IntRange(1), help="At most so many of each group, drawn at random."
    )
    @click.option(
        "--out",
        required=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="The results file. A run that was cut off goes on from there.",
    )
    @shared("model", "adapter", "seed", "format")
    def command(
        settings: Settings,
        ids: Ids,
        groups: tuple[str, ...],
        limit: int | None,
        out: Path,
        data: Path | None = None,
    ) -> None:
        from planc.eval.evaluate import Choice

        _evaluate(settings, make(data), Choice(ids, groups, limit), out)

    if data is not None:
        option = click.option("--data", type=click.Path(exists=True, path_type=Path), help=data)
        command = option(command)
    eval_.add_command(command)


def _assistant(data: Path | None) -> Suite:
    from planc.eval.assistant import Assistant

    return Assistant(data)


def _bfcl(data: Path | None) -> Suite:
    from planc.eval.bfcl import Bfcl

    return Bfcl()


def _nestful(data: Path | None) -> Suite:
    from planc.eval.nestful import Nestful

    return Nestful(data)


def _complexfuncbench(data: Path | None) -> Suite:
    from planc.eval.complexfuncbench import ComplexFuncBench

    return ComplexFuncBench()


_suite(
    "assistant",
    "Requests to an assistant, with TinyAgent's measure and a strict one.",
    _assistant,
    "A file of such cases, in place of planc's own.",
)
_suite("bfcl", "The Berkeley Function-Calling Leaderboard, version 4, single turn.", _bfcl, None)
_suite(
    "nestful",
    "NESTFUL, version 1: nested sequences of calls.",
    _nestful,
    "A folder with its files, in place of the package's.",
)
_suite(
    "complexfuncbench",
    "ComplexFuncBench: travel services, with recorded answers.",
    _complexfuncbench,
    None,
)


def _evaluate(settings: Settings, suite: Suite, choice: Choice, out: Path) -> None:
    from planc.eval.evaluate import evaluate
    from planc.eval.report import totals_table

    known = suite.cases()
    groups = list(dict.fromkeys(case.group for case in known))
    for group in choice.groups:
        if group not in groups:
            raise click.BadParameter(
                f"{suite.name} has no group `{group}`; it has {', '.join(groups)}",
                param_hint="--group",
            )
    cases = choice.of(known)
    files.require_writable(out)
    planner = settings.planner()
    planner.loaded()
    with settings.reporter.counting(suite.name, len(cases)) as advance:
        run = evaluate(suite, cases, planner, choice, out, lambda outcome: advance())
    click.echo(totals_table([run]), nl=False)


@eval_.command("compare", short_help="Show runs side by side.")
@click.argument(
    "runs", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@shared("format")
def compare(settings: Settings, runs: tuple[Path, ...], output: Path | None) -> None:
    """Write a report in Markdown: the totals of RUNS (results files of one suite), and every case
    that one of them has wrong, with its request, plans and reasons."""
    from planc.eval import report, results

    found = [results.read(run) for run in runs]
    suites = sorted({run.setting["suite"] for run in found})
    if len(suites) > 1:
        raise click.UsageError(f"these are results of different suites: {', '.join(suites)}")
    text = report.markdown(found)
    if output is None:
        click.echo(text, nl=False)
    else:
        files.write_text(output, text)
