"""The command that tries plans at random."""

from __future__ import annotations

import random

import click

from planc.cli.settings import Settings, shared


@click.command("fuzz", short_help="Try at random whether plans over the tools hold.")
@click.argument("properties", nargs=-1, metavar="[PROPERTY]...")
@click.option("-n", "--examples", default=200, show_default=True, type=click.IntRange(1))
@click.option("--generated", is_flag=True, help="Make up new tools for each example.")
@shared("tools", "seed")
def fuzz_(settings: Settings, properties: tuple[str, ...], examples: int, generated: bool) -> None:
    """Try each PROPERTY on random plans over the tools (their functions are not called), and show
    the smallest plan for which it does not hold.

    \b
    decoded   whatever a model writes under the constraint is well typed
    accepted  the constraint lets well-typed plans pass
    refused   plans with a mistake are refused by the checker and the constraint
    runs      well-typed plans run on tools that answer as they promise
    optimised optimised plans do the same as before
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
            click.echo(f"{name:9} holds for {examples} examples (seed {seed})")
            continue
        failed = True
        click.echo(f"{name:9} does not hold (seed {seed})\n{finding.describe()}", nl=False)
    raise SystemExit(1 if failed else 0)
