"""Every mistake that planc tells about a plan is told where it is made, and no other.

The files tests/errors/*.plan hold many small plans, parted by lines `---`, for the tools of
tests/errors/tools.py. What must be told stands behind the line that it is told for:

    x = nowhere  ### "E016 nothing is named"

that is, a code and a part of the message; where one line has several mistakes, several such texts
stand side by side. Where a comment cannot stand on the line itself (an open string would swallow
it), it stands on a line of its own further down, and every `^` counts one line up:

    x = "open
    ### ^ "E004 does not end"

A plan without such a comment must have no mistakes at all. A missing and an unexpected diagnostic
both fail the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from planc.check import check
from planc.diagnostics import CODES, PlanError, render
from planc.parse import parse
from planc.source import Source
from tests.errors.tools import TOOLS

FOLDER = Path(__file__).parent / "errors"
_EXPECTATION = re.compile(r"### *(\^*)((?: *\"(?:[^\"\\]|\\.)*\")+)\s*$")
_TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")


@dataclass(frozen=True)
class Case:
    """One plan, with the number of the line before it in its file."""

    file: str
    offset: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.offset + 1}"

    def expected(self) -> list[tuple[int, str, str]]:
        """The line, the code and the piece of the message of every diagnostic to come."""
        found = []
        for number, line in enumerate(self.text.splitlines(), 1):
            match = _EXPECTATION.search(line)
            assert match or "###" not in line, f"{self}: cannot read the expectation in {line!r}"
            for text in _TEXT.findall(match[2]) if match else ():
                code, _, piece = re.sub(r"\\(.)", r"\1", text).partition(" ")
                found.append((number - len(match[1]), code, piece))
        return found


def _cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.plan")):
        offset = 0
        for text in re.split(r"^---\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            yield Case(path.name, offset, text)
            offset += text.count("\n") + 1


CASES = list(_cases())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_plan_has_the_mistakes_noted_in_it_and_no_others(case: Case) -> None:
    missing = case.expected()
    unexpected = []
    try:
        check(parse(Source(case.text)), TOOLS)
    except PlanError as error:
        for diagnostic in error.diagnostics:
            assert diagnostic.span is not None
            line, _ = diagnostic.span.source.position(diagnostic.span.start)
            name, message = diagnostic.code.name, diagnostic.message
            for one in missing:
                if one[0] == line and name.startswith(f"{one[1]}-") and one[2] in message:
                    missing.remove(one)
                    break
            else:
                unexpected.append(diagnostic)
    assert not missing and not unexpected, (
        f"{case}\nmissing: {missing}\nunexpected:\n{render(unexpected)}"
    )


def test_every_code_for_plans_has_cases_of_several_shapes() -> None:
    codes = [code for case in CASES for _, code, _ in case.expected()]
    for name in CODES:
        code = name.partition("-")[0]
        if code.startswith("E0"):
            assert codes.count(code) >= 3, f"{name} has {codes.count(code)} cases"
