"""Syntax tree to checked plan, or every mistake in it.

The checker is bidirectional (Pierce and Turner 2000): `_infer` finds an expression's type from
the inside, `_expect` pushes the type that a place asks for inwards, so that literals, lists,
records, conditionals and maps are judged against what they are for. After a mistake the
expression has type `Any`, so that one mistake is reported once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from planc import syntax as ast
from planc.build import MAX_DEPTH
from planc.diagnostics import (
    BAD_OPERAND,
    BAD_PATTERN,
    DIVISION_BY_ZERO,
    MISSING_ARGUMENT,
    MISSING_FIELD,
    NO_EFFECT,
    NO_VALUE,
    NOT_IN_ENUMERATION,
    NOT_INDEXABLE,
    NOT_ITERABLE,
    REASSIGNED_NAME,
    TOO_DEEP,
    UNKNOWN_ARGUMENT,
    UNKNOWN_FIELD,
    UNKNOWN_NAME,
    UNKNOWN_TOOL,
    UNREACHABLE,
    WRONG_TYPE,
    Diagnostic,
    Label,
    PlanError,
    nearest,
)
from planc.format import format_expression, name_text
from planc.narrow import facts, path_of
from planc.operators import result_of
from planc.source import Span
from planc.tools import Tool
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
    Record,
    RecordField,
    Type,
    base_of,
    element_of,
    extent,
    is_subtype,
    literal_text,
    members,
    union,
    without_none,
)
from planc.uncollected import uncollected
from planc.wording import a, form_hint, none_hint, shown

_MAX_PARTS = 100_000  # of a type, written out
_MAX_SPELLINGS = 20  # mistakes for which a name spelt alike is looked for


@dataclass(frozen=True, eq=False)
class CheckedPlan:
    """A plan that is well typed for its tools. `types` holds each expression's type by the
    node's identity; ask `type_of`."""

    plan: ast.Plan
    tools: Mapping[str, Tool]
    types: Mapping[int, Type]
    variables: Mapping[str, Type]

    def type_of(self, node: ast.Expression) -> Type:
        return self.types[id(node)]


@uncollected()
def check(
    plan: ast.Plan, tools: Mapping[str, Tool], known: Mapping[str, Type] | None = None
) -> CheckedPlan:
    """The plan with the types of its expressions. `known` are variables that stand before it.
    Raises `PlanError` with all mistakes."""
    checker = _Checker(plan, tools, known or {})
    checker.statements()
    if checker.mistakes:
        raise PlanError(checker.mistakes)
    return CheckedPlan(plan, tools, checker.types, {n: v.type for n, v in checker.scope.items()})


@dataclass(frozen=True)
class _Variable:
    type: Type
    span: Span


class _Checker:
    def __init__(
        self, plan: ast.Plan, tools: Mapping[str, Tool], known: Mapping[str, Type]
    ) -> None:
        self.plan = plan
        self.tools = tools
        start = Span(plan.span.start, plan.span.start, plan.span.source)
        self.scope = {name: _Variable(of, start) for name, of in known.items()}
        self.narrowed: dict[str, Type] = {}  # by the text of a name or a path of fields
        self.types: dict[int, Type] = {}
        self.mistakes: list[Diagnostic] = []
        self.assigned: dict[str, Span] = {}  # by every name, where the plan first assigns it
        for statement in plan.statements:
            if isinstance(statement, ast.Assignment):
                self.assigned.setdefault(statement.name, statement.name_span)

    def complain(self, *args: Any, **kwargs: Any) -> Type:
        self.mistakes.append(Diagnostic(*args, **kwargs))
        return ANY

    def nearest(self, word: str, candidates: Iterable[str]) -> str | None:
        return nearest(word, candidates) if len(self.mistakes) < _MAX_SPELLINGS else None

    def statements(self) -> None:
        returned: ast.Statement | None = None
        unreachable = False
        for statement in self.plan.statements:
            if returned is not None and not unreachable:
                unreachable = True
                self.complain(
                    UNREACHABLE,
                    "the plan has already returned",
                    statement.span,
                    (Label(returned.span, "here"),),
                    hint="move the `return` to the end",
                )
            match statement:
                case ast.Assignment(name=name, value=value, name_span=name_span):
                    of = self._infer(value)
                    self._bind(name, of, name_span)
                case ast.Return(value=value):
                    self._infer(value)
                    returned = statement
                case ast.Effect(value=value):
                    self._infer(value)
                    if not any(isinstance(node, ast.Call) for node in ast.walk(value)):
                        self.complain(
                            NO_EFFECT,
                            "this computes a value and drops it",
                            value.span,
                            hint="give it a name, return it, or leave it out",
                        )

    def _bind(self, name: str, of: Type, span: Span) -> None:
        if name in self.scope:
            self.complain(
                REASSIGNED_NAME,
                f"the name `{name}` is taken",
                span,
                (Label(self.scope[name].span, "first assigned here"),),
                hint="a name is assigned once; choose another",
            )
            self.scope[name] = _Variable(ANY, self.scope[name].span)
            return
        levels, parts = extent(of)
        if levels > MAX_DEPTH or parts > _MAX_PARTS:
            of = self.complain(
                TOO_DEEP,
                f"the type of `{name}` has {levels} levels and {parts} parts",
                span,
                hint=f"a value has {MAX_DEPTH} levels at the most, and {_MAX_PARTS:,} parts",
            )
        self.scope[name] = _Variable(of, span)

    # From the inside: what type does an expression have?

    def _infer(self, node: ast.Expression) -> Type:
        of = self._infer_node(node)
        self.types[id(node)] = of
        return of

    def _infer_node(self, node: ast.Expression) -> Type:
        match node:
            case ast.Literal(value=value):
                return NONE if value is None else LiteralOf((value,))
            case ast.Name():
                return self._name(node)
            case ast.ListExpression(items=items):
                return ListOf(union(_widened(self._infer(item)) for item in items))
            case ast.RecordExpression(entries=entries):
                return Record(
                    tuple(RecordField(e.key, _widened(self._infer(e.value))) for e in entries)
                )
            case ast.Call():
                return self._call(node)
            case ast.Field():
                return self._field(node)
            case ast.Index():
                return self._index(node)
            case ast.Format(parts=parts):
                for part in parts:
                    if isinstance(part, ast.Expression):
                        self._hole(part)
                return STR
            case ast.Unary(operator="not", operand=operand):
                self._infer(operand)
                return BOOL
            case ast.Unary(operand=operand):
                return self._negative(node, operand)
            case ast.Binary():
                return self._binary(node)
            case ast.Conditional(test=test, then=then, otherwise=otherwise):
                self._infer(test)
                with self._knowing(test, True):
                    first = self._infer(then)
                with self._knowing(test, False):
                    second = self._infer(otherwise)
                return union([first, second])
            case ast.Map():
                return self._map(node, None)
        raise AssertionError(node)

    def _name(self, node: ast.Name) -> Type:
        variable = self.scope.get(node.id)
        if variable is not None:
            return self.narrowed.get(name_text(node.id), variable.type)
        python_names = {"true": "True", "false": "False", "null": "None", "none": "None"}
        later = self.assigned.get(node.id)
        close = self.nearest(node.id, self.scope)
        begun = None if close else self._begun(node.id)
        if node.id in python_names:
            hint: str | None = f"write `{python_names[node.id]}`"
        elif node.id in self.tools:
            hint = f"`{node.id}` is a tool; call it: `{self.tools[node.id].signature()}`"
        elif later is not None:
            hint = "use a name only after the line that assigns it"
        elif begun is not None:
            hint = f"did you mean to call `{begun.signature()}`?"
        else:
            hint = f"did you mean `{close}`?" if close else "write texts in quotes"
        return self.complain(
            UNKNOWN_NAME,
            f"nothing is named `{node.id}` here",
            node.span,
            (Label(later, "assigned only here"),) if later else (),
            hint=hint,
        )

    def _begun(self, word: str) -> Tool | None:
        """The tool whose name begins so, if there is one and no other."""
        if len(self.mistakes) >= _MAX_SPELLINGS:
            return None
        found = [tool for name, tool in self.tools.items() if name.startswith(word)]
        return found[0] if len(found) == 1 else None

    def _call(self, node: ast.Call) -> Type:
        tool = self.tools.get(node.tool)
        if tool is None:
            for argument in node.arguments:
                self._infer(argument.value)
            close = self.nearest(node.tool, self.tools)
            meant = self.tools[close] if close else self._begun(node.tool)
            return self.complain(
                UNKNOWN_TOOL,
                f"there is no tool `{node.tool}`",
                node.tool_span,
                hint=f"did you mean `{meant.signature()}`?"
                if meant
                else "`planc tools` lists the tools there are",
            )
        for argument in node.arguments:
            parameter = tool.by_name.get(argument.name)
            if parameter is not None:
                self._expect(argument.value, parameter.type, f"`{argument.name}`")
                continue
            self._infer(argument.value)
            close = self.nearest(argument.name, tool.by_name)
            self.complain(
                UNKNOWN_ARGUMENT,
                f"`{tool.name}` takes no argument `{argument.name}`",
                argument.span,
                hint=f"did you mean `{close}`?" if close else tool.signature(),
            )
        given = {argument.name for argument in node.arguments}
        missing = [name for name in tool.required if name not in given]
        if missing:
            names = " and ".join(f"`{name}`" for name in missing)
            self.complain(
                MISSING_ARGUMENT,
                f"`{tool.name}` needs {names}",
                node.tool_span,
                hint=tool.signature(),
            )
        return tool.result

    def _field(self, node: ast.Field) -> Type:
        of = self._infer(node.value)
        path = path_of(node)
        if path in self.narrowed:
            return self.narrowed[path]
        found = _field_type(of, node.name)
        if found is not None:
            return found
        names = [f.name for m in members(of) if isinstance(m, Record) for f in m.fields]
        close = self.nearest(node.name, names)
        if NONE in members(of) and of != NONE:
            hint: str | None = none_hint(node.value)
        elif close:
            hint = f"did you mean `{close}`?"
        elif names:
            hint = f"it has {', '.join(f'`{name}`' for name in names)}"
        elif any(isinstance(m, DictOf) for m in members(of)):
            hint = f'its values are reached by index: `["{node.name}"]`'
        else:
            hint = None
        return self.complain(
            UNKNOWN_FIELD, f"{a(of)} has no field `{node.name}`", node.name_span, hint=hint
        )

    def _index(self, node: ast.Index) -> Type:
        of = self._infer(node.value)
        index = self._infer(node.index)
        element = element_of(of)
        if element is not None and is_subtype(index, INT):
            return element
        if isinstance(of, DictOf) and is_subtype(index, STR):
            return of.value
        if isinstance(node.index, ast.Literal):
            records = [member for member in members(of) if isinstance(member, Record)]
            if len(records) == len(members(of)):
                return self._key(node.index, of, records)
        if of == ANY:
            return ANY
        if element is not None or isinstance(of, DictOf):
            asked = STR if element is None else INT
            return self._wrong_type(node.index, index, asked, "the index")
        return self.complain(
            NOT_INDEXABLE,
            f"{a(of)} has no elements to index",
            node.span,
            hint=none_hint(node.value)
            if NONE in members(of)
            else "a field of a record is named by a text that is written out"
            if isinstance(of, Record)
            else None,
        )

    def _key(self, node: ast.Literal, of: Type, records: Sequence[Record]) -> Type:
        """The type of a field that is reached by an index, of a record or of one of several."""
        key = node.value
        found = _field_type(of, key) if isinstance(key, str) else None
        if found is not None:
            return found
        names = list(dict.fromkeys(field.name for one in records for field in one.fields))
        close = self.nearest(str(key), names)
        return self.complain(
            UNKNOWN_FIELD,
            f"{a(of)} has no field {literal_text(key)}",
            node.span,
            hint=f"did you mean {literal_text(close)}?"
            if close
            else f"it has {', '.join(map(literal_text, names))}",
        )

    def _hole(self, node: ast.Expression) -> None:
        of = self._infer(node)
        if of == NONE:
            self._no_value(node)
        elif not is_text_like(of):
            fields = [f.name for m in members(of) if isinstance(m, Record) for f in m.fields]
            self.complain(
                WRONG_TYPE,
                f"{a(of)} cannot be put into a text",
                node.span,
                hint=none_hint(node)
                if NONE in members(of)
                else f"choose one of its fields: {', '.join(f'`.{name}`' for name in fields)}"
                if fields
                else "a text holds texts, numbers, booleans and lists of them",
            )

    def _negative(self, node: ast.Unary, operand: ast.Expression) -> Type:
        of = self._infer(operand)
        if isinstance(of, LiteralOf) and all(type(v) in (int, float) for v in of.values):
            return LiteralOf(tuple(-v for v in of.values if not isinstance(v, str)))
        if of != ANY and not is_subtype(of, FLOAT):
            return self.complain(BAD_OPERAND, f"`-` needs a number, not {a(of)}", node.span)
        return _widened(of)

    def _binary(self, node: ast.Binary) -> Type:
        left = self._infer(node.left)
        if node.operator in ("and", "or"):
            with self._knowing(node.left, node.operator == "and"):
                right = self._infer(node.right)
            return union([without_none(left) if node.operator == "or" else left, right])
        right = self._infer(node.right)
        of = result_of(node.operator, left, right)
        if of is None:
            hint = None
            if node.operator == "+" and STR in (base_of(left), base_of(right)):
                hint = 'put values into a text with an f-string: `f"... {value}"`'
            elif NONE in (left, right):
                hint = "the other value is never None"
            elif NONE in (*members(left), *members(right)):
                hint = none_hint(node.left if NONE in members(left) else node.right)
            return self.complain(
                BAD_OPERAND,
                f"`{node.operator}` does not join {a(left)} and {a(right)}",
                node.span,
                hint=hint,
            )
        zero = isinstance(node.right, ast.Literal) and node.right.value == 0
        if node.operator in ("/", "//", "%") and zero:
            self.complain(DIVISION_BY_ZERO, "this divides by zero", node.span)
        return of

    def _map(self, node: ast.Map, element: Type | None) -> Type:
        """The type of a map; its elements are checked against `element` where that is given."""
        of = self._infer(node.iterable)
        item = ANY if of == ANY else element_of(of)
        if item is None:
            item = self.complain(
                NOT_ITERABLE,
                f"a map goes over a list, not {a(of)}",
                node.iterable.span,
                hint=none_hint(node.iterable) if NONE in members(of) else None,
            )
        outer = self.scope
        self.scope = dict(outer)
        self._bind(node.variable, item, node.variable_span)
        known: dict[str, Type] = {}
        if node.condition is not None:
            self._infer(node.condition)
            known = facts(node.condition, True, self.types)
        with self._narrowing(known):
            if element is not None:
                self._expect(node.element, element, "an element")
            result = ListOf(_widened(self._infer(node.element) if element is None else element))
        self.scope = outer
        return result

    # From the outside: does an expression fit the place it stands in?

    def _expect(self, node: ast.Expression, asked: Type, what: str) -> None:
        self.types[id(node)] = asked
        match node:
            case ast.Literal(value=value) if value is not None:
                self._literal(node, value, asked, what)
                return
            case ast.ListExpression() | ast.Map() | ast.RecordExpression():
                kinds = Record | DictOf if isinstance(node, ast.RecordExpression) else ListOf
                options = [member for member in members(asked) if isinstance(member, kinds)]
                if options:
                    self._expect_one(node, options, what)
                    return
            case ast.Conditional(test=test, then=then, otherwise=otherwise):
                self._infer(test)
                with self._knowing(test, True):
                    self._expect(then, asked, what)
                with self._knowing(test, False):
                    self._expect(otherwise, asked, what)
                return
        of = self._infer(node)
        if isinstance(of, LiteralOf) and len(of.values) == 1:
            self._literal(node, of.values[0], asked, what)
        elif of == NONE and not is_subtype(NONE, asked) and not isinstance(node, ast.Literal):
            self._no_value(node)
        elif not is_subtype(of, asked):
            self._wrong_type(node, of, asked, what)

    def _expect_one(
        self,
        node: ast.ListExpression | ast.Map | ast.RecordExpression,
        options: Sequence[Type],
        what: str,
    ) -> None:
        """Checks a list, map or record against the first of some types that it fits, or the one
        that it fails by the fewest mistakes."""
        before = self.mistakes
        attempts: list[list[Diagnostic]] = []
        for option in options:
            self.mistakes = []
            self._expect_parts(node, option, what)
            attempts.append(self.mistakes)
            if not self.mistakes:
                break
        self.mistakes = before + min(attempts, key=len)

    def _expect_parts(self, node: ast.Expression, asked: Type, what: str) -> None:
        match node, asked:
            case ast.ListExpression(items=items), ListOf(element):
                for item in items:
                    self._expect(item, element, f"an element of {what}")
            case ast.Map(), ListOf(element):
                self._map(node, element)
            case ast.RecordExpression(), Record():
                self._record(node, asked, what)
            case ast.RecordExpression(entries=entries), DictOf(value):
                for entry in entries:
                    self._expect(entry.value, value, f'"{entry.key}" of {what}')

    def _literal(
        self, node: ast.Expression, value: str | int | float | bool, asked: Type, what: str
    ) -> None:
        constant = LiteralOf((value,))
        if is_subtype(constant, asked):
            return
        for member in members(asked):
            if isinstance(member, Nominal) and isinstance(value, str):
                self.complain(
                    BAD_PATTERN,
                    f"{what} asks for {a(member)}, and {shown(value)} is none",
                    node.span,
                    hint=form_hint(member, value),
                )
                return
            if isinstance(member, LiteralOf) and type(value) in map(type, member.values):
                close = self.nearest(str(value), [str(v) for v in member.values])
                self.complain(
                    NOT_IN_ENUMERATION,
                    f"{what} cannot be {shown(value)}",
                    node.span,
                    hint=f"did you mean {literal_text(close)}?"
                    if close and isinstance(value, str)
                    else "it is one of " + ", ".join(literal_text(v) for v in member.values[:20]),
                )
                return
        self._wrong_type(node, constant, asked, what)

    def _record(self, node: ast.RecordExpression, shape: Record, what: str) -> None:
        for entry in node.entries:
            field = shape.by_name.get(entry.key)
            if field is not None:
                self._expect(entry.value, field.type, f'"{entry.key}" of {what}')
                continue
            self._infer(entry.value)
            close = self.nearest(entry.key, shape.by_name)
            self.complain(
                UNKNOWN_FIELD,
                f"{what} has no field {shown(entry.key)}",
                entry.span,
                hint=f"did you mean {literal_text(close)}?" if close else shape.describe(),
            )
        given = {entry.key for entry in node.entries}
        missing = [f.name for f in shape.fields if f.required and f.name not in given]
        if missing:
            names = " and ".join(literal_text(name) for name in missing)
            self.complain(MISSING_FIELD, f"{what} needs {names}", node.span, hint=shape.describe())

    def _wrong_type(self, node: ast.Expression, of: Type, asked: Type, what: str) -> Type:
        hint = None
        if NONE in members(of) and is_subtype(without_none(of), asked):
            hint = none_hint(node)
        elif isinstance(asked, Nominal) and is_subtype(of, asked.base):
            hint = f"{a(asked)} comes from a tool that returns one, or stands as a literal"
        elif isinstance(asked, ListOf) and is_subtype(of, asked.element):
            hint = f"put it into a list: `[{_brief(node)}]`"
        elif isinstance(of, ListOf) and is_subtype(of.element, asked):
            hint = "take one element, `[0]`, or call the tool for each: `[f(x=x) for x in xs]`"
        elif asked == STR and is_text_like(of):
            hint = f'write it as text: `f"{{{_brief(node)}}}"`'
        return self.complain(
            WRONG_TYPE, f"{what} asks for {a(asked)}, and this is {a(of)}", node.span, hint=hint
        )

    def _no_value(self, node: ast.Expression) -> None:
        self.complain(
            NO_VALUE,
            "this has no value",
            node.span,
            hint="its tool returns nothing; call it on a line of its own",
        )

    # What a test tells about the branches: `x`, `x != None` and `x == None`.

    @contextmanager
    def _narrowing(self, facts: dict[str, Type]) -> Iterator[None]:
        outer = self.narrowed
        self.narrowed = {**outer, **facts}
        yield
        self.narrowed = outer

    def _knowing(self, test: ast.Expression, holds: bool) -> AbstractContextManager[None]:
        return self._narrowing(facts(test, holds, self.types))


def _brief(node: ast.Expression) -> str:
    """An expression in a hint: `value` stands for a long one."""
    text = format_expression(node)
    return text if len(text) <= 60 else "value"


def is_text_like(of: Type) -> bool:
    """Whether a value may be put into a text by an f-string."""
    if isinstance(of, ListOf):
        return of.element == NEVER or is_text_like(of.element)
    return of == ANY or all(m in (STR, INT, FLOAT, BOOL, ANY) for m in members(base_of(of)))


def _field_type(of: Type, name: str) -> Type | None:
    """The type of a field, whichever of the members of a type it is of; None if one has none."""
    found: list[Type] = []
    for member in members(of):
        if member == ANY:
            found.append(ANY)
        elif isinstance(member, Record) and name in member.by_name:
            found.append(member.by_name[name].read)
        else:
            return None
    return union(found)


def _widened(of: Type) -> Type:
    """The type of a place that holds this value now: a literal's primitive type."""
    return base_of(of) if isinstance(of, LiteralOf) else of
