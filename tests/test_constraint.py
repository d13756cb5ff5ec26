"""The constraint: what may be written, and that whatever is written is a well-typed plan."""

from __future__ import annotations

from itertools import cycle
from random import Random
from typing import Annotated

import llguidance.numpy as bitmasks
import numpy as np
import pytest

import planc.decode.constraint
from planc import toolset
from planc.compile import compile_plan
from planc.decode.bits import LogitsMask, unpacked
from planc.decode.closing import BYTES, Closer, longest_choice, matcher_of
from planc.decode.constraint import PlanConstraint
from planc.decode.grammar import NO_TOOL, Scope, statement_grammar
from planc.decode.literals import copies, spelling
from planc.decode.matcher import MAX_TOKENS, PlanMatcher
from planc.decode.probe import decode_at_random, refused_at
from planc.decode.scan import MAX_KEY, MAX_TEXT, Scanner, has_key
from planc.format import tool_text
from planc.schema import from_json_schema
from planc.source import Source
from planc.tools import Parameter, Tool, ToolSet, from_function, from_json
from planc.types import (
    ANY,
    BOOL,
    DATE,
    DATE_TIME,
    EMAIL_ADDRESS,
    FILE_PATH,
    INT,
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
    optional,
    union,
)
from tests.planning_tools import BUSES, TOOLS

REQUEST = "write to a@b.example"
JSON_TOOLS = ToolSet([from_json(BUSES)])
SCOPE: dict[str, Type] = {
    "sid": EMAIL_ADDRESS,
    "note": TOOLS["open_note"].result,
    "rows": ListOf(EMAIL_ADDRESS),
    "late": BOOL,
    "title": optional(STR),
    "count": INT,
    "tags": DictOf(STR),
}


def accepts(
    text: str,
    variables: dict[str, Type] | None = None,
    request: str = "",
    first: bool = False,
    tools: ToolSet = TOOLS,
) -> bool:
    """Whether a statement may be written with these variables in scope."""
    grammar = statement_grammar(tools.values(), Scope(variables or {}, request, first))
    return Closer(grammar).shortest(text.encode()) == b""


@pytest.mark.parametrize(
    "text",
    [
        'x = get_address(name="Sid")\n',
        'get_address(name="Sid")',
        'x = get_address(name=f"{note.name} and {sid}")',
        "x = get_address(name=note.content)",
        'send(to=[sid, rows[0], "a@b.example"], body="Hi")',
        'send(to=rows, body=sid, by="foot")',
        'send(to=[get_address(name="Nia")], body=f"Dear {sid}!", copies=3, by="car")',
        'remind(at="2028-02-29 23:59:59", important=True, weight=2)',
        'remind(at="2026-12-31 00:00:00", weight=-0.5)',
        'send(to=[sid], body="quotes \\" and \\\\ and \\n")',
        'send(to=[sid if late else rows[-1]], body=title if title != None else "none")',
        'send(to=rows, body="Hi") if not late else None',
        'm = open_note(name="a") if count >= 3 else open_note(name="b")',
        '[send(to=[x], body="Hi") for x in rows]',
        'sent = [send(to=[x], body=f"Dear {x}") for x in rows if x != "a@b.example"]',
        'send(to=[x for x in rows if late], body=tags["greeting"])',
        'send(to=rows, body="Hi", copies=count if note else 2)',
        "return note.content",
        'return f"{rows}"',
        'return [sid, rows[3], f"{sid}!"]',
        "",
    ],
)
def test_what_is_well_typed_may_be_written(text: str) -> None:
    assert accepts(text, SCOPE, REQUEST)


@pytest.mark.parametrize(
    "text",
    [
        'x = get_adress(name="Sid")',
        "x = get_address()",
        'x = get_address(title="Sid")',
        'x = get_address(name="Sid", name="Nia")',
        "x = get_address(name=note)",
        "x = get_address(name=3)",
        "x = get_address(name=absent)",
        "x = get_address(name=title)",
        'sid = get_address(name="Sid")',
        'return = get_address(name="Sid")',
        'send(to=["sid@made.up"], body="Hi")',
        'send(to=sid, body="Hi")',
        'send(to=[], body="Hi")',
        'send(to=[note], body="Hi")',
        'send(body="Hi", to=[sid])',
        'send(to=[sid], body="Hi", by="rocket")',
        'send(to=[sid], body="Hi", copies="3")',
        'send(to=[sid], body="Hi", by=None)',
        'send(to=[sid if late else title], body="Hi")',
        'send(to=rows, body="a" if title == None else "b") if title != None else None',
        'send(to=[x for x in note], body="Hi")',
        'send(to=[y for x in rows], body="Hi")',
        'send(to=rows, body=title if late else "")',
        '[send(to=x, body="Hi") for x in rows]',
        'x = get_address(name="a" if count == "3" else "b")',
        'remind(at="2026-02-29 10:00:00")',
        'remind(at="2026-04-31 10:00:00")',
        'remind(at="2026-01-01 24:00:00")',
        'remind(at="tomorrow")',
        'x = read(path="/etc/passwd")',
        'x = read(path="notes.txt")',
        'return "made up"',
        'x = "text"',
        "return sid\nreturn sid",
        'x = get_address(name="unfinished',
        NO_TOOL,
    ],
)
def test_what_is_not_well_typed_cannot_be_written(text: str) -> None:
    assert not accepts(text, SCOPE, REQUEST)


def test_a_plan_begins_with_a_statement_or_says_that_no_tool_fits() -> None:
    assert accepts(NO_TOOL, first=True)
    assert not accepts("", first=True)


def test_a_tool_that_nothing_can_fill_is_not_offered() -> None:
    alone = ToolSet([TOOLS["send"], TOOLS["remind"]])
    assert not accepts('send(to=[""], body="")', tools=alone)
    assert accepts('send(to=["a@b.example"], body="")', {}, "to a@b.example", tools=alone)


def test_a_tool_without_arguments_or_result_is_planned() -> None:
    def beep() -> None: ...

    assert accepts("beep()", tools=ToolSet([from_function(beep)]))


def test_names_that_need_backticks_are_written_with_them() -> None:
    odd = from_json({"name": "get-it", "parameters": {"properties": {"the x": {"type": "string"}}}})
    tools = ToolSet([odd])
    text = 'y = `get-it`(`the x`="1")'
    assert accepts(text, tools=tools)
    compile_plan(Source(text), tools)


@pytest.mark.parametrize("name", ["_hidden", "#", "send"])
def test_any_tool_leaves_names_for_variables(name: str) -> None:
    tools = ToolSet([from_json({"name": name})])
    assert refused_at(tools, f"x = {tool_text(name)}()\n", "") is None


def test_literals_of_a_union_may_begin_alike() -> None:
    title = Nominal("Title", STR, "[^,;]+")
    of = union([LiteralOf(("2x", "nia")), DATE, EMAIL_ADDRESS, title])
    tools = ToolSet([Tool("f", "", (Parameter("a", of),), STR)])
    for text in ("2x", "2020-01-01", "nia@x.org", "nia@x.orgs", "nm", "2020-01-0", "nia"):
        assert refused_at(tools, f'f(a="{text}")', "to nia@x.org") is None, text


def test_a_record_and_a_dict_may_begin_alike() -> None:
    record = Record((RecordField("two words", STR), RecordField("id", INT)))
    tools = ToolSet([Tool("f", "", (Parameter("a", union([STR, record, DictOf(STR)])),), STR)])
    for text in ('{"two words": "a"}', '{"two words": "a", "id": 1}', '{"two": "a"}', "{}"):
        assert refused_at(tools, f"f(a={text})", "") is None, text
    assert refused_at(tools, 'f(a={"two words": "a", "id": "b", "c": 1})', "") is not None


def test_a_tool_set_that_nothing_can_fill_leaves_the_empty_plan() -> None:
    tools = ToolSet([TOOLS["read"]])
    assert decode_at_random(tools, "no path here", Random(0)) == ""


@pytest.mark.parametrize(
    ("arguments", "fine"),
    [
        ('from="Oslo"', True),
        ('from="Oslo", stops=[{"id": 3, "name": "x"}, {"id": 4}]', True),
        ('from="Oslo", stops=[{"name": "x"}]', False),
        ('from="Oslo", place=[1.5, 2], kind="fast"', True),
        ('from="Oslo", place="here"', False),
        ('from="Oslo", extra={"a": [1, "b", None, True]}', True),
        ('from="Oslo", extra=[{"a": 1}, {"a": {"a": 2}, "b": {"a": 3}}]', True),
        ('from="Oslo", extra={"a": 1, "a": 2}', False),
        ('from="Oslo", extra={"a": {"b": 1, "b": 2}}', False),
        ('from="Oslo", tags={"a": "b"}', True),
        ('from="Oslo", tags={"a": "b, \\"a\\": ", "b": "}"}', True),
        ('from="Oslo", tags={"a": "}", "b": "b", "a": "c"}', False),
        ('from="Oslo", tags={"a": 1}', False),
        ('stops=[{"id": 3}]', False),
    ],
)
def test_json_tools_hold(arguments: str, fine: bool) -> None:
    text = f"bus = Buses.find({arguments})"
    assert (refused_at(JSON_TOOLS, f"{text}\n", "") is None) == fine
    if fine:
        compile_plan(Source(text), JSON_TOOLS)


# Keys


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        (b'f(a={"k": 1, "k"', True),
        (b'f(a={"k": {"k": 1}, "l": {"k": 2}', False),
        (b'f(a=[{"k": 1}, {"k": 2}', False),
        (b'f(a={"k": "a, \\"k\\": b", "l": 1', False),
        (b'f(a={"k": f"{x}, {y["k"]}", "l": [1, 2], "m": g(b="k"), "k"', True),
        (b'f(a={"f": "f", "g": f"\\"{f}", "f"', True),
        (b'f(a={"k": `"odd, "`, "l": 1}, b="k", c={"k": 1', False),
        ("f(a={'é': 1".replace("'", '"').encode() + ', "é"'.encode(), True),
        (b'f(a={"' + b"k" * MAX_KEY + b'": 1, "' + b"k" * MAX_KEY, True),
        (b'f(a={"' + b"k" * MAX_KEY + b'": 1, "' + b"k" * (MAX_KEY - 1), False),
    ],
)
def test_a_repeated_key_is_known_when_it_ends(text: bytes, repeated: bool) -> None:
    keys = Scanner()
    keys.feed(text)
    assert keys.repeated == repeated


@pytest.mark.parametrize(
    "text",
    [
        'f(x={"ab": 1, "a',
        'f(x={"ab": 1, "a": {"b": 2, "',
        'f(x={"a\\"b": "x, y", "k": [{"a": 1}, {"a',
        'f(x={"' + "k" * MAX_KEY + '": 1, "' + "k" * (MAX_KEY - 2),
        'f(x={"a": "b',
        'f(x={"a": 1, "a\\',
        'f(x={"": 1, "',
    ],
)
def test_only_some_tokens_can_repeat_a_key(text: str) -> None:
    rng = Random(text)
    tokens = ["".join(rng.choices('ab"\\k:, {1', k=rng.randint(1, 6))) for _ in range(2000)]
    keys = Scanner()
    keys.feed(text.encode())
    repeating = tuple(keys.repeating)
    for token in map(str.encode, [*tokens, '"a": 1, "a"', 'b": 1', "kk", 'k"', "kkk"]):
        if keys.repeats(token):
            assert has_key(token) or token.startswith(repeating), token


# Literals


@pytest.mark.parametrize(
    ("of", "request_text", "expected"),
    [
        (EMAIL_ADDRESS, "to a@b.example, and c.d@e-f.example.", ["a@b.example", "c.d@e-f.example"]),
        (PHONE_NUMBER, "call +33 6 12 34 56 78 now", ["+33612345678"]),
        (PHONE_NUMBER, "call (503)\u00a0555\u20110142, at 10:30 on 2026-11-24", ["5035550142"]),
        (PHONE_NUMBER, "call 112!", ["112"]),
        (URL, "see https://x.example/a?b=c.", ["https://x.example/a?b=c"]),
        (URL, "(see https://x.example/a_(b))", ["https://x.example/a_(b)"]),
        (FILE_PATH, "print ~/docs/a.pdf, not notes.txt", ["~/docs/a.pdf"]),
        (FILE_PATH, 'print "/home/sid/my notes.txt" now', ["/home/sid/my notes.txt"]),
        (FILE_PATH, "see https://x.example/a", []),
        (EMAIL_ADDRESS, "to Sid", []),
        (EMAIL_ADDRESS, "a@b.example a@b.example", ["a@b.example"]),
    ],
)
def test_copied_literals_are_pieces_of_the_request_in_normal_form(
    of: Nominal, request_text: str, expected: list[str]
) -> None:
    assert copies(of, request_text) == expected


def test_looking_for_copies_takes_linear_time() -> None:
    for of in (EMAIL_ADDRESS, PHONE_NUMBER, URL, FILE_PATH):
        for piece in ("a", "1 ", "a.", "/", "~/", "x:", '"', "a@", "(", "1-", "“/a", "-.&'"):
            assert copies(of, piece * 20_000) is not None


IBAN = Nominal(
    "IBAN",
    STR,
    pattern=r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}",
    copied=r"[A-Z]{2}[0-9]{2}( ?[0-9A-Z]{1,4}){3,8}",
    dropped=" ",
)


def pay(account: Annotated[str, IBAN], amount: float) -> None: ...


def test_a_type_of_a_user_s_own_is_copied_and_normalised_by_its_declaration() -> None:
    tools = ToolSet([from_function(pay)])
    request = "pay 20 to NO93 8601 1117 947"
    assert refused_at(tools, 'pay(account="NO9386011117947", amount=20)', request) is None
    assert refused_at(tools, 'pay(account="NO9386011117948", amount=20)', request) is not None
    assert toolset.from_schemas([tools["pay"].to_json()])[0].parameters == tools["pay"].parameters


def written(of: Nominal, text: str) -> bool:
    spelt = spelling(of)
    assert spelt is not None
    return Closer(f"start: T\nT: {spelt}").shortest(text.encode()) == b""


def test_spellings_are_real_dates() -> None:
    for text in ("2026-02-28", "2024-02-29", "2000-02-29", "2026-12-31", "2026-04-30"):
        assert written(DATE, text) and DATE.accepts(text)
    for text in ("2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10"):
        assert not written(DATE, text)
    assert written(DATE_TIME, "2026-01-01 23:59:59")


@pytest.mark.filterwarnings("ignore:Possible set intersection:FutureWarning")
@pytest.mark.parametrize(
    ("pattern", "calendar"),
    [
        (r"(?=a)[a-z]+", None),  # Rust's expressions have no lookarounds,
        (r"(a)\1", None),  # no references
        (r"[a-z&&b]+", None),  # and set operators
        (r"a{,3}", None),
        (r"\"[a-z]+", None),  # a quote cannot stand inside quotes
        (r"[0-9]+ [A-Z][a-z]+", "%d %B"),  # the names of months depend on the machine
    ],
)
def test_what_the_decoder_cannot_be_held_to_is_copied(pattern: str, calendar: str | None) -> None:
    assert spelling(Nominal("Odd", STR, pattern, calendar)) is None


def test_a_pattern_means_to_the_decoder_what_it_means_to_the_checker() -> None:
    word = Nominal("Word", STR, r"\w{1,3}/\d")
    assert written(word, "ab/1")
    assert not written(word, "ab/\u0661")  # a digit to Python, and to Rust; kept to ASCII
    assert not written(word, "ab-1")


# Whatever the weights


@pytest.mark.slow
@pytest.mark.parametrize("limit", [16, 40, 100, 300, 1024])
def test_a_plan_ends_well_typed_at_any_limit(limit: int) -> None:
    standard = toolset.load(["stdlib_tools"])
    request = "mail a@b.example and open ~/x.txt, +1 503 555 0142"
    for tools in (standard, TOOLS, JSON_TOOLS):
        for seed in range(12):
            chance = Random(seed)
            plan = decode_at_random(tools, request, chance, limit, haste=chance.choice([0, 0.3]))
            compile_plan(Source(plan), tools)


@pytest.mark.parametrize("favourite", [b"a", b"{", b"[", b" ", b"9", b"\\", b","])
def test_a_model_that_never_comes_to_an_end_is_brought_to_one(favourite: bytes) -> None:
    matcher = PlanMatcher(BYTES, JSON_TOOLS, "", limit=900)
    mask = bitmasks.allocate_token_bitmask(1, BYTES.vocab_size)
    while not matcher.ended:
        matcher.fill(mask, 0)
        options = np.flatnonzero(unpacked(mask[0])).tolist()
        matcher.consume(favourite[0] if favourite[0] in options else options[-1])
    assert matcher.tokens <= 900
    assert not compile_plan(Source(matcher.text), JSON_TOOLS).empty


@pytest.mark.parametrize("favourite", ["a", "é", "\\n", "日"])
@pytest.mark.parametrize("quote", ['"', 'f"'])
def test_a_text_ends_when_it_is_long_enough(favourite: str, quote: str) -> None:
    matcher = PlanMatcher(BYTES, TOOLS, "", limit=10_000)
    mask = bitmasks.allocate_token_bitmask(1, BYTES.vocab_size)
    for byte in f'x = open_note(name="a")\ny = get_address(name={quote}'.encode():
        matcher.consume(byte)
    written = 0
    for byte in cycle(favourite.encode()):
        matcher.fill(mask, 0)
        options = np.flatnonzero(unpacked(mask[0])).tolist()
        if byte not in options:
            break
        matcher.consume(byte)
        written += 1
    assert set(options) == ({ord('"')} if quote == '"' else {ord("{")})
    assert written == MAX_TEXT * len(favourite.encode()) // len(favourite)


def test_what_the_mask_forbids_is_not_taken() -> None:
    matcher = PlanMatcher(BYTES, TOOLS, "")
    with pytest.raises(RuntimeError, match="not allowed"):
        matcher.consume(ord("!"))


def test_the_longest_choice_is_that_of_the_grammar() -> None:
    grammar = "\n".join(
        [
            "start: (r2)?",
            'r0: "abc" | STR | "f(" INT ")"',  # 3, 2, 4
            'r1: r0 (", " r0){0,15}',  # 2; inside, 4
            'r2: "x" ("long " r1 | "or")? | "q"',  # 1; inside, 7; 1
        ]
    )
    assert longest_choice(grammar) == 7


def test_an_error_while_masking_ends_the_text_and_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    constraint = PlanConstraint(BYTES, TOOLS, "", "numpy")
    monkeypatch.setattr(planc.decode.constraint, "PlanMatcher", fail)
    for _ in range(2):
        logits = constraint.process_logits(np.array([[1], [1]]), np.zeros((2, 320), np.float32))
        assert [np.flatnonzero(np.isfinite(row)).tolist() for row in logits] == [[261], [261]]
    assert isinstance(constraint.error, KeyboardInterrupt)


# Tools and requests that are made to break it


def going(of: Type) -> ToolSet:
    """One tool with one argument, of this type."""
    return ToolSet([Tool("go", "", (Parameter("p", of),), NONE)])


def nested(depth: int) -> Type:
    """A number, or a record of six such."""
    if depth == 0:
        return INT
    return union([INT, Record(tuple(RecordField(n, nested(depth - 1)) for n in "abcdef"))])


HUGE = "https://x.org/" + "a" * 1500
LONG = "k" * MAX_KEY
SAME = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}


@pytest.mark.parametrize(
    ("of", "request_"),
    [
        (Nominal("T", STR, r"[0-9()+ -]{7,20}"), ""),  # a bracket that nothing opened
        (Nominal("T", STR, r"[a-z]+\)"), ""),
        (Nominal("T", STR, r"[A-Z]+( .*!)?"), ""),  # something to come behind anything
        (nested(3), ""),  # a short way to the end, and a long one
        (URL, f"get {HUGE}"),  # too long to be written within the limit
        (FILE_PATH, 'Open "C:\\' + "a" * 700 + '\\b.txt"'),
        (ANY, ""),
        (EMAIL_ADDRESS, " ".join(f"u{i}@b.cc" for i in range(2100))),  # a table of addresses
        (LiteralOf(tuple(f"v{i}" for i in range(2100))), ""),
        (LiteralOf((float("inf"), float("nan"), 10**401, "\ud800", "x" * 700, 7)), ""),
        (from_json_schema({"allOf": [SAME, SAME]}), ""),
        (Record((RecordField(LONG, INT), RecordField(f"{LONG}_unit", INT))), ""),
        (Record((RecordField("k" * 700, INT, False), RecordField("a", INT))), ""),
        (Nominal("T", STR, r"#|a++ab"), "aab"),  # possessive in Python, repeated in Rust
        (Nominal("T", STR, r"[0-9/]+", "%d/%d"), "11/11"),  # no calendar
    ],
)
def test_hostile_types_and_requests_end_in_plans(of: Type, request_: str) -> None:
    tools = going(of)
    for seed in range(6):
        for limit, haste in ((512, 0.0), (MAX_TOKENS, 0.3)):
            text = decode_at_random(tools, request_, Random(seed), limit, haste)
            compile_plan(Source(text), tools)
            assert refused_at(tools, text, request_) is None


def test_values_of_any_type_nest_a_few_levels_deep() -> None:
    deep = [f"go(p={'[' * n}{']' * n})\n" for n in range(1, 9)]
    assert [refused_at(going(ANY), text, "") is None for text in deep] == [True] * 4 + [False] * 4


@pytest.mark.parametrize(
    ("pattern", "spelt"),
    [
        (r"[0-9()+ -]{7,20}", True),
        (r"[^{}]+", True),
        (r"[A-Z]{2}-[0-9]+", True),
        (r".+\.pdf", False),
        (r"[A-Z]+( .*!)?", False),
        (r"#|a++ab", False),
        (r"[0-9]{2}\/[0-9]{4}", True),
    ],
)
def test_a_pattern_is_spelt_if_every_beginning_can_be_ended(pattern: str, spelt: bool) -> None:
    assert (spelling(Nominal("T", STR, pattern)) is not None) == spelt


@pytest.mark.parametrize(
    ("of", "request_", "found"),
    [
        (EMAIL_ADDRESS, "Mail 'bob@example.org' now", ["bob@example.org"]),
        (EMAIL_ADDRESS, "Mail R&D@example.org", ["R&D@example.org"]),
        (EMAIL_ADDRESS, "_bob@example.org_, **al@a.org**", ["bob@example.org", "al@a.org"]),
        (EMAIL_ADDRESS, "bob@example.com--please", ["bob@example.com"]),
        (EMAIL_ADDRESS, "x=bob@my-host.example.com", ["bob@my-host.example.com"]),
        (EMAIL_ADDRESS, "o/brien@x.org", []),
        (URL, "see 'https://a.org/x'", ["https://a.org/x"]),
        (URL, "see `https://a.org/x`.", ["https://a.org/x"]),
        (URL, "see “https://a.org/x”", ["https://a.org/x"]),
        (URL, "**https://a.org/x**", ["https://a.org/x"]),
        (URL, "https://a.org/x_(y)", ["https://a.org/x_(y)"]),
        (PHONE_NUMBER, "on 24/11/2026 at 10, or 24.11.2026.", []),
        (EMAIL_ADDRESS, "To:\n-ann@x.org\n-bob@x.org", ["ann@x.org", "bob@x.org"]),
        (EMAIL_ADDRESS, "Mail 'ann@x.org and bob@x.org'", ["ann@x.org", "bob@x.org"]),
        (URL, "看https://x.org/a，然后 „https://x.org/b“", ["https://x.org/a", "https://x.org/b"]),
        (URL, "https://x.org/a,https://x.org/b", ["https://x.org/a", "https://x.org/b"]),
        (FILE_PATH, 'open "/home/ann/Bob\'s notes.txt"', ["/home/ann/Bob's notes.txt"]),
        (FILE_PATH, "open “/home/ann/My notes.txt”", ["/home/ann/My notes.txt"]),
        (PHONE_NUMBER, "Call 503-555-0142 5 minutes before the meeting", ["5035550142"]),
        (PHONE_NUMBER, "Call room 12 503-555-0142 (2 pm)", ["5035550142"]),
        (PHONE_NUMBER, "call 555-0142 555-0143", ["5550142", "5550143"]),
        (PHONE_NUMBER, "Text +47 22 33 44 55 2026-11-27", ["+4722334455"]),
        (PHONE_NUMBER, "1 (503) 555-0142, +1 503-555-0143", ["15035550142", "+15035550143"]),
        (PHONE_NUMBER, "030-123 456 78, +49 171/123-45 67", ["03012345678", "+491711234567"]),
        (Nominal("T", STR, r"^(?!0)[0-9]+$"), "order 17", ["17"]),
        (PHONE_NUMBER, "ring 02.12.34.56.78 or 030/1234567", ["0212345678", "0301234567"]),
    ],
)
def test_what_is_copied_is_what_the_request_says(
    of: Nominal, request_: str, found: list[str]
) -> None:
    assert copies(of, request_) == found


def test_masks_of_another_width_and_logits_shorter_than_them() -> None:
    memory = LogitsMask()
    logits = np.arange(50, dtype=np.float32)[None]
    wide, narrow = np.full((1, 4), -1, np.int32), np.full((1, 2), -1, np.int32)
    for mask in (wide, narrow, wide):
        shown = memory.applied(logits, mask)
        assert (shown == logits).all()
    few = np.zeros((1, 4), np.int32)
    few[0, [0, 3]] = 2
    assert np.flatnonzero(np.isfinite(memory.applied(logits, few))).tolist() == [1]


def test_maps_over_large_results_do_not_swell_the_grammar() -> None:
    lists = (
        RecordField(f"part_{i}", ListOf(Record((RecordField(f"of_{i}", STR),)))) for i in range(60)
    )
    found = Record((RecordField("name", STR), *lists))
    tool = Tool("look", "", (Parameter("text", STR),), found, "read")
    scope = Scope({f"v{i}": found for i in range(12)}, "Look.", before="")
    matcher_of(BYTES, statement_grammar([tool], scope))  # which takes 65,000 symbols
    text = 'a = look(text="a")\nb = [look(text=f"{x.of_7} {a.name}") for x in a.part_7 if a.name]\n'
    assert refused_at(ToolSet([tool]), text, "Look.") is None
