"""Running at once changes speed only: plans run one call after another, and all that can at once.

`--fuzz N` says how many plans; `make fuzz` tries 20,000.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from planc.compile import compile_plan
from planc.limits import Limits
from planc.passes import optimise
from planc.source import Source
from tests import graphs
from tests.graphs import TOOLS, random_text
from tests.test_passes import seeds


@pytest.mark.slow
@pytest.mark.parametrize("failure", [0.0, 0.2])
def test_parallel_is_as_sequential(failure: float, pytestconfig: pytest.Config) -> None:
    for seed in seeds(int(pytestconfig.getoption("--fuzz"))):
        text = random_text(Random(seed))
        graph = compile_plan(Source(text), TOOLS).graph
        if seed % 2:
            graph = optimise(graph, TOOLS)[-1].graph
        one, in_turn, calls = graphs.run(graph, seed, failure, limits=Limits(workers=1))
        for limits in (Limits(), Limits(workers=3)):
            other, at_once, made = graphs.run(graph, seed, failure, limits=limits)
            told = f"seed {seed}\n{text}"
            assert at_once == in_turn, told
            assert made == calls, told
            assert (other.complete, other.result) == (one.complete, one.result), told
            failed = [Counter(str(f.message) for f in run.failures) for run in (one, other)]
            assert failed[0] == failed[1], told
