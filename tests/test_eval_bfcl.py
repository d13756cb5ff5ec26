"""The suite `bfcl`: the benchmark's own checker on right and wrong plans."""

from __future__ import annotations

import pytest

from planc.check import check
from planc.diagnostics import PlanError
from planc.eval import packages
from planc.eval.bfcl import CATEGORIES, PACKAGE, Bfcl
from planc.eval.cases import Case
from planc.parse import parse
from planc.report.calls import calls_json
from planc.source import Source


def _is_installed() -> bool:
    try:
        packages.version(PACKAGE)
    except PlanError:
        return False
    return True


needs_data = pytest.mark.skipif(
    not _is_installed(), reason="the package bfcl-eval is not installed"
)


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for case in Bfcl().cases()}


def correct(case: Case, plan: str) -> tuple[float, str]:
    calls = calls_json(check(parse(Source(plan)), case.tools()))["calls"] if plan else []
    verdict = Bfcl().judge(case, calls)
    return verdict.scores["correct"], verdict.reason


@needs_data
def test_all_categories_are_there(cases: dict[str, Case]) -> None:
    assert len(cases) == 3491
    assert {case.group for case in cases.values()} == set(CATEGORIES)
    assert cases["parallel_7"].number == 7


@needs_data
@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ("calculate_triangle_area(base=10, height=5)", ""),
        ('calculate_triangle_area(base=10, height=5, unit="units")', ""),
        ("calculate_triangle_area(base=5 + 5, height=5)", ""),
        ('calculate_triangle_area(base=10, height=5, unit="miles")', "Invalid value"),
        ("calculate_triangle_area(base=10, height=6)", "Invalid value"),
        ("x = calculate_triangle_area(base=10, height=5)\nreturn x", ""),
        ("", "Wrong number of functions"),
        (
            "calculate_triangle_area(base=10, height=5)\n"
            "calculate_triangle_area(base=10, height=5)",
            "Wrong number of functions",
        ),
        ("y = calculate_triangle_area(base=10, height=5) if 1 == 1 else None", "condition"),
    ],
)
def test_one_call(cases: dict[str, Case], plan: str, reason: str) -> None:
    score, told = correct(cases["simple_python_0"], plan)
    assert score == (not reason)
    assert reason in told and bool(reason) == bool(told)


@needs_data
def test_several_calls_stand_in_any_order(cases: dict[str, Case]) -> None:
    case = cases["parallel_0"]  # "Play songs from the artists Taylor Swift and Maroon 5, ..."
    swift = 'spotify.play(artist="Taylor Swift", duration=20)\n'
    maroon = 'spotify.play(artist="Maroon 5", duration=15)\n'
    assert correct(case, swift + maroon)[0] == 1
    assert correct(case, maroon + swift)[0] == 1
    assert correct(case, swift)[0] == 0
    assert correct(case, swift + swift)[0] == 0
    assert correct(case, swift + maroon.replace("15", "20"))[0] == 0


@needs_data
def test_no_call_or_any(cases: dict[str, Case]) -> None:
    irrelevant, relevant = cases["irrelevance_0"], cases["live_relevance_0-0-0"]
    call = [{"id": "a", "tool": "determine_body_mass_index", "args": {}}]
    for case, right in ((irrelevant, []), (relevant, call)):
        assert Bfcl().judge(case, right).scores == {"correct": 1.0}
        wrong = call if right == [] else []
        verdict = Bfcl().judge(case, wrong)
        assert verdict.scores == {"correct": 0.0} and verdict.reason


def test_a_package_that_is_absent_is_named() -> None:
    with pytest.raises(PlanError, match="E601") as caught:
        packages.installed("no-such-benchmark", "a.json")
    assert "pip install --no-deps no-such-benchmark" in str(caught.value.diagnostics[0].hint)
