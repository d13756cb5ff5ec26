"""What holds of every text, tree, type and value of the language."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from planc import syntax as ast
from planc.check import check
from planc.diagnostics import PlanError, render
from planc.format import format
from planc.parse import parse
from planc.report.ast import dump
from planc.schema import from_json_schema, to_json_schema, validator
from planc.source import Source
from planc.tools import Parameter, Tool, ToolSet
from planc.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Record,
    Type,
    Union,
    is_subtype,
    members,
    union,
)
from tests import strategies as plan_st
from tests.errors.tools import TOOLS
from tests.test_errors import CASES

CORPUS = [case.text for case in CASES if len(case.text) < 2000]

# Text and tree


@pytest.mark.slow
@given(plan_st.plans())
def test_parsing_what_format_writes_gives_the_same_tree(plan: ast.Plan) -> None:
    text = format(plan)
    assert parse(Source(text)) == plan
    assert dump(parse(Source(text))) == dump(plan)


@pytest.mark.slow
@given(plan_st.plans())
def test_the_text_at_an_expression_s_span_means_that_expression(plan: ast.Plan) -> None:
    for node in ast.walk(parse(Source(format(plan)))):
        if isinstance(node, ast.Expression):
            (statement,) = parse(Source(f"return ({node.span.text})")).statements
            assert isinstance(statement, ast.Return)
            assert statement.value == node


def read(text: str) -> None:
    """Parses and checks a text. It may be wrong, and then says where."""
    source = Source(text)
    try:
        plan = parse(source)
    except PlanError as error:
        assert_well_told(error, source)
        return
    canonical = format(plan)
    assert parse(Source(canonical)) == plan
    assert format(parse(Source(canonical))) == canonical
    try:
        check(plan, TOOLS)
    except PlanError as error:
        assert_well_told(error, source)


def assert_well_told(error: PlanError, source: Source) -> None:
    assert error.diagnostics
    for diagnostic in error.diagnostics:
        assert diagnostic.span is not None
        for span in (diagnostic.span, *(label.span for label in diagnostic.labels)):
            assert span.source is source
            assert 0 <= span.start <= span.end <= len(source.text)
        told = diagnostic.to_json()
        json.dumps(told)
        assert (told["line"], told["column"]) <= (told["end_line"], told["end_column"])
    drawn = render(error.diagnostics)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in drawn if char != "\n")
    assert not set(drawn) & set(plan_st.BIDI)


@given(st.one_of(plan_st.soups, st.text(), st.text(st.characters())))
@example("\ufeffx = 1\r\n\ty = `a` # c\r\n")
@example('x = f"\\x7b\\x7b{x}{{ \\x7d"')
@example("x = f(\n# c\n")
@example('f"{')
@settings(deadline=5000)
def test_any_text_is_read_or_has_its_mistakes_told(text: str) -> None:
    read(text)


@given(plan_st.mutations(CORPUS))
@settings(deadline=5000)
def test_a_spoilt_plan_is_read_or_has_its_mistakes_told(text: str) -> None:
    read(text)


@given(st.sampled_from(CORPUS), st.data())
def test_a_plan_cut_off_anywhere_is_read_or_has_its_mistakes_told(
    text: str, data: st.DataObject
) -> None:
    read(text[: data.draw(st.integers(0, len(text)))])


# Types

ALL_TYPES = plan_st.types() | plan_st.empty_lists

# Subtyping is not transitive in three places, by design. `Any` goes anywhere and everything goes
# where it is asked, yet `int` is no `str` (gradual typing: consistency is not transitive). Nor is
# what comes of forgetting fields, where a value may hold more than its type tells: {"a": str}
# goes where {} is asked, and {} where {"a"?: int} or dict[str, int] is. Such values are checked
# when they arrive.
STRICT_KINDS = [
    plan_st.types(any_=False, records=False),
    plan_st.types(any_=False, dicts=False, optional=False),
]
STRICT_TYPES = st.one_of(STRICT_KINDS)


@given(ALL_TYPES)
def test_a_type_is_a_subtype_of_itself(of: Type) -> None:
    assert is_subtype(of, of)
    assert is_subtype(NEVER, of)
    assert is_subtype(of, ANY)


@pytest.mark.slow
@given(st.data())
def test_subtyping_is_transitive(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(STRICT_KINDS))
    low, middle, high = data.draw(kind), data.draw(kind), data.draw(kind)
    # Drawn alone, three types are seldom related; these three more often are.
    middle = data.draw(st.sampled_from([middle, union([low, middle]), ListOf(low), low]))
    high = data.draw(st.sampled_from([high, union([middle, high]), union([high, low])]))
    if is_subtype(low, middle) and is_subtype(middle, high):
        assert is_subtype(low, high)


@given(STRICT_TYPES, STRICT_TYPES)
def test_a_union_holds_its_members_in_any_order(one: Type, other: Type) -> None:
    forth, back = union([one, other]), union([other, one])
    assert is_subtype(forth, back) and is_subtype(back, forth)
    assert is_subtype(one, forth) and is_subtype(other, forth)
    assert union([forth, one, other]) == forth


@given(ALL_TYPES)
def test_a_type_comes_back_from_its_json_schema(of: Type) -> None:
    assert from_json_schema(json.loads(json.dumps(to_json_schema(of)))) == of


# Values


def fits(value: object, of: Type, *, more_fields: bool) -> bool:
    """Whether a value is of a type, said as plainly as can be."""
    match of:
        case Union(options):
            return any(fits(value, option, more_fields=more_fields) for option in options)
        case LiteralOf(constants):
            return any(type(value) is type(one) and value == one for one in constants)
        case Nominal():
            return of.accepts(value)
        case ListOf(element):
            return isinstance(value, list) and all(
                fits(item, element, more_fields=more_fields) for item in value
            )
        case DictOf(inner):
            return isinstance(value, dict) and all(
                fits(item, inner, more_fields=more_fields) for item in value.values()
            )
        case Record(fields):
            return (
                isinstance(value, dict)
                and (more_fields or value.keys() <= {field.name for field in fields})
                and all(
                    fits(value[field.name], field.type, more_fields=more_fields)
                    if field.name in value
                    else not field.required
                    for field in fields
                )
            )
    python: dict[Type, tuple[type, ...]] = {
        ANY: (object,),
        STR: (str,),
        INT: (int,),
        FLOAT: (int, float),
        BOOL: (bool,),
        NONE: (type(None),),
    }
    return isinstance(value, python[of]) and (not isinstance(value, bool) or of in (ANY, BOOL))


def typed_values() -> st.SearchStrategy[tuple[Type, Any]]:
    return plan_st.types().flatmap(
        lambda of: st.tuples(st.just(of), plan_st.values_of(of) | plan_st.values)
    )


@given(typed_values())
def test_a_validator_takes_the_values_of_its_type_unchanged_and_no_others(
    typed: tuple[Type, Any],
) -> None:
    of, value = typed
    try:
        taken = validator(of).validate_python(value)
    except ValidationError:
        assert not fits(value, of, more_fields=True)
    else:
        assert fits(value, of, more_fields=True)
        assert taken == value


@given(typed_values())
def test_the_checker_takes_the_literals_of_a_type_and_no_others(typed: tuple[Type, Any]) -> None:
    of, value = typed
    tool = Tool("f", "", (Parameter("a", of),), NONE)
    written = ast.Argument(plan_st.NOWHERE, "a", plan_st.expression_of(value))
    call = ast.Call(plan_st.NOWHERE, "f", (written,), plan_st.NOWHERE)
    plan = ast.Plan(plan_st.NOWHERE, (ast.Effect(plan_st.NOWHERE, call),))
    try:
        check(plan, ToolSet([tool]))
    except PlanError:
        assert not fits(value, of, more_fields=False)
    else:
        assert fits(value, of, more_fields=False)


@given(STRICT_TYPES, STRICT_TYPES, st.data())
def test_a_value_of_a_subtype_is_a_value_of_the_type(
    sub: Type, other: Type, data: st.DataObject
) -> None:
    sup = data.draw(st.sampled_from([other, union([sub, other])]))
    value = data.draw(plan_st.values_of(sub))
    assume(is_subtype(sub, sup) and fits(value, sub, more_fields=True))
    assert fits(value, sup, more_fields=True)
    assert any(fits(value, member, more_fields=True) for member in members(sup))
