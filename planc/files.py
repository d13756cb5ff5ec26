"""Reading what users give and writing what they asked for: whole, or not at all."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from unicodedata import category

from planc.diagnostics import (
    CANNOT_READ,
    CANNOT_WRITE,
    EMPTY_INPUT,
    NOT_TEXT,
    TOO_LARGE,
    Diagnostic,
    PlanError,
)
from planc.source import SURROGATE, Source

MAX_PLAN = 2_000_000  # bytes
MAX_REQUEST = 32_000
MAX_BATCH = 100_000_000


def read_text(path: str, limit: int) -> Source:
    """A UTF-8 file of at most `limit` bytes; `-` is standard input. Raises `PlanError` (E102 to
    E104)."""
    name = "<stdin>" if path == "-" else path
    try:
        if path == "-":
            content = sys.stdin.buffer.read(limit + 1)
        else:
            with open(path, "rb") as file:
                content = file.read(limit + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PlanError(Diagnostic(CANNOT_READ, f"`{path}` cannot be read: {reason}")) from error
    if len(content) > limit:
        raise PlanError(Diagnostic(TOO_LARGE, f"`{name}` is larger than {limit:,} bytes"))
    try:
        return Source(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise PlanError(
            Diagnostic(
                NOT_TEXT,
                f"`{name}` is not UTF-8 text: byte {error.start} is {content[error.start]:#04x}",
            )
        ) from error


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_request(source: Source) -> str:
    """A request's text. Raises `PlanError` (E101 to E103)."""
    text = source.text.strip()
    if not any(char.isalnum() for char in text):
        raise PlanError(
            Diagnostic(
                EMPTY_INPUT,
                "the request is empty",
                hint='say what to do: `planc compile "Remind me to call Ann at six"`',
            )
        )
    if len(text.encode("utf-8", "surrogatepass")) > MAX_REQUEST:
        raise PlanError(Diagnostic(TOO_LARGE, f"the request is larger than {MAX_REQUEST:,} bytes"))
    control = next((c for c in text if category(c) == "Cc" and not c.isspace()), None)
    if control is not None:
        at = source.text.index(control)
        raise PlanError(
            Diagnostic(NOT_TEXT, f"the request holds {control!r}", source.span(at, at + 1))
        )
    if SURROGATE.search(text):
        raise PlanError(Diagnostic(NOT_TEXT, "the request is not valid text in UTF-8"))
    return text


def parse_time(text: str) -> datetime:
    """A local time of the form `YYYY-MM-DD HH:MM:SS`, of a year from 1970 to 9998: there are days
    before and after it. Raises `ValueError`."""
    try:
        found = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise ValueError(f"{text!r:.40} is no time of the form YYYY-MM-DD HH:MM:SS") from None
    if not 1970 <= found.year < 9999:
        raise ValueError(f"{text!r} is not between 1970 and 9998")
    return found


def require_writable(path: Path) -> None:
    """Raises `PlanError` (E105) if a text cannot be written to a path."""
    path = _target(path)
    needed = [path] if path.exists() else []
    needed += [path.parent] if path.is_file() or not path.exists() else []  # to replace it there
    if path.is_dir():
        reason = "it is a directory"
    elif not path.parent.is_dir():
        reason = "there is no such directory"
    elif not all(os.access(one, os.W_OK) for one in needed):
        reason = "it is not permitted"
    else:
        return
    raise PlanError(Diagnostic(CANNOT_WRITE, f"`{path}` cannot be written: {reason}"))


def write_text(path: Path, text: str) -> None:
    """Replaces a file by a text at one stroke: what is there is either the old or the new.
    Raises `PlanError` (E105)."""
    require_writable(path)
    path = _target(path)
    temporary: str | None = None
    try:
        if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced
            path.write_text(text, encoding="utf-8")
            return
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        reason = error.strerror or str(error)
        raise PlanError(
            Diagnostic(CANNOT_WRITE, f"`{path}` cannot be written: {reason}")
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _target(path: Path) -> Path:
    """Where a symbolic link to a file leads, or to none yet; what else stays as it is."""
    followed = path.is_symlink() and (path.is_file() or not path.exists())
    return Path(os.path.realpath(path)) if followed else path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
