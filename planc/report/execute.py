"""Running a compiled plan for a person or a program: show it, ask, run, say what happened."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import anyio
import click

from planc import files, passes
from planc.compile import Compiled
from planc.costs import Costs, read
from planc.diagnostics import BAD_RESULT, REFUSED, Diagnostic, PlanError
from planc.ir import Node
from planc.limits import UNLIMITED, Limits
from planc.report.console import BUG, INTERRUPTED, Reporter
from planc.report.emit import json_line
from planc.report.page import measured, page
from planc.report.terminal import AskUser, RunView
from planc.run.events import Event
from planc.run.interpret import Outcome, interpret, require_runnable
from planc.run.policy import AllowAll, DryRun, Policy
from planc.schedule import Schedule, schedule
from planc.source import printable
from planc.values import Unknown, as_text

Mode = Literal["ask", "yes", "dry"]


@dataclass(frozen=True)
class FixedClock:
    """The time that the user gave, or else the machine's."""

    time: datetime | None

    def now(self) -> datetime:
        return self.time or datetime.now()


def wants(compiled: Compiled, capability: type) -> bool:
    """Whether a tool that a plan calls asks for a capability."""
    return any(
        capability in compiled.tools[node.attribute[0]].capabilities.values()
        for node in compiled.optimised.walk()
        if node.op in ("call", "batch")
    )


def execute(
    compiled: Compiled,
    mode: Mode,
    reporter: Reporter,
    capabilities: Mapping[type, object],
    *,
    as_json: bool,
    limits: Limits = UNLIMITED,
    durations: Path | None = None,
    picture: Path | None = None,
    early: bool = False,
) -> int:
    """Runs a plan and gives the exit status. The result goes to standard output; with `as_json`
    every event does, a line each, and a last line with the result. How long calls take is
    learned from the file `durations`, and noted there; `picture` is where a page goes that shows
    the run. With `early` reads are made before it is known whether they are needed.

    What tools print goes to standard error. Raises `PlanError`: E408 and E405 for what cannot run,
    E406 where a write would have to be asked for and nobody can be asked, E105 for a picture that
    cannot be written. Nothing has happened then.
    """
    graph = compiled.optimised
    if early:
        graph = passes.run(graph, compiled.tools, [*passes.EARLY, "edges"])[-1].graph
    require_runnable(graph, compiled.tools)
    writes = _writes(compiled)
    if mode == "ask" and writes and not sys.stdin.isatty():
        raise PlanError(_cannot_ask(writes, compiled))
    if picture:
        files.require_writable(picture)
    view = RunView(graph, reporter.console)
    if not as_json and compiled.text:
        reporter.note(printable(compiled.text))
    policies: dict[Mode, Policy] = {"ask": AskUser(view), "yes": AllowAll(), "dry": DryRun()}
    effects: dict[str, Event] = {}  # of the writes that began, by their calls: the last of each
    costs = read(durations) if durations else Costs()
    planned = schedule(graph, compiled.tools, costs, limits)
    started: dict[str, Event] = {}
    events: list[Event] = []
    output = sys.stdout

    def listener(event: Event) -> None:
        events.append(event)
        if event.kind == "started":
            started[event.call] = event
        elif event.kind == "finished":
            begun = started[event.call]
            tool = compiled.tools[event.tool]
            costs.add(tool, begun.arguments or {}, event.seconds - begun.seconds)
        if event.effect == "write" and event.call in started:
            effects.pop(event.call, None)  # they stand in the order in which they ended
            effects[event.call] = event
        if as_json:
            click.echo(json_line(event.to_json()), file=output, nl=False)
        else:
            view(event)

    async def work() -> Outcome:
        return await interpret(
            graph,
            compiled.tools,
            policy=policies[mode],
            listener=listener,
            capabilities=capabilities,
            limits=limits,
            costs=costs,
        )

    def close(status: int, result: Any = None, failures: Sequence[Diagnostic] = ()) -> None:
        """The last line of JSON."""
        seconds = time.perf_counter() - begin
        summary = ended(status, result, effects.values(), failures, seconds, planned)
        click.echo(json_line(summary), file=output, nl=False)

    begin = time.perf_counter()
    shown = nullcontext() if as_json else view.showing()
    try:
        with shown, redirect_stdout(sys.stderr):
            outcome = anyio.run(work)
    except KeyboardInterrupt:
        _account(reporter, effects.values(), "interrupted")
        if as_json:
            close(INTERRUPTED)
        return INTERRUPTED
    except BaseException as error:
        gone = _first(error, OSError)
        _account(reporter, effects.values(), "standard output is gone" if gone else "broken off")
        if gone:
            raise gone from error
        if as_json:
            close(BUG)
        raise
    seconds = time.perf_counter() - begin
    status = outcome.status
    if durations:
        try:
            costs.write(durations)
        except PlanError as error:
            reporter.note(f"how long the calls took is forgotten: {error.diagnostics[0].message}")
    if picture:
        try:
            files.write_text(picture, page(compiled, planned, measured(graph, events)))
        except PlanError as error:
            reporter.diagnostics(error.diagnostics)
            status = status or error.status
    if as_json:
        close(status, outcome.result, outcome.failures)
        return status
    if len(planned.tasks) > 1 and not outcome.failures:
        reporter.note(
            f"took {seconds:.2f} s; expected were {planned.makespan:.2f} s, and "
            f"{planned.work:.2f} s for one call after another"
        )
    if outcome.failures:
        reporter.diagnostics(outcome.failures)
        _account(reporter, effects.values(), "the plan did not run to its end")
    _show_result(outcome.result)
    return status


def ended(
    status: int,
    result: Any = None,
    effects: Collection[Event] = (),
    diagnostics: Sequence[Diagnostic] = (),
    seconds: float = 0.0,
    planned: Schedule | None = None,
) -> dict[str, Any]:
    """The last line of a run as JSON, also of one that never began; `effects` are the last events
    of the writes that began."""
    return {
        "event": "ended",
        "status": status,
        "result": result,
        "writes": [event.call for event in effects if _done(event)],
        "unsure": [event.call for event in effects if not _done(event)],
        "diagnostics": [one.to_json() for one in diagnostics],
        "seconds": round(seconds, 6),
        "predicted": round(planned.makespan, 6) if planned else None,
        "one_by_one": round(planned.work, 6) if planned else None,
    }


def _writes(compiled: Compiled) -> list[Node]:
    return [
        node
        for node in compiled.optimised.walk()
        if node.op == "call" and compiled.tools[node.attribute[0]].effect == "write"
    ]


def _cannot_ask(writes: list[Node], compiled: Compiled) -> Diagnostic:
    names = ", ".join(dict.fromkeys(f"`{node.attribute[0]}`" for node in writes))
    return Diagnostic(
        REFUSED,
        f"the plan writes ({names}), and there is no terminal to ask on; nothing was done",
        writes[0].span,
        hint="--yes allows the writes, --dry-run leaves them out",
    )


def _done(event: Event) -> bool:
    """Whether a write that began ended by itself, to judge by its last event: what raised an error
    or was stopped may have done something before. A wrong result comes after it is done."""
    wrong = event.diagnostic is not None and event.diagnostic.code is BAD_RESULT
    return event.kind == "finished" or wrong


def _account(reporter: Reporter, effects: Collection[Event], why: str) -> None:
    """Says which writes happened before a run ended early."""
    done = [event.tool for event in effects if _done(event)]
    unsure = [event.tool for event in effects if not _done(event)]
    reporter.note(f"{why}; writes done: {', '.join(done) or 'none'}")
    if unsure:
        reporter.note(f"may or may not have been done: {', '.join(unsure)}")


def _first(error: BaseException, kind: type[Exception]) -> BaseException | None:
    """The error itself if it is of a kind, or else the first of that kind in a group of errors."""
    if isinstance(error, BaseExceptionGroup):
        found = (_first(one, kind) for one in error.exceptions)
        return next(filter(None, found), None)
    return error if isinstance(error, kind) else None


def _show_result(result: Any) -> None:
    if result is None:
        return
    if isinstance(result, str | Unknown):
        text = str(result)
    elif isinstance(result, dict):
        text = json_line(result).rstrip("\n")
    else:
        text = as_text(result)
    click.echo(printable(text) if sys.stdout.isatty() else text)
