"""The sample home is whole: other programs' parsers read all of it, and the tools work on it."""

from __future__ import annotations

import asyncio
import csv
import email.policy
import mailbox
import re
import shutil
import struct
import threading
import tomllib
import zlib
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import icalendar
import psutil
import pytest
import vobject
from pypdf import PdfReader

from planc.types import EMAIL_ADDRESS, PHONE_NUMBER
from stdlib_tools.calendar import create_calendar_event, list_calendar_events
from stdlib_tools.contacts import get_email_address, get_phone_number
from stdlib_tools.documents import summarize_pdf
from stdlib_tools.errors import ToolError
from stdlib_tools.files import (
    open_and_get_file_path,
    read_csv_file,
    read_text_file,
    write_text_file,
)
from stdlib_tools.mail import compose_new_email, forward_email, reply_to_email
from stdlib_tools.maps import maps_open_location, maps_show_directions
from stdlib_tools.meetings import get_zoom_meeting_link
from stdlib_tools.notes import append_note_content, create_note, open_note
from stdlib_tools.reminders import create_reminder
from stdlib_tools.sms import send_sms
from stdlib_tools.web import http_get
from tests.stdlib.fakes import FixedClock
from tests.stdlib.loopback import Answer, serving

SAMPLE = Path(__file__).parents[2] / "examples" / "home"
NOW = FixedClock(datetime(2026, 11, 23, 9, 0))


def _found(pattern: str) -> list[Path]:
    return sorted(path for path in SAMPLE.glob(pattern) if path.is_file())


def test_the_contacts_are_read_by_vobject() -> None:
    cards = [vobject.readOne(path.read_text(encoding="utf-8")) for path in _found("contacts/*")]
    names = {card.fn.value for card in cards}
    assert len(names) == len(cards) >= 12
    assert {"Sidharth Rao", "Nia Osei", "Lutfi Hakim"} <= names
    assert sum(not name.isascii() for name in names) >= 4
    for card in cards:
        card.validate(raiseException=True)
        assert all(EMAIL_ADDRESS.accepts(line.value) for line in card.email_list)
        assert all(PHONE_NUMBER.accepts(line.value) for line in card.tel_list)


@pytest.mark.parametrize("kind", ["calendar", "reminders"])
def test_events_and_reminders_are_read_by_two_parsers(kind: str) -> None:
    files = _found(f"{kind}/*/*.ics")
    assert len({path.parent for path in files}) == 2
    for path in files:
        data = path.read_bytes()
        (entry,) = icalendar.Calendar.from_ical(data).walk(
            "VEVENT" if kind == "calendar" else "VTODO"
        )
        assert entry["uid"] == path.stem
        assert not entry.errors
        other = vobject.readOne(data.decode())
        other.validate(raiseException=True)
        (second,) = other.components()
        assert second.summary.value == entry["summary"]


def test_the_inbox_is_a_maildir_with_one_flagged_mail() -> None:
    box = mailbox.Maildir(SAMPLE / "mail" / "Inbox", create=False)
    box.colon = "!"
    mails = list(box)
    box.close()
    assert len(mails) == 4
    assert [mail["From"] for mail in mails if "F" in mail.get_flags()] == [
        "Nia Osei <nia.osei@elmstreet.example>"
    ]
    parser = BytesParser(EmailMessage, policy=email.policy.default)
    for mail in mails:
        message = parser.parsebytes(mail.as_bytes())
        assert not message.defects
        body = message.get_body(("plain",))
        assert body is not None and "Robin" in body.get_content()
        assert message["Date"].datetime < NOW.moment.astimezone()


def test_the_documents_have_text() -> None:
    pdfs = _found("files/**/*.pdf")
    assert len(pdfs) >= 2
    for path in pdfs:
        with PdfReader(path, strict=True) as reader:
            assert all(len(page.extract_text()) > 300 for page in reader.pages)


def test_the_picture_is_a_whole_png() -> None:
    (path,) = _found("files/**/*.png")
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, kinds, pixels = 8, [], b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == int.from_bytes(data[at + 8 + length : at + 12 + length])
        kinds.append(kind)
        pixels += body if kind == b"IDAT" else b""
        at += 12 + length
    assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND"
    assert zlib.decompress(pixels)


def test_the_tables_are_read_by_the_csv_module() -> None:
    with (SAMPLE / "files/Garden/plots.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file))[2]["holder"] == "Solberg, Ingrid"
    with (SAMPLE / "files/Garden/seed_order.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert rows[0]["variety"] == 'Tomato "Black Cherry"'


def test_the_notes_have_headings() -> None:
    notes = _found("notes/*/*.md")
    assert len({path.parent for path in notes}) == 3
    for path in notes:
        assert path.read_text(encoding="utf-8").startswith(f"# {path.stem}\n\n")


def test_everybody_is_invented() -> None:
    fiction = re.compile(
        r"\+44 (7700 900\d{3}|(117|131|161) 496 0\d{3}|20 7946 0\d{3})"  # Ofcom's drama numbers
        r"|\+1 \d{3} 555 01\d\d|\+33 6 39 98 \d\d \d\d|\+46 70 174 06 \d\d|\+353 20 91\d \d{4}"
        r"|\+61 491 570 1\d\d"
    )
    for path in (path for path in SAMPLE.rglob("*") if path.is_file()):
        text = path.read_bytes().decode("utf-8", errors="replace")
        if path.suffix not in (".png", ".pdf"):
            assert set(re.findall(r"@[\w.-]+\.(\w+)", text)) <= {"example"}, path
        if path.suffix == ".vcf":
            numbers = re.findall(r"^TEL.*:(.*)\r$", text, re.MULTILINE)
            assert numbers and all(fiction.fullmatch(number) for number in numbers), path


def test_nothing_pops_up() -> None:
    chosen = tomllib.loads((SAMPLE / "settings.toml").read_text(encoding="utf-8"))
    assert chosen["files"]["open"] is False
    assert chosen["maps"]["open"] is False


class _FirstSentence:
    def complete(self, instruction: str, text: str, max_tokens: int = 256) -> str:
        return text.partition(".")[0] + "."


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample home."""
    copy = tmp_path / "home"
    shutil.copytree(SAMPLE, copy)
    monkeypatch.setenv("PLANC_HOME", str(copy))
    return copy


def test_people_are_found_by_what_they_are_called(home: Path) -> None:
    assert get_phone_number("Sid") == "+44 7700 900118"
    assert get_email_address("Sid") == "sid.rao@elmstreet.example"
    assert get_email_address("nia osei") == "nia.osei@elmstreet.example"
    assert get_email_address("Lutfi") == "lutfi.hakim@kiteworks.example"
    assert get_email_address("Zoe Brule") == "zoe@boulangerie-brule.example"
    assert get_email_address("Siobhán") == "siobhan@elmstreet-school.example"
    assert get_phone_number("Bjorn Hakansson") == "+46 70 174 06 35"
    for path in _found("contacts/*"):
        name = vobject.readOne(path.read_text(encoding="utf-8")).fn.value
        assert get_phone_number(name) and get_email_address(name)


def test_a_standup_is_arranged(home: Path) -> None:
    people = [get_email_address("Sid"), get_email_address("Nia Osei")]
    start = "2026-11-24 10:00:00"
    link = asyncio.run(get_zoom_meeting_link("Standup", start, 15, people))
    event = create_calendar_event(
        "Standup", start, "2026-11-24 10:15:00", link, people, calendar="garden", clock=NOW
    )
    assert event["calendar"] == "Garden"
    mail = compose_new_email(people, "Standup", f"Join here: {link}", clock=NOW)
    assert mail["recipients"] == people
    day = list_calendar_events("2026-11-24 00:00:00", "2026-11-25 00:00:00")
    assert [event["title"] for event in day] == ["Standup", "Committee meeting", "Choir rehearsal"]


def test_the_selected_mail_is_answered_with_a_summary(home: Path) -> None:
    path = open_and_get_file_path("solar feasibility")
    summary = summarize_pdf(path, model=_FirstSentence())
    assert "tool shed" in summary
    answer = reply_to_email(summary, attachments=[path], clock=NOW)
    assert answer["recipients"] == ["nia.osei@elmstreet.example"]
    forward = forward_email([get_email_address("Sid")], "Any sign of the key?", clock=NOW)
    assert "Solar panels" in forward["subject"]


def test_notes_files_and_the_rest_are_at_hand(home: Path) -> None:
    assert open_note("camping list")["content"].startswith("- tent, pegs")
    assert "vanilla" in open_note("creme brulee", folder="recipes")["content"]
    assert append_note_content("Home maintenance", "- sweep", "House")["content"].endswith("sweep")
    assert create_note("Standup", "short")["folder"] == "Notes"
    rows = read_csv_file(open_and_get_file_path("plots.csv"))
    assert [row["plot"] for row in rows if not row["holder"]] == ["5"]
    assert "840 a month" in read_text_file(open_and_get_file_path("lease agreement"))
    assert open_and_get_file_path("floorplan") == str(home / "files/House/floorplan.png")
    assert read_text_file(write_text_file("list.txt", "twine")) == "twine"
    assert create_reminder("Twine", list_name="shopping", clock=NOW)["list_name"] == "Shopping"
    assert send_sms([get_phone_number("Amira")], "See you", clock=NOW)["id"]
    assert maps_open_location("Tool shed").endswith("query=Tool%20shed")
    assert "from=Elm%20Street" in maps_show_directions("Quay Lane", transport="walking")


def test_no_tool_keeps_a_file_or_a_thread(home: Path) -> None:
    def work() -> None:
        assert get_email_address("Sid")
        for name in ("solar_feasibility.pdf", "minutes"):
            assert summarize_pdf(open_and_get_file_path(name), model=_FirstSentence())
        assert read_csv_file("Garden/plots.csv") and open_note("Book club")
        assert append_note_content("Book club", "more")
        assert asyncio.run(get_zoom_meeting_link("Standup", "2026-11-24 10:00:00"))
        with serving(lambda request: Answer(body=b"text")) as server:
            assert asyncio.run(http_get(server.url)) == "text"
        with pytest.raises(ToolError):
            create_note("Book club", "again")

    settings = home / "settings.toml"
    settings.write_text(settings.read_text().replace("allow = []", 'allow = ["127.0.0.1"]'))
    work()
    me = psutil.Process()
    before = (me.num_fds(), threading.active_count(), me.children())
    work()
    assert before == (me.num_fds(), threading.active_count(), me.children())


def test_the_sample_itself_stays_as_it_is(home: Path) -> None:
    before = {path: path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
    create_note("Standup", "short")
    forward_email(["a@b.example"], clock=NOW)
    assert before == {path: path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
