"""Messages whose text the request states. Each gives its verb phrases, and writes the plan."""

from __future__ import annotations

from planc.tune.standard import words
from planc.tune.standard.contents import titled
from planc.tune.standard.script import optional, text
from planc.tune.standard.sinks import extras
from planc.tune.standard.work import Told, Work, capital


def message(work: Work) -> list[str]:
    people = work.addressed("phone")
    who = work.all(people)
    if work.maybe(0.2):
        told, said = work.question()
        vp = work.say("SMS_ASK", who=who, told=told)
    else:
        fact, said = work.fact()
        vp = work.say("SMS_SAY", who=who, fact=fact)
    work.script.do("send_sms", recipients=work.script.phones(people), message=text(said))
    return [vp]


def mail(work: Work) -> list[str]:
    people = work.addressed("email")
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
    tail, extra = extras(work, people)
    recipients = work.script.emails(people)
    work.script.do(
        "compose_new_email",
        recipients=recipients,
        subject=text(subject),
        body=text(said),
        **extra(),
    )
    return [vp + tail]


def mailed_files(work: Work) -> list[str]:
    people = work.addressed("email")
    summarised = work.maybe(0.2)
    files = [work.some_file(words.PAPER)] if summarised else work.files()
    plural = "files" if len(files) > 1 else "file"
    vp = work.say("SEND_FILES", who=work.all(people), files=work.all(files), plural=plural)
    copied = work.group("email", 1, people) if work.maybe(0.15) else []
    vp += work.say("CC", cc=work.all(copied)) if copied else ""
    vp += work.say("WITH_SUMMARY") if summarised else ""
    recipients, attachments = work.script.emails(people), work.script.paths(files)
    if summarised:
        body = work.script.summary(files[0])
    elif len(files) == 1:
        body = text(f"Here is {files[0].said}.")
    else:
        body = text(f"Here are {files[0].said} and {files[1].said}.")
    cc = work.script.emails(copied)
    work.script.do(
        "compose_new_email",
        recipients=recipients,
        subject=text(titled(files[0])),
        body=body,
        cc=cc,
        attachments=attachments,
    )
    return [vp]


def reply(work: Work) -> list[str]:
    fact, said = work.fact()
    if work.maybe(0.35):  # its sender, who gets it anyway
        vp = work.say("REPLY_TO", who=work.name(), fact=fact)
    else:
        vp = work.say("REPLY_SAY", fact=fact)
    tail, extra = extras(work)
    work.script.do("reply_to_email", body=text(said), **extra())
    return [vp + tail]


def forward(work: Work) -> list[str]:
    people = work.addressed("email")
    if work.maybe(0.2):
        vp: str = Told(work.say("FORWARD_TOLD", who=work.all(people)))
    else:
        vp = work.say("FORWARD", who=work.all(people))
    body = None
    if work.maybe(0.35):
        fact, body = work.fact()
        vp += work.say("FORWARD_SAY", fact=fact)
    tail, extra = extras(work, people)
    recipients = work.script.emails(people)
    work.script.do("forward_email", recipients=recipients, body=optional(body), **extra())
    return [vp + tail]
