"""Trains the smallest model for about five minutes on made-up requests over the standard tools, and
fails unless it then plans more of twenty requests of the suite `assistant` rightly than untrained.

    python benchmarks/tune_smoke.py [--samples 800] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from planc import models, toolset
from planc.decode.planner import NONE, Planner
from planc.eval.assistant import Assistant
from planc.eval.evaluate import Choice, evaluate
from planc.tune.data import TESTED, made_up
from planc.tune.lora import Progress, Settings
from planc.tune.teach import teach

MODEL = "smollm2-135m"
REQUESTS = 20


def right(adapter: str, out: Path) -> float:
    """The share of the requests that are planned rightly, arguments included."""
    suite, choice = Assistant(None), Choice(limit=REQUESTS)
    planner = Planner(MODEL, 0, lambda *told: None, adapter=adapter)
    cases = choice.of(suite.cases())[:REQUESTS]
    run = evaluate(suite, cases, planner, choice, out, lambda outcome: None)
    return sum(case.scores["strict"] for case in run.cases) / len(run.cases)


def tell(progress: Progress) -> None:
    if progress.step % 20 == 0:
        print(f"step {progress.step} of {progress.steps}: loss {progress.loss:.3f}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=800)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = given.out or Path(temporary)
        out.mkdir(parents=True, exist_ok=True)
        tools = toolset.load(["stdlib_tools"])
        path = models.pull(models.resolve(MODEL), lambda *told: None)
        begin = time.monotonic()
        samples = made_up(tools, given.samples, 0, "train")
        held = made_up(tools, TESTED, 0, "test")
        adapter = out / "smoke.gguf"
        teach(path, tools, samples, held, adapter, Settings(), tell)
        print(f"trained on {len(samples)} requests in {time.monotonic() - begin:.0f} s")
        before = right(NONE, out / "untuned.json")
        after = right(str(adapter), out / "tuned.json")
    print(f"plans that are right, of {REQUESTS}: {before:.0%} untuned, {after:.0%} tuned")
    return 0 if after > before else 1


if __name__ == "__main__":
    sys.exit(main())
