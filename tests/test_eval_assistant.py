"""The scorer of assistant plans: what is right scores, and what is wrong does not.

tests/data/assistant_cases.json holds gold plans with right and wrong answers to each.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from planc import toolset
from planc.check import check
from planc.eval.assistant import Score, score
from planc.eval.expected import fits, fold
from planc.parse import parse
from planc.report.calls import calls_json
from planc.source import Source

CASES = json.loads((Path(__file__).parent / "data" / "assistant_cases.json").read_text("utf-8"))
TOOLS = toolset.load(["stdlib_tools"])
RIGHT = [
    pytest.param(case, plan, id=f"{case['id']} {i}")
    for case in CASES
    for i, plan in enumerate(case["right"], 1)
]
WRONG = [
    pytest.param(case, answer, id=f"{case['id']} {i}")
    for case in CASES
    for i, answer in enumerate(case["wrong"], 1)
]


def scored(case: dict[str, Any], plan: list[str]) -> Score:
    checked = check(parse(Source("\n".join(plan))), TOOLS)
    return score(case, calls_json(checked)["calls"])


def call(name: str, tool: str, **args: Any) -> dict[str, Any]:
    return {"id": name, "tool": tool, "args": args}


def ref(name: str, *path: str | int) -> dict[str, Any]:
    return {"$ref": name, "path": list(path)}


@pytest.mark.parametrize(("case", "plan"), RIGHT)
def test_a_right_plan_is_strictly_right_and_nothing_is_said_against_it(
    case: dict[str, Any], plan: list[str]
) -> None:
    found = scored(case, plan)
    assert found.strict, found.reason
    # A text that may be anything may also depend on what the gold plan does not name.
    assert found.graph or "wait for each other" in found.reason
    assert (found.reason == "") == found.graph


@pytest.mark.parametrize(("case", "answer"), WRONG)
def test_a_wrong_plan_is_not_strictly_right_and_the_reason_names_what_is_wrong(
    case: dict[str, Any], answer: dict[str, Any]
) -> None:
    found = scored(case, answer["plan"])
    assert not found.strict
    assert found.graph == answer["graph"]
    assert answer["reason"] in found.reason


def test_every_right_plan_is_wrong_for_every_other_case() -> None:
    for case in CASES:
        for other in CASES:
            if other is not case:
                assert not any(scored(case, plan).strict for plan in other["right"])


def test_the_graph_does_not_see_arguments_but_sees_tools_and_what_waits_for_what() -> None:
    gold = [call("a", "f", x=[1]), call("b", "g", x=["$a"]), call("c", "f", x=[2])]
    case = {"id": "t", "calls": gold}
    assert score(case, [call("p", "f"), call("q", "f"), call("r", "g", y=ref("q"))]).graph
    assert not score(case, [call("p", "f"), call("q", "f"), call("r", "g", y=1)]).graph
    two = call("r", "g", y=[ref("p"), ref("q")])
    assert not score(case, [call("p", "f"), call("q", "f"), two]).graph
    assert not score(case, [call("p", "g"), call("q", "f"), call("r", "f", y=ref("p"))]).graph


def test_a_dependency_inside_any_form_of_value_counts_in_the_graph() -> None:
    case = {"id": "t", "calls": [call("a", "f"), call("b", "g", x=["$a"])]}
    forms: list[Any] = [
        ref("p", "rows", 0),
        {"$format": ["see ", ref("p")]},
        {"$op": "+", "args": [1, {"$op": "-", "args": [ref("p")]}]},
        {"$if": ref("p"), "then": 1, "else": 2},
        {"$field": [[1, ref("p")], 1]},
        {"$map": ref("x"), "over": ref("p"), "as": "x"},
        {"$literal": {"$ref": ref("p")}},
        {"key": [ref("p")]},
    ]
    for form in forms:
        assert score(case, [call("p", "f"), call("q", "g", x=form)]).graph, form
    assert not score(case, [call("p", "f"), call("q", "g", x={"$literal": {"$ref": "p"}})]).graph


def test_a_call_waits_for_the_list_it_runs_over_and_for_its_condition_but_not_for_a_variable() -> (
    None
):
    case = {"id": "t", "calls": [call("a", "f"), call("b", "g", x=["$a"])]}
    mapped = {**call("q", "g", x=ref("x")), "map": {"over": ref("p"), "as": "x"}}
    tested = {**call("q", "g"), "when": {"test": ref("p"), "is": True}}
    inner = {"over": [ref("p")], "as": "y"}
    nested = {**call("q", "g", x=ref("x")), "map": {"over": ref("y"), "as": "x", "in": inner}}
    assert all(score(case, [call("p", "f"), last]).graph for last in (mapped, tested, nested))
    shadowed = {**call("q", "g", x=ref("p")), "map": {"over": [], "as": "p"}}
    assert not score(case, [call("p", "f"), shadowed]).graph


def test_each_alternative_of_a_gold_value_has_its_own_graph() -> None:
    gold = [call("a", "f"), {**call("b", "g", x=["$a", "plain"]), "may": {"y": ["$a"]}}]
    case = {"id": "t", "calls": gold}
    assert score(case, [call("p", "f"), call("q", "g", x=ref("p"))]) == Score(True, True, "")
    assert score(case, [call("p", "f"), call("q", "g", x="plain")]) == Score(True, True, "")
    assert score(case, [call("p", "f"), call("q", "g", x="plain", y=ref("p"))]).strict
    assert not score(case, [call("p", "f", z=ref("q")), call("q", "g", x="plain")]).graph


def test_a_text_that_may_be_anything_may_wait_for_anything_which_only_the_graph_minds() -> None:
    case = {"id": "t", "calls": [call("a", "f"), call("b", "g", x=["*"])]}
    found = score(case, [call("p", "f"), call("q", "g", x={"$format": ["see ", ref("p")]})])
    assert (found.graph, found.strict) == (False, True)
    assert found.reason == "the calls are right, but wait for each other otherwise"


def test_of_several_calls_that_are_wrong_the_first_is_named() -> None:
    case = {"id": "t", "calls": [call("a", "f", x=[1]), call("b", "f", x=[2])]}
    assert (
        score(case, [call("p", "f", x=3), call("q", "f", x=4)]).reason == "`x` of `f` is 3, not 1"
    )
    assert (
        score(case, [call("p", "f", x=3), call("q", "f", x=1)]).reason == "`x` of `f` is 3, not 2"
    )


def test_a_null_that_is_asked_for_may_be_left_out() -> None:
    case = {"id": "t", "calls": [call("a", "f", x=[None, 1])]}
    assert all(score(case, [call("p", "f", **args)]).strict for args in ({}, {"x": None}, {"x": 1}))
    assert not score(case, [call("p", "f", x=2)]).strict


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (30, 30.0),
        (3600, {"$op": "*", "args": [60, 60]}),
        ("*", "x"),
        ("*", ref("p")),
        ("*", {"$format": [ref("p")]}),
        ("*", {"$if": ref("p"), "then": "x", "else": "y"}),
        ("*", {"$field": [[ref("p")], 0]}),
        ("~BC", "abcd"),
        ("~see p", {"$op": "+", "args": ["see p", ref("q")]}),
        ("~see p", {"$format": ["see ", "p", ref("p")]}),
        ("~1, 2", {"$format": [[1, 2]]}),
        ("$a", ref("p")),
        ("$a", {"$op": "or", "args": [ref("p"), ref("p")]}),
        ("$a", {"$op": "and", "args": [ref("p"), ref("p")]}),
        ("$a.b.0", ref("p", "b", 0)),
        ("~$a", {"$format": [ref("p")]}),
        ("~$a", {"$format": [[ref("q"), ref("p")]]}),
        ("~$a", {"$op": "+", "args": [{"$op": "+", "args": ["x", ref("p")]}, "y"]}),
        ("~$a", {"$op": "+", "args": [ref("p"), ref("q")]}),
        ("~$a", {"$format": ["x", {"$if": ref("q"), "then": ref("p"), "else": ref("p")}]}),
        ("~$a.b", {"$format": ["x", ref("p", "b")]}),
        (["$a", "~x"], ["xyz", ref("p")]),
        (["$a", 1], [1, ref("p"), 1]),
        (["*", "$a"], [ref("p"), "x"]),
        (["$b", "$a"], {"$op": "+", "args": [[ref("p")], [ref("q")]]}),
        ([], []),
        ({"k": [1]}, {"k": [1.0]}),
        ("$5", "$5"),
        (-5, {"$op": "-", "args": [{"$op": "+", "args": [2, 3]}]}),
    ],
)
def test_a_value_fits(expected: Any, given: Any) -> None:
    assert fits(expected, fold(given), {"a": "p", "b": "q"})


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (1, True),
        (False, 0),
        (1, "1"),
        ("1", 1),
        ("A", "a"),
        ("A", {"$if": ref("p"), "then": "A", "else": "B"}),
        ("*", ""),
        ("*", " \n"),
        ("*", 5),
        ("*", True),
        ("*", ["x"]),
        ("*", {"$format": [""]}),
        ("*", {"$op": "-", "args": [ref("p"), 1]}),
        ("*", {"$if": ref("p"), "then": "x", "else": ""}),
        ("*", {"$literal": {"$format": ["x"]}}),
        ("*", {"$literal": {"$if": 1}}),
        ("~5", 5),
        ("~x", {"$op": "==", "args": ["x", ref("p")]}),
        ("~x", ["x"]),
        ("~x", ref("x")),
        ("~ab", {"$format": ["a", ref("p"), "b"]}),
        ("$a", "$a"),
        ("$a", ref("q")),
        ("$a", ref("p", "b")),
        ("$a.b", ref("p")),
        ("$a", [ref("p")]),
        ("$a", {"$format": [ref("p")]}),
        ("$a", {"$if": ref("q"), "then": ref("p"), "else": ref("q")}),
        ("~$a", ref("p")),
        ("~$a", "the text $a"),
        ("~$a", [ref("p")]),
        ("~$a", {"$format": ["x", ref("q")]}),
        ("~$a", {"$format": ["x", ref("p", "b")]}),
        ("~$a.b", {"$format": ["x", ref("p")]}),
        ("~$a", {"$if": ref("q"), "then": {"$format": ["x", ref("p")]}, "else": "x"}),
        ("~$a", {"$format": ["x", {"$if": ref("q"), "then": ref("p"), "else": ref("q")}]}),
        ("~$a", {"$op": "-", "args": [ref("p"), 1]}),
        ("$a", {"$op": "and", "args": [ref("q"), ref("p")]}),
        (["$a"], ref("p")),
        (["$a"], {"$op": "+", "args": [[ref("p")], ref("q")]}),
        (["$a"], []),
        ([], ["x"]),
        (["$a", "$b"], [ref("p"), ref("p")]),
        (["*", "*"], ["x", "y", "z"]),
        (["~x", "~xy"], ["xy", "y"]),
        ({"k": 1}, {"k": 1, "l": 2}),
        ({"k": 1, "l": 2}, {"k": 1, "l": 3}),
        ({"k": [1, 2]}, {"k": [1, 3]}),
        ({"k": [1, 2]}, {"k": [1]}),
        ({"k": [1]}, {"k": 1}),
        (1, {"$op": "/", "args": [1, 0]}),
        (1, {"$op": "/", "args": [10**400, 3]}),
    ],
)
def test_a_value_does_not_fit(expected: Any, given: Any) -> None:
    assert not fits(expected, fold(given), {"a": "p", "b": "q"})


def test_only_where_it_may_be_left_out_anything_at_all_is_as_good_as_a_text() -> None:
    for given in (5, True, ["x"], "", {"k": 1}):
        assert fits("*", given, {}, anything=True)
        assert not fits("*", given, {})


def test_many_calls_that_are_alike_are_soon_told_apart() -> None:
    begin = time.monotonic()
    numbers = range(12)
    gold = [call("a", "f"), *(call(f"g{i}", "g", x=["$a", "plain"]) for i in numbers)]
    gold.append(call("z", "h", x=["right"]))
    calls = [{"id": "a", "tool": "f", "args": {}}]
    calls += [{"id": f"c{i}", "tool": "g", "args": {"x": "plain"}} for i in numbers]
    wrong = {"id": "z", "tool": "h", "args": {"x": "wrong"}}
    assert not score({"id": "t", "calls": gold}, [*calls, wrong]).strict
    assert score({"id": "t", "calls": gold}, [*calls, {**wrong, "args": {"x": "right"}}]).strict
    expected = [*("~" + "a" * (i + 1) for i in numbers), "~z"]
    assert not fits(expected, ["a" * 20 + str(i) for i in range(13)], {})
    assert fits(expected, [*("a" * 20 + str(i) for i in numbers), "z"], {})
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(
    "gold",
    [
        [call("a", "f", x=["$b"]), call("b", "f")],
        [call("a", "f", x=["$a"])],
        [call("a", "f", x=[["x", "~$z.b"]])],
        [{**call("a", "f"), "may": {"x": ["$z"]}}],
        [call("a", "f"), call("a", "g")],
        [{**call("a", "f"), "args": {"x": "Sid"}}],
        [{**call("a", "f"), "args": {"x": 5}}],
    ],
)
def test_a_case_that_refers_to_no_earlier_call_is_refused(gold: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="case t"):
        score({"id": "t", "calls": gold}, [])
