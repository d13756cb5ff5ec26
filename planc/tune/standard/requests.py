"""Requests over the standard tools: what is asked is put together, said, and planned.

A request is one to three clauses; a clause is a thing to send, to keep or to show (a summary, a
note, a map, a meeting's link, a number) with where it goes, or something that stands alone (a
message, an event, a reminder, a note). The plan is written as the request is put together, so that
each says what the other does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from planc.tune.samples import Draw, Sample, Split
from planc.tune.standard import frames, times, words
from planc.tune.standard.agenda import (
    event,
    looked_at,
    meeting,
    reminder,
    written_file,
    written_note,
)
from planc.tune.standard.contents import directions, trip_of
from planc.tune.standard.messages import forward, mail, mailed_files, message, reply
from planc.tune.standard.script import text
from planc.tune.standard.sinks import sent
from planc.tune.standard.work import Told, Work, capital


def shown(work: Work) -> str:
    """A request to be shown something, whole."""
    script = work.script
    kind = work.draw.rng.randrange(13)
    if kind in _OTHERS:
        return _OTHERS[kind](work)
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
        end, start, mode = trip_of(work)
        trip = f"from {start} to {end}" if start else f"to {end}"
        trip += f" {work.draw.one(f'MODES {mode}', frames.MODES[mode])}" if mode else ""
        script.give(directions(work, end, start, mode))
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


def _page(work: Work) -> str:
    url = work.word("URLS")
    work.script.give(work.script.page_summary(url))
    return work.say("ASK_PAGE", url=url)


def _this_mail(work: Work) -> str:
    work.script.give(work.script.mail_summary())
    return work.say("ASK_THIS_MAIL")


def _file(work: Work) -> str:
    if work.maybe(0.4):
        table = work.file(words.TABLES)
        path = work.script.path(table)
        work.script.give(work.script.get("rows", "read_csv_file", path=path))
        return work.say("ASK_TABLE", file=table.name)
    file = work.file(words.TEXT_FILES)
    work.script.give(work.script.file_text(file))
    return work.say("ASK_TEXT_FILE", file=file.name)


def _writing(work: Work) -> str:
    what = work.word("WRITINGS")
    work.script.give(work.script.written(what))
    return work.say("ASK_WRITING", what=what)


def _sum(work: Work) -> str:
    rng = work.draw.rng
    if work.maybe(0.2):
        work.script.give(work.script.get("now", "get_current_datetime"))
        return work.say("ASK_NOW")
    a, b, percent = rng.randint(2, 5000), rng.randint(2, 400), rng.randint(1, 95)
    said, expression = rng.choice(
        [
            (f"{a} times {b}", f"{a} * {b}"),
            (f"{percent}% of {a:,}", f"{a} * {percent} / 100"),
            (f"{percent} percent of {a}", f"{a} * {percent} / 100"),
            (f"{a} plus {b}", f"{a} + {b}"),
            (f"{a} minus {b}", f"{a} - {b}"),
            (f"{a} divided by {b}", f"{a} / {b}"),
            (f"{a} * {b} + {percent}", f"{a} * {b} + {percent}"),
            (f"the square root of {a}", f"sqrt({a})"),
            (f"{b} to the power of {percent % 5 + 2}", f"{b} ** {percent % 5 + 2}"),
        ]
    )
    work.script.give(work.script.get("result", "calculate", expression=text(expression)))
    return work.say("ASK_SUM", sum=said)


_OTHERS: Mapping[int, Callable[[Work], str]] = {
    7: _page,
    8: _this_mail,
    9: _file,
    10: _writing,
    11: looked_at,
    12: _sum,
}


def impossible(work: Work) -> str:
    frame: str = work.draw.one("IMPOSSIBLE", words.IMPOSSIBLE)
    return frame.format(
        note=work.note_name(),
        person=work.person("name").said,
        place=work.place(),
        file=work.file(words.OTHER_FILES).name,
        task=work.word("TASKS"),
    )


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
    if said[-1] in ".?!" and work.maybe(0.1):
        said = work.say("CONTEXT", said=capital(said))
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
    if kind < 0.22:
        return Sample(shown(work), work.now, work.script.text, tuple(draw.drawn))
    clauses = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    phrases: list[str] = []
    for _ in range(clauses):
        make = rng.choices([sent, meeting, alone], [0.42, 0.13, 0.45])[0]
        work.before = list(work.people)
        found = make(work)
        if len(phrases) + len(found) > 4:
            return request(rng, split)
        phrases += found
    return Sample(_joined(work, phrases), work.now, work.script.text, tuple(draw.drawn))


_ALONE: Sequence[Callable[[Work], list[str]]] = (
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
    written_file,
)


def alone(work: Work) -> list[str]:
    return work.draw.rng.choice(list(_ALONE))(work)
