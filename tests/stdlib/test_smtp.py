"""Mails sent through SMTP servers that run in the test, on the loopback interface."""

from __future__ import annotations

import mailbox
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from stdlib_tools.errors import ToolError
from stdlib_tools.mail import compose_new_email, forward_email, reply_to_email
from tests.stdlib.fakes import FixedClock, Postbox, allow, smtp_server

CLOCK = FixedClock()
SID, NIA = "sid@x.example", "nia@x.example"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    (tmp_path / "mail").mkdir()
    return tmp_path


def use(home: Path, port: int, *lines: str) -> None:
    """Names the server in the settings."""
    text = ["[me]", 'email = "me@x.example"', "[mail.smtp]", 'host = "127.0.0.1"', f"port = {port}"]
    if not any(line.startswith("starttls") for line in lines):
        text.append("starttls = false")
    (home / "settings.toml").write_text("\n".join([*text, *lines]))


def stored(home: Path, name: str) -> list[mailbox.MaildirMessage]:
    folder = home / "mail" / name
    return list(mailbox.Maildir(folder, create=False)) if folder.exists() else []


def test_a_mail_is_sent_once_and_kept_in_sent(home: Path) -> None:
    postbox = Postbox()
    with smtp_server(postbox) as port:
        use(home, port)
        email = compose_new_email([SID], "a", "Hi\n.\n..b\nü", [NIA], clock=CLOCK)
    (envelope,) = postbox.envelopes
    assert envelope.mail_from == "me@x.example"
    assert envelope.rcpt_tos == [SID, NIA]
    (mail,) = postbox.mails()
    assert mail["Message-ID"] == email["id"]
    assert mail.get_content() == "Hi\n.\n..b\nü\n"
    assert email["sent"] is True
    assert stored(home, "Outbox") == []
    (copy,) = stored(home, "Sent")
    assert copy["Message-ID"] == email["id"]
    assert (copy.get_subdir(), copy.get_flags()) == ("cur", "S")


def test_a_refused_recipient_means_that_nobody_gets_the_mail(home: Path) -> None:
    postbox = Postbox(refused=frozenset({NIA}))
    with smtp_server(postbox) as port:
        use(home, port)
        with pytest.raises(
            ToolError,
            match=r"^the mail was not sent: 127\.0\.0\.1 refuses nia@x\.example \(550 no such user "
            r"here\); it remains in the outbox /.*/mail/Outbox$",
        ):
            compose_new_email([SID, NIA], "a", "b", clock=CLOCK)
    assert postbox.envelopes == []
    assert len(stored(home, "Outbox")) == 1
    assert stored(home, "Sent") == []


def test_a_connection_that_breaks_at_the_end_leaves_it_open_whether_the_mail_went(
    home: Path,
) -> None:
    postbox = Postbox(drops=True)
    with smtp_server(postbox) as port:
        use(home, port)
        with pytest.raises(ToolError, match=r"^it is not known whether .* remains in the outbox"):
            compose_new_email([SID], "a", "b", clock=CLOCK)
    assert len(postbox.envelopes) == 1
    assert len(stored(home, "Outbox")) == 1
    assert stored(home, "Sent") == []


def test_a_server_that_is_not_there_leaves_the_mail_in_the_outbox(home: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        use(home, unused.getsockname()[1])
        with pytest.raises(ToolError, match=r"not sent: 127\.0\.0\.1 cannot be reached: .*refused"):
            compose_new_email([SID], "a", "b", clock=CLOCK)
    assert len(stored(home, "Outbox")) == 1


def test_a_mail_over_the_servers_limit_is_refused_before_it_is_sent(home: Path) -> None:
    postbox = Postbox()
    with smtp_server(postbox, data_size_limit=5_000) as port:
        use(home, port)
        with pytest.raises(ToolError, match=r"does not take mail from me@x\.example: 552"):
            compose_new_email([SID], "a", "b\n" * 5_000, clock=CLOCK)
    assert postbox.envelopes == []


def test_login_is_used_when_there_is_a_user(home: Path) -> None:
    postbox = Postbox()
    known = allow(b"me", b"geheim")
    with smtp_server(postbox, authenticator=known, auth_require_tls=False) as port:
        use(home, port, 'user = "me"', 'password = "falsch"')
        with pytest.raises(ToolError, match=r"failed: 535 5\.7\.8") as caught:
            compose_new_email([SID], "a", "b", clock=CLOCK)
        assert "falsch" not in str(caught.value)
        assert postbox.envelopes == []
        use(home, port, 'user = "me"', 'password = "geheim"')
        assert compose_new_email([SID], "a", "b", clock=CLOCK)["sent"]
    assert postbox.users == ["me"]


def test_a_server_without_starttls_gets_no_mail_when_it_is_asked_for(home: Path) -> None:
    postbox = Postbox()
    with smtp_server(postbox) as port:
        use(home, port, "starttls = true", 'user = "me"', 'password = "geheim"')
        with pytest.raises(ToolError, match="STARTTLS extension not supported"):
            compose_new_email([SID], "a", "b", clock=CLOCK)
    assert postbox.envelopes == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for the loopback interface, with its key, made for this test."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("needs openssl to make a certificate")
    file = tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [*command, "-keyout", file, "-out", tmp_path / "cert"],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    file.write_bytes(file.read_bytes() + (tmp_path / "cert").read_bytes())
    return file


def test_starttls_checks_the_certificate_and_login_comes_after_it(
    home: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    postbox, known = Postbox(), allow(b"me", b"geheim")
    with smtp_server(postbox, tls_context=context, authenticator=known) as port:
        use(home, port, "starttls = true", 'user = "me"', 'password = "geheim"')
        with pytest.raises(ToolError, match=r"not sent: .*certificate verify failed"):
            compose_new_email([SID], "a", "b", clock=CLOCK)
        assert postbox.envelopes == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert compose_new_email([SID], "a", "b", clock=CLOCK)["sent"]
    assert postbox.users == ["me"]


def test_international_addresses_need_a_server_that_takes_them(home: Path) -> None:
    postbox = Postbox()
    with smtp_server(postbox, enable_SMTPUTF8=True) as port:
        use(home, port)
        compose_new_email(["jörg@müller.example"], "ü", "ü", clock=CLOCK)
    assert postbox.envelopes[0].rcpt_tos == ["jörg@xn--mller-kva.example"]
    assert postbox.mails()[0]["To"].addresses[0].username == "jörg"
    with smtp_server(Postbox(), enable_SMTPUTF8=False) as port:
        use(home, port)
        with pytest.raises(ToolError, match="SMTPUTF8"):
            compose_new_email(["jörg@müller.example"], "ü", "ü", clock=CLOCK)


def test_answers_are_sent_and_flag_the_mail_only_when_they_are(home: Path) -> None:
    inbox = mailbox.Maildir(home / "mail" / "Inbox", create=True)
    inbox.add(
        "From: sid@x.example\nSubject: caf\u00e9\nMessage-ID: <m@x>\n\nna\u00efve\n".encode(
            "latin-1"
        )
    )
    with smtp_server(Postbox(refused=frozenset({SID}))) as port:
        use(home, port)
        with pytest.raises(ToolError, match="refuses"):
            reply_to_email("Yes.", clock=CLOCK)
    assert len(list((home / "mail" / "Inbox" / "new").iterdir())) == 1
    postbox = Postbox()
    with smtp_server(postbox, decode_data=False) as port:
        use(home, port)
        reply_to_email("Yes.", clock=CLOCK)
        forward_email([NIA], clock=CLOCK)
    assert [envelope.rcpt_tos for envelope in postbox.envelopes] == [[SID], [NIA]]
    _, forwarded = postbox.envelopes
    assert b"caf\xe9" in forwarded.content  # type: ignore[operator]
    (marked,) = (home / "mail" / "Inbox" / "cur").iterdir()
    assert marked.name.endswith(":2,PR")


def test_without_a_place_for_its_copy_a_mail_is_not_sent(home: Path) -> None:
    (home / "mail" / "Sent").write_text("a file")
    postbox = Postbox()
    with smtp_server(postbox) as port:
        use(home, port)
        with pytest.raises(ToolError, match="Sent cannot be made"):
            compose_new_email([SID], "a", "b", clock=CLOCK)
    assert postbox.envelopes == []


def test_a_mail_whose_copy_cannot_be_kept_is_said_to_be_sent(home: Path) -> None:
    class Spoiler(Postbox):
        """Takes the place of the sent mails away while it receives a mail."""

        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            shutil.rmtree(home / "mail" / "Sent")
            (home / "mail" / "Sent").write_text("a file")
            return await super().handle_DATA(server, session, envelope)

    postbox = Spoiler()
    with smtp_server(postbox) as port:
        use(home, port)
        with pytest.raises(ToolError, match=r"the mail was sent, but .* do not send it again"):
            compose_new_email([SID], "a", "b", clock=CLOCK)
    assert len(postbox.envelopes) == 1
