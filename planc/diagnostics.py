"""What planc says when an input is at fault: data with a place, drawn in one way.

A stage reports `Diagnostic`s and raises them together in a `PlanError`; only the edge of the
program (`planc.cli`) draws them, as text with carets or as JSON.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from planc.source import Span, printable

_CLIP = 100  # columns of a source line that are shown around a span


@dataclass(frozen=True)
class Code:
    """One kind of mistake: its stable name, what it means, a smallest example, and the exit
    status of a command that ends with it (1: the plan or request, 2: how planc was called or
    set up, 3: a tool, 4: the user)."""

    name: str
    meaning: str
    example: str
    status: int = 1

    def __str__(self) -> str:
        return self.name


CODES: dict[str, Code] = {}


def _code(name: str, meaning: str, example: str, status: int = 1) -> Code:
    code = CODES[name] = Code(name, meaning, example, status)
    return code


# The text of a plan.
UNEXPECTED_CHARACTER = _code(
    "E001-unexpected-character", "A character that no plan can hold here.", 'x = f(a="b") ; y'
)
SYNTAX = _code("E002-syntax", "A word or sign where the grammar has another.", "x = = f()")
UNCLOSED_BRACKET = _code(
    "E003-unclosed-bracket", "A bracket that is opened and never closed.", 'x = f(a="b"'
)
UNTERMINATED_STRING = _code(
    "E004-unterminated-string", "A string that does not end on its line.", 'x = f(a="b)'
)
BAD_ESCAPE = _code(
    "E005-bad-escape", "A backslash that starts no escape sequence.", r'x = f(a="\q")'
)
BAD_NUMBER = _code("E006-bad-number", "A number that is too large to hold.", "x = f(n=1e999)")
TOO_DEEP = _code(
    "E007-nested-too-deeply",
    "Expressions or types nested deeper, or larger, than planc follows.",
    "x = ((((...))))",
)
NOT_CALLABLE = _code(
    "E008-not-callable", "A call of something other than a tool's name.", 'x = "f"(a=1)'
)
POSITIONAL_ARGUMENT = _code(
    "E009-positional-argument", "An argument without its name.", 'x = f("b")'
)
REPEATED_ARGUMENT = _code(
    "E010-repeated-argument", "The same argument given twice in a call.", "x = f(a=1, a=2)"
)
NO_EFFECT = _code(
    "E011-no-effect", "A statement that computes a value and drops it.", '"just a text"'
)

# The meaning of a plan.
UNKNOWN_TOOL = _code(
    "E012-unknown-tool", "A call of a tool that the tool set does not have.", "x = fetch()"
)
UNKNOWN_ARGUMENT = _code(
    "E013-unknown-argument", "An argument that the tool does not take.", 'f(colour="red")'
)
MISSING_ARGUMENT = _code("E014-missing-argument", "A required argument that is not given.", "f()")
WRONG_TYPE = _code(
    "E015-wrong-type", "A value of another type than the place asks for.", 'f(n="three")'
)
UNKNOWN_NAME = _code(
    "E016-unknown-name", "A name that no earlier statement has assigned.", "f(a=later)"
)
REASSIGNED_NAME = _code(
    "E017-reassigned-name", "A name that is assigned a second time.", "x = f()\nx = g()"
)
UNKNOWN_FIELD = _code(
    "E018-unknown-field", "A field that the value does not have.", "note = f()\nreturn note.colour"
)
NOT_INDEXABLE = _code(
    "E019-not-indexable", "An index into a value that has no elements.", "n = f()\nreturn n[0]"
)
BAD_PATTERN = _code(
    "E020-bad-pattern",
    "A text that does not have the form its nominal type asks for.",
    'send(to="not an address")',
)
NOT_IN_ENUMERATION = _code(
    "E021-not-in-enumeration", "A value that is not one of those allowed.", 'go(by="rocket")'
)
NOT_ITERABLE = _code(
    "E022-not-iterable", "A map over something that is not a list.", "return [x for x in 3]"
)
BAD_OPERAND = _code(
    "E023-bad-operand", "An operator between values that it does not join.", 'return 1 + "a"'
)
NO_VALUE = _code(
    "E024-no-value", "The result of a tool that returns nothing is used.", "x = f()\ng(a=x)"
)
UNREACHABLE = _code("E025-unreachable", "A statement after the plan has returned.", "return 1\nf()")
REPEATED_KEY = _code(
    "E026-repeated-key", "The same key twice in a record.", 'return {"a": 1, "a": 2}'
)
MISSING_FIELD = _code(
    "E027-missing-field", "A record literal without a required field.", 'f(point={"x": 1})'
)
DIVISION_BY_ZERO = _code("E028-division-by-zero", "A division by the literal zero.", "return 1 / 0")

# Files and requests.
EMPTY_INPUT = _code("E101-empty-input", "A request with no words in it.", 'planc compile ""')
NOT_TEXT = _code("E102-not-text", "A file that is not UTF-8 text.", "planc compile photo.jpg")
TOO_LARGE = _code("E103-too-large", "An input over the size limit.", "planc compile huge.txt")
CANNOT_READ = _code(
    "E104-cannot-read", "A file that cannot be read.", "planc check absent.plan", status=2
)
CANNOT_WRITE = _code(
    "E105-cannot-write",
    "An output that cannot be written.",
    "planc compile hello.plan -o /full/disk",
    2,
)
BAD_BATCH = _code(
    "E106-bad-batch", "A line of a batch file that is not a request object.", '{"id": 7}'
)

# Tools and settings.
TOOLS_NOT_FOUND = _code(
    "E201-tools-not-found", "A tool set that does not exist.", "planc tools --tools absent", 2
)
TOOLS_FAILED = _code(
    "E202-tools-failed", "A tool module that fails when imported.", "raise RuntimeError", 2
)
NO_TYPE_HINT = _code(
    "E203-no-type-hint", "A tool's parameter without a type.", "@tool()\ndef f(a): ...", 2
)
BAD_SCHEMA = _code(
    "E204-bad-schema",
    "A tool description that is no function schema, or a setting that is none.",
    '{"name": 3}',
    2,
)
REPEATED_TOOL = _code(
    "E205-repeated-tool", "Two tools of one name.", "planc tools --tools a.py --tools b.py", 2
)
NO_TOOLS = _code("E206-no-tools", "A tool set with no tools in it.", "an empty module", 2)
BAD_FORM = _code(
    "E207-bad-batched-form",
    "A tool whose batched form is not one.",
    '@tool(batch="g")\ndef f(a: int): ...',
    2,
)

# Models.
UNKNOWN_MODEL = _code(
    "E301-unknown-model", "A model that is neither known nor a file.", "--model gpt-9", 2
)
MODEL_UNAVAILABLE = _code(
    "E302-model-unavailable", "A model that no source could deliver.", "planc models pull", 2
)
WRONG_CHECKSUM = _code(
    "E303-wrong-checksum", "A model file whose contents are not the published ones.", "", 2
)
BROKEN_MODEL = _code(
    "E304-broken-model", "A model file that cannot be loaded.", "--model notes.gguf", 2
)
REQUEST_TOO_LONG = _code(
    "E305-request-too-long", "A request that does not fit the model's context.", ""
)
UNFINISHED_PLAN = _code(
    "E306-unfinished-plan", "The model did not end its plan within the token limit.", ""
)
BROKEN_ADAPTER = _code(
    "E307-broken-adapter",
    "An adapter that is none, or is for another model or other tools.",
    "--adapter notes.gguf",
    2,
)

# Runs.
TOOL_FAILED = _code("E401-tool-failed", "A tool raised an error.", "", 3)
BAD_RESULT = _code("E402-bad-result", "A tool's result is not of its declared type.", "", 3)
BAD_ARGUMENT = _code(
    "E403-bad-argument", "A value computed while running does not fit the tool's parameter.", "", 3
)
TIMED_OUT = _code("E404-timed-out", "A tool took longer than its timeout.", "", 3)
NOT_RUNNABLE = _code(
    "E405-not-runnable", "A tool that has a description but no program behind it.", "", 2
)
REFUSED = _code("E406-refused", "The user, or the lack of one, refused a write.", "", 4)
BAD_VALUE = _code(
    "E407-bad-value",
    "An expression that cannot be computed with the values at hand (an index past the end, a "
    "division by zero).",
    "row = rows[9]",
    3,
)
REFUSED_VALUE = _code(
    "E408-refused-value",
    "A value in the plan that a tool's function does not take, by a condition that no type tells.",
    "book(guests=0)",
)

# The graph.
IR_SYNTAX = _code("E501-ir-syntax", "A text that is not a graph.", "%x = cal f()")
IR_INVALID = _code("E502-ir-invalid", "A graph that breaks a rule of its form.", "%x = %x")
BAD_PASS = _code("E503-bad-pass", "A pass that there is not.", "planc opt plan.ir --passes inline")

# Evaluations.
NO_BENCHMARK = _code(
    "E601-no-benchmark",
    "A benchmark whose data is not installed.",
    "planc eval bfcl --out results.json",
    2,
)
BAD_RESULTS = _code(
    "E602-bad-results", "A file that holds no results of this evaluation.", "--out notes.txt", 2
)
NO_TRAINING = _code(
    "E603-no-training",
    "What a training needs and does not have.",
    "planc tune --data notes.txt --out a.gguf",
    2,
)


@dataclass(frozen=True)
class Label:
    """A second place that helps to understand a diagnostic."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One mistake: its code, a sentence, the place, what else to look at, and what to do."""

    code: Code
    message: str
    span: Span | None = None
    labels: tuple[Label, ...] = ()
    hint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object; lines and columns are counted from 1, columns in characters."""
        return {
            "code": self.code.name,
            "message": self.message,
            **_place(self.span),
            "labels": [{"text": label.text, **_place(label.span)} for label in self.labels],
            "hint": self.hint,
        }


class PlanError(Exception):
    """One or more diagnostics, in the order of their places."""

    def __init__(self, diagnostics: Iterable[Diagnostic] | Diagnostic) -> None:
        if isinstance(diagnostics, Diagnostic):
            diagnostics = [diagnostics]
        self.diagnostics = tuple(
            sorted(diagnostics, key=lambda d: d.span.start if d.span is not None else -1)
        )
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics))

    @property
    def status(self) -> int:
        """The exit status that a command ends with."""
        return max((d.code.status for d in self.diagnostics), default=1)


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is spelt most like the word, if any is close."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    close = difflib.get_close_matches(word.casefold()[:200], by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """The diagnostics as text for people: a line, the place with carets, and the hint."""
    return "\n".join(_render_one(diagnostic) for diagnostic in diagnostics)


def _render_one(diagnostic: Diagnostic) -> str:
    lines = [f"error[{diagnostic.code}]: {printable(diagnostic.message)}"]
    if diagnostic.span is not None:
        places = [Label(diagnostic.span, ""), *diagnostic.labels]
        numbers = [label.span.source.position(label.span.start)[0] for label in places]
        gutter = len(str(max(numbers)))
        lines.append(f"{' ' * gutter}--> {printable(str(diagnostic.span))}")
        for label, number in zip(places, numbers, strict=True):
            text, carets = _underline(label.span, number)
            lines.append(f"{number:>{gutter}} | {text}")
            lines.append(f"{' ' * gutter} | {carets} {printable(label.text)}".rstrip())
    if diagnostic.hint:
        lines.append(f"  hint: {printable(diagnostic.hint)}")
    return "\n".join(lines) + "\n"


def _underline(span: Span, number: int) -> tuple[str, str]:
    """A source line, clipped around the span, and the carets that go below it."""
    line = span.source.line(number).replace("\t", " ")
    _, column = span.source.position(span.start)
    start = min(column - 1, len(line))
    end = max(start + 1, min(start + span.end - span.start, len(line)))
    left = max(0, start - _CLIP // 2) if len(line) > _CLIP else 0
    shown_end = min(end, left + _CLIP)
    before, marked, after = (
        printable(line[left:start]),
        printable(line[start:shown_end]),
        printable(line[shown_end : left + _CLIP]),
    )
    head = "…" if left else ""
    tail = "…" if left + _CLIP < len(line) else ""
    carets = " " * cell_len(head + before) + "^" * max(1, cell_len(marked))
    return head + before + marked + after + tail, carets


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"file": None, "line": None, "column": None, "end_line": None, "end_column": None}
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }
