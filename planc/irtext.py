"""Graphs as text, and back.

    type EmailAddress = nominal "EmailAddress" str "[\\\\w.%+'-]+@..."
    graph {
      %v1 = const "Sid" : str
      %sid = call `get_email_address`(`name`=%v1) : EmailAddress
    } show %sid

A named type is defined above the graph. `parse_ir(print_ir(graph))` is the same graph, spans aside.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from planc.build import MAX_DEPTH
from planc.diagnostics import IR_SYNTAX, Diagnostic, PlanError
from planc.ir import Body, Graph, Node
from planc.parse import grammar_folder
from planc.source import Source, Span
from planc.types import (
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Primitive,
    Record,
    RecordField,
    Type,
    Union,
    literal_text,
    quote,
    unescape,
)
from planc.verify import verify

_PRIMITIVES = frozenset({"str", "int", "float", "bool", "None", "Any", "Never"})
_RESERVED = _PRIMITIVES | {"list", "dict", "Literal", "type", "graph"}
_PLAIN = re.compile(r"[\w.]+")
_CONSTANTS = {"True": True, "False": False, "None": None}


def print_ir(graph: Graph) -> str:
    """The text of a graph: the definitions of its named types, then its nodes."""
    printer = _Printer()
    nodes = "\n".join(printer.body(graph.body, ""))
    shown = f" show {', '.join(map(_value, graph.shown))}" if graph.shown else ""
    return "".join(f"{line}\n" for line in [*printer.definitions, f"graph {nodes}{shown}"])


class _Printer:
    def __init__(self) -> None:
        self.names: dict[Type, str] = {}
        self.definitions: list[str] = []

    def body(self, body: Body, indent: str) -> Iterator[str]:
        yield "{"
        inside = indent + "  "
        for name, of in body.parameters:
            yield f"{inside}given {_value(name)} : {self.type(of)}"
        for node in body.nodes:
            after = f" after [{', '.join(map(_value, node.after))}]" if node.after else ""
            line = f"{_value(node.id)} = {_operation(node)} : {self.type(node.type)}{after}"
            for inner in node.bodies:
                first, *rest = self.body(inner, inside)
                line = "\n".join([f"{line} {first}", *rest])
            yield inside + line
        if body.result is not None:
            yield f"{inside}yield {_value(body.result)}"
        yield indent + "}"

    def type(self, of: Type) -> str:
        match of:
            case ListOf(element):
                return f"list[{self.type(element)}]"
            case DictOf(value):
                return f"dict[{self.type(value)}]"
            case Union(members):
                return " | ".join(self.type(member) for member in members)
            case Record(name=None):
                return self.fields(of)
            case Record() | Nominal():
                return self.named(of)
        return str(of)

    def fields(self, of: Record) -> str:
        return (
            "{"
            + ", ".join(
                f"{quote(f.name)}{'' if f.required else '?'}: {self.type(f.type)}"
                for f in of.fields
            )
            + "}"
        )

    def named(self, of: Record | Nominal) -> str:
        if of not in self.names:
            wanted = "".join(c if c.isalnum() or c == "_" else "_" for c in of.name or "")
            wanted = wanted if wanted[:1].isalpha() and wanted not in _RESERVED else f"T_{wanted}"
            alias, n = wanted, 1
            while alias in self.names.values():
                n += 1
                alias = f"{wanted}.{n}"
            self.names[of] = alias
            if isinstance(of, Record):
                body = f"record {quote(of.name or '')} {self.fields(of)}"
            else:
                body = f"nominal {quote(of.name)} {self.type(of.base)} {quote(of.pattern)}"
                body += f" calendar {quote(of.calendar)}" if of.calendar else ""
                body += f" copied {quote(of.copied)}" if of.copied else ""
                body += f" dropped {quote(of.dropped)}" if of.dropped else ""
            self.definitions.append(f"type {alias} = {body}")
        return self.names[of]


def _operation(node: Node) -> str:
    values = [_value(name) for name in node.operands]
    match node.op:
        case "const":
            return f"const {literal_text(node.attribute)}"
        case "call":
            tool, names = node.attribute
            given = ", ".join(f"`{n}`={v}" for n, v in zip(names, values, strict=True))
            return f"call {'early ' if node.early else ''}`{tool}`({given})"
        case "batch":
            tool, varying, shared = node.attribute
            count = len(values) - len(shared)
            each = f"`{varying}`=[{', '.join(values[:count])}]"
            rest = (f"`{n}`={v}" for n, v in zip(shared, values[count:], strict=True))
            return f"batch `{tool}`({', '.join([each, *rest])})"
        case "record":
            pairs = (f"{quote(k)}={v}" for k, v in zip(node.attribute, values, strict=True))
            return " ".join(["record", *pairs])
        case "format":
            first, *texts = map(quote, node.attribute)
            rest = (f"{v} {text}" for v, text in zip(values, texts, strict=True))
            return " ".join(["format", first, *rest])
        case "field":
            return f"field {values[0]} {quote(node.attribute)}"
        case "unary" | "binary":
            return " ".join([node.op, quote(node.attribute), *values])
    return " ".join([node.op, *values])


def _value(name: str) -> str:
    return f"%{name}" if _PLAIN.fullmatch(name) else f"%`{name}`"


@cache
def _lark() -> Lark:
    path = grammar_folder() / "ir.lark"
    return Lark(path.read_text(encoding="utf-8"), parser="lalr", start="graphs")


def parse_ir(source: Source) -> Graph:
    """The graph that a text describes, verified; of several, as `planc compile --emit ir` writes
    them, the last one; spans are those of the names in this text. Raises `PlanError` (E501,
    E502)."""
    try:
        tree = _lark().parse(source.text)
    except UnexpectedInput as error:
        at = min(max(error.pos_in_stream or 0, 0), len(source.text))
        message = f"`{source.text[at : at + 20].partition(chr(10))[0]}` does not fit here"
        if getattr(getattr(error, "token", None), "type", "") == "$END" or at == len(source.text):
            at, message = len(source.text), "the text ends too soon"
        raise PlanError(Diagnostic(IR_SYNTAX, message, source.span(at, at + 1))) from None
    try:
        return verify(_Reader(source).graph(cast("Tree[Token]", tree.children[-1])))
    except (re.error, ValueError, OverflowError) as error:
        message = f"a type, a number or a text is wrong: {error}"
        raise PlanError(Diagnostic(IR_SYNTAX, message)) from error
    except RecursionError as error:
        raise PlanError(Diagnostic(IR_SYNTAX, "this is nested too deeply")) from error


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.types: dict[str, Type] = {}
        self.level = 0  # of bodies, or of types

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self.level += 1
        if self.level > MAX_DEPTH:
            raise RecursionError
        yield
        self.level -= 1

    def graph(self, tree: Tree[Token]) -> Graph:
        *definitions, body, shown = cast(list[Any], tree.children)
        for definition in definitions:
            self.define(definition)
        return Graph(self.body(body), tuple(map(_id, shown.children)) if shown else ())

    def define(self, tree: Any) -> None:
        name, title, *rest = tree.children
        if tree.data == "record_definition":
            self.types[name] = Record(self.fields(rest[0]), _text(title))
        else:
            base, pattern, calendar, copied, dropped = rest
            self.types[name] = Nominal(
                _text(title),
                self.type(base),
                _text(pattern),
                _text(calendar.children[0]) if calendar else None,
                _text(copied.children[0]) if copied else None,
                dropped=_text(dropped.children[0]) if dropped else None,
            )

    def body(self, tree: Any) -> Body:
        parameters, nodes, result = [], [], None
        for child in tree.children:
            if isinstance(child, Token):
                result = _id(child)
            elif child is not None and child.data == "parameter":
                parameters.append((_id(child.children[0]), self.type(child.children[1])))
            elif child is not None:
                nodes.append(self.node(child))
        return Body(tuple(nodes), result, tuple(parameters))

    def node(self, tree: Any) -> Node:
        name, operation, of, *rest = tree.children
        operands, attribute = self.operation(operation)
        early = any(isinstance(p, Token) and p.type == "EARLY" for p in operation.children)
        after = [child for child in rest if child.data == "after"]
        with self.deeper():
            bodies = [self.body(child) for child in rest if child.data == "body"]
        return Node(
            _id(name),
            str(operation.data),
            self.type(of),
            operands,
            attribute,
            tuple(bodies),
            tuple(_id(value) for value in after[0].children) if after else (),
            early,
            self.span(name),
        )

    def operation(self, tree: Any) -> tuple[tuple[str, ...], Any]:
        parts = [part for part in tree.children if part is not None and part != "early"]
        match tree.data:
            case "const":
                return (), self.constant(parts[0])
            case "call":
                names = tuple(str(part.children[0])[1:-1] for part in parts[1:])
                values = tuple(_id(part.children[1]) for part in parts[1:])
                return values, (str(parts[0])[1:-1], names)
            case "batch":
                tool, varying, *rest = parts
                each = tuple(_id(part) for part in rest if isinstance(part, Token))
                others = [part.children for part in rest if not isinstance(part, Token)]
                shared = tuple(str(name)[1:-1] for name, _ in others)
                values = each + tuple(_id(value) for _, value in others)
                return values, (str(tool)[1:-1], str(varying)[1:-1], shared)
            case "record":
                keys = tuple(_text(part.children[0]) for part in parts)
                return tuple(_id(part.children[1]) for part in parts), keys
        values = tuple(_id(part) for part in parts if part.type == "VALUE")
        texts = tuple(_text(part) for part in parts if part.type == "STRING")
        if tree.data == "format":
            return values, texts
        return values, texts[0] if texts else None

    def constant(self, tree: Any) -> Any:
        token = tree.children[0]
        if token.type == "STRING":
            return _text(token)
        if token.type == "NUMBER":
            number = int(token) if token.lstrip("-").isdigit() else float(token)
            if not math.isfinite(number):
                raise ValueError(f"{token} is too large for a float")
            return number
        if token not in _CONSTANTS:
            raise self.unknown(token)
        return _CONSTANTS[token]

    def type(self, tree: Any) -> Type:
        with self.deeper():
            return self.type_of(tree)

    def type_of(self, tree: Any) -> Type:
        match tree.data:
            case "named":
                name = tree.children[0]
                if name in _PRIMITIVES:
                    return Primitive(str(name))
                if name not in self.types:
                    raise self.unknown(name)
                return self.types[name]
            case "union":
                members = tuple(map(self.type, tree.children))
                return members[0] if len(members) == 1 else Union(members)
            case "list_type":
                return ListOf(self.type(tree.children[0]))
            case "dict_type":
                return DictOf(self.type(tree.children[0]))
            case "literal_type":
                return LiteralOf(tuple(map(self.constant, tree.children)))
        return Record(self.fields(tree.children[0]))

    def fields(self, tree: Any) -> tuple[RecordField, ...]:
        found = []
        for entry in (child for child in tree.children if child is not None):
            name, *optional, of = entry.children
            required = not any(part is not None for part in optional)
            found.append(RecordField(_text(name), self.type(of), required))
        return tuple(found)

    def unknown(self, token: Token) -> PlanError:
        return PlanError(
            Diagnostic(IR_SYNTAX, f"nothing is named `{token}` here", self.span(token))
        )

    def span(self, token: Token) -> Span:
        start = token.start_pos or 0
        return self.source.span(start, start + len(token))


def _id(token: Token) -> str:
    return token[2:-1] if token.startswith("%`") else str(token[1:])


def _text(token: Token) -> str:
    text, wrong = unescape(token[1:-1])
    for start, end in wrong:
        raise ValueError(f"`{token[1:-1][start:end]}` is no escape")
    return text
