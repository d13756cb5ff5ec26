"""Calendars and reminder lists as folders with one iCalendar file (RFC 5545) an entry.

This is the *vdir* layout that vdirsyncer, khal and todoman share: a folder a collection, named
like it or by the text in its file `displayname`, and `<uid>.ics` in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import icalendar

from stdlib_tools import moments, storage
from stdlib_tools.errors import ToolError
from stdlib_tools.matching import fold, one_line, shown
from stdlib_tools.wording import titled

_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|]')
_LONGEST_NAME = 60


def collections(base: Path) -> list[tuple[str, Path]]:
    """The collections in a folder, each with the name that people see."""
    try:
        folders = sorted(
            entry
            for entry in base.iterdir()
            if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith(".")
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ToolError(f"{base} cannot be read: {error.strerror}") from error
    return [(_display_name(folder), folder) for folder in folders]


def find(base: Path, name: str) -> tuple[str, Path] | None:
    """A collection by its name or its folder's, without case and accents."""
    wanted = _key(name)
    for collection, folder in collections(base):
        if wanted and wanted in (_key(collection), _key(folder.name)):
            return collection, folder
    return None


def store(base: Path, name: str, entry: icalendar.Component, now: datetime) -> tuple[str, str]:
    """Writes an entry into a collection, which is made when there is none of that name.

    Gives the entry its UID and its stamps; returns the UID and the collection's name.
    """
    found, folder = find(base, name) or _new(base, name)
    if folder.is_symlink():
        raise ToolError(f"{folder} is a link to another folder; nothing is written there")
    uid = str(uuid4())
    entry.add("uid", uid)
    entry.add("dtstamp", moments.utc(now))
    entry.add("created", moments.utc(now))
    file = icalendar.Calendar()
    file.add("prodid", "-//planc//stdlib_tools//EN")
    file.add("version", "2.0")
    file.add_component(entry)
    storage.write_new(folder / f"{uid}.ics", file.to_ical().decode())
    return uid, found


def files(folder: Path) -> Iterator[Path]:
    """The iCalendar files of a collection; a link or a hidden file is none."""
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() != ".ics":
            continue
        if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
            yield file


def _key(name: str) -> str:
    """What names of collections are compared by."""
    return fold(_NOT_IN_NAMES.sub("-", name)).strip(". ")


def _new(base: Path, name: str) -> tuple[str, Path]:
    """A collection that is to be made: its name, which is its folder's. Raises `ToolError`."""
    name = titled(name, "the name of the calendar or list", _LONGEST_NAME)
    folder_name = _NOT_IN_NAMES.sub("-", name).strip(". ")
    if not folder_name:
        raise ToolError(f"no calendar or list can be called {shown(name)}")
    return folder_name, base / folder_name


def _display_name(folder: Path) -> str:
    try:
        with (folder / "displayname").open(encoding="utf-8") as stream:
            return one_line(stream.read(4 * _LONGEST_NAME))[:_LONGEST_NAME] or folder.name
    except (OSError, UnicodeDecodeError):
        return folder.name
