"""What a grammar cannot say of a statement, or not fast enough.

`Scanner` follows a statement's bytes as they come, with the brackets, strings and f-strings that
are open. It knows when a record has a key for the second time (the keys of one record differ, and
no context-free grammar says so), and how long the text under way is (a regular expression that
counts to 600 has 600 states, for each of which the mask is computed anew).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

MAX_KEY = 60  # characters of a key
MAX_TEXT = 600  # characters of a text, or of a piece of an f-string, as it is spelt

_QUOTE, _BACKSLASH, _BACKTICK, _F = b'"\\`f'
_OPEN, _CLOSE, _COMMA = b"{},"
_BRACKETS = b"[("
_BRACKETS_CLOSED = b"])"


@dataclass(frozen=True)
class _Record:
    """A record that is open, with the keys so far."""

    keys: frozenset[bytes] = frozenset()
    at_key: bool = True  # between `{` or a comma, and the end of the key


_FORMAT, _HOLE, _BRACKET = "f-string", "hole", "bracket"


@dataclass(frozen=True)
class Text:
    """A text under way: the signs that end it, the characters that it may still have, and whether
    the next one stands behind a backslash."""

    ends: bytes
    room: int
    escaped: bool


def has_key(token: bytes) -> bool:
    """Whether a token may hold a key, or so much of one that it can be no other, all by itself."""
    return token.count(b'"') > 1 or (b'"' in token and len(token) > MAX_KEY)


@dataclass
class Scanner:
    """The state between two bytes of a statement. `repeated` is true once a record has a key
    twice, or can only come to that: a key that is as long as keys may be and stands already.
    `length` counts the characters of the text under way, those of an escape sequence with its
    backslash."""

    repeated: bool = False
    length: int = 0
    _open: list[_Record | str] = field(default_factory=list)
    _quoted: bytes | None = None  # the string under way, without its first quote
    _named: bool = False  # inside backticks
    _escaped: bool = False
    _last: bytes = b"\n\n"  # the last two bytes outside strings

    def copy(self) -> Scanner:
        return replace(self, _open=list(self._open))

    @property
    def text(self) -> Text | None:
        """The text under way, or the piece of an f-string; None outside."""
        room = MAX_TEXT - self.length
        if self._quoted is not None:
            return Text(b'"', room, self._escaped)
        if self._open and self._open[-1] == _FORMAT:
            return Text(b'"{', room, self._escaped)
        return None

    @property
    def string(self) -> bytes:
        """The string under way, without its first quote; empty outside, and in f-strings."""
        return self._quoted or b""

    @property
    def watching(self) -> bool:
        """Whether a record is open that has keys."""
        return any(isinstance(one, _Record) and one.keys for one in self._open)

    @property
    def repeating(self) -> list[bytes]:
        """The beginnings of what would repeat a key by completing the one under way. (A token that
        has a key of its own from its first quote to its last is in none of them: `has_key`.)"""
        record = self._open[-1] if self._open else None
        if self._quoted is None or not isinstance(record, _Record) or not record.at_key:
            return []
        written = self._quoted
        keys = [key for key in record.keys if key.startswith(written)]
        return [key[len(written) :] + (b"" if len(key) >= MAX_KEY else b'"') for key in keys]

    def repeats(self, token: bytes) -> bool:
        """Whether a record would have a key twice after this token."""
        after = self.copy()
        after.feed(token)
        return after.repeated

    def feed(self, text: bytes) -> None:
        for byte in text:
            if self._quoted is not None:
                self._in_string(byte)
            elif self._open and self._open[-1] == _FORMAT:
                self._in_format(byte)
            elif self._named:
                self._named = byte != _BACKTICK
            else:
                self._in_code(byte)

    def _count(self, byte: int) -> None:
        if byte == _BACKSLASH and not self._escaped:
            self.length += 2
        elif not self._escaped:
            self.length += byte & 0xC0 != 0x80  # the first byte of a character

    def _in_string(self, byte: int) -> None:
        assert self._quoted is not None
        self._count(byte)
        record = self._open[-1] if self._open else None
        if byte == _QUOTE and not self._escaped:
            if isinstance(record, _Record) and record.at_key:
                self.repeated |= self._quoted in record.keys
                self._open[-1] = _Record(record.keys | {self._quoted}, at_key=False)
            self._quoted = None
            self.length = 0
            return
        self._escaped = byte == _BACKSLASH and not self._escaped
        self._quoted += bytes([byte])
        if isinstance(record, _Record) and record.at_key and self._quoted in record.keys:
            self.repeated |= len(self._quoted.decode("utf-8", "ignore")) >= MAX_KEY

    def _in_format(self, byte: int) -> None:
        self._count(byte)
        if self._escaped:
            self._escaped = False
        elif byte == _BACKSLASH:
            self._escaped = True
        elif byte in (_OPEN, _QUOTE):
            self.length = 0
            if byte == _OPEN:
                self._open.append(_HOLE)
            else:
                self._open.pop()

    def _in_code(self, byte: int) -> None:
        top = self._open[-1] if self._open else None
        if byte == _QUOTE:
            before, last = self._last
            if last == _F and not (chr(before).isalnum() or before in b"_" or before > 127):
                self._open.append(_FORMAT)
            else:
                self._quoted = b""
        elif byte == _BACKTICK:
            self._named = True
        elif byte == _OPEN:
            self._open.append(_Record())
        elif byte in _BRACKETS:
            self._open.append(_BRACKET)
        elif byte == _CLOSE or byte in _BRACKETS_CLOSED:
            self._open.pop()
        elif byte == _COMMA and isinstance(top, _Record):
            self._open[-1] = replace(top, at_key=True)
        self._last = self._last[1:] + bytes([byte])
