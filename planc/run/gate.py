"""Where calls wait until the limits let them begin, those with the longest way to the end first."""

from __future__ import annotations

import heapq
from itertools import count

import anyio

from planc.limits import Limits
from planc.tools import Tool


class Gate:
    """Lets calls begin under limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._counts = limits.counting()
        self._waiting: list[tuple[float, int, Tool, anyio.Event]] = []
        self._order = count()

    async def enter(self, tool: Tool, rank: float) -> None:
        """Waits until a call of a tool may begin; `leave` tells when it has ended. `rank` is the
        time that is left from its beginning."""
        if not self._limits.holds_back(tool):
            return
        now = anyio.current_time()
        if not self._waiting and self._counts.free(tool, now):
            self._counts.enter(tool, now)
            return
        entry = (-rank, next(self._order), tool, anyio.Event())
        heapq.heappush(self._waiting, entry)
        try:
            self._admit()
            while not entry[3].is_set():
                turn = self._counts.turn(tool)
                now = anyio.current_time()
                with anyio.move_on_after(turn - now if turn > now else None):
                    await entry[3].wait()
                self._admit()
        except anyio.get_cancelled_exc_class():
            if entry in self._waiting:
                self._waiting.remove(entry)
                heapq.heapify(self._waiting)
            else:
                self._counts.leave(tool)
                self._admit()
            raise

    def leave(self, tool: Tool) -> None:
        if self._limits.holds_back(tool):
            self._counts.leave(tool)
            self._admit()

    def _admit(self) -> None:
        """Lets those begin that may."""
        now = anyio.current_time()
        held = []
        while self._waiting and self._counts.any_free:
            entry = heapq.heappop(self._waiting)
            if self._counts.free(entry[2], now):
                self._counts.enter(entry[2], now)
                entry[3].set()
            else:
                held.append(entry)
        for entry in held:
            heapq.heappush(self._waiting, entry)
