"""From a request to a compiled plan, with a model that is fetched and loaded when first needed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from planc import models
from planc.compile import Compiled, compile_plan
from planc.decode.model import LocalModel, Stats
from planc.decode.prompt import Request
from planc.download.part import Progress
from planc.source import Source
from planc.tools import ToolSet

Busy = Callable[[str], AbstractContextManager[object]]


def _quiet(what: str) -> AbstractContextManager[object]:
    return nullcontext()


@dataclass(frozen=True)
class Planned:
    """What a request was compiled to, and what the model did for it."""

    compiled: Compiled
    stats: Stats


class Planner:
    """A model by its name, and what is done with it.

    `progress` is told of a download, `busy` is entered around what takes seconds.
    """

    def __init__(
        self, name: str | None, seed: int, progress: Progress, busy: Busy = _quiet
    ) -> None:
        self.model = models.resolve(name) if name else models.default()
        self.seed = seed
        self.progress = progress
        self.busy = busy
        self._loaded: LocalModel | None = None

    def loaded(self) -> LocalModel:
        """The model, in memory. Raises `PlanError` (E301 to E304)."""
        if self._loaded is None:
            path = models.pull(self.model, self.progress)
            with self.busy(f"loading {self.model.name}"):
                self._loaded = LocalModel(self.model.name, path, self.seed, self.model.refusal)
        return self._loaded

    def plan(self, text: str, now: datetime, tools: ToolSet) -> Planned:
        """The plan for a request. Raises `PlanError`."""
        model = self.loaded()
        with self.busy("planning"):
            decoded = model.plan(Request(text, now), tools)
        return Planned(compile_plan(Source(decoded.text), tools), decoded.stats)

    def complete(self, instruction: str, text: str, max_tokens: int = 256) -> str:
        """See `planc.tools.TextModel`."""
        return self.loaded().complete(instruction, text, max_tokens)
