"""Operators, and tests with what they tell about the values behind them."""

from __future__ import annotations

from collections.abc import Callable

from planc import syntax as ast
from planc.testing.conditions import condition
from planc.testing.expressions import Depth, Writer
from planc.testing.nodes import NOWHERE, binary, constant
from planc.testing.scope import Scope, may_be_none
from planc.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    ListOf,
    LiteralOf,
    Type,
    base_of,
    is_subtype,
    union,
)

Typed = tuple[ast.Expression, Type]
Test = tuple[ast.Expression, Scope, Scope]

_ARITHMETIC = ["+", "-", "*", "/", "//", "%"]
_ORDERING = ["<", "<=", ">", ">="]
_EQUALITY = ["==", "!="]
_MEMBERSHIP = ["in", "not in"]


class OperatorWriter(Writer):
    """Writes expressions with operators. `fuel` bounds how many stand in a plan."""

    fuel = 25

    def spend(self) -> bool:
        """Whether a choice falls on something larger, as long as there is fuel for it."""
        if self.fuel <= 0 or not self.choices.once_in(3):
            return False
        self.fuel -= 1
        return True

    # Numbers, texts and lists

    def operand(self, of: Type, scope: Scope) -> Typed:
        """An expression that the checker itself takes for a number or text of this kind."""
        if self.spend():
            return self.sum(scope) if of == STR else self.arithmetic(of, scope)
        paths = [path for path in scope.fitting(of) if path.type != ANY]
        tools = [t for t in self.tools.values() if t.result != ANY and is_subtype(t.result, of)]
        tools = [t for t in tools if t.result != NEVER and self.callable(t, scope, Depth.PLAIN)]
        match self.choices.pick(["literal", *["path"] * bool(paths), *["call"] * bool(tools)]):
            case "path":
                path = self.choices.pick(paths)
                return path.write(self.choices), base_of(path.type)
            case "call":
                tool = self.choices.pick(tools)
                return self.call(tool, scope, Depth.PLAIN), base_of(tool.result)
        return self.choices.pick(self.literals(of))(), of

    def arithmetic(self, of: Type, scope: Scope) -> Typed:
        """A sum, product and so on: an `int` for `int`, and some number for `float`."""
        operator = self.choices.pick([one for one in _ARITHMETIC if of == FLOAT or one != "/"])
        if self.choices.once_in(8):
            operand, kind = self.operand(of, scope)
            return ast.Unary(NOWHERE, "-", operand), kind
        left, first = self.operand(of, scope)
        right, second = self.operand(of, scope)
        if operator in ("/", "//", "%") and isinstance(right, ast.Literal) and not right.value:
            right = ast.Literal(NOWHERE, 2)
            second = INT
        whole = operator != "/" and (first, second) == (INT, INT)
        return binary(operator, left, right), INT if whole else FLOAT

    def sum(self, scope: Scope) -> Typed:
        return binary("+", self.operand(STR, scope)[0], self.operand(STR, scope)[0]), STR

    def joined(self, element: Type, scope: Scope) -> Typed:
        """Two lists in one."""
        left, first = self._side(element, scope)
        right, second = self._side(element, scope)
        return binary("+", left, right), ListOf(union([first, second]))

    def _side(self, element: Type, scope: Scope) -> Typed:
        fitting = scope.fitting(ListOf(element))
        lists = [(p, p.type.element) for p in fitting if isinstance(p.type, ListOf)]
        items = [p for p in scope.fitting(element) if is_subtype(widened(p.type), element)]
        match self.choices.pick(["empty", *["list"] * bool(lists), *["item"] * bool(items)]):
            case "list":
                path, inner = self.choices.pick(lists)
                return path.write(self.choices), inner
            case "item":
                path = self.choices.pick(items)
                item = path.write(self.choices)
                return ast.ListExpression(NOWHERE, (item,)), widened(path.type)
        return ast.ListExpression(NOWHERE, ()), NEVER

    # Booleans

    def boolean(self, scope: Scope) -> Typed:
        """An expression of the type `bool` with an operator in it."""
        if self.spend():
            operator = self.choices.pick(["and", "or"])
            return binary(operator, self.comparison(scope), self.boolean(scope)[0]), BOOL
        if self.choices.once_in(3):
            return ast.Unary(NOWHERE, "not", self.test(scope)[0]), BOOL
        return self.comparison(scope), BOOL

    def comparison(self, scope: Scope) -> ast.Expression:
        of = self.choices.pick([STR, INT, FLOAT])
        left, _ = self.operand(of, scope)
        if self.choices.once_in(4):
            return self._membership(scope)
        right, _ = self.operand(of, scope)
        return binary(self.choices.pick(_EQUALITY + _ORDERING), left, right)

    def _membership(self, scope: Scope) -> ast.Expression:
        operator = self.choices.pick(_MEMBERSHIP)
        lists = [p for p in scope.fitting(ListOf(STR)) if isinstance(p.type, ListOf)]
        item, _ = self.operand(STR, scope)
        if lists and self.choices.once_in(2):
            return binary(operator, item, self.choices.pick(lists).write(self.choices))
        if self.choices.once_in(2):
            keys = self.record_of(2, lambda: self.operand(INT, scope)[0])
            return binary(operator, item, keys)
        return binary(operator, item, self.operand(STR, scope)[0])

    def condition(self, scope: Scope) -> ast.Expression:
        """A test that tells nothing about any value."""
        certain = [path for path in scope.paths if not (path.steady and _optional(path.type))]
        return condition(certain, self.choices) if certain else constant(True)

    def test(self, scope: Scope) -> Test:
        """A test of any kind, with the scopes where it holds and where it does not."""
        forms: list[Callable[[Scope], Test]] = [self._telling_nothing]
        if scope.optionals:
            forms += [self._about_none] * 3
        if self.spend():
            forms = [self._negation, self._conjunction, self._disjunction]
        return self.choices.pick(forms)(scope)

    def _telling_nothing(self, scope: Scope) -> Test:
        node = self.comparison(scope) if self.choices.once_in(2) else self.condition(scope)
        return node, scope, scope

    def _about_none(self, scope: Scope) -> Test:
        path = self.choices.pick(scope.optionals)
        node, none = path.write(self.choices), constant(None)
        known = scope.knowing(path)
        match self.choices.pick(["is", "!=", "==", "reversed"]):
            case "!=":
                return binary("!=", node, none), known, scope
            case "==":
                return binary("==", node, none), scope, known
            case "reversed":
                return binary("!=", none, node), known, scope
        return node, known, scope

    def _negation(self, scope: Scope) -> Test:
        node, then, otherwise = self.test(scope)
        return ast.Unary(NOWHERE, "not", node), otherwise, then

    def _conjunction(self, scope: Scope) -> Test:
        left, then, _ = self.test(scope)
        right, both, _ = self.test(then)
        return binary("and", left, right), both, scope

    def _disjunction(self, scope: Scope) -> Test:
        left, _, otherwise = self.test(scope)
        right, _, neither = self.test(otherwise)
        return binary("or", left, right), scope, neither


def widened(of: Type) -> Type:
    """The type that a list or record has for an element: a constant's primitive type."""
    return base_of(of) if isinstance(of, LiteralOf) else of


def _optional(of: Type) -> bool:
    return of == NONE or may_be_none(of)
