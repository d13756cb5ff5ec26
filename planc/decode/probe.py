"""The constraint without a model: what chance writes under it, and which texts it lets pass."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from random import Random
from typing import Any

import llguidance
import llguidance.numpy as bitmasks
import numpy as np

from planc.decode.bits import unpacked
from planc.decode.closing import BYTES
from planc.decode.grammar import NO_TOOL
from planc.decode.matcher import MAX_TOKENS, PlanMatcher
from planc.tools import Tool

_CLOSING = frozenset(b'")]}\n')


def decode_at_random(
    tools: Mapping[str, Tool],
    request: str,
    chance: Random,
    limit: int = MAX_TOKENS,
    haste: float = 0.0,
    tokenizer: llguidance.LLTokenizer = BYTES,
) -> str:
    """The plan of a model whose logits are random: each token that the constraint allows is as
    likely as any other. With `haste`, a token that closes something is taken with that
    probability where there is one, since texts are long otherwise and plans short.

    Raises `RuntimeError` where no token is allowed, or the plan has more tokens than `limit`.
    """
    matcher = PlanMatcher(tokenizer, tools, request, limit)
    mask = bitmasks.allocate_token_bitmask(1, tokenizer.vocab_size)
    while not matcher.ended:
        if matcher.tokens == limit:
            raise RuntimeError(f"the plan has not ended after {limit} tokens: {matcher.text!r}")
        matcher.fill(mask, 0)
        options = np.flatnonzero(unpacked(mask[0]))
        if not len(options):
            raise RuntimeError(f"nothing may follow {matcher.text!r}")
        if chance.random() < haste:
            closing = options[_closing(tokenizer)[options]]
            options = closing if len(closing) else options
        matcher.consume(int(options[chance.randrange(len(options))]))
    return "" if matcher.text == f"{NO_TOOL}\n" else matcher.text


@lru_cache(maxsize=8)
def _closing(tokenizer: llguidance.LLTokenizer) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """For each token, whether it begins with a sign that closes something."""
    pieces = [bytes(tokenizer.decode_bytes([token])) for token in range(tokenizer.vocab_size)]
    closing = np.array([piece[:1] != b"" and piece[0] in _CLOSING for piece in pieces])
    return np.pad(closing, (0, -len(closing) % 32))


def refused_at(
    tools: Mapping[str, Tool],
    text: str,
    request: str,
    tokenizer: llguidance.LLTokenizer = BYTES,
) -> int | None:
    """The offset in a plan's UTF-8 text at which the constraint does not let it go on; None if
    the whole plan may be written. An empty plan is written as `# no tool fits`."""
    tokens = list(tokenizer.tokenize_str(text or f"{NO_TOOL}\n"))
    matcher = PlanMatcher(tokenizer, tools, request, len(tokens) + MAX_TOKENS)
    mask = bitmasks.allocate_token_bitmask(1, tokenizer.vocab_size)
    offset = 0
    for token in [*tokens, tokenizer.eos_token]:
        matcher.fill(mask, 0)
        if not mask[0].view(np.uint32)[token // 32] >> np.uint32(token % 32) & 1:
            return offset
        matcher.consume(token)
        offset += len(tokenizer.decode_bytes([token]))
    return None
