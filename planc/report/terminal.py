"""A run as people see it: a live table on a terminal, a line an event elsewhere.

Everything here goes to standard error; standard output holds the plan's result alone.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import anyio
from rich.cells import chop_cells
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from planc.ir import Graph, Node
from planc.report.pictures import label
from planc.run.events import Event
from planc.run.policy import Decision, Request
from planc.source import printable
from planc.values import Unknown, as_text

try:
    import termios
except ImportError:  # as on Windows
    termios = None  # type: ignore[assignment]

_MARKS = {
    "finished": ("✓", "green"),
    "failed": ("✗", "red"),
    "retried": ("↻", "yellow"),
    "cancelled": ("–", "dim"),
    "refused": ("✗", "yellow"),
    "skipped": ("○", "yellow"),
    "waiting": ("…", "yellow"),
    "interrupted": ("!", "red"),
}
_PREVIEW = 60
_MARK = "    | "
_UNSEEN = ("Zl", "Zp", "Cf")  # characters that end a line, or that take no place
_ANSWERS = {"y": "y", "yes": "y", "a": "a", "all": "a", "n": "n", "no": "n"}
_QUESTION = "Do it? [y]es, [a]ll writes of this plan, [n]o: "


class RunView:
    """Listens to a run's events and shows them."""

    def __init__(self, graph: Graph, console: Console) -> None:
        self.console = console
        self.nodes: Mapping[str, Node] = {node.origin: node for node in graph.walk()}
        self.latest: dict[str, Event] = {}
        self.started: dict[str, float] = {}
        self.live = Live(
            get_renderable=self.table,
            console=console,
            refresh_per_second=8,
            transient=False,
            redirect_stdout=False,
        )

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Keeps the live table up while the run goes on."""
        if not self.console.is_terminal:
            yield
            return
        with self.live:
            yield

    def __call__(self, event: Event) -> None:
        if event.kind == "started":
            self.started[event.call] = event.seconds
        if event.kind == "approved":
            return
        self.latest[event.call] = event
        if not self.console.is_terminal and event.kind in _MARKS:
            mark, _ = _MARKS[event.kind]
            self.console.print(
                printable(f"{mark} {self.name(event)}{self.details(event)}"),
                markup=False,
                highlight=False,
                soft_wrap=True,
            )

    def name(self, event: Event) -> str:
        origin, bracket, path = event.call.partition("[")
        return label(replace(self.nodes[origin], id=origin)) + bracket + path

    def details(self, event: Event) -> str:
        match event.kind:
            case "finished":
                seconds = event.seconds - self.started.get(event.call, event.seconds)
                shown = "" if event.result is None else f" → {preview(event.result)}"
                return f"{shown} ({seconds:.2f} s)"
            case "skipped":
                return " (not done: dry run)"
            case "refused":
                return " (refused)"
            case "retried" if event.diagnostic is not None:
                return f": {event.diagnostic.message}; one by one instead"
            case "cancelled":
                return " (not begun)"
            case "waiting":
                return " (cannot be stopped, so its end is waited for; Ctrl-C again leaves it)"
            case "interrupted":
                return " (interrupted: it may or may not have happened)"
            case "failed" if event.diagnostic is not None:
                return f": {event.diagnostic.message}"
        return ""

    def table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for event in self.latest.values():
            mark: Text | Spinner
            if event.kind in _MARKS:
                sign, style = _MARKS[event.kind]
                mark = Text(sign, style=style)
            else:
                mark = Spinner("dots")
            line = Text(printable(self.name(event)))
            line.append(printable(self.details(event)), style="dim")
            table.add_row(mark, line)
        return table


class AskUser:
    """Asks before every write, with the arguments that it will have."""

    def __init__(self, view: RunView) -> None:
        self.view = view
        self.all = False

    async def decide(self, request: Request) -> Decision:
        if self.all:
            return "yes"
        running = self.view.live.is_started
        self.view.live.stop()
        try:
            answer = await self._answer(request, self.view.console)
        finally:
            if running:
                self.view.live.start()
        self.all = answer == "a"
        return "no" if answer == "n" else "yes"

    async def _answer(self, request: Request, console: Console) -> str:
        """One of `y`, `a`, `n`, which the end of the input counts as."""
        _forget_what_was_typed()
        resource = f" ({request.tool.resource})" if request.tool.resource else ""
        told = f"\n{request.tool.name} is about to write{resource}:"
        console.print(told, markup=False, highlight=False)
        for name, value in (*request.about.items(), *request.arguments.items()):
            told = _in_lines(f"  {name}: {_unmistakable(value)}", console.width)
            console.print(told, markup=False, highlight=False, soft_wrap=True)
        while True:
            console.print(_QUESTION, end="", markup=False, highlight=False)
            line = await _line()
            if not line:
                console.print()
                return "n"
            answer = _ANSWERS.get(line.strip().lower())
            if answer is not None:
                return answer


def _forget_what_was_typed() -> None:
    """Drops what was typed before there was a question, where the system can do that."""
    if termios is not None:
        with suppress(OSError, termios.error):  # no terminal
            termios.tcflush(sys.stdin, termios.TCIFLUSH)


async def _line() -> str:
    """A line of standard input; nothing at its end. The event loop goes on meanwhile, except where
    it can wait for sockets alone, as on Windows."""
    with suppress(NotImplementedError, OSError):
        await anyio.wait_readable(sys.stdin)
    return sys.stdin.readline()


def preview(value: Any) -> str:
    """A value on one short line."""
    text = str(value) if isinstance(value, Unknown) else as_text(value)
    text = " ".join(printable(text).split())
    return text if len(text) <= _PREVIEW else f"{text[: _PREVIEW - 1]}…"


def _unmistakable(value: Any) -> str:
    """An argument such that no part of it looks like another one, or like two."""
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(value, list) and not (texts and not set("".join(value)) & set(',\n"')):
        text = json.dumps(value, ensure_ascii=False, default=str)
    else:
        text = as_text(value)
    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _UNSEEN
        else char
        for char in printable(text)
    )


def _in_lines(text: str, width: int) -> str:
    """A text in lines that fit a terminal, those after the first behind a mark, so that none of
    them looks like another argument."""
    room = max(1, width - len(_MARK))
    lines = [part for line in text.split("\n") for part in chop_cells(line, room) or [""]]
    return f"\n{_MARK}".join(lines)
