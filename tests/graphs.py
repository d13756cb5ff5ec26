"""Plans that give the passes something to do, at random, over a few tools with effects.

They repeat themselves: the same calls, constant tests, maps over lists that are written out, and
values that nothing uses.
"""

from __future__ import annotations

from random import Random

import anyio

from planc.ir import Graph
from planc.limits import UNLIMITED, Limits
from planc.run.interpret import Outcome, interpret
from planc.run.policy import AllowAll
from planc.testing import fake_tools
from planc.testing.fakes import World
from planc.tools import ToolSet, from_function


def double(x: int) -> int: ...  # type: ignore[empty-body]
def look(key: str) -> int: ...  # type: ignore[empty-body]
def look_all(key: list[str]) -> list[int]: ...  # type: ignore[empty-body]
def count(shelf: int = 0) -> int: ...  # type: ignore[empty-body]
def survey() -> list[int]: ...  # type: ignore[empty-body]
def put(key: str, value: int) -> int: ...  # type: ignore[empty-body]
def note(text: str) -> None: ...
def sweep(hard: bool) -> bool: ...  # type: ignore[empty-body]


TOOLS = ToolSet(
    [
        from_function(double, effect="pure"),
        from_function(look, effect="read", resource="store", batch="look_all"),
        from_function(look_all, effect="read", resource="store"),
        from_function(count, effect="read", resource="shelves"),
        from_function(survey, effect="read"),
        from_function(put, effect="write", resource="store"),
        from_function(note, effect="write", resource="log"),
        from_function(sweep, effect="write"),
    ]
)


class _Writer:
    """Writes one plan. `scopes` are the names of the whole numbers and of the lists of such."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.numbers: list[str] = []
        self.lists: list[str] = []
        self.count = 0

    def plan(self) -> str:
        lines = [self.statement() for _ in range(self.rng.randint(1, 9))]
        if self.rng.random() < 0.6:
            lines.append(
                f"return {self.rng.choice([self.number, self.numbers_list, self.text])(2)}"
            )
        return "".join(f"{line}\n" for line in lines)

    def fresh(self) -> str:
        self.count += 1
        return f"v_{self.count}"

    def statement(self) -> str:
        kind = self.rng.random()
        if kind < 0.3:
            return self.write()
        name = self.fresh()
        if kind < 0.45:
            line = f"{name} = {self.numbers_list(2)}"
            self.lists.append(name)
        else:
            line = f"{name} = {self.number(3)}"
            self.numbers.append(name)
        return line

    def write(self) -> str:
        return self.rng.choice(
            [
                lambda: f"put(key={self.text(1)}, value={self.number(2)})",
                lambda: f"note(text={self.text(2)})",
                lambda: f"sweep(hard={self.test(1)})",
                lambda: self.each(f"note(text={self.text(1)})", 1),
                lambda: self.each("put(key={key}, value={x})", 1),
                lambda: f"count(shelf={self.number(1)})",
            ]
        )()

    def number(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0 or rng.random() < 0.25:
            return rng.choice(self.numbers) if self.numbers and rng.random() < 0.5 else self.digit()
        return rng.choice(
            [
                lambda: f"double(x={self.number(depth - 1)})",
                lambda: f"look(key={self.text(depth - 2)})",
                lambda: f"count(shelf={self.digit()})",
                lambda: f"put(key={self.text(0)}, value={self.number(depth - 1)})",
                lambda: f"({self.number(depth - 1)} {rng.choice('+-*')} {self.number(depth - 1)})",
                lambda: f"({self.number(depth - 1)} % {rng.choice('123')})",
                lambda: self.either(depth - 1),
                lambda: f"{self.numbers_list(depth - 1)}[{rng.choice('012')}]",
                lambda: self.element(depth - 1),
            ]
        )()

    def either(self, depth: int) -> str:
        return f"({self.number(depth)} if {self.test(depth)} else {self.number(depth)})"

    def element(self, depth: int) -> str:
        record = f'{{"a": {self.number(depth)}, "b": {self.number(depth)}}}'
        return f"({record}).{self.rng.choice('ab')}"

    def digit(self) -> str:
        return self.rng.choice("00112")

    def text(self, depth: int) -> str:
        if depth <= 0 or self.rng.random() < 0.4:
            return self.rng.choice(['"a"', '"b"', '""'])
        if self.rng.random() < 0.3:
            return f"({self.text(depth - 1)} + {self.text(depth - 1)})"
        return f'f"{{({self.number(depth - 1)})}} and {{{self.number(depth - 2)}}}"'

    def test(self, depth: int) -> str:
        if depth <= 0 or self.rng.random() < 0.3:
            return self.rng.choice(["True", "False", "1 < 2", f"{self.number(0)} == 1"])
        return self.rng.choice(
            [
                lambda: f"(not {self.test(depth - 1)})",
                lambda: f"({self.test(depth - 1)} and {self.test(depth - 1)})",
                lambda: f"({self.test(depth - 1)} or {self.test(depth - 1)})",
                lambda: f"sweep(hard={self.test(depth - 1)})",
                lambda: f"({self.number(depth - 1)} > {self.number(depth - 1)})",
            ]
        )()

    def numbers_list(self, depth: int) -> str:
        if depth <= 0 or self.rng.random() < 0.3:
            if self.lists and self.rng.random() < 0.5:
                return self.rng.choice(self.lists)
            return f"[{', '.join(self.number(depth - 1) for _ in range(self.rng.randint(1, 3)))}]"
        if self.rng.random() < 0.15:
            return "survey()"
        return self.each(None, depth)

    def each(self, element: str | None, depth: int) -> str:
        """A map; its element may use the variable, and anything around."""
        over = self.numbers_list(depth - 1)
        x = self.fresh()
        self.numbers.append(x)
        if element is None:
            element = self.number(depth)
        element = element.replace("{key}", self.text(1)).replace("{x}", x)
        condition = f" if {self.test(1)}" if self.rng.random() < 0.3 else ""
        self.numbers.remove(x)
        return f"[{element} for {x} in {over}{condition}]"


def random_text(rng: Random) -> str:
    """The text of a plan over `TOOLS`; the checker takes most of them."""
    return _Writer(rng).plan()


def run(
    graph: Graph,
    seed: int,
    failure: float,
    tools: ToolSet = TOOLS,
    limits: Limits = UNLIMITED,
) -> tuple[Outcome, World, int]:
    """How a graph's run ends on fake tools, what it does to the world, and how many calls it
    takes."""
    fakes = fake_tools(tools, seed, failure, latency=0.0005)
    outcome = anyio.run(lambda: interpret(graph, fakes, policy=AllowAll(), limits=limits))
    return outcome, fakes.world(), len(fakes.log)
