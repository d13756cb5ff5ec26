"""How things are said: verb phrases, noun phrases, and whole requests, with slots in braces.

Every sixth entry of a list is kept for testing, so each list has six at least. `{who}` is one
person or several, `{np}` what is sent or kept, `{when}` a time.
"""

from __future__ import annotations

# Around one verb phrase or several joined ones.
WHOLE = (
    "{Vp}.",
    "Please {vp}.",
    "{Vp}, please.",
    "Could you {vp}?",
    "Can you {vp}?",
    "Would you {vp}?",
    "{Vp}",
    "I'd like you to {vp}.",
    "I need you to {vp}.",
    "Kindly {vp}.",
    "hi, {vp}",
    "{Vp}!",
    "Would you mind helping me out: {vp}.",
    "{Vp}, would you?",
    "Be so kind and {vp}.",
    "Next, {vp}.",
    "Can you please {vp}?",
    "{vp}",
    "Do me a favour and {vp}.",
    "{Vp}, thanks.",
    "Quick one: {vp}.",
    "I want you to {vp}.",
    "{Vp} when you have a second.",
)
# The same around what is told, or is several sentences.
PLAIN = (
    "{Vp}.",
    "{Vp}",
    "{Vp}, thanks.",
    "hi, {vp}",
    "{Vp}!",
    "{Vp}. Thank you.",
    "{Vp}.",
    "{vp}",
    "Hello! {Vp}.",
    "Okay, {vp}.",
    "{Vp}. That's it.",
    "{Vp}.",
)
# Around a request, with nothing to be done about it.
CONTEXT = (
    "{said} I'm in a hurry.",
    "I have no time for it myself. {said}",
    "{said} It's rather urgent.",
    "Busy day today. {said}",
    "{said} My boss keeps asking.",
    "We're leaving soon. {said}",
    "I nearly forgot. {said}",
    "{said} I can't find the time today.",
    "{said} They have been waiting for days.",
    "My hands are full. {said}",
    "{said} It's for the neighbours.",
    "The guests are on their way. {said}",
    "{said} I don't want to miss it.",
    "I'm about to board. {said}",
)
TWO = (
    "{a} and {b}",
    "{a}, then {b}",
    "{a} and also {b}",
    "{a}. Also {b}",
    "{a} and after that {b}",
    "{a}; {b} too",
    "{a}. Then {b}",
    "{a}, and {b}",
    "{a} and then {b}",
    "{a}. On top of that, {b}",
    "first {a}, then {b}",
    "{a}. And {b}",
)
THREE = (
    "{a}, {b} and {c}",
    "{a}, {b}, and {c}",
    "{a}, then {b}, and finally {c}",
    "{a} and {b}. Also {c}",
    "{a}. {B}. {C}",
    "{a}, then {b} and {c}",
    "first {a}, then {b}, then {c}",
    "{a} and {b}, and {c}",
    "{a}; {b}; {c}",
    "{a}, {b}, and last {c}",
    "{a}. After that {b}, and {c}",
    "{a}. {B}, and {c}",
)

# People.
AND = (
    "{a} and {b}",
    "{a} and {b}",
    "{a} as well as {b}",
    "both {a} and {b}",
    "{a} & {b}",
    "{a} together with {b}",
    "{a} and {b}",
)
AND_MORE = (
    "{rest} and {last}",
    "{rest}, and {last}",
    "{rest} and {last}",
    "{rest} & {last}",
    "{rest} plus {last}",
    "{rest} as well as {last}",
)
AT = (
    "{who} at {at}",
    "{who} ({at})",
    "{who}, {at},",
    "{who} under {at}",
    "{at}, that's {who},",
    "{who} at {at}",
)

# Noun phrases of what can be sent, kept and shown.
SUMMARY = (
    "a summary of {file}",
    "the gist of {file}",
    "the main points of {file}",
    "a brief summary of {file}",
    "what {file} says in short",
    "the key points from {file}",
    "a digest of {file}",
    "a quick summary of {file}",
    "an overview of {file}",
    "the essence of {file}",
    "a few sentences on what {file} says",
    "the most important points in {file}",
    "a condensed version of {file}",
    "a summarised {file}",
    "what matters in {file}",
    "the short form of {file}",
    "the upshot of {file}",
    "a recap of {file}",
)
NOTE = (
    "the text of my {note} note",
    "what my note {note} says",
    "my {note} note",
    "what is in the note {note}",
    "the content of my note {note}",
    "whatever my {note} note says",
    "the contents of the note {note}",
    "everything in my {note} note",
    "my note called {note}",
    "what I wrote in the note {note}",
    "the full text of the note {note}",
    'my note "{note}"',
    "the note named {note}",
)
NOTE_IN = (
    "what the note {note} in the {folder} folder says",
    "my note {note} from the folder {folder}",
    "the {note} note (folder {folder})",
    "the text of {note}, a note in {folder}",
    "what I noted under {note} in {folder}",
    "the contents of the {note} note in my {folder} folder",
    "everything in the note {note}, which is in {folder}",
    "my {note} note out of the {folder} folder",
    "the note {note} in {folder}",
    "the text of the note {note} (in {folder})",
    "my {folder} note {note}, all of it,",
    "what {note} in my {folder} folder says",
)
PLACE = (
    "the map of {place}",
    "where {place} is",
    "the location of {place}",
    "a map showing {place}",
    "a link to {place} on the map",
    "the map link of {place}",
    "a pin for {place}",
    "where to find {place}",
    "{place} on the map",
    "the spot of {place} on a map",
    "a map for {place}",
    "a maps link to {place}",
)
ROUTE = (
    "the way to {b}",
    "directions to {b}",
    "the route to {b}",
    "how to get to {b}",
    "the way there: {b}",
    "a route to {b}",
    "the directions for {b}",
)
ROUTE_FROM = (
    "the way from {a} to {b}",
    "directions from {a} to {b}",
    "how to get from {a} to {b}",
    "the directions to {b} from {a}",
    "a route from {a} to {b}",
    "the route between {a} and {b}",
    "how one gets to {b} from {a}",
    "the connection from {a} to {b}",
    "the route {a} to {b}",
)
MODES = {
    "driving": ("by car", "driving", "in the car", "on the road", "when driving", "by car"),
    "walking": ("on foot", "walking", "as a walk", "by foot", "for walking", "for a pedestrian"),
    "transit": (
        "by public transport",
        "by bus or train",
        "with public transit",
        "by train",
        "by bus",
        "using public transport",
    ),
}
MODE_NOUNS = {
    "driving": (
        "the driving route",
        "driving directions",
        "the way by car",
        "the car route",
        "the drive",
        "the route for the car",
    ),
    "walking": (
        "the walking route",
        "walking directions",
        "the footpath",
        "the way on foot",
        "the walk",
        "the route on foot",
    ),
    "transit": (
        "the transit route",
        "public transport directions",
        "the bus and train connection",
        "the way by public transport",
        "transit directions",
        "the train connection",
    ),
}
PHONE = (
    "{whose} phone number",
    "{whose} number",
    "the phone number of {who}",
    "the number of {who}",
    "{whose} mobile number",
    "the mobile number of {who}",
    "{whose} cell number",
)
EMAIL = (
    "{whose} email address",
    "{whose} e-mail",
    "the email address of {who}",
    "the mail address of {who}",
    "{whose} email",
    "{whose} mail address",
    "the e-mail address of {who}",
)

# Verb phrases that look something up, for what follows to use.
SUMMARISE = (
    "summarise {file}",
    "sum up {file}",
    "summarize {file}",
    "make a summary of {file}",
    "read {file} and sum it up",
    "condense {file}",
    "write up the gist of {file}",
    "get me the gist of {file}",
)
OPEN_NOTE = (
    "open my {note} note",
    "open the note {note}",
    "pull up {note} from my notes",
    "look at my note {note}",
    "get my {note} note",
    "bring up the note {note}",
    "show me the note {note}",
)
OPEN_NOTE_IN = (
    "open the note {note} in {folder}",
    "open {note} from my {folder} folder",
    "get the {note} note out of {folder}",
    "look at {note} in the folder {folder}",
    "show me the note {note} in my {folder} folder",
    "bring up {note} in the {folder} folder",
    "pull up the {folder} note {note}",
)
FIND_PLACE = (
    "find {place} on the map",
    "look {place} up on the map",
    "locate {place} on a map",
    "show {place} on the map",
    "open {place} in maps",
    "get the map of {place}",
    "look up where {place} is",
)
FIND_ROUTE = (
    "get {route}",
    "find {route}",
    "look up {route}",
    "work out {route}",
    "show me {route}",
    "open {route}",
    "figure out {route}",
)

# Verb phrases that send, with {np}; then those for "it".
SMS_NP = (
    "text {who} {np}",
    "send {who} {np} by text",
    "send {np} to {who} as a text message",
    "let {who} have {np} by SMS",
    "text {np} to {who}",
    "send a text with {np} to {who}",
    "get {np} to {who} by text message",
    "drop {who} a text with {np}",
    "share {np} with {who} by SMS",
    "send an SMS to {who} with {np}",
    "SMS {np} to {who}",
    "pass {np} to {who} in a text",
    "send {who} an SMS with {np}",
)
SMS_IT = (
    "text it to {who}",
    "send it to {who} by text",
    "SMS it to {who}",
    "let {who} have it by text",
    "share it with {who} by SMS",
    "get it to {who} as a text",
    "send it over to {who} as a text",
    "text it over to {who}",
)
SMS_TOLD = (
    "{who} needs {np}, text it over",
    "{who} asked for {np}; send it by text",
    "{who} wants {np} by text",
    "{who} should get {np} as a text message",
    "I promised {who} {np}: text it",
    "{np} should go to {who} by SMS",
    "{who} is waiting for {np}, so text it",
    "{np} has to get to {who} by text",
)
MAIL_TOLD = (
    "{who} needs {np}, email it",
    "{who} asked for {np}; mail it",
    "{who} wants {np} by email",
    "{who} should have {np} in the inbox",
    "I promised {who} {np}: send it by mail",
    "{np} should go to {who} by email",
    "{who} is waiting for {np}, so mail it",
    "{np} has to get to {who} by e-mail",
)
MAIL_NP = (
    "email {who} {np}",
    "mail {np} to {who}",
    "send {who} an email with {np}",
    "send {np} to {who} by email",
    "write {who} an email with {np}",
    "get {np} to {who} by mail",
    "email {np} to {who}",
    "send {who} {np} by e-mail",
    "mail {who} {np}",
    "send an email to {who} containing {np}",
    "share {np} with {who} by email",
    "let {who} have {np} by mail",
    "put {np} into an email to {who}",
)
MAIL_IT = (
    "email it to {who}",
    "send it to {who} by email",
    "mail it to {who}",
    "share it with {who} by mail",
    "let {who} have it by email",
    "write it to {who} in an email",
    "put it into an email to {who}",
    "get it to {who} by e-mail",
)
REPLY_NP = (
    "reply to this email with {np}",
    "answer this mail with {np}",
    "send {np} as my reply to this email",
    "respond to the selected mail with {np}",
    "write back to the sender of this mail with {np}",
    "put {np} in a reply to the open email",
    "answer the message I selected with {np}",
    "reply to the mail I have open with {np}",
)
REPLY_IT = (
    "reply to this email with it",
    "answer this mail with it",
    "send it as my answer to this email",
    "use it to answer the selected mail",
    "put it in a reply to this mail",
    "write it back to the sender of this mail",
    "reply with it to the open email",
)
CREATE_NP = (
    "keep {np} in a new note called {name}",
    "save {np} as a new note {name}",
    "make a note {name} with {np}",
    "create a note named {name} with {np}",
    "store {np} in a note titled {name}",
    "put {np} into a new note {name}",
    "write {np} down in a new note called {name}",
    "start a note {name} that holds {np}",
    "file {np} under {name} as a new note",
    "save {np} to a new note named {name}",
)
CREATE_IT = (
    "save it as a new note {name}",
    "keep it in a note called {name}",
    "make a note {name} of it",
    "create a note named {name} with it",
    "put it into a new note {name}",
    "store it in a new note titled {name}",
    "write it down in a note called {name}",
)
APPEND_NP = (
    "add {np} to my {name} note",
    "append {np} to the note {name}",
    "put {np} at the end of my note {name}",
    "add {np} to the note called {name}",
    "put {np} into my {name} note",
    "extend the note {name} by {np}",
    "write {np} into my existing note {name}",
    "attach {np} to the bottom of my {name} note",
)
APPEND_IT = (
    "add it to my {name} note",
    "append it to the note {name}",
    "put it at the end of my note {name}",
    "put it into my {name} note",
    "add it to the existing note {name}",
    "write it into my note {name}",
    "also add it to the note {name}",
)
IN_FOLDER = (
    " in the folder {folder}",
    " in my {folder} folder",
    " in {folder}",
    " (folder {folder})",
    " under {folder}",
    ", folder {folder}",
    " in the {folder} folder",
)

IN_SAME_FOLDER = (
    " in the same folder as the note {note}",
    ", in the folder where my {note} note is",
    " (same folder as {note})",
    " in the folder that my note {note} is in",
    ", same folder as my note {note}",
    " in whichever folder the note {note} is",
    " next to my note {note}, in its folder",
)

# Messages that the request states.
SMS_SAY = (
    "text {who} that {fact}",
    "tell {who} by text that {fact}",
    "send {who} a text: {fact}",
    "let {who} know by SMS that {fact}",
    "text {who}: {fact}",
    "send an SMS to {who} saying {fact}",
    "SMS {who} that {fact}",
    "send a text to {who} saying that {fact}",
    'text {who} "{fact}"',
    "inform {who} by text message that {fact}",
    "write {who} a text that {fact}",
    "message {who} by text: {fact}",
)
SMS_ASK = (
    "ask {who} by text if {told}",
    "text {who} and ask whether {told}",
    "send {who} a text asking if {told}",
    "ask {who} in a text whether {told}",
    "text {who} to ask if {told}",
    "find out from {who} by text whether {told}",
    "SMS {who} to ask whether {told}",
)
MAIL_SAY = (
    "email {who} that {fact}",
    "write to {who} by email that {fact}",
    "send {who} an email saying that {fact}",
    "let {who} know by email that {fact}",
    "mail {who}: {fact}",
    "send an email to {who} that says {fact}",
    "tell {who} by mail that {fact}",
    "write {who} a mail: {fact}",
    "inform {who} by e-mail that {fact}",
    'email {who} "{fact}"',
    "drop {who} an email that {fact}",
    "mail {who} that {fact}",
)
MAIL_ASK = (
    "ask {who} by email if {told}",
    "email {who} to ask whether {told}",
    "write {who} an email asking if {told}",
    "ask {who} in a mail whether {told}",
    "send {who} an email to ask if {told}",
    "mail {who} and ask whether {told}",
    "find out by email from {who} whether {told}",
)
MAIL_ABOUT = (
    "email {who} about {topic}",
    "write {who} an email about {topic}",
    "send {who} a mail about {topic}",
    "mail {who} regarding {topic}",
    "compose an email to {who} about {topic}",
    "write to {who} by mail about {topic}",
    "send an email about {topic} to {who}",
)
REPLY_SAY = (
    "reply to this email that {fact}",
    "answer this mail: {fact}",
    "write back that {fact}",
    "reply that {fact}",
    "respond to the selected email saying {fact}",
    "answer the open mail that {fact}",
    "send a reply to this message: {fact}",
    "tell the sender of this mail that {fact}",
    'reply "{fact}" to the mail I selected',
    'answer this message with "{fact}"',
    "reply to the email on my screen: {fact}",
    "write a reply to this mail that {fact}",
)
FORWARD = (
    "forward this email to {who}",
    "forward the selected mail to {who}",
    "send this email on to {who}",
    "pass this mail along to {who}",
    "forward the open message to {who}",
    "let {who} have this email too",
    "forward this to {who}",
    "send the mail I have open on to {who}",
    "relay this email to {who}",
    "share this mail with {who}",
    "forward the email I'm reading to {who}",
    "get this mail to {who}",
)
FORWARD_SAY = (
    ' with the comment "{fact}"',
    ' and add "{fact}"',
    " and write that {fact}",
    ", saying {fact}",
    " with a line saying {fact}",
    " and tell them {fact}",
    " and mention that {fact}",
)
CC = (
    " with {cc} in cc",
    ", cc {cc}",
    " and put {cc} in copy",
    ", copying {cc}",
    " and cc {cc}",
    ", with a copy to {cc}",
    " with {cc} on copy",
    ", {cc} in cc",
)
ATTACH = (
    " and attach {files}",
    " with {files} attached",
    ", attaching {files}",
    ", with {files} as an attachment",
    " and include {files}",
    " together with {files}",
    " with {files} as attachment",
    ", and put {files} in the attachment",
)
SEND_FILES = (
    "email {files} to {who}",
    "send {who} {files} by email",
    "mail {who} {files}",
    "send {files} to {who}",
    "get {files} over to {who} by mail",
    "email {who} the {plural} {files}",
    "mail {files} to {who}",
    "send {who} an email with {files} attached",
    "let {who} have {files} by email",
    "write {who} a mail and attach {files}",
    "share {files} with {who} by email",
    "send {who} the {plural} {files}",
)

# Events, meetings, reminders, notes.
EVENT = (
    "put {title} {when} on my calendar",
    "schedule {title} {when}",
    "add {title} {when} to my calendar",
    "create a calendar event for {title} {when}",
    "book {title} {when}",
    "block {when} for {title}",
    "enter {title} {when} in the calendar",
    "set up {title} {when} in my calendar",
    "plan {title} {when}",
    "make an appointment for {title} {when}",
    "pencil in {title} {when}",
    "put {title} in the calendar {when}",
    "create an event called {title} {when}",
    "calendar entry: {title} {when}",
)
EVENT_TOLD = (
    "I have {title} {when}, put it in the calendar",
    "{title} {when} needs to go on my calendar",
    "there's {title} {when}, add it to my calendar",
    "{title} is {when}; please put it in my calendar",
    "{title} {when} goes in the calendar",
    "my calendar should show {title} {when}",
    "{title} {when}, calendar please",
)
AT_PLACE = (
    " at {place}",
    " at {place}",
    ", at {place}",
    " (place: {place})",
    ", location {place}",
    ", venue: {place}",
    " at {place}",
    ", which takes place at {place}",
)
ON_CALENDAR = (
    " in the {calendar} calendar",
    " on my {calendar} calendar",
    " (calendar {calendar})",
    " in the calendar {calendar}",
    ", calendar: {calendar}",
    " on the calendar named {calendar}",
    ", in my {calendar} calendar",
)
INVITE = (
    " and invite {who}",
    " with {who} invited",
    ", inviting {who}",
    " and send an invitation to {who}",
    ", with {who} as a guest",
    " with an invitation for {who}",
    ", {who} should be invited",
    " with {who} as invitees",
    " and have {who} invited",
)
ZOOM = (
    "set up a zoom meeting about {topic} {when}",
    "create a zoom call on {topic} {when}",
    "schedule a zoom meeting {topic} {when}",
    "make a zoom meeting called {topic} {when}",
    "get me a zoom link for {topic} {when}",
    "start a zoom about {topic} {when}",
    "arrange a zoom call about {topic} {when}",
    "open a zoom room for {topic} {when}",
    "book a zoom for {topic} {when}",
    "plan a zoom call titled {topic} {when}",
    "create an online meeting about {topic} {when}",
    "set up a video call on zoom about {topic} {when}",
)
FOR_LONG = (
    " for {long}",
    ", {long} long",
    ", {long}",
    " lasting {long}",
    " that takes {long}",
    " of {long}",
    " for {long}",
)
REMIND = (
    "remind me {when} to {task}",
    "remind me to {task} {when}",
    "set a reminder {when} to {task}",
    "give me a reminder to {task} {when}",
    "create a reminder to {task} {when}",
    "I have to {task} {when}, remind me",
    "make sure I {task} {when}: set a reminder",
    "add a reminder {when}: {task}",
    "set up a reminder for me to {task} {when}",
    "new reminder {when}: {task}",
    "remind me that I have to {task} {when}",
    "have me reminded to {task} {when}",
    "ping me {when} to {task}",
)
REMIND_ONLY = (
    "remind me to {task}",
    "create a reminder to {task}",
    'add "{task}" to my reminders',
    "set a reminder: {task}",
    "put {task} on my to-do list",
    "new to-do: {task}",
    "I must not forget to {task}, note that as a reminder",
)
ON_LIST = (
    " on my {list} list",
    " in the list {list}",
    " (list {list})",
    " in my {list} list",
    ", list: {list}",
    " under {list} in my reminders",
    " on the list called {list}",
)
PRIORITY = (
    " with priority {priority}",
    ", priority {priority}",
    " (priority {priority})",
    " and give it priority {priority}",
    ", with a priority of {priority}",
    " at priority {priority}",
)
ALL_DAY = (
    " all day",
    ", all day",
    " as an all-day reminder",
    " (all day)",
    " for the whole day",
    ", all-day",
)
WRITE_NOTE = (
    "make a note called {name}: {item}",
    "create a note {name} that says {item}",
    "start a new note {name} with {item}",
    "new note {name}: {item}",
    "write a note titled {name}: {item}",
    'create a note named {name} with the text "{item}"',
    "put {item} in a new note called {name}",
    "open a fresh note {name} and write {item}",
    "note down {item} in a new note {name}",
    "save a note {name} saying {item}",
)
APPEND = (
    "add {item} to my {name} note",
    'append "{item}" to the note {name}',
    'add "{item}" to my note {name}',
    "write {item} into my {name} note",
    "put {item} on my {name} note",
    "add the line {item} to the note {name}",
    "extend my {name} note with {item}",
    "add {item} at the end of the note {name}",
    "note {item} in my {name} note",
)

# Requests that ask to be shown something, whole.
ASK_SUMMARY = (
    "Summarise {file}",
    "What is {file} about?",
    "What does {file} say?",
    "Give me a summary of {file}.",
    "I need a summary of {file}",
    "Tell me the main points of {file}",
    "Can you sum up {file} for me?",
    "What are the key points in {file}?",
    "tl;dr of {file}",
    "Sum up {file}, please.",
    "In short, what's in {file}?",
    "Could you summarize {file}?",
)
ASK_NOTE = (
    "Open my {note} note.",
    "Show me the note {note}",
    "What's in my {note} note?",
    "Open the note {note}, please",
    "What did I write in my note {note}?",
    "Read me my {note} note",
    "I need to see the note called {note}.",
    "Let me see my {note} note",
    "Bring up my note {note}",
    "What does the note {note} say?",
    "Can you open {note} from my notes?",
    "Display the note {note}",
)
ASK_NOTE_IN = (
    "Open {note} in the folder {folder}",
    "Show me the note {note} from my {folder} folder.",
    "What's in the note {note} in {folder}?",
    "Read me {note}, it's a note in {folder}.",
    "Open my {folder} note {note}",
    "What does the note {note} in my {folder} folder say?",
    "Bring up {note} in {folder}, please",
)
ASK_PLACE = (
    "Where is {place}?",
    "Show {place} on the map",
    "Open {place} in maps.",
    "Find {place} on the map, please",
    "Where can I find {place}?",
    "Show me where {place} is",
    "Map of {place}",
    "Locate {place}",
    "I want to see {place} on a map.",
    "Could you look up the location of {place}?",
    "Where's {place} located?",
    "Pull up a map for {place}",
)
ASK_ROUTE = (
    "How do I get {trip}?",
    "Show me the way {trip}",
    "Directions {trip}, please",
    "I need directions {trip}",
    "Give me the route {trip}",
    "Find the way {trip}",
    "What's the best way {trip}?",
    "Navigate {trip}",
    "Route {trip}",
    "Can you get me directions {trip}?",
    "I want to go {trip}. Which way?",
    "Take me {trip}",
)
ASK_PHONE = (
    "What is {whose} phone number?",
    "What's {whose} number?",
    "Give me {whose} phone number",
    "Look up the number of {who}",
    "I need {whose} phone number.",
    "Do you have {whose} mobile number?",
    "Find {whose} number, please",
    "Phone number of {who}?",
)
ASK_EMAIL = (
    "What is {whose} email address?",
    "Give me {whose} email",
    "Look up {whose} e-mail address",
    "What's the email of {who}?",
    "I need {whose} mail address",
    "Find {whose} email, please.",
    "E-mail address of {who}?",
    "Which email address does {who} have?",
)
ASK_FILE = (
    "Open {file}",
    "Find {file} and open it.",
    "Open the file {file}, please",
    "I need to see {file}",
    "Can you find and open {file}?",
    "Where's my file {file}? Open it.",
    "Pull {file} up",
    "Show me {file}",
    "Please open {file} for me",
    "Get {file} open",
)

# What an earlier clause has brought.
LOOK = (
    "get me {np}",
    "find {np}",
    "look up {np}",
    "get {np}",
    "fetch {np}",
    "I need {np}",
    "show me {np}",
    "pull up {np}",
    "give me {np}",
    "check {np}",
)

# What is done with an online meeting.
THEM = (
    "email {them} the link",
    "mail the link to everyone invited",
    "send {them} the link by email too",
    "email the link to the same people",
    "mail it to {them}",
    "send {them} the link in an email",
    "let {them} have the link by mail",
    "write {them} an email with the link",
    "send the link by email to {them}",
)
THEM_SMS = (
    "text {them} the link",
    "send {them} the link by SMS",
    "text the link to {them}",
    "let {them} have it as a text message",
    "SMS the link to {them}",
    "send {them} a text with the link",
    "get the link to {them} by text",
)
BEFORE = (
    "remind me {long} before with the link in the notes",
    "set a reminder {long} earlier that has the link in its notes",
    "add a reminder {long} ahead of its start, link in the notes",
    "remind me {long} ahead of it and put the link into the notes",
    "give me a reminder {long} before, with the link as a note",
    "set me a reminder for {long} before the meeting with the link in the notes",
    "have a reminder go off {long} before it, with the link in the notes",
)
CALENDAR_TOO = (
    "put it on my calendar with the link as the location",
    "add it to my calendar, link as location",
    "create a calendar event for it with the link as its location",
    "enter it in the calendar with the link as location",
    "block the time in my calendar with the link as the location",
    "make a calendar entry for it that has the link as location",
    "put the meeting into my calendar too, with the link in the location",
)
CALENDAR_INVITE = (
    "put it on my calendar with the same people invited and the link as location",
    "add it to my calendar, invite them there too, link as location",
    "create a calendar event with the same guests, and its location is the link",
    "enter it in the calendar, all of them invited, link under location",
    "make a calendar entry, same guests, with the link as the location",
    "put it in the calendar too, inviting them, location is the link",
    "block my calendar for it with them as guests and the link as location",
)

# Pages, texts and tables.
PAGE = (
    "a summary of {url}",
    "the gist of the page {url}",
    "what {url} says in short",
    "the main points of {url}",
    "a short version of the web page {url}",
    "a summary of the site {url}",
    "a digest of {url}",
)
THIS_MAIL = (
    "a summary of this email",
    "the gist of the mail I have open",
    "the main points of the selected email",
    "what this mail says in short",
    "a short version of this message",
    "a summary of the mail I'm reading",
    "the key points of the email on my screen",
)
TEXT_FILE = (
    "the text of {file}",
    "what {file} says, word for word",
    "the whole text of the file {file}",
    "the content of {file}",
    "everything that is in {file}",
    "the contents of {file}",
    "the full text of {file}",
)
WRITING = (
    "{what}",
    "{what} that you write",
    "{what}, written by you",
    "{what}",
    "{what} of your own",
    "{what}",
)
SAVE_NP = (
    "save {np} as {file}",
    "write {np} to a file called {file}",
    "put {np} into a new file {file}",
    "store {np} in {file}",
    "keep {np} in a text file named {file}",
    "save {np} in the file {file}",
    "make a file {file} with {np}",
)
SAVE_IT = (
    "save it as {file}",
    "write it to a file called {file}",
    "put it into a new file {file}",
    "store it in {file}",
    "keep it as the file {file}",
    "save it to {file}",
)
WRITE_FILE = (
    "make a text file {file}: {item}",
    "create a file {file} that says {item}",
    'write "{item}" to a file named {file}',
    "save {item} in a text file called {file}",
    "put {item} into a new file {file}",
    "start a file {file} with the text {item}",
    "save the text {item} as {file}",
)
ASK_PAGE = (
    "Summarise {url}",
    "What does {url} say?",
    "What is {url} about?",
    "Give me the gist of {url}.",
    "Read {url} and tell me the main points",
    "Sum up the page {url}, please.",
    "tl;dr {url}",
)
ASK_THIS_MAIL = (
    "Summarise this email.",
    "What does this mail say?",
    "What is the selected email about?",
    "Give me the gist of the mail I have open",
    "Sum up this message, please",
    "tl;dr of this mail",
    "What are the main points of this email?",
)
ASK_TEXT_FILE = (
    "What does {file} say?",
    "Read me {file}",
    "What's in {file}?",
    "Show me the text of {file}.",
    "Read the file {file} to me, please",
    "Print out what {file} says",
    "I want to read {file}",
)
ASK_TABLE = (
    "Show me the rows of {file}",
    "What's in the table {file}?",
    "Read {file} and give me its rows.",
    "List the entries of {file}",
    "Let me see the data in {file}",
    "Open the table {file} and show its rows",
    "What rows does {file} have?",
)
ASK_WRITING = (
    "Write me {what}.",
    "Write {what}",
    "Can you write {what}?",
    "Make up {what} for me",
    "I need {what}. Write it for me.",
    "Come up with {what}, please",
    "Draft {what}",
)
ASK_AGENDA = (
    "What's on my calendar {day}?",
    "Which appointments do I have {day}?",
    "Show me my calendar {day}",
    "What am I doing {day}?",
    "Do I have anything on {day}?",
    "List my events {day}.",
    "Am I free {day}?",
    "What does my agenda look like {day}?",
)
ASK_SUM = (
    "What is {sum}?",
    "How much is {sum}?",
    "Calculate {sum}",
    "Work out {sum} for me",
    "{sum}?",
    "Compute {sum}, please.",
    "Tell me what {sum} comes to",
)
ASK_NOW = (
    "What time do we have?",
    "What's the date today?",
    "Tell me the time",
    "Which day is it today?",
    "What is the current time?",
    "How late is it now?",
    "Give me today's date and the time",
)
