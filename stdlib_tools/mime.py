"""Mails as MIME messages (RFC 5322, RFC 2045): writing new ones, reading received ones.

New ones are made with `EmailMessage`. Received ones are hostile text: they are parsed with the
`compat32` policy, which leaves their headers as they are, and each header is read with care.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.headerregistry import Address, AddressHeader, BaseHeader
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from email.utils import formataddr, getaddresses, make_msgid

import idna

from planc.types import EMAIL_ADDRESS
from stdlib_tools import moments
from stdlib_tools.errors import ToolError
from stdlib_tools.markup import text_of_html
from stdlib_tools.matching import one_line, shown
from stdlib_tools.wording import clipped, plain

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_MOST_REFERENCES = 20
_LONGEST_SUBJECT = 500
_LONGEST_HEADER = 20_000
_LONGEST_QUOTE = 1_000_000
_DEEPEST = 20  # parts in parts


class _Policy(EmailPolicy):
    """Writes message IDs whole, which the library would encode when they are long, and the
    headers of a forwarded mail as they came."""

    def fold_binary(self, name: str, value: str) -> bytes:
        is_own = isinstance(value, BaseHeader)
        if is_own and name.lower() not in ("in-reply-to", "references"):
            folded = None if self.utf8 else self._folded(name, value)
            if folded is None:
                return super().fold_binary(name, value)
            return f"{name}: {folded}{self.linesep}".encode("ascii")
        first, *rest = value.split() if is_own else re.split(r"\r\n|\r|\n", value)
        folds = [line if line[:1] in (" ", "\t") else f" {line}" for line in rest]
        folded = self.linesep.join([f"{name}: {first}", *folds, ""])
        return folded.encode("utf-8", "surrogateescape")

    def _folded(self, name: str, value: str) -> str | None:
        """The subject, and names before addresses, where the library's own folding loses spaces
        between encoded words or the quotes around a long name."""
        if name.lower() == "subject" and not value.isascii():
            return Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        if not isinstance(value, AddressHeader):
            return None
        told = []
        for one in value.addresses:
            if one.display_name.isascii():
                told.append(formataddr((one.display_name, one.addr_spec)))
            else:
                words = Header(one.display_name, "utf-8", header_name=name)
                told.append(f"{words.encode(linesep=self.linesep)} <{one.addr_spec}>")
        return f",{self.linesep} ".join(told)


class _AsItCame(Message):
    """A received mail to be written again: all below its header is taken for text, so that the
    library need not understand what it writes."""

    def get_content_maintype(self) -> str:
        return "text"

    def get_content_subtype(self) -> str:
        return "plain"


_BUILD = EmailPolicy(cte_type="7bit")


def header_text(text: str) -> str:
    """A text for a header: on one line, and with nothing in it that reads as an encoded word
    (RFC 2047), in which line ends could hide."""
    return one_line(text).replace("=?", "= ?")


def address(text: str, name: str = "") -> Address:
    """An address for a header, its domain in ASCII. Raises `ToolError`."""
    user, _, domain = text.rpartition("@")
    try:
        if not EMAIL_ADDRESS.accepts(text) or "" in user.split("."):
            raise ValueError
        return Address(header_text(name), user, _in_ascii(domain))
    except ValueError as error:
        raise ToolError(f"{shown(text)} is no e-mail address that mail can be sent to") from error


def _in_ascii(domain: str) -> str:
    """A domain as mail servers name it (RFC 5891: `straße.de` is not `strasse.de`). Raises
    `ValueError`."""
    if not domain.isascii():
        return idna.encode(domain, uts46=True).decode("ascii")
    if max(map(len, domain.split("."))) > 63:  # RFC 1035, section 2.3.4
        raise ValueError
    return domain


def new(
    sender: Address, to: Sequence[Address], cc: Sequence[Address], subject: str, now: datetime
) -> EmailMessage:
    """A mail without a body."""
    message = EmailMessage(policy=_BUILD)
    message["From"] = sender
    message["To"] = tuple(to)
    if cc:
        message["Cc"] = tuple(cc)
    message["Subject"] = header_text(subject)
    message["Date"] = moments.zoned(now)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    return message


def attach(message: EmailMessage, name: str, data: bytes) -> None:
    """Adds a file; its type is guessed from its name."""
    guessed, compression = mimetypes.guess_type(name)
    kind = guessed if guessed and not compression else "application/octet-stream"
    if kind.startswith(("message/", "multipart/")):  # these may not be encoded
        kind = "application/octet-stream"
    maintype, subtype = kind.split("/", 1)
    shown_name = header_text(name).replace('"', "'").replace("\\", "_")
    message.add_attachment(data, maintype=maintype, subtype=subtype, filename=shown_name)


def attach_mail(message: EmailMessage, data: bytes) -> None:
    """Adds a received mail as it came, hence with all its own attachments."""
    original = BytesHeaderParser(_AsItCame).parsebytes(data)
    encoding = "7bit" if data.isascii() else "8bit"
    message.add_attachment(original, cte=encoding, filename="forwarded message.eml")


def is_international(message: EmailMessage) -> bool:
    """Whether an address in it needs SMTPUTF8 (RFC 6531)."""
    headers = (message["From"], message["To"], message["Cc"])
    return not all(
        address.addr_spec.isascii() for header in headers if header for address in header.addresses
    )


def to_bytes(message: EmailMessage, line_end: str) -> bytes:
    """The mail as it is stored (with `\\n`) or sent (with `\\r\\n`)."""
    return message.as_bytes(policy=_Policy(linesep=line_end, utf8=is_international(message)))


def parse(data: bytes) -> Message:
    """A received mail. Raises `ToolError`."""
    try:
        return message_from_bytes(data)
    except (RecursionError, LookupError, ValueError) as error:
        raise ToolError(f"the selected mail cannot be read: {clipped(str(error))}") from error


def header(message: Message, name: str) -> str:
    """A header of a received mail as text on one line; empty when there is none."""
    raw = one_line("".join(_raw(message, name)[:1]))[:_LONGEST_HEADER]
    try:
        return one_line(str(make_header(decode_header(raw))))
    except (HeaderParseError, LookupError, ValueError):
        return raw


def _raw(message: Message, name: str) -> list[str]:
    """The headers of that name, undecoded; those in UTF-8 (RFC 6532) as the texts they are."""
    found = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    return [
        str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace") for value in found
    ]


def addresses(message: Message, name: str) -> list[str]:
    """The addresses in a header, read before its encoded words are, so that none can hide. A
    header that is too long has none: cutting it short could make another address."""
    raw = one_line(" , ".join(_raw(message, name)))
    if len(raw) > _LONGEST_HEADER:
        return []
    try:
        parsed = getaddresses([raw])
    except RecursionError:  # comments in comments
        return []
    return list(dict.fromkeys(found for _, found in parsed if EMAIL_ADDRESS.accepts(found)))


def message_ids(message: Message, name: str) -> list[str]:
    found = _MESSAGE_ID.findall(str(message.get(name, "")))
    return [found_id for found_id in found if "=?" not in found_id]


def thread(original: Message) -> dict[str, str]:
    """The headers that tie a reply to a mail (RFC 5322, section 3.6.4)."""
    own = message_ids(original, "Message-ID")[:1]
    if not own:
        return {}
    before = message_ids(original, "References") or message_ids(original, "In-Reply-To")[:1]
    references = [*before, *own][-_MOST_REFERENCES:]
    return {"In-Reply-To": own[0], "References": " ".join(references)}


def subject(original: Message, prefix: str) -> str:
    """The subject of a reply (`Re`) or a forwarded mail (`Fwd`)."""
    text = header(original, "Subject")[:_LONGEST_SUBJECT]
    has_it = text.lower().startswith(f"{prefix.lower()}:")
    return text if has_it else f"{prefix}: {text}".strip()


def quote(original: Message) -> str:
    """A received mail's text, quoted below a line that says who wrote it."""
    who = header(original, "From") or "somebody"
    when = header(original, "Date")
    said = f"On {when}, {who} wrote:" if when else f"{who} wrote:"
    lines = body(original)[:_LONGEST_QUOTE].rstrip("\n").split("\n")
    return "\n".join([said, *(f">{line}" if line[:1] == ">" else f"> {line}" for line in lines)])


def body(message: Message) -> str:
    """The text of a received mail: its parts one after the other, of those that say the same the
    plain one; neither files nor mails that are attached."""
    return "\n\n".join(text for text in _texts(message, 0) if text.strip())


def _texts(part: Message, depth: int) -> list[str]:
    if part.get_content_disposition() == "attachment" or depth > _DEEPEST:
        return []
    if part.get_content_maintype() == "multipart":
        inner = part.get_payload()
        parts = (
            [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []
        )
        if part.get_content_subtype() != "alternative":
            return [text for one in parts for text in _texts(one, depth + 1)]
        plains = [one for one in parts if one.get_content_type() == "text/plain"]
        others = [one for one in reversed(parts) if one.get_content_type() != "text/plain"]
        found = (_texts(one, depth + 1) for one in (*plains, *others))
        return next((texts for texts in found if any(map(str.strip, texts))), [])
    if part.get_content_type() == "text/html":
        return [text_of_html(_decoded(part)[:_LONGEST_QUOTE])]
    return [plain(_decoded(part))] if part.get_content_maintype() == "text" else []


def _decoded(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):  # a charset that is unknown, or no charset
        return data.decode("utf-8", "replace")
