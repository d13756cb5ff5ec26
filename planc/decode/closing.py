"""The shortest way to the end of what is open.

When the tokens run out, the statement under way must be closed: quotes, brackets, arguments that
are still required. `Closer.shortest` walks the statement's grammar byte by byte, and at every
choice takes the byte that closes the most. The grammar leaves no dead ends and bounds all
lengths, so the walk always arrives.
"""

from __future__ import annotations

import llguidance
import llguidance.numpy as bitmasks
import numpy as np

from planc.decode.keys import KeyScanner

BYTES = llguidance.LLTokenizer("byte")
"""A tokenizer whose tokens are the bytes."""

_MAX_BYTES = 16_384
# What closes comes first (the hole that an f-string must have, before the signs that are mere text
# there), then what leads on: the comma, the ` e` of ` else `, low digits.
_ORDER = b'"{)]},\n #e0123456789'
_RANK = [_ORDER.index(byte) if byte in _ORDER else 32 + byte for byte in range(256)]


class Closer:
    """The ways to the end in one grammar (llguidance's Lark dialect)."""

    def __init__(self, grammar: str) -> None:
        source = llguidance.grammar_from("lark", grammar)
        self._start = llguidance.LLMatcher(BYTES, source, log_level=0)
        self._mask = bitmasks.allocate_token_bitmask(1, BYTES.vocab_size)

    def shortest(self, begun: bytes) -> bytes | None:
        """What to write behind `begun` to complete a text of the grammar in which no record has
        a key twice; None if nothing does."""
        matcher = self._start.deep_copy()
        if matcher.is_error() or not matcher.consume_tokens(list(begun)):
            return None
        keys = KeyScanner()
        keys.feed(begun)
        written = bytearray()
        while not matcher.is_accepting():
            byte = self._choice(matcher, keys)
            if byte is None or len(written) == _MAX_BYTES or not matcher.consume_token(byte):
                return None
            keys.feed(bytes([byte]))
            written.append(byte)
        return bytes(written)

    def _choice(self, matcher: llguidance.LLMatcher, keys: KeyScanner) -> int | None:
        bitmasks.fill_next_token_bitmask(matcher, self._mask, 0)
        bits = np.unpackbits(self._mask[0].view(np.uint8), bitorder="little")[:256]
        for byte in sorted(np.flatnonzero(bits).tolist(), key=_RANK.__getitem__):
            if not keys.watching or not keys.repeats(bytes([byte])):
                return int(byte)
        return None
