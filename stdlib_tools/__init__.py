"""The standard tools: TinyAgent's sixteen (arXiv 2409.00608) and a few that people expect.

They work on any computer, on plain files in open formats; `settings.toml` says where
(`stdlib_tools.settings`, docs/tools.md).
"""

from datetime import datetime

from planc.tools import Example
from stdlib_tools.arithmetic import calculate
from stdlib_tools.calendar import create_calendar_event, list_calendar_events
from stdlib_tools.clock import add_minutes, get_current_datetime
from stdlib_tools.contacts import get_email_address, get_phone_number
from stdlib_tools.documents import summarize_pdf
from stdlib_tools.files import (
    open_and_get_file_path,
    read_csv_file,
    read_text_file,
    write_text_file,
)
from stdlib_tools.mail import (
    compose_new_email,
    forward_email,
    read_selected_email,
    reply_to_email,
)
from stdlib_tools.maps import maps_open_location, maps_show_directions
from stdlib_tools.meetings import get_zoom_meeting_link
from stdlib_tools.notes import append_note_content, create_note, open_note
from stdlib_tools.reminders import create_reminder
from stdlib_tools.sms import send_sms
from stdlib_tools.web import http_get
from stdlib_tools.writing import summarize, write_text

__all__ = [
    "PLAN_EXAMPLES",
    "add_minutes",
    "append_note_content",
    "calculate",
    "compose_new_email",
    "create_calendar_event",
    "create_note",
    "create_reminder",
    "forward_email",
    "get_current_datetime",
    "get_email_address",
    "get_phone_number",
    "get_zoom_meeting_link",
    "http_get",
    "list_calendar_events",
    "maps_open_location",
    "maps_show_directions",
    "open_and_get_file_path",
    "open_note",
    "read_csv_file",
    "read_selected_email",
    "read_text_file",
    "reply_to_email",
    "send_sms",
    "summarize",
    "summarize_pdf",
    "write_text",
    "write_text_file",
]

PLAN_EXAMPLES = [
    Example(
        "Arrange a 20-minute zoom call named Handover with Ruth and Amadou for Friday at 2 pm, "
        "put it on my calendar too and mail them the link.",
        datetime(2026, 3, 4, 11, 30),
        'ruth = get_email_address(name="Ruth")\n'
        'amadou = get_email_address(name="Amadou")\n'
        'link = get_zoom_meeting_link(topic="Handover", start_time="2026-03-06 14:00:00", '
        "duration=20, meeting_invitees=[ruth, amadou])\n"
        'create_calendar_event(title="Handover", start_date="2026-03-06 14:00:00", '
        'end_date="2026-03-06 14:20:00", location=link, invitees=[ruth, amadou])\n'
        'compose_new_email(recipients=[ruth, amadou], subject="Handover", '
        'body=f"Join here: {link}")',
    ),
    Example(
        "How do I drive to Villa Rosa?",
        datetime(2025, 7, 12, 18, 5),
        'route = maps_show_directions(end_location="Villa Rosa", transport="driving")\n'
        "return route",
    ),
    Example(
        "Text Pavel that dinner is at eight.",
        datetime(2026, 6, 2, 17, 30),
        'pavel = get_phone_number(name="Pavel")\n'
        'send_sms(recipients=[pavel], message="Dinner is at eight.")',
    ),
    Example(
        "Water the plants for me.",
        datetime(2025, 9, 1, 8, 0),
        "# no tool fits",
    ),
    Example(
        "Answer this mail that Friday suits me.",
        datetime(2026, 10, 30, 9, 41),
        'reply_to_email(body="Friday suits me.")',
    ),
    Example(
        "What does my note on bread say?",
        datetime(2026, 1, 19, 7, 15),
        'note = open_note(name="bread")\nreturn note.content',
    ),
    Example(
        "I must not miss the 7:40 train tomorrow.",
        datetime(2026, 5, 5, 16, 20),
        'create_reminder(name="7:40 train", due_date="2026-05-06 07:40:00")',
    ),
    Example(
        "Send june@lakehouse.example floor_plan.png.",
        datetime(2026, 4, 14, 10, 2),
        'plan = open_and_get_file_path(file_name="floor_plan.png")\n'
        'compose_new_email(recipients=["june@lakehouse.example"], subject="Floor plan", '
        'body="Here is the floor plan.", attachments=[plan])',
    ),
    Example(
        "Text Pavel the gist of lease_draft.pdf.",
        datetime(2026, 8, 22, 13, 0),
        'lease = open_and_get_file_path(file_name="lease_draft.pdf")\n'
        "gist = summarize_pdf(pdf_path=lease)\n"
        'pavel = get_phone_number(name="Pavel")\n'
        "send_sms(recipients=[pavel], message=gist)",
    ),
]
