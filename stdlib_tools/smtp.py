"""Handing a mail to an SMTP server (RFC 5321): to all of its recipients, or to none."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Sequence

from stdlib_tools.errors import ToolError
from stdlib_tools.settings import Smtp
from stdlib_tools.wording import clipped, listed

_SECONDS = 30  # for each answer of the server
_OWN_NAME = "[127.0.0.1]"  # what mail clients without a public name say


def send(
    server: Smtp, sender: str, recipients: Sequence[str], data: bytes, is_international: bool
) -> None:
    """Sends a mail once. Raises `ToolError`, which says whether it may have been sent all the
    same, when the server was lost before it confirmed."""
    try:
        connection = smtplib.SMTP(server.host, server.port, _OWN_NAME, _SECONDS)
    except (OSError, ValueError) as error:
        raise _not_sent(server, f"cannot be reached: {_reason(error)}") from error
    try:
        _prepare(connection, server, sender, recipients, data, is_international)
        _transmit(connection, server, data)
        with contextlib.suppress(OSError):  # the mail is sent, however the server says goodbye
            connection.quit()
    finally:
        connection.close()


def _prepare(
    connection: smtplib.SMTP,
    server: Smtp,
    sender: str,
    recipients: Sequence[str],
    data: bytes,
    is_international: bool,
) -> None:
    """All that comes before the mail itself; a failure here means that nothing was sent."""
    refused: list[str] = []
    try:
        if server.starttls:
            connection.starttls(context=ssl.create_default_context())
        if server.user is not None:
            password = server.password.get_secret_value() if server.password else ""
            connection.login(server.user, password)
        connection.ehlo_or_helo_if_needed()
        options = ["SMTPUTF8"] if is_international else []
        if connection.has_extn("8bitmime") and not data.isascii():
            options.append("BODY=8BITMIME")
        if connection.has_extn("size"):
            options.append(f"SIZE={len(data)}")
        code, answer = connection.mail(sender, options)
        if code != 250:
            raise _not_sent(server, f"does not take mail from {sender}: {_answer(code, answer)}")
        for recipient in recipients:
            code, answer = connection.rcpt(recipient)
            if code not in (250, 251):
                refused.append(f"{recipient} ({_answer(code, answer)})")
    except (OSError, ValueError) as error:
        raise _not_sent(server, f"failed: {_reason(error)}") from error
    if refused:
        raise _not_sent(server, f"refuses {listed(refused)}")


def _transmit(connection: smtplib.SMTP, server: Smtp, data: bytes) -> None:
    try:
        code, answer = connection.data(data)
    except smtplib.SMTPDataError as error:
        raise _not_sent(server, f"refuses the mail: {_reason(error)}") from error
    except OSError as error:
        raise ToolError(
            "it is not known whether the mail was sent: the connection to "
            f"{server.host} broke while it was handed over: {_reason(error)}"
        ) from error
    if code != 250:
        raise _not_sent(server, f"refuses the mail: {_answer(code, answer)}")


def _not_sent(server: Smtp, what: str) -> ToolError:
    return ToolError(f"the mail was not sent: {server.host} {what}")


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return clipped(str(error)) or type(error).__name__


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return clipped(f"{code} {text}")
