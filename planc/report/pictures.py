"""The task graph of a plan as text, as Graphviz dot and as Mermaid."""

from __future__ import annotations

from collections.abc import Mapping

from planc.effects import writes
from planc.format import name_text
from planc.ir import Node
from planc.schedule import Schedule
from planc.source import printable
from planc.tools import Tool

_WIDTH = 70


def tasks_text(schedule: Schedule) -> str:
    """One line a task with what it waits for, and then what runs at once."""
    if not schedule.tasks:
        return "no calls\n"
    numbers = {task.node.id: i for i, task in enumerate(schedule.tasks, 1)}
    lines = []
    for task in schedule.tasks:
        before = ", ".join(str(numbers[name]) for name in schedule.after[task.node.id])
        waits = f"    after {before}" if before else ""
        lines.append(f"{numbers[task.node.id]}. {label(task.node)}{waits}")
    waves = (", ".join(str(numbers[name]) for name in wave) for wave in schedule.waves)
    lines.append("at once: " + " | ".join(waves))
    critical = " -> ".join(str(numbers[name]) for name in schedule.critical)
    lines.append(f"longest chain: {critical} (about {_seconds(schedule.length)})")
    return "\n".join(lines) + "\n"


def _seconds(length: float) -> str:
    return f"{length:.1f} s" if length >= 0.1 else f"{1000 * length:.1f} ms"


def dot(schedule: Schedule, tools: Mapping[str, Tool]) -> str:
    """Graphviz's language: boxes for calls, bold ones for writes, red along the longest chain."""
    lines = ["digraph plan {", '  node [shape=box, fontname="monospace"];']
    critical = set(zip(schedule.critical, schedule.critical[1:], strict=False))
    numbers = {task.node.id: i for i, task in enumerate(schedule.tasks, 1)}
    for task in schedule.tasks:
        style = ", style=bold" if writes(task.node, tools) else ""
        text = label(task.node).replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'  n{numbers[task.node.id]} [label="{text}"{style}];')
    for name, befores in schedule.after.items():
        for before in befores:
            colour = " [color=red]" if (before, name) in critical else ""
            lines.append(f"  n{numbers[before]} -> n{numbers[name]}{colour};")
    return "\n".join([*lines, "}"]) + "\n"


# What Mermaid would take for its own, by its entity codes, which are numbers of characters.
_MERMAID = {char: f"#{ord(char)};" for char in "#&<>\"'`"}


def mermaid(schedule: Schedule, tools: Mapping[str, Tool]) -> str:
    """A Mermaid flowchart; calls that write have a thick border."""
    lines = ["flowchart TD"]
    numbers = {task.node.id: i for i, task in enumerate(schedule.tasks, 1)}
    for task in schedule.tasks:
        text = "".join(_MERMAID.get(char, char) for char in label(task.node))
        lines.append(f'  n{numbers[task.node.id]}["{text}"]{_class(task.node, tools)}')
    for name, befores in schedule.after.items():
        lines += [f"  n{numbers[before]} --> n{numbers[name]}" for before in befores]
    lines.append("  classDef write stroke-width:3px")
    return "\n".join(lines) + "\n"


def label(node: Node) -> str:
    """What a task is called: the plan's own words for it, on one line."""
    text = " ".join(node.span.text.split()) if node.span is not None else node.op
    named = not node.origin.removeprefix("v").isdigit()
    if node.op == "batch":
        text = f"{len(node.operands) - len(node.attribute[2])} at once: {text}"
    else:
        copy = node.id.removeprefix(node.origin)
        name = name_text(node.variable)
        text = f"{name} = {text}" if named else text + copy
    text = printable(text)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _class(node: Node, tools: Mapping[str, Tool]) -> str:
    return ":::write" if writes(node, tools) else ""
