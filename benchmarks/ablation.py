"""What adapters owe to the number of requests and to the form of the prompt: the same model is
taught the standard tools from so many made-up requests each time, and plans the suite `assistant`.

With `--shown N` it is taught N requests with the tools in the prompt (the form of an adapter for
any tools) as well. Adapters, checkpoints and results lie in the folder --work, from which a run
that was cut off goes on.

    python benchmarks/ablation.py --model smollm2-135m --samples 250 --samples 1000 --work DIR
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from planc import models, toolset
from planc.decode.chat import of_file
from planc.decode.planner import Planner
from planc.eval.assistant import Assistant
from planc.eval.evaluate import Choice, evaluate
from planc.eval.machine import machine
from planc.eval.results import mean_of
from planc.tune.data import TESTED, made_up
from planc.tune.lora import RATE, Progress, Settings
from planc.tune.teach import packs, together, train

LONGEST = 2560  # tokens of requests that are read at once with all the standard tools


def measured(name: str, count: int, shown: bool, work: Path) -> dict[str, Any]:
    """A row of the table: an adapter is trained, unless it is there, and plans the suite."""
    tools = toolset.load(["stdlib_tools"])
    model = models.resolve(name)
    path = models.pull(model, lambda *told: None)
    chat = of_file(path)
    form = "shown" if shown else "known"
    out = work / f"{name}-{form}-{count}.gguf"
    told = out.with_suffix(".training.json")
    if not told.exists():
        taught, held = made_up(tools, count, 0, "train"), made_up(tools, TESTED, 0, "test")
        made = [
            together(some, chat, tools, LONGEST) if shown else packs(some, chat)
            for some in (taught, held)
        ]
        begin = time.monotonic()

        def tell(progress: Progress) -> None:
            if progress.step % 25 == 0:
                left = progress.seconds / progress.done * (progress.steps - progress.step) / 60
                click.echo(f"{out.stem}: step {progress.step}, {left:.0f} minutes left", err=True)

        _, after = train(
            path, None if shown else tools, *made, out, Settings(rate=model.rate or RATE), tell
        )
        training = {
            "tokens": sum(map(len, made[0])),
            "seconds": time.monotonic() - begin,  # of this run, where one was cut off
            "held_loss": after.loss,
            "held_right": after.right,
        }
        told.write_text(json.dumps(training) + "\n", encoding="utf-8")
    suite = Assistant(None)
    planner = Planner(name, 0, lambda *told: None, adapter=str(out))
    run = evaluate(
        suite, suite.cases(), planner, Choice(), out.with_suffix(".json"), lambda outcome: None
    )
    totals = run.totals()["all"]
    about = json.loads(told.read_text(encoding="utf-8"))
    return {"samples": count, "tools": form, **totals, "training": about}


@click.command()
@click.option("--model", "name", default="smollm2-135m", show_default=True)
@click.option("--samples", type=int, multiple=True, help="May be given again.")
@click.option("--shown", type=int, multiple=True, help="May be given again.")
@click.option("--work", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path))
def main(
    name: str, samples: tuple[int, ...], shown: tuple[int, ...], work: Path, out: Path | None
) -> None:
    work.mkdir(parents=True, exist_ok=True)
    wanted = [(count, False) for count in samples] + [(count, True) for count in shown]
    rows = []
    print("| requests | tools | graph | strict | loss, held out | seconds a plan | minutes |")
    print("|---|---|---|---|---|---|---|")
    for count, in_prompt in wanted:
        row = measured(name, count, in_prompt, work)
        rows.append(row)
        training = row["training"]
        print(
            f"| {count:,} | {row['tools']} | {mean_of(row, 'graph')} | {mean_of(row, 'strict')} "
            f"| {training['held_loss']:.3f} | {row['seconds_per_plan']:.1f} "
            f"| {training['seconds'] / 60:.0f} |"
        )
    if out is not None:
        result = {"model": name, "rows": rows, **machine()}
        out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
