from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from stdlib_tools.errors import ToolError
from stdlib_tools.writing import summarize, write_text


@dataclass
class EchoModel:
    """Answers with the beginning of the text, and remembers what it was asked."""

    answer_length: int = 40
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    def complete(self, instruction: str, text: str, max_tokens: int = 256) -> str:
        self.asked.append((instruction, text, max_tokens))
        return text[: self.answer_length] + "\n"


def test_a_text_is_written_from_the_instruction() -> None:
    model = EchoModel()
    assert write_text("A haiku about rain", model=model) == "A haiku about rain"
    assert [text for _, text, _ in model.asked] == ["A haiku about rain"]


def test_a_short_text_is_summarized_at_once() -> None:
    model = EchoModel(answer_length=5)
    assert summarize("  Hello there, general.  ", model=model) == "Hello"
    assert len(model.asked) == 1


def test_a_long_text_is_summarized_in_pieces_and_then_together() -> None:
    sentences = [f"Sentence number {i} says something." for i in range(1_000)]
    model = EchoModel()
    summary = summarize(" ".join(sentences), model=model)
    *pieces, (_, together, _) = model.asked
    assert len(pieces) > 4
    assert "".join(text for _, text, _ in pieces).count("Sentence") == len(sentences)
    assert all(text.startswith("Sentence") and text.endswith(".") for _, text, _ in pieces)
    assert together == "\n".join(text[:40].strip() for _, text, _ in pieces)
    assert summary == together[:40].strip()


def test_a_model_that_does_not_shorten_still_comes_to_an_end() -> None:
    model = EchoModel(answer_length=10**6)
    assert summarize("word " * 20_000, model=model)
    assert max(len(text) for _, text, _ in model.asked) <= 6_000


def test_a_text_without_a_space_is_cut_all_the_same() -> None:
    model = EchoModel()
    summarize("x" * 20_000, model=model)
    assert sum(len(text) for _, text, _ in model.asked[:-1]) == 20_000


@pytest.mark.parametrize(
    ("text", "reason"), [("", "no text"), (" \n ", "no text"), ("a" * 10**6, "too many")]
)
def test_texts_that_cannot_be_summarized(text: str, reason: str) -> None:
    model = EchoModel()
    with pytest.raises(ToolError, match=reason):
        summarize(text, model=model)
    assert model.asked == []


def test_instructions_that_say_nothing_or_too_much_are_refused() -> None:
    for instruction in ("", "  ", "a" * 10**6):
        with pytest.raises(ToolError):
            write_text(instruction, model=EchoModel())


def test_a_silent_model_is_an_error() -> None:
    with pytest.raises(ToolError, match="wrote nothing"):
        write_text("A haiku", model=EchoModel(answer_length=0))
