"""Which mail is selected, and how it is read."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import anyio
import pytest

from planc.compile import compile_plan
from planc.run.interpret import Outcome, interpret
from planc.run.policy import Decision, Request
from planc.source import Source
from planc.tools import Clock, ToolSet
from stdlib_tools.errors import ToolError
from stdlib_tools.mail import read_selected_email, reply_to_email
from tests.stdlib.fakes import FixedClock, receive

CLOCK = FixedClock()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text("")
    (tmp_path / "mail").mkdir()
    mailbox.Maildir(tmp_path / "mail" / "Inbox", create=True)
    return tmp_path


def test_the_selected_mail_is_the_flagged_one_or_the_newest(home: Path) -> None:
    def mail(name: str, day: int) -> str:
        return f"From: {name}@x.example\nDate: {day} Nov 2026 10:00:00 +0000\n\n"

    arrived = datetime(2026, 11, 20).timestamp()
    receive(home, mail("old", 1), arrived=arrived)
    receive(home, mail("newest", 10), arrived=arrived, flags="S")
    receive(home, mail("undated", 3).replace("Date", "X"), arrived=arrived - 15 * 86400)
    receive(home, mail("binned", 11), arrived=arrived, flags="ST")
    receive(home, mail("draft", 11), arrived=arrived, flags="DF")
    assert read_selected_email()["sender"] == "newest@x.example"
    receive(home, mail("flagged", 2), flags="FS", arrived=arrived)
    receive(home, mail("flagged-before", 1), flags="F", arrived=arrived)
    assert read_selected_email()["sender"] == "flagged@x.example"
    for file in (home / "mail" / "Inbox" / "cur").glob("*:2,FS"):
        file.rename(file.with_name(file.name.replace(":", "!")))  # as on Windows
    assert read_selected_email()["sender"] == "flagged@x.example"


def test_a_date_in_the_future_does_not_select_a_mail(home: Path) -> None:
    receive(home, "From: spam@x.example\nDate: 1 Jan 2099 10:00:00 +0000\n\n", arrived=1.0e9)
    receive(home, "From: good@x.example\nDate: 9 Sep 2001 10:00:00 +0000\n\n", arrived=1.1e9)
    assert read_selected_email()["sender"] == "good@x.example"


def test_without_a_mail_nothing_is_selected(home: Path, tmp_path: Path) -> None:
    os.mkfifo(home / "mail" / "Inbox" / "new" / "pipe")
    (home / "mail" / "Inbox" / "new" / "link").symlink_to(home / "settings.toml")
    for act in (read_selected_email, lambda: reply_to_email("a", clock=CLOCK)):
        with pytest.raises(ToolError, match=r"no mail is selected: the inbox .* is empty"):
            act()
    (home / "mail" / "Inbox").rename(home / "mail" / "elsewhere")
    with pytest.raises(ToolError, match="no mail is selected: there is no inbox"):
        read_selected_email()


def test_reading_decodes_what_can_be_decoded(home: Path) -> None:
    receive(
        home,
        b"From: =?utf-8?q?Zo=C3=AB?= <zoe@x.example>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe=0A!?=\n"
        b"Message-ID: <m@x.example>\nContent-Type: text/plain; charset=iso-8859-1\n\n"
        b"caf\xe9\r\n\x1b",
    )
    assert read_selected_email() == {
        "id": "<m@x.example>",
        "sender": "zoe@x.example",
        "subject": "Grüße !",
        "body": "café\n",
    }


HTML = (
    "<html><head><title>t</title><style>p {}</style></head><body><p>One &amp; two</p>"
    "<script>evil()</script><div>three<br>four</div><!-- x --></body></html>"
)


BODIES = [
    (f"Content-Type: text/html\n\n{HTML}", "One & two\n\nthree\nfour"),
    ("Content-Type: text/html\n\n<![", "<!["),
    (
        "Content-Type: text/html\n\n<table><tr><th>Bags</th><th>Total</th></tr>"
        "<tr><td>3</td><td>150 EUR</td></tr></table>",
        "Bags\tTotal\n\n3\t150 EUR",
    ),
    (
        "Content-Type: text/html\n\n<blockquote>A</blockquote><dt>B</dt><dd>2</dd>"
        "<p title='a > b'>c</p>",
        "A\n\nB\n\n2\n\nc",
    ),
    ("Content-Type: text/html\n\n" + "<a '" * 200_000, ("<a '" * 200_000).strip()),
    (
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n"
        "--b\nContent-Type: text/html\n\n<p>Your code is <b>1234</b></p>\n--b--\n",
        "Your code is 1234",
    ),
    ("Content-Type: text/html\n\n" + "<a " * 300_000, ("<a " * 300_000).strip()),
    ("Content-Type: text/html\n\n" + "<!--" * 200_000, "<!--" * 200_000),
    ("Content-Type: text/plain; charset=no-such\n\nplain", "plain"),
    ("Content-Type: text/plain; charset=base64\n\nplain", "plain"),
    ("Content-Transfer-Encoding: base64\n\n!!!", ""),
    ("Content-Type: image/png\n\nx", ""),
    (
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n"
        "<b>rich</b>\n--b\nContent-Type: text/plain\n\nplain\n--b--\n",
        "plain",
    ),
    (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment\n"
        "\nattached\n--b\n\nbody\n--b--\n",
        "body",
    ),
    ("Content-Type: multipart/mixed; boundary=b\n\nnever begun", ""),
]


@pytest.mark.parametrize(("content", "body"), BODIES, ids=range(len(BODIES)))
def test_the_body_is_the_text_for_people(home: Path, content: str, body: str) -> None:
    receive(home, f"From: a@x.example\n{content}")
    assert read_selected_email()["body"] == body


def test_a_mail_nested_without_end_is_an_error_for_people(home: Path) -> None:
    receive(home, "From: a@x.example\n" + "Content-Type: message/rfc822\n\n" * 20_000)
    with pytest.raises(ToolError, match="cannot be read"):
        read_selected_email()


def parts(kind: str, *parts: str) -> str:
    inner = "".join(f"--b\n{part}\n" for part in parts)
    return (
        f"From: a@x.example\nMIME-Version: 1.0\nContent-Type: {kind}; boundary=b\n\n{inner}--b--\n"
    )


HTML = "Content-Type: text/html\n\n<p>The real mail</p>"
PLAIN = "Content-Type: text/plain\n\nThe real mail, plain"


@pytest.mark.parametrize(
    ("mail", "told"),
    [
        (parts("multipart/alternative", PLAIN, HTML), "The real mail, plain"),
        (parts("multipart/alternative", HTML), "The real mail"),
        (
            parts("multipart/mixed", HTML, "Content-Type: message/rfc822\n\nFrom: b@x\n\nInner"),
            "The real mail",
        ),
        (
            parts("multipart/mixed", HTML, "Content-Type: text/plain\n\n____"),
            "The real mail\n\n____",
        ),
        (
            parts(
                "multipart/mixed",
                "Content-Type: text/plain\n\nBefore",
                "Content-Type: image/png\nContent-Disposition: inline\n\nAAAA",
                "Content-Type: text/plain\n\nthe deadline",
                "Content-Type: text/plain\nContent-Disposition: attachment\n\na file",
            ),
            "Before\n\nthe deadline",
        ),
    ],
)
def test_the_text_of_a_mail_is_what_its_reader_sees(home: Path, mail: str, told: str) -> None:
    receive(home, mail)
    assert read_selected_email()["body"].strip() == told


def test_headers_in_utf_8_are_read_as_they_are(home: Path) -> None:
    receive(home, "From: jörg@exämple.example\nSubject: Grüße aus Köln\n\nHallo".encode())
    found = read_selected_email()
    assert found["sender"] == "jörg@exämple.example"
    assert found["subject"] == "Grüße aus Köln"


def test_the_question_says_whom_a_reply_goes_to_and_nothing_else_is_answered(home: Path) -> None:
    receive(home, "From: friend@x.example\nSubject: Lunch\n\nAt one?", arrived=1e9)
    asked: list[Mapping[str, str]] = []

    class MailArrives:
        async def decide(self, request: Request) -> Decision:
            asked.append(request.about)
            receive(home, "From: b@x.example\nReply-To: evil@x.example\nSubject: Lunch\n\n.")
            return "yes"

    tools = ToolSet([reply_to_email.__planc_tool__])  # type: ignore[attr-defined]
    compiled = compile_plan(Source('reply_to_email(body="Yes")'), tools)
    capabilities: dict[type, object] = {Clock: CLOCK}

    async def work() -> Outcome:
        return await interpret(
            compiled.optimised, tools, policy=MailArrives(), capabilities=capabilities
        )

    outcome = anyio.run(work)
    assert asked == [
        {"to": "friend@x.example", "the mail from": "friend@x.example", "its subject": "Lunch"}
    ]
    (failure,) = outcome.failures
    assert "friend@x.example" in failure.message and "evil@x.example" in failure.message
    assert not (home / "mail" / "Outbox").exists()
