"""The standard tools: TinyAgent's sixteen (arXiv 2409.00608) and a few that people expect.

They work on any computer, on plain files in open formats; `settings.toml` says where
(`stdlib_tools.settings`, docs/tools.md).
"""

from stdlib_tools.arithmetic import calculate
from stdlib_tools.calendar import create_calendar_event, list_calendar_events
from stdlib_tools.clock import add_minutes, get_current_datetime
from stdlib_tools.contacts import get_email_address, get_phone_number
from stdlib_tools.documents import summarize_pdf
from stdlib_tools.examples import PLAN_EXAMPLES
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
