"""Random tool sets, plans and mistakes, for tests of tools and of what reads plans.

The strategies are hypothesis' own, and shrink towards short plans:

    from hypothesis import given
    from planc.format import format
    from planc.testing import fake_tools, mutants, plans, tool_sets
    from planc.toolset import load

    TOOLS = load(["my_tools"])

    @given(plans(TOOLS))
    def test_a_plan_over_my_tools_can_be_told(plan):
        assert tell(format(plan))

    @given(mutants(TOOLS, plans(TOOLS)))
    def test_a_plan_with_a_mistake_is_refused(mutant):
        assert not accepts(mutant.text), mutant.kind

To draw the tools as well: `tool_sets().flatmap(plans)`. `fake_tools(TOOLS)` are the same tools
with coroutine functions that answer at random, with values of the types they promise, and keep a
log of what they were called with; plans can be run on them without any effect. `random_plan`,
`random_mutant`, `random_tools`, `random_text`, `mutated` and `nested` take a `random.Random` and
need no hypothesis.
"""

from planc.testing.fakes import FakeTools, fake_tools
from planc.testing.mutants import KINDS, Mutant, mutants, random_mutant
from planc.testing.plans import plans, random_plan
from planc.testing.texts import mutated, nested, random_text
from planc.testing.toolsets import random_tools, tool_sets, tools, types
from planc.testing.values import fits, value_of

__all__ = [
    "KINDS",
    "FakeTools",
    "Mutant",
    "fake_tools",
    "fits",
    "mutants",
    "mutated",
    "nested",
    "plans",
    "random_mutant",
    "random_plan",
    "random_text",
    "random_tools",
    "tool_sets",
    "tools",
    "types",
    "value_of",
]
