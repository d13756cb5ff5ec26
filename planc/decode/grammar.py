"""The grammar of one statement, made for these tools, the variables in scope and the request.

Written in llguidance's dialect of Lark. Every type that a place can ask for becomes a rule whose
alternatives are all that may stand there (type-directed decoding): literals of the type, paths
into variables whose type fits, f-strings where a text may stand, lists and records of these,
conditionals and maps. What nothing can fill has no rule; a tool that requires it is not offered.
`planc.types.is_subtype` decides what fits, here as in the checker, and the texts are spelt by
`planc.format`. docs/decoding.md says which part of the language this covers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from planc.check import is_text_like
from planc.decode.identifiers import (
    Identifiers,
    identified,
    identifiers_of,
    identifies,
    is_of,
    made_by,
    stated,
)
from planc.decode.literals import copies, spelling
from planc.decode.paths import Path, paths, quoted
from planc.decode.scan import MAX_KEY, MAX_TEXT
from planc.format import argument_text, tool_text
from planc.parse import KEYWORDS
from planc.source import SURROGATE
from planc.tools import Parameter, Tool
from planc.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Primitive,
    Record,
    Type,
    escape,
    is_subtype,
    literal_text,
    members,
    nominals,
    quote,
    without_none,
)

NO_TOOL = "# no tool fits"
"""What a model writes in place of a plan when no tool can do what is asked."""

FOREIGN = (
    "assert",
    "book_room",
    "calculate_tip",
    "find_city",
    "percent_of",
    "post_message",
    "print",
    "statistics_mean",
    "taxi_order",
    "weather_forecast",
)
"""What no new variable's name begins with: calls that models are wont to write and no plan has, of
Python and of the tools in `planc.decode.lessons`."""

MAX_ITEMS = 16
_MAX_HOLES = 8
_TELLING = 7  # characters of a copied value; a shorter one, such as a year, may be anything
_ANY_LEVELS = 4
_MAX_DIGITS = 300  # of a number that a tool's description gives

# What may follow a name is told by rules; a terminal is one lexeme, and the lexer is greedy.
TERMINALS = f"""
STR: /"([^"\\\\\\x00-\\x1f\\x7f]|\\\\["\\\\nt])*"/
KEY: /"[^"\\\\\\x00-\\x1f\\x7f]{{0,{MAX_KEY}}}"/
FSTART: "f\\""
FTEXT: /([^"\\\\{{}}\\x00-\\x1f\\x7f]|\\\\["\\\\nt])+/
INT: /-?(0|[1-9][0-9]{{0,14}})/
FLOAT: /-?(0|[1-9][0-9]{{0,14}})(\\.[0-9]{{1,10}})?(e[+-]?(0[1-9]|[1-9][0-9]?))?/
INDEX: /0|[1-9][0-9]?|-1/
ORDER: "<" | "<=" | ">" | ">="
WORD: /[a-z][a-z0-9_]{{0,30}}/
"""


def _any_rules() -> str:
    """The rules of a value of any type: a constant, or some levels of lists and records."""
    rules = ['any0: STR | FLOAT | "True" | "False" | "None"']
    for level in range(1, _ANY_LEVELS + 1):
        inner = f"any{level - 1}"
        entry = f'KEY ": " {inner}'
        items = f'"[" ({inner} (", " {inner}){{0,{MAX_ITEMS - 1}}})? "]"'
        entries = f'"{{" ({entry} (", " {entry}){{0,{MAX_ITEMS - 1}}})? "}}"'
        name = "any" if level == _ANY_LEVELS else f"any{level}"
        rules.append(f"{name}: any0 | {items} | {entries}")
    return "\n".join(rules)


@dataclass(frozen=True)
class Scope:
    """What a statement may refer to: the variables with their types, and the request, from which
    literals of copied types are taken. `first` is true before the first statement. With the plan
    so far in `before`, no statement looks up a value of a kind that the request states until that
    is used: small models sooner look up an address than copy it."""

    variables: Mapping[str, Type]
    request: str
    first: bool = False
    before: str | None = None


def statement_grammar(tools: Iterable[Tool], scope: Scope) -> str:
    """The grammar of the next statement or, in its place, of the plan's end."""
    return _Grammar(list(tools), scope).statement()


@dataclass(frozen=True)
class _Place:
    """Where in a statement an expression stands.

    `element` is the type of the map's variable inside a map. Inside a branch, a map and a nested
    call the place is `plain`: conditionals and maps do not nest. `looking_up` is true inside the
    arguments of a call that is itself an argument. `identifier` is the name of the parameter or the
    field whose value it is, if that is an identifier, and `found` is true if a tool finds such.
    Inside the records that a tool which makes something is given, its noun is `new`: what
    identifies such a thing is not found.
    """

    element: Type | None = None
    plain: bool = False
    looking_up: bool = False
    identifier: str | None = None
    found: bool = False
    new: str | None = None

    def meant(self, fitting: Sequence[Path]) -> Sequence[Path]:
        """Of the paths whose type fits, those that may stand here."""
        if self.identifier is None:
            return fitting
        return identified(fitting, self.identifier, only=self.found)


class _Grammar:
    def __init__(self, tools: list[Tool], scope: Scope) -> None:
        self.tools = tools
        self.scope = scope
        self.rules: list[str] = []
        self.named: dict[object, str | None] = {}  # the rule for what it stands for
        self.bodies: dict[str, str] = {}  # the rule with these alternatives
        self.terminals: dict[str, str] = {}
        self.asks_any = False
        self.copied: dict[Nominal, list[str]] = {}
        self.variable = next(name for name in _loop_names() if name not in scope.variables)
        self.outer = paths(scope.variables)
        self.inner: dict[Type, list[Path]] = {}  # the paths inside a map, by its element's type

    def statement(self) -> str:
        """The whole grammar. A new variable's name does not begin as that of a tool which nothing
        can fill yet, or whose result has no known fields: a model that starts to write the tool
        would go on with a name made of it. The same holds for `FOREIGN` calls."""
        statements = []
        sooner = [self.call(t, _Place()) for t in self.tools if not self.finds_what_is_stated(t)]
        call = self.rule("call", sooner)
        if call:
            test = self.test(_Place(), telling=False)
            choice = f' (" if " {test} " else " ({call} | "None"))?' if test else ""
            statements.append(f'(NAME " = ")? ({call}{choice})')
            maps = [self.map(place, self.any_call(place)) for place in self.map_places(_Place())]
            statements += [f'(NAME " = ")? {one}' for one in maps if one]
        result = self.result()
        if result:
            statements.append(f'"return " {result}')
        if self.scope.first:
            statements.append(quoted(NO_TOOL))
        body = f'({" | ".join(statements)}) "\\n"?' if statements else '""'
        return "\n".join(
            [
                f"start: {body}" if self.scope.first else f"start: ({body})?",
                f"NAME: WORD & ~/{self.barred_names()}/",
                *self.rules,
                TERMINALS,
                *([_any_rules()] if self.asks_any else []),
            ]
        )

    def finds_what_is_stated(self, tool: Tool) -> bool:
        """Whether a tool looks up what the request states and the plan has not used yet."""
        of = tool.result
        if self.scope.before is None or not tool.lookup or not isinstance(of, Nominal):
            return False
        stated = (v for v in self.copies(of) if len(v) >= _TELLING and _is_writable(v))
        return any(escape(value) not in self.scope.before for value in stated)

    def copies(self, of: Nominal) -> list[str]:
        return self.copied.setdefault(of, copies(of, self.scope.request))

    def barred_names(self) -> str:
        used = [*self.scope.variables, *map(str.lower, KEYWORDS)]
        tools = [tool.name.lower() for tool in self.tools]
        verbs = {
            re.split(r"[\W_]", tool.name)[0].lower() + ("" if tool.result in (ANY, NONE) else "_")
            for tool in self.tools
            if tool.result in (ANY, NONE) or not self.call(tool, _Place())
        }
        beginnings = (f"{_escaped(word)}.*" for word in [*sorted(verbs - {"", "_"}), *FOREIGN])
        return "|".join([*map(_escaped, [*used, *tools]), *beginnings])

    def result(self) -> str | None:
        """What a plan may return: paths, f-strings and lists of these."""
        found = [*(path.rule for path in self.outer), self.format(_Place())]
        item = self.rule("result", found)
        return item and f"({item} | {_list_of(item)})"

    # Rules

    def rule(self, key: object, alternatives: Iterable[str | None]) -> str | None:
        """The name of the rule with these alternatives, made once for what it stands for; None
        if there is none."""
        if key not in self.named:
            body = " | ".join(one for one in alternatives if one)
            if body and body not in self.bodies:
                self.bodies[body] = f"r{len(self.bodies)}"
                self.rules.append(f"{self.bodies[body]}: {body}")
            self.named[key] = self.bodies.get(body)
        return self.named[key]

    def sequence(self, parts: list[tuple[str, bool]]) -> str:
        """Parts in order, joined by commas, of which those marked false may be left out.

        From each part on there are two rules: one for when something is written already
        (`begun`), one for when nothing is.
        """
        if not parts:
            return '""'
        required = [i for i, (_, needed) in enumerate(parts) if needed]
        rest: dict[bool, str | None] = {False: None, True: None}
        for i, (part, needed) in reversed(list(enumerate(parts))):
            ended: dict[bool, str | None] = {}
            for begun in (False, True):
                if (begun and i == 0) or (not begun and required and i > required[0]):
                    continue  # never comes to that
                options = [f"{_COMMA if begun else ''} {part} {rest[True] or ''}".strip()]
                if not needed:
                    options.append(rest[begun] or '""')
                ended[begun] = self.rule(("sequence", tuple(parts[i:]), begun), options)
            rest = ended
        return rest[False] or '""'

    # Calls

    def any_call(self, place: _Place) -> str | None:
        return self.rule(("calls", place), (self.call(tool, place) for tool in self.tools))

    def call(self, tool: Tool, place: _Place) -> str | None:
        """The rule of a call, or None where a required argument cannot be filled."""
        key = ("call", tool.name, place)
        if key not in self.named:
            parts: list[tuple[str, bool]] = []
            for parameter in tool.parameters:
                value = self.argument(tool, parameter, place)
                if value is None and parameter.required:
                    return self.rule(key, [])
                if value is not None:
                    name = quoted(f"{argument_text(parameter.name)}=")
                    parts.append((f"{name} {value}", parameter.required))
            self.rule(key, [f'{quoted(tool_text(tool.name) + "(")} {self.sequence(parts)} ")"'])
        return self.named[key]

    def argument(self, tool: Tool, parameter: Parameter, place: _Place) -> str | None:
        """The rule for an argument's value; None is not offered where leaving out does."""
        held = any(isinstance(one, ListOf | DictOf | Record) for one in members(parameter.type))
        place = replace(place, new=made_by(tool) if held else None)
        place = self.place_of(place, parameter.name, parameter.type, tool)
        if parameter.required:
            return self.value(parameter.type, place)
        return self.value(
            parameter.type if parameter.type == NONE else without_none(parameter.type), place
        )

    def place_of(self, place: _Place, name: str, of: Type, tool: Tool | None = None) -> _Place:
        """The place of the value of a parameter (of a tool), or a record's field, of that name."""
        if not identifies(name):
            return replace(place, identifier=None, found=False)
        made = tool is None and place.new is not None and is_of(name, place.new)
        found = not made and self.identifiers.found(name, of, tool, self.uncallable)
        return replace(place, identifier=name, found=found)

    def lookups(self, of: Type, place: _Place) -> list[str]:
        """The calls that may stand where a value is asked: those of tools that change nothing
        and return it, with plain arguments."""
        if place.looking_up:
            return []
        within = replace(place, plain=True, looking_up=True, identifier=None, found=False, new=None)
        fitting = [t for t in self.tools if t.effect != "write" and is_subtype(t.result, of)]
        rules = [self.call(tool, within) for tool in fitting if tool.result not in (ANY, NONE)]
        return [rule for rule in rules if rule]

    # What may stand where a type is asked

    def value(self, of: Type, place: _Place) -> str | None:
        """The rule for an expression of a type: a simple one, a conditional or a map."""
        if place.plain:
            return self.simple(of, place)
        key = ("value", of, place)
        if key not in self.named:
            simple = self.simple(of, place)
            found = [simple, *self.maps(of, place), *self.conditionals(of, place)]
            if not any(found[1:]):
                self.named[key] = simple
            else:
                self.rule(key, found)
        return self.named[key]

    def conditionals(self, of: Type, place: _Place) -> list[str]:
        """`a if test else b`, and `a if a != None else b` where `a` fits once it is not None."""
        within = replace(place, plain=True)
        branch = self.simple(of, within)
        test = self.test(within)
        if not branch or not test:
            return []
        optional = [
            path
            for path in self.paths(place)
            if path.narrowed is not None
            and is_subtype(path.narrowed, of)
            and not is_subtype(path.type, of)
        ]
        return [
            f'{branch} " if " {test} " else " {branch}',
            *(
                f'{path.rule} " if " {path.rule} " != None else " {branch}'
                for path in place.meant(optional)
            ),
        ]

    def maps(self, of: Type, place: _Place) -> list[str]:
        """`[body for x in list]`, where the body is a part of `x`, a text or a lookup."""
        lists = [member for member in members(of) if isinstance(member, ListOf)]
        found = []
        for within in self.map_places(place) if lists else []:
            for element in dict.fromkeys(member.element for member in lists):
                parts = [p for p in self.new_paths(within) if is_subtype(p.type, element)]
                body = self.rule(
                    ("body", element, within),
                    [
                        *(path.rule for path in within.meant(parts)),
                        *self.texts(element, self.new_paths(within), within),
                        *self.lookups(element, within),
                    ],
                )
                found.append(self.map(within, body))
        return [one for one in found if one]

    def map_places(self, place: _Place) -> list[_Place]:
        """The insides of the maps that may stand at a place, one for each type of element."""
        elements = [p.type.element for p in self.paths(place) if isinstance(p.type, ListOf)]
        kept = [of for of in dict.fromkeys(elements) if of not in (NONE, NEVER)]
        return [replace(place, element=element, plain=True) for element in kept]

    def map(self, within: _Place, body: str | None) -> str | None:
        """A map with this body over every list with elements of the place's type."""
        over = self.rule(
            ("over", within.element),
            [p.rule for p in self.outer if p.type == ListOf(within.element or NEVER)],
        )
        test = self.test(within)
        if not body or not over:
            return None
        condition = f' (" if " {test})?' if test else ""
        return f'"[" {body} {quoted(f" for {self.variable} in ")} {over}{condition} "]"'

    def simple(self, of: Type, place: _Place) -> str | None:
        """The rule for an expression of a type without conditionals and maps around it."""
        if not any(isinstance(m, ListOf | DictOf | Record) for m in members(of)):
            place = replace(place, plain=True)  # the same inside a conditional and outside
        key = ("simple", of, place)
        if key not in self.named:
            found = [self.literal(member, place) for member in members(of)]
            found += self.references(of, place)
            self.rule(key, [*found, *self.texts(of, self.paths(place), place)])
        return self.named[key]

    def references(self, of: Type, place: _Place) -> list[str | None]:
        """The paths to values that may stand where a type is asked. Those that lead outside of a
        map are in a rule of their own, which all maps share: a grammar may not have more than
        65,000 symbols."""

        def fitting(found: Sequence[Path]) -> list[str]:
            whole = ANY in members(of)
            fits = [p for p in found if is_subtype(p.type, of) and (p.type != ANY or whole)]
            return [path.rule for path in place.meant(fits)]

        inside = [] if place.element is None else fitting(self.new_paths(place))
        outside = self.rule(("outside", of, place.identifier, place.found), fitting(self.outer))
        return [*inside, outside]

    def literal(self, of: Type, place: _Place) -> str | None:
        """The alternatives of a type's literals, and of what is written like one."""
        match of:
            case Primitive() if place.found and of in (STR, INT, FLOAT):
                return self.stated_as(of)
            case Primitive():
                self.asks_any |= of == ANY
                return _PRIMITIVES.get(of)
            case LiteralOf(values):
                return " | ".join(_constants(values))
            case Nominal():
                return self.nominal(of, place)
            case ListOf(element):
                item = self.value(element, place)
                return item and _list_of(item)
            case DictOf(value):
                item = self.value(value, place)
                pair = f'KEY ": " {item}'
                more = f'({pair} (", " {pair}){{0,{MAX_ITEMS - 1}}})? ' if item else ""
                return f'"{{" {more}"}}"'
            case Record(fields):
                if _are_confused(field.name for field in fields):
                    return None
                parts: list[tuple[str, bool]] = []
                for field in fields:
                    at = self.place_of(place, field.name, field.type)
                    inner = self.value(field.type, at) if _is_writable(field.name) else None
                    if inner is None and field.required:
                        return None
                    if inner is not None:
                        # The key is a lexeme of its own, as where a dict might stand as well.
                        key = quoted(quote(field.name))
                        parts.append((f'{key} ": " {inner}', field.required))
                return f'"{{" {self.sequence(parts)} "}}"'
        raise AssertionError(of)

    def nominal(self, of: Nominal, place: _Place) -> str | None:
        spelt = spelling(of)
        if spelt is not None:
            return self.terminal(spelt)
        return " | ".join([*_constants(self.copies(of)), *self.lookups(of, place)])

    def stated_as(self, of: Type) -> str | None:
        """The rule of the identifiers of a type that the request states."""
        key = ("stated", of)
        if key not in self.named:
            numbers = (int(text) for text in self.stated if re.fullmatch(r"-?[0-9]{1,19}", text))
            self.rule(key, _constants(self.stated if of == STR else numbers))
        return self.named[key]

    def terminal(self, spelt: str) -> str:
        if spelt not in self.terminals:
            self.terminals[spelt] = f"T{len(self.terminals)}"
            # One lexeme with its quotes: the lexer takes the longest, and does not come back.
            self.rules.append(f'{self.terminals[spelt]}: "\\"" ({spelt}) "\\""')
        return self.terminals[spelt]

    def format(self, place: _Place) -> str | None:
        """The rule of f-strings with at least one hole."""
        hole = self.hole(place)
        if hole is None:
            return None
        more = f'FTEXT? "{{" {hole} "}}"'
        whole = f'FSTART {more} ({more}){{0,{_MAX_HOLES - 1}}} FTEXT? "\\""'
        return self.rule(("format", place.element), [whole])

    def hole(self, place: _Place) -> str | None:
        """The rule of what may stand in an f-string's hole."""
        inside = place.element is not None
        found = [p.rule for p in self.nearest(place) if is_text_like(p.type)]
        outside = self.hole(replace(place, element=None)) if inside else None
        return self.rule(("hole", place.element), [*found, outside])

    def texts(self, of: Type, within: Sequence[Path], place: _Place) -> list[str | None]:
        """The f-strings that may stand where a type is asked; for an identifier that tools find,
        the text of one that is a number."""
        if not is_subtype(STR, of):
            return []
        if not place.found:
            return [self.format(place)]
        numbers = [path for path in within if path.type in (INT, FLOAT)]
        closed = quoted('"')
        return [f'FSTART "{{" {path.rule} "}}" {closed}' for path in place.meant(numbers)]

    def test(self, place: _Place, telling: bool = True) -> str | None:
        """The rule of what a conditional or a map may test. What stands under a test that is not
        `telling` is typed as if there were none: it tells of no value that it is not None."""
        inside = place.element is not None
        found = [self.test(replace(place, element=None), telling)] if inside else []
        for path in self.nearest(place):
            optional = NONE in members(path.type)
            if path.type == ANY or (optional and not telling):
                continue
            found.append(f'"not "? {path.rule}')
            literal = _compared(path.type)
            if literal:
                found.append(f'{path.rule} (" == " | " != ") ({literal})')
            if path.type in (INT, FLOAT):
                found.append(f'{path.rule} " " ORDER " " ({literal})')
            if optional:
                found.append(f'{path.rule} (" == None" | " != None")')
        return self.rule(("test", place.element, telling), found)

    # Identifiers

    @cached_property
    def identifiers(self) -> Identifiers:
        return identifiers_of(tuple(self.tools))

    @cached_property
    def uncallable(self) -> frozenset[str]:
        """The tools that need a value which no plan may make up, such as an address, and which
        neither the request nor a variable nor a tool has."""

        given = [*(path.type for path in self.outer), *(tool.result for tool in self.tools)]
        known = {of for one in given for of in nominals(one)}
        return frozenset(
            tool.name
            for tool in self.tools
            for parameter in tool.parameters
            if parameter.required
            for of in nominals(parameter.type)
            if of.copied and of not in known and not self.copies(of)
        )

    @cached_property
    def stated(self) -> list[str]:
        return stated(self.scope.request)

    # Variables

    def paths(self, place: _Place) -> Sequence[Path]:
        return self.outer if place.element is None else [*self.new_paths(place), *self.outer]

    def nearest(self, place: _Place) -> Sequence[Path]:
        """Inside a map the paths into its variable, and outside all."""
        return self.outer if place.element is None else self.new_paths(place)

    def new_paths(self, place: _Place) -> list[Path]:
        """The paths into a map's variable."""
        assert place.element is not None
        if place.element not in self.inner:
            self.inner[place.element] = paths({self.variable: place.element})
        return self.inner[place.element]


_COMMA = '", "'
_PRIMITIVES = {
    STR: "STR",
    INT: "INT",
    FLOAT: "FLOAT",
    BOOL: '"True" | "False"',
    NONE: '"None"',
    ANY: "any",
}


def _compared(of: Type) -> str | None:
    """The literals that a value of a type is compared with, if any."""
    match of:
        case LiteralOf(values):
            return " | ".join(_constants(values))
        case Nominal(base=base):
            return _compared(base)
    return _PRIMITIVES[of] if of in (STR, INT, FLOAT) else None


def _constants(values: Iterable[str | int | float | bool]) -> list[str]:
    """Those of some constants that a plan can write."""
    return [quoted(literal_text(value)) for value in values if _is_writable(value)]


def _is_writable(value: str | int | float | bool) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        return False
    text = literal_text(value)
    if not isinstance(value, str):
        return len(text) <= _MAX_DIGITS
    return len(text) <= MAX_TEXT and not SURROGATE.search(value)


def _are_confused(names: Iterable[str]) -> bool:
    """Whether of two names of fields one goes on where a key that a model chooses must end."""
    long = sorted(quote(name)[1:-1] for name in names)
    pairs = pairwise(long)
    return any(len(one) >= MAX_KEY and other.startswith(one) for one, other in pairs)


def _list_of(item: str) -> str:
    return f'"[" {item} (", " {item}){{0,{MAX_ITEMS - 1}}} "]"'


def _loop_names() -> Iterable[str]:
    yield from "xyz"
    number = 1
    while True:
        yield f"x{number}"
        number += 1


def _escaped(text: str) -> str:
    """A text inside a regular expression between slashes."""
    return re.escape(text).replace("/", "\\/")
