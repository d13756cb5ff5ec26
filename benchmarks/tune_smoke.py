"""Trains the smallest model for about five minutes on made-up requests over the standard tools, and
fails unless it then plans more of twenty requests of the suite `assistant` rightly than untrained:
by the right calls with the right dependencies, as in TinyAgent's metric.

    python benchmarks/tune_smoke.py [--samples 800]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import click

from planc import models, toolset
from planc.decode.planner import NONE, Planner
from planc.eval.assistant import Assistant
from planc.eval.evaluate import Choice, evaluate
from planc.tune.data import TESTED, made_up
from planc.tune.lora import RATE, Progress, Settings
from planc.tune.teach import teach

MODEL = "smollm2-135m"
REQUESTS = 20


def right(adapter: str, out: Path) -> float:
    """The share of the requests whose plan has the right graph."""
    suite = Assistant(None)
    planner = Planner(MODEL, 0, lambda *told: None, adapter=adapter)
    cases = suite.cases()[:REQUESTS]
    run = evaluate(suite, cases, planner, Choice(), out, lambda outcome: None)
    return sum(case.scores["graph"] for case in run.cases) / len(run.cases)


def tell(progress: Progress) -> None:
    if progress.step % 20 == 0:
        click.echo(f"step {progress.step} of {progress.steps}: loss {progress.loss:.3f}")


@click.command()
@click.option("--samples", default=800, show_default=True, help="How many requests to train on.")
def main(samples: int) -> None:
    tools = toolset.load(["stdlib_tools"])
    model = models.resolve(MODEL)
    path = models.pull(model, lambda *told: None)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        begin = time.monotonic()
        taught = made_up(tools, samples, 0, "train")
        held = made_up(tools, TESTED, 0, "test")
        adapter = out / "smoke.gguf"
        teach(path, tools, taught, held, adapter, Settings(rate=model.rate or RATE), tell)
        click.echo(f"trained on {len(taught)} requests in {time.monotonic() - begin:.0f} s")
        before = right(NONE, out / "untuned.json")
        after = right(str(adapter), out / "tuned.json")
    click.echo(f"right graphs, of {REQUESTS} requests: {before:.0%} untuned, {after:.0%} tuned")
    sys.exit(after <= before)


if __name__ == "__main__":
    main()
