"""The command line: click's wiring, nothing else."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planc import files, models, toolset
from planc.compile import Compiled, compile_plan
from planc.diagnostics import CANNOT_READ, Diagnostic, PlanError
from planc.report import emit as forms
from planc.report.console import Reporter
from planc.source import Source, printable
from planc.tools import Clock, TextModel, ToolSet

if TYPE_CHECKING:
    from planc.decode.planner import Planner

_EPILOG = """\b
Exit status: 0 done, 1 the plan or the request is at fault, 2 wrong use or set-up,
3 a tool failed, 4 a write was refused, 130 interrupted.
"""


class _Time(click.ParamType[datetime]):
    name = "YYYY-MM-DD HH:MM:SS"

    def convert(self, value: Any, parameter: Any, context: Any) -> datetime:
        try:
            return datetime.strptime(value, "%Y-%m-%d %H:%M:%S")
        except ValueError:
            self.fail(f"{value!r} is no time of the form YYYY-MM-DD HH:MM:SS", parameter, context)


class Settings:
    """The options that the commands share, and what follows from them when it is needed."""

    def __init__(self, **options: Any) -> None:
        self.specs_given: tuple[str, ...] = options.get("tools") or ()
        self.specs = self.specs_given or ("stdlib_tools",)
        self.model: str | None = options.get("model")
        self.now: datetime | None = options.get("now")
        self.seed_given: int | None = options.get("seed")
        self.seed: int = self.seed_given or 0
        self.reporter = Reporter(as_json=options.get("format") == "json")
        self._tools: ToolSet | None = None
        self._planner: Planner | None = None

    @property
    def tools(self) -> ToolSet:
        if self._tools is None:
            self._tools = toolset.load(self.specs)
        return self._tools

    @property
    def time(self) -> datetime:
        return self.now or datetime.now().replace(microsecond=0)

    @property
    def planner(self) -> Planner:
        if self._planner is None:
            from planc.decode.planner import Planner  # takes longer to load than all the rest

            self._planner = Planner(
                self.model, self.seed, self.reporter.progress, self.reporter.busy
            )
        return self._planner


def _shared(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the named common options, as one `settings` argument."""
    options = {
        "tools": click.option(
            "--tools",
            multiple=True,
            metavar="MODULE_OR_FILE",
            help="A Python module, a .py file or a .json file with tools; may be given again.  "
            "[default: stdlib_tools]",
        ),
        "model": click.option(
            "--model",
            metavar="NAME_OR_FILE",
            help="A model that `planc models` lists, a GGUF file, or owner/repo/file.gguf.",
        ),
        "now": click.option(
            "--now", type=_Time(), help="The local time to go by, in place of the clock's."
        ),
        "seed": click.option("--seed", type=int, help="The seed of the random numbers."),
        "format": click.option(
            "--format",
            type=click.Choice(["text", "json"]),
            default="text",
            help="The form of diagnostics.",
        ),
    }

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def wrapped(**given: Any) -> None:
            shared = {name: given.pop(name, None) for name in names}
            settings = Settings(**shared)
            try:
                command(settings=settings, **given)
            except PlanError as error:
                settings.reporter.diagnostics(error.diagnostics)
                raise SystemExit(error.status) from None

        wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
        wrapped.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
        for name in reversed(names):
            wrapped = options[name](wrapped)
        return wrapped

    return decorate


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="planc")
def cli() -> None:
    """Turn a request in plain language into a typed plan over your tools, and run it.

    A small language model on this machine writes the plan; it can only write plans that fit the
    tools. You see the plan before anything happens, and are asked before anything is changed.

    \b
    planc run "Text Nia that I am running late"      plan, ask, and do it
    planc compile "Text Nia that I am running late"  only show the plan
    planc run late.plan                              run a plan from a file
    planc tools                                      what can be done
    """


@cli.command("compile", short_help="Write the plan for a request.")
@click.argument("request", required=False)
@click.option("--batch", metavar="FILE", help="Compile each line of a JSON-lines file.")
@click.option(
    "--emit",
    type=click.Choice([*forms.FORMS, "json"]),
    default="plan",
    show_default=True,
    help="What to write: the plan, its syntax tree, its graph, its tasks, a picture, or JSON.",
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead.")
@_shared("tools", "model", "now", "seed", "format")
def compile_(
    settings: Settings, request: str | None, batch: str | None, emit: str, output: str | None
) -> None:
    """Write the plan for a REQUEST: words in quotes, a file with the words, or `-` for standard
    input. A file that ends in .plan is a plan already and needs no model.

    With --batch and --emit json, each line of the file is an object with `id`, `query` and, if
    wanted, `now` and `tools`; one object a line comes out.
    """
    if (request is None) == (batch is None):
        raise click.UsageError("give either a REQUEST or --batch FILE")
    if batch is not None:
        if emit != "json":
            raise click.UsageError("--batch goes with --emit json")
        _compile_batch(settings, batch, output)
        return
    assert request is not None
    stats = None
    try:
        compiled, stats = _compiled(settings, request)
    except PlanError as error:
        if emit == "json" and error.status == 1:
            _write(forms.json_line(forms.plan_json(request, None, error.diagnostics)), output)
        raise
    if compiled.empty:
        settings.reporter.note("No tool here can do that: the plan is empty.")
    if emit == "json":
        _write(forms.json_line(forms.plan_json(request, compiled, (), stats)), output)
    else:
        _write(forms.FORMS[emit](compiled), output)


def _compile_batch(settings: Settings, batch: str, output: str | None) -> None:
    from planc.decode.batch import run_batch

    source = files.read_text(batch, files.MAX_BATCH)
    total = sum(1 for line in source.text.split("\n") if line.strip())
    lines: list[str] = []
    failed: list[Diagnostic] = []
    work = run_batch(source, settings.planner, lambda: settings.tools, settings.time)
    with settings.reporter.counting("planning", total) as advance:
        for name, planned, diagnostics in work:
            compiled = planned.compiled if planned else None
            stats = planned.stats if planned else None
            line = forms.json_line(forms.plan_json(name, compiled, diagnostics, stats))
            failed += diagnostics
            if output is None:
                click.echo(line, nl=False)
            else:
                lines.append(line)
            advance()
    if output is not None:
        files.write_text(Path(output), "".join(lines))
    if failed:
        raise PlanError(failed)


@cli.command(short_help="Plan, ask, and do it.")
@click.argument("request")
@click.option("-y", "--yes", is_flag=True, help="Allow every write without asking.")
@click.option("--dry-run", is_flag=True, help="Do what only reads; show the writes, do none.")
@click.option("--json", "as_json", is_flag=True, help="Write every event as a line of JSON.")
@_shared("tools", "model", "now", "seed", "format")
def run(settings: Settings, request: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Run the plan for a REQUEST (as for `planc compile`): show it, ask before every call that
    changes anything, run what can run at once, and write the result to standard output."""
    from planc.report.execute import FixedClock, LazyModel, Mode, execute

    if yes and dry_run:
        raise click.UsageError("--yes and --dry-run exclude each other")
    compiled, _ = _compiled(settings, request)
    if compiled.empty:
        settings.reporter.note("No tool here can do that: the plan is empty.")
    mode: Mode = "yes" if yes else "dry" if dry_run else "ask"
    capabilities: dict[type, object] = {
        Clock: FixedClock(settings.now),
        TextModel: LazyModel(lambda: settings.planner),
    }
    raise SystemExit(execute(compiled, mode, settings.reporter, capabilities, as_json=as_json))


@cli.command(short_help="Find the mistakes in plans.")
@click.argument("plans", nargs=-1, required=True)
@_shared("tools", "format")
def check(settings: Settings, plans: tuple[str, ...]) -> None:
    """Check PLANS (files, or `-`) against the tools. Says nothing if all is well."""
    found: list[Diagnostic] = []
    status = 0
    for plan in plans:
        try:
            compile_plan(files.read_text(plan, files.MAX_PLAN), settings.tools)
        except PlanError as error:
            found += error.diagnostics
            status = max(status, error.status)
    settings.reporter.findings(found)
    raise SystemExit(status)


@cli.command(short_help="Write plans in the canonical form.")
@click.argument("plans", nargs=-1, required=True)
@click.option("-w", "--write", is_flag=True, help="Rewrite the files in place.")
@click.option("--check", "only_check", is_flag=True, help="Only say which files would change.")
@_shared("format")
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


@cli.command("fuzz", short_help="Try at random whether plans over the tools hold.")
@click.argument("properties", nargs=-1, metavar="[PROPERTY]...")
@click.option("-n", "--examples", default=200, show_default=True, type=click.IntRange(1))
@click.option("--generated", is_flag=True, help="Make up new tools for each example.")
@_shared("tools", "seed")
def fuzz_(settings: Settings, properties: tuple[str, ...], examples: int, generated: bool) -> None:
    """Try each PROPERTY on random plans over the tools (their functions are not called), and show
    the smallest plan for which it does not hold.

    \b
    decoded   whatever a model writes under the constraint is well typed
    accepted  the constraint lets well-typed plans pass
    refused   plans with a mistake are refused by the checker and the constraint
    runs      well-typed plans run on tools that answer as they promise
    read      any text is read or has its mistakes told
    """
    from planc import fuzz

    unknown = [name for name in properties if name not in fuzz.PROPERTIES]
    if unknown:
        raise click.UsageError(f"no property {unknown[0]!r}; choose from {fuzz.PROPERTIES}")
    if generated and settings.specs_given:
        raise click.UsageError("--generated makes up tools; leave out --tools")
    subjects = fuzz.generated() if generated else fuzz.fixed(settings.tools)
    seed = random.randrange(2**32) if settings.seed_given is None else settings.seed_given
    failed = False
    for name in properties or fuzz.PROPERTIES:
        with settings.reporter.counting(name, examples) as advance:
            finding = fuzz.fuzz(name, subjects, examples, seed, advance)
        if finding is None:
            click.echo(f"{name:8}  holds for {examples} examples (seed {seed})")
            continue
        failed = True
        click.echo(f"{name:8}  does not hold (seed {seed})\n{finding.describe()}", nl=False)
    raise SystemExit(1 if failed else 0)


@cli.group("tools", invoke_without_command=True, short_help="List the tools, or show one.")
@_shared("tools", "format")
def tools_(settings: Settings) -> None:
    """List the tools that plans may call."""
    context = click.get_current_context()
    context.obj = settings
    if context.invoked_subcommand is not None:
        return
    for tool in settings.tools.values():
        click.echo(f"{tool.effect:5} {tool.signature()}")
        if tool.description:
            click.echo(f"      {printable(tool.description)}")


@tools_.command("show", short_help="Show one tool as the model sees it.")
@click.argument("name")
@click.pass_obj
def tools_show(settings: Settings, name: str) -> None:
    """Show a tool's signature as the model sees it, with the types it uses and its effect."""
    from planc.diagnostics import UNKNOWN_TOOL, nearest

    if name not in settings.tools:
        close = nearest(name, settings.tools)
        raise PlanError(
            Diagnostic(
                UNKNOWN_TOOL,
                f"there is no tool `{name}`",
                hint=f"did you mean `{close}`?" if close else "`planc tools` lists them",
            )
        )
    click.echo(printable(settings.tools[name].describe()))


@cli.group("models", invoke_without_command=True, short_help="List, fetch and find models.")
def models_() -> None:
    """List the models that planc knows; any other GGUF file works with --model."""
    if click.get_current_context().invoked_subcommand is None:
        click.get_current_context().invoke(models_list)


@models_.command("list", short_help="List the models that planc knows.")
def models_list() -> None:
    """List the models that planc knows, and which of them are on this machine."""
    for model in models.registry().values():
        size = f"{(model.bytes or 0) / 1e6:,.0f} MB"
        where = str(models.path_of(model)) if models.installed(model) else "not fetched"
        default = " (default)" if model == models.default() else ""
        click.echo(f"{model.name}{default}\n    {size}, {model.licence}, {where}")


@models_.command("pull", short_help="Fetch a model.")
@click.argument("name", required=False)
def models_pull(name: str | None) -> None:
    """Fetch a model (the default one unless NAME is given) and check it; goes on where an
    earlier attempt was cut off."""
    reporter = Reporter(as_json=False)
    model = models.resolve(name) if name else models.default()
    click.echo(models.pull(model, reporter.progress))


@models_.command("path", short_help="Say where a model's file lies.")
@click.argument("name", required=False)
def models_path(name: str | None) -> None:
    """Say where a model's file lies, or will lie once it is fetched."""
    click.echo(models.path_of(models.resolve(name) if name else models.default()))


def _compiled(settings: Settings, request: str) -> tuple[Compiled, Any]:
    """The plan for what a user gave, and the model's statistics if one was asked."""
    if request.endswith(".plan"):
        return compile_plan(files.read_text(request, files.MAX_PLAN), settings.tools), None
    source = _request(request)
    text = files.checked_request(source)
    planned = settings.planner.plan(text, settings.time, settings.tools)
    return planned.compiled, planned.stats


def _request(given: str) -> Source:
    if given == "-" or (len(given) < 1000 and Path(given).is_file()):
        return files.read_text(given, files.MAX_REQUEST)
    if " " not in given and given.endswith((".txt", ".md")):
        raise PlanError(Diagnostic(CANNOT_READ, f"there is no file `{given}`"))
    return Source(given, "<request>")


def _write(text: str, output: str | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        files.write_text(Path(output), text)


def main() -> None:
    """The `planc` program."""
    from planc.report.console import guarded

    status = guarded(lambda: cli.main(prog_name="planc", standalone_mode=False))
    if threading.active_count() > 1:  # a plain function that outlived its timeout
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
