"""One call of a tool: its arguments are checked, a write is allowed or not, it waits for the limits
and is made, and its result is checked.

A call that fails leaves a `Failure` as its value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import anyio
import anyio.to_thread
from pydantic import ValidationError

from planc.diagnostics import (
    BAD_ARGUMENT,
    BAD_RESULT,
    REFUSED,
    TIMED_OUT,
    TOOL_FAILED,
    Diagnostic,
    PlanError,
)
from planc.ir import Node
from planc.run.events import Event, Kind, Listener
from planc.run.functions import Late, Refused, Work, answered, given_to, place, told
from planc.run.gate import Gate
from planc.run.policy import Policy, Request
from planc.schema import refusal
from planc.tools import ANY_RESOURCE, Tool
from planc.values import Unknown, ValueProblem, contains_unknown
from planc.wording import a

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
    late: list[tuple[Tool, Work]] = field(default_factory=list)
    """Writes that did not end within their time."""
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
            given = given_to(tool, arguments)
        except Refused as refused:
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
            given = given_to(tool, arguments)
        except (ValidationError, Refused):
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
        for one, work in self.late:
            alike = ANY_RESOURCE in (one.touched, *touched) or one.touched in touched
            if touched and alike and not work.ended:
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
            value = await answered(tool, given, self.threads, waiting)
        except asyncio.CancelledError:
            self.tell("interrupted", node, path)
            raise
        except Late as late:
            if tool.effect == "write":
                self.late.append((tool, late.work))
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
    message = f"`{tool.name}` failed: {told(error)}{place(error)}"
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
