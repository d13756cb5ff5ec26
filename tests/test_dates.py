"""The times that a request names and that have to be computed: days, weeks, moments and spans."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planc import toolset
from planc.decode.dates import named
from planc.decode.spans import spans
from planc.tune.data import made_up
from planc.tune.samples import Draw
from planc.tune.standard import times


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Lunch with Nia", {}),
        ("Lunch tomorrow", {"tomorrow": 28}),
        ("The day after tomorrow or TOMORROW", {"day after tomorrow": 29, "tomorrow": 28}),
        ("On MONDAY, and again this thursday", {"Monday": 30, "Thursday": 33}),
        ("Friday, which is today, a week on", {"Friday": 34}),
        ("Sat or Thurs, sat in the sun, not Monsieur's", {"Saturday": 28, "Thursday": 33}),
        ("The day  after\ntomorrow", {"day after tomorrow": 29}),
        ("FRİDAY, frıday, ſunday", {}),
        ("Wednesday, 8 April; Wednesday the 8th; Wed April 8; Wednesday 2027-04-08", {}),
        ("Friday 13:00, Saturday at 3", {"Friday": 34, "Saturday": 28}),
        ("Last Friday, Friday last week, a week from tomorrow", {}),
        ("The first Monday of January, Tuesday of May, previous Friday, the past Sunday", {}),
        ("4 December, Friday; December 11 (Friday); Friday (December 11); Friday - May 7", {}),
        ("Monday week, a week on Monday, two weeks from Tuesday, tomorrow week", {}),
        ("Friday the week after next, the Friday before Christmas, the Friday after next", {}),
        ("On Friday 12/11, Friday, 12/11/2026, Friday 11.12., Friday: 18 December", {}),
        ("2026-12-11 (Friday), 12/11, Friday; the 11th, Friday; yesterday, Thursday", {}),
        ("Friday next month, Friday in a month, Friday of the following week, Monday last", {}),
        ("Friday two weeks from now, a fortnight on Friday", {}),
        ("Mail Mr Sun the report. Sun cream", {}),
        (
            "Friday 10.30 am, lunch Sat at noon, Sun 10am",
            {"Friday": 34, "Saturday": 28, "Sunday": 29},
        ),
        ("Friday before noon, Saturday after lunch", {"Friday": 34, "Saturday": 28}),
        ("On Friday after the meeting, on Saturday before I leave", {"Friday": 34, "Saturday": 28}),
    ],
)
def test_the_days_that_a_request_names_are_dated(text: str, days: dict[str, int]) -> None:
    now = datetime(2026, 11, 27, 10, 0)  # a Friday
    begin = date(2026, 11, 1)
    expected = {said: str(begin + timedelta(days=day - 1)) for said, day in days.items()}
    assert named(text, now) == expected


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("What is on this week?", {"this week": "2026-11-23 to 2026-11-29"}),
        ("Next  Week", {"next week": "2026-11-30 to 2026-12-06"}),
        ("this weekend", {"weekend": "2026-11-28 to 2026-11-29"}),
        ("the weekend of the 12th", {}),
        ("In two hours", {"in two hours": "2026-11-23 12:05"}),
        ("in exactly 45 min", {"in exactly 45 min": "2026-11-23 10:50"}),
        ("a quarter of an hour from now", {"a quarter of an hour from now": "2026-11-23 10:20"}),
        ("in an hour and a half", {"in an hour and a half": "2026-11-23 11:35"}),
        ("in two and a half hours", {"in two and a half hours": "2026-11-23 12:35"}),
        ("in 14 hours", {"in 14 hours": "2026-11-24 00:05"}),
        (
            "in ten days, a week from today",
            {"in ten days": "2026-12-03", "a week from today": "2026-11-30"},
        ),
        ("in two hours and 30 minutes", {"in two hours and 30 minutes": "2026-11-23 12:35"}),
        ("1.25 hours from now", {"1.25 hours from now": "2026-11-23 11:20"}),
        ("Thirty five minutes from now", {"thirty five minutes from now": "2026-11-23 10:40"}),
        ("for two hours, 15 minutes before, an hour-long one", {}),
        ("in 45-minute steps, in an hour-long call, within an hour", {}),
        ("in a way, in two ways, in one may, 3 wins from now, in a month", {}),
        ("1/2 hour from now, 3-4 days from now, 1,000 hours from now, in two hundred days", {}),
        (
            "Friday, and Friday next week",
            {"Friday": "2026-11-27", "Friday next week": "2026-12-04"},
        ),
        (
            "Friday of next week, or this week on Thursday",
            {"Friday next week": "2026-12-04", "Thursday this week": "2026-11-26"},
        ),
        (
            "Tuesday, next week's Friday",
            {"Tuesday": "2026-11-24", "Friday next week": "2026-12-04"},
        ),
        ("the week after next week", {}),
        ("next week Monday or Friday", {"Monday next week": "2026-11-30"}),
        ("in two weeks on Monday, on Tuesday in two weeks, I put in 3 hours today", {}),
        ("in 1 hour, 30 minutes", {"in 1 hour, 30 minutes": "2026-11-23 11:35"}),
        ("in an hour or two, in two hours from 5 pm, in an hour after lunch", {}),
    ],
)
def test_the_times_that_a_request_names_are_computed(text: str, times: dict[str, str]) -> None:
    assert named(text, datetime(2026, 11, 23, 10, 5)) == times  # a Monday


def test_a_long_request_names_no_more_than_it_may_and_is_soon_read() -> None:
    text = "in a day or in a way, in twenty-one minutes and Mon, " * 2000
    begin = time.monotonic()
    assert len(named(text, datetime(2026, 11, 23, 10, 5))) == 3
    many = " ".join(f"in {number} days," for number in range(100, 999))
    assert len(named(many, datetime(2026, 11, 23, 10, 5))) == 16
    assert time.monotonic() - begin < 2


def test_the_times_that_are_named_are_those_of_the_plans_that_are_taught() -> None:
    found = 0
    for seed in range(500):
        draw = Draw(Random(seed), "train")
        now = times.clock(draw)
        when = times.when(draw, now)
        for said in named(when.text, now).values():
            assert str(when.at).startswith(said), when
            found += 1
    assert found > 200


def test_times_after_the_last_year_are_left_out() -> None:
    assert named("In 999 weeks or in 1 day", datetime(9998, 6, 1)) == {"in 1 day": "9998-06-02"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lunch on Friday at 12:30 for 90 minutes", {"90 minutes": "12:30 to 14:00"}),
        ("at 9 for an hour", {"an hour": "09:00 to 10:00"}),
        ("at 3 for an hour", {"an hour": "15:00 to 16:00"}),
        ("at 03:00 for an hour", {"an hour": "03:00 to 04:00"}),
        ("at 7 for an hour", {}),
        ("at 7 in the evening for an hour", {"an hour": "19:00 to 20:00"}),
        ("at noon for half an hour", {"half an hour": "12:00 to 12:30"}),
        ("at midnight for 20 min", {"20 min": "00:00 to 00:20"}),
        ("at 12:30 am for 20 minutes", {"20 minutes": "00:30 to 00:50"}),
        ("at 8:30 a.m. for 25 minutes", {"25 minutes": "08:30 to 08:55"}),
        (
            "at a quarter to six in the evening, forty-five minutes",
            {"forty-five minutes": "17:45 to 18:30"},
        ),
        (
            "Half past three in the afternoon, an hour and a half",
            {"an hour and a half": "15:30 to 17:00"},
        ),
        ("a 45-minute call at 9:15 am", {"45-minute": "09:15 to 10:00"}),
        ("an hour-long talk at two o'clock", {"hour-long": "14:00 to 15:00"}),
        ("a three-quarter-hour talk at 10:00", {"three-quarter-hour": "10:00 to 10:45"}),
        ("a two-and-a-half-hour talk at 10:00", {"two-and-a-half-hour": "10:00 to 12:30"}),
        (
            "Water them at 16:05 and book a half-hour zoom for 11:05 am",
            {"half-hour": "11:05 to 11:35"},
        ),
        ("from 2 pm to 3:30 pm", {"2 pm to 3:30 pm": "14:00 to 15:30"}),
        ("6 to 10 pm", {"6 to 10 pm": "18:00 to 22:00"}),
        ("from 10 to 1 pm", {"10 to 1 pm": "10:00 to 13:00"}),
        ("from 10 to 11:30 am", {"10 to 11:30 am": "10:00 to 11:30"}),
        ("10am-11am", {"10am-11am": "10:00 to 11:00"}),
        ("9:30 until noon", {"9:30 until noon": "09:30 to 12:00"}),
        ("between 9 and 5 on Monday", {"9 and 5": "09:00 to 17:00"}),
        ("from seven to nine in the evening", {"seven to nine in the evening": "19:00 to 21:00"}),
        ("from 14:00 to 15:00", {}),
        ("at 10:00. Remind me 30 minutes before", {"30 minutes before": "09:30"}),
        ("at 4 pm for half an hour. I am 10 minutes late", {"half an hour": "16:00 to 16:30"}),
        ("Meet at 5 pm. A walk of two hours", {}),
        ("in two hours for 30 minutes", {}),
        ("at 11 pm for 2 hours; at 10:00 for 3 days; at 25:00 for an hour", {}),
        ("from 9 to 5 people, pages 3 to 5, from 10 to 12 May, 10-12 May, 2026-10-12", {}),
        ("Yoga at 9 pm for an hour and tea at 11:30", {"an hour": "21:00 to 22:00"}),
        (f"a {'9' * 400}-minute talk at 10:00", {}),
        ("Remind me at 10:00 and 11:00 for an hour", {"an hour": "11:00 to 12:00"}),
        ("at ten to six in the evening, at ten past six for an hour", {}),
        ("at 10 to call Sid for an hour", {"an hour": "10:00 to 11:00"}),
        ("at 2 pm until 3", {"2 pm until 3": "14:00 to 15:00"}),
        ("Tonight at 8 for an hour; dinner from 8 to 10; a night shift from 10 to 6", {}),
        ("Tomorrow morning at 6:30 for an hour", {}),
        ("Two hours until 5 pm, by 6 pm, ending at 7 pm or before 8 pm", {}),
        ("30 minutes prior to my 3 pm call", {"30 minutes prior": "14:30"}),
        ("ten minutes sooner than the 3 pm call, which I shall be back from by 30 minutes", {}),
        ("at 4 pm for 1 hour, 30 minutes", {"1 hour, 30 minutes": "16:00 to 17:30"}),
        ("Delay the 3 pm call by 30 minutes", {}),
        ("Move the dentist from 2 pm to 4 pm", {}),
        ("Change it from 2 to 3 for the order; in Paris from 10 to 12 this month", {}),
        ("Sleep 8 hours and wake me at 7 am", {}),
        ("A 10ish-minute call at 3 pm, the 1st-hour class at 4 pm", {}),
        ("Call at \u017fix pm for an hour, at f\u0131ve pm for an hour", {}),
        ("At quarter to twelve for ten minutes", {"ten minutes": "11:45 to 11:55"}),
        ("From 11 to quarter to 12", {"11 to quarter to 12": "11:00 to 11:45"}),
        ("A 10-15-minute call at 3 pm, or at 4 pm for 10 or 15 minutes", {}),
        ("Make the 3 pm call 30 minutes longer", {}),
        (
            "Meet at 2 pm. Remind me ten minutes before 3 pm",
            {"ten minutes before": "14:50"},
        ),
        ("at 10 Downing Street for an hour", {}),
        ("Call at 3 pm. Party at midnight, remind me 30 minutes before.", {}),
        ("Meet at 3 pm. Say so an hour before one of us calls", {"an hour before": "14:00"}),
        ("Party at 8 pm. Go 10 minutes before 2 guests arrive", {"10 minutes before": "19:50"}),
        ("Pick a number between 1 and 10 and mail it, rate it from 1 to 5 in the review", {}),
        (
            "30 minutes with Bob at 2 pm, 45 minutes with Ann at 4 pm",
            {"30 minutes": "14:00 to 14:30", "45 minutes": "16:00 to 16:45"},
        ),
        ("Wake me at 7 am after 8 hours of sleep", {}),
        ("at quarter to 12 pm for ten minutes", {"ten minutes": "11:45 to 11:55"}),
        ("at quarter to 12 am for ten minutes", {"ten minutes": "23:45 to 23:55"}),
        ("Movie at 8 pm for 2 hours", {"2 hours": "20:00 to 22:00"}),
        ("Push-ups at 7 am for 30 minutes", {"30 minutes": "07:00 to 07:30"}),
        ("a blue-hour walk at 10:00 and a one-minute-past-hour at 11:00", {}),
    ],
)
def test_the_spans_that_a_request_names_are_computed(text: str, found: dict[str, str]) -> None:
    assert spans(text) == found


def test_the_spans_that_are_named_are_those_of_the_plans_that_are_taught() -> None:
    found = 0
    for sample in made_up(toolset.load(["stdlib_tools"]), 600, 0, "train"):
        for span in spans(sample.text).values():
            assert f"{span[:5]}:00" in sample.plan, sample
            found += 1
    assert found > 40


PIECES = (
    "-minute",
    "-hour",
    " minutes",
    " at 3 pm",
    " for ",
    " to ",
    "half past ",
    "12",
    "-and-a-half",
)


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=30).map("".join))
def test_any_request_has_spans_of_a_day(text: str) -> None:
    for said, span in spans(text).items():
        assert said
        assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d( to ([01]\d|2[0-3]):[0-5]\d)?", span)
        begin, _, end = span.partition(" to ")
        assert not end or begin < end


@pytest.mark.parametrize(
    "part", ["at 9:30 for ", "an hour, ", "1-", "at noon for an hour. ", "9 to "]
)
def test_spans_of_a_long_request_are_soon_read(part: str) -> None:
    begin = time.monotonic()
    assert len(spans(part * 20_000)) <= 8
    assert time.monotonic() - begin < 2
