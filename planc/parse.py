"""Text to syntax tree.

Lark's LALR(1) parser reads `grammar/plan.lark` with its contextual lexer. The loop in `_read`
stands between the two: it drops line ends inside brackets, puts comments aside for the formatter
and knows, when a token does not fit, which brackets are open and where the statement began. After
a mistake the statement is blanked out and the rest read again, so one pass over a file names
every statement that is wrong.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from planc import syntax as ast
from planc.diagnostics import (
    BAD_ESCAPE,
    BAD_NUMBER,
    NOT_CALLABLE,
    POSITIONAL_ARGUMENT,
    REPEATED_ARGUMENT,
    REPEATED_KEY,
    SYNTAX,
    TOO_DEEP,
    UNCLOSED_BRACKET,
    UNEXPECTED_CHARACTER,
    UNTERMINATED_STRING,
    Diagnostic,
    Label,
    PlanError,
)
from planc.source import Source, Span, printable
from planc.types import quote, unescape

MAX_DEPTH = 100  # levels of nesting that the stages after this one follow by recursion
_MAX_MISTAKES = 20
_MAX_DIGITS = 400
KEYWORDS = frozenset(
    {"return", "if", "else", "for", "in", "and", "or", "not", "True", "False", "None"}
)

_BRACKETS = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}
_QUOTES = {"FORMAT_START": '"', "FORMAT_START_SINGLE": "'"}
_CLOSE = frozenset({"RPAR", "RSQB", "RBRACE", "FORMAT_END", "FORMAT_END_SINGLE"})
_SURROGATE = re.compile("[\ud800-\udfff]")


def grammar_folder() -> Path:
    """Where the grammars lie: inside the package once built, else beside it in the source tree."""
    here = Path(__file__).parent
    built = here / "grammar"
    return built if built.exists() else here.parent / "grammar"


class _LineEnds:
    """Tells Lark's contextual lexer that line ends and comments may come anywhere."""

    always_accept = ("_NL", "COMMENT")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


@cache
def _lark() -> Lark:
    return Lark(
        (grammar_folder() / "plan.lark").read_text(encoding="utf-8"),
        parser="lalr",
        start="plan",
        postlex=_LineEnds(),
        propagate_positions=True,
        maybe_placeholders=False,
    )


class _Comment(NamedTuple):
    start: int
    text: str


@dataclass
class _Reading:
    """What is known about the text when a token does not fit."""

    open: list[Token] = field(default_factory=list)  # brackets and f-strings, outermost first
    comments: list[_Comment] = field(default_factory=list)
    statement_start: int = 0
    end: int = 0  # of the last token that fitted
    accepted: frozenset[str] = frozenset()  # the terminals that would have fitted

    @property
    def inside(self) -> str:
        """The terminal that opened what the text stands in, or `""`."""
        return self.open[-1].type if self.open else ""

    @property
    def in_hole(self) -> bool:
        return len(self.open) > 1 and self.open[-2].type in _QUOTES


def parse(source: Source) -> ast.Plan:
    """The syntax tree of a plan's text. Raises `PlanError` with the mistakes in it (E001 to E011
    and E026), the first 20 if there are more."""
    surrogate = _SURROGATE.search(source.text)
    if surrogate is not None:
        raise PlanError(_unexpected(source, surrogate.start(), None))
    good = rest = " " + source.text[1:] if source.text.startswith("\ufeff") else source.text
    mistakes: list[Diagnostic] = []
    while True:
        reading = _Reading()
        try:
            tree = _read(rest, reading)
            break
        except UnexpectedInput as error:
            diagnostic, end = _explain(error, reading, source)
            mistakes.append(diagnostic)
            if len(mistakes) == _MAX_MISTAKES:
                raise PlanError(mistakes) from None
            # What stands before the statement is known to fit, so only the rest is read again.
            start = reading.statement_start
            good = good[:start] + re.sub(r"[^\n]", " ", good[start:end]) + good[end:]
            rest = " " * end + good[end:]
    if mistakes:
        reading = _Reading()
        tree = _read(good, reading)
    builder = _Builder(source, mistakes)
    plan = builder.plan(tree, reading.comments)
    if mistakes:
        raise PlanError(mistakes[:_MAX_MISTAKES])
    return plan


def _read(text: str, reading: _Reading) -> Tree[Token]:
    parser = _lark().parse_interactive(text)
    last: Token | None = None
    tokens = parser.lexer_thread.lex(parser.parser_state)  # type: ignore[no-untyped-call]
    try:
        for token in tokens:
            if token.type == "COMMENT":
                reading.comments.append(_Comment(token.start_pos or 0, str(token)))
                continue
            if token.type == "_NL":
                if reading.inside in _BRACKETS:
                    continue
                if last is not None and last.type != "_NL":
                    parser.feed_token(token)
                    last = token
                reading.statement_start = token.end_pos or 0
                continue
            parser.feed_token(token)
            last = token
            reading.end = token.end_pos or 0
            if token.type in _BRACKETS or token.type in _QUOTES:
                reading.open.append(token)
            elif token.type in _CLOSE and reading.open:
                reading.open.pop()
        result: Tree[Token] = parser.feed_eof(last)  # type: ignore[no-untyped-call]
    except UnexpectedInput:
        reading.accepted = frozenset(parser.accepts())  # type: ignore[no-untyped-call]
        raise
    return result


# Explaining what does not fit.

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


def _explain(error: UnexpectedInput, reading: _Reading, source: Source) -> tuple[Diagnostic, int]:
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
    cut_off = reading.inside in _QUOTES and (ends or char == "\\")
    if cut_off or (re.match("f?[\"']", text[at : at + 2]) and not _STRING.match(text, at)):
        begin = (reading.open[-1].start_pos or 0) if cut_off else at
        return _unterminated(source, begin, line_end), resume
    hint = _hint(reading, text, at, line_end)
    if not ends and not char.isalnum() and char not in _SIGNS:
        return _unexpected(source, at, hint), resume
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


def _never_closed(reading: _Reading, text: str, at: int) -> bool:
    """Whether the innermost bracket is open at the end of the plan, or at a word on a later line
    that would begin a statement, or at the quote that ends the f-string around it."""
    if reading.inside not in _BRACKETS:
        return False
    if at == len(text):
        return True
    if reading.in_hole and text[at] == _QUOTES[reading.open[-2].type]:
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


def _unclosed(reading: _Reading, source: Source) -> Diagnostic:
    opener = reading.open[-1]
    begin = opener.start_pos or 0
    hint = f"add `{_BRACKETS[opener.type]}` where it should end"
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


def _unexpected(source: Source, at: int, hint: str | None) -> Diagnostic:
    char = source.text[at]
    shown = f"`{char}`" if char.isprintable() else f"U+{ord(char):04X}"
    message = f"the character {shown} has no meaning here"
    return Diagnostic(UNEXPECTED_CHARACTER, message, source.span(at, at + 1), hint=hint)


def _hint(reading: _Reading, text: str, at: int, line_end: int) -> str | None:
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


def _wanted(reading: _Reading) -> str:
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


# Building the tree.

_CHAINS = frozenset({"sum", "product", "conjunction", "disjunction"})
_PARTS = frozenset(
    {"arguments", "keyword_argument", "word_argument", "positional_argument", "entry"}
)  # of an expression that counts as a level already
_FORMAT_PIECE = re.compile(r"\{\{|\}\}|(?:[^{}\\]|\\.)+")
_CONSTANTS: dict[str, ast.Constant] = {"true": True, "false": False, "none": None}


class _Builder:
    """Walks Lark's tree, bottom of the expression first, and collects further mistakes."""

    def __init__(self, source: Source, mistakes: list[Diagnostic]) -> None:
        self.source = source
        self.mistakes = mistakes

    def span(self, node: Tree[Token] | Token) -> Span:
        place = node if isinstance(node, Token) else node.meta
        return self.source.span(place.start_pos or 0, place.end_pos or 0)

    def complain(self, *args: Any, **kwargs: Any) -> None:
        self.mistakes.append(Diagnostic(*args, **kwargs))

    def plan(self, tree: Tree[Token], comments: list[_Comment]) -> ast.Plan:
        nodes = [node for node in tree.children if isinstance(node, Tree)]
        statements = [self.statement(node) for node in nodes if self.shallow(node)]
        whole = self.source.span(0, len(self.source.text))
        return _with_comments(ast.Plan(whole, tuple(statements)), comments)

    def shallow(self, tree: Tree[Token]) -> bool:
        stack = [(tree, 0)]
        while stack:
            node, depth = stack.pop()
            if depth > MAX_DEPTH:
                self.complain(
                    TOO_DEEP,
                    f"this is nested more than {MAX_DEPTH} levels deep",
                    self.span(tree),
                    hint="give parts of it names on lines of their own",
                )
                return False
            if node.data in _CHAINS:
                depth += len(node.children) // 2
            elif node.data not in _PARTS:
                depth += 1
            stack.extend((child, depth) for child in node.children if isinstance(child, Tree))
        return True

    def statement(self, node: Tree[Token]) -> ast.Statement:
        span = self.span(node)
        match node.data:
            case "assignment":
                name, value = node.children
                assert isinstance(name, Token)
                return ast.Assignment(span, _word(name), self.expression(value), self.span(name))
            case "return_statement":
                return ast.Return(span, self.expression(node.children[1]))
            case _:
                return ast.Effect(span, self.expression(node.children[0]))

    def expression(self, node: Any) -> ast.Expression:
        result: ast.Expression = getattr(self, f"_{node.data}")(node, self.span(node))
        return result

    def _group(self, node: Tree[Any], span: Span) -> ast.Expression:
        return self.expression(node.children[1])

    def _name(self, node: Tree[Any], span: Span) -> ast.Expression:
        return ast.Name(span, _word(node.children[0]))

    def _true(self, node: Tree[Any], span: Span) -> ast.Expression:
        return ast.Literal(span, _CONSTANTS[node.data])

    _false = _none = _true

    def _string(self, node: Tree[Any], span: Span) -> ast.Expression:
        return ast.Literal(span, self.text(span.text[1:-1], span.start + 1))

    def _integer(self, node: Tree[Any], span: Span) -> ast.Expression:
        if len(span.text) > _MAX_DIGITS:
            self.complain(BAD_NUMBER, f"a number of more than {_MAX_DIGITS} digits", span)
            return ast.Literal(span, 0)
        return ast.Literal(span, int(span.text))

    def _float(self, node: Tree[Any], span: Span) -> ast.Expression:
        value = float(span.text)
        if value == float("inf"):
            self.complain(BAD_NUMBER, "this number is too large for a float", span)
            value = 0.0
        return ast.Literal(span, value)

    def _format_string(self, node: Tree[Any], span: Span) -> ast.Expression:
        parts: list[str | ast.Expression] = []
        for child in node.children[1:-1]:
            if isinstance(child, Tree):
                parts.append(self.expression(child))
            elif child.type.startswith("FORMAT_TEXT"):
                parts.append(self.format_text(child))
        if not any(isinstance(part, ast.Expression) for part in parts):
            return ast.Literal(span, "".join(str(part) for part in parts))
        return ast.Format(span, tuple(parts))

    def _list(self, node: Tree[Any], span: Span) -> ast.Expression:
        items = [self.expression(c) for c in node.children if isinstance(c, Tree)]
        return ast.ListExpression(span, tuple(items))

    def _map(self, node: Tree[Any], span: Span) -> ast.Expression:
        element, iterable, *condition = [c for c in node.children if isinstance(c, Tree)]
        variable = next(c for c in node.children if isinstance(c, Token) and c.type == "NAME")
        return ast.Map(
            span,
            self.expression(element),
            _word(variable),
            self.expression(iterable),
            self.expression(condition[0]) if condition else None,
            self.span(variable),
        )

    def _record(self, node: Tree[Any], span: Span) -> ast.Expression:
        entries: dict[str, ast.Entry] = {}
        for entry in (child for child in node.children if isinstance(child, Tree)):
            key_token: Any
            key_token, value = entry.children
            key = self.text(key_token[1:-1], (key_token.start_pos or 0) + 1)
            if key in entries:
                self.complain(
                    REPEATED_KEY,
                    f"the key {quote(key)} is given twice",
                    self.span(key_token),
                    (Label(entries[key].span, "first given here"),),
                )
            entries[key] = ast.Entry(self.span(key_token), key, self.expression(value))
        return ast.RecordExpression(span, tuple(entries.values()))

    def _field(self, node: Tree[Any], span: Span) -> ast.Expression:
        value, word = node.children
        return ast.Field(span, self.expression(value), _text_of(word), self.span(word))

    def _index(self, node: Tree[Any], span: Span) -> ast.Expression:
        value, _, index, _ = node.children
        return ast.Index(span, self.expression(value), self.expression(index))

    def _unary(self, node: Tree[Any], span: Span) -> ast.Expression:
        operator, operand = node.children
        return ast.Unary(span, str(operator), self.expression(operand))

    def _comparison(self, node: Tree[Any], span: Span) -> ast.Expression:
        left, comparator, right = node.children
        operator = " ".join(str(token) for token in comparator.children)
        return ast.Binary(span, operator, self.expression(left), self.expression(right))

    def _sum(self, node: Tree[Any], span: Span) -> ast.Expression:
        left = self.expression(node.children[0])
        for operator, operand in zip(node.children[1::2], node.children[2::2], strict=True):
            right = self.expression(operand)
            so_far = self.span(node.children[0]).to(self.span(operand))  # with parentheses
            left = ast.Binary(so_far, str(operator), left, right)
        return left

    _product = _disjunction = _conjunction = _sum

    def _conditional(self, node: Tree[Any], span: Span) -> ast.Expression:
        then, _, test, _, otherwise = node.children
        return ast.Conditional(
            span, self.expression(test), self.expression(then), self.expression(otherwise)
        )

    def _call(self, node: Tree[Any], span: Span) -> ast.Expression:
        callee, _, arguments, _ = node.children
        name = _dotted(callee)
        if name is None:
            self.complain(
                NOT_CALLABLE,
                "only a tool can be called, by its name",
                self.span(callee),
                hint="a call looks like `tool_name(argument=value)`",
            )
        given: dict[str, ast.Argument] = {}
        for node_ in arguments.children:
            if not isinstance(node_, Tree):
                continue
            argument = self.argument(node_)
            if argument is None:
                continue
            if argument.name in given:
                self.complain(
                    REPEATED_ARGUMENT,
                    f"the argument `{argument.name}` is given twice",
                    argument.span,
                    (Label(given[argument.name].span, "first given here"),),
                )
            given[argument.name] = argument
        return ast.Call(span, name or "", tuple(given.values()), self.span(callee))

    def argument(self, node: Tree[Any]) -> ast.Argument | None:
        if node.data == "positional_argument":
            self.expression(node.children[0])
            self.complain(
                POSITIONAL_ARGUMENT,
                "arguments are given by name",
                self.span(node),
                hint="write `name=` before the value",
            )
            return None
        *words, value = node.children
        if node.data == "word_argument":
            name: str | None = ".".join(_text_of(word) for word in words)
        else:
            name = _dotted(words[0])
        name_span = self.span(words[0]).to(self.span(words[-1]))
        if name is None:
            self.complain(
                SYNTAX,
                "this is no argument's name",
                name_span,
                hint="a name with other signs in it stands in backticks: `` `city-name` ``",
            )
            return None
        return ast.Argument(name_span, name, self.expression(value))

    def format_text(self, token: Token) -> str:
        """The text that a piece of an f-string stands for: doubled braces are braces, which is
        told before escapes are read, since an escape may stand for a brace too."""
        start = token.start_pos or 0
        return "".join(
            piece[0][0] if piece[0] in ("{{", "}}") else self.text(piece[0], start + piece.start())
            for piece in _FORMAT_PIECE.finditer(token)
        )

    def text(self, inner: str, start: int) -> str:
        """The text that the inside of a string stands for; `start` is its offset."""
        text, wrong = unescape(inner)
        for begin, end in wrong:
            span = self.source.span(start + begin, start + end)
            self.complain(
                BAD_ESCAPE,
                f"`{span.text}` is no escape sequence",
                span,
                hint="write a backslash as `\\\\`; known are "
                "\\n \\t \\r \\0 \\\" \\' \\xNN \\uNNNN",
            )
        return text


def _word(token: Any) -> str:
    return str(token)[1:-1] if token.startswith("`") else str(token)


def _text_of(word: Tree[Any]) -> str:
    inner = word.children[0]
    return _text_of(inner) if isinstance(inner, Tree) else _word(inner)


def _dotted(node: Tree[Any]) -> str | None:
    """The name that a chain of fields spells, or None for any other expression."""
    parts: list[str] = []
    while node.data == "field":
        parts.append(_text_of(node.children[1]))
        node = node.children[0]
    if node.data not in ("name", "true", "false", "none"):
        return None
    parts.append(_word(node.children[0]))
    return ".".join(reversed(parts))


def _with_comments(plan: ast.Plan, comments: list[_Comment]) -> ast.Plan:
    """The plan with each comment at the statement it stands above, inside or behind."""
    source = plan.span.source
    pending = deque(comments)
    statements: list[ast.Statement] = []
    last_line = 0
    for statement in plan.statements:
        leading: list[str] = []
        while pending and pending[0].start < statement.span.start:
            last_line = _lead(leading, pending.popleft(), last_line, source)
        first, _ = source.position(statement.span.start)
        if last_line and first > last_line + 1:
            leading.append("")
        trailing: str | None = None
        last_line, _ = source.position(statement.span.end)
        while pending and (line := source.position(pending[0].start)[0]) <= last_line:
            text = _comment_text(pending.popleft().text)
            if line == last_line:
                trailing = text
            else:
                leading.append(text)
        statements.append(replace(statement, leading=tuple(leading), trailing=trailing))
    epilogue: list[str] = []
    for comment in pending:
        last_line = _lead(epilogue, comment, last_line, source)
    return replace(plan, statements=tuple(statements), epilogue=tuple(epilogue))


def _lead(into: list[str], comment: _Comment, last_line: int, source: Source) -> int:
    line, _ = source.position(comment.start)
    if last_line and line > last_line + 1:
        into.append("")
    into.append(_comment_text(comment.text))
    return line


def _comment_text(text: str) -> str:
    inner = printable(text[1:].strip().replace("\t", " "))
    return f"# {inner}" if inner else "#"
