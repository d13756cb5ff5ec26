"""Following one plan as its tokens come, statement by statement.

At each statement `PlanMatcher` has llguidance match the grammar of that one statement
(`planc.decode.grammar`); when the statement is complete, the checker gives the new variable its
type and the next grammar is made. When the tokens run out it lets only that pass which closes what
is open (`planc.decode.closing`), so that a plan always ends.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Any

import llguidance
import llguidance.numpy as bitmasks
import numpy as np

from planc.check import check
from planc.decode import drafts
from planc.decode.bits import Bits, allow, bar, only_one, unpacked
from planc.decode.closing import Closer, longest_choice, matcher_of
from planc.decode.ending import looked_up, repeats
from planc.decode.grammar import NO_TOOL, Scope, statement_grammar
from planc.decode.scan import Scanner, Text, has_key
from planc.parse import parse
from planc.source import Source
from planc.syntax import Name, walk
from planc.tools import Tool
from planc.types import Type

MAX_STATEMENTS = 16
MAX_TOKENS = 1024
_ENDING = 512  # tokens before the limit from which on the way to the end is kept in sight
_SLACK = 16  # tokens; what a token may close and begin beside what it chooses
_LONGEST_TOKEN = 256  # characters
_ENDS = -1  # in place of the characters that a token adds to a text: it ends it
_NAMED = re.compile(rb"[a-z]\w* =")  # what a statement with a new variable begins with

_TEXT = r'[^"\\{}\x00-\x1F\x7F]'
SLICES = [_TEXT + "{1,10}", _TEXT + "{1,30}", _TEXT + "+"]
"""For llguidance's tokenizer: the tokens that it need not walk one by one where a text may go on,
also inside an f-string."""


class _Statement:
    """One statement under way: its grammar, and its tokens so far."""

    def __init__(
        self, tokenizer: llguidance.LLTokenizer, tools: Mapping[str, Tool], scope: Scope
    ) -> None:
        self.tokenizer = tokenizer
        self.grammar = statement_grammar(tools.values(), scope)
        self.matcher = _matcher(tokenizer, self.grammar).deep_copy()
        self.scanner = Scanner()
        self.written = b""
        self.closing: list[int] | None = None  # the tokens to the end, once they run out

    def fill(self, mask: Bits, row: int) -> None:
        """The mask of the next token; the end of text is in it where the plan may end here."""
        if self.closing is not None:
            allow(mask[row], self.closing[:1] or self.tokenizer.eos_tokens)
            return
        bitmasks.fill_next_token_bitmask(self.matcher, mask, row)
        if self.scanner.watching:
            self._bar_repeated_keys(mask[row])
        if (text := self.scanner.text) and text.room < _LONGEST_TOKEN:
            self._bar_too_long(text, mask[row])

    def consume(self, token: int) -> None:
        if not self.matcher.consume_token(token):
            raise RuntimeError(f"token {token} was not allowed after {self.written!r}")
        piece = bytes(self.tokenizer.decode_bytes([token]))
        self.written += piece
        self.scanner.feed(piece)
        if self.closing is not None:
            self.closing = self.closing[1:]

    def close_within(self, left: int) -> None:
        """Begins to close if the way to the end needs the tokens that are left, or might do so
        after one more token of the model's; not where it is longer than any plan."""
        if self.closing is not None:
            return
        rest = self._closer.shortest(self.written)
        if rest is None:
            return
        way = list(self.tokenizer.tokenize_bytes(rest))
        if len(way) + 1 + self._reserve >= left:
            self.closing = way

    @cached_property
    def _closer(self) -> Closer:
        return Closer(self.grammar)

    @cached_property
    def _reserve(self) -> int:
        """How many tokens longer one token can make the way to the end: no more than the bytes of
        the longest thing that it may choose, twice, since the way that is found is not always the
        shortest, and a few."""
        return 2 * longest_choice(self.grammar) + _SLACK

    def draft(self, sources: Sequence[bytes]) -> list[int]:
        """The tokens that most likely come next; see `planc.decode.drafts`."""
        if self.closing is not None:
            return self.closing[: drafts.FORCED]
        if forced := self.matcher.compute_ff_tokens():
            return list(forced[: drafts.FORCED])
        text = self.scanner.string
        before = self.written[: len(self.written) - len(text)]
        following = drafts.copied(text, [before, *sources]) if text else b""
        return list(self.tokenizer.tokenize_bytes(following)[: drafts.COPIED])

    def _bar_too_long(self, text: Text, bits: Bits) -> None:
        """Bars the tokens that would make a text too long, if it may end here: one that is copied
        goes on to its end."""
        reaches = _reaches(self.tokenizer, text.ends, text.escaped)
        allowed = unpacked(bits)
        if text.escaped or allowed[reaches == _ENDS].any():
            allowed[reaches > text.room] = 0
            bits.view(np.uint8)[:] = np.packbits(allowed, bitorder="little")

    def _bar_repeated_keys(self, bits: Bits) -> None:
        pieces = _pieces(self.tokenizer)
        allowed = unpacked(bits)
        suspected = pieces.with_keys + [
            token for one in self.scanner.repeating for token in pieces.beginning_with(one)
        ]
        for token in suspected:
            if allowed[token] and self.scanner.repeats(pieces.of[token]):
                bar(bits, [token])


class _Pieces:
    """A tokenizer's tokens as bytes: `of` each token, and those that hold keys."""

    def __init__(self, tokenizer: llguidance.LLTokenizer) -> None:
        tokens = range(tokenizer.vocab_size)
        self.of = [bytes(tokenizer.decode_bytes([token])) for token in tokens]
        self.with_keys = [token for token in tokens if has_key(self.of[token])]
        self._sorted = sorted(tokens, key=self.of.__getitem__)

    def beginning_with(self, text: bytes) -> list[int]:
        """The tokens that begin with some bytes."""
        at = bisect_left(self._sorted, text, key=self.of.__getitem__)
        rest = (self._sorted[i] for i in range(at, len(self._sorted)))
        return list(takewhile(lambda token: self.of[token].startswith(text), rest))


_pieces = lru_cache(maxsize=8)(_Pieces)
_matcher = lru_cache(maxsize=16)(matcher_of)  # plans over the same tools often begin alike


@lru_cache(maxsize=8)
def _reaches(
    tokenizer: llguidance.LLTokenizer, ends: bytes, escaped: bool
) -> np.ndarray[Any, np.dtype[np.int16]]:
    """By how many characters each token makes a text longer that one of some signs ends; `_ENDS`
    for a token that ends it at once. For as many tokens as a mask has bits."""
    inside = re.compile(rb"(?:[^\\" + ends + rb"]|\\.)*", re.DOTALL)
    reaches = np.zeros(-(-tokenizer.vocab_size // 32) * 32, np.int16)
    for token, whole in enumerate(_pieces(tokenizer).of):
        piece = whole[escaped:]
        added = inside.match(piece)[0]  # type: ignore[index]
        rest = piece[len(added) :]
        if not escaped and not added and rest[:1] in ends and rest:
            reaches[token] = _ENDS
        else:
            # What follows a lone backslash counts with it.
            reaches[token] = sum(byte & 0xC0 != 0x80 for byte in added) + 2 * (rest == b"\\")
    return reaches


class PlanMatcher:
    """The state of one plan that is being decoded. It takes at most `limit` tokens, the one that
    ends the text included. A `greedy` one ends, without it, at a call that it has made before."""

    def __init__(
        self,
        tokenizer: llguidance.LLTokenizer,
        tools: Mapping[str, Tool],
        request: str,
        limit: int = MAX_TOKENS,
        greedy: bool = False,
    ) -> None:
        self.tokenizer = tokenizer
        self.tools = tools
        self.request = request
        self.limit = limit
        self.greedy = greedy
        self.statements: list[str] = []
        self.variables: Mapping[str, Type] = {}
        self.unused: set[str] = set()  # what lookups returned and no statement has used yet
        self.ended = False
        self.tokens = 0
        self.forced = 0
        self.under_way = self._next_statement()

    @property
    def text(self) -> str:
        """The plan so far, the statement under way included."""
        done = "".join(f"{statement}\n" for statement in self.statements)
        written = self.under_way.written if self.under_way else b""
        return done + written.decode("utf-8", "replace")

    @property
    def complete(self) -> bool:
        """Whether the plan could end here."""
        return self.ended or not self.under_way or bool(self.under_way.matcher.is_accepting())

    @property
    def inside(self) -> bool:
        """Whether a statement is begun."""
        return self.under_way is not None and bool(self.under_way.written)

    @property
    def may_be_left(self) -> bool:
        """Whether a greedy plan may end by its model's free choice: one statement is done, the next
        has no call yet, and all that was looked up is used."""
        if not self.greedy or self.under_way is None or not self.statements or self.unused:
            return False
        return not self.under_way.written or bool(_NAMED.fullmatch(self.under_way.written))

    def leave(self) -> None:
        """Ends the plan behind its last whole statement."""
        self.under_way = None

    def fill(self, mask: Bits, row: int) -> None:
        """Sets the bits of the tokens that may come next in a row of an int32 bitmask of shape
        (rows, vocabulary / 32)."""
        left = self.limit - self.tokens
        if self.under_way is None or self.ended:
            allow(mask[row], self.tokenizer.eos_tokens)
        else:
            if left <= _ENDING:
                self.under_way.close_within(left)
            self.under_way.fill(mask, row)
        self.forced += only_one(mask[row])

    def draft(self, prompt: bytes) -> list[int]:
        """The tokens that the plan most likely goes on with, for a model to confirm that has read
        a prompt."""
        if self.under_way is None or self.ended:
            return []
        done = (statement.encode() for statement in reversed(self.statements))
        return self.under_way.draft([*done, prompt])

    def consume(self, token: int) -> None:
        """Takes the token that the model chose. Raises `RuntimeError` for one that the last mask
        did not allow."""
        self.tokens += 1
        if token in self.tokenizer.eos_tokens:
            self.finish()
            return
        if self.under_way is None:
            raise RuntimeError(f"token {token} was not allowed after {self.text!r}")
        self.under_way.consume(token)
        if self.under_way.matcher.is_stopped():
            self._end_statement()

    def finish(self) -> None:
        """Ends the plan, which must stand at a statement's end: `complete` says so."""
        self.ended = True
        if self.under_way and self.under_way.written:
            self._end_statement()

    def _end_statement(self) -> None:
        assert self.under_way is not None
        statement = self.under_way.written.decode().rstrip("\n")
        if self.greedy and repeats([*self.statements, statement]):
            self.under_way = None
            return
        self.statements.append(statement)
        plan = parse(Source(statement))
        self.variables = check(plan, self.tools, self.variables).variables
        self.unused -= {node.id for node in walk(plan) if isinstance(node, Name)}
        self.unused |= looked_up(plan, self.tools)
        self.under_way = None if self.ended else self._next_statement()

    def _next_statement(self) -> _Statement | None:
        """The next statement, or None if none may follow."""
        last = self.statements[-1] if self.statements else ""
        if last == NO_TOOL or last.startswith("return ") or len(self.statements) == MAX_STATEMENTS:
            return None
        before = "\n".join(self.statements) if self.greedy else None
        scope = Scope(self.variables, self.request, first=not self.statements, before=before)
        return _Statement(self.tokenizer, self.tools, scope)
