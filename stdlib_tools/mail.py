"""Mail: composed, answered and forwarded as MIME messages in Maildirs, and sent by SMTP.

Every mail is saved in the outbox first. Without an SMTP server in the settings that is all; with
one it is sent once and then kept among the sent mails. When sending fails, the mail remains in
the outbox and the error says so.
"""

from __future__ import annotations

import contextlib
from email.headerregistry import Address
from email.message import EmailMessage, Message
from pathlib import Path

from typing_extensions import TypedDict

from planc.tools import Clock, tool
from planc.types import EmailAddress, FilePath
from stdlib_tools import folders, maildir, mime, settings, smtp, storage
from stdlib_tools.errors import ToolError
from stdlib_tools.wording import clipped, plain, titled

_MOST_BYTES = 25_000_000


class Email(TypedDict):
    """A mail that was written; `sent` is false while it waits in the outbox."""

    id: str
    sender: EmailAddress
    recipients: list[EmailAddress]
    cc: list[EmailAddress]
    subject: str
    body: str
    attachments: list[str]
    sent: bool


class ReceivedEmail(TypedDict):
    """A mail in the inbox."""

    id: str
    sender: EmailAddress
    subject: str
    body: str


@tool(effect="write", resource="mail", reads=("files",), timeout=300, cost=1.0)
def compose_new_email(
    recipients: list[EmailAddress],
    subject: str,
    body: str,
    cc: list[EmailAddress] | None = None,
    attachments: list[FilePath] | None = None,
    *,
    clock: Clock,
) -> Email:
    """Write and send a new e-mail."""
    message = _draft(recipients, cc, _subject(subject), clock)
    message.set_content(plain(body))
    return _deliver(message, body, _attach(message, attachments))


@tool(
    effect="write",
    resource="mail",
    reads=("files",),
    timeout=300,
    cost=1.0,
    about=lambda: _answered(),
)
def reply_to_email(
    body: str,
    cc: list[EmailAddress] | None = None,
    attachments: list[FilePath] | None = None,
    *,
    clock: Clock,
) -> Email:
    """Reply to the selected e-mail; it goes to its sender."""
    file, original, _ = _selected()
    recipients = _recipients(original)
    if not recipients:
        raise ToolError("the selected mail has no address to reply to")
    message = _draft(recipients, cc, mime.subject(original, "Re"), clock)
    for name, value in mime.thread(original).items():
        message[name] = value
    message.set_content(f"{plain(body)}\n\n{mime.quote(original)}\n")
    return _deliver(message, body, _attach(message, attachments), answered=(file, "R"))


@tool(
    effect="write",
    resource="mail",
    reads=("files",),
    timeout=300,
    cost=1.0,
    about=lambda: _forwarded(),
)
def forward_email(
    recipients: list[EmailAddress],
    body: str | None = None,
    cc: list[EmailAddress] | None = None,
    attachments: list[FilePath] | None = None,
    *,
    clock: Clock,
) -> Email:
    """Forward the selected e-mail to other people.

    Args:
        body: what to write above it
    """
    file, original, data = _selected()
    message = _draft(recipients, cc, mime.subject(original, "Fwd"), clock)
    message.set_content(plain(body or ""))
    names = _attach(message, attachments, already=len(data))
    mime.attach_mail(message, data)
    return _deliver(message, body or "", names, answered=(file, "P"))


@tool(effect="read", resource="mail", timeout=30, cost=0.05)
def read_selected_email() -> ReceivedEmail:
    """Read the e-mail that is selected in the inbox."""
    file, original, _ = _selected()
    senders = mime.addresses(original, "From")
    if not senders:
        raise ToolError("the selected mail does not say who sent it")
    own = mime.message_ids(original, "Message-ID")
    return ReceivedEmail(
        id=own[0] if own else maildir.unique(file),
        sender=senders[0],
        subject=mime.header(original, "Subject"),
        body=mime.body(original),
    )


def _answered() -> dict[str, str]:
    """Whom a reply goes to, and what it answers: no argument says so."""
    _, original, _ = _selected()
    return {"to": ", ".join(_recipients(original)), **_told(original)}


def _forwarded() -> dict[str, str]:
    """Which mail is forwarded."""
    return _told(_selected()[1])


def _told(original: Message) -> dict[str, str]:
    found = {
        "the mail from": ", ".join(mime.addresses(original, "From")),
        "its subject": mime.header(original, "Subject"),
        "its date": mime.header(original, "Date"),
    }
    return {name: clipped(text) for name, text in found.items() if text}


def _recipients(original: Message) -> list[str]:
    return mime.addresses(original, "Reply-To") or mime.addresses(original, "From")


def _selected() -> tuple[Path, Message, bytes]:
    """The file of the selected mail, the mail, and its bytes."""
    file = maildir.selected(settings.located(settings.load().mail.inbox))
    data = storage.read_bytes(file, _MOST_BYTES)
    return file, mime.parse(data), data


def _subject(text: str) -> str:
    return titled(text, "the mail's subject") if text.strip() else ""


def _draft(
    recipients: list[EmailAddress], cc: list[EmailAddress] | None, subject: str, clock: Clock
) -> EmailMessage:
    me = settings.load().me
    if not recipients:
        raise ToolError("the mail has no recipient")
    to = _once(recipients, without=[])
    copies = _once(cc or [], without=recipients)
    return mime.new(mime.address(me.email, me.name), to, copies, subject, clock.now())


def _once(addresses: list[EmailAddress], without: list[EmailAddress]) -> list[Address]:
    """Each address once, whatever its case."""
    seen = {address.lower() for address in without}
    kept = []
    for address in addresses:
        parsed = mime.address(address)
        if address.lower() not in seen:
            kept.append(parsed)
        seen.add(address.lower())
    return kept


def _attach(message: EmailMessage, paths: list[FilePath] | None, already: int = 0) -> list[str]:
    """Adds the files to a mail, and returns their names. Only files in the folders of the
    settings may leave the machine."""
    names: list[str] = []
    for path in dict.fromkeys(paths or []):
        file = folders.readable(path)
        data = storage.read_bytes(file, _MOST_BYTES)
        already += len(data)
        if already > _MOST_BYTES:
            raise ToolError(
                f"the attachments are too large: a mail holds {_MOST_BYTES // 1_000_000} MB"
            )
        mime.attach(message, file.name, data)
        names.append(file.name)
    return names


def _deliver(
    message: EmailMessage,
    body: str,
    attachments: list[str],
    answered: tuple[Path, str] | None = None,
) -> Email:
    """Saves a mail in the outbox, and sends it when there is a server; then flags the mail in the
    inbox that it answers."""
    mine = settings.load()
    outbox, sent = settings.located(mine.mail.outbox), settings.located(mine.mail.sent)
    waiting = maildir.save(outbox, mime.to_bytes(message, "\n"))
    if mine.mail.smtp is not None:
        try:
            maildir.create(sent)
            _send(mine.mail.smtp, message)
        except ToolError as error:
            raise ToolError(f"{error}; it remains in the outbox {outbox}") from error
        _keep(waiting, sent)
    if answered is not None:
        # The mail is out already, so a flag that cannot be set must not look like a failure.
        with contextlib.suppress(OSError):
            maildir.flag(*answered)
    return Email(
        id=str(message["Message-ID"]),
        sender=mine.me.email,
        recipients=[address.addr_spec for address in message["To"].addresses],
        cc=[address.addr_spec for address in message["Cc"].addresses] if message["Cc"] else [],
        subject=str(message["Subject"]),
        body=body,
        attachments=attachments,
        sent=mine.mail.smtp is not None,
    )


def _send(server: settings.Smtp, message: EmailMessage) -> None:
    headers = [message[name] for name in ("To", "Cc") if message[name]]
    smtp.send(
        server,
        message["From"].addresses[0].addr_spec,
        [address.addr_spec for header in headers for address in header.addresses],
        mime.to_bytes(message, "\r\n"),
        mime.is_international(message),
    )


def _keep(waiting: Path, sent: Path) -> None:
    """Moves a mail that was sent from the outbox to the sent mails."""
    try:
        maildir.flag(maildir.save(sent, waiting.read_bytes()), "S")
        waiting.unlink()
    except (ToolError, OSError) as error:
        raise ToolError(
            f"the mail was sent, but its copy is still in the outbox, {waiting.parent.parent}; do "
            f"not send it again: {error}"
        ) from error
