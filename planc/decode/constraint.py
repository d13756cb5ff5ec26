"""Keeping a model to well-typed plans, statement by statement.

`PlanMatcher` follows one plan as its tokens come. At each statement it has llguidance match the
grammar of that one statement (`planc.decode.grammar`); when the statement is complete, the
checker gives the new variable its type and the next grammar is made. When the tokens run out it
lets only that pass which closes what is open (`planc.decode.closing`), so that a plan always
ends. `PlanConstraint` is the logits processor around it, on outlines' base class, so it serves
every model that outlines does.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Any

import llguidance
import llguidance.numpy as bitmasks
import numpy as np
from outlines.processors.base_logits_processor import OutlinesLogitsProcessor

from planc.check import check
from planc.decode import drafts
from planc.decode.closing import Closer, longest_choice, matcher_of
from planc.decode.ending import leaves, leaving, looked_up, refuses, repeats
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
_FEW = 256  # words of a mask with any bits set
# What is added to eight logits for each value of a mask's byte: nothing, or minus infinity.
_PENALTIES = np.where(np.arange(256)[:, None] >> np.arange(8) & 1, 0, -np.inf).astype(np.float32)

_TEXT = r'[^"\\{}\x00-\x1F\x7F]'
SLICES = [_TEXT + "{1,10}", _TEXT + "{1,30}", _TEXT + "+"]
"""For llguidance's tokenizer: the tokens that it need not walk one by one where a text may go on,
also inside an f-string."""

Bits = np.ndarray[Any, np.dtype[np.int32]]
Logits = np.ndarray[Any, np.dtype[np.float32]]


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
        after one more token of the model's."""
        if self.closing is not None:
            return
        rest = self._closer.shortest(self.written)
        assert rest is not None, f"no way to the end from {self.written!r}"
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
        self.forced += _only_one(mask[row])

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


def _only_one(bits: Bits) -> bool:
    """Whether a single bit is set."""
    if np.count_nonzero(bits) != 1:
        return False
    return int(bits[bits.argmax()] or bits[bits.argmin()]).bit_count() == 1  # one may be negative


def allow(bits: Bits, tokens: list[int]) -> None:
    """Sets the bits of these tokens alone."""
    bits[:] = 0
    for token in tokens:
        bits.view(np.uint32)[token // 32] |= np.uint32(1 << token % 32)


def bar(bits: Bits, tokens: list[int]) -> None:
    """Clears the bits of these tokens."""
    for token in tokens:
        bits.view(np.uint32)[token // 32] &= ~np.uint32(1 << token % 32)


def _allowed(bits: Bits, token: int) -> bool:
    return bool(bits.view(np.uint32)[token // 32] & np.uint32(1 << token % 32))


class PlanConstraint(OutlinesLogitsProcessor):  # type: ignore[misc]
    """Sets the logits of every token to minus infinity that would leave the well-typed plans.

    `tokenizer` is llguidance's for the model's vocabulary, `tensor_library` what outlines says of
    the model, and `limit` the tokens that a plan may have. Each row of a batch has its own plan;
    `matchers` follow them. A `greedy` constraint is for the likeliest token each time: it makes no
    plan where the model says that no tool fits, if it `may_refuse` here, and ends a plan that the
    model, which may be `taught` to plan, is done with (`planc.decode.ending`). `prompt` is what the
    model has read, as far as plans may repeat it.
    """

    def __init__(
        self,
        tokenizer: llguidance.LLTokenizer,
        tools: Mapping[str, Tool],
        request: str,
        tensor_library: str,
        limit: int = MAX_TOKENS,
        greedy: bool = False,
        may_refuse: bool = True,
        taught: bool = False,
        prompt: str = "",
    ) -> None:
        super().__init__(tensor_library)
        self.tokenizer = tokenizer
        self.tools = tools
        self.request = request
        self.tensor_library = tensor_library
        self.limit = limit
        self.greedy = greedy
        self.may_refuse = may_refuse
        self.taught = taught
        self.prompt = prompt.encode()
        self.reset()

    def reset(self) -> None:
        """Forgets the plans, for a new generation."""
        self.matchers: list[PlanMatcher] = []
        self.calls = 0
        self.begin = 0  # tokens before the first one that was chosen
        self.error: BaseException | None = None

    def process_logits(self, input_ids: Any, logits: Any) -> Any:
        """`input_ids` has shape (rows, tokens so far), `logits` (rows, vocabulary).

        llama.cpp calls this from C, where an exception would be dropped; it is kept in `error`
        (an interrupt too) and every row is made to end, so that the caller can raise it.
        """
        mask = bitmasks.allocate_token_bitmask(len(logits), self.tokenizer.vocab_size)
        try:
            if self.error is None:
                self._advance(input_ids)
                for row, matcher in enumerate(self.matchers):
                    matcher.fill(mask, row)
                    if self.greedy:
                        self._choose_end(matcher, logits[row], mask[row])
        except BaseException as error:  # noqa: BLE001 - kept, and raised by the caller
            self.error = error
        self.calls += 1
        if self.error is not None:
            for bits in mask:
                allow(bits, self.tokenizer.eos_tokens)
        return self._masked(logits, mask)

    def draft(self, input_ids: np.ndarray[Any, np.dtype[np.intc]]) -> np.ndarray[Any, Any]:
        """What the one plan most likely goes on with behind `input_ids`, of shape (tokens so far):
        a draft model for llama-cpp-python. Drafts stand behind the tokens that were chosen the next
        time that logits are processed."""
        self._advance([input_ids])
        return np.array(self.matchers[0].draft(self.prompt), np.intc)

    def _choose_end(self, matcher: PlanMatcher, logits: Any, bits: Bits) -> None:
        """Takes the model's free choice for an answer where it tells whether there is to be a plan,
        or whether it is over. Only there does a plan end: on a line of its own, as shown."""
        ends = [token for token in self.tokenizer.eos_tokens if _allowed(bits, token)]
        ended = matcher.inside and bool(ends)
        if matcher.tokens and not matcher.may_be_left and not ended:
            return
        if self.tensor_library == "torch":
            logits = logits.float().cpu().numpy()
        if not matcher.tokens:
            refusing = self.tokenizer.tokenize_str(NO_TOOL)[0]
            if self.may_refuse and refuses(logits, refusing):
                allow(bits, [refusing])
            elif not _only_one(bits):
                bar(bits, [refusing])
        elif ended:
            bar(bits, ends)
            others = np.flatnonzero(unpacked(bits)[: len(logits)])
            if not len(others):
                allow(bits, ends)
            elif logits[ends].max() >= logits[others].max():
                allow(bits, self.tokenizer.tokenize_str("\n")[:1])
        else:
            likelihood = leaving(matcher.request, matcher.text, self.taught)
            if leaves(logits, unpacked(bits), self.tokenizer.eos_tokens, likelihood):
                matcher.leave()
                allow(bits, self.tokenizer.eos_tokens)

    def _advance(self, input_ids: Any) -> None:
        """Takes the tokens that were chosen since the last time, one for each call."""
        if not self.matchers:
            self.begin = len(input_ids[0])
            self.matchers = [
                PlanMatcher(self.tokenizer, self.tools, self.request, self.limit, self.greedy)
                for _ in range(len(input_ids))
            ]
            return
        for matcher, ids in zip(self.matchers, input_ids, strict=True):
            while matcher.tokens < self.calls and not matcher.ended:
                matcher.consume(int(ids[self.begin + matcher.tokens]))

    def _masked(self, logits: Any, mask: Bits) -> Any:
        if self.tensor_library == "torch":
            import torch

            allowed = _MEMORY.applied(np.zeros(logits.shape, np.float32), mask)
            return logits + torch.from_numpy(allowed).to(logits.device, logits.dtype)
        return _MEMORY.applied(logits, mask)


class _LogitsMask(threading.local):
    """Masked logits, in memory of the thread's that is used again: to allocate as much for each
    token would take longer than all the rest."""

    def __init__(self) -> None:
        self.masked: Logits = np.empty((0, 0), np.float32)
        self.penalties: Logits = np.empty((0, 8), np.float32)
        self.penalised: Bits = np.empty(0, np.int32)  # the mask that the penalties are of
        self.written: list[Any] = []  # for each row, where it is not minus infinity

    def applied(self, logits: Logits, mask: Bits) -> Logits:
        """The logits with minus infinity for every token whose bit is not set, and for those
        beyond the bits, which a model has whose vocabulary is padded. Good until the next call."""
        if self.masked.shape != logits.shape or len(self.penalties) != mask.shape[1] * 4:
            self.masked = np.full(logits.shape, -np.inf, np.float32)
            self.penalties = np.empty((mask.shape[1] * 4, 8), np.float32)
            self.penalised = np.empty(0, np.int32)
            self.written = [slice(0)] * len(logits)
        for row, bits in enumerate(mask):
            self._row(row, logits[row], bits)
        return self.masked

    def _row(self, row: int, logits: Logits, bits: Bits) -> None:
        masked = self.masked[row]
        masked[self.written[row]] = -np.inf
        words = np.flatnonzero(bits)
        if len(words) <= _FEW:
            rows, columns = np.nonzero(unpacked(bits[words]).reshape(-1, 32))
            allowed = words[rows] * 32 + columns
            allowed = allowed[allowed < len(masked)]
            masked[allowed] = logits[allowed]
            self.written[row] = allowed
            return
        if not np.array_equal(bits, self.penalised):  # inside a text the mask is often the same
            np.take(_PENALTIES, bits.view(np.uint8), axis=0, out=self.penalties, mode="clip")
            self.penalised = bits.copy()
        known = min(self.penalties.size, masked.size)
        np.add(logits[:known], self.penalties.reshape(-1)[:known], out=masked[:known])
        self.written[row] = slice(known)


_MEMORY = _LogitsMask()


def unpacked(bits: Bits) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The bits of a mask, one byte each."""
    return np.unpackbits(bits.view(np.uint8), bitorder="little")
