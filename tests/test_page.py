"""The page of a plan: whole, harmless, and alive in a real browser where there is one."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import anyio
import pytest

from planc.compile import Compiled, compile_plan
from planc.report.page import measured, page
from planc.report.pictures import label
from planc.run.events import Event
from planc.run.interpret import interpret
from planc.run.policy import AllowAll
from planc.schedule import schedule
from planc.source import Source
from planc.testing import fake_tools
from tests.graphs import TOOLS

PLAN = """\
# <script>alert(1)</script> & co
a = look(key="<b>\u202e")
b = double(x=count(shelf=a))
note(text=f"{a} and {b}")
c = [put(key=k, value=b) for k in ["x", "y"]]
d = [look(key=f"{n}") for n in survey()]
"""


def ran(text: str, failure: float = 0.0) -> tuple[Compiled, list[Event]]:
    compiled = compile_plan(Source(text), TOOLS)
    events: list[Event] = []
    fakes = fake_tools(TOOLS, 1, failure, latency=0.005)
    anyio.run(
        lambda: interpret(compiled.optimised, fakes, policy=AllowAll(), listener=events.append)
    )
    return compiled, events


def page_of(text: str, failure: float = 0.0) -> str:
    compiled, events = ran(text, failure)
    bars = measured(compiled.optimised, events)
    return page(compiled, schedule(compiled.optimised, TOOLS), bars)


class Outline(HTMLParser):
    """The tags that are open, the text of the plan, and what each part of the page speaks of."""

    VOID = frozenset({"meta", "rect", "path", "line"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.plan = ""
        self.of: dict[str, set[str]] = {"text": set(), "graph": set(), "chart": set()}
        self.tags: set[str] = set()
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = dict(attrs)
        if tag not in self.VOID:
            self.open.append((tag, found))
        if "data-of" in found:
            place = next(str(o["id"]) for _, o in reversed(self.open) if o.get("id"))
            self.of[place].add(str(found["data-of"]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if any(found.get("id") == "text" for _, found in self.open):
            self.plan += data


def test_the_page_shows_each_task_in_the_text_the_graph_and_the_chart() -> None:
    found = Outline(page_of(PLAN))
    assert found.plan == PLAN.replace("\u202e", "\\u202e")
    tasks = {"a", "v2", "b", "v4", "v5", "v6", "d"}
    assert found.of == {"text": tasks, "graph": tasks, "chart": tasks}


def test_the_page_loads_nothing_and_runs_nothing_of_the_plan() -> None:
    text = page_of(PLAN)
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)\s*=|@import|url\(", text)
    assert text.count("<script>") == 1 and "alert(1)</script>" not in text
    assert html.escape("<script>alert(1)</script>") in text


def test_the_bars_are_the_calls_that_were_made() -> None:
    compiled, events = ran(PLAN, failure=0.3)
    bars = measured(compiled.optimised, events)
    ended = [event for event in events if event.kind in ("finished", "failed")]
    assert [bar.call for bar in bars] == [event.call for event in ended]
    assert [bar.failed for bar in bars] == [event.kind == "failed" for event in ended]
    assert all(0 <= bar.begin < bar.end for bar in bars)
    assert {True, False} == {bar.failed for bar in bars}


def test_a_plan_without_calls_has_a_page() -> None:
    assert Outline(page_of("x = 1\n")).of == {"text": set(), "graph": set(), "chart": set()}


@pytest.fixture(scope="session")
def browser() -> Iterator[str]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium is installed")
    yield found


OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-sync", "--disable-background-networking", "--disable-component-update"),
    "--window-size=1300,1000",
]
POINTED = """<script>
const found = {};
for (const place of ["text", "graph", "chart"])
  for (const one of document.querySelectorAll(`#${place} [data-of]`)) {
    one.dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
    const on = [...document.querySelectorAll(".on")];
    found[`${place} ${one.dataset.of}`] = on.map(
      other => other.closest("[id]").id + " " + other.dataset.of
    );
  }
document.body.dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
found.away = document.querySelectorAll(".on").length;
found.wide = document.documentElement.scrollWidth <= window.innerWidth;
document.body.textContent = JSON.stringify(found);
</script></body>"""


def test_pointing_at_a_call_shows_it_everywhere(browser: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.html"
    file.write_text(page_of(PLAN).replace("</body>", POINTED), encoding="utf-8")
    done = subprocess.run(
        [browser, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    body = done.stdout.partition("<body>")[2].partition("</body>")[0]
    found = json.loads(html.unescape(body))
    assert found.pop("away") == 0
    assert found.pop("wide")
    assert len(found) == 21
    for pointed, shown in found.items():
        of = pointed.partition(" ")[2]
        assert {f"{place} {of}" for place in ("text", "graph", "chart")} == set(shown), pointed


def test_a_name_may_look_as_that_of_an_iteration() -> None:
    text = '`a[0]` = look(key="x")\n`a[1]` = put(key="y", value=`a[0]`)\n`a%5B` = count(shelf=1)\n'
    calls = [node for node in compile_plan(Source(text), TOOLS).graph.walk() if node.op == "call"]
    assert len({node.origin for node in calls}) == 3
    assert [label(node).partition(" = ")[0] for node in calls] == ["`a[0]`", "`a[1]`", "`a%5B`"]


def test_the_calls_of_a_batch_that_failed_have_bars() -> None:
    compiled, events = ran('a = [look(key=k) for k in ["x", "y", "z"]]\n', failure=1.0)
    assert any(node.op == "batch" for node in compiled.optimised.walk())
    bars = measured(compiled.optimised, events)
    tasks = {task.node.id for task in schedule(compiled.optimised, TOOLS).tasks}
    assert len(bars) > 1 and {bar.task for bar in bars} <= tasks
