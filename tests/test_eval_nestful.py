"""The suites `nestful` and `complexfuncbench`: their scores of right and wrong plans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planc.check import check
from planc.diagnostics import PlanError
from planc.eval.cases import Case, Verdict
from planc.eval.complexfuncbench import ComplexFuncBench
from planc.eval.nestful import Nestful
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
        == 'get_weather(lat: float, lon: float, days?: float, unit?: Literal["C", "F"])'
        ' -> {"summary": str}'
    )


@pytest.mark.parametrize(
    ("plan", "full", "partial", "names", "arguments"),
    [
        (RIGHT, 1, 1, 1, 1),
        (RIGHT.replace("p = ", "anything = ").replace("p.", "anything."), 1, 1, 1, 1),
        ('w = get_weather(lat=1, lon=2)\nfind_place(name="Oslo")', 0, 0.5, 1, 6 / 7),
        (RIGHT.replace("days=3", "days=4"), 0, 0.5, 1, 1),
        (RIGHT.replace(", days=3", ""), 0, 0.5, 1, 6 / 7),
        (RIGHT.replace("lon=p.lon", "lon=p.lat"), 0, 0.5, 1, 1),
        (RIGHT.replace("Oslo", "Rome"), 0, 0, 1, 1),
        (RIGHT + 'find_place(name="Rome")', 0, 1, 0.8, 8 / 9),
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


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="E601"):
        Nestful(tmp_path).cases()
