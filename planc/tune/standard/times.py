"""Days and times of day, as they are said and as a plan writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from planc.tune.samples import Draw

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WORDS = (
    "twelve",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
)
_DURATIONS = {
    10: ("10 minutes", "ten minutes", "10 min"),
    15: ("15 minutes", "a quarter of an hour", "fifteen minutes"),
    20: ("20 minutes", "twenty minutes", "20 min"),
    25: ("25 minutes", "twenty-five minutes", "25 min"),
    30: ("half an hour", "30 minutes", "thirty minutes"),
    40: ("40 minutes", "forty minutes", "40 min"),
    45: ("45 minutes", "three quarters of an hour", "45 min"),
    50: ("50 minutes", "fifty minutes", "50 min"),
    60: ("an hour", "one hour", "60 minutes", "1 hour"),
    75: ("75 minutes", "an hour and a quarter", "an hour and fifteen minutes"),
    90: ("90 minutes", "an hour and a half", "one and a half hours"),
    120: ("two hours", "2 hours", "120 minutes"),
    150: ("two and a half hours", "150 minutes", "2.5 hours"),
    180: ("three hours", "3 hours", "180 minutes"),
}
_ADJECTIVES = {
    10: ("10-minute", "ten-minute"),
    15: ("15-minute", "quarter-hour"),
    20: ("20-minute", "twenty-minute"),
    25: ("25-minute", "twenty-five-minute"),
    30: ("half-hour", "30-minute"),
    40: ("40-minute", "forty-minute"),
    45: ("45-minute", "three-quarter-hour"),
    50: ("50-minute", "fifty-minute"),
    60: ("one-hour", "hour-long", "60-minute"),
    75: ("75-minute", "seventy-five-minute"),
    90: ("90-minute", "hour-and-a-half"),
    120: ("two-hour", "2-hour"),
    150: ("150-minute", "two-and-a-half-hour"),
    180: ("three-hour", "3-hour"),
}


@dataclass(frozen=True)
class When:
    """A time and how it is said. `day` and `hour` are its parts: "on Friday" and "at 3 pm"."""

    at: datetime
    text: str
    day: str
    hour: str


def clock(draw: Draw) -> datetime:
    """A time of asking: any day of some years, from early to late."""
    day = datetime(2024, 1, 1) + timedelta(days=draw.rng.randrange(4 * 365))
    return day + timedelta(minutes=draw.rng.randrange(6 * 60, 23 * 60))


def written(at: datetime) -> str:
    """A time as a plan writes it."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def day(draw: Draw, now: datetime) -> tuple[datetime, str]:
    """A day to come, at midnight, and how it is said."""
    rng = draw.rng
    today = datetime.combine(now.date(), time())
    kind = rng.random()
    if kind < 0.07 and now.hour < 17:
        return today, rng.choice(["today", "this afternoon" if now.hour < 12 else "today"])
    if kind < 0.3:
        return today + timedelta(days=1), "tomorrow"
    if kind < 0.37:
        return today + timedelta(days=2), "the day after tomorrow"
    if kind < 0.68:
        after = rng.randint(1, 7)
        name = _WEEKDAYS[(today.weekday() + after) % 7]
        return today + timedelta(days=after), rng.choice(
            [*[f"on {name}"] * 4, *[f"this {name}"] * 2, f"on {name[:3]}"]
        )
    if kind < 0.73:
        after = rng.randint(3, 20)
        return today + timedelta(days=after), f"in {count(after)} days"
    if kind < 0.77:
        return today + timedelta(days=7), rng.choice(["a week from today", "in a week"])
    if kind < 0.81:
        number = rng.randrange(7)
        name = _WEEKDAYS[number]
        return today + timedelta(days=7 - today.weekday() + number), rng.choice(
            [f"on {name} next week", f"next week on {name}", f"{name} next week"]
        )
    found = today + timedelta(days=rng.randint(2, 150))
    return found, _date(draw, found, now)


def period(draw: Draw, now: datetime) -> tuple[datetime, datetime, str]:
    """Some days: their first and last second, and how they are said."""
    monday = datetime.combine(now.date(), time()) - timedelta(days=now.weekday())
    first, days, told = draw.rng.choice(
        [(0, 7, "this week"), (7, 7, "next week"), (5, 2, "this weekend"), (5, 2, "at the weekend")]
    )
    begin = monday + timedelta(days=first)
    return begin, begin + timedelta(days=days, seconds=-1), told


def count(number: int) -> str:
    """A number, in words below twelve."""
    return _WORDS[number] if 0 < number < 12 else str(number)


def _date(draw: Draw, of: datetime, now: datetime) -> str:
    """A date in words. The year is told where it is another."""
    rng = draw.rng
    month, weekday = _MONTHS[of.month - 1], _WEEKDAYS[of.weekday()]
    nth = ordinal(of.day)
    year = f" {of.year}" if of.year != now.year or draw.chance(0.2) else ""
    comma = f", {of.year}" if year else ""
    same = of.month == now.month and of.year == now.year
    forms = [
        f"on {of.day} {month}{year}",
        f"on {month} {of.day}{comma}",
        f"on {month} {nth}{comma}",
        f"on the {nth} of {month}{year}",
        f"on {weekday}, {of.day} {month}{year}",
        f"on {weekday} {of.day} {month}{year}",
        f"on {weekday} the {nth} of {month}{year}",
        f"on {month[:3]} {of.day}{comma}" if month != "May" else f"on May {of.day}{comma}",
        f"on {of:%Y-%m-%d}",
    ]
    if same:
        forms += [
            f"on the {nth}",
            f"on {weekday} the {nth}",
            f"on {weekday}, the {nth}",
        ]
    return rng.choice(forms)


def ordinal(number: int) -> str:
    """A number as one counts with it: 3rd."""
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def hour(draw: Draw, of: time) -> str:
    """A time of day, in words, with its preposition left out."""
    rng = draw.rng
    twelve, minute = of.hour % 12 or 12, of.minute
    half = "am" if of.hour < 12 else "pm"
    told = f"{twelve}:{minute:02}" if minute else f"{twelve}"
    forms = [f"{told} {half}", f"{told} {half}", f"{told}{half}", f"{of.hour:02}:{minute:02}"]
    if of.hour >= 10 or draw.chance(0.5):
        forms.append(f"{of.hour}:{minute:02}")
    if not minute:
        part = (
            "in the morning"
            if of.hour < 12
            else "in the afternoon"
            if of.hour < 18
            else "in the evening"
            if of.hour < 21
            else "at night"
        )
        forms += [
            f"{told} {part}",
            f"{_WORDS[twelve % 12]} {part}",
            f"{_WORDS[twelve % 12]} o'clock {part}",
        ]
        forms.append("noon" if of.hour == 12 else f"{told} {half}")
    if minute == 30:
        forms += [f"half past {_WORDS[twelve % 12]} {_part(of)}"]
    if minute == 15:
        forms += [f"a quarter past {_WORDS[twelve % 12]} {_part(of)}"]
    if minute == 45:
        forms += [f"a quarter to {_WORDS[(twelve + 1) % 12]} {_part(of)}"]
    return rng.choice(forms)


def _part(of: time) -> str:
    return (
        "in the morning"
        if of.hour < 12
        else "in the afternoon"
        if of.hour < 18
        else "in the evening"
    )


def time_of_day(draw: Draw, after: datetime | None = None) -> time:
    """A time by day, mostly on the hour or the half."""
    rng = draw.rng
    first = after.hour + 1 if after else 7
    minute = rng.choice([0, 0, 0, 0, 30, 30, 15, 45, 10, 20, 40, 50, 5])
    return time(rng.randint(min(first, 21), 21), minute)


def when(draw: Draw, now: datetime) -> When:
    """A time to come, on a day and at an hour."""
    if draw.chance(0.07):
        minutes = draw.rng.choice([15, 20, 30, 45, 60, 90, 120, 180])
        told = draw.rng.choice(_DURATIONS[minutes])
        at = (now + timedelta(minutes=minutes)).replace(second=0)
        forms = ("in {}", "in {}", "{} from now", "in exactly {}", "exactly {} from now")
        said = draw.rng.choice(forms).format(told)
        return When(at, said, "", said)
    date, told = day(draw, now)
    of = time_of_day(draw, now if date.date() == now.date() else None)
    if told == "this afternoon":
        of = of.replace(hour=draw.rng.randint(13, 17))
    said = hour(draw, of)
    at = datetime.combine(date.date(), of)
    text = draw.rng.choice([f"{told} at {said}", f"{told} at {said}", f"at {said} {told}"])
    return When(at, text, told, f"at {said}")


def later_same_day(draw: Draw, begin: datetime) -> tuple[datetime, int]:
    """An end on the same day, and the minutes until then."""
    minutes = draw.rng.choice(
        [15, 20, 30, 30, 45, 45, 60, 60, 60, 90, 90, 120, 120, 150, 180, 240, 270, 360]
    )
    end = begin + timedelta(minutes=minutes)
    if end.date() != begin.date():
        return begin + timedelta(minutes=30), 30
    return end, minutes


def span(draw: Draw, begin: datetime, end: datetime) -> str:
    """From one time of day to another: "from 10 to 11:30 am"."""
    rng = draw.rng
    style = rng.random()
    if style < 0.35:
        first, last = f"{begin:%H:%M}", f"{end:%H:%M}"
        if draw.chance(0.4) and begin.hour >= 10:
            first, last = f"{begin.hour}:{begin:%M}", f"{end.hour}:{end:%M}"
    elif style < 0.75:
        first, last = _twelve(begin), f"{_twelve(end)} {_half(end)}"
        if _half(begin) != _half(end) or draw.chance(0.4):
            first += f" {_half(begin)}"
    else:
        first, last = _twelve(begin), f"{_twelve(end)}"
        last += f" {_part(end.time())}"
        if _part(begin.time()) != _part(end.time()):
            first += f" {_part(begin.time())}"
    return rng.choice(
        [
            f"from {first} to {last}",
            f"from {first} until {last}",
            f"between {first} and {last}",
            f"{first} to {last}",
            f"{first} - {last}",
        ]
    )


def _twelve(of: datetime) -> str:
    told = of.hour % 12 or 12
    return f"{told}:{of:%M}" if of.minute else str(told)


def _half(of: datetime) -> str:
    return "am" if of.hour < 12 else "pm"


def duration(draw: Draw, minutes: int) -> str:
    """How long: "three quarters of an hour"."""
    return draw.rng.choice(_DURATIONS[minutes])


def lasting(draw: Draw, minutes: int) -> str:
    """How long, before a noun: "45-minute"."""
    return draw.rng.choice(_ADJECTIVES[minutes])


def durations() -> list[int]:
    return list(_DURATIONS)
