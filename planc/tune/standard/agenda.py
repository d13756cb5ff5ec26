"""Events, meetings, reminders and notes. Each gives its verb phrases, and writes the plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from planc.tune.standard import frames, times, words
from planc.tune.standard.contents import Content
from planc.tune.standard.script import Person, optional, text
from planc.tune.standard.sinks import SINKS
from planc.tune.standard.work import Told, Work, capital


def _span(work: Work) -> tuple[str, datetime, datetime | None, int | None]:
    """When something is: in words, its begin and, if that is said, its end and minutes."""
    when = times.when(work.draw, work.now)
    if not when.day or work.maybe(0.25):
        return when.text, when.at, None, None
    end, minutes = times.later_same_day(work.draw, when.at)
    if work.maybe(0.55):
        span = times.span(work.draw, when.at, end)
        return (
            work.draw.rng.choice(
                [f"{when.day} {span}", f"{when.day}, {span}", f"{span} {when.day}"]
            ),
            when.at,
            end,
            minutes,
        )
    if minutes not in times.durations():
        return when.text, when.at, None, None
    return (
        f"{when.text}{work.say('FOR_LONG', long=times.duration(work.draw, minutes))}",
        when.at,
        end,
        minutes,
    )


def _named(work: Work, title: str) -> str:
    """A title in a request: quoted, called, or with an article."""
    style = work.draw.rng.random()
    if style < 0.25:
        return f'"{capital(title)}"'
    if style < 0.5:
        return capital(title)
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}" if style < 0.75 else f"the {title}"


def looked_at(work: Work) -> str:
    """A question about the calendar of a day, or of a part of one."""
    day, told = times.day(work.draw, work.now)
    told = "today" if told == "this afternoon" else told
    begin, end = day, day + timedelta(days=1, seconds=-1)
    if work.maybe(0.3):
        begin = datetime.combine(day.date(), times.time_of_day(work.draw))
        end, _ = times.later_same_day(work.draw, begin)
        told = f"{told} {times.span(work.draw, begin, end)}"
    calendar = work.word("CALENDARS") if work.maybe(0.15) else None
    events = work.script.get(
        "events",
        "list_calendar_events",
        start_date=text(times.written(begin)),
        end_date=text(times.written(end)),
        calendar=optional(calendar),
    )
    work.script.give(events)
    said = work.say("ASK_AGENDA", day=told)
    if calendar is None:
        return said
    ending = work.say("ON_CALENDAR", calendar=calendar)
    return f"{said[:-1]}{ending}{said[-1]}" if said[-1] in "?." else f"{said}{ending}"


def event(work: Work) -> list[str]:
    title = work.word("EVENTS")
    when, begin, end, _ = _span(work)
    told = work.maybe(0.15)
    vp = work.say("EVENT_TOLD" if told else "EVENT", title=_named(work, title), when=when)
    vp = Told(vp) if told else vp
    where = work.word("VENUES") if work.maybe(0.3) else None
    calendar = work.word("CALENDARS") if work.maybe(0.2) and not told else None
    people = work.group("email") if work.maybe(0.4) else []
    vp += work.say("AT_PLACE", place=where) if where else ""
    vp += work.say("ON_CALENDAR", calendar=calendar) if calendar else ""
    vp += work.say("INVITE", who=work.all(people)) if people else ""
    work.script.do(
        "create_calendar_event",
        title=text(capital(title)),
        start_date=text(times.written(begin)),
        end_date=optional(times.written(end) if end else None),
        location=optional(where),
        invitees=work.script.emails(people),
        calendar=optional(calendar),
    )
    return [vp]


def meeting(work: Work) -> list[str]:
    """An online meeting, and where its link goes."""
    topic = work.word("TOPICS")
    when = times.when(work.draw, work.now)
    minutes = work.draw.rng.choice([15, 20, 30, 45, 60, 60, 90, 120]) if work.maybe(0.65) else None
    frame = work.draw.one("ZOOM", frames.ZOOM)
    said = topic if work.maybe(0.6) else f'"{capital(topic)}"'
    vp = frame.format(topic=said, when=when.text)
    if minutes:
        if work.maybe(0.4) and re.search(r"\ba (?=zoom|video)|an (?=online)", vp):
            lasting = times.lasting(work.draw, minutes)
            an = lasting[0] in "aei" or lasting.startswith("hour")
            vp = re.sub(
                r"\b(?:a (?=zoom|video)|an (?=online))",
                f"{'an' if an else 'a'} {lasting} ",
                vp,
                count=1,
            )
        else:
            vp += work.say("FOR_LONG", long=times.duration(work.draw, minutes))
    people = work.group("email") if work.maybe(0.45) else []
    vp += work.say("INVITE", who=work.all(people)) if people else ""
    invitees = work.script.emails(people)
    title = capital(topic.removeprefix("the "))

    arguments = {
        "topic": text(title),
        "start_time": text(times.written(when.at)),
        "duration": str(minutes) if minutes else None,
        "meeting_invitees": invitees,
    }

    def link() -> str:
        return work.script.get("link", "get_zoom_meeting_link", **arguments)

    phrases = [vp]
    what = Content("the link", "the link", link, title)
    style = work.draw.rng.random()
    if style < 0.2:
        work.script.do("get_zoom_meeting_link", **arguments)
        return phrases
    link()
    if style < 0.45 and people:
        phrases.append(_to_them(work, people, title, link))
    elif style < 0.7:
        phrases.append(_sink(work, what))
    elif style < 0.88:
        phrases.append(_on_calendar(work, title, when.at, minutes, people, link))
        if people and work.maybe(0.3):
            phrases.append(_to_them(work, people, title, link))
    else:
        before = work.draw.rng.choice([10, 15, 20, 30, 60])
        phrases.append(work.say("BEFORE", long=times.duration(work.draw, before)))
        work.script.do(
            "create_reminder",
            name=text(title),
            due_date=text(times.written(when.at - timedelta(minutes=before))),
            notes=link(),
        )
    return phrases


def _to_them(work: Work, people: list[Person], title: str, link: Callable[[], str]) -> str:
    """The link goes to those who are invited."""
    if len(people) > 1:
        them = work.draw.rng.choice(["them", "both" if len(people) == 2 else "all of them"])
    else:
        them = work.pronoun(people[0])
    if work.maybe(0.3) and all(one.name for one in people):
        vp = work.say("THEM_SMS", them=them)
        work.script.do("send_sms", recipients=work.script.phones(people), message=link())
    else:
        vp = work.say("THEM", them=them)
        invitees = work.script.emails(people)
        work.script.do("compose_new_email", recipients=invitees, subject=text(title), body=link())
    return vp


def _sink(work: Work, what: Content) -> str:
    sink = work.draw.rng.choice(list(SINKS))
    return sink(
        work,
        what,
        work.draw.rng.choice(["the link", "its link", "the meeting link", "the join link"]),
    )


def _on_calendar(
    work: Work,
    title: str,
    begin: datetime,
    minutes: int | None,
    people: list[Person],
    link: Callable[[], str],
) -> str:
    both = bool(people) and work.maybe(0.6)
    vp = work.say("CALENDAR_INVITE" if both else "CALENDAR_TOO")
    end = begin + timedelta(minutes=minutes) if minutes else None
    location = link()
    work.script.do(
        "create_calendar_event",
        title=text(title),
        start_date=text(times.written(begin)),
        end_date=optional(times.written(end) if end else None),
        location=location,
        invitees=work.script.emails(people) if both else None,
    )
    return vp


def reminder(work: Work) -> list[str]:
    task = work.word("TASKS")
    name, due, all_day, priority, group = capital(task), None, None, None, None
    style = work.draw.rng.random()
    if style < 0.15:
        vp = work.say("REMIND_ONLY", task=task)
    elif style < 0.3:
        date, told = times.day(work.draw, work.now)
        vp = work.say(
            "REMIND", when=told if told != "this afternoon" else "today", task=task
        ) + work.say("ALL_DAY")
        due, all_day = date, "True"
    else:
        when = times.when(work.draw, work.now)
        vp = work.say("REMIND", when=when.text, task=task)
        due = when.at
    if work.maybe(0.2):
        group = work.word("LISTS")
        vp += work.say("ON_LIST", list=group)
    if work.maybe(0.1):
        priority = str(work.draw.rng.randint(1, 9))
        vp += work.say("PRIORITY", priority=priority)
    work.script.do(
        "create_reminder",
        name=text(name),
        due_date=optional(times.written(due) if due else None),
        list_name=optional(group),
        priority=priority,
        all_day=all_day,
    )
    return [vp]


def written_file(work: Work) -> list[str]:
    file = work.file(words.TEXT_FILES)
    item = ", ".join(work.draw.some("ITEMS", words.ITEMS, work.draw.rng.choice([1, 2, 3])))
    vp = work.say("WRITE_FILE", file=file.name, item=item)
    content = text(capital(item))
    work.script.do("write_text_file", file_name=text(file.name), content=content)
    return [vp]


def written_note(work: Work) -> list[str]:
    name = work.note_name()
    item = ", ".join(work.draw.some("ITEMS", words.ITEMS, work.draw.rng.choice([1, 1, 2, 3])))
    if work.maybe(0.5):
        vp, tool = work.say("APPEND", name=name, item=item), "append_note_content"
    else:
        vp, tool = work.say("WRITE_NOTE", name=name, item=item), "create_note"
    where, folder = work.folder_to_write()
    work.script.do(tool, name=text(name), content=text(capital(item)), folder=folder)
    return [vp + where]
