"""What planc.testing draws: well-typed plans, mistakes that are some, and fakes that keep to their
types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from random import Random

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planc import syntax as ast
from planc.check import check
from planc.compile import compile_plan
from planc.diagnostics import PlanError
from planc.format import format
from planc.parse import KEYWORDS, parse
from planc.run.interpret import Outcome, interpret
from planc.run.policy import AllowAll
from planc.source import Source
from planc.testing import (
    KINDS,
    FakeTools,
    Mutant,
    fake_tools,
    fits,
    mutants,
    mutated,
    nested,
    plans,
    random_mutant,
    random_plan,
    random_text,
    random_tools,
    tool_sets,
    tools,
    types,
    value_of,
)
from planc.testing.choices import Choices
from planc.testing.regexes import matching
from planc.tools import Parameter, Tool, ToolSet
from planc.toolset import load
from planc.types import (
    ANY,
    BOOL,
    DATE,
    EMAIL_ADDRESS,
    FILE_PATH,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    URL,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Record,
    RecordField,
    Type,
    nominals,
    optional,
)

STANDARD = load(["stdlib_tools"])
COPIED: dict[Nominal, list[str]] = {
    EMAIL_ADDRESS: ["sid@example.org", "nia@example.org"],
    FILE_PATH: ["~/a b.pdf", "C:\\notes.txt"],
    URL: ["https://example.org/a?b=c"],
}
Drawn = tuple[ToolSet, ast.Plan]

PERSON = Record(
    (
        RecordField("name", STR),
        RecordField("age", INT),
        RecordField("score", FLOAT),
        RecordField("email", optional(EMAIL_ADDRESS)),
        RecordField("tags", ListOf(STR)),
    )
)
ENTRY = Record(
    (
        RecordField("names", ListOf(STR)),
        RecordField("day", DATE),
        RecordField("to", EMAIL_ADDRESS),
        RecordField("more", ANY, required=False),
    )
)
KIND = LiteralOf(("driving", 1))
RICH = ToolSet(
    [
        Tool("find", "", (Parameter("query", STR),), ListOf(PERSON), "read"),
        Tool("address_of", "", (Parameter("name", STR),), EMAIL_ADDRESS, "read"),
        Tool("send", "", (Parameter("to", ListOf(EMAIL_ADDRESS)), Parameter("note", STR)), NONE),
        Tool("table", "", (Parameter("rows", ListOf(ListOf(STR))),), DictOf(INT), "pure"),
        Tool("put", "", (Parameter("entry", ENTRY), Parameter("any", ANY)), optional(STR)),
        Tool(
            "count",
            "",
            (
                Parameter("of", ListOf(STR)),
                Parameter("flag", BOOL, required=False),
                Parameter("by", KIND),
                Parameter("factor", FLOAT, required=False),
                Parameter("nothing", optional(INT)),
            ),
            INT,
            "pure",
        ),
        Tool("kind", "", (), KIND, "read"),
        Tool("tag", "", (Parameter("words", ListOf(STR)),), ListOf(INT), "read"),
        Tool("ring", "", (Parameter("to", EMAIL_ADDRESS),), NONE),
    ]
)


def drawn(decodable: bool) -> st.SearchStrategy[Drawn]:
    sets = st.one_of(st.just(STANDARD), tool_sets())
    return sets.flatmap(
        lambda own: st.tuples(st.just(own), plans(own, COPIED, decodable=decodable))
    )


def some_plans(count: int, *, decodable: bool = True) -> Iterator[Drawn]:
    """The same plans each time, for the standard tools and random ones in turn."""
    for seed in range(count):
        rng = Random(seed)
        own = STANDARD if seed % 3 == 0 else random_tools(rng, 1 + seed % 6)
        yield own, random_plan(own, rng, COPIED, decodable=decodable)


# Plans


@given(st.one_of(drawn(True), drawn(False)))
def test_a_drawn_plan_is_well_typed_and_comes_back_from_its_text(case: Drawn) -> None:
    own, plan = case
    read = parse(Source(format(plan)))
    assert read == plan
    check(read, own)


@pytest.mark.slow
@pytest.mark.parametrize("decodable", [True, False])
def test_a_plan_drawn_without_hypothesis_is_well_typed(decodable: bool) -> None:
    for own, plan in some_plans(600, decodable=decodable):
        read = parse(Source(format(plan)))
        assert read == plan
        check(read, own)


@given(st.data())
def test_a_tool_that_nothing_can_fill_is_not_called(data: st.DataObject) -> None:
    own = ToolSet([STANDARD["get_phone_number"], STANDARD["summarize_pdf"]])
    plan = data.draw(plans(own))
    text = format(plan)
    if "get_phone_number" not in text:
        assert not plan.statements
    only = ToolSet([STANDARD["summarize_pdf"]])
    assert not data.draw(plans(only)).statements


# The part of the language that a model is offered

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?")


@given(drawn(True))
def test_a_decodable_plan_keeps_to_the_fragment(case: Drawn) -> None:
    own, plan = case
    assert len(plan.statements) <= 16
    verbs = [re.findall(r"[^\W_]+", name.lower())[:1] for name in own]
    known: list[str] = []
    for statement in plan.statements:
        assert statement.leading == () and statement.trailing is None
        for node in ast.walk(statement):
            assert_offered(node, own, known)
        if isinstance(statement, ast.Assignment):
            assert _NAME.fullmatch(statement.name)
            assert statement.name not in {*known, *map(str.lower, KEYWORDS)}
            assert not any(statement.name.startswith(verb) for (verb,) in filter(None, verbs))
            known.append(statement.name)


def assert_offered(node: ast.Node, own: ToolSet, known: list[str]) -> None:
    """What holds of each node alone."""
    inner = [one for one in ast.walk(node) if one is not node]
    match node:
        case ast.Literal(value=str() as value):
            assert len(value) <= 600
            assert all(char.isprintable() or char in "\n\t" for char in value)
        case ast.Literal(value=int() | float()) if node.kind != "bool":
            assert _NUMBER.fullmatch(repr(node.value))
        case ast.Call():
            order = [p.name for p in own[node.tool].parameters]
            given = [argument.name for argument in node.arguments]
            assert given == [name for name in order if name in given]
            calls = [one for one in inner if isinstance(one, ast.Call)]
            assert all(own[one.tool].effect != "write" for one in calls)
        case ast.Conditional() | ast.Map():
            assert not any(isinstance(one, ast.Conditional | ast.Map) for one in inner)
            if isinstance(node, ast.Map):
                free = ("x", "y", "z", *(f"x{i}" for i in range(1, 20)))
                assert node.variable == next(n for n in free if n not in known)
        case ast.Binary(operator=operator, left=left):
            assert operator in ("==", "!=", "<", "<=", ">", ">=")
            assert isinstance(left, ast.Name | ast.Field | ast.Index)
        case ast.Unary(operator="-", operand=operand):
            assert isinstance(operand, ast.Literal) and operand.kind in ("int", "float")
        case ast.Index(index=index):
            if isinstance(index, ast.Unary):
                assert index == ast.Unary(index.span, "-", ast.Literal(index.span, 1))
            else:
                assert isinstance(index, ast.Literal) and index.kind in ("int", "str")
                assert not isinstance(index.value, int) or index.value <= 99
        case ast.Format(parts=parts):
            holes = [part for part in parts if isinstance(part, ast.Expression)]
            assert 1 <= len(holes) <= 8
            assert not any(isinstance(p, str) and set(p) & set("{}") for p in parts)


def forms(plan: ast.Plan) -> Iterator[str]:
    """The kinds of expressions in a plan, each with where it stands."""
    if not plan.statements:
        yield "empty"
    for statement in plan.statements:
        assert isinstance(statement, ast.Assignment | ast.Effect | ast.Return)
        yield f"{type(statement).__name__} {form(statement.value)}"
        for node in ast.walk(statement):
            if isinstance(node, ast.Argument):
                yield f"argument {form(node.value)}"
            if isinstance(node, ast.ListExpression):
                yield from (f"element {form(item)}" for item in node.items)
            if isinstance(node, ast.Entry):
                yield f"entry {form(node.value)}"
            if isinstance(node, ast.Conditional):
                yield f"test {test_form(node.test)}"
            if isinstance(node, ast.Map) and node.condition is not None:
                yield f"map test {test_form(node.condition)}"


def form(node: ast.Expression) -> str:
    match node:
        case ast.Conditional(then=ast.Call(), otherwise=otherwise):
            return f"call if else {form(otherwise)}"
        case ast.Conditional(test=ast.Binary(left=left), then=then) if left == then:
            return "unless none"
        case ast.Map(element=element, condition=condition):
            return f"map of {form(element)}" + (" if" if condition is not None else "")
        case ast.Literal():
            return node.kind
        case ast.Unary(operator="-"):
            return "negative"
        case ast.Name() | ast.Field() | ast.Index():
            return "path"
    return type(node).__name__


def test_form(node: ast.Expression) -> str:
    match node:
        case ast.Unary():
            return "not"
        case ast.Binary(operator=operator, right=right):
            return f"{operator} {form(right)}"
    return "path"


test_form.__test__ = False  # type: ignore[attr-defined]

OFFERED = [
    *("empty", "Assignment Call", "Effect Call", "Assignment call if else Call"),
    *("Effect call if else NoneType", "Assignment map of Call", "Effect map of Call if"),
    *("Return path", "Return Format", "Return ListExpression", "element path", "element Format"),
    *("argument str", "argument int", "argument float", "argument bool", "argument NoneType"),
    *("argument negative", "argument path", "argument Format", "argument ListExpression"),
    *("argument RecordExpression", "argument Call", "argument Conditional"),
    *("argument unless none", "argument map of path", "argument map of Format"),
    *("argument map of Call", "argument map of path if", "argument map of Format if"),
    *("argument map of Call if", "element Call", "element Conditional", "entry Conditional"),
    *("element map of path", "entry map of path", "entry path", "entry Format", "entry Call"),
    *("test path", "test not", "test == str", "test != str", "test == NoneType"),
    *("test != NoneType", "test == int", "test < int", "test >= float", "test != float"),
    *("test <= negative", "map test path", "map test not", "map test == str"),
    *("map test != NoneType", "map test > int"),
]


@pytest.mark.slow
def test_every_kind_of_expression_of_the_fragment_is_drawn() -> None:
    drawn_plans = (random_plan(RICH, Random(seed), COPIED) for seed in range(3000))
    seen = Counter(one for plan in drawn_plans for one in forms(plan))
    assert not [one for one in OFFERED if not seen[one]]


@pytest.mark.slow
def test_every_kind_of_node_and_operator_of_the_language_is_drawn() -> None:
    seen: set[str] = set()
    for _, plan in some_plans(600, decodable=False):
        for node in ast.walk(plan):
            seen.add(f"{type(node).__name__} {getattr(node, 'operator', '')}".strip())
            if isinstance(node, ast.ListExpression) and not node.items:
                seen.add("empty list")
    binary = ["or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "//", "%"]
    assert seen >= {
        *(f"Binary {operator}" for operator in [*binary, "not in"]),
        *("Unary not", "Unary -", "Conditional", "Map", "Format", "Call", "Field", "Index"),
        *("Literal", "Name", "ListExpression", "RecordExpression", "empty list"),
        *("Assignment", "Effect", "Return"),
    }


def test_copied_literals_are_those_that_are_given() -> None:
    own = ToolSet([STANDARD["summarize_pdf"]])
    given = {FILE_PATH: ["~/a.pdf"]}
    texts = {format(random_plan(own, Random(seed), given)) for seed in range(50)}
    assert any('"~/a.pdf"' in text for text in texts)
    literals = re.findall(r'pdf_path="([^"]*)"', "".join(texts))
    assert set(literals) == {"~/a.pdf"}


# Mistakes


@given(st.data())
def test_a_mutant_is_refused(data: st.DataObject) -> None:
    own, decodable = data.draw(tool_sets()), data.draw(st.booleans())
    assert_refused(data.draw(mutants(own, plans(own, COPIED, decodable=decodable))), own)


def assert_refused(mutant: Mutant, own: ToolSet) -> None:
    with pytest.raises(PlanError):
        check(parse(Source(mutant.text)), own)


@pytest.mark.slow
def test_every_kind_of_mistake_is_made() -> None:
    rng = Random(0)
    seen: set[str] = set()
    for _ in range(600):
        mutant = random_mutant(random_plan(RICH, rng, COPIED), RICH, rng)
        seen.add(mutant.kind)
        assert_refused(mutant, RICH)
    assert seen == KINDS.keys()


# Types, values and fakes


@given(types(), st.integers(0, 2**32))
def test_a_value_of_a_type_is_one(of: Type, seed: int) -> None:
    assert fits(value_of(of, Random(seed)), of)
    assert value_of(of, Random(seed)) == value_of(of, Random(seed))


def test_never_has_no_value() -> None:
    with pytest.raises(ValueError, match="Never"):
        value_of(NEVER, Random(0))


@given(tools())
def test_a_drawn_tool_comes_with_types_that_have_values(one: Tool) -> None:
    for parameter in one.parameters:
        assert parameter.required or fits(parameter.default, parameter.type)
    assert all(nominal.name for nominal in nominals(one.result))


@pytest.mark.parametrize(
    "pattern",
    [
        r"[A-Z]{2}[0-9]{2}\w+",
        r"(a|bc)*d?",
        r"[^,;]{3}",
        r"\d+(?:\.\d+)?",
        r"x{2,4}?y+?",
        r"é.\S\D\W",
        r"(?P<n>a)(?=b)b",
    ],
)
def test_a_text_for_a_pattern_matches_it(pattern: str) -> None:
    for seed in range(50):
        text = matching(pattern, Choices.of_random(Random(seed)))
        assert re.fullmatch(pattern, text), text


def run(plan: ast.Plan, fakes: FakeTools) -> Outcome:
    compiled = compile_plan(Source(format(plan)), fakes)

    async def work() -> Outcome:
        with anyio.fail_after(10):
            return await interpret(compiled.graph, fakes, policy=AllowAll())

    return anyio.run(work)


def failures(outcome: Outcome) -> set[str]:
    return {failure.code.name[:4] for failure in outcome.failures}


# Without `Any`, and without records whose type may forget a field, a well-typed plan can only
# fail at an index, a key or a division.
EXACT = [
    tool_sets(any_=False, records=False),
    tool_sets(any_=False, dicts=False, optional=False),
    st.just(STANDARD),
]


@pytest.mark.slow
@given(st.data())
def test_a_well_typed_plan_hands_tools_what_they_ask_for(data: st.DataObject) -> None:
    own = data.draw(data.draw(st.sampled_from(EXACT)))
    plan = data.draw(plans(own, COPIED, decodable=data.draw(st.booleans())))
    outcome = run(plan, fake_tools(own, seed=data.draw(st.integers(0, 99))))
    assert failures(outcome) <= {"E407"}


@given(st.data())
def test_what_came_as_any_is_refused_at_the_border_of_a_tool(data: st.DataObject) -> None:
    own = data.draw(tool_sets())
    outcome = run(data.draw(plans(own, COPIED)), fake_tools(own))
    assert failures(outcome) <= {"E403", "E407"}


def test_fakes_answer_alike_for_the_same_arguments_and_log_their_calls() -> None:
    fakes, again = fake_tools(STANDARD, seed=7), fake_tools(STANDARD, seed=7)
    plan = parse(Source('a = get_phone_number(name="Sid")\nreturn a'))
    assert run(plan, fakes).result == run(plan, again).result
    assert fakes.log == [("get_phone_number", {"name": "Sid"})]
    different = {run(plan, fake_tools(STANDARD, seed=seed)).result for seed in range(5)}
    assert len(different) > 1


def test_fakes_fail_where_they_are_told_to() -> None:
    plan = parse(Source('a = get_phone_number(name="Sid")\nreturn a'))
    outcome = run(plan, fake_tools(STANDARD, failure=1.0))
    assert failures(outcome) == {"E401"}


def test_fakes_refuse_what_their_signature_does_not_say() -> None:
    function = fake_tools(STANDARD)["get_phone_number"].function
    assert function is not None
    for arguments in ({}, {"name": 3}, {"name": "Sid", "age": 7}):
        with pytest.raises(TypeError):
            anyio.run(partial(function, **arguments))


# Texts


def test_random_texts_are_read_or_refused() -> None:
    rng = Random(0)
    corpus = [format(plan) for _, plan in some_plans(30, decodable=False)]
    for _ in range(60):
        for text in (random_text(rng), mutated(rng, corpus), nested(rng)):
            try:
                parse(Source(text))
            except PlanError as error:
                assert error.diagnostics
