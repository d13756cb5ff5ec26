"""Random plans, types and values for the properties in tests/property/."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from planc import syntax as ast
from planc.parse import KEYWORDS
from planc.source import Source, Span
from planc.types import (
    ANY,
    BOOL,
    DATE,
    DATE_TIME,
    EMAIL_ADDRESS,
    FILE_PATH,
    FLOAT,
    INT,
    NEVER,
    NONE,
    PHONE_NUMBER,
    STR,
    URL,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Record,
    RecordField,
    Type,
    union,
)

# Texts and names

NOWHERE = Source("").span(0, 0)
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ODD = ["", "{", "}}", "{{", "\\", "\\n", '"', "'", "`", "#", "\0", "\x1b[0m", "\r\n", "\ud7ff"]

texts = st.one_of(
    st.sampled_from(_ODD), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
words = st.sampled_from(["a", "b", "x1", "note", "f", "iffy", "_", "ü", "名前", "²", "e\u0301"])
names = st.one_of(
    words,
    words,
    st.sampled_from(sorted(KEYWORDS)),
    st.sampled_from(["a b", "get-weather", "2nd", "a.b", ".", "a..b", '"', "#", "{", "µ·"]),
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="`\u2028\u2029" + BIDI),
        min_size=1,
        max_size=5,
    ),
)
dotted_names = st.lists(names, min_size=1, max_size=3).map(".".join)

# Syntax trees, as the parser makes them: no negative literals (a minus is an operator), no empty
# and no adjacent pieces of text in an f-string, no argument or key twice.

literals = st.builds(
    ast.Literal,
    st.just(NOWHERE),
    st.one_of(
        texts,
        st.integers(0, 10**30),
        st.floats(0, allow_infinity=False, allow_nan=False).map(abs),
        st.booleans(),
        st.none(),
    ),
)
_OPERATORS = [
    *("or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "not in"),
    *("+", "-", "*", "/", "//", "%"),
]


def _formats(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    def build(holes: list[ast.Expression], between: list[str]) -> ast.Expression:
        parts: list[str | ast.Expression] = []
        for hole, text in zip(holes, between, strict=False):
            parts += [text, hole] if text else [hole]
        last = between[len(holes)]
        return ast.Format(NOWHERE, (*parts, last) if last else tuple(parts))

    return st.builds(
        build,
        st.lists(inner, min_size=1, max_size=3),
        st.lists(texts, min_size=4, max_size=4),
    )


def _compound(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    at = st.just(NOWHERE)
    some = st.lists(inner, max_size=3).map(tuple)
    entries = st.lists(st.builds(ast.Entry, at, texts, inner), max_size=3).map(
        lambda drawn: tuple({entry.key: entry for entry in drawn}.values())
    )
    arguments = st.lists(st.builds(ast.Argument, at, dotted_names, inner), max_size=3).map(
        lambda drawn: tuple({argument.name: argument for argument in drawn}.values())
    )
    return st.one_of(
        st.builds(ast.ListExpression, at, some),
        st.builds(ast.RecordExpression, at, entries),
        st.builds(ast.Call, at, dotted_names, arguments, at),
        st.builds(ast.Field, at, inner, names, at),
        st.builds(ast.Index, at, inner, inner),
        _formats(inner),
        st.builds(ast.Unary, at, st.sampled_from(["-", "not"]), inner),
        st.builds(ast.Binary, at, st.sampled_from(_OPERATORS), inner, inner),
        st.builds(ast.Conditional, at, inner, inner, inner),
        st.builds(ast.Map, at, inner, names, inner, st.none() | inner, at),
    )


expressions = st.recursive(
    literals | st.builds(ast.Name, st.just(NOWHERE), names), _compound, max_leaves=12
)

_comments = st.one_of(
    st.just("#"),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=BIDI), max_size=8)
    .map(str.strip)
    .map(lambda text: f"# {text}" if text else "#"),
)


@st.composite
def plans(draw: st.DrawFn) -> ast.Plan:
    """A whole plan, with comments and empty lines where the parser keeps them: an empty line
    never comes first, last, or next to another."""
    statements: list[ast.Statement] = []
    for value in draw(st.lists(expressions, max_size=4)):
        leading: list[str] = []
        for comment in draw(st.lists(_comments, max_size=2)):
            if (statements or leading) and draw(st.booleans()):
                leading.append("")
            leading.append(comment)
        if (statements or leading) and draw(st.booleans()):
            leading.append("")
        around: dict[str, Any] = {
            "leading": tuple(leading),
            "trailing": draw(st.none() | _comments),
        }
        statements.append(
            draw(
                st.one_of(
                    st.builds(
                        lambda name, value=value, around=around: ast.Assignment(
                            NOWHERE, name, value, NOWHERE, **around
                        ),
                        names,
                    ),
                    st.just(ast.Return(NOWHERE, value, **around)),
                    st.just(ast.Effect(NOWHERE, value, **around)),
                )
            )
        )
    epilogue: list[str] = []
    for comment in draw(st.lists(_comments, max_size=2)):
        if (statements or epilogue) and draw(st.booleans()):
            epilogue.append("")
        epilogue.append(comment)
    return ast.Plan(NOWHERE, tuple(statements), tuple(epilogue))


# Texts that are almost plans

_SOUP = [
    *("x", "search", "find_note", "query", "return", "if", "else", "for", "in", "and", "or"),
    *("not", "True", "None", "=", "==", "<", "+", "-", "*", "/", "//", "%", ",", ":", ".", "("),
    *(")", "[", "]", "{", "}", '"', "'", 'f"', "f'", "{{", "}}", "\\", "`", "#", "\n", "\r\n", " "),
    *("\t", "\r", "\f", "\0", "\ufeff", "\ud800", "\u202e", "é", "日", "“", ";", "!", "0", "1.5"),
    *("1e999", '"a"', "'b'", "x.y", "x[0]", "search(query=", "[x for x in ", " if x else "),
]
soups = st.lists(st.sampled_from(_SOUP), max_size=40).map("".join)


@st.composite
def mutations(draw: st.DrawFn, corpus: list[str]) -> str:
    """A text of the corpus with a few pieces cut out, doubled, moved or put in."""
    text = draw(st.sampled_from(corpus))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        piece = draw(
            st.one_of(
                st.just(""),
                st.just(text[start:end] * 2),
                st.sampled_from(_SOUP),
                st.text(max_size=3),
            )
        )
        text = text[:start] + piece + text[end:]
    return text


# Types

_IBAN = Nominal("IBAN", STR, r"[A-Z]{2}[0-9]{2}\w+", description="a bank account")
_NOMINALS = [EMAIL_ADDRESS, PHONE_NUMBER, FILE_PATH, URL, DATE, DATE_TIME, _IBAN]
_TEXTS = ["", "a", "b", "sid@example.org", "2026-11-24", "2026-02-30", "NO93abc", "/tmp/a"]
_constants = st.one_of(
    st.sampled_from(_TEXTS),
    st.integers(-2, 2),
    st.sampled_from([0.0, 1.0, 2.0, -1.5, 1e300]),
    st.booleans(),
)
literal_types = st.lists(
    _constants, min_size=1, max_size=4, unique_by=lambda value: (type(value), value)
).map(lambda values: LiteralOf(tuple(values)))
_FIELDS = ["a", "b", "kind", "é ü"]


def types(
    *, any_: bool = True, dicts: bool = True, records: bool = True, optional: bool = True
) -> st.SearchStrategy[Type]:
    """Random types, without the kinds that are switched off; `optional`: fields may be absent."""
    leaves: list[Type] = [STR, INT, FLOAT, BOOL, NONE, *_NOMINALS, *([ANY] if any_ else [])]

    def compound(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
        options: list[st.SearchStrategy[Type]] = [
            st.builds(ListOf, inner),
            st.lists(inner, min_size=1, max_size=3).map(union),
        ]
        if dicts:
            options.append(st.builds(DictOf, inner))
        if records:
            required = st.booleans() if optional else st.just(True)
            fields = st.lists(
                st.builds(RecordField, st.sampled_from(_FIELDS), inner, required, st.just("")),
                max_size=3,
                unique_by=lambda field: field.name,
            )
            options.append(st.builds(Record, fields.map(tuple), st.sampled_from([None, "R"])))
        return st.one_of(options)

    return st.recursive(st.sampled_from(leaves) | literal_types, compound, max_leaves=6)


empty_lists = st.just(ListOf(NEVER))

# Values, as a plan could write them

_scalars = st.one_of(_constants, st.none(), st.integers(-(2**70), 2**70), st.text(max_size=3))
values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_FIELDS), inner, max_size=3)
    ),
    max_leaves=6,
)


def values_of(of: Type) -> st.SearchStrategy[Any]:
    """Values that are likely to be of a type."""
    match of:
        case ListOf(element):
            return st.lists(values_of(element), max_size=3)
        case DictOf(value):
            return st.dictionaries(st.sampled_from(_FIELDS), values_of(value), max_size=3)
        case Record(fields):
            needed = {f.name: values_of(f.type) for f in fields if f.required}
            other = {f.name: values_of(f.type) for f in fields if not f.required}
            return st.fixed_dictionaries(needed, optional=other)
        case LiteralOf(constants):
            return st.sampled_from(constants)
        case Nominal():
            return st.sampled_from(_TEXTS)
    if of in (STR, INT, FLOAT, BOOL, NONE):
        return _scalars
    members = getattr(of, "members", ())
    return st.one_of([values_of(member) for member in members]) if members else values


def expression_of(value: object, span: Span = NOWHERE) -> ast.Expression:
    """The expression by which a plan writes a value."""
    match value:
        case list():
            return ast.ListExpression(span, tuple(expression_of(item) for item in value))
        case dict():
            entries = (ast.Entry(span, key, expression_of(item)) for key, item in value.items())
            return ast.RecordExpression(span, tuple(entries))
        case bool() | None | str():
            return ast.Literal(span, value)
        case int() | float() if value < 0:
            return ast.Unary(span, "-", ast.Literal(span, -value))
        case int() | float():
            return ast.Literal(span, value)
    raise AssertionError(value)
