from __future__ import annotations

import time
from datetime import datetime

import pytest

from stdlib_tools.clock import add_minutes, get_current_datetime
from stdlib_tools.errors import ToolError
from tests.stdlib.fakes import FixedClock


def test_now_is_what_the_clock_says_without_fractions() -> None:
    clock = FixedClock(datetime(2026, 11, 24, 9, 5, 7, 999_999))
    assert get_current_datetime(clock=clock) == "2026-11-24 09:05:07"


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-24 10:00:00", 15, "2026-11-24 10:15:00"),
        ("2026-12-31 23:59:30", 1, "2027-01-01 00:00:30"),
        ("2028-03-01 00:00:00", -1, "2028-02-29 23:59:00"),
        ("2026-11-24 10:00:00", 0, "2026-11-24 10:00:00"),
        ("0001-01-01 00:00:00", 1, "0001-01-01 00:01:00"),
    ],
)
def test_minutes_are_added(start: str, minutes: int, end: str) -> None:
    assert add_minutes(start, minutes) == end


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-29 01:30:00", 60, "2026-03-29 03:30:00"),
        ("2026-10-24 23:00:00", 480, "2026-10-25 06:00:00"),
        ("2026-10-25 06:00:00", -480, "2026-10-24 23:00:00"),
    ],
)
def test_the_clocks_may_change_meanwhile(
    start: str, minutes: int, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert add_minutes(start, minutes) == end
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "start", ["2026-02-30 10:00:00", "tomorrow", "", "2026-11-24", "1" * 10**6]
)
def test_what_is_no_time_is_refused(start: str) -> None:
    with pytest.raises(ToolError, match="is no time"):
        add_minutes(start, 1)


@pytest.mark.parametrize("minutes", [10**9, -(10**12), 10**400])
def test_the_calendar_ends(minutes: int) -> None:
    with pytest.raises(ToolError, match="outside of the calendar"):
        add_minutes("9999-12-31 23:00:00", minutes)
