"""Who may write: the decision taken before each call that changes the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from planc.tools import Tool

Decision = Literal["yes", "no", "skip"]


@dataclass(frozen=True)
class Request:
    """A write that is to happen, with the arguments it will have, and what it concerns besides
    (`Tool.about`)."""

    call: str
    tool: Tool
    arguments: dict[str, Any]
    about: Mapping[str, str] = field(default_factory=dict)


class Policy(Protocol):
    async def decide(self, request: Request) -> Decision:
        """`yes` lets the write happen, `no` ends the run's writes, `skip` leaves this one out
        and goes on without its result (a dry run). Calls that are under way go on meanwhile; it is
        asked one thing at a time."""
        ...


class AllowAll:
    """For `--yes`, and for runs whose user has agreed already."""

    async def decide(self, request: Request) -> Decision:
        return "yes"


class DryRun:
    """Reads happen, writes do not."""

    async def decide(self, request: Request) -> Decision:
        return "skip"
