"""Why a text is no plan: from what Lark's parser stumbles over to a diagnostic.

`Reading` is what the loop in `planc.parse` knows when a token does not fit. Hints come from two
tables: what stands at the place, and what the line looks like (habits brought from Python and
elsewhere).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lark import Token
from lark.exceptions import UnexpectedInput, UnexpectedToken

from planc.build import Comment
from planc.diagnostics import (
    SYNTAX,
    UNCLOSED_BRACKET,
    UNEXPECTED_CHARACTER,
    UNTERMINATED_STRING,
    Diagnostic,
)
from planc.source import Source

BRACKETS = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}
QUOTES = {"FORMAT_START": '"', "FORMAT_START_SINGLE": "'"}


@dataclass
class Reading:
    """What is known about the text when a token does not fit."""

    open: list[Token] = field(default_factory=list)  # brackets and f-strings, outermost first
    comments: list[Comment] = field(default_factory=list)
    statement_start: int = 0
    end: int = 0  # of the last token that fitted
    accepted: frozenset[str] = frozenset()  # the terminals that would have fitted

    @property
    def inside(self) -> str:
        """The terminal that opened what the text stands in, or `""`."""
        return self.open[-1].type if self.open else ""

    @property
    def in_hole(self) -> bool:
        return len(self.open) > 1 and self.open[-2].type in QUOTES


_SIGNS = frozenset(".,:=<>!+-*/%()[]{}\"'`_")  # what tokens other than words are made of
_STRING = re.compile(r"""f?(?:"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')""")
_PIECE = re.compile(_STRING.pattern + r"|\#[^\n]*|[()\[\]{}]")

# Hints by the place: what it stands in ("" for none of these, None for any), what is found there.
_PLACES: tuple[tuple[str | None, str, str], ...] = (
    (None, "[“”„‘’]", 'write straight quotes: `"`'),
    (None, "``", "a plan is code alone, without a fence around it"),
    (None, ";", "one statement a line, without `;`"),
    (None, "&", "write `and`"),
    (None, r"\|", "write `or`"),
    (None, r"![\w(]", "write `not`"),
    (None, r"\?", "choose between values with `a if test else b`"),
    (None, r"is\b", "compare with `==` and `!=`"),
    (None, r"\d+[A-Za-z_]", "a name cannot begin with a digit"),
    (None, r"\d*\.(\d|\W|$)", "a float has digits on both sides of its point: `0.5`"),
    (None, r"\*", "there is no power operator, and nothing is unpacked"),
    ("LSQB", ":", "there are no slices; index one element: `rows[0]`"),
    ("LPAR", ":", "an argument is given with `=`: `name=value`"),
    ("LBRACE", "=", 'a key is followed by `:`, as in `{"key": value}`'),
    ("LBRACE", r"\w", 'a key is a text in quotes, as in `{"key": value}`'),
    ("FORMAT_START", r"\}", "write `{{` and `}}` for braces in an f-string"),
    ("FORMAT_START_SINGLE", r"\}", "write `{{` and `}}` for braces in an f-string"),
)

# Hints by what the line looks like from the statement's start, with the strings in it emptied.
_HABITS: tuple[tuple[str, str], ...] = (
    (r"\s*(import|from)\s", "a plan imports nothing: the tools are there already"),
    (r"\s*(def|class|async|lambda)\b", "a plan defines nothing; it is one list of statements"),
    (r"\s*for\b", "write a map, `[f(x=x) for x in xs]`, in place of a loop"),
    (r"\s*(if|elif|else|while|try|with)\b", "choose between values with `a if test else b`"),
    (r".*?[-+*/%|&]=", "a name is assigned once; give the new value a new name"),
    (r".*?:=", "assign on a line of its own: `name = expression`"),
    (r".*?\bawait\b", "calls run in parallel by themselves; leave `await` out"),
    (r".*?\blambda\b", "a plan defines nothing; write the expression where it is needed"),
    (r".*?(\"{3}|'{3})", "a string stays on one line; write line ends as `\\n`"),
    (r".*?\b[rRbBuUF]+[\"']", "strings have no prefix but `f`; write a backslash as `\\\\`"),
    (r".*?(\"\"|'')\w", "a quote inside a string has a backslash before it"),
    (r".*?(\"\"|'')\s*f?[\"']", "join texts with `+`, or write one f-string"),
    (r".*?\bfor\s+\w+\s*,", "a map has one variable; reach its parts by `.field` or `[0]`"),
    (r"\s*\w+\s*,", "one name is assigned a line; reach parts by `.field` or `[0]`"),
    (r"\s*\w+\s*:\s*\w", "a name needs no type: `name = expression`"),
    (r"\s*\w+\s*[.\[][^=]*=", "a value never changes; give the new one a name"),
    (r".*?[=(\[,]\s*\([^()=]*,", "there are no tuples; write a list: `[a, b]`"),
    (r".*?[<>=]=?[^=<>]+[<>]", "compare two values at a time and join with `and`"),
    (r"\s*\w+\s*=\s*\w+\s*=[^=]", "one name is assigned a line: `name = expression`"),
)

_EXPECTED = {
    "NAME": "a name",
    "STRING": "a string",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "ASSIGN": "`=`",
    "_NL": "the end of the line",
    "$END": "the end of the plan",
    "ELSE": "`else`",
    "IN": "`in`",
    "FORMAT_END": "the string's end",
    "FORMAT_END_SINGLE": "the string's end",
}


def explain(error: UnexpectedInput, reading: Reading, source: Source) -> tuple[Diagnostic, int]:
    """The diagnostic for a parser's error, and the offset from which to read on."""
    text = source.text
    at = min(error.pos_in_stream or 0, len(text))
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        at = len(text)  # Lark gives $END the place of the last token
    char = text[at : at + 1]
    line_end = _line_end(text, at)
    ends = char in ("", "\n") or text.startswith("\r\n", at)
    if _never_closed(reading, text, at):
        opener_line_end = _line_end(text, reading.open[-1].start_pos or 0)
        later = opener_line_end < at < len(text)
        return _unclosed(reading, source), text.rfind("\n", 0, at) if later else line_end
    resume = line_end
    if reading.open:
        close = _closing(text, reading.open[0].start_pos or 0)
        resume = line_end if close is None else max(line_end, _line_end(text, close))
    cut_off = reading.inside in QUOTES and (ends or char == "\\")
    if cut_off or (re.match("f?[\"']", text[at : at + 2]) and not _STRING.match(text, at)):
        begin = (reading.open[-1].start_pos or 0) if cut_off else at
        return _unterminated(source, begin, line_end), resume
    hint = _hint(reading, text, at, line_end)
    if not ends and not char.isalnum() and char not in _SIGNS:
        return unexpected(source, at, hint), resume
    if ends:
        found = "the line ends" if char else "the plan ends"
        span = source.span(reading.end, reading.end)
    else:
        word = _STRING.match(text, at) or re.compile(r"\w+|.").match(text, at)
        assert word is not None
        found = f"found `{word[0][:40]}`" if char != "`" else "found a backtick"
        span = source.span(*word.span())
    message = f"{found} where {_wanted(reading)} should come"
    return Diagnostic(SYNTAX, message, span, hint=hint), resume


def _never_closed(reading: Reading, text: str, at: int) -> bool:
    """Whether the innermost bracket is open at the end of the plan, or at a word on a later line
    that would begin a statement, or at the quote that ends the f-string around it."""
    if reading.inside not in BRACKETS:
        return False
    if at == len(text):
        return True
    if reading.in_hole and text[at] == QUOTES[reading.open[-2].type]:
        return not _STRING.match(text, at)
    begin = reading.open[-1].start_pos or 0
    on_its_line = at <= _line_end(text, begin)
    return not on_its_line and text[at] not in ")]}" and _closing(text, begin) is None


def _closing(text: str, opener: int) -> int | None:
    """The offset behind the bracket that closes the one at `opener`, of whatever kind."""
    depth = 0
    for piece in _PIECE.finditer(text, opener):
        if piece[0] in ("(", "[", "{"):
            depth += 1
        elif piece[0] in (")", "]", "}"):
            depth -= 1
            if depth == 0:
                return piece.end()
    return None


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _unclosed(reading: Reading, source: Source) -> Diagnostic:
    opener = reading.open[-1]
    begin = opener.start_pos or 0
    hint = f"add `{BRACKETS[opener.type]}` where it should end"
    if reading.in_hole:
        hint += "; write `{{` for a brace in an f-string"
    span = source.span(begin, begin + 1)
    return Diagnostic(UNCLOSED_BRACKET, f"this `{opener}` is never closed", span, hint=hint)


def _unterminated(source: Source, begin: int, line_end: int) -> Diagnostic:
    end = line_end - 1 if source.text[begin:line_end].endswith("\r") else line_end
    return Diagnostic(
        UNTERMINATED_STRING,
        "this string does not end on its line",
        source.span(begin, end),
        hint="end it with the quote it began with; write a line end inside it as `\\n`",
    )


def unexpected(source: Source, at: int, hint: str | None) -> Diagnostic:
    char = source.text[at]
    shown = f"`{char}`" if char.isprintable() else f"U+{ord(char):04X}"
    message = f"the character {shown} has no meaning here"
    return Diagnostic(UNEXPECTED_CHARACTER, message, source.span(at, at + 1), hint=hint)


def _hint(reading: Reading, text: str, at: int, line_end: int) -> str | None:
    if reading.in_hole and text[at : at + 1] in (":", "!"):
        return "a hole in an f-string holds an expression alone, without a format"
    for inside, pattern, told in _PLACES:
        fits = re.compile(pattern).match(text, at)
        if (
            fits
            and inside in (None, reading.inside)
            and (pattern != r"\w" or "STRING" in reading.accepted)
        ):
            return told
    line = _STRING.sub(
        lambda string: string[0][-1] * 2, text[reading.statement_start : line_end][:2000]
    )
    return next((told for pattern, told in _HABITS if re.match(pattern, line)), None)


def _wanted(reading: Reading) -> str:
    """What the parser would take in place of what it found."""
    accepted = reading.accepted - ({"_NL", "$END"} if reading.open else set())
    if {"LSQB", "LBRACE", "INTEGER"} <= accepted:
        return "an expression" if "RPAR" not in accepted else "an argument or `)`"
    if {"NAME", "ELSE"} <= accepted:
        return "a name"  # of a field, where any word would do
    implied = {"IN"} if "PLUS" in accepted else set()
    implied |= {"$END"} if "_NL" in accepted else set()
    named = [_EXPECTED[name] for name in _EXPECTED if name in accepted - implied]
    if "PLUS" in accepted:
        named.append("an operator")
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
