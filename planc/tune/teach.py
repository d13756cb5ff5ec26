"""From requests to an adapter: a model is trained on them, and the file is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from planc import adapters, files, toolset
from planc.decode.chat import ChatTokens, of_file
from planc.decode.grammar import NO_TOOL
from planc.decode.prompt import Message, Request, taught, taught_any
from planc.tools import ToolSet
from planc.tune.curves import Test, picture
from planc.tune.export import export
from planc.tune.lora import Progress, Settings, Tokens, Trainer
from planc.tune.samples import Sample


def tokens(samples: Iterable[Sample], chat: ChatTokens) -> list[Tokens]:
    """The samples as a model reads them that has been taught its tools, or to plan over any."""
    return [
        Tokens(tuple(chat(_prompt(one, chat))), (*chat.text(one.plan or f"{NO_TOOL}\n"), chat.end))
        for one in samples
    ]


def _prompt(sample: Sample, chat: ChatTokens) -> list[Message]:
    request = Request(chat.defused(sample.text), sample.now)
    if not sample.tools:
        return taught(request)
    return taught_any(request, toolset.described(list(sample.tools)))


def teach(
    model: Path,
    tools: ToolSet | None,
    samples: Sequence[Sample],
    tested: Sequence[Sample],
    out: Path,
    settings: Settings,
    tell: Callable[[Progress], None],
) -> tuple[Test, Test]:
    """Trains an adapter for a model's file and a tool set, or with None for any tools, and writes
    it to `out`; beside it lie a picture of how it went (`.svg`) and a checkpoint, from which a
    training that was stopped goes on. Gives what the model makes of `tested` before and after."""
    files.write_text(out.with_suffix(".svg"), picture([], [], out.stem))  # or tells that it cannot
    chat = of_file(model)
    learned, held = tokens(samples, chat), tokens(tested, chat)
    trainer = Trainer(model, settings, learned, held)
    trainer.train(tell, out.with_suffix(".checkpoint"))
    before, after = trainer.tests[0], trainer.tests[-1]
    title = f"{out.stem}: {len(samples)} requests"
    files.write_text(out.with_suffix(".svg"), picture(trainer.losses, trainer.tests, title))
    made = {
        "samples": len(samples),
        "settings": vars(settings),
        "tests": [vars(test) for test in trainer.tests],
    }
    export(
        out,
        trainer.state(),
        trainer.architecture,
        trainer.heads,
        settings.alpha,
        {
            "general.name": out.stem,
            adapters.MODEL: trainer.digest,
            adapters.TOOLS: adapters.ANY if tools is None else adapters.digest(tools),
            adapters.NAMES: adapters.ANY if tools is None else " ".join(sorted(tools)),
            adapters.MADE: json.dumps(made),
        },
    )
    return before, after
