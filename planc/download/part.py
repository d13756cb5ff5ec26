"""Files on their way: a `.part` beside the path that the finished file will have.

A part outlives a failure, Ctrl-C or a crash. Only one with the expected size and SHA-256 is
renamed, so what lies at the path itself is whole.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[int, int | None, str], None]
"""Called with the bytes that are there, the bytes of the whole if known, and what goes on."""


class SourceFailed(Exception):
    """A source cannot deliver; the text says why, and the next one is tried."""


class WrongBytes(SourceFailed):
    """A source delivered something that is not the model."""


@dataclass(frozen=True)
class Published:
    """What is known of a file before it is there: its SHA-256 (hexadecimal) and its size."""

    sha256: str | None
    bytes: int | None


def append(chunks: Iterable[bytes], part: Path, start: int, total: int | None) -> int:
    """Writes the chunks to the part from offset `start` on, cutting off what lay there, and onto
    the disk; the end reached. Raises WrongBytes if it would go beyond `total`, OSError.
    """
    end = start
    with part.open("ab") as out:
        out.truncate(start)
        for chunk in chunks:
            end += len(chunk)
            if total is not None and end > total:
                break
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if total is not None and end > total:
        raise wrong_bytes(part, f"it sent more than the {total} bytes of the file")
    return end


def install(wanted: Published, part: Path, path: Path) -> None:
    """Renames the part to the path if it is the file wanted. Raises WrongBytes, OSError."""
    size = size_of(part)
    if wanted.bytes not in (None, size):
        raise wrong_bytes(part, f"it sent {size} bytes instead of {wanted.bytes}")
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if wanted.sha256 not in (None, found):
        raise wrong_bytes(part, f"the SHA-256 is {found} instead of {wanted.sha256}")
    os.replace(part, path)


def wrong_bytes(part: Path, reason: str) -> WrongBytes:
    """The failure of a source whose part is worth nothing; deletes the part."""
    part.unlink(missing_ok=True)
    record_of(part).unlink(missing_ok=True)
    return WrongBytes(reason)


def record_of(part: Path) -> Path:
    """The file that says where each whole package in a part ends: `{requirement: bytes}`."""
    return beside(part, ".json")


def check_room(part: Path, needed: int) -> None:
    """Raises OSError (ENOSPC) if the disk lacks the bytes that are to be added."""
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        raise OSError(errno.ENOSPC, f"{needed} bytes are needed and {free} are free")


def report_bytes(
    progress: Progress, start: int, total: int | None, note: str, arrived: int
) -> None:
    there = start + arrived
    progress(there if total is None else min(there, total), total, note)


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def size_of(path: Path) -> int:
    """The size of a file in bytes, 0 if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
