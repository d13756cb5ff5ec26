from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import icalendar
import pytest
import vobject

from stdlib_tools.calendar import Event, create_calendar_event, list_calendar_events
from stdlib_tools.errors import ToolError
from tests.stdlib.fakes import FixedClock

CLOCK = FixedClock()
START, END = "2026-11-24 10:00:00", "2026-11-24 11:30:00"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    return tmp_path / "calendar"


@pytest.fixture(autouse=True)
def local_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """New York's, five hours behind in November."""
    with monkeypatch.context() as context:
        context.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


def file_of(folder: Path, event: Event) -> Path:
    return folder / event["calendar"] / f"{event['id']}.ics"


def all_of(calendar: str | None = None) -> list[Event]:
    return list_calendar_events("2000-01-01 00:00:00", "2100-01-01 00:00:00", calendar)


def test_another_program_reads_the_event(folder: Path) -> None:
    event = create_calendar_event(
        "Budget; review, Q4",
        START,
        END,
        "Room 2,\nupstairs",
        ["sid@x.example", "nia@x.example", "sid@x.example"],
        "Bring:\n- numbers\n- cake",
        clock=CLOCK,
    )
    with file_of(folder, event).open(encoding="utf-8", newline="") as stream:
        read = vobject.readOne(stream).vevent
    assert read.uid.value == event["id"]
    assert read.summary.value == "Budget; review, Q4"
    assert read.dtstart.value == datetime(2026, 11, 24, 10).astimezone()
    assert read.dtend.value == datetime(2026, 11, 24, 11, 30).astimezone()
    assert all_of(event["calendar"]) == [event]
    assert read.location.value == "Room 2, upstairs"
    assert read.description.value == "Bring:\n- numbers\n- cake"
    assert [line.value for line in read.attendee_list] == [
        "mailto:sid@x.example",
        "mailto:nia@x.example",
    ]
    assert read.organizer.value == "mailto:me@localhost.example"
    assert read.organizer.params["CN"] == ["Me"]
    assert read.dtstamp.value.utcoffset().total_seconds() == 0
    assert read.dtstamp.value == datetime(2026, 11, 23, 14, tzinfo=UTC)


def test_without_guests_an_event_is_at_the_time_of_wherever_one_is(folder: Path) -> None:
    event = create_calendar_event("a", START, START, clock=CLOCK)
    with file_of(folder, event).open(encoding="utf-8", newline="") as stream:
        read = vobject.readOne(stream).vevent
    assert read.dtstart.value == datetime(2026, 11, 24, 10)
    assert not hasattr(read, "dtend")  # which would be no later
    assert all_of(event["calendar"]) == [event]


def test_the_file_is_whole_and_alone(folder: Path) -> None:
    event = create_calendar_event("Standup", START, clock=CLOCK)
    assert [file.name for file in (folder / "Personal").iterdir()] == [f"{event['id']}.ics"]
    parsed = icalendar.Calendar.from_ical(file_of(folder, event).read_bytes())
    assert (str(parsed["version"]), "prodid" in parsed) == ("2.0", True)
    (read,) = parsed.walk("VEVENT")
    assert not {"ATTENDEE", "ORGANIZER", "LOCATION", "DESCRIPTION"} & set(read)


def test_without_an_end_the_settings_say_how_long(folder: Path, tmp_path: Path) -> None:
    assert create_calendar_event("a", START, clock=CLOCK)["end_date"] == "2026-11-24 11:00:00"
    (tmp_path / "settings.toml").write_text("[calendar]\nevent_minutes = 15\n")
    assert create_calendar_event("a", START, clock=CLOCK)["end_date"] == "2026-11-24 10:15:00"


def test_a_calendar_is_a_folder_found_whatever_the_case(folder: Path) -> None:
    assert create_calendar_event("a", START, calendar="Finance", clock=CLOCK)["calendar"] == (
        "Finance"
    )
    assert create_calendar_event("b", START, calendar="fiNANCE", clock=CLOCK)["calendar"] == (
        "Finance"
    )
    assert len(list((folder / "Finance").glob("*.ics"))) == 2


def test_a_collection_of_vdirsyncer_goes_by_its_display_name(folder: Path) -> None:
    (folder / "8f3a").mkdir(parents=True)
    (folder / "8f3a" / "displayname").write_text("Family\n")
    event = create_calendar_event("a", START, calendar="family", clock=CLOCK)
    assert event["calendar"] == "Family"
    assert (folder / "8f3a" / f"{event['id']}.ics").is_file()
    assert all_of("Family") == [event]


def test_calendars_of_any_name_may_be_there(folder: Path) -> None:
    for name in (f"c_{'0' * 64}@group.calendar.example", "Bu\u0308ro"):
        (folder / name).mkdir(parents=True)
    (folder / "odd").mkdir()
    (folder / "odd" / "displayname").write_text("...")
    event = create_calendar_event("a", START, calendar="Büro", clock=CLOCK)
    assert (folder / "Bu\u0308ro" / f"{event['id']}.ics").is_file()
    assert all_of("büro") == [event]


@pytest.mark.parametrize(
    "name",
    ["../../etc", "..", "a/b", "a\\b", "/tmp/x", "a\nb", "a\0b", ".hidden", "\ud800", "é" * 60],
)
def test_no_calendar_name_leads_out_of_the_folder(folder: Path, tmp_path: Path, name: str) -> None:
    try:
        event = create_calendar_event("a", START, calendar=name, clock=CLOCK)
    except ToolError as error:
        assert str(error).isprintable()
        assert list(tmp_path.iterdir()) == []
        return
    (file,) = tmp_path.rglob("*.ics")
    assert file.parent.parent == folder
    assert file.parent.name == event["calendar"]
    assert (
        create_calendar_event("b", START, calendar=name, clock=CLOCK)["calendar"]
        == (event["calendar"])
    )


def test_a_link_to_another_folder_is_not_written_to(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.mkdir()
    (folder / "Work").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ToolError, match="link to another folder"):
        create_calendar_event("a", START, calendar="Work", clock=CLOCK)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start_date": START, "end_date": "2026-11-24 09:59:59"}, "would end .* before it starts"),
        ({"start_date": "tomorrow"}, "the start 'tomorrow' is no time of the form"),
        ({"start_date": "2026-02-30 10:00:00"}, "is no time"),
        ({"start_date": "9999-12-31 23:59:00"}, "has no end"),
        ({"start_date": START, "title": " \n\0"}, "the event's title is empty"),
        ({"start_date": START, "title": "x" * 1_000_000}, "has 1000000 characters; at most 500"),
        ({"start_date": START, "invitees": ["Sid"]}, "'Sid' is no e-mail address"),
        ({"start_date": START, "invitees": ["a@b.example\nX:y"]}, "is no e-mail address"),
        ({"start_date": START, "calendar": "x" * 61}, "has 61 characters"),
    ],
)
def test_bad_arguments_write_nothing(
    folder: Path, tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        create_calendar_event(**{"title": "a", **arguments}, clock=CLOCK)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_no_text_adds_a_line_to_the_file(folder: Path) -> None:
    hostile = 'x\r\nEND:VEVENT\rATTENDEE:mailto:evil@x.example\u2028"\x85;:,\\n\0\ud800'
    event = create_calendar_event(hostile, START, None, hostile, None, hostile, clock=CLOCK)
    (read,) = icalendar.Calendar.from_ical(file_of(folder, event).read_bytes()).walk("VEVENT")
    assert "ATTENDEE" not in read
    assert str(read["summary"]) == event["title"] == str(read["location"])
    assert str(read["description"]) == event["notes"]
    assert all_of() == [event]


def test_half_a_megabyte_of_notes_survives(folder: Path) -> None:
    event = create_calendar_event("a", START, notes="ü, " * 170_000, clock=CLOCK)
    (read,) = icalendar.Calendar.from_ical(file_of(folder, event).read_bytes()).walk("VEVENT")
    assert str(read["description"]) == event["notes"]


def test_a_full_disk_or_a_forbidden_folder_is_an_error_for_people(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    with pytest.raises(ToolError, match="cannot be"):
        create_calendar_event("a", START, clock=CLOCK)


def test_listing_finds_what_overlaps_in_order(folder: Path) -> None:
    late = create_calendar_event("late", "2026-11-24 15:00:00", clock=CLOCK, calendar="Work")
    early = create_calendar_event("early", START, END, clock=CLOCK)
    instant = create_calendar_event(
        "instant", "2026-11-24 12:00:00", "2026-11-24 12:00:00", clock=CLOCK
    )
    day = ("2026-11-24 00:00:00", "2026-11-25 00:00:00")
    assert list_calendar_events(*day) == [early, instant, late]
    assert list_calendar_events(*day, calendar="work") == [late]
    assert list_calendar_events("2026-11-24 11:29:59", "2026-11-24 12:00:00") == [early]
    assert list_calendar_events("2026-11-24 11:30:00", "2026-11-24 12:00:01") == [instant]
    assert list_calendar_events("2026-11-24 12:00:00", "2026-11-24 12:00:00") == []
    assert list_calendar_events("2026-11-24 10:30:00", "2026-11-24 10:30:00") == [early]


def test_listing_reads_files_of_other_programs(folder: Path) -> None:
    utc = vobject.icalendar.utc  # the one that it knows how to write
    written = vobject.iCalendar()
    for title, start, end in (
        ("whole day", date(2026, 11, 24), date(2026, 11, 25)),
        ("in zulu", datetime(2026, 11, 24, 8, tzinfo=utc), datetime(2026, 11, 24, 9, tzinfo=utc)),
    ):
        event = written.add("vevent")
        event.add("summary").value = title
        event.add("dtstart").value = start
        event.add("dtend").value = end
        event.add("attendee").value = "MAILTO:nia@x.example"
        event.add("attendee").value = "urn:uuid:1"
    repeating = written.add("vevent")
    repeating.add("summary").value = "cancelled"
    repeating.add("dtstart").value = datetime(2026, 11, 24, 8)
    repeating.add("status").value = "CANCELLED"
    (folder / "Old").mkdir(parents=True)
    (folder / "Old" / "many.ics").write_text(written.serialize(), newline="")
    found = {event["title"]: event for event in all_of()}
    assert set(found) == {"whole day", "in zulu"}
    assert found["whole day"]["start_date"] == "2026-11-24 00:00:00"
    assert found["whole day"]["end_date"] == "2026-11-25 00:00:00"
    assert found["in zulu"]["start_date"] == "2026-11-24 03:00:00"
    assert found["in zulu"]["invitees"] == ["nia@x.example"]


def calendar_of(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])


def starts(folder: Path, *lines: str, first: str, last: str) -> list[str]:
    """When the events of a file begin that lie between two times."""
    (folder / "Old").mkdir(parents=True)
    (folder / "Old" / "r.ics").write_text(calendar_of(*lines))
    return [event["start_date"] for event in list_calendar_events(first, last)]


def test_a_repeating_event_is_listed_at_each_of_its_times(folder: Path) -> None:
    series = ["BEGIN:VEVENT", "UID:r", "DTSTART:20260907T100000", "DURATION:PT30M"]
    found = starts(
        folder,
        *(*series, "RRULE:FREQ=WEEKLY", "EXDATE:20261123T100000", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:r", "RECURRENCE-ID:20261130T100000"),
        *("DTSTART:20261201T150000", "DURATION:PT1H", "END:VEVENT"),
        first="2026-11-16 00:00:00",
        last="2026-12-08 00:00:00",
    )
    assert found == ["2026-11-16 10:00:00", "2026-12-01 15:00:00", "2026-12-07 10:00:00"]


def test_a_birthday_comes_every_year(folder: Path) -> None:
    found = starts(
        folder,
        *(
            "BEGIN:VEVENT",
            "UID:b",
            "DTSTART;VALUE=DATE:19901125",
            "RRULE:FREQ=YEARLY",
            "END:VEVENT",
        ),
        first="2026-11-20 00:00:00",
        last="2027-11-30 00:00:00",
    )
    assert found == ["2026-11-25 00:00:00", "2027-11-25 00:00:00"]


def test_a_whole_calendar_may_be_listed(folder: Path) -> None:
    create_calendar_event("a", START, clock=CLOCK)
    for first, last in (
        ("0001-01-01 00:00:00", "2027-01-01 00:00:00"),
        (START, "9999-12-31 23:59:59"),
    ):
        assert [event["title"] for event in list_calendar_events(first, last)] == ["a"]


@pytest.mark.parametrize("rule", ["SECONDLY", "MINUTELY;COUNT=5", "HOURLY;BYMONTH=2;BYMONTHDAY=30"])
def test_what_repeats_without_end_in_a_day_is_told(folder: Path, rule: str) -> None:
    with pytest.raises(ToolError, match=r"r\.ics is broken: an event in it repeats"):
        starts(
            folder,
            *(
                "BEGIN:VEVENT",
                "UID:r",
                "DTSTART:20200101T100000",
                f"RRULE:FREQ={rule}",
                "END:VEVENT",
            ),
            first="2026-11-23 00:00:00",
            last="2026-11-24 00:00:00",
        )


BROKEN = {
    "empty": "",
    "garbage": "garbage",
    "no start": calendar_of("BEGIN:VEVENT", "SUMMARY:a", "END:VEVENT"),
    "bad start": calendar_of("BEGIN:VEVENT", "DTSTART:soon", "END:VEVENT"),
    "two starts": calendar_of(
        "BEGIN:VEVENT", "DTSTART:20261124T100000", "DTSTART:20261124T110000", "END:VEVENT"
    ),
    "cut short": calendar_of("BEGIN:VEVENT", "DTSTART:20261124T100000"),
    "second cut short": calendar_of() + "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_named(folder: Path, text: str) -> None:
    (folder / "Old").mkdir(parents=True)
    (folder / "Old" / "it is me.ics").write_text(text)
    with pytest.raises(ToolError, match=r"it is me\.ics is broken"):
        all_of()


def test_links_pipes_and_hidden_files_are_passed_over(folder: Path, tmp_path: Path) -> None:
    (folder / "Old").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (folder / "Old" / "link.ics").symlink_to(tmp_path / "secret")
    (folder / "Old" / ".unfinished.ics").write_text("secret")
    os.mkfifo(folder / "Old" / "pipe.ics")
    assert all_of() == []


def test_listing_an_unknown_calendar_names_the_known(folder: Path) -> None:
    assert all_of() == []
    create_calendar_event("a", START, calendar="Work", clock=CLOCK)
    create_calendar_event("a", START, clock=CLOCK)
    with pytest.raises(ToolError, match="called 'Wrok'; there is Personal and Work"):
        all_of("Wrok")
    with pytest.raises(ToolError, match="before the start"):
        list_calendar_events(END, START)
