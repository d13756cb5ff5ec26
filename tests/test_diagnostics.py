"""Diagnostics are data: sorted, drawn with carets, told as JSON, and listed in the docs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from planc.check import check
from planc.diagnostics import (
    CODES,
    REFUSED,
    SYNTAX,
    TOOL_FAILED,
    UNKNOWN_NAME,
    Diagnostic,
    Label,
    PlanError,
    nearest,
    render,
)
from planc.parse import parse
from planc.source import Source, printable
from planc.tools import ToolSet, from_json

REFERENCE = Path(__file__).parent.parent / "docs" / "diagnostics.md"
SOURCE = Source("x = 1\ny = nowhere + x\n", "my.plan")
NOWHERE = Diagnostic(
    UNKNOWN_NAME,
    "nothing is named `nowhere` here",
    SOURCE.span(10, 17),
    (Label(SOURCE.span(0, 1), "this is"),),
    "write texts in quotes",
)


def test_a_diagnostic_is_drawn_with_its_place_its_labels_and_a_hint() -> None:
    assert render([NOWHERE]) == (
        "error[E016-unknown-name]: nothing is named `nowhere` here\n"
        " --> my.plan:2:5\n"
        "2 | y = nowhere + x\n"
        "  |     ^^^^^^^\n"
        "1 | x = 1\n"
        "  | ^ this is\n"
        "  hint: write texts in quotes\n"
    )


def test_a_diagnostic_without_a_place_is_a_line() -> None:
    assert render([Diagnostic(TOOL_FAILED, "the disk is full")]) == (
        "error[E401-tool-failed]: the disk is full\n"
    )


def test_nothing_that_is_drawn_can_steer_a_terminal() -> None:
    source = Source('x = "\x1b[2J\u202e\x07"', "\x1b[1mname")
    told = Diagnostic(SYNTAX, "\x1b]0;title\x07", source.span(4, 11), (), "\x9b31m")
    drawn = render([told])
    assert drawn.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", drawn)


def test_json_tells_lines_and_columns_from_one() -> None:
    assert NOWHERE.to_json() == {
        "code": "E016-unknown-name",
        "message": "nothing is named `nowhere` here",
        "file": "my.plan",
        "line": 2,
        "column": 5,
        "end_line": 2,
        "end_column": 12,
        "labels": [
            {
                "text": "this is",
                "file": "my.plan",
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 2,
            }
        ],
        "hint": "write texts in quotes",
    }
    assert json.loads(json.dumps(Diagnostic(SYNTAX, "a").to_json()))["line"] is None


def test_an_error_holds_its_diagnostics_in_the_order_of_their_places() -> None:
    last = Diagnostic(SYNTAX, "c", SOURCE.span(8, 9))
    first = Diagnostic(SYNTAX, "b", SOURCE.span(2, 3))
    without = Diagnostic(SYNTAX, "a")
    error = PlanError([last, without, first])
    assert error.diagnostics == (without, first, last)
    assert str(error) == "E002-syntax: a; E002-syntax: b; E002-syntax: c"


def test_the_exit_status_is_that_of_the_gravest_diagnostic() -> None:
    assert PlanError(Diagnostic(SYNTAX, "a")).status == 1
    assert PlanError([Diagnostic(SYNTAX, "a"), Diagnostic(TOOL_FAILED, "b")]).status == 3
    assert PlanError([Diagnostic(REFUSED, "a"), Diagnostic(TOOL_FAILED, "b")]).status == 4
    assert PlanError([]).status == 1


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("serch", "search"),
        ("SEARCH", "search"),
        ("find_contact", "find_contacts"),
        ("xyz", None),
        ("", None),
        ("s" * 10_000, None),
    ],
)
def test_the_nearest_spelling(word: str, expected: str | None) -> None:
    assert nearest(word, ["search", "find_contacts", "log"]) == expected


def test_positions_are_counted_from_one_over_any_line_ends() -> None:
    source = Source("a\r\n\nb")
    assert [source.position(i) for i in range(6)] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (3, 1),
        (3, 2),
    ]
    assert [source.line(i) for i in (1, 2, 3)] == ["a", "", "b"]
    assert Source("").position(0) == (1, 1)
    assert Source("").line(1) == ""
    assert Source("a\n").position(2) == (2, 1)


def test_spans_join_and_name_their_place() -> None:
    span = SOURCE.span(10, 17)
    assert (span.text, str(span), repr(span)) == ("nowhere", "my.plan:2:5", "Span(10, 17)")
    assert SOURCE.span(0, 1).to(span) == span.to(SOURCE.span(0, 1)) == SOURCE.span(0, 17)


def test_printable_text_is_left_as_it_is() -> None:
    assert printable("é 日\n\t😀") == "é 日\n\t😀"
    assert printable("\0\r\x7f\ud800\u2066") == "\\x00\\r\\x7f\\ud800\\u2066"


# The list of codes


def test_codes_have_names_meanings_and_numbers_in_order() -> None:
    numbers = [int(name[1:4]) for name in CODES]
    assert numbers == sorted(set(numbers))
    for name, code in CODES.items():
        assert re.fullmatch(r"E\d{3}(-[a-z]+)+", name)
        assert code.meaning.endswith(".")
        assert code.status in (1, 2, 3, 4)


EXAMPLE_TOOLS = ToolSet(
    [
        from_json({"name": name, "parameters": {"properties": properties, "required": [*needed]}})
        for name, properties, needed in [
            ("f", {"a": {}, "n": {"type": "integer"}, "point": {"properties": {"x": {}, "y": {}},
             "required": ["x", "y"]}}, "a"),
            ("g", {"a": {"type": "string"}}, ""),
            ("send", {"to": {"type": "string", "format": "email"}}, ""),
            ("go", {"by": {"enum": ["foot", "car"]}}, ""),
            ("note", {}, ""),
        ]
    ]
)  # fmt: skip
RETURNS = {
    "E018-unknown-field": {"properties": {"title": {}}},
    "E019-not-indexable": {"type": "integer"},
    "E024-no-value": {"type": "null"},
}


@pytest.mark.parametrize("name", [name for name in CODES if name < "E1"])
def test_the_example_of_a_code_is_one(name: str) -> None:
    example = CODES[name].example.replace("...", "(" * 100 + "1" + ")" * 100)
    f = EXAMPLE_TOOLS["f"].to_json() | {"returns": RETURNS.get(name)}
    tools = ToolSet([from_json(f), *(t for t in EXAMPLE_TOOLS.values() if t.name != "f")])
    with pytest.raises(PlanError) as caught:
        check(parse(Source(example)), tools)
    assert name in [diagnostic.code.name for diagnostic in caught.value.diagnostics]


GROUPS = {
    "E0": "The text and the meaning of a plan",
    "E1": "Files and requests",
    "E2": "Tools and settings",
    "E3": "Models",
    "E4": "Runs",
    "E5": "The graph",
    "E6": "Evaluations",
}
HEAD = """\
# Diagnostics

Whatever planc has to complain about in requests, plans, tools, models and files has one of these
codes (options that are no such have none, and status 2). The words of a message may change from
one version to the next; a code keeps its name and its meaning. The last column is the exit status
of a command that ends with it: 1 for the plan or the request, 2 for how planc was called or set
up, 3 for a tool, 4 for the user's refusal.

This file is written by `pytest tests/test_diagnostics.py --rewrite-golden` from
`planc/diagnostics.py`.
"""


def reference() -> str:
    """docs/diagnostics.md, as the list of codes has it."""
    lines = [HEAD]
    for prefix, title in GROUPS.items():
        lines += [f"## {title}\n", "| code | meaning | example | status |", "|---|---|---|---|"]
        for code in CODES.values():
            if code.name.startswith(prefix):
                example = code.example.replace("|", "\\|").replace("\n", "` ⏎ `")
                shown = f"`{example}`" if example else ""
                lines.append(f"| `{code.name}` | {code.meaning} | {shown} | {code.status} |")
        lines.append("")
    return "\n".join(lines)


def test_the_reference_lists_the_codes(rewriting: bool) -> None:
    if rewriting:
        REFERENCE.write_text(reference(), encoding="utf-8")
    assert REFERENCE.read_text(encoding="utf-8") == reference()
    assert all(f"| `{name}` |" in reference() for name in CODES)
