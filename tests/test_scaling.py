"""Reading a text takes time in proportion to its length, whatever stands in it; and so do planning
and showing what it says."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from planc.check import check
from planc.compile import compile_plan
from planc.diagnostics import PlanError, render
from planc.format import format
from planc.parse import parse
from planc.report.page import page
from planc.schedule import schedule
from planc.source import Source
from tests import graphs
from tests.errors.tools import TOOLS

pytestmark = pytest.mark.slow
FACTOR = 8
AT_MOST = 24  # linear time grows by 8, quadratic by 64

TEXTS: dict[str, Callable[[int], str]] = {
    "statements": lambda n: "".join(f'x{i} = search(query="a")\n' for i in range(n)),
    "statements that use each other": lambda n: "x0 = 1\n" + "".join(
        f"x{i + 1} = search(query=f\"{{x{i}}}\")\n" for i in range(n)
    ),
    "a list": lambda n: f"x = [{'1, ' * n}]",
    "a list of different types": lambda n: "x = [" + '1, "a", [], {}, None, 2.5, ' * n + "]",
    "a record": lambda n: "x = {" + ", ".join(f'"k{i}": {i}' for i in range(n)) + "}",
    "a string": lambda n: 'x = "' + "ab\\n" * n + '"',
    "an f-string": lambda n: 'y = 1\nx = f"' + "a{y}" * n + '"',
    "arguments": lambda n: "search(" + ", ".join(f"a{i}={i}" for i in range(n)) + ")",
    "fields": lambda n: "\n".join("x = y" + ".a" * 50 for _ in range(n // 50)),
    "operators": lambda n: "\n".join("x = 1" + " + 1" * 50 for _ in range(n // 50)),
    "comments": lambda n: "# a\n" * n,
    "comments inside": lambda n: "x = [\n" + "1, # a\n" * n + "]",
    "empty lines": lambda n: "\n" * n,
    "blanks": lambda n: " " * n + "x = 1",
    "opening brackets": lambda n: "(" * n,
    "opening strings": lambda n: "f\"{" * n,
    "quotes": lambda n: '"' * n,
    "backslashes": lambda n: 'x = "' + "\\" * n,
    "bad escapes": lambda n: 'x = "' + "\\q" * n + '"',
    "digits": lambda n: f"x = {'9' * n}",
    "a word": lambda n: "x" * n,
    "backticks": lambda n: "`" * n,
    "mistakes of form": lambda n: "x = = 1\n" * n,
    "mistakes of meaning": lambda n: "x = y\n" * n,
    "unknown tools": lambda n: "".join(f"searhc{i}(query=1)\n" for i in range(n)),
}  # fmt: skip


PLANS: dict[str, Callable[[int], str]] = {
    "calls of which each takes a sum of those before": lambda n: "s0 = 1\n" + "".join(
        f"r{i} = count(shelf=s{i})\ns{i + 1} = s{i} + r{i}\n" for i in range(n)
    ),
    "a chain": lambda n: "a0 = 1\n" + "".join(
        f"a{i + 1} = count(shelf=a{i})\n" for i in range(n)
    ),
    "reads before a write": lambda n: "".join(
        f"r{i} = count(shelf={i})\n" for i in range(n)
    ) + 'put(key="a", value=1)\nreturn [' + ", ".join(f"r{i}" for i in range(n)) + "]\n",
}  # fmt: skip


def read(text: str) -> None:
    try:
        plan = parse(Source(text))
        format(plan)
        check(plan, TOOLS)
    except PlanError as error:
        render(error.diagnostics)


def shown(text: str) -> None:
    compiled = compile_plan(Source(text), graphs.TOOLS)
    planned = schedule(compiled.optimised, graphs.TOOLS)
    assert planned.waves
    page(compiled, planned)


def seconds(work: Callable[[str], None], text: str) -> float:
    """The time that something takes with a text: the least of three, without that of the garbage
    collector, which has all objects of all tests to look at."""
    took = []
    gc.collect()
    gc.disable()
    for _ in range(3):
        begin = time.process_time()
        work(text)
        took.append(time.process_time() - begin)
    gc.enable()
    return min(took)


@pytest.mark.parametrize("kind", TEXTS)
def test_reading_takes_linear_time(kind: str) -> None:
    make, n = TEXTS[kind], 50
    while (least := seconds(read, make(n))) < 0.03 and n < 200_000:
        n *= 2
    assert seconds(read, make(FACTOR * n)) < AT_MOST * max(least, 0.01), f"{n} to {FACTOR * n}"


@pytest.mark.parametrize("kind", PLANS)
def test_planning_and_showing_a_plan_takes_linear_time(kind: str) -> None:
    make, n = PLANS[kind], 250
    least = seconds(shown, make(n))
    assert seconds(shown, make(FACTOR * n)) < AT_MOST * max(least, 0.01)
