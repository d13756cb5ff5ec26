"""A compiled plan in each of the forms that `planc compile --emit` writes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from planc.compile import Compiled
from planc.costs import Costs
from planc.diagnostics import Diagnostic
from planc.ir import Graph
from planc.irtext import print_ir
from planc.passes import Step
from planc.report.ast import dump
from planc.report.calls import calls_json
from planc.report.pictures import dot, mermaid, tasks_text
from planc.schedule import Schedule, schedule

if TYPE_CHECKING:  # loading the model's libraries takes longer than all the rest
    from planc.decode.model import Stats

FORMS: Mapping[str, Callable[[Compiled, Costs], str]] = {
    "plan": lambda compiled, costs: compiled.text,
    "ast": lambda compiled, costs: dump(compiled.checked.plan),
    "ir": lambda compiled, costs: steps_text(compiled.graph, compiled.steps),
    "dag": lambda compiled, costs: tasks_text(tasks(compiled, costs)),
    "dot": lambda compiled, costs: dot(tasks(compiled, costs), compiled.tools),
    "mermaid": lambda compiled, costs: mermaid(tasks(compiled, costs), compiled.tools),
}
"""Each makes a text of a plan and of how long its calls are expected to take."""


def tasks(compiled: Compiled, costs: Costs) -> Schedule:
    return schedule(compiled.optimised, compiled.tools, costs)


def steps_text(graph: Graph, steps: Iterable[Step], every: bool = False) -> str:
    """A graph, and what each pass made of it: every pass, or those that changed it."""
    texts = [f"# as written\n{print_ir(graph)}"]
    for step in steps:
        if every or step.changed:
            texts.append(f"# after {step.name}\n{print_ir(step.graph)}")
    return "\n".join(texts)


def plan_json(
    name: str | int,
    compiled: Compiled | None,
    diagnostics: tuple[Diagnostic, ...] = (),
    stats: Stats | None = None,
) -> dict[str, Any]:
    """The `json` form: one object a plan, also for one that could not be made."""
    calls = calls_json(compiled.checked) if compiled else {"calls": [], "result": None}
    return {
        "id": name,
        "plan": compiled.text if compiled else "",
        **calls,
        "diagnostics": [diagnostic.to_json() for diagnostic in diagnostics],
        "stats": asdict(stats) if stats else None,
    }


def json_line(value: Any) -> str:
    """JSON on one line, readable in any language that standard output can write, with a line end.
    What is no number in JSON (RFC 8259), an infinity or NaN, is null."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        value = json.loads(json.dumps(value, default=str), parse_constant=lambda constant: None)
        text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8", "strict")
    except UnicodeEncodeError:  # with lone surrogates, or to a terminal of ASCII alone
        text = json.dumps(value, default=str)
    return f"{text}\n"
