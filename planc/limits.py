"""How much may be under way at once.

A tool may say how many calls of it may be under way (`limit`) and how many may begin in a second
(`rate`), as the service behind it asks; a user may say how many calls in all, and of a tool or on
a resource by its name.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from planc.tools import Tool

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """`workers` is for all calls together; `at_once` for those of a tool, or on a resource."""

    workers: int | None = None
    at_once: Mapping[str, int] = field(default_factory=dict)

    def holds_back(self, tool: Tool) -> bool:
        """Whether there is anything that a call of a tool may have to wait for."""
        return bool(self.workers or self.at_once or tool.limit or tool.rate)

    def counting(self) -> Counts:
        return Counts(self)


UNLIMITED = Limits()


class Counts:
    """The calls that are under way. Times are in seconds, from any beginning."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._running = 0
        self._named: Counter[str] = Counter()
        self._turns: defaultdict[str, float] = defaultdict(lambda: float("-inf"))

    @property
    def any_free(self) -> bool:
        """Whether a call may begin that is limited by nothing else."""
        return self._limits.workers is None or self._running < self._limits.workers

    def free(self, tool: Tool | None, now: float) -> bool:
        """Whether a call of a tool may begin."""
        if tool is None:
            return True
        full = any(self._named[name] >= most for name, most in self._most(tool))
        return self.any_free and not full and now >= self._turns[tool.name]

    def alone(self, tool: Tool | None) -> bool:
        """Whether a tool's calls are held back by more than the number of all calls."""
        return tool is not None and (tool.rate is not None or any(self._most(tool)))

    def turn(self, tool: Tool | None) -> float:
        """From when on the tool's rate lets the next call begin."""
        return float("-inf") if tool is None else self._turns[tool.name]

    def enter(self, tool: Tool | None, now: float) -> None:
        if tool is None:
            return
        self._running += 1
        self._named.update(name for name, _ in self._most(tool))
        if tool.rate is not None:
            self._turns[tool.name] = now + 1 / tool.rate

    def leave(self, tool: Tool | None) -> None:
        if tool is not None:
            self._running -= 1
            self._named.subtract(name for name, _ in self._most(tool))

    def _most(self, tool: Tool) -> Iterator[tuple[str, int]]:
        """What limits a tool's calls, by a name of its own for each."""
        if tool.limit is not None:
            yield f"{tool.name}()", tool.limit
        for name in dict.fromkeys((tool.name, tool.resource)):
            if name is not None and name in self._limits.at_once:
                yield name, self._limits.at_once[name]


@dataclass(order=True)
class Waiting(Generic[T]):
    """A call in a queue; `item` is None once it waits no longer."""

    order: tuple[float, int]
    tool: Tool | None = field(compare=False)
    item: T | None = field(compare=False)


class Queue(Generic[T]):
    """Calls that wait to begin, in an order. Those of a tool that has limits of its own wait apart
    from the others, which need not wait for them, nor look at each."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._lines: dict[str | None, list[Waiting[T]]] = {}

    def push(self, tool: Tool | None, order: tuple[float, int], item: T) -> Waiting[T]:
        """`order` is less for what begins sooner, and never the same."""
        one = Waiting(order, tool, item)
        heapq.heappush(self._lines.setdefault(self._line(tool), []), one)
        return one

    def pop(self, now: float) -> T | None:
        """The first that may begin now."""
        if not self._counts.any_free:
            return None
        free = [first for first in self._firsts() if self._counts.free(first.tool, now)]
        if not free:
            return None
        first = heapq.heappop(self._lines[self._line(min(free).tool)])
        return first.item

    def first(self, tool: Tool | None) -> T | None:
        """The first of those that wait with the calls of a tool."""
        first = _first(self._lines.get(self._line(tool), []))
        return first.item if first is not None else None

    def next_turn(self, now: float) -> float | None:
        """When, after now, the rate of a tool next lets a call begin that waits."""
        turns = (self._counts.turn(first.tool) for first in self._firsts())
        return min((turn for turn in turns if turn > now), default=None)

    def _firsts(self) -> Iterator[Waiting[T]]:
        return (first for line in self._lines.values() if (first := _first(line)) is not None)

    def _line(self, tool: Tool | None) -> str | None:
        return tool.name if tool is not None and self._counts.alone(tool) else None


def _first(line: list[Waiting[T]]) -> Waiting[T] | None:
    while line and line[0].item is None:
        heapq.heappop(line)
    return line[0] if line else None
