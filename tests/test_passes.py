"""Optimising changes speed only: the passes, alone, in any order and all together.

`--fuzz N` says how many plans, of which a pass alone gets a tenth; `make fuzz` tries 20,000.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any, Literal, NotRequired

import anyio
import pytest
from typing_extensions import TypedDict

from planc import passes
from planc.compile import compile_plan
from planc.diagnostics import PlanError
from planc.ir import Graph
from planc.irtext import parse_ir, print_ir
from planc.passes import EARLY, FINISHING, MOST_ROUNDS, PASSES, SIMPLIFYING, optimise
from planc.run.interpret import interpret
from planc.run.policy import AllowAll
from planc.source import Source
from planc.tools import Tool, ToolSet, from_function
from planc.verify import verify
from tests import graphs
from tests.graphs import TOOLS, random_text

Order = Callable[[Graph, Random], Graph]


def whole(graph: Graph, rng: Random) -> Graph:
    return optimise(graph, TOOLS)[-1].graph


def at_random(graph: Graph, rng: Random) -> Graph:
    names = rng.choices([*SIMPLIFYING, *FINISHING], k=rng.randint(1, 12))
    return passes.run(graph, TOOLS, names)[-1].graph


def alone(name: str) -> Order:
    return lambda graph, rng: passes.run(graph, TOOLS, [name])[-1].graph


ORDERS: Mapping[str, Order] = {
    "whole": whole,
    "at random": at_random,
    **{name: alone(name) for name in PASSES},
}


def seeds(count: int) -> list[int]:
    """So many, and a tenth of that which are new each time."""
    start = random.SystemRandom().randrange(2**32)
    return [*range(count), *range(start, start + count // 10)]


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
def test_an_optimised_plan_does_the_same(order: str, pytestconfig: pytest.Config) -> None:
    count = int(pytestconfig.getoption("--fuzz"))
    changed = 0
    for seed in seeds(max(count // 10, 100) if order in PASSES else count):
        text = random_text(Random(seed))
        graph = compile_plan(Source(text), TOOLS).graph
        made = ORDERS[order](graph, Random(seed))
        assert parse_ir(Source(print_ir(made))) == made, text
        changed += made != graph
        for failure in (0.0, 0.2):
            before, seen, calls = graphs.run(graph, seed, failure)
            after, now_seen, now_calls = graphs.run(made, seed, failure)
            told = f"seed {seed}, failure {failure}\n{text}\n{print_ir(graph)}\n{print_ir(made)}"
            assert now_seen.writes == seen.writes, told
            assert after.complete or not before.complete, told
            if before.complete:
                assert after.result == before.result, told
            if not before.failures:
                assert not after.failures, told
            if not before.failures and order not in EARLY:
                assert now_seen.reads <= seen.reads, told
                assert now_calls <= calls, told
    assert changed


def guess() -> Any: ...
def label(text: str) -> str: ...  # type: ignore[empty-body]


LOOSE = ToolSet([from_function(guess, effect="read"), from_function(label, effect="pure")])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "text",
    [
        'x = None\nreturn label(text=x) if x else "none"\n',
        'return [label(text=x) if x else "none" for x in [None, "a"]]\n',
        'return [[label(text=y) if y != None else "" for y in x] for x in [[None, "a"], ["b"]]]\n',
        'x = {"a": None, "b": "t"}\nreturn label(text=x.a) if x.a else label(text=x.b)\n',
        "a = guess()\nb = a if False else 1\nreturn label(text=b)\n",
        "a = guess()\nb = [a, 1][1]\nreturn label(text=b)\n",
        'a = guess()\nreturn [label(text=x) if x != 1 else "one" for x in [a, 1]]\n',
    ],
)
def test_what_is_checked_when_a_value_arrives_stays_to_be_checked(text: str, order: str) -> None:
    compiled = compile_plan(Source(text), LOOSE)
    passes.run(compiled.graph, LOOSE, [order] if order in PASSES else PASSES)


def test_the_passes_reach_a_fixed_point() -> None:
    for seed in range(50):
        graph = compile_plan(Source(random_text(Random(seed))), TOOLS).graph
        steps = optimise(graph, TOOLS)[: -len(FINISHING)]
        assert len(steps) < MOST_ROUNDS * len(SIMPLIFYING)
        again = passes.run(steps[-1].graph, TOOLS, SIMPLIFYING)
        assert not any(step.changed for step in again)


@pytest.mark.parametrize(
    "text",
    [
        '`1` = look(key="a")\nreturn `1` + 1',
        '`x.3` = look(key="a")\nreturn [x for x in [`x.3`]]',
        '`v2[0]` = look(key="q")\nreturn [`v2[0]`, [double(x=x) for x in [1, 2]]]',
        '`a.all` = look(key="q")\na = look(key="a")\nb = look(key="b")',
        '`हिन्दी` = look(key="a")\n`a·b` = look(key="b")',
    ],
)
def test_a_name_in_backticks_is_none_of_the_compilers_own(text: str) -> None:
    graph = optimise(compile_plan(Source(text), TOOLS).graph, TOOLS)[-1].graph
    assert parse_ir(Source(print_ir(graph))) == graph


def test_a_constant_is_not_copied_into_many_places() -> None:
    long = "x" * 900
    text = 'a = look(key="a")\nreturn f"{a}' + f'{{"{long}"}}{{a}}' * 20 + '"'
    graph = optimise(compile_plan(Source(text), TOOLS).graph, TOOLS)[-1].graph
    assert len(print_ir(graph)) < 25 * len(long)


def test_a_pass_that_there_is_not_is_told() -> None:
    graph = compile_plan(Source("double(x=1)"), TOOLS).graph
    with pytest.raises(PlanError, match=r"E503.*no pass `inline`"):
        passes.run(graph, TOOLS, ["fold", "inline"])


def test_a_pass_that_breaks_the_graph_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def drop_edges(graph: Graph, tools: Mapping[str, Tool]) -> Graph:
        return parse_ir(Source(print_ir(graph).replace(" after [%v1]", "")))

    monkeypatch.setattr(passes, "PASSES", {"drop": drop_edges})
    graph = compile_plan(Source('note(text="a")\nnote(text="b")'), TOOLS).graph
    with pytest.raises(PlanError, match=r"E502.*%v2 must come after %v1"):
        passes.run(graph, TOOLS, ["drop"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("%a = call `fly`() : int", "`fly`, which is no tool"),
        ("%a = call `double`() : int", "does not give `x`"),
        ('%b = const "1" : str\n%a = call `double`(`x`=%b) : int', "gives a str as `x`"),
        ("%b = const 1 : int\n%a = call `double`(`x`=%b, `x`=%b) : int", "an argument twice"),
        ("%b = const 1 : int\n%a = call `double`(`y`=%b) : int", "`double` does not take"),
        ("%b = const 1 : int\n%a = call `double`(`x`=%b) : str", "returns a int"),
        ("%b = const 1 : str\n%a = call `look`(`key`=%b) : int", "is 1, which is no str"),
    ],
)
def test_a_graph_that_does_not_fit_its_tools_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PlanError) as caught:
        verify(parse_ir(Source(f"graph {{\n{text}\n}}")), TOOLS)
    assert reason in str(caught.value)
    assert all(found.span and found.span.text in "%a %b" for found in caught.value.diagnostics)


def view(place: str) -> str: ...  # type: ignore[empty-body]


SHOWN = ToolSet([from_function(view, effect="read", shows=True)])


def test_what_is_shown_is_shown_though_nothing_uses_it_and_not_in_advance() -> None:
    text = 'a = [view(place=p) for p in ["x", "y"]]\nb = view(place="z")\nreturn 1\n'
    compiled = compile_plan(Source(text), SHOWN)
    assert sum(node.op == "call" for node in compiled.optimised.walk()) == 3
    text = 'a = view(place="x")\nreturn view(place="y") if a == "" else "no"\n'
    graph = compile_plan(Source(text), SHOWN).optimised
    early = passes.run(graph, SHOWN, [*passes.EARLY])[-1].graph
    assert not any(node.early for node in early.walk())


# Cases that a review found, each once optimised wrongly.


class Point(TypedDict):
    a: int
    b: NotRequired[int]


class Log:
    """Tools whose calls are noted in their order."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def tools(self) -> ToolSet:
        return ToolSet(
            [
                from_function(self.put, resource="disk"),
                from_function(self.look, effect="read"),
                from_function(self.ding, effect="read", shows=True, resource="bell"),
                from_function(self.set_on, resource="lamp"),
                from_function(self.take, effect="pure"),
                from_function(self.flag, effect="read", resource="flag"),
                from_function(self.none, effect="read", resource="list"),
                from_function(self.long, effect="read", resource="text"),
            ]
        )

    def put(self, n: int) -> None:
        self.calls.append(f"put {n}")

    def look(self, n: int) -> int:
        return n

    def ding(self, n: int) -> int:
        self.calls.append(f"ding {n}")
        return n

    def set_on(self, on: Literal[True, False]) -> None:
        self.calls.append(f"on {on}")

    def take(self, p: Point) -> int:
        return p["a"]

    def flag(self) -> bool:
        return True

    def none(self) -> list[int]:
        return []

    def long(self) -> str:
        return 1100 * "s"


def outcomes(text: str) -> list[tuple[Any, tuple[str, ...], list[str]]]:
    """What a plan gives, fails with and calls, as written and optimised. Writes are told in their
    order, and after them what reads and shows, which has none, sorted."""
    found = []
    for chosen in (lambda compiled: compiled.graph, lambda compiled: compiled.optimised):
        log = Log()
        tools = log.tools()
        graph = chosen(compile_plan(Source(text), tools))
        outcome = anyio.run(partial(interpret, graph, tools, policy=AllowAll()))
        failures = tuple(one.message for one in outcome.failures)
        shown = sorted(call for call in log.calls if call.startswith("ding"))
        writes = [call for call in log.calls if call not in shown]
        found.append((outcome.result, failures, writes + shown))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "x = True if flag() else False\nset_on(on=x)\n",
        "ding(n=1)\nx = [ding(n=2) for i in [1, 2, 3]]\nding(n=1)\nreturn x\n",
        "return [[put(n=i), ding(n=2)] for i in [1, 2, 3]]\n",
        "`a.2` = look(n=5)\nr = [`=a` + 1 for `=a` in [look(n=1)]]\nreturn [`a.2`, r]\n",
        f's = long()\na = f"{100 * "{s}"}"\nr = [f"{100 * "{a}"}" for x in none()]\nreturn r\n',
    ],
    ids=["enumeration", "shown apart", "shown in order", "names", "too long"],
)
def test_a_plan_gives_what_it_gives_as_written(text: str) -> None:
    before, after = outcomes(text)
    assert after == before and not before[1]


def test_a_mixed_list_knows_the_fields_of_each() -> None:
    tools = Log().tools()
    for text in (
        'rows = [{"a": 1, "b": "x"}, {"a": 2}]\nreturn take(p=rows[0])\n',
        'rows = [{"a": 1, "b": "x"}, {"a": 2}]\nreturn [take(p=row) for row in rows]\n',
        'x = {"a": 1, "b": "x"} if flag() else {"a": 2}\nreturn take(p=x)\n',
    ):
        with pytest.raises(PlanError, match="E015"):
            compile_plan(Source(text), tools)
    text = 'rows = [{"a": 1, "b": 2}, {"a": 2}]\nreturn [take(p=row) for row in rows]\n'
    assert outcomes(text) == 2 * [([1, 2], (), [])]


def test_writes_follow_the_reads_of_everything_once() -> None:
    looks = "".join(f"x{i} = look(n={i})\n" for i in range(50))
    puts = "".join(f"put(n={i})\n" for i in range(50))
    graph = compile_plan(Source(looks + puts), Log().tools()).graph
    assert sum(len(node.after) for node in graph.walk()) == 50 + 49


def test_what_doubles_with_each_line_ends_with_a_message() -> None:
    lines = [f"x{i} = [x{i - 1}, x{i - 1}]\n" for i in range(1, 41)]
    text = f"x0 = [look(n=1)]\n{''.join(lines)}return not x40\n"
    for _, failures, _ in outcomes(text):
        assert failures == ("this has more than 2,000,000 parts",)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("look(n=1) == 1", True),
        ("any_() == 1", False),
        ("1 in [any_(), 2]", False),
        ("[any_()] == [1]", False),
        ("any_() != True", False),
        ("1 == 1.0", True),
    ],
)
def test_no_boolean_is_a_number(text: str, result: bool) -> None:
    def any_() -> Any:
        return True

    tools = ToolSet([*Log().tools().values(), from_function(any_, effect="read")])
    compiled = compile_plan(Source(f"return {text}\n"), tools)
    for graph in (compiled.graph, compiled.optimised):
        outcome = anyio.run(partial(interpret, graph, tools, policy=AllowAll()))
        assert outcome.result is result


def test_arithmetic_ends_with_a_message_where_the_numbers_end() -> None:
    for result, failures, _ in outcomes("return 1e308 * 10\n"):
        assert result is None and failures == ("this is no finite number",)


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ('graph {\n  %a = const "a\\q" : str\n}\n', r"`\q` is no escape", None),
        ("graph {\n  %a = const 1 : int\n", "the text ends too soon", 29),
        (200 * "list[" + "int" + 200 * "]", "nested too deeply", None),
    ],
)
def test_a_wrong_text_of_a_graph_is_told(text: str, message: str, at: int | None) -> None:
    text = text if text.startswith("graph") else f"graph {{\n  %a = list : {text}\n}}\n"
    with pytest.raises(PlanError) as caught:
        parse_ir(Source(text))
    (told,) = caught.value.diagnostics
    assert told.code.name.startswith("E501") and message in told.message
    assert at is None or (told.span is not None and told.span.start == at)


def test_graphs_that_are_nested_without_end_are_told() -> None:
    text = "yield %t"
    for n in range(250):
        text = f"%s{n} = select %t : bool {{\n{text}\n}} {{\nyield %t\n}}\nyield %s{n}"
    with pytest.raises(PlanError, match=r"E501.*nested too deeply"):
        parse_ir(Source(f"graph {{\n%t = const True : bool\n{text}\n}}\n"))
