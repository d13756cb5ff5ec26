"""Batches of requests, whatever their lines are, with a planner that stands in for the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from planc import toolset
from planc.compile import compile_plan
from planc.decode.batch import run_batch
from planc.decode.planner import Planned
from planc.diagnostics import MODEL_UNAVAILABLE, Diagnostic, PlanError
from planc.source import Source
from planc.tools import ToolSet

TOOLS = toolset.described([{"name": "ring", "parameters": {"type": "object", "properties": {}}}])


class StandIn:
    """Plans a call of `ring` for all requests, if its model can be had."""

    def __init__(self, available: bool = True) -> None:
        self.available = available
        self.asked = 0

    def loaded(self) -> None:
        self.asked += 1
        if not self.available:
            raise PlanError(Diagnostic(MODEL_UNAVAILABLE, "there is no network"))

    def plan(self, text: str, now: datetime, tools: ToolSet) -> Planned:
        stats: Any = None
        return Planned(compile_plan(Source("ring()\n"), tools), stats)


def outcomes(lines: Sequence[object], planner: Any) -> list[tuple[str | int, bool, list[str]]]:
    """Of each line its id, whether it has a plan, and the codes of what was wrong."""
    source = Source("\n".join(json.dumps(line) for line in lines), "batch.jsonl")
    done = run_batch(source, lambda tools: planner, lambda: TOOLS, datetime(2026, 3, 2))
    return [
        (name, planned is not None, [str(one.code)[:4] for one in diagnostics])
        for name, planned, diagnostics in done
    ]


def test_a_line_that_is_none_does_not_stop_the_others() -> None:
    lines = [
        {"id": "\ud800", "query": "Ring"},
        {"id": 2, "query": "Ring", "tools": json.dumps([{"name": "ring"}] * 30)},
        {"id": 3, "query": "Ring", "tools": "no\0name.json"},
        {"id": 4, "query": "hi\u200b \x1b[31m"},
        {"id": 5, "query": "Ring"},
    ]
    assert outcomes(lines, StandIn()) == [
        ("line 1", False, ["E106"]),
        (2, False, ["E201"]),
        (3, False, ["E106"]),
        (4, False, ["E102"]),
        (5, True, []),
    ]


def test_a_model_that_cannot_be_had_is_asked_for_once() -> None:
    planner = StandIn(available=False)
    with pytest.raises(PlanError, match="E302"):
        outcomes([{"id": n, "query": "Ring"} for n in range(50)], planner)
    assert planner.asked == 1
