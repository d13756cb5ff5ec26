"""Texts that the local model writes."""

from __future__ import annotations

from planc.tools import TextModel, tool
from stdlib_tools.errors import ToolError

# What a small model takes in well at once, in characters, and how many such pieces are worth
# the wait.
_PIECE = 6_000
LONGEST = 40 * _PIECE
_MAX_TOKENS = 256

_WRITE = "Write the text that is asked for. Answer with the text alone."
_SUMMARIZE = "Summarize this text in a few sentences. Answer with the summary alone."
_SUMMARIZE_PIECE = "Summarize this part of a longer text in two sentences."


@tool(effect="read", resource="model", timeout=120, cost=5)
def write_text(instruction: str, *, model: TextModel) -> str:
    """Have a text written, such as a poem, a greeting or an answer.

    Args:
        instruction: what to write, with everything that it must say.
    """
    if not instruction.strip():
        raise ToolError("nothing says what to write")
    if len(instruction) > _PIECE:
        raise ToolError(f"an instruction may have at most {_PIECE:,} characters")
    return _answer(model, _WRITE, instruction, 2 * _MAX_TOKENS)


@tool(effect="read", resource="model", timeout=600, cost=10)
def summarize(text: str, *, model: TextModel) -> str:
    """Summarize a text in a few sentences."""
    text = text.strip()
    if not text:
        raise ToolError("there is no text to summarize")
    if len(text) > LONGEST:
        raise ToolError(
            f"the text has {len(text):,} characters, too many to summarize; {LONGEST:,} is the most"
        )
    while len(text) > _PIECE:
        parts = [
            _answer(model, _SUMMARIZE_PIECE, piece, _MAX_TOKENS // 2) for piece in _split(text)
        ]
        # At most a third of a piece each, so that every round makes the text shorter.
        text = "\n".join(part[: _PIECE // 3] for part in parts)
    return _answer(model, _SUMMARIZE, text, _MAX_TOKENS)


def _answer(model: TextModel, instruction: str, text: str, max_tokens: int) -> str:
    answer = model.complete(instruction, text, max_tokens=max_tokens).strip()
    if not answer:
        raise ToolError("the model wrote nothing")
    return answer


def _split(text: str) -> list[str]:
    """The text in pieces, cut after a paragraph, a sentence or a word where one ends."""
    pieces = []
    while len(text) > _PIECE:
        end = _PIECE
        for mark in ("\n\n", ". ", " "):
            at = text.rfind(mark, _PIECE // 2, _PIECE)
            if at >= 0:
                end = at + len(mark)
                break
        pieces.append(text[:end].strip())
        text = text[end:].lstrip()
    return [piece for piece in (*pieces, text) if piece]
