"""Where random decisions come from: hypothesis, so that it can shrink them, or `random`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices:
    """Random decisions, all of them made by one function `below(n)`: a number in `[0, n)`, of
    which 0 is the simplest."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self._below = below

    @classmethod
    def of_random(cls, rng: Random) -> Choices:
        return cls(rng.randrange)

    @classmethod
    def of_hypothesis(cls, draw: st.DrawFn) -> Choices:
        return cls(lambda n: draw(_below(n)))

    def below(self, n: int) -> int:
        return self._below(n) if n > 1 else 0

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def once_in(self, n: int) -> bool:
        """True one time in `n`."""
        return self.below(n) == n - 1

    def count(self, low: int, high: int) -> int:
        """A number in `[low, high]`, most often a small one."""
        few = min(high, low + 2)
        return low + self.below((high if self.once_in(24) else few) - low + 1)

    def shuffled(self, items: Sequence[T]) -> list[T]:
        left, found = list(items), []
        while left:
            found.append(left.pop(self.below(len(left))))
        return found


@cache
def _below(n: int) -> st.SearchStrategy[int]:
    return st.integers(0, n - 1)
