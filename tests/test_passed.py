"""Times of writes that have passed when a plan is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pytest

from planc.compile import compile_plan
from planc.report.passed import passed
from planc.source import Source
from planc.tools import ToolSet, from_function
from planc.types import STR, Date, DateTime, Nominal

Clock = Annotated[str, Nominal("Clock", STR, pattern=r"\d\d:\d\d", calendar="%H:%M")]


def plan(at: DateTime | None = None, day: Date = "2000-01-01", clock: Clock = "00:00") -> None: ...


def note(on: Date | DateTime | None) -> None: ...
def look(since: DateTime) -> list[str]: ...  # type: ignore[empty-body]


TOOLS = ToolSet(
    [
        from_function(plan, effect="write", resource="agenda"),
        from_function(note, effect="write", resource="agenda"),
        from_function(look, effect="read", resource="agenda"),
    ]
)
NOW = datetime(2026, 11, 26, 11, 40, 30)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('plan(at="2026-11-26 11:39:59")', 1),
        ('plan(at="2026-11-26 11:40:00")', 0),
        ('plan(at="2026-11-27 08:00:00")', 0),
        ('plan(day="2026-11-25")', 1),
        ('plan(day="2026-11-26")', 0),
        ('plan(clock="03:00")', 0),
        ("plan(at=None)", 0),
        ('note(on="2026-11-26 10:00:00")', 1),
        ('note(on="2026-11-26")', 0),
        ('note(on="2026-11-25")', 1),
        ('look(since="2020-01-01 00:00:00")', 0),
        ('a = plan(at="2020-01-01 00:00:00", day="2020-01-01")', 2),
        ('at = "2026-11-25 10:00:00"\nplan(at=at)', 1),
        ('at = "2026-11-25 10:00:00"\nplan(at=at)\nplan(at=at, day="2026-11-26")', 1),
        ('l = look(since="2020-01-01 00:00:00")\nplan(day="2020-01-01" if l else "2020-01-02")', 2),
        ('[plan(at="2020-01-01 00:00:00") for x in look(since="2020-01-01 00:00:00")]', 1),
    ],
)
def test_a_write_for_a_time_that_has_passed_is_told_of(text: str, count: int) -> None:
    compiled = compile_plan(Source(f"{text}\n"), TOOLS)
    assert len(list(passed(compiled.checked, NOW))) == count


def test_it_is_told_of_what() -> None:
    compiled = compile_plan(Source('plan(at="2020-01-01 00:00:00")\n'), TOOLS)
    assert list(passed(compiled.checked, NOW)) == [
        "`at` of `plan` is 2020-01-01 00:00:00, which is past."
    ]
