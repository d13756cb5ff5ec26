"""The time that the run goes by, and reckoning with it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from planc.tools import Clock, tool
from planc.types import DateTime
from stdlib_tools import moments
from stdlib_tools.errors import ToolError


@tool(effect="read", resource="clock", timeout=5, cost=0.001)
def get_current_datetime(*, clock: Clock) -> DateTime:
    """Get the date and time of now."""
    return moments.write(clock.now())


@tool(effect="pure", timeout=5, cost=0.001)
def add_minutes(start: DateTime, minutes: int) -> DateTime:
    """Get the time that is some minutes after a start, for example when an event ends.

    Args:
        minutes: how many minutes later; negative for earlier.
    """
    moment = moments.read(start, "the start")
    try:
        later = moment + timedelta(minutes=minutes)
        # By this machine's zone, whose clocks may change meanwhile, for the dates that it has.
        with suppress(OverflowError, ValueError, ToolError):
            later = moments.local(moments.utc(moment) + timedelta(minutes=minutes))
        return moments.write(later)
    except OverflowError as error:
        raise ToolError(f"{minutes} minutes after {start} is outside of the calendar") from error
