"""Well-typed plans for any tool set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import strategies as st

from planc import syntax as ast
from planc.testing.choices import Choices
from planc.testing.expressions import Copied, Identifiers, Writer, unlimited
from planc.testing.language import WholeWriter
from planc.testing.statements import PlanWriter
from planc.testing.whole import WholePlanWriter
from planc.tools import ToolSet
from planc.types import Nominal


def plans(
    tools: ToolSet,
    copied: Mapping[Nominal, Sequence[str]] | None = None,
    *,
    identifiers: Identifiers = unlimited,
    decodable: bool = True,
) -> st.SearchStrategy[ast.Plan]:
    """Random plans that are well typed for these tools.

    With `decodable` they are of the part of the language that a model is offered; `copied` are
    then the literals there are for types whose values must stand in the request, and `identifiers`
    tells, for the name of a parameter or a field, those that may stand for it, of which some are
    numbers; None where any value may. Otherwise they are of the whole language, and any literal of
    such a type may stand. A tool that has a required argument which nothing can fill is not called.
    """
    return _plans(tools, copied or {}, identifiers, decodable)


def random_plan(
    tools: ToolSet,
    rng: Random,
    copied: Mapping[Nominal, Sequence[str]] | None = None,
    *,
    decodable: bool = True,
) -> ast.Plan:
    """As `plans`, drawn without hypothesis."""
    return _plan(tools, Choices.of_random(rng), copied or {}, unlimited, decodable)


@st.composite
def _plans(
    draw: st.DrawFn, tools: ToolSet, copied: Copied, identifiers: Identifiers, decodable: bool
) -> ast.Plan:
    return _plan(tools, Choices.of_hypothesis(draw), copied, identifiers, decodable)


def _plan(
    tools: ToolSet, choices: Choices, copied: Copied, identifiers: Identifiers, decodable: bool
) -> ast.Plan:
    if decodable:
        return PlanWriter(Writer(tools, choices, copied, identifiers)).plan()
    return WholePlanWriter(WholeWriter(tools, choices, copied)).plan()
