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
_LIMITS = llguidance.LLParserLimits(max_items_in_row=100_000, step_max_items=500_000)


def matcher_of(tokenizer: llguidance.LLTokenizer, grammar: str) -> llguidance.LLMatcher:
    """A matcher at the start of a grammar (llguidance's Lark dialect). Raises `RuntimeError` for
    one that it refuses. Its limits leave room for a table of addresses in a request, each of
    which is an alternative."""
    source = llguidance.grammar_from("lark", grammar)
    found = llguidance.LLMatcher(tokenizer, source, log_level=0, limits=_LIMITS)
    if found.is_error():
        raise RuntimeError(f"llguidance refuses the grammar: {found.get_error()}\n{grammar}")
    return found


def next_bytes(matcher: llguidance.LLMatcher) -> list[int]:
    """The bytes that may come next, for a matcher over `BYTES`."""
    mask = bitmasks.allocate_token_bitmask(1, BYTES.vocab_size)
    bitmasks.fill_next_token_bitmask(matcher, mask, 0)
    bits = np.unpackbits(mask[0].view(np.uint8), bitorder="little")[:256]
    found: list[int] = np.flatnonzero(bits).tolist()
    return found


def _ranks(order: bytes) -> list[int]:
    return [order.index(byte) if byte in order else 64 + byte for byte in range(256)]


# Inside a text, what ends it comes first (for an f-string perhaps the hole that it must have).
_IN_TEXT = _ranks(b'"{')
# Outside, what closes comes first, then the empty plan, short constants, texts, names in the order
# of the alphabet, what leads on, and last what opens something.
_OUTSIDE = _ranks(b')]}\n#0123456789-"FTNabcdefghijklmnopqrstuvwxyz_`,: =<![{')


class Closer:
    """The ways to the end in one grammar (llguidance's Lark dialect)."""

    def __init__(self, grammar: str) -> None:
        self._start = matcher_of(BYTES, grammar)

    def shortest(self, begun: bytes, limit: int = _MAX_BYTES) -> bytes | None:
        """What to write behind `begun` to complete a text of the grammar in which no record has
        a key twice; None if nothing does, or the way is not found within `limit` bytes."""
        matcher = self._start.deep_copy()
        if not matcher.consume_tokens(list(begun)):
            return None
        keys = Scanner()
        keys.feed(begun)
        written = bytearray()
        while not matcher.is_accepting():
            byte = self._choice(matcher, keys)
            if byte is None or len(written) == limit or not matcher.consume_token(byte):
                return None
            keys.feed(bytes([byte]))
            written.append(byte)
        return bytes(written)

    def _choice(self, matcher: llguidance.LLMatcher, keys: Scanner) -> int | None:
        ranks = _IN_TEXT if keys.text else _OUTSIDE
        for byte in sorted(next_bytes(matcher), key=ranks.__getitem__):
            if not keys.watching or not keys.repeats(bytes([byte])):
                return byte
        return None


# Of each terminal that every statement's grammar has: the first byte of its shortest text, and its
# bytes.
_LEAST = {
    **dict.fromkeys(("STR", "KEY"), (b'"', 2)),
    "FSTART": (b"f", 2),
    "FTEXT": (b"a", 1),
    **dict.fromkeys(("INT", "FLOAT", "INDEX", "any"), (b"0", 1)),
    "ORDER": (b"<", 1),
    "NAME": (b"a", 1),
}
_SPELT = re.compile(r"^(T\d+): (.*)$", re.MULTILINE)
_RULE = re.compile(r"^(start|r\d+): (.*)$", re.MULTILINE)
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\{\d+,\d+\}|\w+|[()|?]')
_Least = tuple[bytes, int]  # how a text begins, and its bytes


def longest_choice(grammar: str) -> int:
    """How many bytes a choice can add to the way to the end: those of the text by which `Closer`
    would go on in the alternative where that is the longest, in a grammar by
    `statement_grammar`."""
    least: dict[str, _Least] = dict(_LEAST)
    for name, body in _SPELT.findall(grammar):
        least[name] = (b'"', len(Closer(f"start: T\nT: {body}").shortest(b"") or b""))
    choices: list[int] = []
    # A rule stands behind those that it is made of, but for the first.
    for name, body in sorted(_RULE.findall(grammar), key=lambda rule: rule[0] == "start"):
        least[name] = _chosen(iter(_PIECE.findall(body)), least, choices)
    return max(choices)


def _chosen(pieces: Iterator[str], least: dict[str, _Least], choices: list[int]) -> _Least:
    """The text by which `Closer` would go on, of some alternatives up to a closing bracket or the
    end. The bytes of each alternative, here and inside, are added to `choices`."""
    options: list[list[_Least]] = [[]]
    for piece in pieces:
        if piece == ")":
            break
        if piece == "|":
            options.append([])
        elif piece == "?" or piece.startswith("{"):  # all repetitions here may be of none
            options[-1].pop()
        elif piece == "(":
            options[-1].append(_chosen(pieces, least, choices))
        elif piece.startswith('"'):
            text = piece[1:-1].replace('\\"', '"').encode()
            options[-1].append((text[:1], len(text)))
        else:
            options[-1].append(least[piece])
    texts = [_joined(option) for option in options]
    choices += [length for _, length in texts]
    # Nothing is chosen before anything; of texts that begin alike, the worst is counted.
    return min(texts, key=lambda text: (_OUTSIDE[text[0][0]] if text[0] else -1, -text[1]))


def _joined(option: list[_Least]) -> _Least:
    return b"".join(begun for begun, _ in option)[:1], sum(length for _, length in option)
