"""ComplexFuncBench (arXiv 2501.10132), as the package nestful-wrapper has it: calls of travel
services, each gold call with the answer that was recorded when it was made.

A case offers tools as those of NESTFUL do, and has its scores, and before them

    replay    every call of the plan, its references answered from the record, is one of the gold
              plan's, and all of those are made

so that an address looked up and the same address written out are equally right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from planc.eval.cases import Call, Case, Json, Verdict, always
from planc.eval.expected import fold, unmarked
from planc.eval.nestful import PACKAGE, Nestful, from_gold, plain
from planc.eval.packages import installed

_NOTHING = "\N{REPLACEMENT CHARACTER}"  # the answer to a call that was not recorded


class ComplexFuncBench(Nestful):
    """The suite `complexfuncbench`: one group."""

    name = "complexfuncbench"
    metrics: tuple[str, ...] = ("replay", *Nestful.metrics)

    def _stems(self) -> list[Path]:
        if self.data is not None:
            return super()._stems()
        file = installed(PACKAGE, "data_v1/complexfuncbench/complexfuncbench-data.json")
        return [file.with_name("complexfuncbench")]

    def judge(self, case: Case, calls: Sequence[Call]) -> Verdict:
        verdict = super().judge(case, calls)
        reason = _replayed(case.gold, calls)
        return Verdict({"replay": float(not reason), **verdict.scores}, reason)


def _replayed(gold: Json, calls: Sequence[Call]) -> str:
    """What keeps the plan from being the recorded one; empty if nothing does."""
    answers: dict[str, Json] = {}
    left: dict[str, list[Json]] = {}  # the answers of the gold calls that were not made yet
    for call in gold["calls"]:
        answers[call["label"]] = call["response"]
        text = _made(call["name"], from_gold(call["arguments"]), answers)
        left.setdefault(text, []).append(call["response"])
    found: dict[str, Json] = {}
    for call in calls:
        if not always(call):
            return f"`{call['tool']}` runs under a condition or for each element of a list"
        text = _made(call["tool"], call["args"], found)
        if not left.get(text):
            return f"has {text}"
        found[call["id"]] = left[text].pop(0)
    missing = [text for text, answers_left in left.items() if answers_left]
    return f"lacks {missing[0]}" if missing else ""


def _made(tool: str, arguments: Mapping[str, Json], answers: Mapping[str, Json]) -> str:
    """A call as it would be made: a text."""
    known = {name: unmarked(fold(_answered(value, answers))) for name, value in arguments.items()}
    given = {name: _texts(value) for name, value in known.items()}
    kept = {name: value for name, value in given.items() if value is not None}
    return json.dumps([tool, kept], sort_keys=True, ensure_ascii=False)


def _answered(value: Json, answers: Mapping[str, Json]) -> Json:
    if isinstance(value, list):
        return [_answered(item, answers) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" not in value:
        return {key: _answered(item, answers) for key, item in value.items()}
    found = answers.get(value["$ref"], _NOTHING)
    for step in value["path"]:
        if isinstance(found, list) and isinstance(step, str):
            found = found[0] if found else _NOTHING  # as the gold plans mean it
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return {"$literal": found} if isinstance(found, dict) else found


def _texts(value: Json) -> Json:
    """A value with its constants as texts, since the gold plans write numbers as such too."""
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    return plain(value)
