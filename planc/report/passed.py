"""What a user should know of a plan before it runs: times of writes that have passed already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from planc import syntax as ast
from planc.check import CheckedPlan
from planc.types import Type, nominals


def passed(checked: CheckedPlan, now: datetime) -> Iterator[str]:
    """A sentence for each time that the plan writes down, which a write is given, and which lies
    before now: before today, if it is a day."""
    statements = checked.plan.statements
    named = {one.name: one.value for one in statements if isinstance(one, ast.Assignment)}
    told: set[str] = set()
    for node in ast.walk(checked.plan):
        if not isinstance(node, ast.Call) or checked.tools[node.tool].effect != "write":
            continue
        for argument in node.arguments:
            of = checked.tools[node.tool].by_name[argument.name].type
            for value in _written(argument.value, named):
                text = f"`{argument.name}` of `{node.tool}` is {value}, which is past."
                if text not in told and _before(value, of, now):
                    told.add(text)
                    yield text


def _written(value: ast.Expression, named: Mapping[str, ast.Expression]) -> Iterator[object]:
    """The constants that a value is or may be, or that a list or a record in it holds."""
    left, seen = [value], set[str]()
    while left:
        match left.pop():
            case ast.Literal(value=constant):
                yield constant
            case ast.Name(id=name) if name in named and name not in seen:
                seen.add(name)
                left.append(named[name])
            case ast.Conditional(then=then, otherwise=otherwise):
                left += [otherwise, then]
            case ast.ListExpression(items=items):
                left += reversed(items)
            case ast.RecordExpression(entries=entries):
                left += [entry.value for entry in reversed(entries)]


def _before(value: object, of: Type, now: datetime) -> bool:
    minute = now.replace(second=0, microsecond=0)
    return isinstance(value, str) and any(
        datetime.strptime(value, nominal.calendar).replace(tzinfo=None) < minute
        and value != f"{now:{nominal.calendar}}"
        for nominal in nominals(of)
        if nominal.calendar and "%Y" in nominal.calendar and nominal.accepts(value)
    )
