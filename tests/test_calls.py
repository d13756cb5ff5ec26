"""Plans as JSON: where each argument comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typing_extensions import TypedDict

from planc.compile import compile_plan
from planc.diagnostics import PlanError
from planc.report.calls import calls_json
from planc.report.emit import json_line
from planc.source import Source
from planc.tools import ToolSet, from_function


class Point(TypedDict):
    x: float


def f(
    a: float = 0.0,
    b: list[float] | None = None,
    c: dict[str, float] | None = None,
    e: Any = None,
    g: list[dict[str, list[float]]] | None = None,
    h: int = 0,
    p: Point | None = None,
) -> float: ...  # type: ignore[empty-body]


TOOLS = ToolSet([from_function(f, effect="pure")])


@pytest.mark.parametrize(
    ("written", "json_"),
    [
        ("a=5", "5.0"),
        ("a=-5", "-5.0"),
        ("b=[1, 2.5]", "[1.0, 2.5]"),
        ('c={"x": 1}', '{"x": 1.0}'),
        ('g=[{"x": [1]}]', '[{"x": [1.0]}]'),
        ("e=[5]", "[5]"),
        ("h=5", "5"),
        (f"a={2**53}", f"{2**53}.0"),
        (f"a={2**53 + 1}", str(2**53 + 1)),  # no float is
        (f"a={10**390}", str(10**390)),
    ],
)
def test_a_whole_number_is_a_float_where_one_is_asked(written: str, json_: str) -> None:
    calls = calls_json(compile_plan(Source(f"f({written})"), TOOLS).checked)["calls"]
    assert json.dumps(*calls[0]["args"].values()) == json_


def test_what_is_no_constant_stays_as_it_is() -> None:
    text = 'x = f(h=1)\nf(b=[x, 2], c={"$a": 3, "b": 4})'
    calls = calls_json(compile_plan(Source(text), TOOLS).checked)["calls"]
    assert calls[1]["args"]["b"] == [{"$ref": "x", "path": []}, 2.0]
    assert calls[1]["args"]["c"] == {"$literal": {"$a": 3, "b": 4}}


def calls_of(text: str) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = calls_json(compile_plan(Source(text), TOOLS).checked)["calls"]
    json.dumps(calls)
    return calls


def test_a_map_in_the_condition_of_a_map_has_that_one_around_it() -> None:
    text = "a = f()\nb = [f(a=x) for x in [a, 2.5] if f(a=x) in [f(a=y) for y in [x, a] if y > x]]"
    inner = next(call["map"] for call in calls_of(text) if call.get("map", {}).get("as") == "y")
    assert inner["in"]["as"] == "x" and "if" not in inner["in"]


def test_a_branch_in_a_branch_has_that_one_around_it() -> None:
    text = "a = f()\nb = f(a=1) if a > 1 else (f(a=2) if a > 2 else f(a=3))"
    _, first, second, third = calls_of(text)
    assert first["when"]["is"] and "in" not in first["when"]
    assert [call["when"]["is"] for call in (second, third)] == [True, False]
    outer = {"test": first["when"]["test"], "is": False}
    assert [call["when"]["in"] for call in (second, third)] == [outer, outer]


def test_what_a_map_over_a_list_calls_has_no_name_of_the_plan() -> None:
    text = "a = [f(a=x) for x in [1.5, 2.5]]\na_1 = f(a=3)\nf(b=[a[0], a_1])"
    first, second, third, last = calls_of(text)
    assert len({call["id"] for call in (first, second, third)}) == 3 and third["id"] == "a_1"
    assert last["args"]["b"] == [{"$ref": one["id"], "path": []} for one in (first, third)]


def test_a_plan_that_is_small_as_text_and_huge_as_json_is_refused() -> None:
    doubled = "".join(f"x{i + 1} = [x{i}, x{i}]\n" for i in range(60))
    with pytest.raises(PlanError, match="E103"):
        calls_of(f"x0 = [1]\n{doubled}f(e=x60)")
    nested = "f(a=" + " + ".join(f"x{i}" for i in range(8)) + ")"
    for i in range(8):
        nested = f"[{nested} for x{i} in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]"
    calls = calls_of(f"a = {nested}")
    assert 1 <= len(calls) <= 10_000 and any("map" in call for call in calls)


def test_what_is_no_number_in_json_is_null() -> None:
    line = json_line({"a": [float("inf"), 1.5, float("nan")], "b": "NaN", "é": -float("inf")})
    assert line == '{"a": [null, 1.5, null], "b": "NaN", "é": null}\n'


def test_a_record_may_have_more_than_is_asked_for() -> None:
    plan = compile_plan(Source('o = {"x": 1, "more": 2}\nf(p=o)'), TOOLS)
    assert calls_json(plan.checked)["calls"][0]["args"] == {"p": {"x": 1.0, "more": 2}}
