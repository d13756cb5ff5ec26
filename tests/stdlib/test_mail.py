from __future__ import annotations

import mailbox
import os
import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stdlib_tools.errors import ToolError
from stdlib_tools.mail import (
    compose_new_email,
    forward_email,
    read_selected_email,
    reply_to_email,
)
from tests.stdlib.fakes import FixedClock, as_mail, receive

CLOCK = FixedClock()
SID, NIA = "sid@x.example", "nia@x.example"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text(
        '[me]\nname = "Ünal, \\"Me\\""\nemail = "me@x.example"\n', encoding="utf-8"
    )
    (tmp_path / "files").mkdir()
    (tmp_path / "mail").mkdir()
    mailbox.Maildir(tmp_path / "mail" / "Inbox", create=True)
    return tmp_path


def outbox(home: Path) -> list[EmailMessage]:
    """The mails in the outbox, by the standard library's parser; none of them has a defect."""
    box = mailbox.Maildir(home / "mail" / "Outbox", create=False)
    mails = [BytesParser(policy=default).parsebytes(box.get_bytes(key)) for key in box.iterkeys()]
    for mail in mails:
        assert not [part.defects for part in mail.walk() if part.defects]
        assert not [value.defects for value in mail.values() if value.defects]  # type: ignore[attr-defined]
    return mails  # type: ignore[return-value]


@pytest.mark.parametrize(
    "subject",
    [
        "přihláška úterý v příští školní týdne výlet",
        "vu comité vu avec président réunion à Zoé",
        "Übermorgen fällt die Übung für die Älteren aus – bitte alle früher, größere Änderung",
        "日本語の件名がとても長くて折り返さなければならない場合にも空白 が 残る",
    ],
)
def test_a_subject_keeps_its_spaces(home: Path, subject: str) -> None:
    compose_new_email([SID], subject, "x", clock=CLOCK)
    assert outbox(home)[0]["Subject"] == subject


@pytest.mark.parametrize(
    "name", ["(Treasurer) Vale, Robin " * 5, "Ünal, Jürgen (Größe) " * 5, "Ann"]
)
def test_a_long_name_stays_one_sender(home: Path, name: str) -> None:
    name = name.strip()
    (home / "settings.toml").write_text(f'[me]\nname = "{name}"\nemail = "me@x.example"\n', "utf-8")
    compose_new_email([SID, NIA], "a", "x", clock=CLOCK)
    [mail] = outbox(home)
    [sender] = mail["From"].addresses
    assert sender.addr_spec == "me@x.example"
    if name.isascii():
        assert sender.display_name == name
    else:  # Python's parser of addresses keeps blanks between encoded words (RFC 2047, section 6.2)
        box = mailbox.Maildir(home / "mail" / "Outbox", create=False)
        raw = message_from_bytes(box.get_bytes(box.keys()[0]))["From"]
        assert str(make_header(decode_header(raw))) == f"{name} <me@x.example>"
    assert [one.addr_spec for one in mail["To"].addresses] == [SID, NIA]
    assert max(map(len, mail.as_bytes().splitlines())) < 998


def test_a_domain_is_not_taken_for_another(home: Path) -> None:
    compose_new_email(["info@straße.example"], "a", "x", clock=CLOCK)
    assert outbox(home)[0]["To"].addresses[0].domain == "xn--strae-oqa.example"


RECEIVED = """\
From: Sid Park <sid@x.example>
To: me@x.example
Subject: Standup
Date: Mon, 23 Nov 2026 08:00:00 +0000
Message-ID: <one@x.example>
References: <zero@x.example>

Shall we?
> asked before
"""


def test_a_mail_is_saved_whole_in_the_outbox(home: Path) -> None:
    email = compose_new_email(
        [SID, NIA, "SID@x.example"],
        "Grüße ☀",
        "Hello,\r\n\r\nsee you.",
        [NIA, "c@x.example"],
        clock=CLOCK,
    )
    (mail,) = outbox(home)
    assert [address.addr_spec for address in mail["To"].addresses] == [SID, NIA]
    assert [address.addr_spec for address in mail["Cc"].addresses] == ["c@x.example"]
    assert mail["From"].addresses[0].display_name == 'Ünal, "Me"'
    assert mail["Subject"] == email["subject"] == "Grüße ☀"
    assert mail["Message-ID"] == email["id"]
    assert mail["MIME-Version"] == "1.0"
    assert mail.get_content() == "Hello,\n\nsee you.\n"
    date = parsedate_to_datetime(str(mail["Date"]))
    assert date.astimezone().replace(tzinfo=None) == CLOCK.now()
    assert (email["sent"], email["recipients"], email["cc"]) == (False, [SID, NIA], ["c@x.example"])
    assert not (home / "mail" / "Sent").exists()


def test_a_mail_that_is_stored_is_seven_bit_text_with_short_lines(home: Path) -> None:
    compose_new_email([SID] * 3 + [NIA], "ü" * 400, "ü" * 5000 + "\n.\nFrom x", clock=CLOCK)
    box = mailbox.Maildir(home / "mail" / "Outbox", create=False)
    (key,) = box.keys()
    data = box.get_bytes(key)
    assert data.isascii() and b"\r" not in data
    assert max(map(len, data.split(b"\n"))) <= 78
    (mail,) = outbox(home)
    assert mail.get_content() == "ü" * 5000 + "\n.\nFrom x\n"


def test_addresses_in_other_scripts_are_written_in_utf_8(home: Path) -> None:
    compose_new_email(["jörg@müller.example", SID], "ü", "b", clock=CLOCK)
    (file,) = (home / "mail" / "Outbox" / "new").iterdir()
    mail = as_mail(file.read_bytes())
    assert [address.addr_spec for address in mail["To"].addresses] == [
        "jörg@xn--mller-kva.example",
        SID,
    ]


def test_odd_addresses_are_written_as_they_are(home: Path) -> None:
    compose_new_email(["o'neil+tag%x@x_y.example"], "a", "b", clock=CLOCK)
    assert outbox(home)[0]["To"] == "o'neil+tag%x@x_y.example"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"recipients": []}, "the mail has no recipient"),
        ({"recipients": ["Sid"]}, "'Sid' is no e-mail address"),
        ({"recipients": [SID + "\nBcc: evil@x.example"]}, "is no e-mail address"),
        ({"recipients": ["<a@x.example>"]}, "is no e-mail address"),
        ({"recipients": ["a..b@x.example"]}, "is no e-mail address that mail can be sent to"),
        ({"recipients": ["a@" + "x" * 70 + ".example"]}, "is no e-mail address that"),
        ({"recipients": [SID], "cc": ["a@b"]}, "'a@b' is no e-mail address"),
        ({"recipients": [SID], "subject": "x" * 1_000_000}, "subject has 1000000 characters"),
        ({"recipients": [SID], "attachments": ["none.pdf"]}, "there is no file 'none.pdf'"),
    ],
)
def test_bad_arguments_save_nothing(home: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ToolError, match=message):
        compose_new_email(**{"subject": "a", "body": "b", **arguments}, clock=CLOCK)  # type: ignore[arg-type]
    assert not (home / "mail" / "Outbox").exists()


HOSTILE = [
    "a\nBcc: evil@x.example",
    "a\r\n\r\nbody",
    "=?utf-8?q?a=0ABcc:_evil@x.example?=",
    "=?utf-8?b?YQpCY2M6IGV2aWxAeC5leGFtcGxl?= =?utf-8?q?=0D=0A?=",
    "a\x0bBcc: evil@x.example\x0cBcc: b\x1cBcc: c\x85Bcc: d\u2028Bcc: e",
    "a" * 80 + "\u2029 Bcc: evil@x.example",
    "\0\ud800\x1b[2J",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_adds_a_header(home: Path, text: str) -> None:
    email = compose_new_email([SID], text, text, clock=CLOCK)
    receive(home, f"From: a@x.example\nSubject: {text!a}\nMessage-ID: <{text!a}@x>\n\n{text!a}\n")
    reply_to_email(text, clock=CLOCK)
    mails = outbox(home)
    for mail in mails:
        assert set(mail.keys()) <= {
            "From", "To", "Subject", "Date", "Message-ID", "Content-Type",
            "Content-Transfer-Encoding", "MIME-Version", "In-Reply-To", "References",
        }  # fmt: skip
        assert not re.search(r"[\x00-\x1f]", str(mail["Subject"]))
    assert email["subject"] in {mail["Subject"] for mail in mails}


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(
    text=st.text(max_size=200),
    encoded=st.sampled_from(["{}", "=?utf-8?q?{}?=", "=?{}?=", '"{}"', "<{}>", "({}"]),
)
def test_whatever_is_received_can_be_answered_forwarded_and_read(
    home: Path, text: str, encoded: str
) -> None:
    odd = encoded.format(text)
    raw = f"Subject: {odd}\nFrom: {odd} <a@x.example>\nMessage-ID: {odd}\nDate: {odd}\nX: {odd}\n"
    raw += f"Content-Type: text/plain; charset={odd}; name*0*={odd}\n\n{text}"
    file = receive(home, raw.encode("utf-8", "surrogatepass"), flags="F", arrived=2e9)
    try:
        for act in (
            lambda: reply_to_email(text, clock=CLOCK),
            lambda: forward_email([SID], text, clock=CLOCK),
            read_selected_email,
        ):
            try:
                act()
            except ToolError as error:
                assert "address" in str(error) or "who sent it" in str(error)
    finally:
        for left in (home / "mail" / "Inbox" / "cur").iterdir():
            left.unlink()
    assert not file.exists()
    for mail in (home / "mail" / "Outbox" / "new").iterdir():
        parsed = message_from_bytes(mail.read_bytes())  # the modern parser trips over odd headers
        assert "X" not in parsed and len(parsed.get_all("To", [])) == 1
        mail.unlink()


def test_attachments_carry_their_type_name_and_bytes(home: Path) -> None:
    files = {
        "report.pdf": ("application/pdf", b"%PDF-1.7\r\n\0"),
        'tänk "om".txt': ("text/plain", b"a\r\nb\n"),
        "mail.eml": ("application/octet-stream", b"From: x\n\n"),
        "x.tar.gz": ("application/octet-stream", b"\x1f\x8b"),
        "none": ("application/octet-stream", b""),
    }
    for name, (_, data) in files.items():
        (home / "files" / name).write_bytes(data)
    paths = [str(home / "files" / name) if name == "none" else name for name in files]
    email = compose_new_email([SID], "a", "b", attachments=paths, clock=CLOCK)
    assert email["attachments"] == list(files)
    (mail,) = outbox(home)
    got = {
        part.get_filename(): (part.get_content_type(), part.get_payload(decode=True))
        for part in mail.iter_attachments()
    }
    assert got == {name.replace('"', "'"): value for name, value in files.items()}


def test_only_files_of_the_allowed_folders_are_attached(home: Path, tmp_path: Path) -> None:
    (home / "secret.txt").write_text("secret")
    (home / "files" / "link.txt").symlink_to(home / "secret.txt")
    (home / "files" / "sub").mkdir()
    os.mkfifo(home / "files" / "pipe")
    for path in (str(home / "secret.txt"), "../secret.txt", "link.txt", "sub", "pipe", "a\0b", ""):
        with pytest.raises(ToolError) as caught:
            compose_new_email([SID], "a", "b", attachments=[path], clock=CLOCK)
        assert str(caught.value).isprintable()
    assert not (home / "mail" / "Outbox").exists()


def test_attachments_have_a_limit_together(home: Path) -> None:
    for name in ("one", "two"):
        with (home / "files" / name).open("wb") as file:
            file.truncate(13_000_000)
    with pytest.raises(ToolError, match="the attachments are too large: a mail holds 25 MB"):
        compose_new_email([SID], "a", "b", attachments=["one", "two"], clock=CLOCK)
    with (home / "files" / "one").open("wb") as file:
        file.truncate(26_000_000)
    with pytest.raises(ToolError, match="'one' is larger than 25,000,000 bytes"):
        compose_new_email([SID], "a", "b", attachments=["one"], clock=CLOCK)


def test_a_reply_goes_to_the_sender_and_quotes_the_mail(home: Path) -> None:
    receive(home, RECEIVED)
    email = reply_to_email("Yes.", [NIA], clock=CLOCK)
    (mail,) = outbox(home)
    assert mail["To"] == SID
    assert mail["Cc"] == NIA
    assert mail["Subject"] == email["subject"] == "Re: Standup"
    assert mail["In-Reply-To"] == "<one@x.example>"
    assert mail["References"] == "<zero@x.example> <one@x.example>"
    assert mail.get_content() == (
        "Yes.\n\nOn Mon, 23 Nov 2026 08:00:00 +0000, Sid Park <sid@x.example> wrote:\n"
        "> Shall we?\n>> asked before\n"
    )


def test_a_reply_goes_to_reply_to_and_keeps_a_re(home: Path) -> None:
    receive(
        home,
        "Reply-To: list@x.example, Nia <nia@x.example>\nSubject: RE: a\n" + "From: b@x.example\n\n",
    )
    reply_to_email("Yes.", clock=CLOCK)
    (mail,) = outbox(home)
    assert [address.addr_spec for address in mail["To"].addresses] == ["list@x.example", NIA]
    assert mail["Subject"] == "RE: a"
    assert "In-Reply-To" not in mail


def test_long_message_ids_stay_whole(home: Path) -> None:
    ids = [f"<{letter * 120}@x.example>" for letter in "abc"]
    receive(home, f"From: a@x.example\nMessage-ID: {ids[2]}\nReferences: {ids[0]}\n {ids[1]}\n\n")
    reply_to_email("Yes.", clock=CLOCK)
    (file,) = (home / "mail" / "Outbox" / "new").iterdir()
    text = file.read_text()
    assert f"In-Reply-To: {ids[2]}\n" in text
    assert f"References: {ids[0]}\n {ids[1]}\n {ids[2]}\n" in text


def test_no_address_hides_in_an_encoded_name(home: Path) -> None:
    receive(home, "From: =?utf-8?q?evil=40x=2Eexample=2C?= <sid@x.example>\n\nhi")
    reply_to_email("Yes.", clock=CLOCK)
    assert [address.addr_spec for address in outbox(home)[0]["To"].addresses] == [SID]


def test_a_mail_without_an_address_cannot_be_answered_but_forwarded(home: Path) -> None:
    receive(home, "From: nobody\n\nhi")
    with pytest.raises(ToolError, match="no address to reply to"):
        reply_to_email("Yes.", clock=CLOCK)
    with pytest.raises(ToolError, match="does not say who sent it"):
        read_selected_email()
    assert forward_email([SID], clock=CLOCK)["subject"] == "Fwd:"


@pytest.mark.parametrize(
    "sender",
    ["(" * 9_000 + SID, "a@x.example, " * 9_000, "x" * 30_000 + SID],
    ids=["deep", "many", "long"],
)
def test_an_overlong_or_deep_sender_is_none(home: Path, sender: str) -> None:
    receive(home, f"From: {sender}\n\nhi")
    with pytest.raises(ToolError, match="no address to reply to"):
        reply_to_email("Yes.", clock=CLOCK)


def test_a_forwarded_mail_is_attached_with_its_own_attachments(home: Path) -> None:
    original = EmailMessage()
    original["From"] = "Zoë <zoe@x.example>"
    original["Subject"] = "Plän"
    original["Message-ID"] = "<" + "z" * 100 + "@x.example>"
    original.set_content("See attachment.")
    original.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    receive(home, original.as_bytes())
    (home / "files" / "extra.txt").write_text("more")
    email = forward_email([NIA], "FYI", attachments=["extra.txt"], clock=CLOCK)
    (mail,) = outbox(home)
    assert mail["Subject"] == email["subject"] == "Fwd: Plän"
    assert mail.get_body().get_content() == "FYI\n"  # type: ignore[union-attr]
    extra, forwarded = mail.iter_attachments()
    assert extra.get_filename() == "extra.txt"
    assert forwarded.get_content_type() == "message/rfc822"
    inner = forwarded.get_content()
    assert inner.as_bytes() == original.as_bytes()
    (pdf,) = inner.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("plan.pdf", b"%PDF")


def test_a_forwarded_mail_keeps_its_bytes(home: Path) -> None:
    raw = (
        b"Subject: caf\xe9 =?utf-8?q?=0ABcc:?=\nFrom: a@x.example\nX-Long: " + b"x " * 600 + b"\n"
        b"Content-Type: text/plain; charset=latin-1\n\ncaf\xe9\n" + b"--" * 700 + b"\n"
    )
    receive(home, raw)
    forward_email([NIA], clock=CLOCK)
    (file,) = (home / "mail" / "Outbox" / "new").iterdir()
    assert raw in file.read_bytes()
    assert b"Content-Transfer-Encoding: 8bit" in file.read_bytes()


def test_answering_flags_the_mail_in_the_inbox(home: Path) -> None:
    file = receive(home, RECEIVED)
    reply_to_email("Yes.", clock=CLOCK)
    assert not file.exists()
    (marked,) = (home / "mail" / "Inbox" / "cur").iterdir()
    assert marked.name == f"{file.name}:2,R"
    assert marked.read_text() == RECEIVED
    forward_email([NIA], clock=CLOCK)
    box = mailbox.Maildir(home / "mail" / "Inbox", create=False)
    ((_, message),) = box.items()
    assert message.get_flags() == "PR"


def test_a_mail_too_large_is_not_forwarded(home: Path) -> None:
    receive(home, b"From: a@x.example\n\n" + b"x" * 20_000_000)
    (home / "files" / "more").write_bytes(b"x" * 6_000_000)
    with pytest.raises(ToolError, match="too large"):
        forward_email([SID], attachments=["more"], clock=CLOCK)


def test_an_outbox_that_cannot_be_made_is_an_error_for_people(home: Path) -> None:
    (home / "mail" / "Outbox").write_text("a file")
    with pytest.raises(ToolError, match=r"the mailbox .*Outbox cannot be made"):
        compose_new_email([SID], "a", "b", clock=CLOCK)
