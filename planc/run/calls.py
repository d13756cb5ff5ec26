"""One call of a tool: its arguments are checked, a write is allowed or not, it waits for the limits
and is made, and its result is checked.

A call that fails leaves a `Failure` as its value.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import anyio
import anyio.to_thread
from pydantic import ValidationError

from planc.diagnostics import (
    BAD_ARGUMENT,
    BAD_RESULT,
    REFUSED,
    REFUSED_VALUE,
    TIMED_OUT,
    TOOL_FAILED,
    Diagnostic,
    PlanError,
)
from planc.ir import Graph, Node
from planc.run.events import Event, Kind, Listener
from planc.run.gate import Gate
from planc.run.policy import Policy, Request
from planc.schema import refusal
from planc.tools import ANY_RESOURCE, Tool
from planc.values import Unknown, ValueProblem, compute, contains_unknown, plain
from planc.wording import a

_MISTAKES = (LookupError, TypeError, AttributeError, NameError, ArithmeticError, AssertionError)
# What may pass a task. `SystemExit` would end the event loop, and there are extensions that raise a
# `BaseException` of their own for a mistake: these are errors as others.
_ENDING = (Exception, asyncio.CancelledError, KeyboardInterrupt, GeneratorExit)
_THREADS = 256  # for plain functions; anyio would have 40


@dataclass
class Failure:
    """The value of a node that has none, since it or something it needs failed. What an early call
    failed with is told when it turns out that its value is needed."""

    untold: Callable[[], None] | None = None

    def tell(self) -> None:
        if self.untold is not None:
            self.untold()
            self.untold = None


FAILED = Failure()


def needed(values: Iterable[Any]) -> bool:
    """Whether all of some values are there; those that are not are told of."""
    failed = [value for value in values if isinstance(value, Failure)]
    for failure in failed:
        failure.tell()
    return not failed


class _Late(Exception):
    """A tool has not ended within its time: if it is a plain function, it goes on until `ended`."""

    def __init__(self, ended: threading.Event) -> None:
        super().__init__()
        self.ended = ended


class _Refused(Exception):
    """A tool's function does not take an argument."""


class _Problem:
    """How a call failed."""

    def __init__(self, first: Diagnostic, *others: Diagnostic) -> None:
        self.first = first
        self.others = others


@dataclass
class Calls:
    """Makes the calls of one run. `path` is where in the maps a call is made, as in `[2][0]`, and
    `rank` how long is left from a node's beginning, in seconds: of those that the limits hold
    back, the one with the most goes first."""

    tools: Mapping[str, Tool]
    policy: Policy
    listener: Listener
    capabilities: Mapping[type, object]
    gate: Gate
    ranks: Mapping[str, float]
    failures: list[Diagnostic] = field(default_factory=list)
    refused: bool = False
    late: list[tuple[Tool, threading.Event]] = field(default_factory=list)
    """Writes that did not end within their time, and what is set when they do."""
    untold: Exception | None = None  # what a listener raised while a call was waited for
    begin: float = field(default_factory=perf_counter)
    asking: anyio.Lock = field(default_factory=anyio.Lock)
    threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_THREADS))

    def rank(self, node: Node) -> float:
        """The same for all if nothing holds them back."""
        return self.ranks.get(node.id, 0.0)

    def tell(self, kind: Kind, node: Node, path: str, **details: Any) -> None:
        tool = self.tools[node.attribute[0]]
        seconds = perf_counter() - self.begin
        self.listener(Event(kind, node.id + path, tool.name, tool.effect, seconds, **details))
        if self.untold is not None:
            raise self.untold

    def fail(self, node: Node, path: str, diagnostic: Diagnostic) -> Failure:
        def tell() -> None:
            self.failures.append(diagnostic)
            self.tell("failed", node, path, diagnostic=diagnostic)

        if node.early:
            return Failure(tell)
        tell()
        return FAILED

    async def call(self, node: Node, operands: list[Any], path: str) -> Any:
        """The call's result, `Unknown` where a dry run leaves it out, or a `Failure`."""
        name, names = node.attribute
        tool = self.tools[name]
        arguments = dict(zip(names, operands, strict=True))
        known = {key: value for key, value in arguments.items() if not contains_unknown(value)}
        for key, value in known.items():
            try:
                tool.argument_validators[key](value)
            except ValidationError as error:
                message = f"`{key}` of `{name}` cannot be {value!r:.80}: {refusal(error)}"
                return self.fail(node, path, Diagnostic(BAD_ARGUMENT, message, node.span))
        about: Mapping[str, str] | _Problem | None = {}
        if tool.effect == "write":
            about = await self.allowed(node, tool, arguments, path)
        if isinstance(about, _Problem):
            return self.fail(node, path, about.first)
        if about is None:
            return FAILED if self.refused else Unknown(node.id)
        if len(known) < len(arguments):
            self.tell("skipped", node, path, arguments=arguments)
            return Unknown(node.id)
        try:
            given = _given(tool, arguments)
        except _Refused as refused:
            return self.fail(node, path, Diagnostic(BAD_ARGUMENT, str(refused), node.span))
        found = await self._made(node, tool, arguments, given, path, about)
        if isinstance(found, _Problem):
            self.failures += found.others
            return self.fail(node, path, found.first)
        self.tell("finished", node, path, result=found)
        return found

    async def whole(
        self, node: Node, tool: Tool, operands: list[Any], path: str
    ) -> list[Any] | None:
        """What a tool's batched form answers for each of the first operand's values, or None if it
        cannot be asked or fails."""
        arguments = dict(zip(node.attribute[1], operands, strict=True))
        try:
            for key, value in arguments.items():
                tool.argument_validators[key](value)
            given = _given(tool, arguments)
        except (ValidationError, _Refused):
            return None
        found = await self._made(node, tool, arguments, given, path)
        if isinstance(found, list) and len(found) != len(operands[0]):
            message = f"`{tool.name}` gave {len(found)} answers to {len(operands[0])} questions"
            found = _Problem(Diagnostic(BAD_RESULT, message, node.span))
        if isinstance(found, _Problem):
            self.tell("retried", node, path, diagnostic=found.first)
            return None
        self.tell("finished", node, path, result=found)
        answers: list[Any] = found
        return answers

    async def allowed(
        self, node: Node, tool: Tool, arguments: dict[str, Any], path: str
    ) -> Mapping[str, str] | _Problem | None:
        """What a write is about if it may happen, and None if not."""
        async with self.asking:
            if self.refused:
                self.tell("cancelled", node, path)
                return None
            about = await self._about(node, tool)
            if isinstance(about, _Problem):
                return about
            asked = Request(node.id + path, tool, arguments, about)
            decision = await self.policy.decide(asked)
        if decision == "yes":
            self.tell("approved", node, path, arguments=arguments)
            return about
        if decision == "skip":
            self.tell("skipped", node, path, arguments=arguments)
            return None
        self.refused = True
        self.failures.append(
            Diagnostic(REFUSED, f"`{tool.name}` was refused; no later write was made", node.span)
        )
        self.tell("refused", node, path, arguments=arguments)
        return None

    async def _about(self, node: Node, tool: Tool) -> Mapping[str, str] | _Problem:
        if tool.about is None:
            return {}
        try:
            return dict(await anyio.to_thread.run_sync(tool.about, limiter=self.threads))
        except Exception as error:  # noqa: BLE001 - a tool is foreign code
            return _problem(node, tool, error)

    async def _made(
        self,
        node: Node,
        tool: Tool,
        arguments: dict[str, Any],
        given: dict[str, Any],
        path: str,
        about: Mapping[str, str] | None = None,
    ) -> Any:
        """What a call ends with that begins as soon as the limits let it: its checked result, or a
        `_Problem`, as where it is not `about` what was allowed any more."""
        given |= {key: self.capabilities[kind] for key, kind in tool.capabilities.items()}
        await self.gate.enter(tool, self.rank(node))
        try:
            overtaken = self._overtaken(tool)
            if overtaken is not None:
                message = f"`{tool.name}` is not called: `{overtaken.name}` before it has not ended"
                return _Problem(Diagnostic(TIMED_OUT, message, node.span))
            if about:
                now = await self._about(node, tool)
                if isinstance(now, _Problem):
                    return now
                if now != about:
                    return _changed(node, tool, about, now)
            self.tell("started", node, path, arguments=arguments)
            return await self._attempt(node, tool, given, path)
        finally:
            self.gate.leave(tool)

    def _overtaken(self, tool: Tool) -> Tool | None:
        """A write that is still under way after its time, to a resource that a tool touches."""
        touched = {resource for resource, _ in tool.touches}
        for one, ended in self.late:
            alike = ANY_RESOURCE in (one.touched, *touched) or one.touched in touched
            if touched and alike and not ended.is_set():
                return one
        return None

    def _waiting(self, node: Node, path: str) -> None:
        """Tells that a call cannot be stopped. What the listener raises must not be the tool's
        error, and waits for the next event."""
        try:
            self.tell("waiting", node, path)
        except Exception as error:  # noqa: BLE001 - of any listener
            self.untold = error

    async def _attempt(self, node: Node, tool: Tool, given: dict[str, Any], path: str) -> Any:
        try:
            waiting = partial(self._waiting, node, path)
            value = await _answered(tool, given, self.threads, waiting)
        except asyncio.CancelledError:
            self.tell("interrupted", node, path)
            raise
        except _Late as late:
            if tool.effect == "write":
                self.late.append((tool, late.ended))
            unsure = "; whether it took effect is not known" if tool.effect == "write" else ""
            message = f"`{tool.name}` did not end within {tool.timeout:g} s{unsure}"
            return _Problem(Diagnostic(TIMED_OUT, message, node.span))
        except ValueProblem as problem:
            message = f"`{tool.name}` returned something else than data: {problem}"
            return _Problem(Diagnostic(BAD_RESULT, message, node.span))
        except Exception as error:  # noqa: BLE001 - a tool is foreign code
            return _problem(node, tool, error)
        try:
            result = tool.result_validator(value)
        except ValidationError as error:
            message = (
                f"`{tool.name}` promised {a(tool.result)}, and returned {value!r:.80}: "
                f"{refusal(error)}"
            )
            return _Problem(Diagnostic(BAD_RESULT, message, node.span))
        return result


def _problem(node: Node, tool: Tool, error: Exception) -> _Problem:
    """What a tool's function raised."""
    if isinstance(error, PlanError):
        return _Problem(*error.diagnostics)
    message = f"`{tool.name}` failed: {_told(error)}{_place(error)}"
    return _Problem(Diagnostic(TOOL_FAILED, message, node.span))


def _changed(
    node: Node, tool: Tool, allowed: Mapping[str, str], now: Mapping[str, str]
) -> _Problem:
    name = next(name for name in (*allowed, *now) if allowed.get(name) != now.get(name))
    message = (
        f"`{tool.name}` was allowed with another {name}: {allowed.get(name)!r:.80}; "
        f"it would be {now.get(name)!r:.80}"
    )
    hint = "what it is about has changed since; run the plan again"
    return _Problem(Diagnostic(TOOL_FAILED, message, node.span, hint=hint))


async def _answered(
    tool: Tool,
    given: dict[str, Any],
    threads: anyio.CapacityLimiter,
    waiting: Callable[[], None],
) -> Any:
    """What a tool's function answers, as data. Raises `_Late`, `ValueProblem`, and whatever the
    function raises."""
    begun, ended = threading.Event(), threading.Event()
    with anyio.move_on_after(tool.timeout):
        answer = await _answer(tool, given, threads, waiting, begun, ended)
        if inspect.isawaitable(answer):  # of a function that is not told to be async, as behind a
            return await _awaited(lambda: answer)  # decorator
        return answer
    raise _Late(ended)


async def _answer(
    tool: Tool,
    given: dict[str, Any],
    threads: anyio.CapacityLimiter,
    waiting: Callable[[], None],
    begun: threading.Event,
    ended: threading.Event,
) -> Any:
    """What the function answers, in a task of its own: whatever it does to that, to cancel it or to
    take no notice when it is cancelled, does not reach the task of the call. `waiting` is called
    when it is stopped and cannot be."""
    assert tool.function is not None
    if tool.is_async:
        ended.set()
        task = asyncio.create_task(_awaited(partial(tool.function, **given)))
        ends = True
    else:
        work = partial(_called, tool.function, given, begun, ended)
        ends = tool.timeout is not None
        thread = anyio.to_thread.run_sync(work, abandon_on_cancel=ends, limiter=threads)
        task = asyncio.create_task(thread)
    try:
        return await (task if ends else asyncio.shield(task))
    except asyncio.CancelledError as error:
        if not stopped():
            raise RuntimeError("it was cancelled, and not by planc") from error
        if ends:
            raise
    if begun.is_set():
        waiting()
    else:
        task.cancel()
    await asyncio.wait([task])  # nothing can stop a plain function that is under way
    return task.result()


async def _awaited(make: Callable[[], Awaitable[Any]]) -> Any:
    """What an async function returns, as data."""
    try:
        return plain(await make())
    except _ENDING:
        raise
    except BaseException as error:
        raise RuntimeError(_told(error)) from error


def _called(
    function: Callable[..., Any],
    given: dict[str, Any],
    begun: threading.Event,
    ended: threading.Event,
) -> Any:
    """What a plain function returns, in a thread: as data, since a generator does its work only
    then, or what is to be awaited."""
    begun.set()
    try:
        answer = function(**given)
        return answer if inspect.isawaitable(answer) else plain(answer)
    except _ENDING:
        raise
    except BaseException as error:
        raise RuntimeError(_told(error)) from error
    finally:
        ended.set()


def stopped() -> bool:
    """Whether this task, in which no tool runs, is being cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _given(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a tool's function is called with: values of its own, which it may change. Raises
    `_Refused`."""
    given = {key: make() for key, make in tool.defaults.items() if key not in arguments}
    for key in tool.hints:
        if key in arguments:
            given[key] = _converted(tool, key, arguments[key])
    return given


def _converted(tool: Tool, key: str, value: Any) -> Any:
    """What a function is given for a plan's value, by its type hint. Raises `_Refused`."""
    try:
        own = deepcopy(value) if isinstance(value, list | dict) else value
        return tool.argument_converters[key](own)
    except Exception as error:  # a validator is foreign code
        reason = refusal(error) if isinstance(error, ValidationError) else _told(error)
        raise _Refused(f"`{key}` of `{tool.name}` cannot be {value!r:.80}: {reason}") from error


def refused_values(graph: Graph, tools: Mapping[str, Tool]) -> list[Diagnostic]:
    """What the functions of a graph's calls do not take of the values that the plan writes down."""
    written: dict[str, Any] = {}
    found = []
    for node in graph.walk():
        known = all(name in written for name in node.operands)
        if known and node.op in ("const", "list", "record"):
            with suppress(ValueProblem):
                written[node.id] = compute(node, [written[name] for name in node.operands])
        if node.op != "call" or tools[node.attribute[0]].function is None:
            continue
        for key, name in zip(node.attribute[1], node.operands, strict=True):
            try:
                if name in written:
                    _converted(tools[node.attribute[0]], key, written[name])
            except _Refused as refused:
                found.append(Diagnostic(REFUSED_VALUE, str(refused), node.span))
    return found


def _told(error: BaseException) -> str:
    """What a tool's error says, with its kind where it says little without: `KeyError: 'x'`."""
    kind = type(error).__name__
    try:
        text = str(error).strip()
    except Exception:  # noqa: BLE001 - a tool's error is foreign code too
        return kind
    return f"{kind}: {text}" if text and isinstance(error, _MISTAKES) else text or kind


def _place(error: BaseException) -> str:
    """Where a mistake in a tool's code is, and nothing for what a tool says itself."""
    frames = traceback.extract_tb(error.__traceback__)
    if not isinstance(error, _MISTAKES) or not frames:
        return ""
    return f" (at {Path(frames[-1].filename).name}:{frames[-1].lineno})"
