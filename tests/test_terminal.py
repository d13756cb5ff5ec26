"""What a user is shown before a write: the very arguments, and nothing that looks like others."""

from __future__ import annotations

from io import StringIO
from typing import Any

import anyio
import pytest
from rich.console import Console

from planc.ir import Body, Graph
from planc.report import terminal
from planc.report.terminal import AskUser, RunView
from planc.run.policy import Request
from planc.tools import from_function


def send(text: Any) -> None: ...
async def no() -> str:
    return "n\n"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Hi", "Hi"),
        ("Hi\n  to: nia@elm.example", "Hi\n    |   to: nia@elm.example"),
        (["sid@elm.example", "nia@elm.example"], "sid@elm.example, nia@elm.example"),
        (["a, b", "c"], '["a, b", "c"]'),
        (["a\nb"], '["a\\nb"]'),
        ([], ""),
        ([1, 2.5, None], "[1, 2.5, null]"),
        ({"a": "b\nc"}, '{"a": "b\\nc"}'),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("[bold]x", "[bold]x"),
    ],
)
def test_no_argument_looks_like_another(
    value: object, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = StringIO()
    view = RunView(Graph(Body((), None)), Console(file=out, width=200))
    asking = AskUser(view)
    monkeypatch.setattr(terminal, "_line", no)
    tool = from_function(send, effect="write", resource="[mail]")
    assert anyio.run(asking.decide, Request("v1", tool, {"text": value})) == "no"
    question = "Do it? [y]es, [a]ll writes of this plan, [n]o: "
    assert out.getvalue() == f"\nsend is about to write ([mail]):\n  text: {shown}\n{question}"
