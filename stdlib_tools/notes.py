"""Notes: Markdown files, one folder deep, that any editor can open.

A note lies at `<notes>/<folder>/<name>.md` and begins with the line `# <name>`. Characters that a
file name cannot hold are percent-encoded in the file's name; the heading has the real name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from typing_extensions import TypedDict

from planc.tools import tool
from stdlib_tools import settings
from stdlib_tools.errors import ToolError
from stdlib_tools.folders import is_inside
from stdlib_tools.matching import fold, hint, one_line, shown
from stdlib_tools.storage import alone, read_text, rewrite, write_new
from stdlib_tools.wording import plain, titled


class Note(TypedDict):
    name: str
    folder: str
    content: str


@tool(effect="write", resource="notes", timeout=10, cost=0.01)
def create_note(name: str, content: str, folder: str | None = None) -> Note:
    """Create a new note with the given text.

    Args:
        folder: the notes folder to put it in.
    """
    wanted = settings.load().notes.default if folder is None else folder
    name = titled(name, "the note's name", 200)
    parent = _folder(titled(wanted, "the notes folder's name", 60))
    kept_folder = unquote(parent.name)
    clash = next((n for n in _notes_in(parent) if fold(name) in n.keys), None)
    content = plain(content)
    if clash or not write_new(parent / f"{_file_name(name)}.md", _render(f"# {name}", content)):
        raise ToolError(
            f"the folder {shown(kept_folder)} has a note "
            f"{shown(clash.name if clash else name)} already; append_note_content adds to it"
        )
    return Note(name=name, folder=kept_folder, content=content)


@tool(effect="read", resource="notes", timeout=10, cost=0.01)
def open_note(name: str, folder: str | None = None) -> Note:
    """Open an existing note by its name and get its text.

    Args:
        folder: the notes folder it is in.
    """
    found = _find(name, folder)
    return Note(name=found.name, folder=found.folder, content=_parse(read_text(found.path))[1])


@tool(effect="write", resource="notes", timeout=10, cost=0.01)
def append_note_content(name: str, content: str, folder: str | None = None) -> Note:
    """Add text to the end of an existing note.

    Args:
        content: the text to add.
        folder: the notes folder it is in.
    """
    found = _find(name, folder)
    with alone(_root()):
        heading, old = _parse(read_text(found.path))
        separator = "\n" if old and not old.endswith("\n") else ""
        content = old + separator + plain(content)
        rewrite(found.path, _render(heading, content))
    return Note(name=found.name, folder=found.folder, content=content)


@dataclass(frozen=True)
class _Stored:
    """A note on the disk: its real name, and the folded names that it is found by."""

    name: str
    folder: str
    path: Path
    keys: frozenset[str]


def _root() -> Path:
    return settings.located(settings.load().notes.folder).resolve()


def _folders() -> list[Path]:
    root = _root()
    return [
        path
        for path in sorted(root.glob("*"))
        if path.is_dir() and not path.name.startswith(".") and is_inside(path, [root])
    ]


def _notes_in(folder: Path) -> Iterator[_Stored]:
    root = _root()
    for path in sorted(folder.glob("*.md")):
        if path.name.startswith(".") or not path.is_file() or not is_inside(path, [root]):
            continue
        stem = unquote(path.stem)
        name = _first_heading(path) or stem
        keys = frozenset({fold(name), fold(stem)})
        yield _Stored(name, unquote(folder.name), path.resolve(), keys)


def _find(name: str, folder: str | None) -> _Stored:
    folders = _folders()
    if folder is not None:
        names = [unquote(path.name) for path in folders]
        folders = [path for path in folders if fold(unquote(path.name)) == fold(folder)]
        if not folders:
            raise ToolError(f"there is no notes folder {shown(folder)}{hint(folder, names)}")
    stored = [note for path in folders for note in _notes_in(path)]
    matches = [note for note in stored if fold(name) in note.keys]
    matches = [note for note in matches if note.name == name] or matches
    if len(matches) == 1:
        return matches[0]
    if matches:
        places = ", ".join(f"{shown(note.name)} in {shown(note.folder)}" for note in matches)
        raise ToolError(f"more than one note is called {shown(name)}: {places}; say which folder")
    where = "" if folder is None else f" in the folder {shown(folder)}"
    near = hint(name, [note.name for note in stored])
    raise ToolError(f"no note is called {shown(name)}{where}{near}")


def _folder(name: str) -> Path:
    """The folder of that name, whatever its case and accents; a new one if there is none."""
    same = [path for path in _folders() if fold(unquote(path.name)) == fold(name)]
    folder = same[0] if same else _root() / _file_name(name)
    if not is_inside(folder, [_root()]):
        raise ToolError(f"the notes folder {shown(name)} is a link to somewhere else")
    return folder


_HEADING = re.compile(r"#[ \t]+\S")


def _first_heading(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            line = file.readline(4_000).decode("utf-8-sig", errors="replace")
    except OSError:
        return None
    return one_line(line[1:]) if _HEADING.match(line) else None


def _render(heading: str, content: str) -> str:
    """The text of a note's file; `_parse` undoes it."""
    body = f"{content}\n" if content else ""
    separator = "\n" if heading and content else ""
    return f"{heading}\n{separator}{body}" if heading else body


def _parse(text: str) -> tuple[str, str]:
    """A note's heading line, empty if it has none, and its content."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = text.partition("\n")
    if not _HEADING.match(first):
        return "", text.removesuffix("\n")
    return first, rest.removeprefix("\n").removesuffix("\n")


# What some file system forbids, a percent sign that would read as a code, and dots at the ends.
_UNSAFE = re.compile(r'[/\\:*?"<>|]|%(?=[0-9A-Fa-f]{2})|^\.|\.$')
# Names that Windows keeps for devices, with any extension.
_DEVICE = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")


def _file_name(name: str) -> str:
    """The name percent-encoded where a file name cannot hold it, and cut with a hash if long."""
    safe = _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", name)
    safe = _DEVICE.sub(lambda match: f"%{ord(match[0][0]):02X}{match[0][1:]}", safe)
    data = safe.encode("utf-8")
    if len(data) <= 240:
        return safe
    digest = hashlib.sha256(data).hexdigest()[:12]
    return f"{data[:200].decode('utf-8', errors='ignore')}~{digest}"
