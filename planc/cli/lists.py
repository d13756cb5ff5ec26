"""The commands that list and show: tools, models."""

from __future__ import annotations

import textwrap

import click

from planc import models
from planc.cli.settings import Settings, shared
from planc.diagnostics import Diagnostic, PlanError
from planc.report.console import Reporter
from planc.source import printable


@click.group("tools", invoke_without_command=True, short_help="List the tools, or show one.")
@shared("tools", "format")
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
    for model in models.registry().values():
        size = f"{(model.bytes or 0) / 1e6:,.0f} MB"
        where = str(models.path_of(model)) if models.installed(model) else "not fetched"
        default = " (default)" if model == models.default() else ""
        click.echo(f"{model.name}{default}\n    {size}, {model.licence}, {where}")
        for adapter in known:
            if adapter.model == model.sha256:
                what = "any tools" if adapter.general else ", ".join(sorted(adapter.names))
                click.echo(f"    adapter for {textwrap.shorten(what, 60, placeholder=' ...')}")
                click.echo(f"        {adapter.path}")


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
