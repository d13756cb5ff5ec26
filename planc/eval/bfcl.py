"""The Berkeley Function-Calling Leaderboard, version 4, single turn (package bfcl-eval).

The categories that have answers are judged by the benchmark's own `ast_checker`. Of those
without, `irrelevance` asks for no call, and `relevance` for any.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from types import ModuleType, SimpleNamespace
from typing import Any

from planc import toolset
from planc.eval import packages
from planc.eval.cases import Call, Case, Json, Verdict, always
from planc.eval.expected import fold, unmarked

PACKAGE = "bfcl-eval"
ANSWERED = ("simple_python", "multiple", "parallel", "parallel_multiple")
LIVE = ("live_simple", "live_multiple", "live_parallel", "live_parallel_multiple")
CATEGORIES = (*ANSWERED, "irrelevance", *LIVE, "live_irrelevance", "live_relevance")
NOW = datetime(2024, 7, 1, 9)  # its requests tell no time; most of its live ones are of that month
_NO_MODEL = "planc"


class Bfcl:
    """The suite `bfcl`, with its categories as groups."""

    name = "bfcl"
    package: str | None = PACKAGE
    metrics: tuple[str, ...] = ("correct",)

    def cases(self) -> list[Case]:
        return [case for category in CATEGORIES for case in _cases(category)]

    def judge(self, case: Case, calls: Sequence[Call]) -> Verdict:
        if case.gold is None:
            wanted = "irrelevance" not in case.group
            reason = "" if bool(calls) == wanted else "no call" if wanted else "a call"
        else:
            reason = _difference(case, calls)
        return Verdict({"correct": float(not reason)}, reason)


def _cases(category: str) -> Iterator[Case]:
    answers: dict[str, Json] = {}
    if category in (*ANSWERED, *LIVE):
        found = _rows(f"bfcl_eval/data/possible_answer/BFCL_v4_{category}.json")
        answers = {row["id"]: row["ground_truth"] for row in found}
    for number, row in enumerate(_rows(f"bfcl_eval/data/BFCL_v4_{category}.json")):
        yield Case(
            row["id"],
            category,
            number,
            _request(row["question"][0]),
            NOW,
            partial(toolset.described, row["function"]),
            {"functions": row["function"], "answer": answers[row["id"]]} if answers else None,
        )


def _rows(file: str) -> list[dict[str, Any]]:
    text = packages.installed(PACKAGE, file).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def _request(messages: Sequence[Mapping[str, str]]) -> str:
    """The messages of a turn as one text: some begin with a system's, or with a talk."""
    if not any(message["role"] == "assistant" for message in messages):
        return "\n\n".join(message["content"] for message in messages)
    return "\n".join(f"{message['role']}: {message['content']}" for message in messages)


# The benchmark's own checker.


def _difference(case: Case, calls: Sequence[Call]) -> str:
    """What the benchmark finds wrong with a plan's calls; empty if nothing."""
    for call in calls:
        if not always(call):
            return f"`{call['tool']}` runs under a condition or for each element of a list"
    given = [
        {call["tool"]: {name: unmarked(fold(value)) for name, value in call["args"].items()}}
        for call in calls
    ]
    language, check = _checker()
    gold = case.gold
    try:
        result = check(gold["functions"], given, gold["answer"], language, case.group, _NO_MODEL)
    except Exception as error:  # noqa: BLE001 - foreign code, of thousands of cases one
        return f"the benchmark's checker failed: {error!r}"
    if result["valid"]:
        return ""
    return f"{result['error_type']}: {'; '.join(_told(error) for error in result['error'])}"


def _told(error: Json) -> str:
    """One of the benchmark's remarks, which may be nested."""
    if isinstance(error, dict):
        return "; ".join(_told(part) for one in error.values() for part in one["sub_error"])
    return str(error)


@cache
def _checker() -> tuple[Any, Callable[..., dict[str, Any]]]:
    """The benchmark's `Language.PYTHON` and `ast_checker`."""
    packages.version(PACKAGE)
    with _stand_ins():
        checker = importlib.import_module("bfcl_eval.eval_checker.ast_eval.ast_checker")
        enums = importlib.import_module("bfcl_eval.constants.enums")
    return enums.Language.PYTHON, checker.ast_checker


@contextmanager
def _stand_ins() -> Iterator[None]:
    """While the checker is imported, stands in for what it imports but does not need here: the
    configuration of every model of the leaderboard (of ours, that a name keeps its dots), and
    the parsers of Java and JavaScript."""
    configuration = ModuleType("bfcl_eval.constants.model_config")
    plain = SimpleNamespace(underscore_to_dot=False)
    configuration.MODEL_CONFIG_MAPPING = {_NO_MODEL: plain}  # type: ignore[attr-defined]
    java = ModuleType("bfcl_eval.eval_checker.ast_eval.type_convertor.java_type_converter")
    java.java_type_converter = None  # type: ignore[attr-defined]
    script = ModuleType("bfcl_eval.eval_checker.ast_eval.type_convertor.js_type_converter")
    script.js_type_converter = None  # type: ignore[attr-defined]
    modules = {module.__name__: module for module in (configuration, java, script)}
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
