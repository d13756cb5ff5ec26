"""What the constraint costs, against the model's own time.

With TinyAgent's sixteen tools the model plans the requests in requests.jsonl. Time inside the
logits processor is the constraint's (each statement's grammar, each token's mask, computed and
applied), and time between two calls of it the model's. With 16, 70 and 300 tools the plans of a
random model are replayed token by token with the vocabulary of the model. (Such plans have short
statements that use all there is, so that grammars weigh more.)

    python benchmarks/constraint.py [--model qwen2.5-coder-0.5b] [--plans 40] [--out FILE]
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np

from planc import models, toolset
from planc.decode.constraint import PlanConstraint
from planc.decode.matcher import PlanMatcher
from planc.decode.model import LocalModel
from planc.decode.probe import decode_at_random
from planc.decode.prompt import Request
from planc.eval.machine import machine
from planc.files import parse_time
from planc.fuzz import Subject, subject_for
from planc.parse import parse
from planc.source import Source
from planc.syntax import Call, walk
from planc.tools import ToolSet

DATA = Path(__file__).parent.parent / "tests" / "data"
REQUESTS = Path(__file__).parent / "requests.jsonl"
SIZES = (16, 70, 300)

TINYAGENT = (
    *("get_phone_number", "get_email_address", "create_calendar_event", "open_and_get_file_path"),
    *("summarize_pdf", "compose_new_email", "reply_to_email", "forward_email"),
    *("maps_open_location", "maps_show_directions", "create_note", "open_note"),
    *("append_note_content", "create_reminder", "send_sms", "get_zoom_meeting_link"),
)


def tools_of(size: int) -> ToolSet:
    """TinyAgent's sixteen tools with the examples that keep to them, or as many of NESTFUL's and
    BFCL's as asked for."""
    if size == len(TINYAGENT):
        standard = toolset.load(["stdlib_tools"])
        tools = ToolSet([standard[name] for name in TINYAGENT])
        plans = ((example, parse(Source(example.plan))) for example in standard.examples)
        kept = [
            example
            for example, plan in plans
            if all(node.tool in tools for node in walk(plan) if isinstance(node, Call))
        ]
        return ToolSet(tools.values(), kept)
    schemas = json.loads((DATA / "nestful_tools.json").read_text(encoding="utf-8"))
    for case in json.loads((DATA / "bfcl_tool_sets.json").read_text(encoding="utf-8")):
        schemas += case["tools"]
    distinct = {schema["name"]: schema for schema in schemas}
    return ToolSet(toolset.from_schemas(list(distinct.values())[:size]))


def replay(model: LocalModel, subject: Subject, text: str) -> dict[str, list[float]]:
    """The milliseconds that a plan's statements and tokens take, in the order of the plan."""
    tokens = list(model._tokenizer.tokenize_str(text))
    logits = np.random.default_rng(0).random((1, model._llama.n_vocab()), np.float32)
    built: list[float] = []

    plain = PlanMatcher._next_statement

    def next_statement(self: PlanMatcher) -> Any:
        begin = time.perf_counter()
        statement = plain(self)
        built.append(1000 * (time.perf_counter() - begin))
        return statement

    PlanMatcher._next_statement = next_statement  # type: ignore[method-assign]
    constraint = PlanConstraint(model._tokenizer, subject.tools, subject.request, "numpy")
    times = []
    try:
        for i in range(len(tokens) + 1):
            ids = np.array([tokens[:i]])
            begin = time.perf_counter()
            constraint.process_logits(ids, logits.copy())
            times.append(1000 * (time.perf_counter() - begin))
            if constraint.error is not None:
                raise constraint.error
    finally:
        PlanMatcher._next_statement = plain  # type: ignore[method-assign]
    return {"token": times, "statement": built}


@contextmanager
def timed(own: list[float], between: list[float]) -> Iterator[None]:
    """Takes the milliseconds of every call of a constraint, with the draft before it, and of what
    else is between two calls of the same."""
    plain, plain_draft = PlanConstraint.process_logits, PlanConstraint.draft
    last: tuple[PlanConstraint | None, float] = (None, 0.0)
    drafting = 0.0

    def draft(self: PlanConstraint, input_ids: Any) -> Any:
        nonlocal drafting
        begin = time.perf_counter()
        result = plain_draft(self, input_ids)
        drafting += time.perf_counter() - begin
        return result

    def process_logits(self: PlanConstraint, input_ids: Any, logits: Any) -> Any:
        nonlocal last, drafting
        begin = time.perf_counter()
        if last[0] is self:
            between.append(1000 * (begin - last[1] - drafting))
        result = plain(self, input_ids, logits)
        end = time.perf_counter()
        own.append(1000 * (end - begin + drafting))
        last, drafting = (self, end), 0.0
        return result

    PlanConstraint.process_logits = process_logits  # type: ignore[method-assign]
    PlanConstraint.draft = draft  # type: ignore[method-assign]
    try:
        yield
    finally:
        PlanConstraint.process_logits = plain  # type: ignore[method-assign]
        PlanConstraint.draft = plain_draft  # type: ignore[method-assign]


def live(model: LocalModel, tools: ToolSet) -> tuple[list[float], float]:
    """The milliseconds of the constraint for each token while the model plans some requests, and
    those that the model takes for a token."""
    own: list[float] = []
    between: list[float] = []
    model.plan(Request("Hello", parse_time("2026-11-23 09:00:00")), tools)  # loads what is needed
    with timed(own, between):
        for line in REQUESTS.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            model.plan(Request(case["query"], parse_time(case["now"])), tools)
    return own, statistics.fmean(between)


def row(
    plans: str, tools: int, token: list[float], statement: list[float], own: float
) -> dict[str, Any]:
    mean = statistics.fmean(token)
    return {
        "plans": plans,
        "tools": tools,
        "tokens": len(token),
        "ms_a_token": round(mean, 3),
        "median_ms_a_token": round(statistics.median(token), 3),
        "ms_a_statement": round(statistics.fmean(statement), 2) if statement else None,
        "share_of_model": round(mean / own, 4),
    }


@click.command()
@click.option("--model", "name", default="qwen2.5-coder-0.5b", show_default=True)
@click.option("--plans", default=40, show_default=True)
@click.option("--out", type=click.Path(path_type=Path))
def main(name: str, plans: int, out: Path | None) -> None:
    entry = models.resolve(name)
    model = LocalModel(name, models.pull(entry, lambda done, total, note: None))
    tokens, own = live(model, tools_of(16))
    rows = [row("the model's", 16, tokens, [], own)]
    for size in SIZES:
        subject = subject_for(tools_of(size))
        found: dict[str, list[float]] = {"token": [], "statement": []}
        for seed in range(plans):
            chance = random.Random(seed)
            text = decode_at_random(
                subject.tools, subject.request, chance, 400, 0.5, model._tokenizer
            )
            for key, times in replay(model, subject, text).items():
                found[key] += times
        rows.append(row("random", size, found["token"], found["statement"], own))
    print(f"{name}: {own:.1f} ms a token")
    print(
        "| plans | tools | ms a token | median | ms a statement's grammar | of the model's time |"
    )
    print("|---|---|---|---|---|---|")
    for one in rows:
        grammar = "" if one["ms_a_statement"] is None else f"{one['ms_a_statement']:.1f}"
        print(
            f"| {one['plans']} | {one['tools']} | {one['ms_a_token']:.2f} "
            f"| {one['median_ms_a_token']:.2f} | {grammar} "
            f"| {100 * one['share_of_model']:.1f} % |"
        )
    if out is not None:
        result = {"model": name, "model_ms_a_token": own, "rows": rows, **machine()}
        out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
