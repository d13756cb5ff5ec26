"""When a plan is over although its model would go on.

A small model does not know when to stop: behind the last call it goes on as a program would, with
`print(...)` or a sum. Held to the plan language it writes the next best thing instead, a call that
nobody asked for, and then another. Two signs tell that it is done, and only the model's free
choice shows them, so they count where it decodes greedily and not where it is sampled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planc.syntax import Assignment, Call, Plan, walk
from planc.tools import Tool

LEAVING = 0.1
"""How likely all that is no plan must be, as a share of the likeliest token that is one. Tuned on
even-numbered cases of BFCL (docs/evaluation.md)."""

_TARGET = re.compile(r"\A[a-z]\w* = ")


def leaves(
    logits: np.ndarray[Any, Any], allowed: np.ndarray[Any, Any], ends: Sequence[int]
) -> bool:
    """Whether, at the beginning of a statement, a model would leave the plan.

    `logits` and `allowed` (which tokens the constraint allows, as 0 or 1; it may be longer) have a
    value for each token of the vocabulary; `ends` are the tokens that end the text.
    """
    likely = np.exp(logits - logits.max())
    going_on = np.flatnonzero(allowed[: len(likely)])
    going_on = likely[going_on[~np.isin(going_on, ends)]]
    best = going_on.max(initial=0.0)
    return bool(likely.sum() - going_on.sum() > LEAVING * best)


def repeats(statements: Sequence[str]) -> bool:
    """Whether the last statement calls again what one before it has called, with the same
    arguments."""
    *before, last = (_TARGET.sub("", statement, count=1) for statement in statements)
    return last in before


def looked_up(plan: Plan, tools: Mapping[str, Tool]) -> set[str]:
    """The variables of a plan whose calls change nothing, so that they are there to be used."""
    found = set()
    for statement in plan.statements:
        calls = [tools[node.tool] for node in walk(statement) if isinstance(node, Call)]
        if isinstance(statement, Assignment) and all(tool.effect != "write" for tool in calls):
            found.add(statement.name)
    return found
