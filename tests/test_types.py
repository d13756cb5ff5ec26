"""What goes where, what types are called, and which texts a nominal type accepts."""

from __future__ import annotations

import pytest

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
    base_of,
    escape,
    is_subtype,
    literal_text,
    members,
    nominals,
    optional,
    quote,
    unescape,
    union,
    without_none,
)

POINT = Record((RecordField("x", FLOAT), RecordField("y", FLOAT)), "Point")
NAMED = Record((RecordField("x", INT), RecordField("y", INT), RecordField("name", STR)))
MAYBE = Record((RecordField("x", FLOAT), RecordField("y", FLOAT, required=False)))


@pytest.mark.parametrize(
    ("sub", "sup"),
    [
        (INT, FLOAT),
        (LiteralOf((1,)), FLOAT),
        (LiteralOf((1, "a")), union([INT, STR])),
        (LiteralOf((1, "a")), union([LiteralOf(("a", "b")), INT])),
        (LiteralOf(("b", "a")), LiteralOf(("a", "b", "c"))),
        (LiteralOf(("sid@example.org",)), EMAIL_ADDRESS),
        (EMAIL_ADDRESS, STR),
        (EMAIL_ADDRESS, optional(STR)),
        (INT, optional(FLOAT)),
        (ListOf(INT), ListOf(FLOAT)),
        (ListOf(NEVER), ListOf(EMAIL_ADDRESS)),
        (DictOf(EMAIL_ADDRESS), DictOf(STR)),
        (POINT, DictOf(FLOAT)),
        (NAMED, POINT),
        (POINT, MAYBE),
        (POINT, Record(())),
        (union([INT, STR]), union([STR, FLOAT])),
        (NEVER, NONE),
        (ANY, EMAIL_ADDRESS),
        (EMAIL_ADDRESS, ANY),
        (ListOf(ANY), ListOf(INT)),
    ],
    ids=str,
)
def test_one_goes_where_the_other_is_asked(sub: Type, sup: Type) -> None:
    assert is_subtype(sub, sup)


@pytest.mark.parametrize(
    ("sub", "sup"),
    [
        (FLOAT, INT),
        (BOOL, INT),
        (LiteralOf((True,)), INT),
        (LiteralOf((True,)), LiteralOf((1,))),
        (LiteralOf((1.0,)), LiteralOf((1,))),
        (LiteralOf(("a", 1)), STR),
        (LiteralOf(("sid@example.org", "sid")), EMAIL_ADDRESS),
        (STR, EMAIL_ADDRESS),
        (STR, LiteralOf(("a",))),
        (EMAIL_ADDRESS, PHONE_NUMBER),
        (DATE, DATE_TIME),
        (optional(INT), INT),
        (NONE, STR),
        (ListOf(FLOAT), ListOf(INT)),
        (INT, ListOf(INT)),
        (DictOf(FLOAT), POINT),
        (NAMED, DictOf(INT)),
        (MAYBE, POINT),
        (POINT, NAMED),
    ],
    ids=str,
)
def test_one_does_not_go_where_the_other_is_asked(sub: Type, sup: Type) -> None:
    assert not is_subtype(sub, sup)


def test_records_are_compared_by_their_fields_alone() -> None:
    told = Record((RecordField("x", FLOAT, description="left"), RecordField("y", FLOAT)), "Point")
    assert told == POINT
    other_name = Record(POINT.fields, "Pixel")
    assert is_subtype(POINT, other_name) and is_subtype(other_name, POINT)


def test_nominal_types_are_compared_without_their_descriptions() -> None:
    told = Nominal("IBAN", STR, "[A-Z0-9]+", description="where the money goes")
    assert told == Nominal("IBAN", STR, "[A-Z0-9]+")
    assert told != Nominal("BIC", STR, "[A-Z0-9]+")


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([], "Never"),
        ([INT], "int"),
        ([INT, FLOAT], "float"),
        ([FLOAT, INT], "float"),
        ([INT, ANY, STR], "Any"),
        ([NEVER, STR], "str"),
        ([STR, EMAIL_ADDRESS, NONE], "str | None"),
        ([EMAIL_ADDRESS, PHONE_NUMBER], "EmailAddress | PhoneNumber"),
        ([union([INT, NONE]), union([NONE, STR])], "int | None | str"),
        ([LiteralOf(("a",)), NONE, LiteralOf(("b", "a"))], 'Literal["a", "b"] | None'),
        ([LiteralOf((1,)), LiteralOf((True,)), LiteralOf((1.0,))], "Literal[1, True, 1.0]"),
        ([LiteralOf(("a",)), STR], "str"),
        ([ListOf(INT), ListOf(STR)], "list[int] | list[str]"),
        ([POINT, Record((RecordField("a", STR),))], 'Point | {"a": str}'),
    ],
)
def test_a_union_is_as_small_as_it_can_be(parts: list[Type], text: str) -> None:
    assert str(union(parts)) == text


def test_a_union_of_very_many_types_is_any() -> None:
    records = [Record((RecordField(f"a{i}", INT),)) for i in range(101)]
    assert len(members(union(records[:100]))) == 100
    assert union(records) == ANY


def test_names_of_types() -> None:
    assert str(DictOf(ListOf(optional(INT)))) == "dict[str, list[int | None]]"
    assert str(MAYBE) == '{"x": float, "y"?: float}'
    assert str(POINT) == "Point"
    assert POINT.describe() == '{"x": float, "y": float}'


def test_none_is_added_and_taken_away() -> None:
    assert without_none(optional(STR)) == STR
    assert without_none(STR) == STR
    assert without_none(NONE) == NEVER
    assert optional(optional(STR)) == optional(STR)
    assert optional(ANY) == ANY


def test_the_base_of_a_type_is_what_operators_see() -> None:
    assert base_of(EMAIL_ADDRESS) == STR
    assert base_of(LiteralOf((1, "a"))) == union([INT, STR])
    assert base_of(union([EMAIL_ADDRESS, LiteralOf(("x",)), NONE])) == optional(STR)
    assert base_of(ListOf(EMAIL_ADDRESS)) == ListOf(EMAIL_ADDRESS)


def test_the_nominal_types_inside_a_type() -> None:
    record = Record((RecordField("a", ListOf(EMAIL_ADDRESS)), RecordField("b", DictOf(URL))))
    assert list(nominals(union([record, DATE]))) == [EMAIL_ADDRESS, URL, DATE]


ACCEPTED = {
    EMAIL_ADDRESS: ["sid@example.org", "o'neil+x@a-b.co.uk", "åse@blåbær.no", "a@b.c"],
    PHONE_NUMBER: ["+47 123 45 678", "(555) 123-4567", "112", "0791 234.567"],
    FILE_PATH: ["/tmp/a b.txt", "~/notes", "C:\\x", "a"],
    URL: ["https://example.org/a?b=c#d", "mailto://x", "ftp://a"],
    DATE: ["2026-11-24", "2024-02-29", "0001-01-01"],
    DATE_TIME: ["2026-11-24 00:00:00", "2026-11-24 23:59:59"],
}
REFUSED = {
    EMAIL_ADDRESS: ["", "sid", "sid@", "sid@org", "@example.org", "a b@c.d", "a@b.c\n", "a@b..c"],
    PHONE_NUMBER: ["", "1", "12 34 x", "+", "1" * 30, "12\n34", "٣٤٥"],
    FILE_PATH: ["", "a\0b", "a\nb"],
    URL: ["example.org", "https://", "https://a b", "://a", "<https://a>"],
    DATE: ["2026-02-30", "2026-13-01", "2025-02-29", "26-01-01", "2026-1-1", "0000-01-01", ""],
    DATE_TIME: ["2026-11-24", "2026-11-24T10:00:00", "2026-11-24 24:00:00", "2026-11-24 10:00"],
}


@pytest.mark.parametrize(("of", "texts"), ACCEPTED.items(), ids=str)
def test_a_nominal_type_accepts(of: Nominal, texts: list[str]) -> None:
    assert [text for text in texts if not of.accepts(text)] == []


@pytest.mark.parametrize(("of", "texts"), REFUSED.items(), ids=str)
def test_a_nominal_type_refuses(of: Nominal, texts: list[str]) -> None:
    assert [text for text in texts if of.accepts(text)] == []
    assert not of.accepts(7) and not of.accepts(None) and not of.accepts(["a@b.c"])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ('say "hi"', r'"say \"hi\""'),
        ("a\\b\n\t\r", r'"a\\b\n\t\r"'),
        ("\0\x1b\x7f\x85", r'"\x00\x1b\x7f\x85"'),
        ("\u202eevil\u2028", r'"\u202eevil\u2028"'),
        ("é 日 😀", '"é 日 😀"'),
        ("\U000e0001", r'"\U000e0001"'),
    ],
)
def test_a_string_is_written_so_that_it_reads_back(text: str, written: str) -> None:
    assert quote(text) == written
    assert unescape(escape(text)) == (text, [])


def test_escapes_without_a_meaning_are_pointed_at() -> None:
    assert unescape(r"a\qb\x4z\ud800\n") == ("ab4z\n", [(1, 3), (4, 6), (8, 14)])


def test_constants_are_written_as_plans_write_them() -> None:
    written = [literal_text(value) for value in ("a", 1, 1.0, 1e-7, True, None)]
    assert written == ['"a"', "1", "1.0", "1e-07", "True", "None"]
