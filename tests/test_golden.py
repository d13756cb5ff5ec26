"""What a stage makes of a text, kept in files: tests/golden/STAGE/*.txt.

A file holds an input, a line `---` and the expected text. `pytest --rewrite-golden` writes the
expected texts anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from planc.check import check
from planc.compile import compile_plan
from planc.diagnostics import PlanError, render
from planc.ir import Graph
from planc.irtext import parse_ir, print_ir
from planc.parse import parse
from planc.passes import PASSES, run
from planc.report.ast import dump
from planc.report.pictures import tasks_text
from planc.schedule import schedule
from planc.source import Source
from tests import graphs
from tests.errors.tools import TOOLS

FOLDER = Path(__file__).parent / "golden"


def parsed(text: str) -> str:
    """The outline of the syntax tree."""
    return dump(parse(Source(text)))


def checked(text: str) -> str:
    """The type of each variable."""
    variables = check(parse(Source(text)), TOOLS).variables
    return "".join(f"{name}: {of}\n" for name, of in variables.items())


def lowered(text: str) -> str:
    """The text of the graph, which reads back to the same graph."""
    graph = compile_plan(Source(text), TOOLS).graph
    printed = print_ir(graph)
    assert parse_ir(Source(printed)) == graph
    return printed


def passed(name: str, text: str) -> str:
    """The graph after one pass alone, verified."""
    graph = compile_plan(Source(text), graphs.TOOLS).graph
    (step,) = run(graph, graphs.TOOLS, [name])
    printed = print_ir(step.graph)
    assert parse_ir(Source(printed)) == step.graph
    return printed


def scheduled(text: str) -> str:
    """The tasks, what they wait for, and what runs at once."""
    return tasks_text(schedule(compile_plan(Source(text), TOOLS).graph, TOOLS))


# One line a stage: the folder, and what turns an input into the expected text. A `PlanError` is
# a result as well: the diagnostics, drawn.
STAGES: dict[str, Callable[[str], str]] = {
    "parse": parsed,
    "check": checked,
    "lower": lowered,
    "schedule": scheduled,
    **{f"pass-{name}": partial(passed, name) for name in PASSES},
}

FILES = sorted(path for stage in STAGES for path in (FOLDER / stage).glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_output_of_a_stage_is_as_kept(path: Path, rewriting: bool) -> None:
    text, _, expected = path.read_bytes().decode().partition("---\n")
    try:
        found = STAGES[path.parent.name](text)
    except PlanError as error:
        found = render(error.diagnostics)
    if rewriting:
        path.write_bytes(f"{text}---\n{found}".encode())
    else:
        assert found == expected


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_has_a_case_that_it_does_and_one_that_it_leaves(name: str) -> None:
    def found(stem: str) -> tuple[Graph, Graph]:
        path = FOLDER / f"pass-{name}" / f"{stem}.txt"
        text, _, _ = path.read_text(encoding="utf-8").partition("---\n")
        graph = compile_plan(Source(text), graphs.TOOLS).graph
        return graph, run(graph, graphs.TOOLS, [name])[0].graph

    def work(graph: Graph) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(node.id, node.op, node.after) for node in graph.walk() if node.op != "const"]

    before, after = found("does")
    assert before != after
    before, after = found("leaves")
    assert work(before) == work(after)


def test_every_golden_file_belongs_to_a_stage() -> None:
    assert set(FOLDER.glob("**/*.*")) == set(FILES)
