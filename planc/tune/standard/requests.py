"""Requests over the standard tools: what is asked is put together, said, and planned.

A request is one to three clauses; a clause is a thing to send, to keep or to show (a summary, a
note, a map, a meeting's link, a number) with where it goes, or something that stands alone (a
message, an event, a reminder, a note). The plan is written as the request is put together, so that
each says what the other does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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
    return work.draw.rng.choice(_SHOWN)(work)


def _shown(work: Work, frame: str, expression: str, **slots: str) -> str:
    """A request for what an expression gives."""
    work.script.give(expression)
    return work.say(frame, **slots)


def _summary(work: Work) -> str:
    file = work.some_file(words.PAPER)
    return _shown(work, "ASK_SUMMARY", work.script.summary(file), file=file.said)


def _note(work: Work) -> str:
    name, folder = work.note_name(), work.folder(0.4)
    content = f"{work.script.note(name, folder)}.content"
    if folder is None:
        return _shown(work, "ASK_NOTE", content, note=name)
    return _shown(work, "ASK_NOTE_IN", content, note=name, folder=folder)


def _place(work: Work) -> str:
    where = work.place()
    place = work.script.get("place", "maps_open_location", location=text(where))
    return _shown(work, "ASK_PLACE", place, place=where)


def _route(work: Work) -> str:
    end, start, mode = trip_of(work)
    trip = f"from {start} to {end}" if start else f"to {end}"
    trip += f" {work.draw.one(f'MODES {mode}', frames.MODES[mode])}" if mode else ""
    return _shown(work, "ASK_ROUTE", directions(work, end, start, mode), trip=trip)


def _number(work: Work) -> str:
    person = work.person("name")
    said = {"who": person.said, "whose": person.whose}
    if work.maybe(0.5):
        return _shown(work, "ASK_PHONE", work.script.phone(person), **said)
    return _shown(work, "ASK_EMAIL", work.script.email(person), **said)


def _file(work: Work) -> str:
    file = work.some_file(words.OTHER_FILES)
    return _shown(work, "ASK_FILE", work.script.path(file), file=file.said)


def _page(work: Work) -> str:
    url = work.word("URLS")
    return _shown(work, "ASK_PAGE", work.script.page_summary(url), url=url)


def _this_mail(work: Work) -> str:
    return _shown(work, "ASK_THIS_MAIL", work.script.mail_summary())


def _content_of_file(work: Work) -> str:
    if work.maybe(0.4):
        table = work.some_file(words.TABLES)
        rows = work.script.get("rows", "read_csv_file", path=work.script.path(table))
        return _shown(work, "ASK_TABLE", rows, file=table.said)
    file = work.some_file(words.TEXT_FILES)
    return _shown(work, "ASK_TEXT_FILE", work.script.file_text(file), file=file.said)


def _writing(work: Work) -> str:
    what = work.word("WRITINGS")
    return _shown(work, "ASK_WRITING", work.script.written(what), what=what)


def _sum(work: Work) -> str:
    rng = work.draw.rng
    if work.maybe(0.2):
        return _shown(work, "ASK_NOW", work.script.get("now", "get_current_datetime"))
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
    result = work.script.get("result", "calculate", expression=text(expression))
    return _shown(work, "ASK_SUM", result, sum=said)


_SHOWN: Sequence[Callable[[Work], str]] = (
    _summary,
    _note,
    _note,
    _place,
    _route,
    _number,
    _file,
    _page,
    _this_mail,
    _content_of_file,
    _writing,
    looked_at,
    _sum,
)


def impossible(work: Work) -> str:
    frame: str = work.draw.one("IMPOSSIBLE", words.IMPOSSIBLE)
    if frame[-1] == "." and work.maybe(0.5):
        vp = frame[0].lower() + frame[1:-1]
        frame = work.say("WHOLE", vp=vp, Vp=capital(vp))
    return frame.format(
        note=work.note_name(),
        person=work.person("name").said,
        place=work.place(),
        file=work.some_file(words.OTHER_FILES).said,
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
