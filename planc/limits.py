"""How much may be under way at once.

A tool may say how many calls of it may be under way (`limit`) and how many may begin in a second
(`rate`), as the service behind it asks; a user may say how many calls in all, and of a tool or on
a resource by its name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planc.tools import Tool


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
