from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
import vobject

from stdlib_tools.errors import ToolError
from stdlib_tools.reminders import Reminder, create_reminder
from tests.stdlib.fakes import FixedClock

CLOCK = FixedClock()
DUE = "2026-11-26 16:00:00"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    return tmp_path / "reminders"


def todo_of(folder: Path, reminder: Reminder) -> icalendar.Todo:
    file = folder / reminder["list_name"] / f"{reminder['id']}.ics"
    (todo,) = icalendar.Calendar.from_ical(file.read_bytes()).walk("VTODO")
    return todo


def test_another_program_reads_the_reminder_and_its_alarm(folder: Path) -> None:
    reminder = create_reminder(
        "Water the ferns; all", DUE, "Two litres,\nno more", "Home", 3, clock=CLOCK
    )
    file = folder / "Home" / f"{reminder['id']}.ics"
    with file.open(encoding="utf-8", newline="") as stream:
        read = vobject.readOne(stream).vtodo
    assert read.uid.value == reminder["id"]
    assert read.summary.value == "Water the ferns; all"
    assert read.due.value == datetime(2026, 11, 26, 16)
    assert read.description.value == "Two litres,\nno more"
    assert read.priority.value == "3"
    assert read.status.value == "NEEDS-ACTION"
    assert read.valarm.action.value == "DISPLAY"
    assert read.valarm.trigger.value == timedelta(0)
    assert read.valarm.trigger.params["RELATED"] == ["END"]
    assert reminder["due_date"] == DUE


def test_a_whole_day_is_due_on_a_date(folder: Path) -> None:
    reminder = create_reminder("Taxes", DUE, all_day=True, clock=CLOCK)
    due = todo_of(folder, reminder)["due"]
    assert type(due.dt) is date and due.dt == date(2026, 11, 26)
    assert due.params["VALUE"] == "DATE"
    assert reminder["all_day"] is True


def test_only_the_name_is_needed(folder: Path) -> None:
    reminder = create_reminder("Think", clock=CLOCK, all_day=True)
    assert reminder["list_name"] == "Reminders"
    assert (reminder["due_date"], reminder["all_day"]) == (None, False)
    todo = todo_of(folder, reminder)
    assert not {"DUE", "PRIORITY", "DESCRIPTION"} & set(todo)
    assert todo.subcomponents == []


def test_lists_are_found_whatever_the_case(folder: Path) -> None:
    create_reminder("a", list_name="Errands", clock=CLOCK)
    assert create_reminder("b", list_name="ERRANDS", clock=CLOCK)["list_name"] == "Errands"


@pytest.mark.parametrize("priority", [0, 1, 9])
def test_priorities_are_those_of_icalendar(folder: Path, priority: int) -> None:
    reminder = create_reminder("a", priority=priority, clock=CLOCK)
    assert todo_of(folder, reminder)["priority"] == priority


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "\n"}, "the reminder's name is empty"),
        ({"name": "a", "priority": 10}, "the priority is 10"),
        ({"name": "a", "priority": -1}, "the priority is -1"),
        ({"name": "a", "due_date": "2026-11-26"}, "the due date '2026-11-26' is no time"),
        ({"name": "a", "list_name": ".."}, r"no calendar or list can be called '\.\.'"),
        ({"name": "x" * 501}, "at most 500"),
    ],
)
def test_bad_arguments_write_nothing(
    folder: Path, tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        create_reminder(**arguments, clock=CLOCK)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_no_text_adds_a_line_to_the_file(folder: Path) -> None:
    hostile = "x\r\nEND:VTODO\rDUE:20200101T000000\0\ud800\\n"
    reminder = create_reminder(hostile, DUE, hostile, clock=CLOCK)
    todo = todo_of(folder, reminder)
    assert str(todo["summary"]) == reminder["name"]
    assert str(todo["description"]) == reminder["notes"]
    assert todo["due"].dt == datetime(2026, 11, 26, 16)


def test_a_clock_at_the_edge_of_time_is_an_error_for_people(folder: Path) -> None:
    with pytest.raises(ToolError, match="out of the range of dates"):
        create_reminder("a", clock=FixedClock(datetime(1, 1, 1)))
