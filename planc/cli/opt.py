"""The command that runs passes on a graph."""

from __future__ import annotations

import click

from planc import files, passes
from planc.cli.settings import Settings, shared
from planc.compile import compile_plan
from planc.ir import Graph
from planc.irtext import parse_ir, print_ir
from planc.report.emit import steps_text
from planc.verify import verify


@click.command("opt", short_help="Run passes on a graph.")
@click.argument("file")
@click.option(
    "--passes",
    "names",
    metavar="NAME,NAME",
    help="Which passes, in their order; none if empty.  [default: all, to a fixed point]",
)
@click.option("--print-after-all", is_flag=True, help="Write the graph after each pass.")
@click.option("--time-passes", is_flag=True, help="Say on standard error how long each pass took.")
@shared("tools", "format")
def opt(
    settings: Settings, file: str, names: str | None, print_after_all: bool, time_passes: bool
) -> None:
    """Run passes on the graph in FILE, which `planc opt` or `planc compile --emit ir` has written
    (the last one of several), or of the plan in a FILE that ends in .plan, and write the graph that
    comes of it.

    \b
    fold      compute what is constant, and what is put together and taken apart again
    select    take the branch of a test whose outcome is known
    fuse      make one map of a map over a map
    licm      move out of a map what is the same in each of its iterations
    unroll    write out a map over a short list
    cse       call once what would be called twice
    dce       leave out what nothing uses
    literals  keep each constant once
    batch     make one call of several, where a tool has a form for that
    edges     leave out edges that follow from others
    early     read before it is known whether it is needed (only if it is named)
    """
    graph = _graph(settings, file)
    if names is None:
        steps = passes.optimise(graph, settings.tools)
    else:
        chosen = [name.strip() for name in names.split(",") if name.strip()]
        steps = passes.run(graph, settings.tools, chosen)
    if print_after_all:
        click.echo(steps_text(graph, steps, every=True), nl=False)
    else:
        click.echo(print_ir(steps[-1].graph if steps else graph), nl=False)
    if time_passes:
        for step in steps:
            nodes = sum(1 for _ in step.graph.walk())
            note = "" if step.changed else "  no change"
            settings.reporter.note(
                f"{step.name:9}{step.seconds * 1000:8.1f} ms{nodes:7} nodes{note}"
            )


def _graph(settings: Settings, file: str) -> Graph:
    source = files.read_text(file, files.MAX_PLAN)
    if file.endswith(".plan"):
        return compile_plan(source, settings.tools).graph
    return verify(parse_ir(source), settings.tools)
