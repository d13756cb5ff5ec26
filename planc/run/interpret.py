"""The interpreter: a graph in, effects and a value out.

Every node begins as soon as the values it uses are there and the nodes of its effect edges have
ended; what does not call a tool is computed on the spot, calls are tasks of a task group
(structured concurrency), and plain functions run in worker threads. What uses
the value of a failed call is cancelled, what only comes after it goes on. The iterations of a map
run at once, but where they write to a resource, each waits there for the one before it, so that a
resource sees its writes in the plan's order.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio

from planc.costs import DECLARED, Costs
from planc.diagnostics import BAD_VALUE, NOT_RUNNABLE, Diagnostic, PlanError
from planc.effects import effects
from planc.ir import Body, Graph, Node
from planc.limits import UNLIMITED, Limits
from planc.run.calls import FAILED, Calls, Failure, needed
from planc.run.events import Listener
from planc.run.functions import refused_values, stopped
from planc.run.gate import Gate
from planc.run.policy import Policy
from planc.schedule import ranks
from planc.tools import ANY_RESOURCE, Tool, batched_form
from planc.uncollected import seldom_collected
from planc.values import Unknown, ValueProblem, compute, contains_unknown

_TASKS = frozenset({"call", "batch"})


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
class _Turn:
    """One resource in one iteration of a map: it waits for `before`, and sets `done` when the
    last of the iteration's nodes that touch it has ended."""

    before: asyncio.Event | None
    done: asyncio.Event
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
    the longest way to the end. Raises `PlanError` before anything runs when a tool has no program
    behind it (E405), or would not take what the plan writes down for it (E408)."""
    require_runnable(graph, tools)
    calls = Calls(
        tools,
        policy,
        listener,
        capabilities or {},
        Gate(limits),
        ranks(graph, tools, costs) if _held_back(graph, tools, limits) else {},
    )
    with seldom_collected():
        result = await _to_its_end(_Run(tools, calls).body(graph.body, {}, "", {}))
    failed = not needed([result])
    failures = tuple(dict.fromkeys(calls.failures))  # the iterations of a map may fail alike
    return Outcome(None if failed else result, failures, not failed)


async def _to_its_end(work: Coroutine[Any, Any, Any]) -> Any:
    """What a run gives. If it is cancelled, it is so once (an anyio scope around it would do so
    again and again) and comes to its end before this does."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([task])
        if not task.cancelled():
            task.result()  # raises what went wrong on the way
        raise


def _held_back(graph: Graph, tools: Mapping[str, Tool], limits: Limits) -> bool:
    """Whether any call may have to wait for the limits."""
    called = [tools[node.attribute[0]] for node in graph.walk() if node.op in _TASKS]
    forms = [tools[tool.batch] for tool in called if tool.batch and tool.batch in tools]
    return any(map(limits.holds_back, {*called, *forms}))


def require_runnable(graph: Graph, tools: Mapping[str, Tool]) -> None:
    """Raises `PlanError`: E405 when a tool of the graph has no program behind it, E408 when one
    would not take what the plan writes down for it."""
    calls = (node for node in graph.walk() if node.op in _TASKS)
    missing = [node for node in calls if tools[node.attribute[0]].function is None]
    problems = [_not_runnable(node) for node in missing] or refused_values(graph, tools)
    if problems:
        raise PlanError(problems)


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
    calls: Calls

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

        def go_on() -> None:
            """Computes what needs no call, and begins all else that is ready, the longest way to
            the end first."""
            tasks = []
            while ready:
                node = ready.popleft()
                if node.op in _TASKS or node.bodies:
                    tasks.append(node)
                else:
                    end(node, self.computed(node, values))
            for node in sorted(tasks, key=self.calls.rank, reverse=True):
                group.create_task(work(node))

        async def work(node: Node) -> None:
            for turn in self.turns_of(node, turns):
                if turn.before is not None:
                    await turn.before.wait()
            end(node, await self.node(node, values, path))
            if not stopped():  # else what was under way took no notice
                go_on()

        async with asyncio.TaskGroup() as group:
            go_on()
        if any(node.id not in values for node in body.nodes):
            raise RuntimeError("a task of the run was cancelled from elsewhere")
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

    # One node.

    def computed(self, node: Node, values: Mapping[str, Any]) -> Any:
        operands = [values[name] for name in node.operands]
        if not needed(operands):
            return FAILED
        try:
            return compute(node, operands)
        except ValueProblem as problem:
            self.calls.failures.append(Diagnostic(BAD_VALUE, str(problem), node.span))
            return FAILED

    async def node(self, node: Node, values: Mapping[str, Any], path: str) -> Any:
        if node.op == "batch":
            return await self.batch(node, values, path)
        operands = [values[name] for name in node.operands]
        if node.early and any(isinstance(value, Failure) for value in operands):
            return Failure(lambda: None if needed(operands) else self.cancel(node, path))
        if not needed(operands):
            self.cancel(node, path)
            return FAILED
        if node.op == "call":
            return await self.calls.call(node, operands, path)
        if isinstance(operands[0], Unknown):
            return Unknown(node.id)
        if node.op == "select":
            taken = node.bodies[0 if operands[0] else 1]
            result = await self.body(taken, values, path, {})
            return result if needed([result]) else FAILED
        return await self.map(node, operands[0], values, path)

    async def map(self, node: Node, items: Any, values: Mapping[str, Any], path: str) -> Any:
        if not isinstance(items, list):
            message = f"a map goes over a list, and this is {items!r:.60}"
            self.calls.failures.append(Diagnostic(BAD_VALUE, message, node.span))
            return FAILED
        results: list[Any] = [None] * len(items)
        kept: list[bool | None] = [True] * len(items)  # None where it is not known
        counts = self.conflicts(node.bodies)
        before: dict[str, asyncio.Event] = {}
        async with asyncio.TaskGroup() as group:
            for i, item in enumerate(items):
                turns = {
                    resource: _Turn(before.get(resource), asyncio.Event(), count)
                    for resource, count in counts.items()
                }
                before = {resource: turn.done for resource, turn in turns.items()}
                group.create_task(self.iteration(node, i, item, values, path, turns, results, kept))
        if not needed(results):
            return FAILED
        if None in kept:
            return Unknown(node.id)
        return [result for result, keep in zip(results, kept, strict=True) if keep]

    def conflicts(self, bodies: tuple[Body, ...]) -> Counter[str]:
        """For each resource that an iteration writes to, how many nodes of it touch it."""
        touched = [effects(node, self.tools) for body in bodies for node in body.nodes]
        written = {resource for one in touched for resource, writes in one if writes}
        probe = {resource: _Turn(None, asyncio.Event(), 0) for resource in written}
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
            if not needed([test]):
                results[i] = FAILED
            kept[i] = None if isinstance(test, Unknown) else bool(test)
        if kept[i] and not isinstance(results[i], Failure):
            inside = {**values, element.parameters[0][0]: item}
            results[i] = await self.body(element, inside, here, turns)
        for turn in turns.values():
            if turn.before is not None and not turn.done.is_set():
                await turn.before.wait()
            turn.done.set()

    # Calls.

    def cancel(self, node: Node, path: str) -> None:
        if node.op == "call":
            self.calls.tell("cancelled", node, path)
        for body in node.bodies:
            for inner in body.nodes:
                self.cancel(inner, path)

    async def batch(self, node: Node, values: Mapping[str, Any], path: str) -> Any:
        """The results of several calls of one tool, in a list: of its batched form, or else of
        each by itself. Those that cannot be made, or fail, leave a `Failure` in their place."""
        name, varying, shared = node.attribute
        count = len(node.operands) - len(shared)
        single = replace(node, op="call", attribute=(name, (varying, *shared)))
        common = node.operands[count:]
        spans = node.spans or count * (node.span,)
        each = [
            replace(single, operands=(value, *common), span=span)
            for value, span in zip(node.operands[:count], spans, strict=True)
        ]
        form = batched_form(self.tools[name], self.tools)
        given = [values[value] for value in node.operands]
        if form is not None and not any(map(_missing, given)):
            many = replace(node, op="call", attribute=(form[0].name, (varying, *shared)))
            found = await self.calls.whole(many, form[0], [given[:count], *given[count:]], path)
            if found is not None:
                return found
            if stopped():
                raise asyncio.CancelledError
        results: list[Any] = [None] * count

        async def one(i: int) -> None:
            results[i] = await self.node(each[i], values, f"{path}[{i}]")

        async with asyncio.TaskGroup() as group:
            for i in range(count):
                group.create_task(one(i))
        return results


def _missing(value: Any) -> bool:
    """Whether a value is not there, or not yet known."""
    return isinstance(value, Failure) or contains_unknown(value)
