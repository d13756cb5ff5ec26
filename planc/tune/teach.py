"""From requests to an adapter: a model is trained on them, and the file is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from planc import adapters, files, toolset
from planc.decode.chat import ChatTokens, of_file
from planc.decode.grammar import NO_TOOL
from planc.decode.matcher import MAX_TOKENS
from planc.decode.prompt import Message, Request, taught, taught_any
from planc.diagnostics import NO_TRAINING, Diagnostic, PlanError
from planc.source import printable
from planc.tools import ToolSet
from planc.tune.curves import Test, picture
from planc.tune.export import export
from planc.tune.lora import Pack, Progress, Settings, Tokens, Trainer
from planc.tune.samples import Sample

# Requests over the same tools that are read at once, and the tokens of several: attention takes
# memory by their square.
_TOGETHER = 8
_LONGEST = 1024
_ALONE = 1536  # tokens of one


def packs(samples: Iterable[Sample], chat: ChatTokens) -> list[Pack]:
    """The samples as a model reads them that has been taught its tools or, where they have tools
    of their own, to plan over any."""
    found: list[Pack] = []
    shown: dict[str, list[Sample]] = {}
    for one in samples:
        if one.tools:
            shown.setdefault(json.dumps(one.tools), []).append(one)
        else:
            found.append(Pack.of([tokens(one, chat, taught)]))
    for group in shown.values():
        tools = toolset.described(list(group[0].tools))
        found += together(group, chat, tools)
    return found


def together(
    samples: Sequence[Sample], chat: ChatTokens, tools: ToolSet, longest: int = _LONGEST
) -> list[Pack]:
    """Samples as a model reads them that is shown these tools, of which several have `longest`
    tokens at most. Raises `PlanError` (E603) as `tokens`."""
    found: list[Pack] = []
    group: list[Tokens] = []
    for sample in samples:
        prompt = partial(taught_any, tools=tools)
        one = tokens(sample, chat, prompt, max(longest, _ALONE))
        if group and (len(group) == _TOGETHER or len(Pack.of([*group, one])) > longest):
            found.append(Pack.of(group))
            group = []
        group.append(one)
    return [*found, Pack.of(group)] if group else found


def tokens(
    sample: Sample,
    chat: ChatTokens,
    prompt: Callable[[Request], list[Message]],
    longest: int = _ALONE,
) -> Tokens:
    """A sample as a model reads it. Raises `PlanError` (E603) for one that is too long: for a plan,
    or for the memory, with more than `longest` tokens."""
    request = Request(chat.defused(sample.text), sample.now)
    answer = (*chat.text(sample.plan or f"{NO_TOOL}\n"), chat.end)
    found = Tokens(tuple(chat(prompt(request))), answer)
    for what, count, most in (
        ("the plan for", len(answer), MAX_TOKENS),
        ("with prompt and plan", len(found), longest),
    ):
        if count > most:
            message = f"{what} {sample.text!r:.60} has {count} tokens, more than {most}"
            raise PlanError(Diagnostic(NO_TRAINING, message))
    return found


def teach(
    model: Path,
    tools: ToolSet | None,
    samples: Sequence[Sample],
    tested: Sequence[Sample],
    out: Path,
    settings: Settings,
    tell: Callable[[Progress], None],
) -> tuple[Test, Test]:
    """Trains an adapter for a model's file and a tool set, or with None for any tools: `train`
    with the samples as the model will read them."""
    chat = of_file(model)
    return train(model, tools, packs(samples, chat), packs(tested, chat), out, settings, tell)


def train(
    model: Path,
    tools: ToolSet | None,
    learned: Sequence[Pack],
    held: Sequence[Pack],
    out: Path,
    settings: Settings,
    tell: Callable[[Progress], None],
) -> tuple[Test, Test]:
    """Trains an adapter and writes it to `out`; beside it lie a picture of how it went (`.svg`) and
    a checkpoint, from which a training that was stopped goes on. Gives what the model makes of
    `held` before and after."""
    files.require_writable(out.with_suffix(".svg"))
    trainer = Trainer(model, settings, learned, held)
    trainer.train(tell, out.with_suffix(".checkpoint"))
    before, after = trainer.tests[0], trainer.tests[-1]
    count = sum(len(pack.requests) for pack in learned)
    name = printable(out.stem)
    title = f"{name}: {count} requests"
    files.write_text(out.with_suffix(".svg"), picture(trainer.losses, trainer.tests, title))
    made = {
        "samples": count,
        "settings": trainer.told,
        "tests": [vars(test) for test in trainer.tests],
    }
    export(
        out,
        trainer.state(),
        trainer.architecture,
        trainer.heads,
        settings.alpha,
        {
            "general.name": name,
            adapters.MODEL: trainer.digest,
            adapters.TOOLS: adapters.ANY if tools is None else adapters.digest(tools),
            adapters.NAMES: adapters.ANY if tools is None else adapters.listed(tools),
            adapters.MADE: json.dumps(made),
        },
    )
    return before, after
