from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from planc.types import URL
from stdlib_tools import meetings
from stdlib_tools.errors import ToolError
from stdlib_tools.meetings import get_zoom_meeting_link
from tests.stdlib.loopback import Answer, Request, Server, serving

START = "2026-11-24 10:00:00"
SECRETS = ("the-account", "the-client", "the-secret", "the-token")


def _link(
    topic: str = "Standup",
    start: str = START,
    duration: int | None = None,
    invitees: list[str] | None = None,
) -> str:
    return asyncio.run(get_zoom_meeting_link(topic, start, duration, invitees))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    return tmp_path


def _records(home: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes()) for path in (home / "meetings").iterdir()]


def test_a_room_has_an_unguessable_address_and_a_record(home: Path) -> None:
    url = _link("Énd of year: Q4 / review!", duration=15, invitees=["nia@osei.example"] * 2)
    assert URL.accepts(url)
    assert url.startswith("https://meet.jit.si/end-of-year-q4-review-")
    assert len(url.rpartition("-")[2]) == 20
    assert _records(home) == [
        {
            "topic": "Énd of year: Q4 / review!",
            "start_time": START,
            "duration": 15,
            "meeting_invitees": ["nia@osei.example"],
            "url": url,
        }
    ]


def test_no_two_rooms_are_the_same(home: Path) -> None:
    assert len({_link() for _ in range(20)}) == len(_records(home)) == 20


@pytest.mark.parametrize(
    "topic", ["../../etc", "定例会議", "a" * 200, "x\r\nY: z\0", "\ud800 half"]
)
def test_any_topic_makes_a_plain_address(home: Path, topic: str) -> None:
    (home / "settings.toml").write_text('[meetings]\nserver = "https://meet.example/team/"\n')
    room = _link(topic).removeprefix("https://meet.example/team/")
    assert room.replace("-", "").isalnum() and room.isascii() and len(room) <= 61
    assert [path.parent for path in home.rglob("*.json")] == [home / "meetings"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"topic": ""}, "topic is empty"),
        ({"topic": "\n"}, "topic is empty"),
        ({"topic": "x" * 10**6}, "at most 200"),
        ({"start": "tomorrow"}, "no time of the form"),
        ({"start": "2026-02-30 10:00:00"}, "no time of the form"),
        ({"duration": 0}, "1 to 1440 minutes, not 0"),
        ({"duration": 10**30}, "1 to 1440 minutes"),
        ({"invitees": ["Nia"]}, "'Nia' is no e-mail address"),
        ({"invitees": ["a@b.example\r\nBcc: c@d.example"]}, "is no e-mail address"),
    ],
)
def test_what_makes_no_meeting_is_refused(
    home: Path, arguments: dict[str, object], reason: str
) -> None:
    with pytest.raises(ToolError, match=reason):
        _link(**arguments)  # type: ignore[arg-type]
    assert not (home / "meetings").exists()


def _good(request: Request) -> Answer:
    if request.path == "/oauth/token":
        return Answer(body=b'{"access_token": "the-token", "expires_in": 3599}')
    return Answer(201, b'{"id": 7, "join_url": "https://zoom.example/j/7?pwd=x"}')


@pytest.fixture
def zoom(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Callable[[Request], Answer]], Server]]:
    """Starts a fake Zoom that answers as the given function says."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with ExitStack() as stack:

        def start(answer: Callable[[Request], Answer]) -> Server:
            server = stack.enter_context(serving(answer))
            _configure(home, server.url)
            return server

        yield start


def _configure(home: Path, url: str) -> None:
    (home / "settings.toml").write_text(
        '[meetings.zoom]\naccount_id = "the-account"\nclient_id = "the-client"\n'
        f'client_secret = "the-secret"\napi = "{url}/v2/"\ntoken = "{url}/oauth/token"\n'
    )


Zoom = Callable[[Callable[[Request], Answer]], Server]


def test_zoom_is_asked_as_its_documentation_says(
    zoom: Zoom, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        server = zoom(_good)
        url = _link("Standup\nTeam", duration=15, invitees=["sid@rao.example", "nia@osei.example"])
    finally:
        monkeypatch.undo()
        time.tzset()
    assert url == "https://zoom.example/j/7?pwd=x"
    token, meeting = server.requests
    assert (token.method, token.path) == ("POST", "/oauth/token")
    assert token.headers["authorization"] == "Basic " + base64.b64encode(
        b"the-client:the-secret"
    ).decode("ascii")
    assert parse_qs(token.body.decode()) == {
        "grant_type": ["account_credentials"],
        "account_id": ["the-account"],
    }
    assert (meeting.method, meeting.path) == ("POST", "/v2/users/me/meetings")
    assert meeting.headers["authorization"] == "Bearer the-token"
    assert json.loads(meeting.body) == {
        "topic": "Standup Team",
        "type": 2,
        "start_time": "2026-11-24T04:30:00Z",
        "duration": 15,
        "settings": {
            "meeting_invitees": [{"email": "sid@rao.example"}, {"email": "nia@osei.example"}]
        },
    }
    assert os.listdir(home) == ["settings.toml"]


_ECHO = " ".join(SECRETS).encode()
_JUNK = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"{}",
    b'{"access_token": 5, "join_url": 5}',
    b'{"access_token": "", "join_url": null}',
    b'{"access_token": "a\\nX-Evil: b", "join_url": "https://a.example/\\n"}',
    b'{"access_token": "t\xc3\xb6ken", "join_url": "javascript:alert(1)"}',
    b"\xff\xfe\xfd",
    b"[" * 100_000,
]


@pytest.mark.parametrize("at", ["/oauth/token", "/v2/users/me/meetings"])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(400, _ECHO), r"refused to .* \(400\): check \[meetings.zoom\]"),
        (Answer(401, _ECHO), r"refused to .* \(401\): check \[meetings.zoom\]"),
        (Answer(429, _ECHO, {"Retry-After": "5"}), "too many requests, try again later"),
        (Answer(500, _ECHO), "status 500"),
        (Answer(404, _ECHO), "status 404"),
        (Answer(302, _ECHO, {"Location": "http://127.0.0.1:9/"}), "status 302"),
        *((Answer(200, junk), "cannot be understood|no link in it") for junk in _JUNK),
    ],
)
def test_what_zoom_answers_otherwise_is_a_plain_error(
    zoom: Zoom, at: str, answer: Answer, reason: str
) -> None:
    server = zoom(lambda request: answer if request.path == at else _good(request))
    with pytest.raises(ToolError, match=reason) as caught:
        _link()
    assert len(server.requests) == (1 if at == "/oauth/token" else 2)
    _assert_no_secret(caught.value)


def test_a_zoom_that_does_not_answer_is_given_up(
    zoom: Zoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meetings, "_TIMEOUT", 0.1)
    zoom(lambda request: Answer(hold=True))
    with pytest.raises(ToolError, match="did not answer in 0 seconds when asked to let") as caught:
        _link()
    _assert_no_secret(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[", "file:///etc"])
def test_a_zoom_that_is_not_there_is_a_plain_error(home: Path, url: str) -> None:
    _configure(home, url)
    with pytest.raises(ToolError, match="Zoom could not be reached") as caught:
        _link()
    _assert_no_secret(caught.value)


def _assert_no_secret(error: BaseException) -> None:
    assert (error.__cause__ is None and error.__suppress_context__) or error.__context__ is None
    assert not any(secret in str(error) for secret in SECRETS)
