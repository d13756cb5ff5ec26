"""The grammar of one statement, made for these tools and the variables in scope.

Written in llguidance's dialect of Lark. Every type that a place can ask for becomes a rule whose
alternatives are all that may stand there: literals of the type, variables and fields of variables
whose type fits, f-strings where a text may stand, lists and records of these. A required argument
that nothing can fill makes its tool unavailable. What this grammar accepts, `grammar/plan.lark`
parses; docs/decoding.md says which part of the language it covers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from planc.check import is_text_like
from planc.decode.literals import copies, spelling
from planc.format import argument_text, name_text, tool_text, word_text
from planc.parse import KEYWORDS
from planc.tools import Parameter, Tool
from planc.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NONE,
    STR,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Primitive,
    Record,
    RecordField,
    Type,
    is_subtype,
    literal_text,
    members,
    quote,
)

NO_TOOL = "# no tool fits"
"""What a model writes in place of a plan when no tool can do what is asked."""

MAX_TEXT = 600
MAX_ITEMS = 16
_MAX_HOLES = 8

_TERMINALS = f"""
STR: /"([^"\\\\\\x00-\\x1f\\x7f]|\\\\["\\\\nt]){{0,{MAX_TEXT}}}"/
FSTART: "f\\""
FTEXT: /([^"\\\\{{}}\\x00-\\x1f\\x7f]|\\\\["\\\\nt]){{1,{MAX_TEXT}}}/
INT: /-?(0|[1-9][0-9]{{0,14}})/
FLOAT: /-?(0|[1-9][0-9]{{0,14}})(\\.[0-9]{{1,10}})?/
SAFE: /[^"\\\\\\x00-\\x1f\\x7f]*/
WORD: /[a-z][a-z0-9_]{{0,30}}/
"""


@dataclass(frozen=True)
class Scope:
    """What a statement may refer to: the variables with their types, and the request, from which
    literals of copied types are taken. `first` is true before the first statement."""

    variables: Mapping[str, Type]
    request: str
    first: bool = False


def statement_grammar(tools: Iterable[Tool], scope: Scope) -> str:
    """The grammar of the next statement or, in its place, of the plan's end."""
    return _Grammar(list(tools), scope).statement()


class _Grammar:
    def __init__(self, tools: list[Tool], scope: Scope) -> None:
        self.tools = tools
        self.scope = scope
        self.rules: list[str] = []
        self.looking_up = False  # inside the arguments of a call that is itself an argument
        self.by_type: dict[tuple[Type, bool], str | None] = {}
        self.copied: dict[Nominal, list[str]] = {}
        self.paths = list(self._paths())
        self.count = 0

    def statement(self) -> str:
        """The whole grammar. A new variable's name does not begin as a tool's does: a model that
        starts to write a tool which nothing can fill yet would go on with a name made of it."""
        calls = [rule for rule in map(self.call, self.tools) if rule]
        results = [text for text, _ in self.paths]
        statements = [
            *(f"assign call_{i}" for i in range(len(calls))),
            *(f"call_{i}" for i in range(len(calls))),
        ]
        self.rules += [f"call_{i}: {rule}" for i, rule in enumerate(calls)]
        if results:
            self.rules.append(f'return: "return " ({self.either(results)} | {self.format()})')
            statements.append("return")
        if self.scope.first:
            statements.append(_quoted(NO_TOOL))
        used = [*self.scope.variables, *map(str.lower, KEYWORDS)]
        verbs = {re.split(r"[\W_]", tool.name)[0].lower() for tool in self.tools}
        barred = "|".join([*map(re.escape, used), f"({'|'.join(map(re.escape, sorted(verbs)))}).*"])
        body = " | ".join(statements)
        start = f'({body}) "\\n"?' if self.scope.first else f'(({body}) "\\n"?)?'
        return "\n".join(
            [
                f"start: {start}",
                'assign: NAME " = "',
                f"NAME: WORD & ~/{barred}/",
                *self.rules,
                _TERMINALS,
            ]
        )

    def call(self, tool: Tool) -> str | None:
        """The rule of a call, or None where a required argument cannot be filled."""
        parts: list[tuple[str, bool]] = []
        for parameter in tool.parameters:
            value = self.argument(parameter)
            if value is None and parameter.required:
                return None
            if value is not None:
                name = _quoted(f"{argument_text(parameter.name)}=")
                parts.append((f"{name} {value}", parameter.required))
        return f'{_quoted(tool_text(tool.name) + "(")} {self.sequence(parts)} ")"'

    def argument(self, parameter: Parameter) -> str | None:
        """The rule for an argument's value; None is not offered where leaving out does."""
        if parameter.required:
            return self.type(parameter.type)
        kept = [m for m in members(parameter.type) if m != NONE] or [NONE]
        return self.alternatives([self.type(member) for member in kept])

    def sequence(self, parts: list[tuple[str, bool]]) -> str:
        """Parts in order, joined by commas, of which those marked false may be left out.

        `head_i` stands before anything is written, `tail_i` after something is.
        """
        if not parts:
            return '""'
        self.count += 1
        base = f"s{self.count}"
        last = len(parts)
        for i, (part, required) in enumerate(parts):
            tail = f"{base}_t{i + 1}" if i + 1 < last else ""
            head = f"{base}_h{i + 1}" if i + 1 < last else ""
            later = [] if required else [head or '""']
            self.rules.append(f"{base}_h{i}: " + " | ".join([f"{part} {tail}".strip(), *later]))
            later = [] if required else [tail or '""']
            self.rules.append(
                f"{base}_t{i}: " + " | ".join([f'", " {part} {tail}'.strip(), *later])
            )
        return f"{base}_h0"

    # What may stand where a type is asked.

    def type(self, of: Type) -> str | None:
        """The name of the rule for a type, or None if nothing has it here."""
        key = of, self.looking_up
        if key not in self.by_type:
            self.count += 1
            name = f"t{self.count}"
            self.by_type[key] = name  # a rule may use itself, as a list inside a list does
            found = [self.literal(member) for member in members(of)]
            fitting = [text for text, given in self.paths if is_subtype(given, of)]
            if fitting:
                found.append(self.either(fitting))
            if is_subtype(STR, of) and self.holes():
                found.append(self.format())
            rule = " | ".join(alternative for alternative in found if alternative)
            self.by_type[key] = name if rule else None
            if rule:
                self.rules.append(f"{name}: {rule}")
        return self.by_type[key]

    def literal(self, of: Type) -> str | None:
        """The alternatives of a type's literals."""
        match of:
            case Primitive():
                return self.primitive(of)
            case LiteralOf(values):
                return self.either([literal_text(value) for value in values])
            case Nominal(copied=None):
                self.count += 1
                inner = f"N{self.count}"
                pattern = spelling(of).replace("/", "\\/")
                self.rules.append(f"{inner}_TEXT: /{pattern}/")
                self.rules.append(f'{inner}: "\\"" ({inner}_TEXT & SAFE) "\\""')
                return inner
            case Nominal():
                found = self.copied.setdefault(of, copies(of, self.scope.request))
                return " | ".join([*map(_quoted, map(quote, found)), *self.lookups(of)]) or None
            case ListOf(element):
                item = self.type(element)
                return f'"[" {item} (", " {item}){{0,{MAX_ITEMS - 1}}} "]"' if item else None
            case DictOf(value):
                item = self.type(value)
                pair = f'STR ": " {item}'
                more = f'({pair} (", " {pair}){{0,{MAX_ITEMS - 1}}})? ' if item else ""
                return f'"{{" {more}"}}"'
            case Record(fields):
                return self.record(fields)
        return None

    def lookups(self, of: Nominal) -> list[str]:
        """The calls that may stand where a value is asked that cannot be written down: those of
        tools that change nothing and return it, with plain arguments."""
        if self.looking_up:
            return []
        self.looking_up = True
        fitting = [t for t in self.tools if t.effect != "write" and is_subtype(t.result, of)]
        rules = [self.call(tool) for tool in fitting if tool.result != ANY]
        self.looking_up = False
        return [f"({rule})" for rule in rules if rule]

    def primitive(self, of: Primitive) -> str | None:
        known = {STR: "STR", INT: "INT", FLOAT: "FLOAT", BOOL: '"True" | "False"', NONE: '"None"'}
        if of != ANY:
            return known.get(of)
        if "any: " not in " ".join(self.rules):
            self.rules.append(
                'any: STR | FLOAT | "True" | "False" | "None" | any_list | any_record\n'
                f'any_list: "[" (any (", " any){{0,{MAX_ITEMS - 1}}})? "]"\n'
                'any_record: "{" (STR ": " any (", " STR ": " any)'
                f'{{0,{MAX_ITEMS - 1}}})? "}}"'
            )
        return "any"

    def record(self, fields: tuple[RecordField, ...]) -> str | None:
        parts: list[tuple[str, bool]] = []
        for field in fields:
            value = self.type(field.type)
            if value is None and field.required:
                return None
            if value is not None:
                parts.append((f"{_quoted(quote(field.name) + ': ')} {value}", field.required))
        return f'"{{" {self.sequence(parts)} "}}"'

    def format(self) -> str:
        """The rule of f-strings with at least one hole."""
        if "format" not in {rule.split(":")[0] for rule in self.rules}:
            hole = f'"{{" ({self.either(self.holes())}) "}}"'
            self.rules.append(f"hole: {hole}")
            self.rules.append(
                f'format: FSTART FTEXT? hole (FTEXT? hole){{0,{_MAX_HOLES - 1}}} FTEXT? "\\""'
            )
        return "format"

    def holes(self) -> list[str]:
        return [text for text, given in self.paths if is_text_like(given)]

    def _paths(self) -> Iterator[tuple[str, Type]]:
        """The variables, their fields, and the elements of lists, with their types."""
        for name, of in self.scope.variables.items():
            if of == NONE:
                continue
            yield name_text(name), of
            yield from _parts(name_text(name), of)

    def alternatives(self, rules: list[str | None]) -> str | None:
        found = [rule for rule in rules if rule]
        return f"({' | '.join(found)})" if found else None

    def either(self, texts: list[str]) -> str:
        return " | ".join(map(_quoted, texts))


def _parts(path: str, of: Type, depth: int = 2) -> Iterator[tuple[str, Type]]:
    if isinstance(of, Record) and depth:
        for field in of.fields:
            if field.required:
                inner = f"{path}.{word_text(field.name)}"
                yield inner, field.type
                yield from _parts(inner, field.type, depth - 1)
    if isinstance(of, ListOf) and depth:
        yield f"{path}[0]", of.element
        yield from _parts(f"{path}[0]", of.element, depth - 1)


def _quoted(text: str) -> str:
    """A text as a terminal of llguidance's Lark dialect."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
