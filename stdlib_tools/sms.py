"""Text messages, through the program that the settings name, or into a local outbox."""

from __future__ import annotations

import json
import subprocess
import tempfile
from uuid import uuid4

from typing_extensions import TypedDict

from planc.tools import Clock, tool
from planc.types import PHONE_NUMBER, DateTime, PhoneNumber
from stdlib_tools import moments, settings, storage
from stdlib_tools.errors import ToolError
from stdlib_tools.matching import shown
from stdlib_tools.wording import clipped, plain

_LONGEST_MESSAGE = 1600


class Sms(TypedDict):
    """A text message; `time` is when it was handed over."""

    id: str
    recipients: list[PhoneNumber]
    message: str
    time: DateTime


@tool(effect="write", resource="sms", timeout=90, cost=0.5)
def send_sms(recipients: list[PhoneNumber], message: str, *, clock: Clock) -> Sms:
    """Text somebody: send a text message (SMS) to phone numbers."""
    mine = settings.load().sms
    numbers = list(dict.fromkeys(recipients))
    if not numbers:
        raise ToolError("the text message has no recipient")
    for number in numbers:
        if not PHONE_NUMBER.accepts(number):
            raise ToolError(f"{shown(number)} is no phone number")
    text = plain(message).strip()
    if not text:
        raise ToolError("the text message is empty")
    if len(text) > _LONGEST_MESSAGE:
        raise ToolError(
            f"the text message has {len(text)} characters; at most {_LONGEST_MESSAGE} can be sent"
        )
    uid, time = str(uuid4()), moments.write(clock.now())
    content = {"id": uid, "to": numbers, "message": text, "time": time}
    data = json.dumps(content, ensure_ascii=False)
    if mine.gateway is None:
        storage.write_new(settings.located(mine.outbox) / f"{uid}.json", data)
    else:
        _hand_over(mine.gateway, data.encode(), mine.gateway_seconds)
    return Sms(id=uid, recipients=numbers, message=text, time=time)


def _hand_over(command: list[str], data: bytes, seconds: float) -> None:
    """Runs the gateway's program with the message on its standard input."""
    # Its errors go to a file, since a child that it leaves behind would keep a pipe open.
    with tempfile.TemporaryFile() as errors:
        try:
            ended = subprocess.run(
                command,
                input=data,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ToolError(
                f"the SMS gateway {shown(command[0])} did not end within {seconds:g} seconds; "
                "it is not known whether the text message was sent"
            ) from error
        except (OSError, ValueError) as error:
            raise ToolError(
                f"the SMS gateway {shown(command[0])} cannot be started: {error}"
            ) from error
        if ended.returncode == 0:
            return
        errors.seek(max(0, errors.seek(0, 2) - 4096))
        lines = errors.read().decode(errors="replace").strip().splitlines()
    reason = clipped(lines[-1], 200) if lines else f"exit status {ended.returncode}"
    raise ToolError(f"the text message was not sent: {reason}")
