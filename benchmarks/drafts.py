"""What drafts save (planc.decode.drafts): the time of plans with them and without, in one run.

Each request in requests.jsonl is planned in every way in turn, after once untimed, so that the
prompt is known. Times go from the request to the plan's end; steps are the model's, of one token
or of one with a draft.

    python benchmarks/drafts.py [--model qwen2.5-coder-0.5b] [--adapter none] [--out FILE]
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import click
import llama_cpp

from planc import toolset
from planc.decode import drafts
from planc.decode.planner import AUTO, Planner
from planc.eval.machine import machine
from planc.files import parse_time

REQUESTS = Path(__file__).parent / "requests.jsonl"
WAYS = {
    "none": (0, 0),
    "forced": (drafts.FORCED, 0),
    "forced and copied": (drafts.FORCED, drafts.COPIED),
}


@click.command()
@click.option("--model", "name", default="qwen2.5-coder-0.5b", show_default=True)
@click.option("--adapter", default=AUTO, show_default=True)
@click.option("--out", type=click.Path(path_type=Path))
def main(name: str, adapter: str, out: Path | None) -> None:
    tools = toolset.load(["stdlib_tools"])
    planner = Planner(name, 0, lambda done, total, note: None, adapter=adapter)
    usual, steps = llama_cpp.Llama.eval, 0

    def counted(self: llama_cpp.Llama, tokens: Any) -> None:
        nonlocal steps
        steps += 1
        usual(self, tokens)

    llama_cpp.Llama.eval = counted
    sums: dict[str, dict[str, float]] = {way: defaultdict(float) for way in WAYS}
    for line in REQUESTS.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        texts = []
        for way in ("", *WAYS):
            drafts.FORCED, drafts.COPIED = WAYS.get(way, (0, 0))
            steps, begin = 0, time.perf_counter()
            made = planner.plan(case["query"], parse_time(case["now"]), tools)
            if way:
                found = sums[way]
                found["seconds"] += time.perf_counter() - begin
                found["steps"] += steps
                found["tokens"] += made.stats.decoded_tokens
                texts.append(made.compiled.text)
                found["other plans"] += texts[0] != texts[-1]
    base = sums["none"]
    print("| drafts | tokens | steps | seconds | of the time without | other plans |")
    print("|---|---|---|---|---|---|")
    for way, found in sums.items():
        found["share"] = found["seconds"] / base["seconds"]
        print(
            f"| {way} | {found['tokens']:.0f} | {found['steps']:.0f} | {found['seconds']:.1f} "
            f"| {100 * found['share']:.0f} % | {found['other plans']:.0f} |"
        )
    if out is not None:
        result = {"model": name, "adapter": adapter, "ways": sums, **machine()}
        out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
