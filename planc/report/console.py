"""Diagnostics, progress and the last word: what a command says beside its result.

Results go to standard output; all of this goes to standard error.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from planc.diagnostics import CANNOT_WRITE, Diagnostic, PlanError, render

BUG = 1
INTERRUPTED = 130


class Reporter:
    """One command's voice."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(stderr=True)
        self._download: Progress | None = None
        self._last_note = ""

    def note(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def diagnostics(self, found: Sequence[Diagnostic]) -> None:
        """To standard error, in the form that was asked for."""
        click.echo(self._written(found), nl=False, err=True)

    def findings(self, found: Sequence[Diagnostic]) -> None:
        """To standard output, for a command whose result they are."""
        click.echo(self._written(found), nl=False)

    def _written(self, found: Sequence[Diagnostic]) -> str:
        if self.as_json:
            return json.dumps([d.to_json() for d in found], ensure_ascii=False) + "\n"
        return render(found)

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Shows on a terminal that something takes its time."""
        self._end_download()
        if not self.console.is_terminal:
            yield
            return
        with self.console.status(f"{what} …"):
            yield

    def progress(self, done: int, total: int | None, note: str) -> None:
        """Shows how far a download is: a bar on a terminal, a line a note elsewhere."""
        if not self.console.is_terminal:
            if note != self._last_note:
                self._last_note = note
                self.note(note)
            return
        if self._download is None:
            self._download = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=self.console,
                transient=True,
            )
            self._download.start()
            self._download.add_task(note, total=total)
        task = self._download.task_ids[0]
        self._download.update(task, completed=done, total=total, description=note)
        if total is not None and done >= total:
            self._end_download()

    def _end_download(self) -> None:
        if self._download is not None:
            self._download.stop()
            self._download = None

    @contextmanager
    def counting(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Shows how many of many are done; yields what is called after each."""
        if not self.console.is_terminal:
            yield lambda: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeRemainingColumn(), console=self.console) as progress:
            task = progress.add_task(what, total=total)
            yield lambda: progress.advance(task)


def guarded(command: Callable[[], object]) -> int:
    """Runs a command and gives its exit status, with a message for every way to fail."""
    # Python has None for a stream that was closed before it began.
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115 - until the end
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        closed = Diagnostic(CANNOT_WRITE, "standard output cannot be written: it is closed")
        Reporter(as_json=False).diagnostics([closed])
        return CANNOT_WRITE.status
    try:
        try:
            result = command()
            sys.stdout.flush()
            return result if isinstance(result, int) else 0
        except SystemExit as leaving:
            sys.stdout.flush()
            return leaving.code if isinstance(leaving.code, int) else 0
    except PlanError as error:
        Reporter(as_json=False).diagnostics(error.diagnostics)
        return error.status
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ninterrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        reason = os.strerror(error.errno) if error.errno else str(error)
        where = f"`{error.filename}`" if error.filename else "standard output"
        full = " (the disk is full)" if error.errno == errno.ENOSPC else ""
        message = f"{where} cannot be written: {reason}{full}"
        Reporter(as_json=False).diagnostics([Diagnostic(CANNOT_WRITE, message)])
        return CANNOT_WRITE.status
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for users
        if os.environ.get("PLANC_DEBUG"):
            traceback.print_exc()
        click.echo(
            f"planc has a bug: {type(error).__name__}: {error}\n"
            "  hint: set PLANC_DEBUG=1 for the traceback, and please report it",
            err=True,
        )
        return BUG
