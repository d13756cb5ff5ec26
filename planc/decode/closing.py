"""The shortest way to the end of what is open.

When the tokens run out, the statement under way must be closed: quotes, brackets, arguments that
are still required. `Closer.shortest` walks the statement's grammar byte by byte, and at every
choice takes the byte that closes the most. The grammar leaves no dead ends and bounds all
lengths, so the walk always arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import llguidance
import llguidance.numpy as bitmasks
import numpy as np

from planc.decode.scan import Scanner

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
        keys = Scanner()
        keys.feed(begun)
        written = bytearray()
        while not matcher.is_accepting():
            byte = self._choice(matcher, keys)
            if byte is None or len(written) == _MAX_BYTES or not matcher.consume_token(byte):
                return None
            keys.feed(bytes([byte]))
            written.append(byte)
        return bytes(written)

    def _choice(self, matcher: llguidance.LLMatcher, keys: Scanner) -> int | None:
        bitmasks.fill_next_token_bitmask(matcher, self._mask, 0)
        bits = np.unpackbits(self._mask[0].view(np.uint8), bitorder="little")[:256]
        for byte in sorted(np.flatnonzero(bits).tolist(), key=_RANK.__getitem__):
            if not keys.watching or not keys.repeats(bytes([byte])):
                return int(byte)
        return None


# The bytes of the shortest text of each terminal and rule that every statement's grammar has.
_LEAST = {
    **dict.fromkeys(("STR", "KEY", "FSTART"), 2),
    **dict.fromkeys(("FTEXT", "INT", "FLOAT", "INDEX", "ORDER", "NAME", "any"), 1),
}
_SPELT = re.compile(r"^(T\d+): (.*)$", re.MULTILINE)
_RULE = re.compile(r"^(start|r\d+): (.*)$", re.MULTILINE)
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\{\d+,\d+\}|\w+|[()|?]')


def longest_choice(grammar: str) -> int:
    """How many bytes a choice can add to the way to the end: those of the shortest text of the
    alternative whose shortest text is the longest, in a grammar by `statement_grammar`."""
    least = dict(_LEAST)
    for name, body in _SPELT.findall(grammar):
        least[name] = len(Closer(f"start: T\nT: {body}").shortest(b"") or b"")
    choices: list[int] = []
    # A rule stands behind those that it is made of, but for the first.
    for name, body in sorted(_RULE.findall(grammar), key=lambda rule: rule[0] == "start"):
        least[name] = _shortest(iter(_PIECE.findall(body)), least, choices)
    return max(choices)


def _shortest(pieces: Iterator[str], least: dict[str, int], choices: list[int]) -> int:
    """The bytes of the shortest text of some alternatives, up to a closing bracket or the end.
    Those of each alternative, here and inside, are added to `choices`."""
    options, last = [0], 0
    for piece in pieces:
        if piece == ")":
            break
        if piece == "|":
            options.append(0)
            last = 0
        elif piece == "?" or piece.startswith("{"):  # all repetitions here may be of none
            options[-1] -= last
        else:
            if piece == "(":
                last = _shortest(pieces, least, choices)
            else:
                last = len(piece.encode()) - 2 if piece.startswith('"') else least[piece]
            options[-1] += last
    choices += options
    return min(options)
