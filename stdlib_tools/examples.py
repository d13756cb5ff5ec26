"""Requests with their plans, which the model is shown with the standard tools.

Their order is mixed, so that neither the last ones nor the first are all of a kind.
"""

from __future__ import annotations

from datetime import datetime

from planc.tools import Example

_MORNING = datetime(2026, 3, 4, 8, 30)  # a Wednesday
_EVENING = datetime(2025, 7, 12, 18, 5)  # a Saturday

_EXAMPLES: list[tuple[str, datetime, str]] = [
    (
        "One mail to Petra and Goran: the offer is out. Copy to Milan.",
        _MORNING,
        'petra = get_email_address(name="Petra")\n'
        'goran = get_email_address(name="Goran")\n'
        'milan = get_email_address(name="Milan")\n'
        'compose_new_email(recipients=[petra, goran], subject="Offer", '
        'body="The offer is out.", cc=[milan])',
    ),
    (
        "Summarize audit.pdf for Greta by mail, and keep the summary in the note Audit.",
        _MORNING,
        'greta = get_email_address(name="Greta")\n'
        'path = open_and_get_file_path(file_name="audit.pdf")\n'
        "summary = summarize_pdf(pdf_path=path)\n"
        'compose_new_email(recipients=[greta], subject="Audit", body=f"{summary}")\n'
        'create_note(name="Audit", content=f"{summary}")',
    ),
    (
        "Mail Wilma the way by car from Ghent to the campsite.",
        _EVENING,
        'wilma = get_email_address(name="Wilma")\n'
        'link = maps_show_directions(end_location="the campsite", start_location="Ghent", '
        'transport="driving")\n'
        'compose_new_email(recipients=[wilma], subject="The way to the campsite", '
        'body=f"{link}")',
    ),
    (
        "Put the map of Cala Luna into my note Beaches",
        _EVENING,
        'link = maps_open_location(location="Cala Luna")\n'
        'append_note_content(name="Beaches", content=f"{link}")',
    ),
    (
        "This mail should also reach Otto, with price_list.pdf; Edda gets a copy.",
        _MORNING,
        'otto = get_email_address(name="Otto")\n'
        'edda = get_email_address(name="Edda")\n'
        'path = open_and_get_file_path(file_name="price_list.pdf")\n'
        "forward_email(recipients=[otto], cc=[edda], attachments=[path])",
    ),
    (
        "What my note Keys says should go to Hugo and Lia by text.",
        _EVENING,
        'hugo = get_phone_number(name="Hugo")\n'
        'lia = get_phone_number(name="Lia")\n'
        'note = open_note(name="Keys")\n'
        'send_sms(recipients=[hugo, lia], message=f"{note.content}")',
    ),
    (
        "New note Packing: boots, map, head torch",
        _MORNING,
        'create_note(name="Packing", content="Boots, map, head torch")',
    ),
    (
        "In an hour and a half I want a zoom Tax, half an hour; answer this mail with the link.",
        _MORNING,
        'link = get_zoom_meeting_link(topic="Tax", start_time="2026-03-04 10:00:00", '
        "duration=30)\n"
        'reply_to_email(body=f"Join here: {link}")',
    ),
    (
        "Append the gist of survey_2024.pdf to the note Surveys",
        _MORNING,
        'path = open_and_get_file_path(file_name="survey_2024.pdf")\n'
        "summary = summarize_pdf(pdf_path=path)\n"
        'append_note_content(name="Surveys", content=summary)',
    ),
    (
        "Dinner at Trattoria Lina on Thursday the 12th, 19:30 to 21:00, in the calendar Private",
        _MORNING,
        'create_calendar_event(title="Dinner", start_date="2026-03-12 19:30:00", '
        'end_date="2026-03-12 21:00:00", location="Trattoria Lina", calendar="Private")',
    ),
    (
        "Put 'oat flour' on my Groceries note",
        _EVENING,
        'append_note_content(name="Groceries", content="oat flour")',
    ),
    ("Order a large pizza to my place.", _EVENING, "# no tool fits"),
    (
        "Which number does Dr Weiss have?",
        _EVENING,
        'weiss = get_phone_number(name="Dr Weiss")\nreturn weiss',
    ),
    (
        "Sum up grant_call.pdf in a note called Grant call.",
        _MORNING,
        'path = open_and_get_file_path(file_name="grant_call.pdf")\n'
        "summary = summarize_pdf(pdf_path=path)\n"
        'create_note(name="Grant call", content=summary)',
    ),
    (
        "Text Klaus where the Rathaus in Basel is.",
        _EVENING,
        'klaus = get_phone_number(name="Klaus")\n'
        'link = maps_open_location(location="Rathaus in Basel")\n'
        'send_sms(recipients=[klaus], message=f"{link}")',
    ),
    ("Switch off the lights in the hall", _EVENING, "# no tool fits"),
    (
        "Say in a reply that we accept, Tomas in copy.",
        _MORNING,
        'tomas = get_email_address(name="Tomas")\nreply_to_email(body="We accept.", cc=[tomas])',
    ),
    (
        "Make a zoom meeting Budget round, the day after tomorrow at 16:15, for 40 minutes.",
        _MORNING,
        'get_zoom_meeting_link(topic="Budget round", start_time="2026-03-06 16:15:00", '
        "duration=40)",
    ),
    ("Pay the electricity bill.", _EVENING, "# no tool fits"),
    (
        "This mail should go to desk@northpier.example.",
        _MORNING,
        'forward_email(recipients=["desk@northpier.example"])',
    ),
    (
        "Open house_rules.docx",
        _MORNING,
        'path = open_and_get_file_path(file_name="house_rules.docx")\nreturn path',
    ),
    (
        "I need the e-mail address of Orla Byrne",
        _MORNING,
        'orla = get_email_address(name="Orla Byrne")\nreturn orla',
    ),
    (
        "I must not miss the 7:40 train tomorrow.",
        _EVENING,
        'create_reminder(name="7:40 train", due_date="2025-07-13 07:40:00")',
    ),
    (
        "By bus or train, how would I get from Lund to Malmö Arena?",
        _MORNING,
        'route = maps_show_directions(end_location="Malmö Arena", start_location="Lund", '
        'transport="transit")\n'
        "return route",
    ),
    (
        "Send june@lakehouse.example floor_plan.png.",
        _MORNING,
        'path = open_and_get_file_path(file_name="floor_plan.png")\n'
        'compose_new_email(recipients=["june@lakehouse.example"], subject="Floor plan", '
        'body="Here is the floor plan.", attachments=[path])',
    ),
    (
        "The note Ideas in Work gets one more line: ask the choir.",
        _MORNING,
        'append_note_content(name="Ideas", content="Ask the choir.", folder="Work")',
    ),
    (
        "Keep the address of Ruth Adler in a note Addresses.",
        _EVENING,
        'ruth = get_email_address(name="Ruth Adler")\n'
        'create_note(name="Addresses", content=f"{ruth}")',
    ),
    (
        "Send a summary of lease_draft.pdf to notary@stonebridge.example",
        _MORNING,
        'path = open_and_get_file_path(file_name="lease_draft.pdf")\n'
        "summary = summarize_pdf(pdf_path=path)\n"
        'compose_new_email(recipients=["notary@stonebridge.example"], subject="Lease draft", '
        'body=f"{summary}")',
    ),
    (
        "Remind me on Friday at 5 pm to take the bins out",
        _MORNING,
        'create_reminder(name="Take the bins out", due_date="2026-03-06 17:00:00")',
    ),
    (
        "Show me the note Router in the Office folder.",
        _MORNING,
        'note = open_note(name="Router", folder="Office")\nreturn note.content',
    ),
    (
        "Answer this mail that the cheque is in the post and send cheque_scan.png along.",
        _EVENING,
        'path = open_and_get_file_path(file_name="cheque_scan.png")\n'
        'reply_to_email(body="The cheque is in the post.", attachments=[path])',
    ),
    (
        "Answer this mail that the boat is sold.",
        _EVENING,
        'reply_to_email(body="The boat is sold.")',
    ),
    (
        "How do I drive to Villa Rosa?",
        _EVENING,
        'route = maps_show_directions(end_location="Villa Rosa", transport="driving")\n'
        "return route",
    ),
    (
        "A zoom about the roof tomorrow at 9, and remind me ten minutes earlier, with the link.",
        _MORNING,
        'link = get_zoom_meeting_link(topic="Roof", start_time="2026-03-05 09:00:00")\n'
        'create_reminder(name="Zoom about the roof", due_date="2026-03-05 08:50:00", '
        'notes=f"{link}")',
    ),
    (
        "To-do for my Garage list, all day on 2 May 2026: change the tyres",
        _MORNING,
        'create_reminder(name="Change the tyres", due_date="2026-05-02 00:00:00", '
        'list_name="Garage", all_day=True)',
    ),
    (
        "Coffee with Brigid on Monday from 10 to 10:45 in the calendar, and invite her.",
        _MORNING,
        'brigid = get_email_address(name="Brigid")\n'
        'create_calendar_event(title="Coffee with Brigid", start_date="2026-03-09 10:00:00", '
        'end_date="2026-03-09 10:45:00", invitees=[brigid])',
    ),
    (
        "What is tide_tables.pdf about?",
        _EVENING,
        'path = open_and_get_file_path(file_name="tide_tables.pdf")\n'
        "summary = summarize_pdf(pdf_path=path)\n"
        "return summary",
    ),
    ("Water the plants for me.", _MORNING, "# no tool fits"),
    (
        "Mail the note Menu from the folder Party to chef@oldmill.example.",
        _MORNING,
        'note = open_note(name="Menu", folder="Party")\n'
        'compose_new_email(recipients=["chef@oldmill.example"], subject="Menu", '
        'body=f"{note.content}")',
    ),
    (
        "Write Ilse a mail: the concert begins at seven, not at eight.",
        _MORNING,
        'ilse = get_email_address(name="Ilse")\n'
        'compose_new_email(recipients=[ilse], subject="Concert", '
        'body="The concert begins at seven, not at eight.")',
    ),
    (
        "What does my note on bread say?",
        _MORNING,
        'note = open_note(name="bread")\nreturn note.content',
    ),
    (
        "Write down under Films, in the folder Leisure, that I want to see Stalker.",
        _EVENING,
        'create_note(name="Films", content="Stalker", folder="Leisure")',
    ),
    (
        "Where is the Temple of Segesta?",
        _EVENING,
        'place = maps_open_location(location="Temple of Segesta")\nreturn place',
    ),
    (
        "Zoom meeting Harvest tomorrow at noon; text the link to Bruno and to +33 6 98 76 54 32.",
        _EVENING,
        'bruno = get_phone_number(name="Bruno")\n'
        'link = get_zoom_meeting_link(topic="Harvest", start_time="2025-07-13 12:00:00")\n'
        'send_sms(recipients=[bruno, "+33698765432"], message=f"{link}")',
    ),
    (
        "SMS to +46 70 174 06 35: the key is under the pot",
        _EVENING,
        'send_sms(recipients=["+46701740635"], message="The key is under the pot.")',
    ),
    (
        "Let +49 151 2345 6789 have by text what my note Door codes says",
        _EVENING,
        'note = open_note(name="Door codes")\n'
        'send_sms(recipients=["+4915123456789"], message=f"{note.content}")',
    ),
    (
        "Walking route from the ferry terminal to 9 Quay Street",
        _MORNING,
        'route = maps_show_directions(end_location="9 Quay Street", '
        'start_location="the ferry terminal", transport="walking")\n'
        "return route",
    ),
    (
        'Forward this to Lucille and write "For your files."',
        _MORNING,
        'lucille = get_email_address(name="Lucille")\n'
        'forward_email(recipients=[lucille], body="For your files.")',
    ),
    (
        "Get rates_2026.xlsx to Nora by mail",
        _MORNING,
        'nora = get_email_address(name="Nora")\n'
        'path = open_and_get_file_path(file_name="rates_2026.xlsx")\n'
        'compose_new_email(recipients=[nora], subject="Rates 2026", '
        'body="Here are the rates.", attachments=[path])',
    ),
    ("Delete my note Old passwords.", _EVENING, "# no tool fits"),
    (
        "Text Vera the gist of by_laws.pdf.",
        _MORNING,
        'vera = get_phone_number(name="Vera")\n'
        'path = open_and_get_file_path(file_name="by_laws.pdf")\n'
        "summary = summarize_pdf(pdf_path=path)\n"
        'send_sms(recipients=[vera], message=f"{summary}")',
    ),
    (
        "Rehearsal on Sunday, 15:00 to 17:00, with Ines as a guest: calendar, please. Text her the "
        "way to St Mary's Hall, and add 'Ines asked' to the note Rehearsals.",
        _MORNING,
        'ines = get_email_address(name="Ines")\n'
        'create_calendar_event(title="Rehearsal", start_date="2026-03-08 15:00:00", '
        'end_date="2026-03-08 17:00:00", invitees=[ines])\n'
        'ines_phone = get_phone_number(name="Ines")\n'
        'link = maps_show_directions(end_location="St Mary\'s Hall")\n'
        'send_sms(recipients=[ines_phone], message=f"{link}")\n'
        'append_note_content(name="Rehearsals", content="Ines asked")',
    ),
    (
        "Text Pavel that dinner is at eight.",
        _EVENING,
        'pavel = get_phone_number(name="Pavel")\n'
        'send_sms(recipients=[pavel], message="Dinner is at eight.")',
    ),
    (
        "Arrange a 20-minute zoom call named Handover with Ruth and Amadou for Friday at 2 pm, "
        "put it on my calendar too and mail them the link.",
        _MORNING,
        'ruth = get_email_address(name="Ruth")\n'
        'amadou = get_email_address(name="Amadou")\n'
        'link = get_zoom_meeting_link(topic="Handover", start_time="2026-03-06 14:00:00", '
        "duration=20, meeting_invitees=[ruth, amadou])\n"
        'create_calendar_event(title="Handover", start_date="2026-03-06 14:00:00", '
        'end_date="2026-03-06 14:20:00", location=link, invitees=[ruth, amadou])\n'
        'compose_new_email(recipients=[ruth, amadou], subject="Handover", '
        'body=f"Join here: {link}")',
    ),
    (
        "Ask stay@pinelodge.example by mail if dogs are allowed.",
        _EVENING,
        'compose_new_email(recipients=["stay@pinelodge.example"], subject="Dogs", '
        'body="Are dogs allowed?")',
    ),
    (
        "Tell Ana and Ugo by SMS that the gate stays open",
        _EVENING,
        'ana = get_phone_number(name="Ana")\n'
        'ugo = get_phone_number(name="Ugo")\n'
        'send_sms(recipients=[ana, ugo], message="The gate stays open.")',
    ),
]

PLAN_EXAMPLES = [Example(request, now, plan) for request, now, plan in _EXAMPLES]
