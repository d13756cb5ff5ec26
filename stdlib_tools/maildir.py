"""Maildirs: saving mails, finding the selected one, and setting flags.

A mail is a file in `new`, or in `cur` with its flags after `:2,` in the name: F flagged, P passed
on, R replied, S seen, D draft, T trashed (https://cr.yp.to/proto/maildir.html). On Windows, whose
file names hold no colon, an exclamation mark stands for it; it is read everywhere.
"""

from __future__ import annotations

import mailbox
import os
import re
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from stdlib_tools.errors import ToolError

_HEADER_BYTES = 65_536
_COLON = "!" if os.name == "nt" else ":"
_INFO = re.compile(r"[:!]2,([A-Za-z]*)\Z|:.*")


def create(folder: Path) -> None:
    """Makes a Maildir where there is none. Raises `ToolError`."""
    try:
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"the mailbox {folder} cannot be made: {error.strerror}") from error


def save(folder: Path, data: bytes) -> Path:
    """Adds a mail to a Maildir; returns its file. Raises `ToolError`."""
    create(folder)
    try:
        return folder / "new" / mailbox.Maildir(folder).add(data)
    except (OSError, mailbox.Error) as error:
        raise ToolError(f"the mail cannot be saved in {folder}: {error}") from error


def flag(file: Path, letters: str) -> None:
    """Adds flags to a mail, by its new name. Raises `OSError`."""
    flags = "".join(sorted(_flags(file) | set(letters)))
    name = f"{unique(file)}{_COLON}2,{flags}"
    file.rename(file.parent.parent / "cur" / name)


def unique(file: Path) -> str:
    """What a mail's file is called whatever its flags."""
    return _INFO.sub("", file.name)


def selected(folder: Path) -> Path:
    """The newest of the flagged mails, or else the newest mail. Raises `ToolError`."""
    try:
        files = list(_files(folder))
        if not files:
            raise ToolError(f"no mail is selected: the inbox {folder} is empty")
        return _newest([file for file in files if "F" in _flags(file)] or files)
    except FileNotFoundError as error:
        raise ToolError(f"no mail is selected: there is no inbox {folder}") from error
    except OSError as error:
        raise ToolError(f"the inbox {folder} cannot be read: {error.strerror}") from error


def _files(folder: Path) -> Iterator[Path]:
    for part in (folder / "cur", folder / "new"):
        for file in part.iterdir():
            is_mail = not file.name.startswith(".") and file.is_file() and not file.is_symlink()
            if is_mail and not _flags(file) & {"D", "T"}:
                yield file


def _flags(file: Path) -> set[str]:
    info = _INFO.search(file.name)
    return set(info[1] or "") if info else set()


def _newest(files: list[Path]) -> Path:
    """The mail with the latest date. A date after the mail's arrival is a lie, so the arrival
    counts then; hence mails that arrived before the newest one found need not be opened."""
    arrivals = sorted(((file.stat().st_mtime, file.name, file) for file in files), reverse=True)
    best, newest = float("-inf"), arrivals[0][2]
    for arrival, _, file in arrivals:
        if arrival <= best:
            break
        date = min(arrival, _date(file, arrival))
        if date > best:
            best, newest = date, file
    return newest


def _date(file: Path, otherwise: float) -> float:
    with file.open("rb") as stream:
        head = BytesHeaderParser().parsebytes(stream.read(_HEADER_BYTES))
    try:
        return parsedate_to_datetime(str(head.get("Date", ""))).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return otherwise
