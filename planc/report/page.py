"""A plan as one page of HTML: its text, its task graph, and when its calls run.

The page needs nothing from elsewhere and may load nothing. Whatever points at a call, in the text,
in the graph or at a bar, shows it in the other two.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from planc.compile import Compiled
from planc.effects import writes
from planc.ir import Graph, Node
from planc.report.emit import steps_text
from planc.report.pictures import label
from planc.run.events import Event
from planc.schedule import Schedule
from planc.source import Span, printable

_COLUMN, _ROW = 260, 64  # pixels from one node of the graph to the next
_WIDTH, _HEIGHT = 220, 40  # pixels of a node
_LETTERS = 27  # that a node or a row's name shows
_CHART, _NAMES, _LINE = 900, 250, 34  # pixels of the chart of bars, its names and each row
_TICKS = 5
_MANY_STEPS = 1_000_000


@dataclass(frozen=True)
class Bar:
    """A call that was made, from when to when, in seconds from the run's beginning."""

    task: str
    call: str
    begin: float
    end: float
    failed: bool


def measured(graph: Graph, events: Sequence[Event]) -> list[Bar]:
    """The calls that the events of a run tell of."""
    task_of = {inner.origin: node.id for node in graph.body.nodes for inner in _inside(node)}
    task_of |= {node.id: node.id for node in graph.body.nodes}
    begun: dict[str, float] = {}
    bars = []
    for event in events:
        if event.kind == "started":
            begun[event.call] = event.seconds
        elif event.kind in ("finished", "failed", "interrupted") and event.call in begun:
            task = next(task_of[name] for name in _beginnings(event.call) if name in task_of)
            failed = event.kind != "finished"
            bars.append(Bar(task, event.call, begun[event.call], event.seconds, failed))
    return bars


def _beginnings(call: str) -> Iterator[str]:
    """A call's name, and those of what it is an iteration of: of `v1[0].all[2]` that, `v1[0].all`
    and so on."""
    while call:
        yield call
        call = call[: max(call.rfind("["), call.rfind("."), 0)]


def _inside(node: Node) -> Iterator[Node]:
    yield node
    for body in node.bodies:
        for inner in body.nodes:
            yield from _inside(inner)


def page(compiled: Compiled, schedule: Schedule, bars: Sequence[Bar] = ()) -> str:
    """The page; with `bars` it shows the run beside what was expected of it."""
    took = max((bar.end for bar in bars), default=None)
    measured_text = "" if took is None else f", took {took:.2f} s"
    facts = (
        f"{len(schedule.tasks)} tasks, expected {schedule.makespan:.2f} s{measured_text}; "
        f"one after another {schedule.work:.2f} s, longest chain {schedule.length:.2f} s"
    )
    return _PAGE.format(
        facts=_escaped(facts),
        text=_text(compiled, schedule),
        graph=_graph(compiled, schedule),
        chart=_chart(schedule, bars),
        steps=_escaped(steps_text(compiled.graph, compiled.steps)),
    )


def _escaped(text: str) -> str:
    return html.escape(printable(text))


# The text.


def _text(compiled: Compiled, schedule: Schedule) -> str:
    """The plan with each task's part marked; parts may lie in one another."""
    source = compiled.checked.plan.span.source
    spans: dict[tuple[int, int], str] = {}
    for task in schedule.tasks:
        for span in (task.node.span, *task.node.spans):
            if span is not None and span.source is source:
                spans.setdefault((span.start, span.end), task.node.origin)
    return "".join(_marked(Span(0, len(source.text), source), spans))


def _marked(whole: Span, spans: Mapping[tuple[int, int], str]) -> Iterator[str]:
    at = whole.start
    open_until: list[int] = []
    text = whole.source.text
    for (start, end), name in sorted(spans.items(), key=lambda item: (item[0][0], -item[0][1])):
        while open_until and open_until[-1] <= start:
            yield _escaped(text[at : open_until[-1]]) + "</span>"
            at = open_until.pop()
        yield _escaped(text[at:start]) + f'<span class="part" {_data(name)} tabindex="0">'
        at = start
        open_until.append(end)
    while open_until:
        yield _escaped(text[at : open_until[-1]]) + "</span>"
        at = open_until.pop()
    yield _escaped(text[at : whole.end])


def _data(origin: str) -> str:
    return f'data-of="{html.escape(origin)}"'


# The graph.


def _graph(compiled: Compiled, schedule: Schedule) -> str:
    """The tasks in columns, each to the right of what it waits for."""
    places = {
        name: (column * _COLUMN + 10, row * _ROW + 10)
        for column, wave in enumerate(schedule.waves)
        for row, name in enumerate(wave)
    }
    critical = set(zip(schedule.critical, schedule.critical[1:], strict=False))
    parts = []
    for before, name in _edges(schedule):
        kind = "edge critical" if (before, name) in critical else "edge"
        parts.append(f'<path class="{kind}" d="{_curve(places[before], places[name])}"/>')
    for task in schedule.tasks:
        x, y = places[task.node.id]
        kind = "node write" if writes(task.node, compiled.tools) else "node"
        parts.append(
            f'<g class="{kind}" {_data(task.node.origin)} tabindex="0">'
            f"<title>{_escaped(label(task.node))}</title>"
            f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
            f'<text x="{x + 10}" y="{y + 25}">{_escaped(_short(task.node))}</text></g>'
        )
    width = max((x for x, _ in places.values()), default=0) + _WIDTH + 10
    height = max((y for _, y in places.values()), default=0) + _HEIGHT + 10
    return _svg(width, height, parts, "What waits for what")


def _edges(schedule: Schedule) -> list[tuple[str, str]]:
    """What waits for what, without what follows from other edges, where that can be told soon."""
    edges = [(before, name) for name, befores in schedule.after.items() for before in befores]
    if len(edges) * len(schedule.tasks) > _MANY_STEPS:
        return edges
    needed = nx.transitive_reduction(nx.DiGraph(edges)).edges
    return [edge for edge in edges if edge in needed]


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y = start[0] + _WIDTH, start[1] + _HEIGHT // 2
    to_x, to_y = end[0], end[1] + _HEIGHT // 2
    middle = (x + to_x) // 2
    return f"M{x},{y} C{middle},{y} {middle},{to_y} {to_x},{to_y}"


def _short(node: Node) -> str:
    text = label(node)
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


def _svg(width: int, height: int, parts: Sequence[str], title: str) -> str:
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html.escape(title)}">{"".join(parts)}</svg>'
    )


# The bars.


def _chart(schedule: Schedule, bars: Sequence[Bar]) -> str:
    """A row a task: above when it is expected to run, below when it did."""
    longest = max([schedule.makespan, *(bar.end for bar in bars)], default=0.0) or 1.0
    scale = (_CHART - _NAMES - 60) / longest
    height = len(schedule.tasks) * _LINE + 24
    parts = []
    for tick in range(_TICKS + 1):
        x = _NAMES + tick * (_CHART - _NAMES - 60) / _TICKS
        seconds = longest * tick / _TICKS
        parts.append(
            f'<line class="tick" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height - 20}"/>'
            f'<text class="tick" x="{x:.1f}" y="{height - 5}">{seconds:.2f} s</text>'
        )
    ran: dict[str, list[Bar]] = {}
    for bar in bars:
        ran.setdefault(bar.task, []).append(bar)
    for row, task in enumerate(schedule.tasks):
        y = row * _LINE
        begin = schedule.begin[task.node.id]
        shown = [_bar("expected", begin, task.cost, y + 4, scale, "expected")]
        for bar in ran.get(task.node.id, []):
            kind = "ran failed" if bar.failed else "ran"
            shown.append(_bar(kind, bar.begin, bar.end - bar.begin, y + 17, scale, bar.call))
        parts.append(
            f'<g class="row" {_data(task.node.origin)} tabindex="0">'
            f'<rect class="back" x="0" y="{y}" width="{_CHART}" height="{_LINE - 2}"/>'
            f'<text x="6" y="{y + 20}">{_escaped(_short(task.node))}</text>{"".join(shown)}</g>'
        )
    return _svg(_CHART, height, parts, "When the calls run")


def _bar(kind: str, begin: float, seconds: float, y: int, scale: float, what: str) -> str:
    return (
        f'<rect class="{kind}" x="{_NAMES + begin * scale:.1f}" y="{y}" '
        f'width="{max(seconds * scale, 2):.1f}" height="11">'
        f"<title>{_escaped(what)}: {begin:.3f} to {begin + seconds:.3f} s</title></rect>"
    )


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plan</title>
<style>
:root {{ color-scheme: light dark; --ink: #1c2230; --paper: #fff; --line: #8a93a6; \
--soft: #eef1f6; --mark: #ffe08a; --hot: #c2410c; --ran: #0f766e; --bad: #b91c1c; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e6e9f0; --paper: #14171f; \
--line: #6b7487; --soft: #222836; --mark: #7a5c00; --hot: #fb923c; --ran: #2dd4bf; \
--bad: #f87171; }} }}
body {{ margin: 2rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); \
background: var(--paper); }}
h1 {{ font-size: 1.4rem; margin: 0; }}
h2 {{ font-size: 1rem; margin: 1.6rem 0 .4rem; }}
pre, svg text {{ font: 13px/1.6 ui-monospace, monospace; }}
pre {{ background: var(--soft); padding: .8rem 1rem; overflow: auto; border-radius: 6px; }}
.scroll {{ overflow: auto; }}
.part {{ border-bottom: 1px dotted var(--line); }}
svg text {{ fill: var(--ink); font-size: 12px; }}
.node rect {{ fill: var(--soft); stroke: var(--line); }}
.node.write rect {{ stroke-width: 2.5; }}
.edge {{ fill: none; stroke: var(--line); stroke-width: 1.2; }}
.edge.critical {{ stroke: var(--hot); stroke-width: 2.2; }}
.back {{ fill: transparent; }}
.expected {{ fill: var(--soft); stroke: var(--line); }}
.ran {{ fill: var(--ran); }}
.ran.failed {{ fill: var(--bad); }}
line.tick {{ stroke: var(--line); stroke-dasharray: 2 4; }}
.part.on, .row.on .back {{ background: var(--mark); fill: var(--mark); }}
.node.on rect {{ fill: var(--mark); }}
[tabindex]:focus {{ outline: 2px solid var(--hot); outline-offset: 1px; }}
</style>
</head>
<body>
<h1>Plan</h1>
<p>{facts}</p>
<pre id="text">{text}</pre>
<h2>What waits for what</h2>
<p>Thick borders are writes; the longest chain is drawn in colour.</p>
<div class="scroll" id="graph">{graph}</div>
<h2>When the calls run</h2>
<p>Outlined: as expected. Filled: as measured.</p>
<div class="scroll" id="chart">{chart}</div>
<details id="steps"><summary>The graph, and what each pass made of it</summary>
<pre>{steps}</pre></details>
<script>
function show(event) {{
  const at = event.target.closest("[data-of]");
  for (const one of document.querySelectorAll("[data-of]"))
    one.classList.toggle("on", at !== null && one.dataset.of === at.dataset.of);
}}
document.addEventListener("pointerover", show);
document.addEventListener("focusin", show);
</script>
</body>
</html>
"""
