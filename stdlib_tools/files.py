"""Files: found by name, read as text or as a table, and written anew.

Nothing outside the folders of the settings is searched, read or written.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from planc.tools import tool
from planc.types import FilePath
from stdlib_tools import desktop, settings, storage
from stdlib_tools.errors import ToolError
from stdlib_tools.folders import is_inside, is_plain, readable, roots, writable
from stdlib_tools.matching import fold, hint, one_line, shown, words
from stdlib_tools.wording import listed

_LONG = 4  # letters of a word that may begin a longer one
_ENDING = re.compile(r"\w\.[a-z][a-z0-9]{1,4}$")
_TRIED = 20  # lines of a table, to find what separates its cells


@tool(effect="read", shows=True, resource="files", lookup=True, timeout=30, cost=0.1)
def open_and_get_file_path(file_name: str) -> FilePath:
    """Find a file by its name, open it, and get its path. Use it before anything that needs a
    file's path."""
    path = _find(file_name)
    if settings.load().files.open:
        desktop.show_file(path)
    return str(path)


@tool(effect="read", resource="files", timeout=10, cost=0.01)
def read_text_file(path: FilePath) -> str:
    """Read the text of a text file."""
    return storage.read_text(readable(path))


@tool(effect="read", resource="files", timeout=10, cost=0.01)
def read_csv_file(path: FilePath) -> list[dict[str, str]]:
    """Read the rows of a CSV table, each by the names of its columns."""
    file = readable(path)
    text = storage.read_text(file)
    delimiter, text = _delimited(text)
    rows = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        skipinitialspace=True,
        strict=True,
    )
    try:
        filled = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ToolError(f"{shown(file.name)}, line {rows.line_num}: {error}") from error
    if not filled:
        raise ToolError(f"{shown(file.name)} is empty")
    columns = _columns(file.name, filled[0][1])
    table = []
    for line, row in filled[1:]:
        if any(cell.strip() for cell in row[len(columns) :]):
            raise ToolError(
                f"{shown(file.name)}, line {line}: {len(row)} cells, but there are "
                f"{len(columns)} columns"
            )
        cells = row + [""] * (len(columns) - len(row))
        table.append(dict(zip(columns, cells, strict=False)))
    return table


@tool(effect="write", resource="files", timeout=10, cost=0.01)
def write_text_file(file_name: str, content: str) -> FilePath:
    """Save a text in a new file and get its path."""
    path = writable(file_name)
    if "\0" in content:
        raise ToolError("a text file cannot hold the character NUL")
    if not storage.write_new(path, content):
        raise ToolError(f"there is a file {shown(file_name)} already; choose another name")
    return str(path)


def _delimited(text: str) -> tuple[str, str]:
    """The separator of a table, and the table without the line in which some programs state it:
    the one that cuts the first lines into the same number of cells, the more the better."""
    stated = re.match(r"sep=([,;\t|])\r?\n?", text)
    if stated:
        return stated[1], text[stated.end() :]
    lines = re.sub(r'"[^"]*"', "", text.strip("\r\n ")).splitlines()[:_TRIED] or [""]

    def cut(delimiter: str) -> tuple[bool, int]:
        counts = [line.count(delimiter) for line in lines if line.strip()]
        return bool(counts) and counts[0] > 0 and len(set(counts)) == 1, lines[0].count(delimiter)

    return max(",;\t|", key=cut), text


def _columns(file_name: str, heading: list[str]) -> list[str]:
    columns = [one_line(cell) or f"column {n}" for n, cell in enumerate(heading, 1)]
    for number, column in enumerate(columns):
        if column in columns[:number]:
            raise ToolError(f"{shown(file_name)} has two columns that are named {shown(column)}")
    return columns


def _find(file_name: str) -> Path:
    """The one file that is meant. The first of these ways that finds any decides: the exact
    name; the name or the last parts of the path, without case and accents; the same without the
    file's ending; the words that the file's name has, all of them if an ending is given, since a
    file of a longer name is another one."""
    given = Path(file_name)
    if given.is_absolute() or file_name.startswith("~") or ".." in given.parts:
        return readable(file_name)
    name = fold(file_name.replace("\\", "/"))
    wanted = words(name)
    if not wanted:
        raise ToolError(f"{shown(file_name)} is no name of a file")
    found = list(_walk())
    for matches in (
        [path for path in found if path.name == file_name],
        [path for path in found if _ends_with(path, name)],
        [path for path in found if _ends_with(path.with_suffix(""), name)],
        [path for path in found if _has_words(path, wanted, _ENDING.search(name) is not None)],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise ToolError(_ambiguous(file_name, matches))
    near = hint(file_name, [other for path in found for other in (path.stem, path.name)])
    raise ToolError(f"no file is called {shown(file_name)}{near}")


def _ends_with(path: Path, name: str) -> bool:
    return fold(path.as_posix()).endswith(f"/{name}")


def _has_words(path: Path, wanted: list[str], whole: bool) -> bool:
    """Whether each word is one of the file's name, or a long one begins such a one; with `whole`,
    whether these are all of its words: a name with an ending is meant to the letter."""
    own = words(fold(path.name))
    if whole:
        return sorted(own) == sorted(wanted)
    return all(
        word in own
        or (len(word) >= _LONG and word.isalpha() and any(one.startswith(word) for one in own))
        for word in wanted
    )


def _ambiguous(file_name: str, matches: list[Path]) -> str:
    places = [f"{shown(path.name)} in {path.parent}" for path in matches]
    return f"{len(matches)} files could be {shown(file_name)}: {listed(places)}; say which"


def _walk() -> Iterator[Path]:
    """The files in the folders, each once, by its real path; not those that are hidden, that a
    link leads out to, or whose name no plan can hold."""
    folders = roots()
    seen: set[Path] = set()
    for root in folders:
        for parent, subfolders, names in os.walk(root):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            for name in sorted(names):
                path = Path(parent, name)
                if name.startswith(".") or not is_plain(str(path)):
                    continue
                if path.is_symlink():
                    if not is_inside(path, folders):
                        continue
                    path = path.resolve()
                if path not in seen and path.is_file():
                    seen.add(path)
                    yield path
