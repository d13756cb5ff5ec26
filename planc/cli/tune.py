"""The command that teaches a model a tool set."""

from __future__ import annotations

import importlib.util
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planc import files, models
from planc.cli.settings import Settings, shared
from planc.diagnostics import NO_TRAINING, Diagnostic, PlanError
from planc.tools import ToolSet

if TYPE_CHECKING:
    from planc.tune.samples import Sample

_SAMPLES = 4000


@click.command(short_help="Teach a model to plan over a tool set.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The adapter's file. A training that was stopped goes on from the checkpoint beside it.",
)
@click.option(
    "--samples", type=click.IntRange(1), help="How many requests are made up.  [default: 4000]"
)
@click.option("--epochs", type=click.IntRange(1), help="How often each is read.  [default: 1]")
@click.option(
    "--rank",
    type=click.IntRange(1, 256),
    help="How much the adapter can hold; its size grows with it.  [default: 16]",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1, min_open=True),
    help="The peak of the learning rate, of which --start takes half.  [default: the model's own, "
    "or 4e-4]",
)
@click.option(
    "--start",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An adapter of this model to go on from, such as one that comes with planc.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Requests of your own, as JSON lines with `text`, `now` and `plan`, and with --any-tools "
    "`tools`, as function schemas.",
)
@click.option(
    "--any-tools",
    is_flag=True,
    help="Teach it to plan over any tools, which it then is shown, and not over those of --tools.",
)
@click.option(
    "--paraphrase",
    "reworded",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="With --only-requests: have the model say the first N of them in other words too, "
    "and keep what comes out as the same plan; some seconds each.",
)
@click.option(
    "--only-requests",
    is_flag=True,
    help="Write the requests to --out, as JSON lines, tell what they have in common with the "
    "benchmarks of `planc eval`, and train nothing.",
)
@shared("tools", "model", "seed", "format")
def tune(
    settings: Settings,
    out: Path,
    samples: int | None,
    epochs: int | None,
    rank: int | None,
    rate: float | None,
    start: Path | None,
    data: Path | None,
    any_tools: bool,
    reworded: int,
    only_requests: bool,
) -> None:
    """Train an adapter (LoRA) with which a model plans over the tools without being shown them:
    `planc compile --adapter FILE`. The requests that it is taught are made up, over the standard
    tools in everyday words, over others from their descriptions; --data gives it yours.

    Needs the packages of `pip install planc[tune]`."""
    if not only_requests and out.suffix != ".gguf":
        raise click.UsageError("an adapter's file ends in .gguf: --out mine.gguf")
    if any_tools and settings.specs_given:
        raise click.UsageError("--any-tools does not go with --tools")
    tools = None if any_tools else settings.tools
    if reworded and not only_requests:
        raise click.UsageError("--paraphrase goes with --only-requests; then train with --data")
    if data is not None and samples is not None:
        raise click.UsageError("--samples does not go with --data, which has its own")
    training = {"--epochs": epochs, "--rank": rank, "--rate": rate, "--start": start}
    for option, value in training.items():
        if only_requests and value is not None:
            raise click.UsageError(f"{option} does not go with --only-requests")
    count = samples or _SAMPLES
    if start is not None and rank is not None:
        raise click.UsageError("--rank does not go with --start: it stays as it was")
    files.require_writable(out)
    if only_requests:
        _write_requests(settings, tools, count, data, reworded, out)
        return
    missing = [name for name in ("torch", "peft") if importlib.util.find_spec(name) is None]
    if missing:
        raise PlanError(
            Diagnostic(
                NO_TRAINING,
                f"training needs {' and '.join(missing)}",
                hint="pip install 'planc[tune]'",
            )
        )
    from planc.tune import data as requests
    from planc.tune import teach
    from planc.tune.lora import RATE, Progress
    from planc.tune.lora import Settings as Recipe

    reporter, seed = settings.reporter, settings.seed
    model = models.resolve(settings.model) if settings.model else models.default()
    path = models.pull(model, reporter.progress)
    for used in filter(None, (path, start)):
        if out.exists() and out.samefile(used):
            raise click.UsageError(f"--out names `{used}` itself")
    with reporter.busy("making requests"):
        if data is None:
            taught = requests.made_up(tools, count, seed, "train")
            tested = requests.made_up(tools, requests.TESTED, seed, "test", least=1)
        else:
            given = requests.given(data, tools)
            tested, taught = (
                given[:: requests.HELD],
                [s for i, s in enumerate(given) if i % requests.HELD],
            )
    _tell_uncalled(settings, tools, taught)
    rank = rank or 16
    recipe = Recipe(
        rank=rank,
        alpha=2 * rank,
        rate=rate or model.rate or RATE,
        epochs=epochs or 1,
        seed=seed,
    )
    if start is not None:
        recipe = recipe.going_on(start, files.digest(path))
    stopping = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopping
        stopping = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        reporter.note("The step under way is finished and kept; Ctrl-C again stops at once.")

    def tell(progress: Progress) -> None:
        left = progress.seconds / progress.done * (progress.steps - progress.step)
        reporter.note(
            f"step {progress.step} of {progress.steps}: loss {progress.loss:.3f}, "
            f"{progress.tokens / progress.seconds:.0f} tokens/s, {left / 60:.0f} minutes left"
        )
        if stopping:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    before, after = teach.teach(path, tools, taught, tested, out, recipe, tell)
    reporter.note(
        f"On {len(tested)} requests kept for testing the loss went from {before.loss:.3f} to "
        f"{after.loss:.3f}, and the plans that are right from {before.right:.0%} to "
        f"{after.right:.0%}: {out.with_suffix('.svg')}"
    )
    click.echo(out)


def _tell_uncalled(settings: Settings, tools: ToolSet | None, taught: list[Sample]) -> None:
    """Tells of tools that the model is not taught to call."""
    from planc.tune.data import uncalled

    missing = uncalled(tools, taught) if tools is not None else []
    if missing:
        named = ", ".join(f"`{name}`" for name in missing)
        settings.reporter.note(
            f"No request calls {named}: it is not taught. Give requests that do, with --data."
        )


def _in_other_words(
    settings: Settings, tools: ToolSet | None, samples: list[Sample]
) -> Iterator[Sample]:
    """Of samples those that are kept in other words. The model says them and, unless another one
    has been taught the tools, plans them."""
    from planc.tune.paraphrase import paraphrased

    if not samples:
        return
    reporter = settings.reporter

    def plans(text: str, now: datetime, tools: ToolSet) -> str:
        return settings.planner(tools).plan(text, now, tools).compiled.text

    kept = 0
    with reporter.counting("paraphrasing", len(samples)) as advance:
        for one in paraphrased(samples, tools, settings.planner(), plans):
            if one is not None:
                kept += 1
                yield one
            advance()
    reporter.note(f"{kept} of {len(samples)} requests are kept in other words too")


def _write_requests(
    settings: Settings,
    tools: ToolSet | None,
    count: int,
    data: Path | None,
    reworded: int,
    out: Path,
) -> None:
    from planc.tune import data as requests
    from planc.tune.leakage import WORDS, benchmarks, report
    from planc.tune.samples import write

    note = settings.reporter.note
    if data is None:
        made = requests.made_up(tools, count, settings.seed, "train")
    else:
        made = requests.given(data, tools)
    try:
        for one in _in_other_words(settings, tools, made[:reworded]):
            made.append(one)
    finally:  # each takes seconds: what is done is not lost when the rest is given up
        write(out, made)
    known, missing = benchmarks()
    for name in missing:
        note(f"{name} is not installed, and not compared.")
    _tell_uncalled(settings, tools, made)
    found = report(made, known)
    note(f"{found.requests} requests, {found.texts} texts, {found.plans} plans")
    note("lines of a plan: " + ", ".join(f"{n} in {of}" for n, of in found.lines.items()))
    note(f"{found.drawn} entries of the lists of frames and entities")
    for name, leaked in found.leaked.items():
        note(f"{leaked} requests share {WORDS} words in a row with {name}")
