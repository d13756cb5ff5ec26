"""From when to when something goes that a request speaks of: "2 to 3:30 pm", "at noon for half an
hour". A small model copies an end better than it computes one, and is misled by a wrong one: what
is not understood to its end is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from planc.decode.dates import AMOUNT, NUMBER, amount, number

_MOST, _LOOKED_AT = 8, 32  # spans that are told of one request, and those of a kind looked at
_LONGEST = 16  # characters of what says that a time is no begin
_NOON, _MIDNIGHT = 12 * 60, 24 * 60  # in minutes
_NAMED = {"noon": _NOON, "midday": _NOON, "midnight": 0}
_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
_NUMBERS = {word: hour for hour, word in enumerate((*_HOURS, "twelve"), 1)}
_PAST = {"half past": 30, "quarter past": 15, "quarter to": -15}
_PORTIONS = {"": 1.0, "half": 0.5, "quarter": 0.25, "three-quarter": 0.75}
_HALVES = {"a": 0, "morning": 0, "p": _NOON, "afternoon": _NOON, "evening": _NOON}

# With one space between words.
_HOUR = rf"\d{{1,2}}|{'|'.join(_NUMBERS)}"
_FOLLOWING = rf"on|at|in|with|and|till|until|today|tomorrow|to(?![ ](?:{_HOUR})\b)"
_FOLLOWING += r"|(?:(?:this|next)[ ])?(?:week|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_FOLLOWING += r"|for(?=[ ](?:\d|an?\b|half|(?:one|two|three|fif|for|twen|thir|nine)\w*))"
_ALONE = rf"(?P<alone>(?=[,.;!?)]*(?:$|[ ](?:{_FOLLOWING})\b)))?"  # no noun that it would count
_BEFORE, _AFTER = r"(?<![\w.,:/+-])", r"(?![\w:/%]|[.]\d)"


def _clock(name: str) -> str:
    """A pattern for a time of day, in groups of this name."""
    return rf"""
(?:
    (?P<{name}_named>{"|".join(_NAMED)})
    |
    (?:(?:a[ ])?(?P<{name}_past>{"|".join(_PAST).replace(" ", "[ ]")})[ ])?
    (?P<{name}_hour>{_HOUR})(?::(?P<{name}_minute>\d\d))?
    (?P<{name}_sure>[ ]o'clock)?
    (?:[ ]?(?P<{name}_half>[ap])(?:m|\.m\.?)(?!\w)
    |[ ]in[ ]the[ ](?P<{name}_of_day>morning|afternoon|evening))?
)"""


_FLAGS = re.VERBOSE | re.IGNORECASE | re.ASCII
_RANGE = re.compile(
    rf"{_BEFORE}(?P<from>from[ ]|between[ ]|at[ ])?{_clock('a')}"
    rf"(?:[ ](?:to|until|till|(?P<and>and)|-|–)[ ]|-|–){_clock('b')}{_AFTER}(?!-){_ALONE}",
    _FLAGS,
)
_AT = re.compile(rf"{_BEFORE}(?P<from>at[ ]|@[ ]?)?{_clock('a')}{_AFTER}(?!-){_ALONE}", _FLAGS)
_LONG = re.compile(
    rf"(?<![\w.,/-])(?<!in[ ])(?<!exactly[ ])(?<!and[ ])(?<!by[ ])(?<!back[ ])"
    r"(?<!\bor[ ])(?<!\bto[ ])(?<!less[ ])(?<!after[ ])"
    rf"(?:{AMOUNT}|(?P<adjective>(?:\w{{1,12}}-)+(?:minute|min|hour)(?:-long)?|hour-long)(?![\w-]))"
    r"(?![ ](?:from|after|ago|late|early|later|sooner|longer|shorter|away)\b)"
    r"(?P<before>[ ](?:before(?:hand)?|earlier|ahead|prior)\b)?",
    _FLAGS,
)
# What says that a time is no begin, that it changes, or of which half of the day it is.
_NO_BEGIN = re.compile(r"\b(?:until|till|by|before|to|past|end(?:s|ing)?)(?: at)? $", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:(?:mov|chang|re-?schedul|postpon|rais|increas|reduc)(?:e[sd]?|ing)"
    r"|(?:shift|push|delay|extend|shorten|lower)(?:e?[sd]|ing)?)\b(?!-)",
    re.IGNORECASE,
)
# What makes of two numbers no times: "pick a number between 1 and 10".
_NUMBERED = re.compile(
    r"\b(?:chapter|count|grade|guess|item|level|line|number|page|pick|random|rat(?:e|ing)|row|scale"
    r"|score|step|value|version)s?\b",
    re.IGNORECASE,
)
_OF_DAY = re.compile("morning|noon|evening|night|dinner|supper|breakfast|bed|drinks", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])|; ")


@dataclass(frozen=True)
class _Clock:
    """A time of day in minutes after midnight; `either` if it may be that many after noon too, and
    then it is before noon here. `sure` if nothing else can be meant."""

    minute: int
    either: bool
    sure: bool

    def among(self) -> tuple[int, ...]:
        return (self.minute, self.minute + _NOON) if self.either else (self.minute,)

    def alone(self) -> int | None:
        """The time where nothing else tells its half of the day: from eight to twelve and from one
        to six people are up and about. At seven it may be both."""
        if not self.either:
            return self.minute
        hour = self.minute // 60
        return None if hour == 7 else self.minute + (_NOON if hour < 7 else 0)


def spans(text: str) -> dict[str, str]:
    """What a request calls times of day with an end, and their begin and end: "90 minutes" is
    "12:30 to 14:00". "Ten minutes before" is one time.

    How long something takes goes with a time of day in its sentence, the last one before it or
    else the next; the next before the last if it stands before a noun ("a two-hour"). What goes on
    after midnight is left out, and what comes after eight spans.
    """
    found: list[tuple[str, str]] = []
    begin: int | None = None
    for words in _SENTENCE.split(" ".join(text.split()), _LOOKED_AT):
        sentence = _Sentence(words)
        if not _CHANGE.search(words):
            found += (*sentence.ranges, *sentence.lasting(begin))
        begin = sentence.begins[-1][1] if sentence.begins else begin
    return dict(found[:_MOST])


class _Sentence:
    """The ranges of a sentence, and the times of day for which no end is told, with their places;
    `part` says whether it names a part of the day, so that an hour alone tells nothing, and
    `numbered` whether two bare numbers may be no times at all."""

    def __init__(self, text: str) -> None:
        self.part = _OF_DAY.search(text) is not None
        self.numbered = _NUMBERED.search(text) is not None
        self.ranges: list[tuple[str, str]] = []
        self.rest = _RANGE.sub(self._taken, text, count=_LOOKED_AT)
        self.begins = [
            (match.start(), at)
            for match in islice(_AT.finditer(self.rest), _LOOKED_AT)
            if (at := self._at(match)) is not None
        ]

    def lasting(self, last: int | None) -> Iterator[tuple[str, str]]:
        """What is said to take how long, with its begin and end, or to be how long before, maybe
        before the last time of an earlier sentence."""
        for match in islice(_LONG.finditer(self.rest), _LOOKED_AT):
            begin, long = self._begin(match), _long(match)
            if match["before"]:
                of = _AT.match(self.rest, match.end() + 1)  # "ten minutes before 3 pm"
                clock = _read(of, "a") if of else None
                if of and clock and (clock.sure or of["alone"] is not None):
                    begin = self._alone(clock)
                elif begin is None:
                    begin = last
            if begin is None or not long:
                continue
            if match["before"] and begin >= long:
                yield match[0].lower(), _written(begin - long)
            elif not match["before"] and begin + long < _MIDNIGHT:
                yield match[0].lower(), f"{_written(begin)} to {_written(begin + long)}"

    def _begin(self, long: re.Match[str]) -> int | None:
        """The time of day that goes with how long something takes."""
        before = [begin for begin in self.begins if begin[0] < long.start()]
        after = [
            begin
            for begin in self.begins
            if begin[0] > long.start() and " and " not in self.rest[long.end() : begin[0]]
        ]
        if before and after:
            (start, earlier), (end, later) = before[-1], after[0]
            # "... at 2 pm, 45 minutes with Ann at 4 pm"
            parted = (
                "," in self.rest[start : long.start()] and "," not in self.rest[long.end() : end]
            )
            return later if long["adjective"] or parted else earlier
        return before[-1][1] if before else after[0][1] if after else None

    def _taken(self, match: re.Match[str]) -> str:
        span = self._range(match)
        if span is None:
            return match[0]
        said = match[0][len(match["from"] or "") :].lower()
        if said != span:
            self.ranges.append((said, span))
        return "#" * len(match[0])  # no time of day of its own

    def _range(self, match: re.Match[str]) -> str | None:
        a, b = _read(match, "a"), _read(match, "b")
        how = (match["from"] or "").lower().strip()
        if a is None or b is None or (match["and"] and how != "between"):
            return None
        if how == "at" and not a.sure:  # "at ten to six"
            return None
        if not (a.sure or b.sure or (how and match["alone"] is not None and not self.numbered)):
            return None
        begin: int | None
        if a.either and not b.either:
            begin, end = max((at for at in a.among() if at < b.minute), default=None), b.minute
        else:
            begin = self._alone(a)
            end = min((at for at in b.among() if begin is None or at > begin), default=-1)
        return None if begin is None or end <= begin else f"{_written(begin)} to {_written(end)}"

    def _at(self, match: re.Match[str]) -> int | None:
        a = _read(match, "a")
        if a is None or _NO_BEGIN.search(match.string[: match.start()][-_LONGEST:]):
            return None
        return self._alone(a) if a.sure or (match["from"] and match["alone"] is not None) else None

    def _alone(self, clock: _Clock) -> int | None:
        return None if self.part and clock.either else clock.alone()


def _read(match: re.Match[str], name: str) -> _Clock | None:
    if named := match[f"{name}_named"]:
        return _Clock(_NAMED[named.lower()], False, True)
    said, minute, past = (match[f"{name}_{what}"] for what in ("hour", "minute", "past"))
    half = match[f"{name}_half"] or match[f"{name}_of_day"]
    hour = int(said) if said.isdigit() else _NUMBERS[said.lower()]
    after = int(minute or 0) + (_PAST[past.lower()] if past else 0)
    if hour > 23 or after > 59 or ((half or past) and not 1 <= hour <= 12):
        return None
    either = not half and 1 <= hour <= 12 and not said.startswith("0")
    sure = bool(half or minute or past or match[f"{name}_sure"])
    if half or either:
        of_half = (60 * hour + after) % _NOON
        other = half and hour == 12 and after < 0  # "quarter to 12 pm" is in the morning
        shift = _HALVES[half.lower()] if half else 0
        return _Clock(of_half + (_NOON - shift if other else shift), either, sure)
    return _Clock(60 * hour + after, either, sure)


def _long(match: re.Match[str]) -> int | None:
    """How many minutes something takes; None if it is not understood, or told in days."""
    if not match["adjective"]:
        days = (match["unit"] or "").lower() in ("day", "week")
        return None if days else round(amount(match).total_seconds() / 60)
    said, _, unit = match["adjective"].lower().removesuffix("-long").rpartition("-")
    whole, half, _ = said.partition("-and-a-half")
    if said in _PORTIONS:
        units = _PORTIONS[said]
    elif re.fullmatch(NUMBER, whole):
        units = number(whole) + (0.5 if half else 0)
    else:
        return None
    return round(units * (60 if unit == "hour" else 1))


def _written(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
