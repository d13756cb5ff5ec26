"""One flag, and the hypothesis profiles of the whole suite.

`pytest --rewrite-golden` writes what the tests expect (tests/golden/, docs/diagnostics.md) anew;
look at the difference before you commit it. It is refused where `CI` is `true`.

Properties draw new examples on each run, and print how to repeat one that fails; where `CI` is
`true` they draw the same examples each time.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

_CI = os.environ.get("CI") == "true"

settings.register_profile(
    "local",
    max_examples=100,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile("ci" if _CI else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write the expected texts of tests anew"
    )
    parser.addoption(
        "--fuzz",
        type=int,
        default=2000 if _CI else 200,
        metavar="N",
        help="plans that each property in tests/test_fuzz.py is tried on",
    )


def pytest_configure(config: pytest.Config) -> None:
    if _CI and config.getoption("--rewrite-golden"):
        raise pytest.UsageError("--rewrite-golden is not for CI")


@pytest.fixture
def rewriting(request: pytest.FixtureRequest) -> bool:
    """Whether expected texts are to be written instead of compared."""
    return bool(request.config.getoption("--rewrite-golden"))
