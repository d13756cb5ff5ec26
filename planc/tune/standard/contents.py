"""Things that can be looked up: how they are said, and how a plan gets them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planc.tune.standard import frames, words
from planc.tune.standard.script import File, optional, text
from planc.tune.standard.work import Work, capital


@dataclass(frozen=True)
class Content:
    """Something to send or to keep: how it is said, how it is said again, its expression (which
    writes what it needs into the plan), and what an e-mail about it is called."""

    np: str
    again: str
    value: Callable[[], str]
    subject: str


def summary(work: Work) -> Content:
    return _of_file(work, "SUMMARY", words.PAPER, "the summary", work.script.summary)


def text_file(work: Work) -> Content:
    return _of_file(work, "TEXT_FILE", words.TEXT_FILES, "the text", work.script.file_text)


def _of_file(
    work: Work, frame: str, endings: Sequence[str], again: str, value: Callable[[File], str]
) -> Content:
    """What a file of one of some kinds has."""
    file = work.some_file(endings)
    return Content(work.say(frame, file=file.said), again, lambda: value(file), titled(file))


def titled(file: File) -> str:
    return capital(re.sub(r"[_-]+", " ", file.name.rsplit(".", 1)[0]))


def note(work: Work) -> Content:
    name, folder = work.note_name(), work.folder(0.3)
    np = work.say("NOTE_IN", note=name, folder=folder) if folder else work.say("NOTE", note=name)
    return Content(np, "the text", lambda: f"{work.script.note(name, folder)}.content", name)


def place(work: Work) -> Content:
    where = work.place()
    link = lambda: work.script.get("link", "maps_open_location", location=text(where))  # noqa: E731
    return Content(work.say("PLACE", place=where), "the link", link, capital(where))


def trip_of(work: Work) -> tuple[str, str | None, str | None]:
    end = work.place()
    start = work.place() if work.maybe(0.6) else None
    if start == end:
        start = None
    mode = work.draw.rng.choice(list(frames.MODES)) if work.maybe(0.6) else None
    return end, start, mode


def directions(work: Work, end: str, start: str | None, mode: str | None) -> str:
    return work.script.get(
        "route",
        "maps_show_directions",
        end_location=text(end),
        start_location=optional(start),
        transport=optional(mode),
    )


def route(work: Work) -> Content:
    end, start, mode = trip_of(work)
    if mode and work.maybe(0.5):
        np = work.draw.one(f"MODE_NOUNS {mode}", frames.MODE_NOUNS[mode])
        np += f" from {start} to {end}" if start else f" to {end}"
    else:
        np = work.say("ROUTE_FROM", a=start, b=end) if start else work.say("ROUTE", b=end)
        if mode:
            np += f" {work.draw.one(f'MODES {mode}', frames.MODES[mode])}"
    return Content(np, "the link", lambda: directions(work, end, start, mode), f"The way to {end}")


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


def page(work: Work) -> Content:
    url = work.word("URLS")
    title = capital(re.sub(r"\W+", " ", url.partition("://")[2]).strip())
    return Content(
        work.say("PAGE", url=url), "the summary", lambda: work.script.page_summary(url), title
    )


def this_mail(work: Work) -> Content:
    return Content(work.say("THIS_MAIL"), "the summary", work.script.mail_summary, "A summary")


def writing(work: Work) -> Content:
    what = work.word("WRITINGS")
    subject = capital(re.sub(r"^an? ", "", what))
    return Content(
        work.say("WRITING", what=what), "the text", lambda: work.script.written(what), subject
    )


CONTENTS: Sequence[Callable[[Work], Content]] = (
    *(summary, note) * 3,
    *(place, route, number) * 2,
    page,
    this_mail,
    text_file,
    writing,
)
