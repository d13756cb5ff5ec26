"""Text to syntax tree.

Lark's LALR(1) parser reads `grammar/plan.lark` with its contextual lexer. The loop in `_read`
stands between the two: it drops line ends inside brackets, puts comments aside for the formatter
and knows, when a token does not fit, which brackets are open and where the statement began. After
a mistake the statement is blanked out and the rest read again, so one pass over a file names
every statement that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

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
from planc.source import Source, Span

MAX_DEPTH = 100  # levels of nesting that the stages after this one follow by recursion
_MAX_MISTAKES = 20
_MAX_DIGITS = 400
KEYWORDS = frozenset("return if else for in and or not True False None".split())

_OPEN = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}
_PAIRS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_CLOSE = frozenset(_PAIRS.values())


def grammar_path() -> Path:
    """The file of the language's grammar: in the source tree, or beside this file once built."""
    here = Path(__file__).parent
    built = here / "plan.lark"
    return built if built.exists() else here.parent / "grammar" / "plan.lark"


class _LineEnds:
    """Tells Lark's contextual lexer that line ends and comments may come anywhere."""

    always_accept = ("_NL", "COMMENT")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


@cache
def _lark() -> Lark:
    return Lark(
        grammar_path().read_text(encoding="utf-8"),
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

    open: list[Token] = field(default_factory=list)
    comments: list[_Comment] = field(default_factory=list)
    statement_start: int = 0


def parse(source: Source) -> ast.Plan:
    """The syntax tree of a plan's text. Raises `PlanError` with every mistake (E001 to E011)."""
    text = source.text
    mistakes: list[Diagnostic] = []
    while True:
        reading = _Reading()
        try:
            tree = _read(text, reading)
            break
        except UnexpectedInput as error:
            diagnostic, blank_to = _explain(error, reading, source)
            mistakes.append(diagnostic)
            start = reading.statement_start
            blanked = re.sub(r"[^\n]", " ", text[start:blank_to])
            if len(mistakes) == _MAX_MISTAKES or not text[start:blank_to].strip():
                raise PlanError(mistakes) from None
            text = text[:start] + blanked + text[blank_to:]
    builder = _Builder(source, mistakes)
    plan = builder.plan(tree, reading.comments)
    if mistakes:
        raise PlanError(mistakes)
    return plan


def _read(text: str, reading: _Reading) -> Tree[Token]:
    parser = _lark().parse_interactive(text)
    last: Token | None = None
    fresh_line = True
    tokens = parser.lexer_thread.lex(parser.parser_state)  # type: ignore[no-untyped-call]
    for token in tokens:
        if token.type == "COMMENT":
            reading.comments.append(_Comment(token.start_pos or 0, str(token)))
            continue
        if token.type == "_NL":
            if reading.open:
                continue
            if last is not None and last.type != "_NL":
                parser.feed_token(token)
                last = token
            fresh_line = True
            continue
        if fresh_line:
            reading.statement_start = token.start_pos or 0
            fresh_line = False
        parser.feed_token(token)
        last = token
        if token.type in _OPEN:
            reading.open.append(token)
        elif token.type in _CLOSE and reading.open:
            reading.open.pop()
    result: Tree[Token] = parser.feed_eof(last)  # type: ignore[no-untyped-call]
    return result


# Explaining what does not fit.

_HABITS: tuple[tuple[str, str], ...] = (
    (r"\s*(import|from)\s", "a plan imports nothing: the tools are there already"),
    (r"\s*(def|class|async|lambda)\b", "a plan defines nothing; it is one list of statements"),
    (r"\s*for\b", "write a map, `[f(x=x) for x in xs]`, in place of a loop"),
    (r"\s*(if|elif|else|while|try|with)\b", "choose between values with `a if test else b`"),
    (r".*?(\+=|-=|\*=|/=)", "a name is assigned once; give the new value a new name"),
    (r".*?:=", "assign on a line of its own: `name = expression`"),
    (r".*?\*\*", "there is no power operator"),
    (r".*?\bawait\b", "calls run in parallel by themselves; leave `await` out"),
    (r".*?\blambda\b", "a plan defines nothing; write the expression where it is needed"),
    (r".*?\bis\b", "compare with `==` and `!=`"),
    (r".*?&&", "write `and`"),
    (r".*?\|\|", "write `or`"),
    (r".*?!(?!=)", "write `not`"),
    (r".*?\"\"\"", "a string stays on one line; write line ends as `\\n`"),
    (r".*?\[[^\]]*:[^\]]*\]", "there are no slices; index one element: `rows[0]`"),
    (r"\s*[^\W\d]\w*\s*:\s*[^\W\d]", "a name needs no type: `name = expression`"),
    (r".*;\s*", "one statement a line, without `;`"),
    (r".*?[<>=]=?[^=<>]+[<>]", "compare two values at a time and join with `and`"),
    (r"\s*\w+\s*=\s*\w+\s*=[^=]", "one name is assigned a line: `name = expression`"),
    (r".*?\b\d+[A-Za-z_]", "a name cannot begin with a digit"),
    (r".*?\br[\"']", "there are no raw strings; write a backslash as `\\\\`"),
)

_EXPECTED = {
    "NAME": "a name",
    "STRING": "a string",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "EQUAL_": "`=`",
    "_NL": "the end of the line",
    "$END": "the end of the plan",
    "ELSE": "`else`",
    "IN": "`in`",
    "FORMAT_END": "the string's end",
    "FORMAT_END_SINGLE": "the string's end",
}


def _explain(error: UnexpectedInput, reading: _Reading, source: Source) -> tuple[Diagnostic, int]:
    """The diagnostic for a parser's error, and the offset up to which to blank the text."""
    text = source.text
    at = _offset(error, text)
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end
    statement = text[reading.statement_start : line_end][:2000]
    char = text[at : at + 1]
    at_end = at >= len(text) or (isinstance(error, UnexpectedToken) and error.token.type == "$END")
    if reading.open:
        opener = reading.open[-1]
        begin = opener.start_pos or 0
        opener_line_end = text.find("\n", begin)
        later_line = 0 <= opener_line_end < at
        if at_end or (later_line and char not in ")]}"):
            span = source.span(begin, begin + 1)
            diagnostic = Diagnostic(
                UNCLOSED_BRACKET,
                f"this `{opener}` is never closed",
                span,
                hint=f"add `{_OPEN[opener.type]}` where it should end",
            )
            return diagnostic, len(text) if opener_line_end < 0 else opener_line_end
    quote = re.match(r"f?([\"'])", text[at : at + 2])
    if quote or (_inside_string(error) and (at_end or char in "\r\n")):
        begin = at if quote else reading.statement_start
        return (
            Diagnostic(
                UNTERMINATED_STRING,
                "this string does not end on its line",
                source.span(begin, line_end),
                hint="end it with the quote it began with; write a line end inside it as `\\n`",
            ),
            line_end,
        )
    hint = next((told for pattern, told in _HABITS if re.match(pattern, statement)), None)
    if isinstance(error, UnexpectedCharacters) and not (char.isalnum() or char in "_.;:!&|"):
        return (
            Diagnostic(
                UNEXPECTED_CHARACTER,
                f"the character {char!r} has no meaning here",
                source.span(at, at + 1),
                hint=hint,
            ),
            line_end,
        )
    word = re.match(r"\w+|[^\w\s]", text[at:])
    if at_end:
        found = "the plan ends"
    elif char in "\r\n":
        found = "the line ends"
    elif char == "`":
        found = "found a backtick"
    else:
        found = f"found `{word[0][:40] if word else char}`"
    end = at + len(word[0]) if word else at + 1
    return (
        Diagnostic(
            SYNTAX,
            f"{found} where {_wanted(error, reading)} should come",
            source.span(at, max(at + 1, min(end, len(text)))),
            hint=hint,
        ),
        line_end,
    )


def _offset(error: UnexpectedInput, text: str) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text.rstrip())  # Lark gives $END the place of the last token
    return min(error.pos_in_stream or 0, len(text))


def _inside_string(error: UnexpectedInput) -> bool:
    expected = getattr(error, "accepts", None) or getattr(error, "expected", None) or ()
    return any(str(name).startswith("FORMAT_TEXT") for name in expected)


def _wanted(error: UnexpectedInput, reading: _Reading) -> str:
    """What the parser would take at the place of the error. A bracket that is not open, and the
    line's end inside one, are in Lark's set though they could not follow."""
    if isinstance(error, UnexpectedCharacters):
        accepted = set(error.allowed or ())
    else:
        accepted = set(getattr(error, "accepts", None) or error.expected)  # type: ignore[attr-defined]
    innermost = reading.open[-1].type if reading.open else None
    impossible = {close for start, close in _PAIRS.items() if start != innermost}
    accepted -= impossible | ({"_NL", "$END"} if innermost else set())
    if {"LSQB", "LBRACE", "INTEGER"} <= accepted:
        return "an expression" if "RPAR" not in accepted else "an argument or `)`"
    named = [_EXPECTED[name] for name in _EXPECTED if name in accepted]
    if "PLUS" in accepted:
        named = [*(n for n in named if n not in ("`else`", "`in`")), "an operator"]
    return " or ".join(dict.fromkeys(named)) or "something else"


# Building the tree.

_CHAINS = frozenset({"sum", "product", "conjunction", "disjunction"})
_CONSTANTS: dict[str, ast.Constant] = {"true": True, "false": False, "none": None}
_SIMPLE_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([ntr0\\\"']))|\\."
)


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
            chain = len(node.children) // 2 if node.data in _CHAINS else 0
            below = [child for child in node.children if isinstance(child, Tree)]
            stack.extend((child, depth + 1 + chain) for child in below)
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
        return ast.Literal(span, self.text(node.children[0], 1))

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
                text = self.text(child, 0).replace("{{", "{").replace("}}", "}")
                parts.append(text)
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
            key_token, value = entry.children
            key = self.text(key_token, 1)
            if key in entries:
                self.complain(
                    REPEATED_KEY,
                    f"the key {key!r} is given twice",
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
            left = ast.Binary(left.span.to(right.span), str(operator), left, right)
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
            self.complain(SYNTAX, "this is no argument's name", name_span)
            return None
        return ast.Argument(name_span, name, self.expression(value))

    def text(self, token: Any, quotes: int) -> str:
        """The text that a string or a piece of an f-string stands for."""
        start = (token.start_pos or 0) + quotes
        inner = str(token)[quotes : len(token) - quotes]

        def decode(match: re.Match[str]) -> str:
            hexadecimal = match[1] or match[2] or match[3]
            if match[4]:
                return _SIMPLE_ESCAPES[match[4]]
            if hexadecimal:
                code = int(hexadecimal, 16)
                if code < 0x110000 and not 0xD800 <= code < 0xE000:
                    return chr(code)
            self.complain(
                BAD_ESCAPE,
                f"`{match[0]}` is no escape sequence",
                self.source.span(start + match.start(), start + match.end()),
                hint="write a backslash as `\\\\`; known are \\n \\t \\r \\0 \\\" \\' \\xNN \\uNNNN",
            )
            return ""

        return _ESCAPE.sub(decode, inner)


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
    pending = list(comments)
    statements: list[ast.Statement] = []
    last_line = 0
    for statement in plan.statements:
        leading: list[str] = []
        while pending and pending[0].start < statement.span.start:
            last_line = _lead(leading, pending.pop(0), last_line, source)
        first, _ = source.position(statement.span.start)
        if last_line and first > last_line + 1:
            leading.append("")
        trailing: str | None = None
        last, _ = source.position(statement.span.end)
        while pending and source.position(pending[0].start)[0] <= last:
            text = pending.pop(0).text
            if source.position(comments[-len(pending) - 1].start)[0] == last:
                trailing = _comment_text(text)
            else:
                leading.append(_comment_text(text))
        last_line = last
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
    return "# " + text[1:].strip() if text[1:].strip() else "#"
