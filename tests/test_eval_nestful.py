"""The suites `nestful` and `complexfuncbench`: their scores of right and wrong plans."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from planc import toolset
from planc.check import check
from planc.diagnostics import PlanError
from planc.eval.cases import Case, Verdict
from planc.eval.complexfuncbench import ComplexFuncBench
from planc.eval.nestful import Nestful, from_gold
from planc.parse import parse
from planc.report.calls import calls_json
from planc.source import Source

SPEC: list[dict[str, Any]] = [
    {
        "name": "find_place",
        "description": "Finds a place.",
        "query_parameters": {"name": {"type": "String", "required": True}},
        "output_parameters": {"lat": {"type": "number"}, "lon": {"type": "number"}},
    },
    {
        "name": "get_weather",
        "description": "Tells the weather.",
        "parameters": {
            "lat": {"type": "number", "required": True},
            "lon": {"type": "number", "required": True},
            "days": {"type": "Number", "required": False},
            "unit": {"type": "Enum", "enum": ["C", "F"]},
            "tries": {"type": "integer", "default": 2},
        },
        "output_parameters": {"summary": {"type": "string"}},
    },
    {"name": "unused", "description": "Does something else.", "output_parameters": {}},
]
PLACE = {"lat": 59.9, "lon": 10.7}
DATA = [
    {
        "input": "What will the weather be in Oslo for three days?",
        "output": [
            {
                "name": "find_place",
                "arguments": {"name": "Oslo"},
                "label": "var1",
                "response": [PLACE],
            },
            {
                "name": "get_weather",
                "arguments": {"lat": "$var1.lat$", "lon": "$var1.lon$", "days": "3"},
                "label": "var2",
                "response": {"summary": "rain"},
            },
            {"name": "var_result", "arguments": {"weather": "$var2$"}},
        ],
    }
]
RIGHT = 'p = find_place(name="Oslo")\nget_weather(lat=p.lat, lon=p.lon, days=3)\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "part-data.json").write_text(json.dumps(DATA), encoding="utf-8")
    (tmp_path / "part-spec.json").write_text(json.dumps(SPEC), encoding="utf-8")
    return tmp_path


def judged(suite: Nestful, plan: str) -> Verdict:
    case: Case = suite.cases()[0]
    calls = calls_json(check(parse(Source(plan)), case.tools()))["calls"] if plan else []
    return suite.judge(case, calls)


def test_a_case_offers_its_tools_and_others(folder: Path) -> None:
    (case,) = Nestful(folder).cases()
    assert set(case.tools()) == {"find_place", "get_weather", "unused"}
    assert case.group == "part" and case.number == 0
    (alone,) = Nestful(folder, others=0).cases()
    assert set(alone.tools()) == {"find_place", "get_weather"}
    assert (
        alone.tools()["get_weather"].signature()
        == 'get_weather(lat: float, lon: float, days?: float, unit?: Literal["C", "F"], '
        'tries: int = 2) -> {"summary": str}'
    )


@pytest.mark.parametrize(
    ("plan", "full", "partial", "names", "arguments"),
    [
        (RIGHT, 1, 1, 1, 1),
        (RIGHT.replace("p = ", "anything = ").replace("p.", "anything."), 1, 1, 1, 1),
        ('w = get_weather(lat=1, lon=2)\nfind_place(name="Oslo")', 0, 0, 1, 6 / 7),
        ('find_place(name="Rome")\n' + RIGHT, 0, 0, 0.8, 8 / 9),  # beside the first one
        (RIGHT.replace("days=3", "days=4"), 0, 0.5, 1, 1),
        (RIGHT.replace(", days=3", ""), 0, 0.5, 1, 6 / 7),
        (RIGHT.replace("lon=p.lon", "lon=p.lat"), 0, 0.5, 1, 1),
        (RIGHT.replace("Oslo", "Rome"), 0, 0, 1, 1),
        (RIGHT + 'find_place(name="Rome")', 0, 2 / 3, 0.8, 8 / 9),
        (RIGHT.replace("days=3", "days=3, tries=2"), 1, 1, 1, 1),  # the default
        (RIGHT.replace("days=3", "days=3, tries=5"), 0, 0.5, 1, 8 / 9),
        ("", 0, 0, 0, 0),
    ],
)
def test_the_scores_of_nestful(
    folder: Path, plan: str, full: float, partial: float, names: float, arguments: float
) -> None:
    verdict = judged(Nestful(folder), plan)
    assert verdict.scores == pytest.approx(
        {"full": full, "partial": partial, "name F1": names, "argument F1": arguments}
    )
    assert bool(verdict.reason) == (not full)


@pytest.mark.parametrize(
    ("plan", "replayed"),
    [
        (RIGHT, True),
        ('find_place(name="Oslo")\nget_weather(lat=59.9, lon=10.7, days=3)', True),
        ('find_place(name="Oslo")\nget_weather(lat=59.9, lon=10.8, days=3)', False),
        ('get_weather(lat=59.9, lon=10.7, days=3)\nfind_place(name="Oslo")', True),
        ('find_place(name="Oslo")', False),
        (RIGHT + 'find_place(name="Oslo")', False),
        (RIGHT.replace("Oslo", "Rome"), False),
        ("", False),
    ],
)
def test_a_plan_is_replayed_from_the_record(folder: Path, plan: str, replayed: bool) -> None:
    verdict = judged(ComplexFuncBench(folder), plan)
    assert verdict.scores["replay"] == replayed
    assert bool(verdict.reason) == (not replayed)


@pytest.mark.parametrize(
    ("gold", "value"),
    [
        ("$var1.lat$", {"$ref": "var1", "path": ["lat"]}),
        ("$var1.lat", {"$ref": "var1", "path": ["lat"]}),
        ("$var1[0].Exchange Rate$", {"$ref": "var1", "path": [0, "Exchange Rate"]}),
        ("at $var1.lat$!", {"$format": ["at ", {"$ref": "var1", "path": ["lat"]}, "!"]}),
        ("$100-$200", "$100-$200"),
        ("", ""),
    ],
)
def test_a_reference_in_a_gold_plan_is_read_wherever_it_stands(gold: str, value: object) -> None:
    assert from_gold({"a": [gold]}) == {"a": [value]}


def test_long_chains_and_labels_given_twice_are_told_apart(folder: Path) -> None:
    suite = Nestful(folder)
    (case,) = suite.cases()
    lines = ["c0 = get_weather(lat=0, lon=0)"]
    lines += [f"c{i} = get_weather(lat=c{i - 1}.t, lon=c{i - 1}.t)" for i in range(1, 16)]
    tools = toolset.described(
        [
            {
                "name": "get_weather",
                "parameters": {
                    "type": "object",
                    "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}},
                },
                "returns": {
                    "type": "object",
                    "properties": {"t": {"type": "number"}},
                    "required": ["t"],
                },
            }
        ]
    )
    calls = calls_json(check(parse(Source("\n".join(lines))), tools))["calls"]
    gold = [
        {
            "name": "get_weather",
            "label": f"var{i}",
            "arguments": dict.fromkeys(("lat", "lon"), f"$var{i - 1}.t$" if i else 0),
        }
        for i in range(16)
    ]
    about = {"calls": gold, "defaults": {}}
    assert suite.judge(replace(case, gold=about), calls).scores["full"] == 1
    twice = [*gold[:1], {**gold[0], "arguments": {"lat": 1, "lon": 1}}, *gold[2:]]
    assert suite.judge(replace(case, gold={**about, "calls": twice}), calls).scores == (
        pytest.approx({"full": 0, "partial": 1 / 16, "name F1": 1, "argument F1": 1})
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("part-data.json", "[{"),
        ("part-data.json", "[{}]"),
        ("part-data.json", '[{"input": "a", "output": []}]'),
        ("part-data.json", '[{"input": "a", "output": [{"name": "f"}]}]'),
        ("part-spec.json", "{"),
        ("part-spec.json", '[{"title": "f"}]'),
        ("part-spec.json", '[{"name": ["f"]}]'),
        ("part-spec.json", '[{"name": "f", "parameters": []}]'),
        ("part-spec.json", '[{"name": "f", "parameters": {"x": "string"}}]'),
        (
            "part-data.json",
            '[{"input": "a", "output": [{"name": "f", "label": "a", "arguments": [["x", "y"]]}]}]',
        ),
    ],
)
def test_data_that_is_none_is_told(name: str, text: str, folder: Path) -> None:
    (folder / name).write_text(text)
    with pytest.raises(PlanError, match=f"E601.*{name}"):
        Nestful(folder).cases()
    (folder / "part-spec.json").unlink()
    with pytest.raises(PlanError, match="E601"):
        Nestful(folder).cases()


@pytest.mark.parametrize(
    ("given", "replayed"),
    [
        ({"$ref": "x", "path": ["id"]}, True),
        ({"$format": [{"$ref": "x", "path": ["id"]}]}, True),
        ({"$format": ["no ", {"$ref": "x", "path": ["id"]}]}, False),
        (12, True),
        ({"$literal": {"$id": 12}}, False),
    ],
)
def test_an_answer_is_replayed_wherever_it_stands(
    folder: Path, given: object, replayed: bool
) -> None:
    suite = ComplexFuncBench(folder)
    gold = [
        {"name": "find", "label": "var1", "arguments": {}, "response": {"id": 12}},
        {"name": "book", "label": "var2", "arguments": {"at": "$var1.id$"}, "response": {}},
    ]
    case = replace(suite.cases()[0], gold={"calls": gold, "defaults": {}})
    calls = [
        {"id": "x", "tool": "find", "args": {}},
        {"id": "y", "tool": "book", "args": {"at": given}},
    ]
    assert suite.judge(case, calls).scores["replay"] == replayed


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="E601"):
        Nestful(tmp_path).cases()
