"""The times that a request names and that have to be computed: "tomorrow", "this week", "in two
hours". A small model copies a date better than it computes one, and is misled by a wrong one: what
is not understood to its end is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice

_MOST = 16  # names that are told of one request
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONDAY = date(2024, 1, 1)  # one of them
_WORDS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {
    **{word: number for number, word in enumerate(_WORDS, 1)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    "a": 1,
    "an": 1,
}
_PARTS = {"half": 0.5, "quarter": 0.25, "three quarters": 0.75}
_HOUR = timedelta(hours=1)
_UNITS = {"min": _HOUR / 60, "hour": _HOUR, "day": _HOUR * 24, "week": _HOUR * 24 * 7}

_FLAGS = re.VERBOSE | re.IGNORECASE | re.ASCII

# With one space between words.
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?-i:Mon|Tues?|Wed|Thu(?:rs)?|Fri|Sat|Sun)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = rf"(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)\b|\d{{1,2}}\.? (?:of )?{_MONTH}|{_MONTH} |\d{{4}}-)"
NUMBER = rf"\d{{1,3}}(?:\.\d{{1,2}})?|(?:{'|'.join(_TENS)})(?: |-)(?:{'|'.join(_WORDS[:9])})|"
NUMBER += "|".join(_NUMBERS)
"""What `number` reads."""
AMOUNT = rf"""
(?:
    (?:(?P<of_hour>half)|(?:a[ ])?(?P<of_an_hour>quarter|three[ ]quarters)[ ]of)[ ]an[ ]hour
    |
    (?P<number>{NUMBER.replace(" ", "[ ]")})(?P<more>[ ]and[ ]a[ ]half)?
    [ ](?P<unit>min(?=s?\b|utes?\b)|hour|day|week)(?:ute)?s?
    (?:[ ]and[ ]a[ ](?P<rest>half|quarter))?
    (?:(?:,|[ ]and)?[ ](?P<minutes>\d{{1,2}}|{"|".join(_NUMBERS)})[ ]min(?:ute)?s?)?
)
(?![\w-]|[ ](?:and[ ])?(?:\d|(?:{"|".join(_NUMBERS)})\b))
"""
"""How long, in a verbose pattern that does not mind case: `amount` reads its groups."""
_NAMED = re.compile(
    rf"""
(?<![\w.,/-])(?:
    (?<!from[ ])(?<!after[ ])(?P<tomorrow>(?:day[ ]after[ ])?tomorrow)\b(?![ ]week)
    |
    (?P<weekday>{_WEEKDAY})\b
    (?:(?:[ ]of)?[ ](?P<its_week>this|next)[ ]week\b)?
    |
    (?<!after[ ])(?P<week>this|next)[ ]week\b(?:(?:'s|[ ]on)?[ ](?P<its_day>{_WEEKDAY})\b)?
    |
    (?:this|(?:at|on|over)[ ]the)[ ](?P<weekend>weekend)\b(?![ ](?:of|after))
    |
    (?<!and[ ])(?P<begin>in[ ](?:exactly[ ])?)?{AMOUNT}(?P<end>[ ]from[ ](?:now|today)\b)?
)""",
    _FLAGS,
)
# What makes of a weekday another than the next one, or dates it, and of some weeks no end of them.
_ANOTHER = re.compile(
    rf"""
(?:
    \b(?:last|past|previous|first|second|third|fourth|fifth|weeks?|fortnight)(?:[ ](?:on|from))?
    |\bweek(?:'s)?(?:[ ]on)?[ ](?:{_WEEKDAY}),?[ ](?:or|and|to)
    |\b{_MONTH}[ ]\d{{1,2}}(?:st|nd|rd|th)?,?|\b\d{{1,2}}(?:st|nd|rd|th)?[ ](?:of[ ])?{_MONTH},?
    |\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[/.]\d{{1,2}}(?:[/.](?:\d{{4}}|\d\d)?)?),?
    |\b\d{{1,2}}(?:st|nd|rd|th),?|\b(?:yesterday|today),?
)[ ][(]?$""",
    _FLAGS,
)
_DATED = re.compile(
    rf"""
[ ,:(–-]*[ (](?:{_DATE.replace(" ", "[ ]")}|\d{{1,2}}[/.]\d{{1,2}}(?!\d|[ ]?[ap]\.?m))
|[ ](?:(?:of[ ])?last\b|week\b|in[ ]\w+[ ](?:week|month)s?\b|of[ ]{_MONTH}|the[ ]week
|after[ ]next\b|next[ ]month\b|of[ ]the[ ]following\b|\w+[ ]weeks?[ ]from\b)""",
    _FLAGS,
)
_NO_MOMENT = re.compile(rf"(?:\bput|(?:{_WEEKDAY})) $", re.IGNORECASE)
_ON_A_DAY = re.compile(rf" on (?:{_WEEKDAY})", re.IGNORECASE)
_FROM_ANOTHER = re.compile(rf" (?:or (?:{NUMBER})\b|(?:from|after|before)\b)", re.IGNORECASE)
# Where a word that may be another's is a day.
_BEFORE_A_DAY = re.compile(r"(?:\b(?:on|this|next|by|until|till|and|or|for|from|to|every)|[,&]) $")
_BEHIND_A_DAY = re.compile(
    r"[,.)]? ?$| (?:at|from|noon|morning|afternoon|evening|night|\d)"
    rf"|(?:,| and| or| to| through) (?:{_WEEKDAY})"
)
_LONGEST = 40  # characters of what stands before


def named(text: str, now: datetime) -> dict[str, str]:
    """What a request calls times, in its order, and the times: a day, the first and the last day
    of a week, or for hours and minutes the time of day too.

    A weekday is the next one, today's that of a week from now; a week goes from Monday to Sunday
    (ISO 8601). What would lie after the year 9999 is left out, and what comes after sixteen.
    """
    return dict(islice(_found(" ".join(text.split()), now), _MOST))


def _found(text: str, now: datetime) -> Iterator[tuple[str, str]]:
    for match in _NAMED.finditer(text):
        with suppress(OverflowError):
            if one := _named(match, now):
                yield one


def _named(match: re.Match[str], now: datetime) -> tuple[str, str] | None:
    today = now.date()
    monday = today - timedelta(today.weekday())
    week = (match["week"] or match["its_week"] or "").lower()
    this_or_next = monday + timedelta(7 * (week == "next"))
    before = match.string[max(0, match.start() - _LONGEST) : match.start()]
    after = match.string[match.end() : match.end() + _LONGEST]
    if weekday := match["weekday"] or match["its_day"]:
        number = _WEEKDAYS.index(weekday[:3].lower())
        name = f"{_MONDAY + timedelta(number):%A}"
        if week:
            return f"{name} {week} week", f"{this_or_next + timedelta(number)}"
        the_one = before.lower().endswith("the ") and after.startswith((" before ", " after "))
        if the_one or _ANOTHER.search(before) or _DATED.match(after):
            return None
        is_day = _BEFORE_A_DAY.search(before.lower()) or _BEHIND_A_DAY.match(after)
        if weekday in ("Sat", "Sun") and not is_day:
            return None
        return name, f"{today + timedelta((number - today.weekday() - 1) % 7 + 1)}"
    if week:
        return f"{week} week", f"{this_or_next} to {this_or_next + timedelta(6)}"
    if match["weekend"]:
        return "weekend", f"{monday + timedelta(5)} to {monday + timedelta(6)}"
    if tomorrow := match["tomorrow"]:
        return tomorrow.lower(), f"{today + timedelta(2 if ' ' in tomorrow else 1)}"
    if not (match["begin"] or match["end"]) or _NO_MOMENT.search(before) or _ON_A_DAY.match(after):
        return None  # how long, and not when
    if _FROM_ANOTHER.match(after):
        return None
    at, unit = now + amount(match), match["unit"]
    in_days = unit is not None and _UNITS[unit.lower()] > _HOUR
    return match[0].lower(), str(at.date()) if in_days else at.isoformat(" ", "minutes")


def amount(match: re.Match[str]) -> timedelta:
    """How long it is that `AMOUNT` has matched."""
    if part := match["of_hour"] or match["of_an_hour"]:
        return _HOUR * _PARTS[part.lower()]
    units = number(match["number"]) + (0.5 if match["more"] else 0)
    units += _PARTS[match["rest"].lower()] if match["rest"] else 0
    minutes = number(match["minutes"]) if match["minutes"] else 0
    return _UNITS[match["unit"].lower()] * units + _UNITS["min"] * minutes


def number(said: str) -> float:
    """A number in figures or in words up to a hundred."""
    words = re.split("[ -]", said.lower())
    return float(said) if said[0].isdigit() else sum(_NUMBERS[word] for word in words)
