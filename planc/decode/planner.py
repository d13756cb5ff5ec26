"""From a request to a compiled plan, with a model that is fetched and loaded when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from planc import adapters, files, models
from planc.adapters import Adapter
from planc.compile import Compiled, compile_plan
from planc.decode.language import is_foreign
from planc.decode.model import LocalModel, Stats
from planc.decode.prompt import Request
from planc.diagnostics import BROKEN_ADAPTER, Diagnostic, PlanError
from planc.download.part import Progress
from planc.source import Source
from planc.tools import ToolSet

AUTO, NONE = "auto", "none"
"""Names in place of an adapter's path."""

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

    `adapter` is the path of one, `NONE`, or `AUTO`: the one that is known for the model and the
    tools, if there is one. `progress` is told of a download, `busy` is entered around what takes
    seconds, and `note` is told what a user should know.
    """

    def __init__(
        self,
        name: str,
        seed: int,
        progress: Progress,
        busy: Busy = _quiet,
        adapter: str = AUTO,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.model = models.resolve(name)
        self.seed = seed
        self.progress = progress
        self.busy = busy
        self.adapter = adapter
        self.note = note
        self._lock = threading.Lock()  # tools that have texts written run in threads
        self._loaded: LocalModel | None = None
        self._chosen: tuple[ToolSet, Adapter | None] | None = None

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the model's file, which is fetched if only the file can tell. Raises
        `PlanError` (E301 to E303)."""
        return self.model.sha256 or files.digest(models.pull(self.model, self.progress))

    def loaded(self) -> LocalModel:
        """The model, in memory. Raises `PlanError` (E301 to E304)."""
        with self._lock:
            if self._loaded is None:
                path = models.pull(self.model, self.progress)
                with self.busy(f"loading {self.model.name}"):
                    self._loaded = LocalModel(
                        self.model.name,
                        path,
                        self.seed,
                        self.model.refusal,
                        self.model.refusal_taught,
                    )
            return self._loaded

    def plan(self, text: str, now: datetime, tools: ToolSet) -> Planned:
        """The plan for a request. Raises `PlanError`."""
        adapter = self.adapter_for(tools)  # tells what does not fit before loading
        if adapter is not None and is_foreign(text):
            self.note(
                "The request does not seem to be in English, and the adapter "
                f"{adapter.name} was taught nothing else: look closely at the plan. With "
                "`--adapter none` the model knows more languages, the larger one best."
            )
        model = self.loaded()
        with self.busy("planning"):
            decoded = model.plan(Request(text, now), tools, adapter=adapter)
        return Planned(compile_plan(Source(decoded.text), tools), decoded.stats)

    def adapter_for(self, tools: ToolSet) -> Adapter | None:
        """The adapter that plans over these tools are made with. Raises `PlanError` (E307) for one
        that is named and does not fit."""
        if self._chosen is None or self._chosen[0] is not tools:
            self._chosen = tools, self._adapter_for(tools)
        return self._chosen[1]

    def _adapter_for(self, tools: ToolSet) -> Adapter | None:
        if self.adapter == NONE:
            return None
        if self.adapter == AUTO:
            known = adapters.known(lambda error: self.note(f"{error}"))
            digest = self.digest if adapters.may_fit(known, self.model, tools) else None
            found, outdated = adapters.fitting(known, digest, tools)
            if found is not None and found.general and self.model.few_shot and tools.examples:
                found = None
            if outdated is not None:
                self.note(
                    f"The adapter {outdated.name} was made for an earlier form of these tools, or "
                    "by an earlier planc, and is not used."
                )
            return found
        given = adapters.read(Path(self.adapter))
        if given.model != self.digest:
            raise _unfit(given, f"another model than {self.model.name}")
        if not given.general and given.tools != adapters.digest(tools):
            raise _unfit(given, "other tools")
        return given

    def complete(self, instruction: str, text: str, max_tokens: int = 256) -> str:
        """See `planc.tools.TextModel`."""
        return self.loaded().complete(instruction, text, max_tokens)


def _unfit(adapter: Adapter, what: str) -> PlanError:
    return PlanError(
        Diagnostic(
            BROKEN_ADAPTER,
            f"`{adapter.path}` was made for {what}",
            hint="`planc tune` makes one; `--adapter none` plans without",
        )
    )
