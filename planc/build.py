"""Lark's tree to the syntax tree, with the mistakes that the grammar lets through."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import replace
from typing import Any, NamedTuple

from lark import Token, Tree

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
    Diagnostic,
    Label,
)
from planc.source import Source, Span, printable
from planc.types import quote, unescape

MAX_DEPTH = 100  # levels of nesting that the stages after this one follow by recursion
_MAX_DIGITS = 400


class Comment(NamedTuple):
    """A comment's offset and its text with the `#`."""

    start: int
    text: str


_CHAINS = frozenset({"sum", "product", "conjunction", "disjunction"})
_PARTS = frozenset(
    {"arguments", "keyword_argument", "word_argument", "positional_argument", "entry"}
)  # of an expression that counts as a level already
_FORMAT_PIECE = re.compile(r"\{\{|\}\}|(?:[^{}\\]|\\.)+")
_CONSTANTS: dict[str, ast.Constant] = {"true": True, "false": False, "none": None}


class Builder:
    """Walks Lark's tree, bottom of the expression first, and collects further mistakes."""

    def __init__(self, source: Source, mistakes: list[Diagnostic]) -> None:
        self.source = source
        self.mistakes = mistakes

    def span(self, node: Tree[Token] | Token) -> Span:
        """From a node's first token to its last: the grammar keeps those at the ends of a node."""
        first: Any = node
        while isinstance(first, Tree):
            first = first.children[0]
        last: Any = node
        while isinstance(last, Tree):
            last = last.children[-1]
        return Span(first.start_pos or 0, last.end_pos or 0, self.source)

    def complain(self, *args: Any, **kwargs: Any) -> None:
        self.mistakes.append(Diagnostic(*args, **kwargs))

    def plan(self, tree: Tree[Token], comments: list[Comment]) -> ast.Plan:
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
            for child in node.children:
                if isinstance(child, Tree):
                    stack.append((child, depth))
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


def _with_comments(plan: ast.Plan, comments: list[Comment]) -> ast.Plan:
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
        if leading or trailing is not None:
            statement = replace(statement, leading=tuple(leading), trailing=trailing)
        statements.append(statement)
    epilogue: list[str] = []
    for comment in pending:
        last_line = _lead(epilogue, comment, last_line, source)
    return replace(plan, statements=tuple(statements), epilogue=tuple(epilogue))


def _lead(into: list[str], comment: Comment, last_line: int, source: Source) -> int:
    line, _ = source.position(comment.start)
    if last_line and line > last_line + 1:
        into.append("")
    into.append(_comment_text(comment.text))
    return line


def _comment_text(text: str) -> str:
    inner = printable(text[1:].strip().replace("\t", " "))
    return f"# {inner}" if inner else "#"
