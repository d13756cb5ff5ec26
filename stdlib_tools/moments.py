"""Moments as plans write them (`DateTime`, naive local time), and as files and mails do."""

from __future__ import annotations

from datetime import UTC, datetime

from planc.types import DATE_TIME
from stdlib_tools.errors import ToolError
from stdlib_tools.matching import shown


def read(text: str, what: str) -> datetime:
    """A plan's `DateTime` as a naive local time."""
    if not DATE_TIME.accepts(text):
        raise ToolError(f"{what} {shown(text)} is no time of the form YYYY-MM-DD HH:MM:SS")
    return datetime.fromisoformat(text)


def write(moment: datetime) -> str:
    """A naive local time as a plan's `DateTime`."""
    return moment.isoformat(sep=" ", timespec="seconds")


def zoned(moment: datetime) -> datetime:
    """A naive local time with this machine's time zone."""
    try:
        return moment.astimezone()
    except (ValueError, OverflowError) as error:
        raise ToolError(f"{write(moment)} is out of the range of dates") from error


def local(moment: datetime) -> datetime:
    """A time of any zone as a naive local time. Raises `OverflowError`, `ValueError`."""
    return moment.astimezone().replace(tzinfo=None)


def utc(moment: datetime) -> datetime:
    """A naive local time in UTC."""
    try:
        return zoned(moment).astimezone(UTC)
    except OverflowError as error:
        raise ToolError(f"{write(moment)} is out of the range of dates") from error
