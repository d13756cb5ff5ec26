"""Whether there is to be a plan, and when it is over although its model would go on.

A small model does not know when to stop: behind the last call it goes on as a program would, with
`print(...)` or a sum. Held to the plan language it writes the next best thing instead, a call that
nobody asked for, and then another. Two signs tell that it is done; and before the first call, how
likely any plan is tells whether there is to be one. Only the model's free choice shows this, so
it counts where the model decodes greedily and not where it is sampled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planc.parse import parse
from planc.source import Source
from planc.syntax import Assignment, Call, Name, Plan, Statement, walk
from planc.tools import Tool

LEAVING = 0.03
"""How likely it must be that the model ends or writes what is no plan. Tuned, like the next, on
even-numbered cases of BFCL (docs/evaluation.md)."""

LEAVING_EARLY = 0.1
"""The same while the request states values that the plan has not used."""

LEAVING_TAUGHT = 0.1
"""As `LEAVING`, for a model that has been taught when a plan ends."""

LEAVING_TAUGHT_EARLY = 0.5
"""As `LEAVING_EARLY`, for such a model."""

REFUSAL = 0.5
"""How likely a model must say, before the first statement, that no tool fits, to be taken at its
word, unless another bound is known for it."""

_NUMBER = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")
_QUOTED = re.compile(r"(?<!\w)(?:'([^'\n]{2,40})'|\"([^\"\n]{2,40})\"|“([^”\n]{2,40})”)(?!\w)")
_TARGET = re.compile(r"\A[a-z]\w* = ")


def refuses(logits: np.ndarray[Any, Any], refusing: int, likelihood: float) -> bool:
    """Whether, before the first statement, a model gives the token that says that no tool fits
    more than that likelihood. `logits` are as for `leaves`, before any are masked: what the model
    would rather write in place of a plan counts against it."""
    likely = np.exp(logits - logits.max())
    return bool(likely[refusing] > likelihood * likely.sum())


def leaves(
    logits: np.ndarray[Any, Any],
    allowed: np.ndarray[Any, Any],
    ends: Sequence[int],
    likelihood: float,
) -> bool:
    """Whether, at the beginning of a statement or behind a new variable's name, a model would leave
    the plan with more than that likelihood (`leaving`).

    `logits` and `allowed` (which tokens the constraint allows, as 0 or 1; it may be longer) have a
    value for each token of the vocabulary; `ends` are the tokens that end the text.
    """
    likely = np.exp(logits - logits.max())
    going_on = np.flatnonzero(allowed[: len(likely)])
    going_on = going_on[~np.isin(going_on, ends)]
    return bool(likely.sum() - likely[going_on].sum() > likelihood * likely.sum())


def leaving(request: str, plan: str, taught: bool) -> float:
    """How likely it must be that a model leaves the plan it has written for a request; `taught`
    says whether it has been trained to plan."""
    early = leaves_out(request, plan)
    if taught:
        return LEAVING_TAUGHT_EARLY if early else LEAVING_TAUGHT
    return LEAVING_EARLY if early else LEAVING


def leaves_out(request: str, plan: str) -> bool:
    """Whether a request states a number or a quoted text that its plan does not hold. Of numbers
    the digits are compared, without the zeros around them: a plan has `7%` as `0.07`, and `1.2M`
    as `1200000`."""
    missing = _digits(request) - _digits(plan)
    written = plan.casefold()
    quoted = ("".join(groups).casefold() for groups in _QUOTED.findall(request))
    return bool(missing) or any(text not in written for text in quoted)


def _digits(text: str) -> set[str]:
    return {re.sub(r"\D", "", found).strip("0") for found in _NUMBER.findall(text)}


def repeats(statements: Sequence[str]) -> bool:
    """Whether the last statement calls again what one before it has called, with the same
    arguments."""
    *before, last = (_TARGET.sub("", statement, count=1) for statement in statements)
    return last in before


def looked_up(plan: Plan, tools: Mapping[str, Tool]) -> set[str]:
    """The variables of a plan whose calls change nothing, so that they are there to be used."""
    return {
        statement.name
        for statement in plan.statements
        if isinstance(statement, Assignment) and not _changes(statement, tools)
    }


def without_unused(statements: Sequence[str], tools: Mapping[str, Tool]) -> list[str]:
    """The statements of a plan without those that were to be of use to a later one, and are not:
    the model has named what they look up, used it nowhere, and gone on to change something."""
    parsed = [parse(Source(statement)).statements[0] for statement in statements]
    kept: list[str] = []
    used: set[str] = set()
    changing = False
    for text, statement in reversed(list(zip(statements, parsed, strict=True))):
        changes = _changes(statement, tools)
        named = isinstance(statement, Assignment) and statement.name not in used
        if named and changing and not changes:
            continue
        kept.append(text)
        changing |= changes
        used |= {node.id for node in walk(statement) if isinstance(node, Name)}
    return kept[::-1]


def _changes(statement: Statement, tools: Mapping[str, Tool]) -> bool:
    calls = (tools[node.tool] for node in walk(statement) if isinstance(node, Call))
    return any(tool.effect == "write" for tool in calls)
