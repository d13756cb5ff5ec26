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
from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from planc import syntax as ast
from planc.build import Builder, Comment
from planc.diagnostics import Diagnostic, PlanError
from planc.explain import BRACKETS, QUOTES, Reading, explain, unexpected
from planc.lr import Table
from planc.source import SURROGATE, Source
from planc.uncollected import uncollected

_MAX_MISTAKES = 20
KEYWORDS = frozenset(
    {"return", "if", "else", "for", "in", "and", "or", "not", "True", "False", "None"}
)

_CLOSE = frozenset({"RPAR", "RSQB", "RBRACE", "FORMAT_END", "FORMAT_END_SINGLE"})


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
def _grammar() -> tuple[Lark, Table]:
    lark = Lark(
        (grammar_folder() / "plan.lark").read_text(encoding="utf-8"),
        parser="lalr",
        start="plan",
        postlex=_LineEnds(),
        maybe_placeholders=False,
    )
    return lark, Table(lark)


@uncollected()
def parse(source: Source) -> ast.Plan:
    """The syntax tree of a plan's text. Raises `PlanError` with the mistakes in it (E001 to E011
    and E026), the first 20 if there are more."""
    surrogate = SURROGATE.search(source.text)
    if surrogate is not None:
        raise PlanError(unexpected(source, surrogate.start(), None))
    good = rest = " " + source.text[1:] if source.text.startswith("\ufeff") else source.text
    mistakes: list[Diagnostic] = []
    while True:
        reading = Reading()
        try:
            tree = _read(rest, reading)
            break
        except UnexpectedInput as error:
            diagnostic, end = explain(error, reading, source)
            mistakes.append(diagnostic)
            if len(mistakes) == _MAX_MISTAKES:
                raise PlanError(mistakes) from None
            # What stands before the statement is known to fit, so only the rest is read again.
            start = reading.statement_start
            good = good[:start] + re.sub(r"[^\n]", " ", good[start:end]) + good[end:]
            rest = " " * end + good[end:]
    if mistakes:
        reading = Reading()
        tree = _read(good, reading)
    builder = Builder(source, mistakes)
    plan = builder.plan(tree, reading.comments)
    if mistakes:
        raise PlanError(mistakes[:_MAX_MISTAKES])
    return plan


def _read(text: str, reading: Reading) -> Tree[Token]:
    lark, table = _grammar()
    parser = lark.parse_interactive(text)
    last: Token | None = None
    tokens = parser.lexer_thread.lex(parser.parser_state)  # type: ignore[no-untyped-call]
    try:
        for token in tokens:
            if token.type == "COMMENT":
                reading.comments.append(Comment(token.start_pos or 0, str(token)))
                continue
            if token.type == "_NL":
                if reading.inside in BRACKETS:
                    continue
                if last is not None and last.type != "_NL":
                    table.feed(parser, token)
                    last = token
                reading.statement_start = token.end_pos or 0
                continue
            table.feed(parser, token)
            last = token
            reading.end = token.end_pos or 0
            if token.type in BRACKETS or token.type in QUOTES:
                reading.open.append(token)
            elif token.type in _CLOSE and reading.open:
                reading.open.pop()
        result: Tree[Token] = parser.feed_eof(last)  # type: ignore[no-untyped-call]
    except UnexpectedInput:
        reading.accepted = frozenset(parser.accepts())  # type: ignore[no-untyped-call]
        raise
    return result
