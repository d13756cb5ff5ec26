"""Where calls wait until the limits let them begin, those with the longest way to the end first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count

import anyio

from planc.limits import Limits
from planc.tools import Tool


@dataclass(order=True)
class _Waiting:
    """A call that waits; `news` is set when it may begin, or has to look anew from when on its
    tool's rate lets it."""

    rank: float
    place: int
    tool: Tool = field(compare=False)
    news: anyio.Event = field(compare=False, default_factory=anyio.Event)
    admitted: bool = field(compare=False, default=False)


class Gate:
    """Lets calls begin under limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._counts = limits.counting()
        self._waiting: list[_Waiting] = []
        self._place = count()

    async def enter(self, tool: Tool, rank: float) -> None:
        """Waits until a call of a tool may begin; `leave` tells when it has ended. `rank` is the
        time that is left from its beginning."""
        if not self._limits.holds_back(tool):
            return
        own = _Waiting(-rank, next(self._place), tool)
        heapq.heappush(self._waiting, own)
        try:
            self._admit()
            while not own.admitted:
                own.news = anyio.Event()
                now = anyio.current_time()
                turn = self._counts.turn(tool)
                with anyio.move_on_after(turn - now if turn > now else None):
                    await own.news.wait()
                self._admit()
        except anyio.get_cancelled_exc_class():
            if own.admitted:
                self.leave(tool)
            else:
                self._waiting.remove(own)
                heapq.heapify(self._waiting)
            raise

    def leave(self, tool: Tool) -> None:
        if self._limits.holds_back(tool):
            self._counts.leave(tool)
            self._admit()

    def _admit(self) -> None:
        """Lets those begin that may, and has others of their tools look anew."""
        now = anyio.current_time()
        held = []
        begun: set[str] = set()  # the tools that have another turn now
        while self._waiting and self._counts.any_free:
            one = heapq.heappop(self._waiting)
            if self._counts.free(one.tool, now):
                self._counts.enter(one.tool, now)
                one.admitted = True
                one.news.set()
                begun |= {one.tool.name} if one.tool.rate is not None else set()
            else:
                held.append(one)
        for one in held:
            heapq.heappush(self._waiting, one)
        for one in self._waiting if begun else ():
            if one.tool.name in begun:
                one.news.set()
