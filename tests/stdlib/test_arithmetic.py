from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stdlib_tools.arithmetic import calculate
from stdlib_tools.errors import ToolError


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 / 2", 3.5),
        ("7 // 2", 3),
        ("-7 % 3", 2),
        ("2 ** 10", 1024),
        ("2 ** -1", 0.5),
        ("-2 ** 2", -4),
        ("1.5e3 + .5", 1500.5),
        ("2e-1", 0.2),
        ("sqrt(16) + abs(-3)", 7),
        ("round(2.675, 1)", 2.7),
        ("round(1234.5, -2)", 1200),
        ("round(7.6)", 8),
        ("min(3, 1, 2) + max(1, 2)", 3),
        ("  12 ×\n 3 ÷ 4 − 1 ", 8),
        ("12 ** 0.5 - sqrt(12)", 0),
        ("0.1 + 0.2", 0.3),
        ("4.35 * 100", 435),
        ("10 // 0.1", 100),
        ("round(2.5)", 3),
        ("round(2.675, 2)", 2.68),
        ("9007199254740993 - 1", 9007199254740992),
        ("1e300 % 7", 10**300 % 7),
        ("max(1, 200)", 200),
    ],
)
def test_arithmetic_has_its_value(expression: str, value: float) -> None:
    result = calculate(expression)
    assert type(result) is float
    assert math.isclose(result, value, rel_tol=1e-15, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("9**9**9", "too large"),
        ("10 ** 400", "too large"),
        ("1e999", "too large"),
        ("1e308 * 10", "too large"),
        ("1 / 0", "divides by zero"),
        ("5 % 0", "divides by zero"),
        ("0 ** -1", "no real number"),
        ("sqrt(-1)", "no real number"),
        ("(-8) ** (1 / 3)", "no real number"),
        ("round(5, -999999999)", "15 at most"),
        ("round(5, 0.5)", "15 at most"),
        ("sqrt()", "does not take 0"),
        ("min(1)", "does not take 1"),
        ("sqrt(1, 2)", "does not take 2"),
        ("foo(1)", "'foo' is not known"),
        ("x", "'x' is not known"),
        ("1, 2", "only numbers"),
        ("True", "only numbers"),
        ("1 if 2 else 3", "only numbers"),
        ("", "not arithmetic"),
        ("lambda", "not arithmetic"),
        ("1 +", "not arithmetic"),
        ("max(1,200, 900)", "comma inside a number"),
        ("1,200 + 3", "comma inside a number"),
        ("1 2", "not arithmetic"),
        ("0 / 0", "divides by zero"),
        ("0 // 0", "divides by zero"),
        ("(1", "not arithmetic"),
        ("1) + (2", "not arithmetic"),
        ("2 ^ 3", "not arithmetic"),
        ("1if 2else 3", "not arithmetic"),
        ("0x10", "not arithmetic"),
        ("1_000", "not arithmetic"),
        ("1j", "not arithmetic"),
        ("'a' * 9", "not arithmetic"),
        ("abs.__class__", "not arithmetic"),
        ("[1]", "not arithmetic"),
        ("(x := 1)", "not arithmetic"),
        ("1 < 2", "not arithmetic"),
        ("１ + 1", "not arithmetic"),
        ("1 + 1 # two", "not arithmetic"),
        ("1\0", "not arithmetic"),
        ("\ud800", "not arithmetic"),
        ("(" * 500_000 + "1" + ")" * 500_000, "at most 500"),
        ("(" * 249 + "1" + ")" * 249, "not arithmetic"),
        ("*args", "not arithmetic|only numbers"),
        ("min(*(1, 2))", "does not take 1"),
        ("min(a=1)", "not arithmetic"),
    ],
)
def test_what_is_not_arithmetic_is_refused(expression: str, reason: str) -> None:
    with pytest.raises(ToolError, match=reason):
        calculate(expression)


def test_long_chains_of_signs_end_in_a_value_or_an_error() -> None:
    for expression in ("-" * 499 + "1", "+".join(["1"] * 250)):
        try:
            assert abs(calculate(expression)) in (1, 250)
        except ToolError as error:
            assert "not arithmetic" in str(error)


@given(st.text(alphabet="0123456789.+-*/%(), eminaxsqrt", max_size=60))
def test_any_text_gives_a_finite_number_or_a_tool_error(expression: str) -> None:
    try:
        assert math.isfinite(calculate(expression))
    except ToolError as error:
        assert len(str(error)) < 300


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_it_reckons_as_python_does(a: int, b: int) -> None:
    for sign in ("+", "-", "*", "/", "//", "%"):
        expression = f"({a}) {sign} {b}"
        assert math.isclose(calculate(expression), eval(expression), rel_tol=1e-12, abs_tol=1e-9)
