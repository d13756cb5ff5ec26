from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from stdlib_tools.errors import ToolError
from stdlib_tools.sms import send_sms
from tests.stdlib.fakes import FixedClock

CLOCK = FixedClock()
NUMBERS = ["+33 6 12 34 56 78", "+47 22 33 44 55"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    return tmp_path


def set_gateway(home: Path, program: str, seconds: float = 30) -> None:
    command = json.dumps([sys.executable, "-I", "-S", "-c", program])
    (home / "settings.toml").write_text(
        f"[sms]\ngateway = {command}\ngateway_seconds = {seconds}\n", encoding="utf-8"
    )


def test_without_a_gateway_a_message_is_one_file(home: Path) -> None:
    sms = send_sms([*NUMBERS, NUMBERS[0]], "At noon,\r\nas agreed ☀", clock=CLOCK)
    (file,) = (home / "sms").iterdir()
    assert file.name == f"{sms['id']}.json"
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "id": sms["id"],
        "to": NUMBERS,
        "message": "At noon,\nas agreed ☀",
        "time": "2026-11-23 09:00:00",
    }
    assert sms["recipients"] == NUMBERS


def test_a_gateway_gets_the_message_on_its_input(home: Path) -> None:
    copy = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    command = json.dumps([sys.executable, "-I", "-S", "-c", copy, str(home / "got.json")])
    (home / "settings.toml").write_text(f"[sms]\ngateway = {command}\n")
    sms = send_sms(NUMBERS, "héllo", clock=CLOCK)
    got = json.loads((home / "got.json").read_text(encoding="utf-8"))
    assert got == {"id": sms["id"], "to": NUMBERS, "message": "héllo", "time": sms["time"]}
    assert not (home / "sms").exists()


def test_a_failing_gateway_says_why(home: Path) -> None:
    set_gateway(home, r"import sys; sys.stderr.write('trace\nno\x1b credit\n\n'); sys.exit(3)")
    with pytest.raises(ToolError, match=r"^the text message was not sent: no credit$"):
        send_sms(NUMBERS, "a", clock=CLOCK)
    set_gateway(home, "import sys; sys.exit(3)")
    with pytest.raises(ToolError, match="exit status 3"):
        send_sms(NUMBERS, "a", clock=CLOCK)


def test_a_gateway_need_not_read_its_input(home: Path) -> None:
    set_gateway(home, "pass")
    assert send_sms(NUMBERS, "a", clock=CLOCK)["message"] == "a"


def test_a_gateway_that_hangs_is_ended(home: Path) -> None:
    set_gateway(home, "import threading; threading.Event().wait()", 0.2)
    with pytest.raises(ToolError, match=r"within 0\.2 seconds; it is not known whether"):
        send_sms(NUMBERS, "a", clock=CLOCK)


def test_a_gateway_that_is_not_there_is_named(home: Path) -> None:
    (home / "settings.toml").write_text('[sms]\ngateway = ["/no/such/program"]\n')
    with pytest.raises(ToolError, match="'/no/such/program' cannot be started"):
        send_sms(NUMBERS, "a", clock=CLOCK)


@pytest.mark.parametrize(
    ("recipients", "message", "reason"),
    [
        ([], "a", "has no recipient"),
        (["Sid"], "a", "'Sid' is no phone number"),
        (["+33 6 12\n34"], "a", "is no phone number"),
        (NUMBERS, " \0\n", "is empty"),
        (NUMBERS, "x" * 1_000_000, "has 1000000 characters; at most 1600"),
    ],
)
def test_bad_arguments_send_nothing(
    home: Path, recipients: list[str], message: str, reason: str
) -> None:
    with pytest.raises(ToolError, match=reason):
        send_sms(recipients, message, clock=CLOCK)
    assert list(home.iterdir()) == []


def test_half_characters_do_no_harm(home: Path) -> None:
    assert send_sms(NUMBERS, "a\ud800b\x00", clock=CLOCK)["message"] == "a\ufffdb"
