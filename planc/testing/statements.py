"""Plans of the part of the language that a model is offered, statement by statement."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import ascii_lowercase

from planc import syntax as ast
from planc.parse import KEYWORDS
from planc.testing.conditions import condition
from planc.testing.expressions import Depth, Writer
from planc.testing.nodes import NOWHERE, constant
from planc.testing.scope import Path, Scope, may_be_none
from planc.tools import Tool
from planc.types import NONE, ListOf, LiteralOf, Type, base_of, union

_NAMES = [*ascii_lowercase, "note_2", "people", "in_1", "none_", "x1", "trueish", "k0", "q" * 31]
_RESERVED = frozenset(map(str.lower, KEYWORDS))
_MAX_STATEMENTS = 16
_MAX_ITEMS = 16
_ENDING = 5  # one in so many statements is the last

Typed = tuple[ast.Expression, Type]


class PlanWriter:
    """Writes one plan. `scope` holds the variables so far."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.choices = writer.choices
        self.scope = Scope({})

    def plan(self) -> ast.Plan:
        statements: list[ast.Statement] = []
        while len(statements) < _MAX_STATEMENTS:
            if not self.choices.below(_ENDING if statements else 3 * _ENDING):
                break
            statement = self.statement()
            statements += [statement] if statement is not None else []
            if statement is None or isinstance(statement, ast.Return):
                break
        return ast.Plan(NOWHERE, tuple(statements))

    def statement(self) -> ast.Statement | None:
        """The next statement; None where there can be none."""
        if self.scope.paths and self.choices.once_in(6):
            return ast.Return(NOWHERE, self.result())
        actions = self.actions()
        if not actions:
            return None
        return self.bound(*self.choices.pick(actions)(), self.names())

    def bound(
        self, value: ast.Expression, of: Type, names: list[str], needed: bool = False
    ) -> ast.Statement:
        """A statement that gives a value one of some names, or none unless one is needed."""
        if not needed and (not names or self.choices.once_in(4)):
            return ast.Effect(NOWHERE, value)
        name = self.choices.pick(names)
        self.scope = Scope({**self.scope.variables, name: of}, self.scope.whole)
        return ast.Assignment(NOWHERE, name, value, NOWHERE)

    def names(self) -> list[str]:
        """Names for a new variable. None begins as a tool's name does, since a model that starts
        to write that would otherwise go on with a variable."""
        words = (re.findall(r"[^\W_]+", tool.lower()) for tool in self.writer.tools)
        barred = tuple(found[0] for found in words if found)
        used = self.scope.variables.keys() | _RESERVED
        return [name for name in _NAMES if name not in used and not name.startswith(barred)]

    # What a statement does, with the type of its value

    def actions(self) -> list[Callable[[], Typed]]:
        found: list[Callable[[], Typed]] = []
        calls = self.callable(self.scope, Depth.VALUE)
        if calls:
            found += [lambda: self.call(calls)] * 4
        simple = self.callable(self.scope, Depth.SIMPLE) if self._tested() else []
        if simple:
            found.append(lambda: self.conditional(simple))
        if self.scope.lists:
            found += [self.map] * any(self._mapped(element) for _, element in self.scope.lists)
        return found

    def callable(self, scope: Scope, depth: Depth) -> list[Tool]:
        return [t for t in self.writer.tools.values() if self.writer.callable(t, scope, depth)]

    def _mapped(self, element: Type) -> list[Tool]:
        return self.callable(self.scope.inside(element), Depth.SIMPLE)

    def call(self, tools: list[Tool]) -> Typed:
        tool = self.choices.pick(tools)
        return self.writer.call(tool, self.scope, Depth.VALUE), tool.result

    def conditional(self, tools: list[Tool]) -> Typed:
        first, second = self.choices.pick(tools), self.choices.pick([None, *tools])
        then = self.writer.call(first, self.scope, Depth.SIMPLE)
        test = condition(self._tested(), self.choices)
        if second is None:
            return ast.Conditional(NOWHERE, test, then, constant(None)), union([first.result, NONE])
        otherwise = self.writer.call(second, self.scope, Depth.SIMPLE)
        return ast.Conditional(NOWHERE, test, then, otherwise), union([first.result, second.result])

    def _tested(self) -> list[Path]:
        """What a conditional of calls may test: what is never None, so that the test tells
        nothing that the calls might use."""
        return [path for path in self.scope.typed if not may_be_none(path.type)]

    def map(self) -> Typed:
        lists = [(path, inner) for path, inner in self.scope.lists if self._mapped(inner)]
        path, element = self.choices.pick(lists)
        inner = self.scope.inside(element)
        tool = self.choices.pick(self._mapped(element))
        node = self.writer.map(path, inner, [lambda: self.writer.call(tool, inner, Depth.SIMPLE)])
        of = tool.result
        return node, ListOf(base_of(of) if isinstance(of, LiteralOf) else of)

    # What a plan returns

    def result(self) -> ast.Expression:
        if not self.choices.once_in(3):
            return self._part()
        items = [self._part() for _ in range(self.choices.count(1, _MAX_ITEMS))]
        return ast.ListExpression(NOWHERE, tuple(items))

    def _part(self) -> ast.Expression:
        if self.scope.texts and self.choices.once_in(3):
            return self.writer.format(self.scope)
        return self.choices.pick(self.scope.paths).write(self.choices)
