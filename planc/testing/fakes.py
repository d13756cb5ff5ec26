"""Tools that do nothing but answer: random values of the types they promise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import anyio

from planc.schema import annotation
from planc.testing.values import fits, value_of
from planc.tools import Tool, ToolSet, batched_form


@dataclass(frozen=True)
class World:
    """What there was to be seen of a run: the calls that wrote to each resource, in their order,
    and for each call that read how many of those there had been by then."""

    writes: Mapping[str, list[str]]
    reads: frozenset[tuple[str, int]]


class FakeTools(ToolSet):
    """A tool set whose tools answer at random. `log` holds the calls in the order in which they
    were made, also those that failed."""

    def __init__(self, tools: Iterable[Tool], seed: int, failure: float, latency: float) -> None:
        self.log: list[tuple[str, dict[str, Any]]] = []
        self._given = tuple(tools)
        self._answers: dict[str, Callable[..., Any]] = {}
        super().__init__([self._fake(tool, seed, failure, latency) for tool in self._given])

    def world(self) -> World:
        """What the calls so far did. A tool that names no resource counts with all of them."""
        writes: dict[str, list[str]] = {tool.touched: [] for tool in self.values()}
        reads = set()
        for name, arguments in self.log:
            tool = self[name]
            touched = [tool.resource] if tool.resource else list(writes)
            call = f"{name} {json.dumps(arguments, sort_keys=True)}"
            if tool.effect == "write":
                for resource in touched:
                    writes[resource].append(call)
            elif tool.effect == "read":
                reads.add((call, sum(len(writes[resource]) for resource in touched)))
        return World(writes, frozenset(reads))

    def _fake(self, tool: Tool, seed: int, failure: float, latency: float) -> Tool:
        return replace(
            tool,
            function=self._function(tool, seed, failure, latency),
            hints={p.name: annotation(p.type) for p in tool.parameters},
            capabilities={},
            about=None,
        )

    def _function(
        self, tool: Tool, seed: int, failure: float, latency: float
    ) -> Callable[..., Any]:
        async def answer(**arguments: Any) -> Any:
            self.log.append((tool.name, arguments))
            _require_fitting(tool, arguments)
            rng = Random(f"{seed} {tool.name} {json.dumps(arguments, sort_keys=True)}")
            await anyio.sleep(rng.choice((0, latency)))
            if rng.random() < failure:
                raise RuntimeError(f"{tool.name} was told to fail")
            return value_of(tool.result, rng)

        async def answers(**arguments: Any) -> list[Any]:
            (single, varying), *_ = singles
            asked = [{**arguments, varying: value} for value in arguments[varying]]
            return [await self._answers[single](**one) for one in asked]

        forms = ((one.name, batched_form(one, {tool.name: tool})) for one in self._given)
        singles = [(name, form[1]) for name, form in forms if form is not None]
        self._answers[tool.name] = answer
        return answers if singles else answer


def fake_tools(
    tools: ToolSet, seed: int = 0, failure: float = 0.0, latency: float = 0.0
) -> FakeTools:
    """The same tools with functions that answer with a random value of the tool's result type.

    The answer depends on the seed, the tool's name and the arguments alone, and half of them take
    `latency` seconds. A batched form answers as the tool would each time, whose calls it counts as.
    `failure` is the share of calls that raise `RuntimeError` instead. A call
    whose arguments are not those of the signature raises `TypeError`.
    """
    return FakeTools(tools.values(), seed, failure, latency)


def _require_fitting(tool: Tool, arguments: dict[str, Any]) -> None:
    missing = [name for name in tool.required if name not in arguments]
    unknown = arguments.keys() - tool.by_name.keys()
    if missing or unknown:
        raise TypeError(f"{tool.name} lacks {missing} and does not know {sorted(unknown)}")
    for name, value in arguments.items():
        if not fits(value, tool.by_name[name].type):
            raise TypeError(f"{name} of {tool.name} cannot be {value!r:.80}")
