"""Calendar events as iCalendar files, which khal, vdirsyncer and others share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import icalendar
import recurring_ical_events
from typing_extensions import TypedDict

from planc.tools import Clock, tool
from planc.types import EMAIL_ADDRESS, DateTime, EmailAddress
from stdlib_tools import moments, settings, vdir
from stdlib_tools.errors import ToolError
from stdlib_tools.matching import one_line, shown
from stdlib_tools.wording import clipped, listed, plain, titled

_MARGIN = timedelta(days=2)  # for other zones
# What icalendar raises for files that are not what they should be.
_BROKEN = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)


class Event(TypedDict):
    """An event in a calendar; `id` is its UID."""

    id: str
    calendar: str
    title: str
    start_date: DateTime
    end_date: DateTime
    location: str | None
    invitees: list[EmailAddress]
    notes: str | None


@tool(effect="write", resource="calendar", timeout=30, cost=0.02)
def create_calendar_event(
    title: str,
    start_date: DateTime,
    end_date: DateTime | None = None,
    location: str | None = None,
    invitees: list[EmailAddress] | None = None,
    notes: str | None = None,
    calendar: str | None = None,
    *,
    clock: Clock,
) -> Event:
    """Put an event, meeting or appointment into the calendar.

    Args:
        end_date: when it ends, if known
        calendar: which calendar, if the user names one
    """
    mine = settings.load()
    start = moments.read(start_date, "the start")
    try:
        default_end = start + timedelta(minutes=mine.calendar.event_minutes)
    except OverflowError as error:
        raise ToolError(f"an event that starts at {start_date} has no end") from error
    end = default_end if end_date is None else moments.read(end_date, "the end")
    if end < start:
        raise ToolError(f"the event would end ({end_date}) before it starts ({start_date})")

    entry = icalendar.Event()
    name = titled(title, "the event's title")
    entry.add("summary", name)
    guests = list(dict.fromkeys(invitees or []))
    # Guests may be in another zone; one's own events move along (RFC 5545, section 3.3.5).
    entry.add("dtstart", moments.utc(start) if guests else start)
    if end > start:  # section 3.8.2.2
        entry.add("dtend", moments.utc(end) if guests else end)
    place = one_line(location or "")
    if place:
        entry.add("location", place)
    text = plain(notes or "")
    if text:
        entry.add("description", text)
    for guest in guests:
        entry.add("attendee", _invited(guest), encode=False)
    if guests:
        organizer = icalendar.vCalAddress(f"mailto:{mine.me.email}")
        organizer.params["CN"] = one_line(mine.me.name)
        entry.add("organizer", organizer, encode=False)

    base = settings.located(mine.calendar.folder)
    uid, found = vdir.store(base, calendar or mine.calendar.default, entry, clock.now())
    return Event(
        id=uid,
        calendar=found,
        title=name,
        start_date=moments.write(start),
        end_date=moments.write(end),
        location=place or None,
        invitees=guests,
        notes=text or None,
    )


def _invited(guest: str) -> icalendar.vCalAddress:
    if not EMAIL_ADDRESS.accepts(guest):
        raise ToolError(f"{shown(guest)} is no e-mail address, so it cannot be invited")
    attendee = icalendar.vCalAddress(f"mailto:{guest}")
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    attendee.params["RSVP"] = "TRUE"
    return attendee


@tool(effect="read", resource="calendar", timeout=60, cost=0.2)
def list_calendar_events(
    start_date: DateTime, end_date: DateTime, calendar: str | None = None
) -> list[Event]:
    """List the calendar's events between two times.

    Args:
        calendar: only this calendar
    """
    start, end = moments.read(start_date, "the start"), moments.read(end_date, "the end")
    if end < start:
        raise ToolError(f"the end ({end_date}) lies before the start ({start_date})")
    base = settings.located(settings.load().calendar.folder)
    chosen = vdir.collections(base)
    if calendar is not None:
        found = vdir.find(base, calendar)
        if found is None:
            known = f"; there is {listed([name for name, _ in chosen])}" if chosen else ""
            raise ToolError(f"no calendar is called {shown(calendar)}{known}")
        chosen = [found]
    lower, upper = moments.write(start), moments.write(end)
    events = [
        event
        for name, folder in chosen
        for file in vdir.files(folder)
        for event in _read(file, name, start, end)
        if _overlaps(event, lower, upper)
    ]
    return sorted(events, key=lambda event: (event["start_date"], event["end_date"], event["id"]))


def _overlaps(event: Event, lower: str, upper: str) -> bool:
    """Whether some of the event lies in the half-open range; written moments sort as they are."""
    start, end = event["start_date"], event["end_date"]
    return start < upper and (end > lower or start == end == lower)


def _read(file: Path, calendar: str, start: datetime, end: datetime) -> list[Event]:
    """The events of a file between two times and a little more, a repeating one once for each of
    its times."""
    begin = max(start, datetime.min + 2 * _MARGIN) - _MARGIN  # the library has one of its own
    until = min(end, datetime.max - 2 * _MARGIN) + _MARGIN
    try:
        text = file.read_text(encoding="utf-8-sig")
        parts = icalendar.Calendar.from_ical(text, multiple=True)
        # icalendar passes over a calendar whose end is missing.
        whole = sum(line.strip().upper() == "BEGIN:VCALENDAR" for line in text.splitlines())
        if not parts or len(parts) != whole:
            raise ValueError("it is not a whole calendar")
        for part in parts:
            _require_seldom(part)
        return [
            _event(entry, calendar)
            for part in parts
            for entry in recurring_ical_events.of(part).between(begin, until)
            if _text(entry, "status").upper() != "CANCELLED"
        ]
    except OSError as error:
        raise ToolError(f"the calendar file {file} cannot be read: {error.strerror}") from error
    except _BROKEN as error:
        reason = clipped(str(error))
        raise ToolError(f"the calendar file {file} is broken: {reason}") from error


def _require_seldom(part: icalendar.Component) -> None:
    """Raises `ValueError` for what repeats so often, or by so fine a rule that never comes true,
    that listing its times would take very long."""
    for entry in part.walk("VEVENT"):
        rules = entry.get("rrule", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            often = str(*rule.get("freq", ["DAILY"])).upper()
            limited = any(key.upper().startswith("BY") for key in rule)
            if often in ("SECONDLY", "MINUTELY") or (often == "HOURLY" and limited):
                raise ValueError(f"an event in it repeats {often}")


def _event(entry: icalendar.Event, calendar: str) -> Event:
    return Event(
        id=one_line(_text(entry, "uid")),
        calendar=calendar,
        title=one_line(_text(entry, "summary")),
        start_date=moments.write(_local(entry.start)),
        end_date=moments.write(_local(entry.end)),
        location=one_line(_text(entry, "location")) or None,
        invitees=list(_attendees(entry)),
        notes=plain(_text(entry, "description")) or None,
    )


def _local(moment: date) -> datetime:
    """A date (its beginning) or a time of any zone as a naive local time."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return moments.local(moment) if moment.tzinfo else moment


def _text(entry: icalendar.Event, key: str) -> str:
    value = entry.get(key, "")
    return str(value[0] if isinstance(value, list) else value)


def _attendees(entry: icalendar.Event) -> Iterator[str]:
    value = entry.get("attendee", [])
    for attendee in value if isinstance(value, list) else [value]:
        scheme, _, address = str(attendee).partition(":")
        if scheme.lower() == "mailto" and EMAIL_ADDRESS.accepts(address):
            yield address
