"""A run that is stopped while it is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import anyio
import pytest

from planc.ir import Graph
from planc.run.events import Listener
from planc.run.interpret import interpret
from planc.run.policy import AllowAll
from planc.tools import ToolSet


def stopped(
    graph: Graph,
    tools: ToolSet,
    begun: Callable[[], object],
    listener: Listener = lambda event: None,
) -> None:
    """Runs a graph, cancels the run as soon as something is so, and waits for its end."""

    async def work() -> None:
        run = asyncio.create_task(interpret(graph, tools, policy=AllowAll(), listener=listener))
        with anyio.fail_after(5):
            while not begun():
                await asyncio.sleep(0.001)
        run.cancel()
        await run

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
