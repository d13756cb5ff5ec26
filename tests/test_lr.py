"""The loop over Lark's table does what Lark's own does."""

from __future__ import annotations

from random import Random

import pytest
from lark import Token
from lark.parsers.lalr_interactive_parser import InteractiveParser

from planc.diagnostics import PlanError, render
from planc.format import format
from planc.lr import Table
from planc.parse import parse
from planc.source import Source
from planc.syntax import Plan
from planc.testing.plans import random_plan
from planc.testing.texts import mutated
from planc.testing.toolsets import random_tools


def lark_feed(self: Table, parser: InteractiveParser, token: Token) -> None:
    parser.feed_token(token)


def read(text: str) -> tuple[Plan | None, str]:
    source = Source(text)
    try:
        return parse(source), ""
    except PlanError as error:
        return None, render(error.diagnostics)


def test_the_same_trees_and_the_same_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(1)
    plans = [format(random_plan(random_tools(rng), rng)) for _ in range(60)]
    texts = [*plans, *(mutated(rng, plans) for _ in range(300))]
    found = [read(text) for text in texts]
    monkeypatch.setattr(Table, "feed", lark_feed)
    assert [read(text) for text in texts] == found
    right = sum(plan is not None for plan, _ in found)
    assert 60 <= right < 330
