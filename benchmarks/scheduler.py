"""How long task graphs take: planc's interpreter beside other ways to run them, in one run.

    python benchmarks/scheduler.py makespan --out makespan.json
    python benchmarks/scheduler.py overhead --out overhead.json

`makespan` runs graphs of the kinds that LLMCompiler's plans have, each call a sleep of 10 ms, and
tells by how much each way is slower than the bound. `overhead` runs graphs whose calls do nothing,
and compiles long plans. README.md says how to read the tables. Run it where nothing else runs.
"""

from __future__ import annotations

import asyncio
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import anyio
import click

from planc.check import check
from planc.eval.machine import machine
from planc.ir import Body, Graph, Node
from planc.limits import UNLIMITED, Limits
from planc.lower import lower
from planc.parse import parse
from planc.passes import optimise
from planc.run.interpret import interpret
from planc.run.policy import AllowAll
from planc.schedule import schedule
from planc.source import Source
from planc.tools import ToolSet, from_function
from planc.types import INT, ListOf

SECONDS = 0.01  # that each call takes
POLL = 0.01  # seconds between two looks of the polling scheduler
WORKERS = 4
Tasks = Mapping[int, tuple[int, ...]]
"""What each task waits for; tasks are numbered in an order in which they may run."""


# The graphs.


def fan(width: int) -> Tasks:
    """So many at once, and one that joins them."""
    return {**dict.fromkeys(range(width), ()), width: tuple(range(width))}


def chain(length: int) -> Tasks:
    return {i: (i - 1,) if i else () for i in range(length)}


def diamonds(count: int) -> Tasks:
    """One, three at once, one, three at once, and so on."""
    tasks: dict[int, tuple[int, ...]] = {0: ()}
    for _ in range(count):
        start = len(tasks) - 1
        tasks |= {start + i: (start,) for i in (1, 2, 3)}
        tasks[start + 4] = (start + 1, start + 2, start + 3)
    return tasks


def at_random(size: int, seed: int = 0) -> Tasks:
    """Each task waits for up to three of the fifty before it."""
    rng = Random(seed)
    return {
        i: tuple(sorted(rng.sample(range(max(0, i - 50), i), min(i, rng.randint(0, 3)))))
        for i in range(size)
    }


GRAPHS: Mapping[str, Tasks] = {
    **{f"fan {n}": fan(n) for n in (2, 10, 100)},
    "chain 20": chain(20),
    "diamonds 10": diamonds(10),
    **{f"random {n}": at_random(n) for n in (10, 100, 1000, 10000)},
}


def graph_of(tasks: Tasks) -> Graph:
    nodes = []
    for i, befores in tasks.items():
        nodes.append(Node(f"l{i}", "list", ListOf(INT), tuple(f"t{b}" for b in befores)))
        nodes.append(Node(f"t{i}", "call", INT, (f"l{i}",), ("work", ("after",))))
    return Graph(Body(tuple(nodes), f"t{max(tasks)}"))


# The ways to run them.


async def work(after: list[int]) -> int:
    await asyncio.sleep(SECONDS)
    return 1


async def nothing(after: list[int]) -> int:
    return 1


TOOLS = ToolSet([from_function(work, effect="pure", cost=SECONDS)])


def by_planc(tasks: Tasks, limits: Limits = UNLIMITED) -> Callable[[], object]:
    graph = graph_of(tasks)

    async def run() -> None:
        outcome = await interpret(graph, TOOLS, policy=AllowAll(), limits=limits)
        assert outcome.complete

    return lambda: anyio.run(run)


def one_by_one(tasks: Tasks) -> Callable[[], object]:
    async def run() -> None:
        for _ in tasks:
            await work([])

    return lambda: asyncio.run(run())


def by_level(tasks: Tasks) -> Callable[[], object]:
    """`asyncio.gather` of all that wait for nothing, then of all that wait for those, and so on."""
    level: dict[int, int] = {}
    for i, befores in tasks.items():
        level[i] = max((level[b] + 1 for b in befores), default=0)

    async def run() -> None:
        for at in range(max(level.values()) + 1):
            await asyncio.gather(*(work([]) for i in tasks if level[i] == at))

    return lambda: asyncio.run(run())


def by_polling(tasks: Tasks) -> Callable[[], object]:
    """What LLMCompiler's paper describes as its task fetching unit (arXiv 2312.04511): it looks
    again and again for tasks whose dependencies are done, and starts them."""

    async def run() -> None:
        done: set[int] = set()
        waiting = dict(tasks)
        running: list[asyncio.Task[None]] = []

        async def one(i: int) -> None:
            await work([])
            done.add(i)

        while waiting:
            ready = [i for i, befores in waiting.items() if done.issuperset(befores)]
            for i in ready:
                del waiting[i]
                running.append(asyncio.create_task(one(i)))
            await asyncio.sleep(POLL)
        await asyncio.gather(*running)

    return lambda: asyncio.run(run())


def by_dask(tasks: Tasks, workers: int) -> Callable[[], object]:
    """dask's local scheduler with threads."""
    import dask.threaded

    def call(*after: int) -> int:
        time.sleep(SECONDS)
        return 1

    graph = {f"t{i}": (call, *(f"t{b}" for b in befores)) for i, befores in tasks.items()}
    last = f"t{max(tasks)}"
    ends = {b for befores in tasks.values() for b in befores}
    graph["end"] = (lambda *_: None, *(f"t{i}" for i in tasks if i not in ends), last)
    return lambda: dask.threaded.get(graph, "end", num_workers=workers)


@dataclass(frozen=True)
class Way:
    name: str
    of: Callable[[Tasks], Callable[[], object]]
    workers: int | None = None
    most: int = 10**9  # tasks of a graph that it is given
    threads: bool = False


WAYS = (
    Way("planc", by_planc),
    Way("gather by level", by_level),
    Way("polling", by_polling),
    Way("dask, threads for all", lambda tasks: by_dask(tasks, len(tasks)), most=101, threads=True),
    Way("one by one", one_by_one, most=1000),
    Way("planc, 4 workers", lambda tasks: by_planc(tasks, Limits(WORKERS)), WORKERS, 1000),
    Way("dask, 4 threads", lambda tasks: by_dask(tasks, WORKERS), WORKERS, 1000, True),
)


@click.group()
def main() -> None:
    """Measures how plans are scheduled."""


@main.command()
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--repeat", default=5, show_default=True)
def makespan(out: Path, repeat: int) -> None:
    """How much longer than the bound each way takes, the median of some runs in turn."""
    rows = []
    asleep = {False: _a_call(one_by_one(chain(100))), True: _a_call(lambda: _sleeps(100))}
    click.echo(f"a call alone: {asleep[False]:.5f} s, in a thread {asleep[True]:.5f} s")
    for name, tasks in GRAPHS.items():
        ways = [way for way in WAYS if len(tasks) <= way.most]
        runs = {way.name: way.of(tasks) for way in ways}
        times: dict[str, list[float]] = {way.name: [] for way in ways}
        for _ in range(repeat if len(tasks) <= 1000 else 3):
            for way in ways:
                times[way.name].append(_timed(runs[way.name]))
        graph = graph_of(tasks)
        for way in ways:
            bound = schedule(graph, TOOLS, limits=Limits(way.workers)).makespan
            bound *= asleep[way.threads] / SECONDS
            took = median(times[way.name])
            rows.append({"graph": name, "way": way.name, "bound": bound, "seconds": took})
            click.echo(f"{name:14}{way.name:24}{took:9.4f} s{took / bound:9.3f} of the bound")
    _write(out, {"a_call": asleep[False], "in_a_thread": asleep[True], "rows": rows})


def _sleeps(count: int) -> None:
    for _ in range(count):
        time.sleep(SECONDS)


def _a_call(hundred: Callable[[], object]) -> float:
    """The seconds that one of a hundred calls takes: a sleep of 10 ms is a little longer."""
    return min(_timed(hundred) for _ in range(3)) / 100


@main.command()
@click.option("--out", type=click.Path(path_type=Path), required=True)
def overhead(out: Path) -> None:
    """What a node costs whose call does nothing, and what a statement costs to compile."""
    rows = []
    tools = ToolSet([from_function(nothing, effect="pure", cost=SECONDS, name="work")])
    for size in (1000, 10_000, 100_000):
        graph = graph_of(at_random(size))

        async def run(graph: Graph = graph) -> None:
            outcome = await interpret(graph, tools, policy=AllowAll())
            assert outcome.complete

        tracemalloc.start()
        anyio.run(run)
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        took = median(_timed(lambda run=run: anyio.run(run)) for _ in range(3))
        rows.append({"what": "run", "size": size, "seconds": took, "bytes": memory})
        click.echo(
            f"run      {size:7} calls {took:8.3f} s {took / size * 1e6:7.1f} us a call "
            f"{memory / size:7.0f} bytes a call"
        )
    for size in (1000, 10_000, 20_000):
        source = Source("".join(_plan(size)))
        stages: dict[str, float] = {}
        for _ in range(3):
            for stage, seconds in _compiled(source):
                stages[stage] = min(stages.get(stage, seconds), seconds)
        rows.append({"what": "compile", "size": size, "stages": stages})
        told = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in stages.items())
        click.echo(f"compile  {size:7} statements {sum(stages.values()):8.3f} s ({told})")
    _write(out, {"rows": rows})


def look(key: str) -> int: ...  # type: ignore[empty-body]
def add(a: int, b: int) -> int: ...  # type: ignore[empty-body]
def note(text: str) -> None: ...


PLANNED = ToolSet(
    [
        from_function(look, effect="read", resource="store"),
        from_function(add, effect="pure"),
        from_function(note, effect="write", resource="log"),
    ]
)


def _plan(size: int) -> Iterator[str]:
    for i in range(size):
        match i % 4:
            case 0:
                yield f'a_{i} = look(key="k{i}")\n'
            case 1:
                yield f"b_{i} = add(a=a_{i - 1}, b={i})\n"
            case 2:
                yield f"c_{i} = add(a=b_{i - 1} + 1, b=a_{i - 2})\n"
            case 3:
                yield f'note(text=f"{{a_{i - 3}}} and {{c_{i - 1}}}")\n'


def _compiled(source: Source) -> Iterator[tuple[str, float]]:
    """The seconds of each stage."""
    begin = time.perf_counter()
    plan = parse(source)
    parsed = time.perf_counter()
    yield "parse", parsed - begin
    checked = check(plan, PLANNED)
    done = time.perf_counter()
    yield "check", done - parsed
    graph = lower(checked)
    lowered = time.perf_counter()
    yield "lower", lowered - done
    optimise(graph, PLANNED)
    yield "optimise", time.perf_counter() - lowered


def _timed(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _write(out: Path, found: dict[str, Any]) -> None:
    out.write_text(json.dumps({**machine(), **found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
