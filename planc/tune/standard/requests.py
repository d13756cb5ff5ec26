"""Requests over the standard tools: what is asked is put together, said, and planned.

A request is one to three clauses; a clause is a thing to send, to keep or to show (a summary, a
note, a map, a meeting's link, a number) with where it goes, or something that stands alone (a
message, an event, a reminder, a note). The plan is written as the request is put together, so that
each says what the other does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from planc.tune.samples import Draw, Sample, Split
from planc.tune.standard import frames, times, words
from planc.tune.standard.script import File, Person, Script, listed, optional, text


@dataclass(frozen=True)
class Content:
    """Something to send or to keep: how it is said, how it is said again, its expression (which
    writes what it needs into the plan), and what an e-mail about it is called."""

    np: str
    again: str
    value: Callable[[], str]
    subject: str


@dataclass
class Work:
    """One request under way."""

    draw: Draw
    now: datetime
    script: Script = field(default_factory=Script)
    people: list[Person] = field(default_factory=list)  # those named so far

    # What is said

    def say(self, name: str, /, **slots: str) -> str:
        """An entry of a list of frames, its slots filled."""
        frame: str = self.draw.one(name, getattr(frames, name))
        return frame.format_map(slots)

    def word(self, name: str) -> str:
        found: str = self.draw.one(name, getattr(words, name))
        return found

    def maybe(self, share: float) -> bool:
        return self.draw.chance(share)

    # Who

    def person(self, by: str) -> Person:
        """Somebody who is looked up, or with an address of a kind: `phone`, `email`, or none."""
        if by != "name" and self.maybe(0.2):
            return self.stranger(by)
        if self.people and self.maybe(0.15):
            return self.draw.rng.choice(self.people)
        found = Person(name := self.name(), name=name)
        self.people.append(found)
        return found

    def name(self) -> str:
        first = self.word("FIRST")
        style = self.draw.rng.random()
        if style < 0.66:
            name = first
        elif style < 0.92:
            name = f"{first} {self.word('LAST')}"
        else:
            title = self.word("TITLES")
            name = f"{title} {first if title in ('Aunt', 'Uncle', 'Coach') else self.word('LAST')}"
        return name

    def stranger(self, by: str) -> Person:
        rng = self.draw.rng
        if by == "phone":
            code = rng.choice(
                [
                    "+1 212 555",
                    "+44 20 7946",
                    "+1 415 555",
                    "+49 30 5550",
                    "+33 1 5550",
                    "+61 2 5550",
                    "+34 91 555",
                    "+47 22 55",
                    "+91 22 5550",
                ]
            )
            address = f"{code} {rng.randrange(10000):04}"
            if self.maybe(0.4):
                address = address.replace(" ", "")
        else:
            domain = self.word("DOMAINS")
            if self.maybe(0.5):
                box = self.word("MAILBOXES")
            else:
                box = f"{self.word('FIRST')}{rng.choice(['.', '_', ''])}{self.word('LAST')}"
                box = box.lower() if self.maybe(0.9) else box
            address = f"{box}@{domain}".encode("ascii", "ignore").decode()
        if self.maybe(0.35):
            return Person(self.say("AT", who=self.word("RELATIONS"), at=address), address=address)
        return Person(address, address=address)

    def group(self, by: str, most: int = 3) -> list[Person]:
        count = self.draw.rng.choice([1] * 7 + [2] * 3 + [3])
        found: list[Person] = []
        for _ in range(min(count, most)):
            one = self.person(by)
            if all(one.said != other.said for other in found):
                found.append(one)
        return found

    def all(self, people: Sequence[Person | File]) -> str:
        """People or files, joined."""
        said = [one.said if isinstance(one, Person) else one.name for one in people]
        if len(said) == 1:
            return said[0]
        if len(said) == 2:
            return self.say("AND", a=said[0], b=said[1])
        return self.say("AND_MORE", rest=", ".join(said[:-1]), last=said[-1])

    # What

    def file(self, endings: Sequence[str]) -> File:
        stem = self.word("STEMS")
        rng = self.draw.rng
        if self.maybe(0.25):
            year, version = str(rng.randint(2019, 2027)), f"v{rng.randint(1, 9)}"
            stem += f" {rng.choice([year, version, str(rng.randint(1, 40)), 'final', 'draft'])}"
        joint = rng.choice(["_", "_", "-", "", " "]) if " " in stem else "_"
        name = stem.replace(" ", joint)
        if self.maybe(0.15) and joint != " ":
            name = stem.title().replace(" ", joint)
        ending = rng.choice(list(endings))
        return File(f"{name}.{ending if self.maybe(0.97) else ending.upper()}")

    def files(self) -> list[File]:
        found = [self.file(words.OTHER_FILES)]
        if self.maybe(0.2):
            other = self.file(words.OTHER_FILES)
            if other != found[0]:
                found.append(other)
        return found

    def note_name(self) -> str:
        name = self.word("NOTES")
        return (
            name
            if self.maybe(0.8)
            else f"{name} {self.draw.rng.choice(['2', '2026', 'old', 'new', 'May', 'draft'])}"
        )

    def folder(self, share: float = 0.25) -> str | None:
        return self.word("FOLDERS") if self.maybe(share) else None

    def fact(self) -> tuple[str, str]:
        """Something to tell: in the words of the request, and as a message."""
        if self.maybe(0.5):
            said = self.word("NEWS")
        else:
            said = f"the {self.word('THINGS')} is {self.word('STATES')}"
            if self.maybe(0.15):
                said += f" and {self.word('NEWS')}"
        return said, sentence(said)

    def question(self) -> tuple[str, str]:
        told, asked = self.draw.one("QUESTIONS", words.QUESTIONS)
        return told, asked

    def place(self) -> str:
        return self.word("PLACES")


class Told(str):
    """A clause that is told and not asked, such as "I have a meeting, put it in the calendar"."""

    __slots__ = ()

    def __add__(self, more: str) -> Told:
        return Told(str(self) + more)


def sentence(said: str) -> str:
    """A clause as a sentence."""
    found = capital(said.strip())
    return found if found[-1] in ".?!" else f"{found}."


def capital(said: str) -> str:
    return said[:1].upper() + said[1:]


# What is sent and kept.


def summary(work: Work) -> Content:
    file = work.file(words.PAPER)
    return Content(
        work.say("SUMMARY", file=file.name),
        "the summary",
        lambda: work.script.summary(file),
        _title(file),
    )


def _title(file: File) -> str:
    return capital(re.sub(r"[_-]+", " ", file.name.rsplit(".", 1)[0]))


def note(work: Work) -> Content:
    name, folder = work.note_name(), work.folder(0.3)
    np = work.say("NOTE_IN", note=name, folder=folder) if folder else work.say("NOTE", note=name)
    return Content(np, "the text", lambda: f"{work.script.note(name, folder)}.content", name)


def place(work: Work) -> Content:
    where = work.place()
    link = lambda: work.script.get("link", "maps_open_location", location=text(where))  # noqa: E731
    return Content(work.say("PLACE", place=where), "the link", link, capital(where))


def _trip(work: Work) -> tuple[str, str | None, str | None]:
    end = work.place()
    start = work.place() if work.maybe(0.6) else None
    if start == end:
        start = None
    mode = work.draw.rng.choice(list(frames.MODES)) if work.maybe(0.6) else None
    return end, start, mode


def _directions(work: Work, end: str, start: str | None, mode: str | None) -> str:
    return work.script.get(
        "route",
        "maps_show_directions",
        end_location=text(end),
        start_location=optional(start),
        transport=optional(mode),
    )


def route(work: Work) -> Content:
    end, start, mode = _trip(work)
    if mode and work.maybe(0.5):
        np = work.draw.one(f"MODE_NOUNS {mode}", frames.MODE_NOUNS[mode])
        np += f" from {start} to {end}" if start else f" to {end}"
    else:
        np = work.say("ROUTE_FROM", a=start, b=end) if start else work.say("ROUTE", b=end)
        if mode:
            np += f" {work.draw.one(f'MODES {mode}', frames.MODES[mode])}"
    return Content(np, "the link", lambda: _directions(work, end, start, mode), f"The way to {end}")


def number(work: Work) -> Content:
    person = work.person("name")
    if work.maybe(0.5):
        np = work.say("PHONE", whose=person.whose, who=person.said)
        return Content(
            np, "the number", lambda: work.script.phone(person), f"The number of {person.said}"
        )
    np = work.say("EMAIL", whose=person.whose, who=person.said)
    return Content(
        np, "the address", lambda: work.script.email(person), f"The address of {person.said}"
    )


CONTENTS: Sequence[Callable[[Work], Content]] = (summary, summary, note, note, place, route, number)


# Where it goes. Each gives a verb phrase, and writes the plan.


def by_sms(work: Work, what: Content, said: str | None) -> str:
    people = work.group("phone")
    value = what.value
    vp = _sent(work, "SMS", what, said, who=work.all(people))
    recipients = [work.script.phone(person) for person in people]
    work.script.do("send_sms", recipients=listed(recipients), message=value())
    return vp


def _sent(work: Work, how: str, what: Content, said: str | None, **slots: str) -> str:
    """The verb phrase: of the thing by its name, or as "it" if `said` is that."""
    if said == "it":
        return work.say(f"{how}_IT", **slots)
    if how in ("SMS", "MAIL") and said is None and work.maybe(0.15):
        return Told(work.say(f"{how}_TOLD", np=what.np, **slots))
    return work.say(f"{how}_NP", np=said or what.np, **slots)


def _extras(work: Work) -> tuple[str, list[Person], list[File]]:
    """Who gets a copy, and what is attached."""
    copied = work.group("email", 2) if work.maybe(0.2) else []
    files = work.files() if work.maybe(0.2) else []
    tail = work.say("CC", cc=work.all(copied)) if copied else ""
    tail += work.say("ATTACH", files=work.all(files)) if files else ""
    return tail, copied, files


def by_mail(work: Work, what: Content, said: str | None) -> str:
    people = work.group("email")
    vp = _sent(work, "MAIL", what, said, who=work.all(people))
    tail, copied, files = _extras(work)
    recipients = work.script.emails(people)
    body = what.value()
    cc, attachments = work.script.emails(copied), work.script.paths(files)
    work.script.do(
        "compose_new_email",
        recipients=recipients,
        subject=text(what.subject),
        body=body,
        cc=cc,
        attachments=attachments,
    )
    return vp + tail


def by_reply(work: Work, what: Content, said: str | None) -> str:
    vp = _sent(work, "REPLY", what, said)
    tail, copied, files = _extras(work)
    body = what.value()
    cc, attachments = work.script.emails(copied), work.script.paths(files)
    work.script.do("reply_to_email", body=body, cc=cc, attachments=attachments)
    return vp + tail


def into_new_note(work: Work, what: Content, said: str | None) -> str:
    name, folder = work.note_name(), work.folder()
    vp = _sent(work, "CREATE", what, said, name=name)
    vp += work.say("IN_FOLDER", folder=folder) if folder else ""
    value = what.value()
    work.script.do("create_note", name=text(name), content=value, folder=optional(folder))
    return vp


def into_note(work: Work, what: Content, said: str | None) -> str:
    name, folder = work.note_name(), work.folder()
    vp = _sent(work, "APPEND", what, said, name=name)
    vp += work.say("IN_FOLDER", folder=folder) if folder else ""
    value = what.value()
    work.script.do("append_note_content", name=text(name), content=value, folder=optional(folder))
    return vp


SINKS: Sequence[Callable[[Work, Content, str | None], str]] = (
    by_sms,
    by_sms,
    by_sms,
    by_mail,
    by_mail,
    by_mail,
    by_reply,
    into_new_note,
    into_new_note,
    into_note,
)


def sent(work: Work) -> list[str]:
    """Something looked up, and where it goes: to one place or to two."""
    what = work.draw.rng.choice(list(CONTENTS))(work)
    sinks = work.draw.rng.sample(range(len(SINKS)), 2)
    first, second = (SINKS[at] for at in sinks)
    if work.maybe(0.25):
        phrases = [
            _looked_up(work, what),
            first(work, what, work.draw.rng.choice(["it", what.again])),
        ]
    else:
        phrases = [first(work, what, None)]
    if first is not second and work.maybe(0.3):
        phrases.append(second(work, what, work.draw.rng.choice(["it", what.again])))
    return phrases


def _looked_up(work: Work, what: Content) -> str:
    return work.draw.one("LOOK", LOOK).format_map({"np": what.np})


LOOK = (
    "get me {np}",
    "find {np}",
    "look up {np}",
    "get {np}",
    "fetch {np}",
    "I need {np}",
    "show me {np}",
    "pull up {np}",
    "give me {np}",
    "check {np}",
)


# What stands alone.


def message(work: Work) -> list[str]:
    people = work.group("phone")
    who = work.all(people)
    if work.maybe(0.2):
        told, said = work.question()
        vp = work.say("SMS_ASK", who=who, told=told)
    else:
        fact, said = work.fact()
        vp = work.say("SMS_SAY", who=who, fact=fact)
    work.script.do(
        "send_sms", recipients=listed([work.script.phone(p) for p in people]), message=text(said)
    )
    return [vp]


def mail(work: Work) -> list[str]:
    people = work.group("email")
    who = work.all(people)
    kind = work.draw.rng.random()
    if kind < 0.2:
        told, said = work.question()
        vp, subject = work.say("MAIL_ASK", who=who, told=told), "A question"
    elif kind < 0.4:
        topic = work.word("TOPICS")
        vp, said, subject = (
            work.say("MAIL_ABOUT", who=who, topic=topic),
            f"I am writing about {topic}.",
            capital(topic.removeprefix("the ")),
        )
    else:
        fact, said = work.fact()
        vp, subject = work.say("MAIL_SAY", who=who, fact=fact), said.rstrip(".")
    tail, copied, files = _extras(work)
    recipients = work.script.emails(people)
    cc, attachments = work.script.emails(copied), work.script.paths(files)
    work.script.do(
        "compose_new_email",
        recipients=recipients,
        subject=text(subject),
        body=text(said),
        cc=cc,
        attachments=attachments,
    )
    return [vp + tail]


def mailed_files(work: Work) -> list[str]:
    people, files = work.group("email"), work.files()
    plural = "files" if len(files) > 1 else "file"
    vp = work.say("SEND_FILES", who=work.all(people), files=work.all(files), plural=plural)
    copied = work.group("email", 1) if work.maybe(0.15) else []
    vp += work.say("CC", cc=work.all(copied)) if copied else ""
    recipients, attachments = work.script.emails(people), work.script.paths(files)
    body = (
        f"Here is {files[0].name}."
        if len(files) == 1
        else f"Here are {files[0].name} and {files[1].name}."
    )
    cc = work.script.emails(copied)
    work.script.do(
        "compose_new_email",
        recipients=recipients,
        subject=text(_title(files[0])),
        body=text(body),
        cc=cc,
        attachments=attachments,
    )
    return [vp]


def reply(work: Work) -> list[str]:
    fact, said = work.fact()
    vp = work.say("REPLY_SAY", fact=fact)
    tail, copied, files = _extras(work)
    cc, attachments = work.script.emails(copied), work.script.paths(files)
    work.script.do("reply_to_email", body=text(said), cc=cc, attachments=attachments)
    return [vp + tail]


def forward(work: Work) -> list[str]:
    people = work.group("email")
    vp = work.say("FORWARD", who=work.all(people))
    body = None
    if work.maybe(0.35):
        fact, body = work.fact()
        vp += work.say("FORWARD_SAY", fact=fact)
    tail, copied, files = _extras(work)
    recipients = work.script.emails(people)
    cc, attachments = work.script.emails(copied), work.script.paths(files)
    work.script.do(
        "forward_email", recipients=recipients, body=optional(body), cc=cc, attachments=attachments
    )
    return [vp + tail]


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
        phrases.append(work.draw.one("THEM", THEM))
        work.script.do("compose_new_email", recipients=invitees, subject=text(title), body=link())
    elif style < 0.7:
        phrases.append(_sink(work, what))
    elif style < 0.88:
        phrases.append(_on_calendar(work, title, when.at, minutes, people, link))
        if people and work.maybe(0.3):
            phrases.append(work.draw.one("THEM", THEM))
            work.script.do(
                "compose_new_email", recipients=invitees, subject=text(title), body=link()
            )
    else:
        before = work.draw.rng.choice([5, 10, 15, 20, 30, 60])
        told = work.draw.one("BEFORE", BEFORE).format(
            long=times.duration(work.draw, before)
            if before in times.durations()
            else f"{before} minutes"
        )
        phrases.append(told)
        work.script.do(
            "create_reminder",
            name=text(title),
            due_date=text(times.written(when.at - timedelta(minutes=before))),
            notes=link(),
        )
    return phrases


def _sink(work: Work, what: Content) -> str:
    sink = work.draw.rng.choice(list(SINKS))
    return sink(
        work,
        what,
        work.draw.rng.choice(["the link", "its link", "the meeting link", "the join link"]),
    )


THEM = (
    "email them the link",
    "mail the link to everyone invited",
    "send the invitees the link by email",
    "email the link to the same people",
    "mail it to them",
    "send them the link in an email",
    "let them have the link by mail",
    "write them an email with the link",
)
BEFORE = (
    "remind me {long} before with the link in the notes",
    "set a reminder {long} earlier that has the link in its notes",
    "add a reminder {long} ahead of its start, link in the notes",
    "remind me {long} ahead of it and put the link into the notes",
    "give me a reminder {long} before, with the link as a note",
    "set me a reminder for {long} before the meeting with the link in the notes",
    "have a reminder go off {long} before it, with the link in the notes",
)
CALENDAR_TOO = (
    "put it on my calendar with the link as the location",
    "add it to my calendar, link as location",
    "create a calendar event for it with the link as its location",
    "enter it in the calendar with the link as location",
    "block the time in my calendar with the link as the location",
    "make a calendar entry for it that has the link as location",
    "put the meeting into my calendar too, with the link in the location",
)
CALENDAR_INVITE = (
    "put it on my calendar with the same people invited and the link as location",
    "add it to my calendar, invite them there too, link as location",
    "create a calendar event with the same guests, and its location is the link",
    "enter it in the calendar, all of them invited, link under location",
    "make a calendar entry, same guests, with the link as the location",
    "put it in the calendar too, inviting them, location is the link",
    "block my calendar for it with them as guests and the link as location",
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
    vp = work.draw.one(
        "CALENDAR_INVITE" if both else "CALENDAR_TOO", CALENDAR_INVITE if both else CALENDAR_TOO
    )
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


def written_note(work: Work) -> list[str]:
    name, folder = work.note_name(), work.folder()
    item = ", ".join(work.draw.some("ITEMS", words.ITEMS, work.draw.rng.choice([1, 1, 2, 3])))
    if work.maybe(0.5):
        vp, tool = work.say("APPEND", name=name, item=item), "append_note_content"
    else:
        vp, tool = work.say("WRITE_NOTE", name=name, item=item), "create_note"
    vp += work.say("IN_FOLDER", folder=folder) if folder else ""
    work.script.do(tool, name=text(name), content=text(capital(item)), folder=optional(folder))
    return [vp]


ALONE: Sequence[Callable[[Work], list[str]]] = (
    message,
    message,
    mail,
    mail,
    mailed_files,
    reply,
    forward,
    event,
    event,
    reminder,
    reminder,
    written_note,
    written_note,
)


# What is shown.


def shown(work: Work) -> str:
    """A request to be shown something, whole."""
    script = work.script
    kind = work.draw.rng.randrange(7)
    if kind == 0:
        file = work.file(words.PAPER)
        script.give(script.summary(file))
        return work.say("ASK_SUMMARY", file=file.name)
    if kind in (1, 2):
        name, folder = work.note_name(), work.folder(0.4)
        script.give(f"{script.note(name, folder)}.content")
        return (
            work.say("ASK_NOTE_IN", note=name, folder=folder)
            if folder
            else work.say("ASK_NOTE", note=name)
        )
    if kind == 3:
        where = work.place()
        script.give(script.get("place", "maps_open_location", location=text(where)))
        return work.say("ASK_PLACE", place=where)
    if kind == 4:
        end, start, mode = _trip(work)
        trip = f"from {start} to {end}" if start else f"to {end}"
        trip += f" {work.draw.one(f'MODES {mode}', frames.MODES[mode])}" if mode else ""
        script.give(_directions(work, end, start, mode))
        return work.say("ASK_ROUTE", trip=trip)
    if kind == 5:
        person = work.person("name")
        by_phone = work.maybe(0.5)
        script.give(script.phone(person) if by_phone else script.email(person))
        return work.say(
            "ASK_PHONE" if by_phone else "ASK_EMAIL", who=person.said, whose=person.whose
        )
    file = work.file(words.OTHER_FILES)
    script.give(script.path(file))
    return work.say("ASK_FILE", file=file.name)


def impossible(work: Work) -> str:
    frame: str = work.draw.one("IMPOSSIBLE", words.IMPOSSIBLE)
    return frame.format(
        note=work.note_name(),
        person=work.person("name").said,
        place=work.place(),
        file=work.file(words.OTHER_FILES).name,
        task=work.word("TASKS"),
    )


# Whole requests.


def _joined(work: Work, phrases: list[str]) -> str:
    if len(phrases) == 1:
        vp = phrases[0]
    elif len(phrases) == 2:
        vp = work.say("TWO", a=phrases[0], b=phrases[1], B=capital(phrases[1]))
    else:
        last = (
            phrases[2]
            if len(phrases) == 3
            else work.say("TWO", a=phrases[2], b=phrases[3], B=capital(phrases[3]))
        )
        vp = work.say(
            "THREE", a=phrases[0], b=phrases[1], c=last, B=capital(phrases[1]), C=capital(last)
        )
    if any(isinstance(one, Told) for one in phrases) or re.search(r"[.;:] ", vp):
        whole = work.draw.one("PLAIN", frames.PLAIN)
    else:
        whole = work.draw.one("WHOLE", frames.WHOLE)
    vp = re.sub(r"(?<=[.!] )[a-z]", lambda found: found[0].upper(), vp)
    said = whole.format(vp=vp, Vp=capital(vp))
    return re.sub(r"([.?!,])[.]+", r"\1", said).replace(",,", ",")


_WEIGHTS = {1: 0.66, 2: 0.27, 3: 0.07}


def request(rng: Random, split: Split) -> Sample:
    """A request over the standard tools, with its plan."""
    draw = Draw(rng, split)
    work = Work(draw, times.clock(draw))
    kind = rng.random()
    if kind < 0.04:
        said = impossible(work)
        return Sample(said, work.now, "", tuple(draw.drawn))
    if kind < 0.18:
        return Sample(shown(work), work.now, work.script.text, tuple(draw.drawn))
    clauses = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    phrases: list[str] = []
    for _ in range(clauses):
        make = rng.choices([sent, meeting, alone], [0.42, 0.13, 0.45])[0]
        found = make(work)
        if len(phrases) + len(found) > 4:
            return request(rng, split)
        phrases += found
    return Sample(_joined(work, phrases), work.now, work.script.text, tuple(draw.drawn))


def alone(work: Work) -> list[str]:
    return work.draw.rng.choice(list(ALONE))(work)
