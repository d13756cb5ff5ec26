"""Where things go that were looked up. Each sink gives a verb phrase, and writes the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from planc.tune.standard import words
from planc.tune.standard.contents import CONTENTS, Content
from planc.tune.standard.script import Person, text
from planc.tune.standard.work import Told, Work


def by_sms(work: Work, what: Content, said: str | None) -> str:
    people = work.addressed("phone")
    vp = _sent(work, "SMS", what, said, who=work.all(people))
    work.script.do("send_sms", recipients=work.script.phones(people), message=what.value())
    return vp


def _sent(work: Work, how: str, what: Content, said: str | None, **slots: str) -> str:
    """The verb phrase: of the thing by its name, or as "it" if `said` is that."""
    if said == "it":
        return work.say(f"{how}_IT", **slots)
    subject = slots.get("who") not in (None, "him", "her")
    if subject and said is None and work.maybe(0.15):
        return Told(work.say(f"{how}_TOLD", np=what.np, **slots))
    return work.say(f"{how}_NP", np=said or what.np, **slots)


def extras(
    work: Work, without: Sequence[Person] = ()
) -> tuple[str, Callable[[], dict[str, str | None]]]:
    """Who gets a copy (others than get the mail), and what is attached: in words, and what writes
    it into the plan and gives the arguments."""
    copied = work.group("email", 2, without) if work.maybe(0.3) else []
    files = work.files() if work.maybe(0.3) else []
    tail = work.say("CC", cc=work.all(copied)) if copied else ""
    tail += work.say("ATTACH", files=work.all(files)) if files else ""

    def arguments() -> dict[str, str | None]:
        return {"cc": work.script.emails(copied), "attachments": work.script.paths(files)}

    return tail, arguments


def by_mail(work: Work, what: Content, said: str | None) -> str:
    people = work.addressed("email")
    vp = _sent(work, "MAIL", what, said, who=work.all(people))
    tail, extra = extras(work, people)
    recipients = work.script.emails(people)
    body = what.value()
    subject = text(what.subject)
    work.script.do(
        "compose_new_email", recipients=recipients, subject=subject, body=body, **extra()
    )
    return vp + tail


def by_reply(work: Work, what: Content, said: str | None) -> str:
    vp = _sent(work, "REPLY", what, said)
    tail, extra = extras(work)
    body = what.value()
    work.script.do("reply_to_email", body=body, **extra())
    return vp + tail


def _into_note(how: str, tool: str, work: Work, what: Content, said: str | None) -> str:
    name = work.note_name()
    vp = _sent(work, how, what, said, name=name)
    value = what.value()
    where, folder = work.folder_to_write()
    work.script.do(tool, name=text(name), content=value, folder=folder)
    return vp + where


into_new_note = partial(_into_note, "CREATE", "create_note")
into_note = partial(_into_note, "APPEND", "append_note_content")


def into_file(work: Work, what: Content, said: str | None) -> str:
    file = work.file(words.TEXT_FILES)
    vp = _sent(work, "SAVE", what, said, file=file.name)
    value = what.value()
    work.script.do("write_text_file", file_name=text(file.name), content=value)
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
    into_file,
)


def sent(work: Work) -> list[str]:
    """Something looked up, and where it goes: to one place or to two."""
    what = work.draw.rng.choice(list(CONTENTS))(work)
    sinks = work.draw.rng.sample(range(len(SINKS)), 2)
    first, second = (SINKS[at] for at in sinks)
    if work.maybe(0.25):
        phrases = [
            work.say("LOOK", np=what.np),
            first(work, what, work.draw.rng.choice(["it", what.again])),
        ]
    else:
        phrases = [first(work, what, None)]
    if first is not second and work.maybe(0.3):
        phrases.append(second(work, what, work.draw.rng.choice(["it", what.again])))
    return phrases
