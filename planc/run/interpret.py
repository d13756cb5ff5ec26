"""The interpreter: a graph in, effects and a value out.

Every node begins as soon as the values it uses are there and the nodes of its effect edges have
ended; what does not call a tool is computed on the spot, calls are tasks of an anyio task group
(structured concurrency), and plain functions run in worker threads. A failed call leaves a
`_Failure` as its value: what uses it is cancelled, what only comes after it goes on. The
iterations of a map run at once, but where they write to a resource, each waits there for the one
before it, so that a resource sees its writes in the plan's order.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import anyio.to_thread
from pydantic import ValidationError

from planc.costs import DECLARED, Costs
from planc.diagnostics import (
    BAD_ARGUMENT,
    BAD_RESULT,
    BAD_VALUE,
    NOT_RUNNABLE,
    REFUSED,
    TIMED_OUT,
    TOOL_FAILED,
    Diagnostic,
    PlanError,
)
from planc.effects import ANY_RESOURCE, effects
from planc.ir import Body, Graph, Node
from planc.limits import UNLIMITED, Limits
from planc.run.events import Event, Kind, Listener
from planc.run.gate import Gate
from planc.run.policy import Policy, Request
from planc.schedule import ranks
from planc.tools import Tool, batched_form
from planc.values import Unknown, ValueProblem, compute, contains_unknown, plain

_MISTAKES = (LookupError, TypeError, AttributeError, NameError, ArithmeticError, AssertionError)
_TASKS = frozenset({"call", "batch"})
_THREADS = 256  # for plain functions; anyio would have 40


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `result` is the plan's value, None if it returns nothing or did not get
    so far; `failures` are in the order in which they happened."""

    result: Any
    failures: tuple[Diagnostic, ...]
    complete: bool

    @property
    def status(self) -> int:
        """The exit status: 0, or the worst failure's."""
        return max((failure.code.status for failure in self.failures), default=0)


@dataclass
class _Failure:
    """The value of a node that has none, since it or something it needs failed. What an early call
    failed with is told when it turns out that its value is needed."""

    untold: Callable[[], None] | None = None

    def tell(self) -> None:
        if self.untold is not None:
            self.untold()
            self.untold = None


_FAILED = _Failure()


def _needed(values: Iterable[Any]) -> bool:
    """Whether all of some values are there; those that are not are told of."""
    failed = [value for value in values if isinstance(value, _Failure)]
    for failure in failed:
        failure.tell()
    return not failed


class _Problem:
    """How a call failed."""

    def __init__(self, first: Diagnostic, *others: Diagnostic) -> None:
        self.first = first
        self.others = others


@dataclass
class _Turn:
    """One resource in one iteration of a map: it waits for `before`, and sets `done` when the
    last of the iteration's nodes that touch it has ended."""

    before: anyio.Event | None
    done: anyio.Event
    left: int


async def interpret(
    graph: Graph,
    tools: Mapping[str, Tool],
    *,
    policy: Policy,
    listener: Listener = lambda event: None,
    capabilities: Mapping[type, object] | None = None,
    limits: Limits = UNLIMITED,
    costs: Costs = DECLARED,
) -> Outcome:
    """Runs a graph. `capabilities` maps `Clock` and `TextModel` to what tools get that ask for
    them. Under limits, of the calls that could begin those come first that are expected to have
    the longest way to the end. Raises `PlanError` (E405) before anything runs when a tool has no
    program behind it."""
    require_programs(graph, tools)
    run = _Run(
        tools,
        policy,
        listener,
        capabilities or {},
        Gate(limits),
        ranks(graph, tools, costs) if _held_back(graph, tools, limits) else {},
    )
    result = await run.body(graph.body, {}, "", {})
    failed = not _needed([result])
    failures = tuple(dict.fromkeys(run.failures))  # the iterations of a map may fail alike
    return Outcome(None if failed else result, failures, not failed)


def _held_back(graph: Graph, tools: Mapping[str, Tool], limits: Limits) -> bool:
    """Whether any call may have to wait for the limits."""
    called = [tools[node.attribute[0]] for node in graph.walk() if node.op in _TASKS]
    forms = [tools[tool.batch] for tool in called if tool.batch and tool.batch in tools]
    return any(map(limits.holds_back, {*called, *forms}))


def require_programs(graph: Graph, tools: Mapping[str, Tool]) -> None:
    """Raises `PlanError` (E405) when a tool of the graph has no program behind it."""
    calls = (node for node in graph.walk() if node.op in _TASKS)
    missing = [node for node in calls if tools[node.attribute[0]].function is None]
    if missing:
        raise PlanError([_not_runnable(node) for node in missing])


def _not_runnable(node: Node) -> Diagnostic:
    return Diagnostic(
        NOT_RUNNABLE,
        f"`{node.attribute[0]}` has a description but no program behind it",
        node.span,
        hint="a JSON tool set is for planning; write the tools in Python to run them",
    )


@dataclass
class _Run:
    tools: Mapping[str, Tool]
    policy: Policy
    listener: Listener
    capabilities: Mapping[type, object]
    gate: Gate
    ranks: Mapping[str, float]
    failures: list[Diagnostic] = field(default_factory=list)
    refused: bool = False
    begin: float = field(default_factory=time.perf_counter)
    asking: anyio.Lock = field(default_factory=anyio.Lock)
    threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_THREADS))

    async def body(
        self, body: Body, around: Mapping[str, Any], path: str, turns: dict[str, _Turn]
    ) -> Any:
        """The value of a body with the values around it."""
        values = dict(around)
        pending: dict[str, int] = {}
        users: dict[str, list[Node]] = {node.id: [] for node in body.nodes}
        for node in body.nodes:
            local = {name for name in (*node.uses, *node.after) if name in users}
            pending[node.id] = len(local)
            for name in local:
                users[name].append(node)
        ready = deque(node for node in body.nodes if not pending[node.id])

        def end(node: Node, value: Any) -> None:
            values[node.id] = value
            self.leave(node, turns)
            for user in users[node.id]:
                pending[user.id] -= 1
                if not pending[user.id]:
                    ready.append(user)

        async with anyio.create_task_group() as group:

            async def work(node: Node) -> None:
                tasks = [node]
                while tasks:
                    node, *others = tasks  # it goes on itself with the first that it made ready
                    for other in others:
                        group.start_soon(work, other)
                    for turn in self.turns_of(node, turns):
                        if turn.before is not None:
                            await turn.before.wait()
                    end(node, await self.node(node, values, path))
                    tasks = drain()

            def drain() -> list[Node]:
                """Computes what needs no call, and gives all else that is ready, the longest way to
                the end first."""
                tasks = []
                while ready:
                    node = ready.popleft()
                    if node.op in _TASKS or node.bodies:
                        tasks.append(node)
                    else:
                        end(node, self.computed(node, values))
                return sorted(tasks, key=self.rank, reverse=True)

            # Not in this task, which only waits: to cancel it is to cancel the group, and that lets
            # a plain function that is under way come to its end.
            for node in drain():
                group.start_soon(work, node)
        return None if body.result is None else values[body.result]

    # Order between the iterations of a map.

    def turns_of(self, node: Node, turns: dict[str, _Turn]) -> list[_Turn]:
        if not turns:
            return []
        touched = {resource for resource, _ in effects(node, self.tools)}
        if not touched:
            return []
        everything = ANY_RESOURCE in touched
        return [
            turn
            for resource, turn in turns.items()
            if everything or resource in touched or resource == ANY_RESOURCE
        ]

    def leave(self, node: Node, turns: dict[str, _Turn]) -> None:
        for turn in self.turns_of(node, turns):
            turn.left -= 1
            if not turn.left:
                turn.done.set()

    def rank(self, node: Node) -> float:
        """How long is left from a node's beginning; the same for all if nothing holds them back."""
        return self.ranks.get(node.id, 0.0)

    # One node.

    def computed(self, node: Node, values: Mapping[str, Any]) -> Any:
        operands = [values[name] for name in node.operands]
        if not _needed(operands):
            return _FAILED
        try:
            return compute(node, operands)
        except ValueProblem as problem:
            self.failures.append(Diagnostic(BAD_VALUE, str(problem), node.span))
            return _FAILED

    async def node(self, node: Node, values: Mapping[str, Any], path: str) -> Any:
        if node.op == "batch":
            return await self.batch(node, values, path)
        operands = [values[name] for name in node.operands]
        if node.early and any(isinstance(value, _Failure) for value in operands):
            return _Failure(lambda: None if _needed(operands) else self.cancel(node, path))
        if not _needed(operands):
            self.cancel(node, path)
            return _FAILED
        if node.op == "call":
            return await self.call(node, operands, path)
        if isinstance(operands[0], Unknown):
            return Unknown(node.id)
        if node.op == "select":
            taken = node.bodies[0 if operands[0] else 1]
            result = await self.body(taken, values, path, {})
            return result if _needed([result]) else _FAILED
        return await self.map(node, operands[0], values, path)

    async def map(self, node: Node, items: Any, values: Mapping[str, Any], path: str) -> Any:
        if not isinstance(items, list):
            message = f"a map goes over a list, and this is {items!r:.60}"
            self.failures.append(Diagnostic(BAD_VALUE, message, node.span))
            return _FAILED
        results: list[Any] = [None] * len(items)
        kept: list[bool | None] = [True] * len(items)  # None where it is not known
        counts = self.conflicts(node.bodies)
        before: dict[str, anyio.Event] = {}
        async with anyio.create_task_group() as group:
            for i, item in enumerate(items):
                turns = {
                    resource: _Turn(before.get(resource), anyio.Event(), count)
                    for resource, count in counts.items()
                }
                before = {resource: turn.done for resource, turn in turns.items()}
                group.start_soon(self.iteration, node, i, item, values, path, turns, results, kept)
        if not _needed(results):
            return _FAILED
        if None in kept:
            return Unknown(node.id)
        return [result for result, keep in zip(results, kept, strict=True) if keep]

    def conflicts(self, bodies: tuple[Body, ...]) -> Counter[str]:
        """For each resource that an iteration writes to, how many nodes of it touch it."""
        touched = [effects(node, self.tools) for body in bodies for node in body.nodes]
        written = {resource for one in touched for resource, writes in one if writes}
        probe = {resource: _Turn(None, anyio.Event(), 0) for resource in written}
        for body in bodies:
            for node in body.nodes:
                for turn in self.turns_of(node, probe):
                    turn.left += 1
        return Counter({resource: turn.left for resource, turn in probe.items()})

    async def iteration(
        self,
        node: Node,
        i: int,
        item: Any,
        values: Mapping[str, Any],
        path: str,
        turns: dict[str, _Turn],
        results: list[Any],
        kept: list[bool | None],
    ) -> None:
        here = f"{path}[{i}]"
        *condition, element = node.bodies
        for body in condition:
            test = await self.body(body, {**values, body.parameters[0][0]: item}, here, turns)
            if not _needed([test]):
                results[i] = _FAILED
            kept[i] = None if isinstance(test, Unknown) else bool(test)
        if kept[i] and not isinstance(results[i], _Failure):
            inside = {**values, element.parameters[0][0]: item}
            results[i] = await self.body(element, inside, here, turns)
        for turn in turns.values():
            if turn.before is not None and not turn.done.is_set():
                await turn.before.wait()
            turn.done.set()

    # Calls.

    def tell(self, kind: Kind, node: Node, path: str, **details: Any) -> None:
        tool = self.tools[node.attribute[0]]
        seconds = time.perf_counter() - self.begin
        self.listener(Event(kind, node.id + path, tool.name, tool.effect, seconds, **details))

    def cancel(self, node: Node, path: str) -> None:
        if node.op == "call":
            self.tell("cancelled", node, path)
        for body in node.bodies:
            for inner in body.nodes:
                self.cancel(inner, path)

    def fail(self, node: Node, path: str, diagnostic: Diagnostic) -> _Failure:
        def tell() -> None:
            self.failures.append(diagnostic)
            self.tell("failed", node, path, diagnostic=diagnostic)

        if node.early:
            return _Failure(tell)
        tell()
        return _FAILED

    async def call(self, node: Node, operands: list[Any], path: str) -> Any:
        name, names = node.attribute
        tool = self.tools[name]
        arguments = dict(zip(names, operands, strict=True))
        known = {key: value for key, value in arguments.items() if not contains_unknown(value)}
        for key, value in known.items():
            try:
                tool.argument_validators[key].validate_python(value)
            except ValidationError as error:
                message = f"`{key}` of `{name}` cannot be {value!r:.80}: {_reason(error)}"
                return self.fail(node, path, Diagnostic(BAD_ARGUMENT, message, node.span))
        if tool.effect == "write" and not await self.allowed(node, tool, arguments, path):
            return _FAILED if self.refused else Unknown(node.id)
        if len(known) < len(arguments):
            self.tell("skipped", node, path, arguments=arguments)
            return Unknown(node.id)
        try:
            given = _given(tool, arguments)
        except ValidationError as error:
            message = f"an argument of `{name}` is refused: {_reason(error)}"
            return self.fail(node, path, Diagnostic(BAD_ARGUMENT, message, node.span))
        found = await self.begun(node, tool, arguments, given, path)
        if isinstance(found, _Problem):
            self.failures += found.others
            return self.fail(node, path, found.first)
        self.tell("finished", node, path, result=found)
        return found

    async def batch(self, node: Node, values: Mapping[str, Any], path: str) -> Any:
        """The results of several calls of one tool, in a list: of its batched form, or else of
        each by itself. Those that cannot be made, or fail, leave a `_Failure` in their place."""
        name, varying, shared = node.attribute
        count = len(node.operands) - len(shared)
        single = replace(node, op="call", attribute=(name, (varying, *shared)))
        common = node.operands[count:]
        each = [replace(single, operands=(value, *common)) for value in node.operands[:count]]
        form = batched_form(self.tools[name], self.tools)
        given = [values[value] for value in node.operands]
        if form is not None and not any(map(_missing, given)):
            many = replace(node, op="call", attribute=(form[0].name, (varying, *shared)))
            found = await self.whole(many, form[0], [given[:count], *given[count:]], path)
            if found is not None:
                return found
        results: list[Any] = [None] * count

        async def one(i: int) -> None:
            results[i] = await self.node(each[i], values, f"{path}[{i}]")

        async with anyio.create_task_group() as group:
            for i in range(count):
                group.start_soon(one, i)
        return results

    async def whole(
        self, node: Node, tool: Tool, operands: list[Any], path: str
    ) -> list[Any] | None:
        """What the batched form answers for each of the first operand's values, or None if it
        cannot be asked or fails."""
        arguments = dict(zip(node.attribute[1], operands, strict=True))
        try:
            for key, value in arguments.items():
                tool.argument_validators[key].validate_python(value)
            given = _given(tool, arguments)
        except ValidationError:
            return None
        found = await self.begun(node, tool, arguments, given, path)
        if isinstance(found, list) and len(found) != len(operands[0]):
            message = f"`{tool.name}` gave {len(found)} answers to {len(operands[0])} questions"
            found = _Problem(Diagnostic(BAD_RESULT, message, node.span))
        if isinstance(found, _Problem):
            self.tell("retried", node, path, diagnostic=found.first)
            return None
        self.tell("finished", node, path, result=found)
        answers: list[Any] = found
        return answers

    async def allowed(self, node: Node, tool: Tool, arguments: dict[str, Any], path: str) -> bool:
        async with self.asking:
            if self.refused:
                self.tell("cancelled", node, path)
                return False
            decision = self.policy.decide(Request(node.id + path, tool, arguments))
        if decision == "yes":
            self.tell("approved", node, path, arguments=arguments)
            return True
        if decision == "skip":
            self.tell("skipped", node, path, arguments=arguments)
            return False
        self.refused = True
        self.failures.append(
            Diagnostic(REFUSED, f"`{tool.name}` was refused; no later write was made", node.span)
        )
        self.tell("refused", node, path, arguments=arguments)
        return False

    async def begun(
        self, node: Node, tool: Tool, arguments: dict[str, Any], given: dict[str, Any], path: str
    ) -> Any:
        """What an attempt gives that begins as soon as the limits let it."""
        await self.gate.enter(tool, self.rank(node))
        try:
            self.tell("started", node, path, arguments=arguments)
            return await self.attempt(node, tool, given, path)
        finally:
            self.gate.leave(tool)

    async def attempt(self, node: Node, tool: Tool, given: dict[str, Any], path: str) -> Any:
        """The checked result of the tool's function, or the `_Problem` it ended with."""
        injected = {key: self.capabilities[kind] for key, kind in tool.capabilities.items()}
        value: Any = None
        try:
            limit = None
            try:
                if tool.timeout is None:
                    value = plain(await self.invoke(tool, {**given, **injected}))
                else:
                    with anyio.move_on_after(tool.timeout) as limit:
                        value = plain(await self.invoke(tool, {**given, **injected}))
            except anyio.get_cancelled_exc_class():
                self.tell("interrupted", node, path)
                raise
            if limit is not None and limit.cancelled_caught:
                unsure = "; whether it took effect is not known" if tool.effect == "write" else ""
                message = f"`{tool.name}` did not end within {tool.timeout:g} s{unsure}"
                return _Problem(Diagnostic(TIMED_OUT, message, node.span))
        except PlanError as error:
            return _Problem(*error.diagnostics)
        except ValueProblem as problem:
            message = f"`{tool.name}` returned something else than data: {problem}"
            return _Problem(Diagnostic(BAD_RESULT, message, node.span))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a tool is foreign code
            message = f"`{tool.name}` failed: {_told(error)}"
            return _Problem(Diagnostic(TOOL_FAILED, message, node.span))
        try:
            result = tool.result_validator.validate_python(value)
        except ValidationError as error:
            message = (
                f"`{tool.name}` promised a {tool.result}, and returned {value!r:.80}: "
                f"{_reason(error)}"
            )
            return _Problem(Diagnostic(BAD_RESULT, message, node.span))
        return result

    async def invoke(self, tool: Tool, arguments: dict[str, Any]) -> Any:
        function: Callable[..., Any] = tool.function  # type: ignore[assignment]
        if tool.is_async:  # in a task of its own, whose context is no other call's
            return await asyncio.create_task(function(**arguments))
        return await anyio.to_thread.run_sync(
            lambda: function(**arguments),
            abandon_on_cancel=tool.timeout is not None,
            limiter=self.threads,
        )


def _missing(value: Any) -> bool:
    """Whether a value is not there, or not yet known."""
    return isinstance(value, _Failure) or contains_unknown(value)


def _given(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a tool's function is called with: values of its own, which it may change. Raises
    `ValidationError`."""
    converters = tool.argument_converters.items()
    given = {
        key: one.validate_python(arguments[key]) for key, one in converters if key in arguments
    }
    for key, value in given.items():
        if isinstance(value, list | dict) and value is arguments[key]:
            given[key] = deepcopy(value)
    return given


def _told(error: BaseException) -> str:
    """What a tool's error says, with its kind where it says little without: `KeyError: 'x'`."""
    text = str(error).strip()
    kind = type(error).__name__
    return f"{kind}: {text}" if text and isinstance(error, _MISTAKES) else text or kind


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"]
    return f"{place}: {message}" if place else message
