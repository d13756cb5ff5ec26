"""Reading a text takes time in proportion to its length, whatever stands in it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from planc.check import check
from planc.diagnostics import PlanError, render
from planc.format import format
from planc.parse import parse
from planc.source import Source
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


def seconds(text: str) -> float:
    """The time that a text takes to be read, checked and written: the least of three, without
    that of the garbage collector, which has all objects of all tests to look at."""
    took = []
    gc.collect()
    gc.disable()
    for _ in range(3):
        begin = time.process_time()
        try:
            plan = parse(Source(text))
            format(plan)
            check(plan, TOOLS)
        except PlanError as error:
            render(error.diagnostics)
        took.append(time.process_time() - begin)
    gc.enable()
    return min(took)


@pytest.mark.parametrize("kind", TEXTS)
def test_reading_takes_linear_time(kind: str) -> None:
    make, n = TEXTS[kind], 50
    while (least := seconds(make(n))) < 0.03 and n < 200_000:
        n *= 2
    assert seconds(make(FACTOR * n)) < AT_MOST * max(least, 0.01), f"{n} to {FACTOR * n}"
