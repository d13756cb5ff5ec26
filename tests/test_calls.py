"""Plans as JSON: where each argument comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typing_extensions import TypedDict

from planc.compile import compile_plan
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


def test_what_is_no_number_in_json_is_null() -> None:
    line = json_line({"a": [float("inf"), 1.5, float("nan")], "b": "NaN", "é": -float("inf")})
    assert line == '{"a": [null, 1.5, null], "b": "NaN", "é": null}\n'


def test_a_record_may_have_more_than_is_asked_for() -> None:
    plan = compile_plan(Source('o = {"x": 1, "more": 2}\nf(p=o)'), TOOLS)
    assert calls_json(plan.checked)["calls"][0]["args"] == {"p": {"x": 1.0, "more": 2}}
