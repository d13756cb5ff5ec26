"""Events, meetings, reminders and notes. Each gives its verb phrases, and writes the plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from planc.tune.standard import times, words
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
    if minutes not in times.durations() or work.maybe(0.55):
        span = times.span(work.draw, when.at, end)
        return (
            work.draw.rng.choice(
                [f"{when.day} {span}", f"{when.day}, {span}", f"{span} {when.day}"]
            ),
            when.at,
            end,
            minutes,
        )
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
    """A question about the calendar of a day, of a part of one, or of some days."""
    day, told = times.day(work.draw, work.now)
    told = "today" if told == "this afternoon" else told
    begin, end = day, day + timedelta(days=1, seconds=-1)
    if work.maybe(0.25):
        begin, end, told = times.period(work.draw, work.now)
    elif work.maybe(0.3):
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
    when = times.when(work.draw, work.now)
    vp, title, people = _called(work, when.text)
    minutes = work.draw.rng.choice([15, 20, 30, 45, 60, 60, 90, 120]) if work.maybe(0.65) else None
    vp = _for_long(work, vp, minutes) if minutes else vp
    arguments = {
        "topic": text(title),
        "start_time": text(times.written(when.at)),
        "duration": str(minutes) if minutes else None,
        "meeting_invitees": work.script.emails(people),
    }

    def link() -> str:
        return work.script.get("link", "get_zoom_meeting_link", **arguments)

    phrases = [vp]
    style = work.draw.rng.random()
    if style < 0.15:
        work.script.do("get_zoom_meeting_link", **arguments)
        return phrases
    link()
    if style < 0.35 and people:
        phrases.append(_to_them(work, people, title, link))
    elif style < 0.55:
        phrases.append(_sink(work, Content("the link", "the link", link, title)))
    elif style < 0.85:
        phrases.append(_on_calendar(work, title, when.at, minutes, people, link))
        if people and work.maybe(0.4):
            phrases.append(_to_them(work, people, title, link))
        elif work.maybe(0.3):
            phrases.append(_reminder(work, title, when.at, link))
    else:
        phrases.append(_reminder(work, title, when.at, link))
    return phrases


def _called(work: Work, when: str) -> tuple[str, str, list[Person]]:
    """A meeting in words, with its title and who is invited. One of which no topic is told is a
    call with those people."""
    topic = work.word("TOPICS")
    said = topic if work.maybe(0.6) else f'"{capital(topic)}"'
    title = capital(topic.removeprefix("the "))
    style = work.draw.rng.random()
    if style < 0.35:
        people = work.group("email")
        who = work.all(people)
        if style < 0.17 and all(one.name for one in people):
            *most, last = (str(one.name) for one in people)
            names = f"{', '.join(most)} and {last}" if most else last
            return work.say("ZOOM_WITH", who=who, when=when), f"Call with {names}", people
        return work.say("ZOOM_WITH_ABOUT", who=who, topic=said, when=when), title, people
    if style < 0.4:
        vp, title = work.say("ZOOM_PLAIN", when=when), "Zoom call"
    elif style < 0.5:
        vp = Told(work.say("ZOOM_TOLD", topic=said, when=when))
    else:
        vp = work.say("ZOOM", topic=said, when=when)
    people = work.group("email") if work.maybe(0.45) else []
    vp += work.say("INVITE", who=work.all(people)) if people else ""
    return vp, title, people


def _for_long(work: Work, vp: str, minutes: int) -> str:
    """A meeting's words with how long it takes: "a half-hour zoom", or at the end."""
    kind = re.compile(r"\b(?:a (?=zoom|video)|an (?=online))")
    if not kind.search(vp) or work.maybe(0.6):
        return vp + work.say("FOR_LONG", long=times.duration(work.draw, minutes))
    lasting = times.lasting(work.draw, minutes)
    an = "an" if lasting[0] in "aei" or lasting.startswith("hour") else "a"
    return type(vp)(kind.sub(f"{an} {lasting} ", vp, count=1))


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
    bare = not both and work.maybe(0.3)
    vp = work.say("CALENDAR_INVITE" if both else "CALENDAR_BARE" if bare else "CALENDAR_TOO")
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


def _reminder(work: Work, title: str, begin: datetime, link: Callable[[], str]) -> str:
    before = work.draw.rng.choice([10, 15, 20, 30, 60])
    at = begin - timedelta(minutes=before)
    if work.maybe(0.3) and at.date() == begin.date():
        vp = work.say("AT_TIME", hour=times.hour(work.draw, at.time()))
    else:
        vp = work.say("BEFORE", long=times.duration(work.draw, before))
    work.script.do(
        "create_reminder", name=text(title), due_date=text(times.written(at)), notes=link()
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
        told = "today" if told == "this afternoon" else told
        if work.maybe(0.5):
            vp = work.say("REMIND_ALL_DAY", when=told, task=task)
        else:
            vp = work.say("REMIND", when=told, task=task) + work.say("ALL_DAY")
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
