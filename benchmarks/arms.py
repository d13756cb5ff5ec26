"""What the constraint is worth: one model, the same prompts, three ways to decode.

`none` lets the model write what it likes, `syntax` holds it to the syntax of the plan language
(syntax.lark), `typed` is planc's own constraint. Decoding is greedy in all three. For each plan
it is recorded whether it parses, whether it type-checks, and whether it is the gold plan by both
measures of `planc.eval.assistant`. README.md says how to read the table.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import llguidance
import llguidance.numpy as bitmasks
from outlines.inputs import Chat
from outlines.processors.base_logits_processor import OutlinesLogitsProcessor
from pydantic import BaseModel, ValidationError

from planc import files, models, toolset
from planc.check import check
from planc.decode.model import LocalModel
from planc.decode.prompt import Request
from planc.diagnostics import PlanError
from planc.eval.assistant import check_case, score
from planc.eval.machine import machine
from planc.files import parse_time
from planc.parse import parse
from planc.report.calls import calls_json
from planc.source import Source
from planc.tools import ToolSet

MAX_TOKENS = 512  # of the arms `none` and `syntax`; `typed` has planc's own limit
_FENCED = re.compile(r"\s*```\w*[ ]*\n(.*?)\n?[ ]*```\s*", re.DOTALL)


class Case(BaseModel):
    """A request, the local time at which it is made, and the calls of its gold plan."""

    id: str | int
    query: str
    now: str
    calls: list[dict[str, Any]]

    @property
    def request(self) -> Request:
        """Raises `ValueError` for a time that is none."""
        return Request(self.query, parse_time(self.now))


@dataclass(frozen=True)
class Outcome:
    """What one arm made of one request. `text` is what was decoded, `reason` the first thing that
    is wrong with it; `seconds` go from the request to the plan's end."""

    text: str
    seconds: float
    parses: bool = False
    checks: bool = False
    graph: bool = False
    strict: bool = False
    reason: str = ""


class SyntaxMask(OutlinesLogitsProcessor):  # type: ignore[misc]
    """Sets the logits of every token to minus infinity that leaves a grammar's language.

    For one sequence; `matcher` follows it.
    """

    def __init__(self, matcher: llguidance.LLMatcher, tensor_library: str) -> None:
        super().__init__(tensor_library)
        self.matcher = matcher
        self.begun = False

    def process_logits(self, input_ids: Any, logits: Any) -> Any:
        """`input_ids` has shape (1, tokens so far), `logits` (1, vocabulary)."""
        if self.begun:
            # A token that is refused leaves the matcher in error: `decode` looks for that, since
            # llama.cpp calls this from C, where an exception would be dropped.
            self.matcher.consume_token(int(input_ids[0][-1]))
        self.begun = True
        if not self.matcher.is_error():
            mask = bitmasks.allocate_token_bitmask(1, logits.shape[1])
            bitmasks.fill_next_token_bitmask(self.matcher, mask)
            bitmasks.apply_token_bitmask_inplace(logits, mask)
        return logits


class Arms:
    """The three ways to decode with one loaded model: each takes a request to a plan's text.

    The only place that reaches into `LocalModel`, so that the prompt, its kept keys and values
    and the tokenizer are the same for all.
    """

    def __init__(self, model: LocalModel, tools: ToolSet) -> None:
        self.model = model
        self.tools = tools
        grammar = (Path(__file__).parent / "syntax.lark").read_text(encoding="utf-8")
        self.grammar = llguidance.grammar_from("lark", grammar)

    def by_name(self) -> dict[str, Callable[[Request], str]]:
        return {"none": self.none, "syntax": self.syntax, "typed": self.typed}

    def none(self, request: Request) -> str:
        """The model's text, whatever it is."""
        return self._decode(request, None)

    def syntax(self, request: Request) -> str:
        """A text that the syntax allows, unless it was cut off. Raises `RuntimeError` if the mask
        and the model's choice disagree."""
        matcher = llguidance.LLMatcher(self.model._tokenizer, self.grammar, log_level=0)
        text = self._decode(request, SyntaxMask(matcher, self.model._outlines.tensor_library_name))
        if matcher.is_error():
            raise RuntimeError(f"llguidance: {matcher.get_error()}")
        return text

    def typed(self, request: Request) -> str:
        """planc's plan. Raises `PlanError`."""
        return self.model.plan(request, self.tools).text

    def _decode(self, request: Request, mask: SyntaxMask | None) -> str:
        chat, kept = self.model._chat(request, self.tools)
        self.model._prepare(chat, MAX_TOKENS, kept)
        pieces: Iterable[str] = self.model._outlines.generate_stream(
            Chat(chat),
            mask,
            max_tokens=MAX_TOKENS,
            temperature=0.0,
            repeat_penalty=1.0,
            seed=self.model.seed,
        )
        return "".join(pieces)


def unfenced(text: str) -> str:
    """A text without the one Markdown fence that stands around all of it."""
    match = _FENCED.fullmatch(text)
    return match[1] if match and "```" not in match[1] else text


def judged(text: str, seconds: float, tools: ToolSet, case: Case) -> Outcome:
    """How far a text, without a fence around it, gets on its way to the gold plan."""
    try:
        plan = parse(Source(unfenced(text)))
    except PlanError as error:
        return Outcome(text, seconds, reason=str(error))
    try:
        checked = check(plan, tools)
    except PlanError as error:
        return Outcome(text, seconds, parses=True, reason=str(error))
    found = score(case.model_dump(), calls_json(checked)["calls"])
    return Outcome(text, seconds, True, True, found.graph, found.strict, found.reason)


def run(
    decode: Callable[[Request], str], case: Case, tools: ToolSet, clock: Callable[[], float]
) -> Outcome:
    """One request in one arm. A plan that could not be made, be it by a defect of planc, is
    recorded as one that does not parse."""
    begin = clock()
    try:
        text = decode(case.request)
    except (PlanError, RuntimeError) as error:
        return Outcome("", clock() - begin, reason=str(error))
    return judged(text, clock() - begin, tools, case)


def totals(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The counts of an arm, and its mean time for a plan."""
    counts = {
        key: sum(getattr(outcome, key) for outcome in outcomes)
        for key in ("parses", "checks", "graph", "strict")
    }
    seconds = sum(outcome.seconds for outcome in outcomes) / max(1, len(outcomes))
    return {"requests": len(outcomes), **counts, "seconds_per_plan": round(seconds, 3)}


def table(arms: dict[str, dict[str, float]]) -> str:
    """The totals as a Markdown table."""
    lines = [
        "| arm | requests | parses | type-checks | graph | strict | seconds per plan |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, total in arms.items():
        counts = [f"{total[k]}" for k in ("requests", "parses", "checks", "graph", "strict")]
        lines.append(f"| {name} | {' | '.join(counts)} | {total['seconds_per_plan']:.2f} |")
    return "\n".join(lines)


def read_cases(path: Path, limit: int | None) -> list[Case]:
    """The first cases of a file of JSON lines. Raises `click.BadParameter`."""
    cases: list[Case] = []
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip() or (limit is not None and len(cases) >= limit):
            continue
        try:
            case = Case.model_validate_json(line)
            parse_time(case.now)
            check_case(case.id, case.calls)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise click.BadParameter(f"{path}, line {number}: {first['msg']}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise click.BadParameter(f"{path}, line {number}: {error!r}") from error
        cases.append(case)
    if not cases:
        raise click.BadParameter(f"{path} holds no requests")
    return cases


def told_progress(done: int, total: int | None, note: str = "") -> None:
    """Says what a download says; the bytes themselves are not worth a line."""
    if note:
        click.echo(note, err=True)


@click.command()
@click.argument("requests", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--model", default="smollm2-135m", show_default=True, help="A name or a GGUF file.")
@click.option("--tools", "specs", multiple=True, default=("stdlib_tools",), show_default=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many requests.")
def main(requests: Path, model: str, specs: tuple[str, ...], out: Path, limit: int | None) -> None:
    """Decodes the plans of REQUESTS in each arm and counts what becomes of them."""
    try:
        measured = measure(requests, model, specs, limit)
    except PlanError as error:
        raise click.ClickException(str(error)) from error
    out.write_text(json.dumps(measured, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(table(measured["arms"]))


def measure(requests: Path, name: str, specs: Sequence[str], limit: int | None) -> dict[str, Any]:
    """The whole experiment. Raises `PlanError`.

    One arm after the other, and before each two untimed requests: the longest, which makes the
    model's context as large as it will be, and one of a word. So every timed request finds the
    tools' part of the prompt known and its own part unknown.
    """
    cases = read_cases(requests, limit)
    tools = toolset.load(specs)
    wanted = models.resolve(name)
    path = models.pull(wanted, told_progress)
    arms = Arms(LocalModel(wanted.name, path, refusal=wanted.refusal), tools)
    prefix = json.dumps(arms.model._chat(cases[0].request, tools)[0][:-1], ensure_ascii=False)
    longest = max(cases, key=lambda case: len(case.query))
    untimed = [longest, longest.model_copy(update={"query": "Hello."})]
    outcomes: dict[str, list[Outcome]] = {}
    for arm, decode in arms.by_name().items():
        for case in untimed:
            run(decode, case, tools, time.monotonic)
        outcomes[arm] = []
        for number, case in enumerate(cases, 1):
            outcomes[arm].append(run(decode, case, tools, time.monotonic))
            click.echo(f"{arm}: {number} of {len(cases)}", err=True)
    return {
        **machine(),
        "model": {"name": wanted.name, "file": path.name, "sha256": files.digest(path)},
        "requests": {"file": requests.name, "sha256": files.digest(requests), "used": len(cases)},
        "tools": [Path(spec).name for spec in specs],
        "prompt_sha256": hashlib.sha256(prefix.encode()).hexdigest(),
        "max_tokens": MAX_TOKENS,
        "arms": {arm: totals(found) for arm, found in outcomes.items()},
        "cases": [
            {"id": case.id, "query": case.query}
            | {arm: asdict(found[i]) for arm, found in outcomes.items()}
            for i, case in enumerate(cases)
        ],
    }


if __name__ == "__main__":
    main()
