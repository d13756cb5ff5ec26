"""The folders of the settings that plans may read files from and write files to.

Every path is resolved, symbolic links and `..` too, before it is compared with the folders.
"""

from __future__ import annotations

import re
from pathlib import Path

from planc.types import FILE_PATH
from stdlib_tools import settings
from stdlib_tools.errors import ToolError
from stdlib_tools.matching import shown

_LONGEST = 4096
_SURROGATES = re.compile("[\ud800-\udfff]")


def roots() -> list[Path]:
    """The folders that may be read: those that are searched, and the one that is written to."""
    files = settings.load().files
    chosen = (settings.located(folder).resolve() for folder in (*files.folders, files.output))
    return list(dict.fromkeys(chosen))


def is_inside(path: Path, folders: list[Path]) -> bool:
    """Whether a path, its links followed, lies in one of the resolved folders."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a loop of links
        return False
    return any(real.is_relative_to(folder) for folder in folders)


def is_plain(path: str) -> bool:
    """Whether a plan can hold the path and every operating system call can take it."""
    return len(path) <= _LONGEST and FILE_PATH.accepts(path) and not _SURROGATES.search(path)


def readable(path: str) -> Path:
    """The file that a plan named. Raises `ToolError` unless it lies in the folders."""
    if not is_plain(path):
        raise ToolError(f"{shown(path)} is no path of a file")
    folders = roots()
    candidates = [folder / _expanded(path) for folder in folders]
    allowed = [candidate for candidate in candidates if is_inside(candidate, folders)]
    if not allowed:
        raise ToolError(f"{shown(path)} lies outside the folders that may be read")
    for candidate in allowed:
        if _is_file(candidate):
            return candidate.resolve()
    raise ToolError(f"there is no file {shown(path)}")


def writable(path: str) -> Path:
    """Where a plan may write the file that it named. Raises `ToolError` unless that is below the
    output folder."""
    output = settings.located(settings.load().files.output).resolve()
    if not is_plain(path) or path.endswith(("/", "\\")):
        raise ToolError(f"{shown(path)} is no name for a file")
    target = output / _expanded(path)
    if not is_inside(target, [output]) or target.resolve() == output:
        raise ToolError(f"{shown(path)} lies outside {output}, the folder for new files")
    return target.resolve()


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ToolError(f"{shown(path)} is in the home folder of nobody known") from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than the system allows
        return False
