"""Graph to task graph: what runs when, what waits for what, and the longest chain.

Only nodes that call a tool take time; the others are contracted away. The result is the task
graph of LLMCompiler (arXiv 2312.04511), with effect edges beside the edges of data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from planc.ir import Graph, Node
from planc.tools import Tool

DEFAULT_COST = 0.1


@dataclass(frozen=True)
class Task:
    """A node with calls in it; `cost` is its typical duration in seconds, by itself."""

    node: Node
    cost: float


@dataclass(frozen=True, eq=False)
class Schedule:
    """The tasks in plan order; `after` maps each to those it waits for, `waves` groups those
    that may begin together, `critical` is the longest chain and `makespan` its seconds."""

    tasks: tuple[Task, ...]
    after: Mapping[str, tuple[str, ...]]
    waves: tuple[tuple[str, ...], ...]
    critical: tuple[str, ...]
    makespan: float


def schedule(graph: Graph, tools: Mapping[str, Tool]) -> Schedule:
    """The schedule of a graph with as many workers as it has tasks (times are the tools'
    declared costs, `DEFAULT_COST` where none is declared; a map counts its body once)."""
    tasks: dict[str, Task] = {}
    sources: dict[str, dict[str, None]] = {}  # for every node: the tasks its value comes from
    after: dict[str, tuple[str, ...]] = {}
    order: dict[str, int] = {}
    for node in graph.body.nodes:
        origins: dict[str, None] = {}
        for name in (*node.operands, *sorted(node.captures), *node.after):
            origins.update(sources[name])
        cost = _cost(node, tools)
        if cost is None:
            sources[node.id] = origins
            continue
        tasks[node.id] = Task(node, cost)
        after[node.id] = tuple(sorted(origins, key=order.__getitem__))
        order[node.id] = len(order)
        sources[node.id] = {node.id: None}
    flow = nx.DiGraph()
    flow.add_nodes_from(tasks)
    flow.add_edges_from((before, name) for name, befores in after.items() for before in befores)
    waves = tuple(tuple(sorted(wave, key=order.__getitem__)) for wave in _generations(flow))
    critical = _critical_path(flow, tasks)
    return Schedule(
        tuple(tasks.values()),
        after,
        waves,
        critical,
        sum(tasks[name].cost for name in critical),
    )


def _generations(flow: nx.DiGraph) -> list[list[str]]:
    return [list(wave) for wave in nx.topological_generations(flow)]


def _critical_path(flow: nx.DiGraph, tasks: Mapping[str, Task]) -> tuple[str, ...]:
    """The longest chain by cost; of equally long ones that of the later tasks' first names."""
    finish: dict[str, float] = {}
    previous: dict[str, str | None] = {}
    for name in tasks:
        before = max(flow.predecessors(name), key=finish.__getitem__, default=None)
        finish[name] = tasks[name].cost + (finish[before] if before is not None else 0.0)
        previous[name] = before
    path: list[str] = []
    last = max(finish, key=finish.__getitem__, default=None)
    while last is not None:
        path.append(last)
        last = previous[last]
    return tuple(reversed(path))


def _cost(node: Node, tools: Mapping[str, Tool]) -> float | None:
    """The seconds a node takes by itself, or None if it calls nothing."""
    if node.op == "call":
        declared = tools[node.attribute[0]].cost
        return DEFAULT_COST if declared is None else declared
    inner = [
        cost
        for body in node.bodies
        for cost in (_cost(one, tools) for one in body.nodes)
        if cost is not None
    ]
    return sum(inner) if inner else None
