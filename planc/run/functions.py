"""A tool's function: what it is given, how it is called and waited for, and what it says when it
fails. It is foreign code, which may do anything."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext, suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from pydantic import ValidationError

from planc.diagnostics import REFUSED_VALUE, Diagnostic
from planc.ir import Graph
from planc.schema import refusal
from planc.tools import Tool
from planc.values import ValueProblem, compute, plain

_MISTAKES = (LookupError, TypeError, AttributeError, NameError, ArithmeticError, AssertionError)
# What may pass a task. `SystemExit` would end the event loop, and there are extensions that raise a
# `BaseException` of their own for a mistake: these are errors as others.
_ENDING = (Exception, asyncio.CancelledError, KeyboardInterrupt, GeneratorExit)


@dataclass
class Work:
    """How far a tool's function has come. A thread writes it and others read it, each field by
    itself, so that no lock is needed."""

    begun: bool = False
    ended: bool = False


class Late(Exception):
    """A tool has not ended within its time: if it is a plain function, its work goes on."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work


class Refused(Exception):
    """A tool's function does not take an argument."""


async def answered(
    tool: Tool,
    given: dict[str, Any],
    threads: anyio.CapacityLimiter,
    waiting: Callable[[], None],
) -> Any:
    """What a tool's function answers, as data. Raises `Late`, `ValueProblem`, and whatever the
    function raises."""
    work = Work()
    with nullcontext() if tool.timeout is None else anyio.move_on_after(tool.timeout):
        answer = await _answer(tool, given, threads, waiting, work)
        if inspect.isawaitable(answer):  # of a function that is not told to be async, as behind a
            return await _awaited(lambda: answer)  # decorator
        return answer
    raise Late(work)


async def _answer(
    tool: Tool,
    given: dict[str, Any],
    threads: anyio.CapacityLimiter,
    waiting: Callable[[], None],
    work: Work,
) -> Any:
    """What the function answers, in a task of its own: whatever it does to that, to cancel it or to
    take no notice when it is cancelled, does not reach the task of the call. `waiting` is called
    when it is stopped and cannot be."""
    assert tool.function is not None
    if tool.is_async:
        work.ended = True
        task = asyncio.create_task(_awaited(partial(tool.function, **given)))
        ends = True
    else:
        called = partial(_called, tool.function, given, work)
        ends = tool.timeout is not None
        thread = anyio.to_thread.run_sync(called, abandon_on_cancel=ends, limiter=threads)
        task = asyncio.create_task(thread)
    try:
        return await (task if ends else asyncio.shield(task))
    except asyncio.CancelledError as error:
        if not stopped():
            raise RuntimeError("it was cancelled, and not by planc") from error
        if ends:
            raise
    if work.begun:
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
        raise RuntimeError(told(error)) from error


def _called(function: Callable[..., Any], given: dict[str, Any], work: Work) -> Any:
    """What a plain function returns, in a thread: as data, since a generator does its work only
    then, or what is to be awaited."""
    work.begun = True
    try:
        answer = function(**given)
        return answer if inspect.isawaitable(answer) else plain(answer)
    except _ENDING:
        raise
    except BaseException as error:
        raise RuntimeError(told(error)) from error
    finally:
        work.ended = True


def stopped() -> bool:
    """Whether this task, in which no tool runs, is being cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def given_to(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a tool's function is called with: values of its own, which it may change. Raises
    `Refused`."""
    given = {key: make() for key, make in tool.defaults.items() if key not in arguments}
    for key in tool.hints:
        if key in arguments:
            given[key] = _converted(tool, key, arguments[key])
    return given


def _converted(tool: Tool, key: str, value: Any) -> Any:
    """What a function is given for a plan's value, by its type hint. Raises `Refused`."""
    try:
        own = deepcopy(value) if isinstance(value, list | dict) else value
        return tool.argument_converters[key](own)
    except Exception as error:  # a validator is foreign code
        reason = refusal(error) if isinstance(error, ValidationError) else told(error)
        raise Refused(f"`{key}` of `{tool.name}` cannot be {value!r:.80}: {reason}") from error


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
            except Refused as refused:
                found.append(Diagnostic(REFUSED_VALUE, str(refused), node.span))
    return found


def told(error: BaseException) -> str:
    """What a tool's error says, with its kind where it says little without: `KeyError: 'x'`."""
    kind = type(error).__name__
    try:
        text = str(error).strip()
    except Exception:  # noqa: BLE001 - a tool's error is foreign code too
        return kind
    return f"{kind}: {text}" if text and isinstance(error, _MISTAKES) else text or kind


def place(error: BaseException) -> str:
    """Where a mistake in a tool's code is, and nothing for what a tool says itself."""
    frames = traceback.extract_tb(error.__traceback__)
    if not isinstance(error, _MISTAKES) or not frames:
        return ""
    return f" (at {Path(frames[-1].filename).name}:{frames[-1].lineno})"
