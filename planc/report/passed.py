"""What a user should know of a plan before it runs: times of writes that have passed already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from planc import syntax as ast
from planc.check import CheckedPlan
from planc.types import Type, nominals


def passed(checked: CheckedPlan, now: datetime) -> Iterator[str]:
    """A sentence for each time that stands in the plan as an argument of a write and lies before
    now: before today, if it is a day."""
    for node in ast.walk(checked.plan):
        if not isinstance(node, ast.Call) or checked.tools[node.tool].effect != "write":
            continue
        for argument in node.arguments:
            of = checked.tools[node.tool].by_name[argument.name].type
            if isinstance(argument.value, ast.Literal) and _before(argument.value.value, of, now):
                yield (
                    f"`{argument.name}` of `{node.tool}` is {argument.value.value}, which is past."
                )


def _before(value: object, of: Type, now: datetime) -> bool:
    minute = now.replace(second=0, microsecond=0)
    return isinstance(value, str) and any(
        datetime.strptime(value, nominal.calendar).replace(tzinfo=None) < minute
        and value != f"{now:{nominal.calendar}}"
        for nominal in nominals(of)
        if nominal.calendar and "%Y" in nominal.calendar and nominal.accepts(value)
    )
