"""What happens in a run, as it happens: one stream for the terminal, for JSON and for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from planc.diagnostics import Diagnostic

Kind = Literal[
    "started",  # a call begins, with its arguments
    "finished",  # it ended with a result
    "failed",  # it ended with a diagnostic
    "retried",  # a batched call failed, and its calls are made one by one
    "cancelled",  # it never began, since something it needs failed or was refused
    "approved",  # the user allowed a write
    "refused",  # the user did not
    "skipped",  # a dry run left a write out
    "waiting",  # the run was stopped, and what is under way cannot be
    "interrupted",  # it was under way when the run was stopped: its effect may have happened
]


class Event(NamedTuple):
    """One step of one call. `call` is the node's id with the indexes of the maps around it, as
    in `v3[2]`; `seconds` are counted from the beginning of the run."""

    kind: Kind
    call: str
    tool: str
    effect: str
    seconds: float
    arguments: dict[str, Any] | None = None
    result: Any = None
    diagnostic: Diagnostic | None = None

    def to_json(self) -> dict[str, Any]:
        whole = {
            "event": self.kind,
            "call": self.call,
            "tool": self.tool,
            "effect": self.effect,
            "seconds": round(self.seconds, 6),
        }
        if self.arguments is not None:
            whole["args"] = self.arguments
        if self.kind == "finished":
            whole["result"] = self.result
        if self.diagnostic is not None:
            whole["diagnostic"] = self.diagnostic.to_json()
        return whole


Listener = Callable[[Event], None]
