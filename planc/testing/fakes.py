"""Tools that do nothing but answer: random values of the types they promise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Any

from planc.schema import annotation
from planc.testing.values import fits, value_of
from planc.tools import Tool, ToolSet


class FakeTools(ToolSet):
    """A tool set whose tools answer at random. `log` holds the calls in the order in which they
    were made, also those that failed."""

    def __init__(self, tools: Iterable[Tool], seed: int, failure: float) -> None:
        self.log: list[tuple[str, dict[str, Any]]] = []
        super().__init__([self._fake(tool, seed, failure) for tool in tools])

    def _fake(self, tool: Tool, seed: int, failure: float) -> Tool:
        return replace(
            tool,
            function=self._function(tool, seed, failure),
            hints={p.name: annotation(p.type) for p in tool.parameters},
            capabilities={},
        )

    def _function(self, tool: Tool, seed: int, failure: float) -> Callable[..., Any]:
        def answer(**arguments: Any) -> Any:
            self.log.append((tool.name, arguments))
            _require_fitting(tool, arguments)
            rng = Random(f"{seed} {tool.name} {json.dumps(arguments, sort_keys=True)}")
            if rng.random() < failure:
                raise RuntimeError(f"{tool.name} was told to fail")
            return value_of(tool.result, rng)

        return answer


def fake_tools(tools: ToolSet, seed: int = 0, failure: float = 0.0) -> FakeTools:
    """The same tools with functions that answer with a random value of the tool's result type.

    The answer depends on the seed, the tool's name and the arguments alone. `failure` is the
    share of calls that raise `RuntimeError` instead. A call whose arguments are not those of the
    signature raises `TypeError`.
    """
    return FakeTools(tools.values(), seed, failure)


def _require_fitting(tool: Tool, arguments: dict[str, Any]) -> None:
    missing = [p.name for p in tool.parameters if p.required and p.name not in arguments]
    unknown = arguments.keys() - tool.by_name.keys()
    if missing or unknown:
        raise TypeError(f"{tool.name} lacks {missing} and does not know {sorted(unknown)}")
    for name, value in arguments.items():
        if not fits(value, tool.by_name[name].type):
            raise TypeError(f"{name} of {tool.name} cannot be {value!r:.80}")
