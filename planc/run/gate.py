"""Where calls wait until the limits let them begin, those with the longest way to the end first."""

from __future__ import annotations

from itertools import count

import anyio

from planc.limits import Limits, Queue
from planc.tools import Tool


class _Call:
    """A call that waits; `news` is set when it may begin, or when it has become the first of its
    tool's, which looks when the rate lets it begin."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        self.news = anyio.Event()
        self.admitted = False


class Gate:
    """Lets calls begin under limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._counts = limits.counting()
        self._waiting: Queue[_Call] = Queue(self._counts)
        self._place = count()

    async def enter(self, tool: Tool, rank: float) -> None:
        """Waits until a call of a tool may begin; `leave` tells when it has ended. `rank` is the
        time that is left from its beginning."""
        if not self._limits.holds_back(tool):
            return
        own = _Call(tool)
        place = self._waiting.push(tool, (-rank, next(self._place)), own)
        try:
            self._admit()
            while not own.admitted:
                own.news = anyio.Event()
                with anyio.move_on_after(self._patience(own)):
                    await own.news.wait()
                self._admit()
        except anyio.get_cancelled_exc_class():
            place.item = None
            if own.admitted:
                self.leave(tool)
            else:
                self._wake(tool)
            raise

    def leave(self, tool: Tool) -> None:
        if self._limits.holds_back(tool):
            self._counts.leave(tool)
            self._admit()

    def _admit(self) -> None:
        """Lets those begin that may."""
        now = anyio.current_time()
        begun = {}
        while (one := self._waiting.pop(now)) is not None:
            self._counts.enter(one.tool, now)
            one.admitted = True
            one.news.set()
            begun[one.tool.name] = one.tool
        for tool in begun.values():
            self._wake(tool)

    def _patience(self, call: _Call) -> float | None:
        """The seconds until a call is to look again, if the others do not tell it."""
        left = self._counts.turn(call.tool) - anyio.current_time()
        return left if left > 0 and self._waiting.first(call.tool) is call else None

    def _wake(self, tool: Tool) -> None:
        """Has the first of those that wait look anew."""
        first = self._waiting.first(tool)
        if first is not None and tool.rate is not None:
            first.news.set()
