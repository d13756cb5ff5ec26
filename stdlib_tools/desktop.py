"""Showing a file or a page with the desktop's own program.

A call never waits for that program, never fails because of it, and leaves no child behind: a
short-lived Python process starts it in a session of its own and ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

_LAUNCH = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)"


def show_file(path: Path) -> None:
    """Opens a file with the program that the desktop has for it, if there is a desktop; not one
    that is a program itself."""
    if _is_program(path):
        return
    if sys.platform == "win32":
        with contextlib.suppress(OSError):
            os.startfile(path)
    elif _has_screen() and (opener := shutil.which(_OPENER)):
        _start([opener, str(path)])


def show_page(url: str) -> None:
    """Opens a web page in the graphical browser, if there is one."""
    if _has_screen():
        _start([sys.executable, "-I", "-m", "webbrowser", url])


_PROGRAMS = re.compile(
    r"\.(app|appimage|bat|cmd|com|command|cpl|desktop|exe|hta|jar|jse?|lnk|ms[ci]|pif|ps1|pyw?|reg"
    r"|sc[fr]|sh|terminal|tool|url|vb[es]?|webloc|ws[fh])",
    re.IGNORECASE,
)
"""The endings of files that a desktop runs when they are opened."""


def _is_program(path: Path) -> bool:
    runs = sys.platform != "win32" and os.access(path, os.X_OK)
    return runs or bool(_PROGRAMS.fullmatch(path.suffix))


_OPENER = "open" if sys.platform == "darwin" else "xdg-open"


def _has_screen() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _start(command: list[str]) -> None:
    # Without TERM, Python's webbrowser leaves browsers that run in a terminal alone.
    environment = {name: value for name, value in os.environ.items() if name != "TERM"}
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", _LAUNCH, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=10,
            check=False,
        )
