"""The commands that work on plans: compile, run, check, fmt."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import click

from planc import files, models
from planc.cli.settings import Settings, shared
from planc.compile import Compiled, compile_plan
from planc.costs import DURATIONS, read
from planc.diagnostics import Diagnostic, PlanError
from planc.limits import Limits
from planc.report import emit as forms
from planc.report.page import page
from planc.report.passed import passed
from planc.run.functions import refused_values
from planc.source import Source
from planc.tools import Clock, TextModel


@click.command("compile", short_help="Write the plan for a request.")
@click.argument("request", required=False)
@click.option("--batch", metavar="FILE", help="Compile each line of a JSON-lines file.")
@click.option(
    "--emit",
    type=click.Choice([*forms.FORMS, "html", "json"]),
    default="plan",
    show_default=True,
    help="What to write: the plan, its syntax tree, its graph, its tasks, a picture, or JSON.",
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead.")
@shared("tools", "model", "adapter", "now", "seed", "format")
def compile_(
    settings: Settings, request: str | None, batch: str | None, emit: str, output: str | None
) -> None:
    """Write the plan for a REQUEST: words in quotes, a file with the words, or `-` for standard
    input. A file that ends in .plan is a plan already and needs no model.

    Unless --model or --adapter is given, the model is one that has been taught these very tools or,
    if none has, the default one (`planc models`).

    With --batch and --emit json, each line of the file is an object with `id`, `query` and, if
    wanted, `now` and `tools`; one object a line comes out.
    """
    if (request is None) == (batch is None):
        raise click.UsageError("give either a REQUEST or --batch FILE")
    output = None if output in ("-", "/dev/stdout") else output
    if output is not None:
        files.require_writable(Path(output))
    if batch is not None:
        if emit != "json":
            raise click.UsageError("--batch goes with --emit json")
        _compile_batch(settings, batch, output)
        return
    assert request is not None
    told: dict[str, Any] | None = None
    try:
        compiled, stats = _compiled(settings, request)
        if emit == "json":
            told = forms.plan_json(request, compiled, (), stats)
    except PlanError as error:
        if emit == "json" and error.status == 1:
            _write(forms.json_line(forms.plan_json(request, None, error.diagnostics)), output)
        raise
    if compiled.empty:
        settings.reporter.note(_nothing(stats))
    if told is not None:
        _write(forms.json_line(told), output)
        return
    costs = read(models.cache_folder() / DURATIONS)
    if emit == "html":
        _write(page(compiled, forms.tasks(compiled, costs)), output)
    else:
        _write(forms.FORMS[emit](compiled, costs), output)


def _compile_batch(settings: Settings, batch: str, output: str | None) -> None:
    from planc.decode.batch import run_batch

    source = files.read_text(batch, files.MAX_BATCH)
    total = sum(1 for line in source.text.split("\n") if line.strip())
    lines: list[str] = []
    failed: list[Diagnostic] = []
    settings.planner()  # or tells now what is wrong with --model
    work = run_batch(source, settings.planner, lambda: settings.tools, settings.time)
    try:
        with settings.reporter.counting("planning", total) as advance:
            for name, planned, diagnostics in work:
                compiled = planned.compiled if planned else None
                stats = planned.stats if planned else None
                try:
                    told = forms.plan_json(name, compiled, diagnostics, stats)
                except PlanError as error:
                    diagnostics = error.diagnostics
                    told = forms.plan_json(name, None, diagnostics, stats)
                line = forms.json_line(told)
                failed += diagnostics
                if output is None:
                    click.echo(line, nl=False)
                else:
                    lines.append(line)
                advance()
    finally:  # what is done is not lost when the rest is given up
        if output is not None:
            files.write_text(Path(output), "".join(lines))
    if failed:
        raise PlanError(failed)


class _AtOnce(click.ParamType[tuple[str, int]]):
    name = "NAME=N"

    def convert(self, value: Any, parameter: Any, context: Any) -> tuple[str, int]:
        name, _, number = value.rpartition("=")
        if not name or not number.isdecimal() or len(number) > 9 or int(number) < 1:
            self.fail(
                f"{value!r:.80} is not of the form NAME=N with an N from 1", parameter, context
            )
        return name, int(number)


@click.command(short_help="Plan, ask, and do it.")
@click.argument("request")
@click.option("-y", "--yes", is_flag=True, help="Allow every write without asking.")
@click.option("--dry-run", is_flag=True, help="Do what only reads; show the writes, do none.")
@click.option("--json", "as_json", is_flag=True, help="Write every event as a line of JSON.")
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Have at most N calls under way at once."
)
@click.option(
    "--at-once",
    multiple=True,
    type=_AtOnce(),
    metavar="NAME=N",
    help="Have at most N calls of a tool, or on a resource, under way; may be given again.",
)
@click.option(
    "--early-reads",
    is_flag=True,
    help="Begin the reads of both branches of a conditional before it is known which is taken.",
)
@click.option("--html", "picture", metavar="FILE", help="Write a page that shows the run.")
@shared("tools", "model", "adapter", "now", "seed", "format")
def run(
    settings: Settings,
    request: str,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    jobs: int | None,
    at_once: tuple[tuple[str, int], ...],
    early_reads: bool,
    picture: str | None,
) -> None:
    """Run the plan for a REQUEST (as for `planc compile`): show it, ask before every call that
    changes anything, run what can run at once, and write the result to standard output."""
    from planc.report.execute import FixedClock, Mode, ended, execute, wants

    if yes and dry_run:
        raise click.UsageError("--yes and --dry-run exclude each other")
    mode: Mode = "yes" if yes else "dry" if dry_run else "ask"
    capabilities: dict[type, object] = {Clock: FixedClock(settings.now)}
    try:
        known = {*settings.tools, *(tool.resource for tool in settings.tools.values())}
        for name, _ in at_once:
            if name not in known:
                raise click.UsageError(f"--at-once: there is no tool and no resource {name!r}")
        compiled, stats = _compiled(settings, request)
        if compiled.empty:
            settings.reporter.note(_nothing(stats))
        if wants(compiled, TextModel):
            settings.writer.loaded()  # later it would count as a tool's time
            capabilities[TextModel] = settings.writer
        status = execute(
            compiled,
            mode,
            settings.reporter,
            capabilities,
            as_json=as_json,
            limits=Limits(jobs, dict(at_once)),
            durations=models.cache_folder() / DURATIONS,
            picture=Path(picture) if picture else None,
            early=early_reads,
        )
    except PlanError as error:
        if as_json:
            click.echo(forms.json_line(ended(error.status, None, (), error.diagnostics)), nl=False)
        raise
    raise SystemExit(status)


def _nothing(stats: object) -> str:
    """What is said of an empty plan: one that a model wrote says that no tool fits."""
    return "The plan is empty." if stats is None else "No tool here can do that: the plan is empty."


@click.command(short_help="Find the mistakes in plans.")
@click.argument("plans", nargs=-1, required=True)
@shared("tools", "format")
def check(settings: Settings, plans: tuple[str, ...]) -> None:
    """Check PLANS (files, or `-`) against the tools. Says nothing if all is well."""
    found: list[Diagnostic] = []
    status = 0
    for plan in plans:
        try:
            compiled = compile_plan(files.read_text(plan, files.MAX_PLAN), settings.tools)
            refused = refused_values(compiled.graph, settings.tools)
            if refused:
                raise PlanError(refused)
        except PlanError as error:
            found += error.diagnostics
            status = max(status, error.status)
    settings.reporter.findings(list(dict.fromkeys(found)))
    raise SystemExit(status)


@click.command(short_help="Write plans in the canonical form.")
@click.argument("plans", nargs=-1, required=True)
@click.option("-w", "--write", is_flag=True, help="Rewrite the files in place.")
@click.option("--check", "only_check", is_flag=True, help="Only say which files would change.")
@shared("format")
def fmt(settings: Settings, plans: tuple[str, ...], write: bool, only_check: bool) -> None:
    """Write the canonical text of PLANS (files, or `-`): one statement a line, comments kept."""
    from planc.format import format
    from planc.parse import parse

    changed = False
    for plan in plans:
        source = files.read_text(plan, files.MAX_PLAN)
        text = format(parse(source))
        if only_check:
            if text != source.text:
                changed = True
                click.echo(f"{plan} would change")
        elif write and plan != "-":
            if text != source.text:
                files.write_text(Path(plan), text)
        else:
            click.echo(text, nl=False)
    raise SystemExit(1 if changed else 0)


def _compiled(settings: Settings, request: str) -> tuple[Compiled, Any]:
    """The plan for what a user gave, and the model's statistics if one was asked."""
    now, stats = settings.time, None
    if request.lower().endswith(".plan"):
        compiled = compile_plan(files.read_text(request, files.MAX_PLAN), settings.tools)
    else:
        text = files.checked_request(_request(request))
        planned = settings.planner(settings.tools).plan(text, now, settings.tools)
        compiled, stats = planned.compiled, planned.stats
    for note in passed(compiled.checked, now):
        settings.reporter.note(note)
    return compiled, stats


_FILE = re.compile(r"[\w.~-]*[/\\][\w./\\~-]*|[\w-]+\.[a-z]\w{0,7}", re.ASCII | re.IGNORECASE)


def _request(given: str) -> Source:
    """The words of a request, or what the file has that is named in their place: a word with a
    folder or an ending is the name of one."""
    if given == "-" or os.path.exists(given) or _FILE.fullmatch(given):
        return files.read_text(given, files.MAX_REQUEST)
    return Source(given, "<request>")


def _write(text: str, output: str | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        files.write_text(Path(output), text)
