"""Scoring plans for an assistant's requests against gold plans.

Two measures. `graph` is TinyAgent's (arXiv 2409.00608): the graph of the plan's calls, with their
tools and their dependencies, is isomorphic to the gold plan's; arguments do not count. `strict`
asks for right arguments as well: plan and gold calls pair off one to one, each pair has the same
tool and arguments that fit (`planc.eval.expected`), and references lead to the paired calls. The
pairs are found by backtracking over the gold calls in their order, in which references only go
back.

A case has `calls`; each has an `id`, a `tool`, `args` (for each argument that must be given, the
list of values that are right) and perhaps `may` (the same for arguments that can be left out). An
argument that is null counts as left out, one in neither must be. A plan's call that runs in a
branch or once for each element of a list is not one call, so it fits no gold call.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import networkx as nx

from planc import toolset
from planc.diagnostics import NO_BENCHMARK, Diagnostic, PlanError
from planc.eval.cases import Call, Case, Json, Verdict
from planc.eval.expected import fits, fold, references


class Assistant:
    """The suite `assistant`: requests over TinyAgent's tools, in groups by the gold plan's number
    of calls. `data` is a file of such cases in place of the sixty that planc is developed with."""

    name = "assistant"
    package: str | None = None
    metrics: tuple[str, ...] = ("graph", "strict")

    def __init__(self, data: Path | None = None) -> None:
        self.data = data or Path(__file__).parent / "data" / "assistant_dev.jsonl"

    def cases(self) -> list[Case]:
        """Raises `PlanError` (E601) for a file that holds no such cases."""
        tools = cache(partial(toolset.load, ["stdlib_tools"]))
        try:
            rows = [json.loads(row) for row in self.data.read_text("utf-8").split("\n") if row]
            for row in rows:
                check_case(row["id"], row["calls"])
            return [
                Case(str(row["id"]), _group(row), i, row["query"], _time(row["now"]), tools, row)
                for i, row in enumerate(rows)
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PlanError(
                Diagnostic(NO_BENCHMARK, f"`{self.data}` holds no cases: {error!r:.80}")
            ) from error

    def judge(self, case: Case, calls: Sequence[Call]) -> Verdict:
        found = score(case.gold, calls)
        scores = {"graph": float(found.graph), "strict": float(found.strict)}
        return Verdict(scores, found.reason)


def _group(row: Call) -> str:
    return f"{len(row['calls'])} calls"


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True)
class Score:
    """The two measures, and the first thing that is wrong: empty if nothing is."""

    graph: bool
    strict: bool
    reason: str


def score(case: Mapping[str, Json], calls: Sequence[Call]) -> Score:
    """The score of a plan's `calls`, in the form of `planc.report.calls`.

    Raises `ValueError` for a case that refers to something that is no earlier call of its own.
    """
    gold: Sequence[Call] = case["calls"]
    check_case(case.get("id"), gold)
    graph = _isomorphic(gold, calls)
    wrong = _first_difference(gold, calls)
    if wrong is None and not graph:
        return Score(False, True, "the calls are right, but wait for each other otherwise")
    return Score(graph, wrong is None, wrong or "")


def check_case(name: Json, gold: Sequence[Call]) -> None:
    """Raises `ValueError`, `KeyError` or `TypeError` for calls that are no gold plan."""
    known: set[str] = set()
    for call in gold:
        call["tool"]
        for argument, values in _expected(call).items():
            if not isinstance(values, list):
                raise ValueError(f"case {name}: what may stand for `{argument}` is a list")
            for to in references(values):
                if to not in known:
                    raise ValueError(f"case {name}: `${to}` is no call before `{call['id']}`")
        if call["id"] in known:
            raise ValueError(f"case {name}: two calls have the id `{call['id']}`")
        known.add(call["id"])


def _expected(call: Call) -> dict[str, list[Json]]:
    return {**call.get("may", {}), **call["args"]}


# The graph.


def _isomorphic(gold: Sequence[Call], calls: Sequence[Call]) -> bool:
    tools = Counter(call["tool"] for call in gold)
    if tools != Counter(call["tool"] for call in calls):
        return False
    ids = {call["id"] for call in calls}
    found = _graph(calls, [(to, call["id"]) for call in calls for to in _uses(call) if to in ids])
    count = found.number_of_edges()
    same_tool = nx.algorithms.isomorphism.categorical_node_match("tool", None)
    return any(
        nx.is_isomorphic(_graph(gold, edges), found, node_match=same_tool)
        for edges in _gold_edges(gold)
        if len(edges) == count
    )


def _graph(calls: Sequence[Call], edges: Sequence[tuple[str, str]]) -> Any:
    graph = nx.DiGraph()
    graph.add_nodes_from((call["id"], {"tool": call["tool"]}) for call in calls)
    graph.add_edges_from(edges)
    return graph


def _gold_edges(gold: Sequence[Call]) -> Iterator[list[tuple[str, str]]]:
    """The dependencies of the gold plan; more than once where values that are equally right
    depend on different calls. A text that may be anything asks for no dependency."""
    choices: list[list[frozenset[tuple[str, str]]]] = []
    for call in gold:
        for name, values in _expected(call).items():
            edges = [frozenset((to, call["id"]) for to in references(value)) for value in values]
            if name not in call["args"]:
                edges.append(frozenset())
            choices.append(list(dict.fromkeys(edges)))
    found: dict[frozenset[tuple[str, str]], None] = {frozenset(): None}
    for options in choices:
        found = {before | edges: None for before in found for edges in options}
    yield from map(list, found)


def _uses(call: Call) -> set[str]:
    """What a plan's call waits for: the calls in its arguments, in the tests that it runs under,
    and in the lists whose elements it runs for."""
    variables: set[str] = set()
    around = call.get("map")
    while around is not None:
        variables.add(around["as"])
        around = around.get("in")
    parts = [call["args"], call.get("when"), call.get("map")]
    return {to for part in parts for to in _references(part)} - variables


def _references(value: Json) -> Iterator[str]:
    """The ids in a plan's value, the variables of maps around it included."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        if "$literal" in value:
            yield from _references(list(value["$literal"].values()))
        elif "$ref" in value:
            yield value["$ref"]
        elif "$map" in value:
            parts = [value["$map"], value["over"], value.get("if"), value.get("in")]
            yield from (to for to in _references(parts) if to != value["as"])
        else:
            yield from _references(list(value.values()))


# The pairs.


def _first_difference(gold: Sequence[Call], calls: Sequence[Call]) -> str | None:
    """What keeps the calls from pairing off with the gold plan's; None if they do."""
    wanted = Counter(call["tool"] for call in gold)
    found = Counter(call["tool"] for call in calls)
    for tool in dict.fromkeys([*wanted, *found]):
        if wanted[tool] != found[tool]:
            return f"`{tool}` is called {_times(found[tool])}, not {_times(wanted[tool])}"
    for call in calls:
        if "map" in call:
            return f"`{call['tool']}` runs once for each element of a list"
        if "when" in call:
            return f"`{call['tool']}` runs only under a condition"
    return _Pairing(gold, calls).first_difference()


class _Pairing:
    """The search for pairs. Plan and gold have as many calls of each tool, and what has failed for
    some of them is not tried again in another order, so that trying is cheap."""

    def __init__(self, gold: Sequence[Call], calls: Sequence[Call]) -> None:
        self.gold = gold
        self.candidates: dict[str, list[tuple[str, dict[str, Json]]]] = {}
        for call in calls:
            given = {name: fold(value) for name, value in call["args"].items()}
            present = {name: value for name, value in given.items() if value is not None}
            self.candidates.setdefault(call["tool"], []).append((call["id"], present))
        every = (values for call in gold for values in _expected(call).values())
        self.referred = {to for values in every for to in references(values)}
        self.failed: set[tuple[frozenset[str], frozenset[tuple[str, str]]]] = set()
        """The plan's calls that were bound, and to which of them references led."""
        self.furthest = -1
        self.difference = ""

    def first_difference(self) -> str | None:
        return None if self._pair({}) else self.difference

    def _pair(self, bound: dict[str, str]) -> bool:
        """Whether the gold calls after those that are bound pair off."""
        number = len(bound)
        if number == len(self.gold):
            return True
        told_of = frozenset(item for item in bound.items() if item[0] in self.referred)
        state = frozenset(bound.values()), told_of
        if state in self.failed:
            return False
        wanted = self.gold[number]
        for name, given in self.candidates[wanted["tool"]]:
            if name in bound.values():
                continue
            difference = _argument_difference(wanted, given, bound)
            if difference is None:
                if self._pair({**bound, wanted["id"]: name}):
                    return True
            elif number > self.furthest:
                self.furthest = number
                self.difference = difference
        self.failed.add(state)
        return False


def _argument_difference(
    wanted: Call, given: Mapping[str, Json], bound: Mapping[str, str]
) -> str | None:
    """The first argument that does not fit a gold call; None if all do."""
    tool, needed, allowed = wanted["tool"], wanted["args"], wanted.get("may", {})
    for name, values in needed.items():
        if name not in given:
            if None in values:
                continue
            return f"`{tool}` lacks `{name}`"
        if not any(fits(value, given[name], bound) for value in values):
            return f"`{name}` of `{tool}` is {_shown(given[name])}, not {_either(values)}"
    for name in given:
        if name in needed:
            continue
        if name not in allowed:
            return f"`{tool}` is given `{name}`, which was not asked for"
        if not any(fits(value, given[name], bound, anything=True) for value in allowed[name]):
            return f"`{name}` of `{tool}` is {_shown(given[name])}, not {_either(allowed[name])}"
    return None


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _either(values: Sequence[Json]) -> str:
    return " or ".join(_shown(value) for value in values)


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
