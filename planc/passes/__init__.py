"""The passes: each makes of a graph another one that does the same, sooner, or gives it back.

The same means: the same result, the same effects, and those on one resource in the same order. What
a pass may do is numbered at the head of its file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from planc.diagnostics import BAD_PASS, Diagnostic, PlanError
from planc.ir import Graph
from planc.passes.batch import batch
from planc.passes.cse import eliminate_common_subexpressions
from planc.passes.dce import eliminate_dead_code
from planc.passes.early import read_early
from planc.passes.edges import reduce_edges
from planc.passes.fold import fold
from planc.passes.fuse import fuse_maps
from planc.passes.licm import move_invariants
from planc.passes.literals import share_literals
from planc.passes.select import simplify_selects
from planc.passes.unroll import unroll_maps
from planc.tools import Tool
from planc.uncollected import uncollected
from planc.verify import verify

Pass = Callable[[Graph, Mapping[str, Tool]], Graph]

SIMPLIFYING: Mapping[str, Pass] = {
    "fold": fold,
    "select": simplify_selects,
    "fuse": fuse_maps,
    "licm": move_invariants,
    "unroll": unroll_maps,
    "cse": eliminate_common_subexpressions,
    "dce": eliminate_dead_code,
}
"""What is repeated until nothing changes any more."""

FINISHING: Mapping[str, Pass] = {
    "literals": share_literals,
    "batch": batch,
    "edges": reduce_edges,
}
"""What comes once, at the end."""

EARLY: Mapping[str, Pass] = {"early": read_early}
"""What comes only where a user has allowed it; `edges` is to follow."""

PASSES: Mapping[str, Pass] = {**SIMPLIFYING, **FINISHING, **EARLY}

MOST_ROUNDS = 8


@dataclass(frozen=True)
class Step:
    """What one pass made of a graph, and the seconds it took with its verification."""

    name: str
    graph: Graph
    changed: bool
    seconds: float


@uncollected()
def optimise(graph: Graph, tools: Mapping[str, Tool]) -> list[Step]:
    """The steps to the fastest form of a graph that the passes know; the last one's graph is it.
    The simplifying passes are repeated until they reach a fixed point, at most `MOST_ROUNDS`
    times. After each the graph is verified."""
    steps: list[Step] = []
    for _ in range(MOST_ROUNDS):
        found = run(graph, tools, SIMPLIFYING)
        steps += found
        graph = found[-1].graph
        if not any(step.changed for step in found):
            break
    return [*steps, *run(graph, tools, FINISHING)]


def run(graph: Graph, tools: Mapping[str, Tool], names: Iterable[str]) -> list[Step]:
    """The steps of some passes, in the order of their names. Raises `PlanError` (E503) for a name
    that no pass has, and E502 if a pass broke the graph."""
    steps = []
    for name in names:
        if name not in PASSES:
            known = ", ".join(PASSES)
            raise PlanError(Diagnostic(BAD_PASS, f"there is no pass `{name}`", hint=f"use {known}"))
        begin = time.perf_counter()
        made = PASSES[name](graph, tools)
        if made is not graph:
            verify(made, tools)
        steps.append(Step(name, made, made is not graph, time.perf_counter() - begin))
        graph = made
    return steps
