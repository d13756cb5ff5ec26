"""The properties of `planc fuzz`, tried on many plans, and that fuzzing finds what is broken.

`--fuzz N` says how many plans; `make fuzz` tries 20,000 and CI a tenth, once with a fixed seed and
a tenth of that with a new one, which a failure prints.
"""

from __future__ import annotations

import json
import random
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

import planc.fuzz
from planc import models, toolset
from planc.compile import compile_plan
from planc.decode.matcher import MAX_TOKENS
from planc.decode.model import LocalModel
from planc.decode.probe import decode_at_random, refused_at
from planc.decode.prompt import Request
from planc.diagnostics import WRONG_TYPE, Diagnostic, PlanError
from planc.fuzz import READ, Finding, Subject, fixed, fuzz, generated, subject_for
from planc.source import Source
from planc.tools import ToolSet
from tests.planning_tools import TOOLS

pytestmark = pytest.mark.slow
DATA = Path(__file__).parent / "data"
TEXTS = 50  # texts that are read, for each plan that the other properties are tried on


@pytest.fixture
def examples(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--fuzz"))


def holds(name: str, subjects: st.SearchStrategy[Subject], examples: int) -> None:
    for seed, count in ((0, examples), (random.SystemRandom().randrange(2**32), examples // 10)):
        finding = fuzz(name, subjects, max(count, 1), seed)
        assert finding is None, f"seed {seed}\n{finding.describe()}"


@cache
def bfcl() -> st.SearchStrategy[Subject]:
    """The tools of 200 BFCL cases, each with its request, and an identifier."""
    cases = json.loads((DATA / "bfcl_tool_sets.json").read_text(encoding="utf-8"))
    return st.sampled_from(
        [
            Subject(ToolSet(toolset.from_schemas(c["tools"])), f"{c['query']} (id 4711)")
            for c in cases
        ]
    )


@cache
def nestful() -> st.SearchStrategy[Subject]:
    schemas = json.loads((DATA / "nestful_tools.json").read_text(encoding="utf-8"))
    return fixed(ToolSet(toolset.from_schemas(schemas)))


@cache
def standard() -> st.SearchStrategy[Subject]:
    return fixed(toolset.load(["stdlib_tools"]))


@pytest.mark.parametrize("name", ["decoded", "accepted", "refused", "runs", "optimised"])
def test_it_holds_over_generated_tools(name: str, examples: int) -> None:
    holds(name, generated(), examples)


@pytest.mark.parametrize("name", ["decoded", "accepted", "refused", "runs", "optimised"])
@pytest.mark.parametrize("tools", [standard, bfcl, nestful], ids=lambda one: one.__name__)
def test_it_holds_over_tools_of_others(name: str, tools: Any, examples: int) -> None:
    holds(name, tools(), examples // 20)


def test_any_text_is_read_or_has_its_mistakes_told(examples: int) -> None:
    holds(READ, standard(), TEXTS * examples)


# With the vocabulary and the weights of a real model


@pytest.fixture(scope="module")
def model() -> LocalModel:
    path = models.pull(models.resolve("smollm2-135m"), lambda done, total, note: None)
    return LocalModel("smollm2-135m", path)


def test_it_holds_token_by_token(model: LocalModel, examples: int) -> None:
    tokenizer = model._tokenizer
    subject = subject_for(toolset.load(["stdlib_tools"]))
    for seed in range(examples // 20):
        chance = random.Random(seed)
        limit, haste = chance.choice([40, 150, MAX_TOKENS]), chance.choice([0.0, 0.3, 0.6])
        text = decode_at_random(subject.tools, subject.request, chance, limit, haste, tokenizer)
        compile_plan(Source(text), subject.tools)
        assert refused_at(subject.tools, text, subject.request, tokenizer) is None, text


@pytest.mark.parametrize("temperature", [1.0, 5.0])
def test_it_holds_at_any_temperature(model: LocalModel, temperature: float, examples: int) -> None:
    tools = toolset.load(["stdlib_tools"])
    requests = ["Text +1 503 555 0142 that I am late", "Put lunch with Nia on my calendar"]
    for i in range(max(1, examples // 1000)):
        request = Request(requests[i % 2], datetime(2026, 11, 23, 9, i % 60))
        compile_plan(Source(model.plan(request, tools, temperature).text), tools)


# What is broken is found


def found(name: str, seed: int = 0) -> Finding:
    finding = fuzz(name, fixed(TOOLS), 300, seed)
    assert finding is not None
    return finding


def refusing(sign: str) -> Any:
    """A compiler that takes no plan with this sign in it."""

    def compile_(source: Source, tools: Any) -> Any:
        if sign in source.text:
            at = source.text.index(sign)
            raise PlanError(Diagnostic(WRONG_TYPE, "broken", source.span(at, at + 1)))
        return compile_plan(source, tools)

    return compile_


def test_an_unsound_constraint_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planc.fuzz, "compile_plan", refusing("get_address"))
    finding = found("decoded")
    assert "get_address" in finding.text and "broken" in finding.reason


def test_an_incomplete_constraint_is_found_by_a_small_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(tools: Any, text: str, request: str) -> int | None:
        return text.index(" if ") if " if " in text else None

    monkeypatch.setattr(planc.fuzz, "refused_at", refused)
    finding = found("accepted")
    assert " if " in finding.text and len(finding.text.splitlines()) <= 3
    assert "refuses" in finding.describe()


def test_a_checker_that_takes_everything_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planc.fuzz, "check", lambda plan, tools: None)
    finding = found("refused")
    assert "the checker takes it" in finding.reason and len(finding.text.splitlines()) <= 2


def test_a_constraint_that_takes_everything_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planc.fuzz, "refused_at", lambda tools, text, request: None)
    assert "lets it pass" in found("refused").reason


def test_a_reader_that_crashes_is_found_by_a_smallest_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(source: Source) -> Any:
        if "[" in source.text:
            raise IndexError("inside")
        raise PlanError(Diagnostic(WRONG_TYPE, "fine", source.span(0, 0)))

    monkeypatch.setattr(planc.fuzz, "parse", crash)
    finding = found(READ)
    assert finding.text == "[" and finding.reason == "IndexError: inside"


def test_the_same_seed_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planc.fuzz, "compile_plan", refusing("remind"))
    assert found("decoded", 3) == found("decoded", 3)
