"""Online meetings: a room with an unguessable address, or a scheduled Zoom meeting.

Without Zoom's credentials in the settings, the address of a room on a Jitsi-like server is made
up here: such a room comes into being when the first person enters it, so no server is asked. With
them, Zoom's server-to-server OAuth and its `POST /users/me/meetings` are used. Either way nobody
is written to; the link is there to be sent.
"""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime
from typing import Any

import httpx

from planc.tools import tool
from planc.types import EMAIL_ADDRESS, URL, DateTime, EmailAddress, Url
from stdlib_tools import moments, settings, storage
from stdlib_tools.errors import ToolError
from stdlib_tools.matching import fold, shown
from stdlib_tools.wording import titled

_DEFAULT_MINUTES = 60
_MOST_MINUTES = 24 * 60
_LONGEST_TOPIC = 200  # Zoom's limit
_TIMEOUT = 15.0


@tool(effect="write", resource="meetings", timeout=60, cost=1)
async def get_zoom_meeting_link(
    topic: str,
    start_time: DateTime,
    duration: int | None = None,
    meeting_invitees: list[EmailAddress] | None = None,
) -> Url:
    """Create an online meeting (Zoom) and get the link to join it.

    Args:
        duration: in minutes.
    """
    topic = titled(topic, "the meeting's topic", _LONGEST_TOPIC)
    start = moments.read(start_time, "the start")
    minutes = _DEFAULT_MINUTES if duration is None else duration
    if not 1 <= minutes <= _MOST_MINUTES:
        raise ToolError(f"a meeting lasts 1 to {_MOST_MINUTES} minutes, not {minutes}")
    invitees = list(dict.fromkeys(meeting_invitees or []))
    for invitee in invitees:
        if not EMAIL_ADDRESS.accepts(invitee):
            raise ToolError(f"{shown(invitee)} is no e-mail address")
    meetings = settings.load().meetings
    if meetings.zoom is None:
        return _room(meetings, topic, start, minutes, invitees)
    return await _zoom_meeting(meetings.zoom, topic, start, minutes, invitees)


def _room(
    meetings: settings.Meetings, topic: str, start: datetime, minutes: int, invitees: list[str]
) -> str:
    """The address of a new room, kept in a file of its own."""
    words = "-".join(re.findall(r"[a-z0-9]+", fold(topic)))[:40].rstrip("-")
    room = "-".join(filter(None, [words, secrets.token_hex(10)]))
    url = f"{meetings.server.rstrip('/')}/{room}"
    record = {
        "topic": topic,
        "start_time": moments.write(start),
        "duration": minutes,
        "meeting_invitees": invitees,
        "url": url,
    }
    path = settings.located(meetings.folder) / f"{start:%Y-%m-%d} {room}.json"
    storage.write_new(path, json.dumps(record, ensure_ascii=False, indent=2) + "\n")
    return url


async def _zoom_meeting(
    zoom: settings.Zoom, topic: str, start: datetime, minutes: int, invitees: list[str]
) -> str:
    start_in_utc = f"{moments.utc(start):%Y-%m-%dT%H:%M:%SZ}"
    async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
        token = await _ask(
            client,
            zoom.token,
            "let planc in",
            answer="access_token",
            data={"grant_type": "account_credentials", "account_id": zoom.account_id},
            auth=httpx.BasicAuth(zoom.client_id, zoom.client_secret.get_secret_value()),
        )
        link = await _ask(
            client,
            f"{zoom.api.rstrip('/')}/users/me/meetings",
            "create the meeting",
            answer="join_url",
            headers={"Authorization": f"Bearer {token}"},
            json={
                "topic": topic,
                "type": 2,  # scheduled
                "start_time": start_in_utc,
                "duration": minutes,
                "settings": {"meeting_invitees": [{"email": invitee} for invitee in invitees]},
            },
        )
    if not URL.accepts(link) or not link.startswith("https://"):
        raise ToolError("Zoom's answer has no link in it that can be used")
    return link


async def _ask(
    client: httpx.AsyncClient, url: str, purpose: str, *, answer: str, **request: Any
) -> str:
    """One field of Zoom's answer. No message holds anything of the request or the answer but the
    status, so that none can give a secret away."""
    try:
        response = await client.post(url, **request)
    except httpx.TimeoutException:
        raise ToolError(
            f"Zoom did not answer in {_TIMEOUT:.0f} seconds when asked to {purpose}"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise ToolError(f"Zoom could not be reached when asked to {purpose}") from None
    if response.status_code in (400, 401, 403):
        raise ToolError(
            f"Zoom refused to {purpose} ({response.status_code}): "
            "check [meetings.zoom] in the settings and the app's scopes"
        )
    if response.status_code == 429:
        raise ToolError(f"Zoom refused to {purpose} (429): too many requests, try again later")
    if not response.is_success:
        raise ToolError(f"Zoom failed to {purpose}: it answered with status {response.status_code}")
    try:
        value = response.json()[answer]
    except (ValueError, LookupError, TypeError, RecursionError):
        value = None
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        raise ToolError(f"Zoom's answer cannot be understood when asked to {purpose}")
    return value
