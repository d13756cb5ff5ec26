"""The commands that list and show: tools, models."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from planc import models
from planc.cli.settings import Settings, shared
from planc.compile import compile_plan
from planc.diagnostics import Diagnostic, PlanError
from planc.report.console import Reporter
from planc.source import Source, printable

if TYPE_CHECKING:
    from planc.adapters import Adapter


@click.group("tools", invoke_without_command=True, short_help="List the tools, or show one.")
@shared("tools", "format")
def tools_(settings: Settings) -> None:
    """List the tools that plans may call."""
    context = click.get_current_context()
    context.obj = settings
    if context.invoked_subcommand is not None:
        return
    for example in settings.tools.examples:
        compile_plan(Source(example.plan, f"the example {example.text!r:.40}"), settings.tools)
    for tool in settings.tools.values():
        click.echo(f"{tool.effect:5} {tool.signature()}")
        if tool.description:
            click.echo(f"      {printable(tool.description)}")


@tools_.command("show", short_help="Show one tool.")
@click.argument("name")
@shared("tools")
def tools_show(settings: Settings, name: str) -> None:
    """Show a tool's signature, with the records it is made of and its effect."""
    from planc.diagnostics import UNKNOWN_TOOL, nearest

    if not settings.specs_given:  # they may also stand before `show`
        settings = click.get_current_context().obj

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


@click.group("models", invoke_without_command=True, short_help="List, fetch and find models.")
def models_() -> None:
    """List the models that planc knows; any other GGUF file works with --model."""
    if click.get_current_context().invoked_subcommand is None:
        click.get_current_context().invoke(models_list)


@models_.command("list", short_help="List the models that planc knows.")
def models_list() -> None:
    """List the models that planc knows, which of them are on this machine, and the adapters that
    they plan with."""
    from planc import adapters  # which take a third of the time that planc takes to begin

    known = adapters.known()
    digests = {model.sha256 or "" for model in models.registry().values()}
    used = {
        models.default(digests).name: " (first over tools that several were taught)",
        models.default().name: " (default over tools that none was taught)",
    }
    for model in models.registry().values():
        size = f"{(model.bytes or 0) / 1e6:,.0f} MB"
        where = str(models.path_of(model)) if models.installed(model) else "not fetched"
        click.echo(f"{model.name}{used.get(model.name, '')}\n    {size}, {model.licence}, {where}")
        _list_adapters(one for one in known if one.model == model.sha256)
    others = [one for one in known if one.model not in digests]
    if others:
        click.echo("another model's")
        _list_adapters(others)


def _list_adapters(found: Iterable[Adapter]) -> None:
    for adapter in found:
        what = "any tools" if adapter.general else adapter.names
        click.echo(f"    adapter for {textwrap.shorten(what, 60, placeholder=' ...')}")
        click.echo(f"        {adapter.path}")


@models_.command("pull", short_help="Fetch a model.")
@click.argument("name", required=False)
def models_pull(name: str | None) -> None:
    """Fetch a model (the one that plans over the standard tools unless NAME is given) and check
    it; goes on where an earlier attempt was cut off. A file that is there already is checked, and
    fetched again if it is broken."""
    model = _named(name)
    models.discard_if_broken(model)
    click.echo(models.pull(model, Reporter(as_json=False).progress))


@models_.command("path", short_help="Say where a model's file lies.")
@click.argument("name", required=False)
def models_path(name: str | None) -> None:
    """Say where a model's file lies (of the one that plans over the standard tools unless NAME is
    given), or will lie once it is fetched."""
    click.echo(models.path_of(_named(name)))


def _named(name: str | None) -> models.Model:
    from planc import adapters, toolset

    return models.resolve(name) if name else adapters.model_for(toolset.load(["stdlib_tools"]))
