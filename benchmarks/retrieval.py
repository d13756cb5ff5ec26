"""Which tools of a large set to show: rankings compared by recall, and plans made with them.

Three pools of tools, each of all the tools of its cases: BFCL's live_multiple, NESTFUL, and the
first 300 tools of BFCL's four Python categories; and the standard tools, much as in TinyAgent's
paper (arXiv 2409.00608). README.md says how to read the tables.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from statistics import fmean, median
from typing import Any

import click
import numpy as np

from planc import models, toolset
from planc.compile import compile_plan
from planc.decode.model import weights_as_they_are
from planc.decode.planner import AUTO, Planner
from planc.decode.prompt import Request
from planc.decode.retrieve import Ranking, relevant
from planc.diagnostics import PlanError
from planc.eval.assistant import Assistant
from planc.eval.bfcl import ANSWERED, Bfcl
from planc.eval.cases import Case, Suite
from planc.eval.evaluate import Choice, Ids
from planc.eval.machine import machine
from planc.eval.nestful import Nestful
from planc.report.calls import calls_json
from planc.source import Source
from planc.tools import Tool, ToolSet
from planc.tune.data import made_up

COUNTS = (2, 4, 8, 16, 32)
Scores = np.ndarray  # of shape (requests, tools)
Ranker = Callable[[Sequence[str], Sequence[Tool]], Scores]


@dataclass(frozen=True)
class Pool:
    """Cases that share one large set of tools; `needed` are the tools of each gold plan."""

    name: str
    suite: Suite
    tools: ToolSet
    cases: Sequence[Case]

    def needed(self, case: Case) -> set[str]:
        if "answer" in case.gold:
            return {name for call in case.gold["answer"] for name in call}
        return {call["name"] for call in case.gold["calls"]}


def pools() -> Iterator[Pool]:
    bfcl = Bfcl()
    cases = [case for case in bfcl.cases() if case.group in (*ANSWERED, "live_multiple")]
    live = [case for case in cases if case.group == "live_multiple"]
    yield _pool("live_multiple", bfcl, live)
    nestful = Nestful()
    yield _pool("nestful", nestful, nestful.cases())
    groups = [[case for case in cases if case.group == group] for group in ANSWERED]
    mixed = [case for case in chain.from_iterable(zip_longest(*groups)) if case is not None]
    yield _pool("300 tools", bfcl, mixed, 300)


def _pool(name: str, suite: Suite, cases: Sequence[Case], limit: int | None = None) -> Pool:
    """The cases in order until there are so many tools. Where two tools have one name, the first
    is taken; a case whose tools cannot be read is left out."""
    tools: dict[str, Tool] = {}
    used = []
    for case in cases:
        if limit is not None and len(tools) >= limit:
            break
        try:
            found = case.tools()
        except PlanError:
            continue
        tools |= {tool: found[tool] for tool in found if tool not in tools}
        used.append(case)
    return Pool(name, suite, ToolSet(tools.values()), used)


# Rankings.


def bm25(requests: Sequence[str], tools: Sequence[Tool]) -> Scores:
    """planc's own (planc.decode.retrieve)."""
    ranking = Ranking(tools)
    return np.array([ranking.scores(request) for request in requests])


def _told(tool: Tool) -> str:
    parameters = "; ".join(f"{p.name}: {p.description}" for p in tool.parameters)
    return f"{tool.name}. {tool.description} {parameters}"


Embed = Callable[[Sequence[str]], np.ndarray]  # to an array of shape (texts, dimensions)


def remembered(embed: Embed) -> Embed:
    """Embeds each text once."""
    known: dict[str, np.ndarray] = {}

    def look(texts: Sequence[str]) -> np.ndarray:
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.array([known[text] for text in texts])

    return look


def embedded(embed: Embed) -> Ranker:
    """By the cosine of embeddings, less the tools' mean, which decoders' states have in common."""

    def rank(requests: Sequence[str], tools: Sequence[Tool]) -> Scores:
        told = embed([_told(tool) for tool in tools])
        rows = [found - told.mean(0) for found in (embed(requests), told)]
        asked, told = (row / np.linalg.norm(row, axis=1, keepdims=True) for row in rows)
        return asked @ told.T

    return rank


def both(first: Ranker, second: Ranker) -> Ranker:
    """The sum of two rankings' scores, each brought to mean 0 and deviation 1 for a request."""

    def rank(requests: Sequence[str], tools: Sequence[Tool]) -> Scores:
        found = [ranker(requests, tools) for ranker in (first, second)]
        return sum((s - s.mean(1, keepdims=True)) / (s.std(1, keepdims=True) + 1e-9) for s in found)

    return rank


def sentence_model(folder: Path) -> Embed:
    """The mean of a small encoder's last states, as sentence-transformers pools them."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()

    def embed(texts: Sequence[str]) -> np.ndarray:
        rows = []
        with torch.no_grad():
            for i in range(0, len(texts), 32):
                batch = tokenizer(
                    list(texts[i : i + 32]),
                    padding=True,
                    truncation=True,
                    max_length=256,
                    return_tensors="pt",
                )
                kept = batch["attention_mask"][..., None]
                mean = (model(**batch).last_hidden_state * kept).sum(1) / kept.sum(1)
                rows.append(torch.nn.functional.normalize(mean, dim=1).numpy())
        return np.concatenate(rows)

    return remembered(embed)


def own_model(path: Path) -> Embed:
    """The mean of the last states of a model that also writes plans."""
    import llama_cpp

    with weights_as_they_are():
        llama = llama_cpp.Llama(
            str(path),
            embedding=True,
            n_ctx=2048,
            n_batch=2048,
            n_ubatch=2048,
            pooling_type=llama_cpp.LLAMA_POOLING_TYPE_MEAN,
            verbose=False,
        )
    return remembered(lambda texts: np.array([llama.embed(text[:4000]) for text in texts]))


def classifier(
    embed: Embed, names: Sequence[str], requests: Sequence[str], needed: Sequence[set[str]]
) -> Callable[[Sequence[str]], Scores]:
    """TinyAgent's way: a logistic regression for each tool, over the requests' embeddings. Its
    scores are log odds."""
    import torch

    x = torch.tensor(embed(requests), dtype=torch.float32)
    y = torch.tensor([[float(name in of) for name in names] for of in needed])
    torch.manual_seed(0)
    layer = torch.nn.Linear(x.shape[1], len(names))
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.05, weight_decay=1e-5)
    for _ in range(300):
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(layer(x), y).backward()
        optimiser.step()

    def score(requests: Sequence[str]) -> Scores:
        with torch.no_grad():
            found: np.ndarray = layer(torch.tensor(embed(requests), dtype=torch.float32)).numpy()
        return found

    return score


def recall(pool: Pool, cases: Sequence[Case], scores: Scores) -> dict[int, dict[str, float]]:
    """For each number of tools kept: the mean share of the needed tools that are among them, and
    how often all are."""
    names = list(pool.tools)
    order = np.argsort(-scores, axis=1, kind="stable")
    found = {}
    for count in COUNTS:
        shares = []
        for case, ranked in zip(cases, order, strict=True):
            needed = pool.needed(case)
            shares.append(len(needed & {names[i] for i in ranked[:count]}) / len(needed))
        found[count] = {"recall": fmean(shares), "all": fmean(share == 1 for share in shares)}
    return found


# The commands.


@click.group()
def main() -> None:
    """Measures the retrieval of tools."""


_ids = click.option("--ids", type=click.Choice(["even", "odd"]), default="odd", show_default=True)
_out = click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))


_model = click.option("--model", help="Use this model's own embeddings too (slow).")
_folder = click.option(
    "--sentence-model", "folder", type=click.Path(exists=True, path_type=Path), help="A folder."
)


def _embedders(model: str | None, folder: Path | None) -> dict[str, Embed]:
    found = {}
    if folder:
        found[folder.name] = sentence_model(folder)
    if model:
        found[model] = own_model(models.pull(models.resolve(model), lambda *_: None))
    return found


@main.command("recall")
@_ids
@_out
@_model
@_folder
def recall_(ids: Ids, out: Path, model: str | None, folder: Path | None) -> None:
    """How many of the needed tools each ranking keeps."""
    embedders = _embedders(model, folder)
    rows = []
    for pool in pools():
        cases = Choice(ids).of(pool.cases)
        others = Choice("even" if ids == "odd" else "odd").of(pool.cases)
        requests, tools = [case.query for case in cases], list(pool.tools.values())
        rankers: dict[str, Ranker] = {"BM25": bm25}
        for name, embed in embedders.items():
            rankers[name] = embedded(embed)
            rankers[f"BM25 + {name}"] = both(bm25, embedded(embed))
            scores = classifier(
                embed,
                list(pool.tools),
                [case.query for case in others],
                [pool.needed(case) for case in others],
            )
            rankers[f"classifier over {name}"] = lambda requests, _, s=scores: s(requests)
        for name, rank in rankers.items():
            begin = time.perf_counter()
            found = recall(pool, cases, rank(requests, tools))
            seconds = time.perf_counter() - begin
            rows.append(
                {
                    "pool": pool.name,
                    "tools": len(tools),
                    "requests": len(cases),
                    "ranking": name,
                    "kept": found,
                    "seconds": seconds,
                }
            )
            shown = (f"{n}: {100 * f['recall']:.1f}/{100 * f['all']:.1f}" for n, f in found.items())
            click.echo(f"{pool.name} | {name} | {' | '.join(shown)} | {seconds:.1f} s")
    _write(out, {**machine(), "ids": ids, "rows": rows})


@main.command("standard")
@_out
@_model
@_folder
@click.option("--samples", default=4000, show_default=True, help="Made-up requests to learn from.")
def standard(out: Path, model: str | None, folder: Path | None, samples: int) -> None:
    """How many of the needed standard tools a classifier keeps of each request of the suite
    `assistant`, and how many tools in all, by the odds from which on it keeps one; and BM25."""
    tools = toolset.load(["stdlib_tools"])
    names, cases = list(tools), Assistant().cases()
    requests = [case.query for case in cases]
    needed = [{call["tool"] for call in case.gold["calls"]} for case in cases]
    taught = made_up(tools, samples, 0, "train")
    used = [{call["tool"] for call in _calls(one.plan, tools)} for one in taught]
    rows: list[dict[str, Any]] = []

    def note(ranking: str, by: str, kept: Sequence[set[str]]) -> None:
        asked = [(of, found) for of, found in zip(needed, kept, strict=True) if of]
        shares = [len(of & found) / len(of) for of, found in asked]
        row = {
            "ranking": ranking,
            "kept": by,
            "recall": fmean(shares),
            "all": fmean(share == 1 for share in shares),
            "tools": fmean(map(len, kept)),
        }
        rows.append(row)
        click.echo(
            f"{ranking} | {by} | {row['recall']:.3f} | {row['all']:.3f} | {row['tools']:.2f}"
        )

    scores = bm25(requests, list(tools.values()))
    for count in (4, 6, 8):
        order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
        note("BM25", f"first {count}", [{names[i] for i in row} for row in order])
    for name, embed in _embedders(model, folder).items():
        odds = classifier(embed, names, [one.text for one in taught], used)(requests)
        for odd in (1.0, 0.3, 0.1, 0.03, 0.01):
            kept = [{names[i] for i in np.flatnonzero(row > math.log(odd))} for row in odds]
            note(f"classifier over {name}", f"odds over {odd}", kept)
    _write(out, {**machine(), "samples": samples, "requests": len(cases), "rows": rows})


def _calls(plan: str, tools: ToolSet) -> Sequence[dict[str, Any]]:
    calls: Sequence[dict[str, Any]] = calls_json(compile_plan(Source(plan), tools).checked)["calls"]
    return calls


@main.command("plans")
@_ids
@_out
@click.option("--model", "name", default=models.default().name, show_default=True)
@click.option("--limit", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--count", "counts", type=int, multiple=True, help="Tools kept; 0 shows all.")
@click.option("--pool", "wanted", multiple=True, help="One pool only.")
@click.option("--adapter", default=AUTO, show_default=True, help="A file, or `none`.")
def plans(
    ids: Ids,
    out: Path,
    name: str,
    limit: int,
    counts: Sequence[int],
    wanted: Sequence[str],
    adapter: str,
) -> None:
    """How many plans are right, and what they cost, with so many tools kept."""
    planner = Planner(name, 0, lambda *_: None, adapter=adapter)
    rows: list[dict[str, Any]] = []
    for pool in pools():
        if wanted and pool.name not in wanted:
            continue
        ranking = Ranking(pool.tools.values())
        cases = Choice(ids, limit=limit).of(pool.cases)
        for count in counts or COUNTS[1:]:
            outcomes = [_planned(planner, pool, ranking, case, count) for case in cases]
            row = {
                "pool": pool.name,
                "kept": count or len(pool.tools),
                "right": fmean(outcome["right"] for outcome in outcomes),
                "recall": fmean(outcome["recall"] for outcome in outcomes),
                "tools": fmean(outcome["tools"] for outcome in outcomes),
                "prompt_tokens": fmean(outcome["prompt_tokens"] for outcome in outcomes),
                "read_tokens": fmean(outcome["read_tokens"] for outcome in outcomes),
                "seconds": median(outcome["seconds"] for outcome in outcomes),
                "first_seconds": outcomes[0]["seconds"],
                "cases": outcomes,
            }
            rows.append(row)
            click.echo(json.dumps({key: row[key] for key in row if key != "cases"}))
            _write(
                out,
                {
                    **machine(),
                    "ids": ids,
                    "model": {"name": planner.model.name, "sha256": planner.digest},
                    "adapter": outcomes[0]["adapter"],
                    "rows": rows,
                },
            )


def _planned(
    planner: Planner, pool: Pool, ranking: Ranking, case: Case, count: int
) -> dict[str, Any]:
    """One plan. A plan that cannot be made is wrong, and costs what it took to find out."""
    begin = time.perf_counter()
    tools = relevant(pool.tools, ranking, case.query, count) if count else pool.tools
    needed = pool.needed(case)
    outcome: dict[str, Any] = {
        "id": case.id,
        "plan": "",
        "adapter": None,
        "right": 0.0,
        "recall": len(needed & set(tools)) / len(needed),
        "tools": len(tools),
        "prompt_tokens": 0,
        "read_tokens": 0,
    }
    try:
        adapter = planner.adapter_for(tools)
        asked = Request(case.query, case.now)
        decoded = planner.loaded().plan(asked, tools, retrieve=False, adapter=adapter)
        verdict = pool.suite.judge(case, _calls(decoded.text, tools))
        outcome |= {
            "plan": decoded.text,
            "adapter": decoded.stats.adapter,
            "right": verdict.scores[pool.suite.metrics[0]],
            "prompt_tokens": decoded.stats.prompt_tokens,
            "read_tokens": decoded.stats.prompt_tokens - decoded.stats.cached_tokens,
        }
    except PlanError as error:
        outcome["reason"] = str(error)
    return outcome | {"seconds": time.perf_counter() - begin}


def _write(out: Path, content: Mapping[str, Any]) -> None:
    out.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
