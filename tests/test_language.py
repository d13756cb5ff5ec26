"""The edges of the language: what a text may be made of, the limits, and large inputs."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from planc.build import MAX_DEPTH
from planc.check import check
from planc.diagnostics import PlanError, render
from planc.format import format
from planc.parse import parse
from planc.report.ast import dump
from planc.source import Source
from tests.errors.tools import TOOLS

REFERENCE = Path(__file__).parent.parent / "docs" / "language.md"


def told(text: str) -> list[str]:
    """The places and codes of a text's mistakes, as `line:column code`."""
    try:
        check(parse(Source(text)), TOOLS)
    except PlanError as error:
        return [
            f"{d.to_json()['line']}:{d.to_json()['column']} {d.code.name.partition('-')[0]}"
            for d in error.diagnostics
        ]
    return []


def canonical(text: str) -> str:
    return format(parse(Source(text)))


# What a text is made of


@pytest.mark.parametrize("text", ["", "\n", "  \t\n\n", "\ufeff", "\r\n\r\n"])
def test_a_plan_may_be_empty(text: str) -> None:
    assert canonical(text) == ""


def test_a_byte_order_mark_at_the_start_is_skipped_and_places_still_count_it() -> None:
    assert canonical("\ufeffx = 1\n") == "x = 1\n"
    assert told("\ufeffx = nowhere") == ["1:6 E016"]
    assert told("x = 1\ufeff") == ["1:6 E001"]


def test_line_ends_of_windows_are_line_ends() -> None:
    text = "# one\r\nx = [\r\n  1,\r\n]\r\n\r\ny = 2  # two\r\n"
    assert canonical(text) == "# one\nx = [1]\n\ny = 2  # two\n"
    assert told('x = "a\r\ny = nowhere\r\n') == ["1:5 E004"]
    with pytest.raises(PlanError) as caught:
        parse(Source('x = "a\r\n'))
    span = caught.value.diagnostics[0].span
    assert span is not None and span.text == '"a'


def test_a_carriage_return_alone_is_no_line_end() -> None:
    assert told("x = 1\ry = 2") == ["1:6 E001"]


@pytest.mark.parametrize("char", ["\0", "\x1b", "\x7f", "\x85", "\u200b", "\u202e", "\u2028", "\v"])
def test_a_character_that_cannot_be_seen_is_named_by_its_number(char: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse(Source(f"x = 1 {char}"))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message == f"the character U+{ord(char):04X} has no meaning here"
    assert told(f"x = `a{char}b`") or char == "\u200b"


@pytest.mark.parametrize("where", ['"{}"', "# {}", "`{}`", "{}", 'f"{}{{1}}"'])
def test_half_of_a_surrogate_pair_is_nowhere_allowed(where: str) -> None:
    assert [one.partition(" ")[2] for one in told("x = 1 \n" + where.format("\ud800"))] == ["E001"]


def test_a_comment_is_kept_without_what_could_steer_a_terminal() -> None:
    assert canonical("x = 1 #\x1b[2J \u202eevil\tand\rmore ") == (
        "x = 1  # \\x1b[2J \\u202eevil and\\rmore\n"
    )


def test_names_are_what_the_grammar_says_and_not_what_python_says() -> None:
    # A combining accent is part of a Python identifier and of no word here; and the other way.
    assert canonical("`e\u0301` = 1") == "`e\u0301` = 1\n"
    assert canonical("`x²` = 1") == "x² = 1\n"
    assert canonical("`℘` = 1") == "`℘` = 1\n"


def test_braces_in_f_strings_are_doubled_and_escapes_stand_for_themselves() -> None:
    text = canonical(r'x = f"{{\x7b\x7B}}\x7d{1}"')
    assert text == 'x = f"{{{{{{}}}}{1}"\n'
    assert canonical(text) == text
    assert told(r'x = f"\{1\}"') == ["1:7 E005", "1:10 E005"]


# Limits

DEEP = {
    "parentheses": ("(", "1", ")"),
    "lists": ("[", "1", "]"),
    "records": ('{"a": ', "1", "}"),
    "calls": ("search(query=", '"a"', ")"),
    "f-strings": ('f"{', "1", '}"'),
    "not": ("not ", "True", ""),
    "minus": ("-", "1", ""),
    "fields": ("", 'search(query="a")', ".b"),
    "indexes": ("", 'search(query="a")', "[0]"),
    "sums": ("", "1", " + 1"),
    "right sums": ("1 + (", "1", ")"),
    "ors": ("", "True", " or False"),
    "conditionals": ("1 if True else ", "2", ""),
    "tests": ("1 if (", "True", ") else 2"),
    "maps": ("[a for a in ", "[1]", "]"),
}


@pytest.mark.parametrize("shape", DEEP)
def test_every_stage_follows_an_expression_to_the_limit_of_depth(shape: str) -> None:
    before, core, after = DEEP[shape]
    most = MAX_DEPTH
    while told(f"x = {before * most}{core}{after * most}") == ["1:1 E007"]:
        most -= 1
    assert most >= MAX_DEPTH // 2 - 1
    text = f"x = {before * most}{core}{after * most}"
    limit = sys.getrecursionlimit()
    plan = parse(Source(text))
    assert parse(Source(format(plan))) == plan
    assert dump(plan)
    told(text)
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("shape", DEEP)
def test_what_is_nested_too_deeply_is_one_mistake(shape: str) -> None:
    before, core, after = DEEP[shape]
    assert told(f"y = = 1\nx = {before * 2_000}{core}{after * 2_000}") == ["1:5 E002", "2:1 E007"]


def test_the_first_twenty_mistakes_of_form_are_told() -> None:
    assert len(told("x = = 1\n" * 30)) == 20
    assert len(told('x = "\\q"\n' * 30)) == 20


def test_mistakes_of_meaning_are_all_told() -> None:
    text = "".join(f"x{i} = y{i}\n" for i in range(300))
    assert told(text) == [f"{i + 1}:{len(f'x{i} = ') + 1} E016" for i in range(300)]


# Large inputs. Each of these took minutes, or would, if some stage looked at a text, a list or
# the names in scope once for each of its parts.

MANY = 3_000
LARGE = {
    "statements": 'v0 = search(query="a")\n'
    + "".join(
        f'v{i + 1} = find_contacts(query=f"{{v{i}.z}}", limit=v{i}.n or {i})\n' for i in range(MANY)
    ),
    "mistakes at the end": "".join(f"v{i} = [{i}, {i}.5]\n" for i in range(MANY))
    + "x = = 1\n" * 30,
    "unknown names": "".join(f"name{i} = nome{i}\n" for i in range(MANY)),
    "unknown names on a line": f"x = [{', '.join(f'nome{i}' for i in range(MANY))}]",
    "names used too early": "".join(f"a{i} = b{i}\n" for i in range(MANY))
    + "".join(f"b{i} = 1\n" for i in range(MANY)),
    "comments": "# c\n" * 10 * MANY + "x = 1\n",
    "comments in brackets": "x = [\n" + "# c\n" * 10 * MANY + "1]\n",
    "empty lines": "\n" * 10 * MANY + "x = 1",
    "a list": f"x = [{', '.join(map(str, range(3 * MANY)))}]",
    "a list of many types": "x = [" + ", ".join(f'{{"a{i}": 1}}' for i in range(1000)) + "]",
    "a string": f'x = "{"a" * 100 * MANY}"',
    "an f-string": f'x = f"{"a{1}" * MANY}"',
    "wrong escapes": 'x = "' + r"\q" * 10 * MANY + '"',
    "open brackets": "x = " + "([" * 10 * MANY,
    "closed brackets": "x = " + "(" * 5 * MANY + "1" + ")" * 5 * MANY,
    "crossed brackets": "x = " + "(]" * 10 * MANY,
    "lines of open brackets": "x = f(\n" * MANY,
    "quotes": "x = " + '"' * (100 * MANY + 1),
    "digits": "x = " + "9" * 100 * MANY,
    "a name": "x" * 100 * MANY + " = 1",
    "an open backtick": "x = `" + "a" * 100 * MANY,
    "signs": "x = " + "!" * MANY,
    "what looks like slices": "x = " + "[" * 1000 + ":" * 1000,
    "what looks like tuples": "x = " + "=(" * 1000 + ";",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", LARGE)
def test_a_large_text_is_read_in_time_that_grows_with_its_size(kind: str) -> None:
    source = Source(LARGE[kind])
    try:
        plan = parse(source)
        check(plan, TOOLS)
    except PlanError as error:
        assert render(error.diagnostics)
    else:
        assert format(plan)


# The reference


def _examples() -> list[str]:
    return re.findall(r"^```plan\n(.*?)^```$", REFERENCE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", _examples(), ids=lambda text: text.partition("\n")[0][:40])
def test_the_examples_of_the_reference_are_right_and_canonical(text: str) -> None:
    try:
        check(parse(Source(text)), TOOLS)
    except PlanError as error:
        pytest.fail(render(error.diagnostics))
    assert canonical(text) == text


def test_the_reference_has_examples() -> None:
    assert len(_examples()) >= 10
