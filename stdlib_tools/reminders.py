"""Reminders as iCalendar to-dos, which todoman, Nextcloud Tasks and others share."""

from __future__ import annotations

from datetime import timedelta

import icalendar
from typing_extensions import TypedDict

from planc.tools import Clock, tool
from planc.types import DateTime
from stdlib_tools import moments, settings, vdir
from stdlib_tools.errors import ToolError
from stdlib_tools.wording import plain, titled


class Reminder(TypedDict):
    """A reminder in a list; `id` is its UID."""

    id: str
    list_name: str
    name: str
    due_date: DateTime | None
    all_day: bool
    notes: str | None
    priority: int | None


@tool(effect="write", resource="reminders", timeout=30, cost=0.02)
def create_reminder(
    name: str,
    due_date: DateTime | None = None,
    notes: str | None = None,
    list_name: str | None = None,
    priority: int | None = None,
    all_day: bool | None = None,
    *,
    clock: Clock,
) -> Reminder:
    """Create a reminder or to-do.

    Args:
        list_name: which list, if the user names one
        priority: 1 (highest) to 9 (lowest); 0 is none
        all_day: true when it is due on a day and not at a time
    """
    mine = settings.load()
    if priority is not None and not 0 <= priority <= 9:
        raise ToolError(f"the priority is {priority}; it goes from 0 (none) or 1 (highest) to 9")
    due = None if due_date is None else moments.read(due_date, "the due date")
    whole_day = bool(all_day) and due is not None

    entry = icalendar.Todo()
    title = titled(name, "the reminder's name")
    entry.add("summary", title)
    entry.add("status", "NEEDS-ACTION")
    text = plain(notes or "")
    if text:
        entry.add("description", text)
    if priority is not None:
        entry.add("priority", priority)
    if due is not None:
        entry.add("due", due.date() if whole_day else due)
        entry.add_component(_alarm(title))

    base = settings.located(mine.reminders.folder)
    uid, found = vdir.store(base, list_name or mine.reminders.default, entry, clock.now())
    return Reminder(
        id=uid,
        list_name=found,
        name=title,
        due_date=None if due is None else moments.write(due),
        all_day=whole_day,
        notes=text or None,
        priority=priority,
    )


def _alarm(title: str) -> icalendar.Alarm:
    """An alarm when the reminder is due (its END, as RFC 5545 has it)."""
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(0), parameters={"RELATED": "END"})
    return alarm
