"""What a model is taught: requests with their plans, and how they are drawn.

Everything that is said comes from numbered lists: of frames (ways to say something) and of
entities (what it is said about). A part of every list is kept for testing, so that a request that
tests shares no frame and no entity with one that trains. (Of requests over tools of their own,
it shares no tool.)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Literal, TypeVar

from planc import files

Split = Literal["train", "test"]
T = TypeVar("T")

HELD_OUT = 6
"""Of so many entries of a list one is kept for testing."""


@dataclass(frozen=True)
class Sample:
    """A request, the local time at which it is made, and its plan: `""` where no tool serves.
    `drawn` names the frames and entities that it was made of, as `list:number`; `tools` are the
    function schemas of its tools, where these are its own."""

    text: str
    now: datetime
    plan: str
    drawn: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()


class Draw:
    """Draws the entries of lists at random, from one part of each, and remembers which."""

    def __init__(self, rng: Random, split: Split) -> None:
        self.rng = rng
        self.split = split
        self.drawn: list[str] = []

    def one(self, name: str, of: Sequence[T]) -> T:
        """An entry of the list `of`, which is called `name`."""
        held = [
            i for i in range(len(of)) if (i % HELD_OUT == HELD_OUT - 1) is (self.split == "test")
        ]
        at = self.rng.choice(held)
        self.drawn.append(f"{name}:{at}")
        return of[at]

    def some(self, name: str, of: Sequence[T], count: int) -> list[T]:
        """Different entries of a list. Raises `ValueError` if its part has not so many."""
        found: list[T] = []
        for _ in range(100 * count):
            one = self.one(name, of)
            if one not in found:
                found.append(one)
            if len(found) == count:
                return found
        raise ValueError(f"`{name}` has not {count} entries")

    def chance(self, share: float) -> bool:
        return self.rng.random() < share


def write(path: Path, samples: Iterable[Sample]) -> None:
    """Writes samples, one JSON object a line. Raises `PlanError` (E105)."""
    rows = ({**asdict(sample), "now": sample.now.isoformat(" ")} for sample in samples)
    files.write_text(path, "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))
