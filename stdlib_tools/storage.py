"""Text files on the disk: read with limits, written whole or not at all."""

from __future__ import annotations

import codecs
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from stdlib_tools.errors import ToolError
from stdlib_tools.matching import shown

_MAX_TEXT_BYTES = 5_000_000
_PATIENCE = 5.0  # seconds


def read_bytes(path: Path, limit: int) -> bytes:
    """The bytes of a regular file. Raises `ToolError` when there is none or it is too large."""
    if not path.is_file():
        raise ToolError(f"{shown(path.name)} is not a file")
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ToolError(f"{shown(path.name)} cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise ToolError(f"{shown(path.name)} is larger than {limit:,} bytes, too large to read")
    return data


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark; line ends as they are.

    Raises `ToolError`, also when the file holds something other than text.
    """
    data = read_bytes(path, _MAX_TEXT_BYTES)
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ToolError(
            f"{shown(path.name)} is not text in {'UTF-16' if utf16 else 'UTF-8'}: "
            f"byte {error.start} does not fit"
        ) from error
    if "\0" in text:
        raise ToolError(f"{shown(path.name)} is not a text file")
    return text


def write_new(path: Path, text: str) -> bool:
    """Writes a whole text file in UTF-8, and its folder if need be; False, with nothing written,
    when there is a file already. Raises `ToolError` when it cannot be written."""
    with _whole(path, text) as temporary:
        try:
            os.link(temporary, path)  # unlike a rename, fails where there is a file
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            return _reserved(path, temporary)
    return True


def _reserved(path: Path, temporary: Path) -> bool:
    """Moves a file to where none is: an empty one holds the place until then."""
    try:
        path.open("xb").close()
    except FileExistsError:
        return False
    try:
        os.replace(temporary, path)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


def rewrite(path: Path, text: str) -> None:
    """Puts a text in place of a file's; a reader sees the old one or the new one, never a part.
    Raises `ToolError` when it cannot be written."""
    with _whole(path, text) as temporary:
        shutil.copymode(path, temporary)
        os.replace(temporary, path)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While it lasts, no other planc is in the same place: what is read can be rewritten. Raises
    `ToolError` when another one does not come to an end."""
    lock = FileLock(folder / ".planc.lock")
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout as error:
        raise ToolError(f"another planc is writing in {folder}") from error
    except OSError as error:
        raise ToolError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _whole(path: Path, text: str) -> Iterator[Path]:
    """A temporary file beside `path` that holds the text and has reached the disk."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ToolError(f"character {error.start} of the text is half a character") from error
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ToolError(f"{shown(path.name)} cannot be written: {error.strerror}") from error
