"""Graph to task graph: what runs when, what waits for what, and the longest chain.

Only nodes that call a tool take time; the others are contracted away. The result is the task
graph of LLMCompiler (arXiv 2312.04511), with effect edges beside the edges of data. Under limits
it is list-scheduled by the longest way to the end (Graham 1969; Hu 1961), as the interpreter runs
it.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from planc.costs import DECLARED, Costs
from planc.effects import effects
from planc.ir import Body, Graph, Node, origins
from planc.limits import UNLIMITED, Limits, Queue
from planc.tools import Tool, batched_form

_MANY = 32  # tasks that one may wait for although it waits for a later one that does


@dataclass(frozen=True)
class Task:
    """A node with calls in it; `cost` is its expected duration in seconds, by itself."""

    node: Node
    cost: float


@dataclass(frozen=True, eq=False)
class Schedule:
    """The tasks in plan order; `after` maps each to those it waits for, `waves` groups those that
    may begin together, `critical` is the longest chain, `length` its seconds and `ranks` the
    seconds from a task's beginning to the end of the longest chain that goes on from it. `begin`
    is when each task begins under the limits, and `makespan` when the last one ends."""

    tasks: tuple[Task, ...]
    after: Mapping[str, tuple[str, ...]]
    ranks: Mapping[str, float]
    begin: Mapping[str, float]

    @cached_property
    def waves(self) -> tuple[tuple[str, ...], ...]:
        flow = nx.DiGraph()
        flow.add_nodes_from(task.node.id for task in self.tasks)
        flow.add_edges_from((b, name) for name, befores in self.after.items() for b in befores)
        place = {task.node.id: i for i, task in enumerate(self.tasks)}
        generations = nx.topological_generations(flow)
        return tuple(tuple(sorted(wave, key=place.__getitem__)) for wave in generations)

    @cached_property
    def critical(self) -> tuple[str, ...]:
        """Of equally long chains that of the earlier tasks."""
        finish: dict[str, float] = {}
        previous: dict[str, str | None] = {}
        for task in self.tasks:
            name = task.node.id
            before = max(self.after[name], key=finish.__getitem__, default=None)
            finish[name] = task.cost + (finish[before] if before is not None else 0.0)
            previous[name] = before
        path: list[str] = []
        last = max(finish, key=finish.__getitem__, default=None)
        while last is not None:
            path.append(last)
            last = previous[last]
        return tuple(reversed(path))

    @property
    def length(self) -> float:
        return max(self.ranks.values(), default=0.0)

    @property
    def makespan(self) -> float:
        return max((self.begin[task.node.id] + task.cost for task in self.tasks), default=0.0)

    @property
    def work(self) -> float:
        """The seconds that the tasks would take one after another."""
        return sum(task.cost for task in self.tasks)


def schedule(
    graph: Graph,
    tools: Mapping[str, Tool],
    costs: Costs = DECLARED,
    limits: Limits = UNLIMITED,
) -> Schedule:
    """The schedule of a graph. A map counts once for each element of a list that the plan puts
    together, else once; its iterations run at once unless they write."""
    tasks: dict[str, Task] = {}
    needs: dict[str, tuple[str, ...]] = {}  # for what is no task: what it comes from
    after: dict[str, tuple[str, ...]] = {}
    order: dict[str, int] = {}
    estimate = _Estimate(tools, costs)
    for node in graph.body.nodes:
        direct = (*node.operands, *sorted(node.captures), *node.after)
        cost = estimate.node(node)
        if cost is None:
            needs[node.id] = direct
            continue
        tasks[node.id] = Task(node, cost)
        for name in direct:
            if name in needs:  # what it comes from is found once
                needs[name] = _without_earlier(origins(needs[name], needs), after)
        found = _without_earlier(origins(direct, needs), after)
        after[node.id] = tuple(sorted(found, key=order.__getitem__))
        order[node.id] = len(order)
    ranks = _ranks(tasks, after)
    return Schedule(tuple(tasks.values()), after, ranks, _begin(tasks, after, ranks, tools, limits))


def _without_earlier(
    names: Collection[str], after: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Tasks or, of very many, those that no other one of them waits for."""
    if len(names) <= _MANY:
        return tuple(names)
    earlier = {before for name in names for before in after[name]}
    return tuple(name for name in names if name not in earlier)


def _ranks(tasks: dict[str, Task], after: Mapping[str, tuple[str, ...]]) -> Mapping[str, float]:
    ranks = {name: task.cost for name, task in tasks.items()}
    for name in reversed(tasks):
        for before in after[name]:
            ranks[before] = max(ranks[before], tasks[before].cost + ranks[name])
    return ranks


def _begin(
    tasks: Mapping[str, Task],
    after: Mapping[str, tuple[str, ...]],
    ranks: Mapping[str, float],
    tools: Mapping[str, Tool],
    limits: Limits,
) -> Mapping[str, float]:
    """When each task begins: of those that are ready and that the limits let begin, the one with
    the longest way to the end comes first."""
    users: dict[str, list[str]] = {name: [] for name in tasks}
    waiting = {name: len(after[name]) for name in tasks}
    for name, befores in after.items():
        for before in befores:
            users[before].append(name)
    place = {name: i for i, name in enumerate(tasks)}
    called = {name: _called(task.node, tools) for name, task in tasks.items()}
    counts = limits.counting()
    ready: Queue[str] = Queue(counts)

    def put(name: str) -> None:
        ready.push(called[name], (-ranks[name], place[name]), name)

    for name in tasks:
        if not waiting[name]:
            put(name)
    running: list[tuple[float, int, str]] = []
    begin: dict[str, float] = {}
    now = 0.0
    while len(begin) < len(tasks):
        while (free := ready.pop(now)) is not None:
            counts.enter(called[free], now)
            begin[free] = now
            heapq.heappush(running, (now + tasks[free].cost, place[free], free))
        turn = ready.next_turn(now)
        if turn is not None and (not running or turn < running[0][0]):
            now = turn
            continue
        now, _, name = heapq.heappop(running)
        counts.leave(called[name])
        for user in users[name]:
            waiting[user] -= 1
            if not waiting[user]:
                put(user)
    return begin


def _called(node: Node, tools: Mapping[str, Tool]) -> Tool | None:
    """The tool that a node calls; a map or a select is let begin at any time."""
    if node.op == "batch":
        form = batched_form(tools[node.attribute[0]], tools)
        return form[0] if form else None
    return tools[node.attribute[0]] if node.op == "call" else None


class _Estimate:
    """What nodes cost, with the constants that they are given."""

    def __init__(self, tools: Mapping[str, Tool], costs: Costs) -> None:
        self.tools = tools
        self.costs = costs
        self.seen: dict[str, Node] = {}

    def node(self, node: Node) -> float | None:
        """The seconds a node takes by itself, or None if it calls nothing."""
        self.seen[node.id] = node
        if node.op == "call":
            tool, names = node.attribute
            operands = [self.seen.get(name) for name in node.operands]
            constants = [one.attribute for one in operands if one is not None and one.op == "const"]
            known = len(constants) == len(names)
            given = dict(zip(names, constants, strict=True)) if known else None
            return self.costs.of(self.tools[tool], given)
        if node.op == "batch":
            form = _called(node, self.tools)
            return None if form is None else self.costs.of(form)
        bodies = [self.body(body) for body in node.bodies]
        known_bodies = [cost for cost in bodies if cost is not None]
        if not known_bodies:
            return None
        if node.op == "select":
            return max(known_bodies)
        over = self.seen.get(node.operands[0])
        writing = any(writes for _, writes in effects(node, self.tools))
        times = len(over.operands) if over is not None and over.op == "list" and writing else 1
        return times * sum(known_bodies)

    def body(self, body: Body) -> float | None:
        """The longest chain of a body."""
        finish: dict[str, float] = {}
        calls = False
        for node in body.nodes:
            cost = self.node(node)
            calls |= cost is not None
            before = max((finish.get(n, 0.0) for n in (*node.uses, *node.after)), default=0.0)
            finish[node.id] = before + (cost or 0.0)
        return max(finish.values(), default=0.0) if calls else None


def ranks(graph: Graph, tools: Mapping[str, Tool], costs: Costs) -> Mapping[str, float]:
    """For every node of the graph's body and of those inside, the seconds from its beginning to
    the end of the longest chain that goes on from it."""
    found: dict[str, float] = {}
    estimate = _Estimate(tools, costs)

    def visit(body: Body, beyond: float) -> None:
        own = {node.id: estimate.node(node) or 0.0 for node in body.nodes}
        rest = dict.fromkeys(own, beyond)
        for node in reversed(body.nodes):
            found[node.id] = own[node.id] + rest[node.id]
            for name in (*node.uses, *node.after):
                if name in rest:
                    rest[name] = max(rest[name], found[node.id])
            for inner in node.bodies:
                visit(inner, rest[node.id])

    visit(graph.body, 0.0)
    return found
