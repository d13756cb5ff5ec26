"""What a plan's next statement may refer to: variables, their parts, and what may be asked of
them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planc import syntax as ast
from planc.check import is_text_like
from planc.format import format_expression
from planc.testing import constants
from planc.testing.choices import Choices
from planc.testing.nodes import NOWHERE
from planc.types import (
    ANY,
    NEVER,
    NONE,
    DictOf,
    ListOf,
    Record,
    Type,
    Union,
    is_subtype,
    members,
    union,
    without_none,
)

_LAST_INDEX = 99


@dataclass(frozen=True)
class Item:
    """The step to some element of a list."""


@dataclass(frozen=True)
class Key:
    """The step to the value of some key of a dict."""


Step = str | Item | Key


@dataclass(frozen=True)
class Path:
    """A variable, or a part of one: fields by name, elements, and values of keys. `type` is what
    the checker takes it to be."""

    name: str
    steps: tuple[Step, ...]
    type: Type

    @property
    def steady(self) -> bool:
        """Whether a test can tell something about it: it has fields only."""
        return all(isinstance(step, str) for step in self.steps)

    def write(self, choices: Choices) -> ast.Expression:
        node: ast.Expression = ast.Name(NOWHERE, self.name)
        for step in self.steps:
            match step:
                case str():
                    node = ast.Field(NOWHERE, node, step, NOWHERE)
                case Item():
                    node = ast.Index(NOWHERE, node, _index(choices))
                case Key():
                    node = ast.Index(NOWHERE, node, ast.Literal(NOWHERE, constants.key(choices)))
        return node

    @cached_property
    def text(self) -> str:
        """The text of a steady path, by which the checker knows it."""
        return format_expression(self.write(Choices(lambda n: 0)))


def _index(choices: Choices) -> ast.Expression:
    if choices.once_in(6):
        return ast.Unary(NOWHERE, "-", ast.Literal(NOWHERE, 1))
    last = _LAST_INDEX if choices.once_in(12) else 1
    return ast.Literal(NOWHERE, choices.below(last + 1))


class Scope:
    """Variables with their types. `whole` adds what a plan may refer to beyond what a model is
    offered: optional fields, fields of every alternative, those of `Any`, and `Any` itself where
    a certain type is asked. `known` are the types that a test has told, by the text of the
    path."""

    def __init__(
        self,
        variables: Mapping[str, Type],
        whole: bool = False,
        known: Mapping[str, Type] | None = None,
    ) -> None:
        self.variables = variables
        self.whole = whole
        self.known = known or {}
        self.options: dict[Any, list[Callable[[], Any]]] = {}  # kept for a writer
        self._fitting: dict[Type, list[Path]] = {}
        self._inside: dict[Type, Scope] = {}

    @cached_property
    def paths(self) -> list[Path]:
        found: list[Path] = []
        for name, of in self.variables.items():
            start = self._told(Path(name, (), of))
            if start.type not in (NONE, NEVER):
                found += [start, *self._parts(start)]
        return found

    def _parts(self, path: Path, depth: int = 2) -> Iterator[Path]:
        for step, of in _steps(path.type, self.whole):
            part = self._told(Path(path.name, (*path.steps, step), of))
            if part.type not in (NONE, NEVER):
                yield part
                if depth > 1:
                    yield from self._parts(part, depth - 1)

    def _told(self, path: Path) -> Path:
        if not self.known or not path.steady:
            return path
        return Path(path.name, path.steps, self.known.get(path.text, path.type))

    def fitting(self, of: Type) -> list[Path]:
        """The paths whose values may stand where the type is asked."""
        if of not in self._fitting:
            known = self.paths if self.whole or ANY in members(of) else self.typed
            self._fitting[of] = [path for path in known if is_subtype(path.type, of)]
        return self._fitting[of]

    @cached_property
    def typed(self) -> list[Path]:
        """The paths of whose values something is known."""
        return [path for path in self.paths if path.type != ANY]

    @cached_property
    def texts(self) -> list[Path]:
        return [path for path in self.paths if is_text_like(path.type)]

    @cached_property
    def lists(self) -> list[tuple[Path, Type]]:
        """The lists that a map may go over, with the types of their elements."""
        return [
            (path, path.type.element)
            for path in self.paths
            if isinstance(path.type, ListOf) and path.type.element not in (NONE, NEVER)
        ]

    @cached_property
    def optionals(self) -> list[Path]:
        """The paths of which a test can tell that they are not None."""
        return [p for p in self.paths if p.steady and may_be_none(p.type)]

    @cached_property
    def map_variable(self) -> str:
        """The name that a map's variable has: the first of x, y, z, x1, x2, ... not taken."""
        numbered = (f"x{i}" for i in range(1, len(self.variables) + 2))
        return next(n for n in ("x", "y", "z", *numbered) if n not in self.variables)

    @property
    def newest(self) -> str:
        """The variable that came last; inside a map, the map's own."""
        return list(self.variables)[-1]

    def inside(self, element: Type) -> Scope:
        """The scope inside a map over elements of a type."""
        if element not in self._inside:
            variables = {**self.variables, self.map_variable: element}
            self._inside[element] = Scope(variables, self.whole, self.known)
        return self._inside[element]

    def knowing(self, path: Path) -> Scope:
        """The scope where a test has told that a path is not None."""
        return Scope(self.variables, self.whole, {**self.known, path.text: without_none(path.type)})


def may_be_none(of: Type) -> bool:
    return isinstance(of, Union) and NONE in of.members


def writable(name: str) -> bool:
    """Whether a field's name can stand in a plan."""
    return bool(name) and "`" not in name and name.isprintable()


def _steps(of: Type, whole: bool) -> Iterator[tuple[Step, Type]]:
    match of:
        case Record(fields):
            for field in fields:
                if writable(field.name) and (field.required or whole):
                    yield field.name, field.read
        case ListOf(element):
            yield Item(), element
        case DictOf(value):
            yield Key(), value
        case Union() if whole:
            yield from _shared_fields(of)
    if of == ANY and whole:
        yield "name", ANY
        yield Item(), ANY


def _shared_fields(of: Union) -> Iterator[tuple[Step, Type]]:
    """The fields that every alternative has."""
    records = [member for member in of.members if isinstance(member, Record)]
    if len(records) == len(members(of)):
        for name in records[0].by_name:
            if writable(name) and all(name in record.by_name for record in records):
                yield name, union(record.by_name[name].read for record in records)
