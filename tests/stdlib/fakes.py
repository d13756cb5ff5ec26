"""What the tests of the mail tools and others share: a clock that stands still, a way to receive
mails, and SMTP servers."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.parser import Parser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


def receive(home: Path, data: bytes | str, *, flags: str = "", arrived: float = 2e9) -> Path:
    """Puts a mail into the inbox; returns its file."""
    box = mailbox.Maildir(home / "mail" / "Inbox", create=False)
    file = home / "mail" / "Inbox" / "new" / box.add(data)
    if flags:
        file = file.rename(file.parent.parent / "cur" / f"{file.name}:2,{flags}")
    os.utime(file, (arrived, arrived))
    return file


class FixedClock:
    def __init__(self, moment: datetime = datetime(2026, 11, 23, 9, 0)) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def as_mail(data: bytes) -> EmailMessage:
    """A mail parsed by the standard library."""
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    return Parser(policy=default).parsestr(text)  # type: ignore[return-value]


class Postbox:
    """An aiosmtpd handler that keeps what it is sent. It refuses the recipients in `refused`;
    with `drops` it closes the connection instead of confirming a mail."""

    def __init__(self, *, refused: frozenset[str] = frozenset(), drops: bool = False) -> None:
        self.refused = refused
        self.drops = drops
        self.users: list[str] = []
        self.envelopes: list[Envelope] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such\tuser here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        if session.auth_data is not None:
            self.users.append(session.auth_data.login.decode())
        if self.drops:
            assert server.transport is not None
            server.transport.abort()
        return "250 kept"

    def mails(self) -> list[EmailMessage]:
        return [as_mail(envelope.content) for envelope in self.envelopes]  # type: ignore[arg-type]


class _AnyPort(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def smtp_server(handler: Postbox, **options: Any) -> Iterator[int]:
    """Runs a server on the loopback interface; yields its port."""
    controller = _AnyPort(handler, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def allow(user: bytes, password: bytes) -> Any:
    """An authenticator that knows one user."""

    def authenticate(*arguments: Any) -> AuthResult:
        data = arguments[-1]
        known = (data.login, data.password) == (user, password)
        return AuthResult(success=known, handled=False, auth_data=data)

    return authenticate
