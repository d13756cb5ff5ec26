"""Keeping a model to well-typed plans, statement by statement.

`PlanMatcher` follows one plan as its tokens come. At each statement it has llguidance match the
grammar of that one statement (`planc.decode.grammar`); when the statement is complete, the
checker gives the new variable its type and the next grammar is made. `PlanConstraint` is the
logits processor around it, on outlines' base class, so it serves every model that outlines does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import llguidance
import llguidance.numpy as bitmasks
import numpy as np
from outlines.processors.base_logits_processor import OutlinesLogitsProcessor

from planc.check import check
from planc.decode.grammar import NO_TOOL, Scope, statement_grammar
from planc.parse import parse
from planc.source import Source
from planc.tools import Tool
from planc.types import Type

MAX_STATEMENTS = 16


class PlanMatcher:
    """The state of one plan that is being decoded."""

    def __init__(
        self, tokenizer: llguidance.LLTokenizer, tools: Mapping[str, Tool], request: str
    ) -> None:
        self.tokenizer = tokenizer
        self.tools = tools
        self.request = request
        self.statements: list[str] = []
        self.variables: Mapping[str, Type] = {}
        self.pending: list[int] = []
        self.ended = False
        self.tokens = 0
        self.forced = 0
        self.matcher = self._next_matcher()

    @property
    def text(self) -> str:
        """The plan so far, the statement under way included."""
        done = "".join(f"{statement}\n" for statement in self.statements)
        return done + str(self.tokenizer.decode_str(self.pending))

    def fill(self, mask: np.ndarray[Any, Any], row: int) -> None:
        """Sets the bits of the tokens that may come next in a row of an int32 bitmask of shape
        (rows, vocabulary / 32)."""
        if self.matcher is None or self.ended:
            mask[row] = 0
            for token in self.tokenizer.eos_tokens:
                mask[row, token // 32] |= np.array(1 << token % 32, np.uint32).astype(np.int32)
        else:
            bitmasks.fill_next_token_bitmask(self.matcher, mask, row)
        if int.from_bytes(mask[row].tobytes(), "little").bit_count() == 1:
            self.forced += 1

    def consume(self, token: int) -> None:
        """Takes the token that the model chose. Raises `RuntimeError` for one that the last mask
        did not allow."""
        self.tokens += 1
        if token in self.tokenizer.eos_tokens:
            self.finish()
            return
        if self.matcher is None or not self.matcher.consume_token(token):
            raise RuntimeError(f"token {token} was not allowed after {self.text!r}")
        self.pending.append(token)
        if self.matcher.is_stopped():
            self._end_statement()

    def finish(self) -> None:
        """Ends the plan, which must stand at a statement's end: `complete` says so."""
        self.ended = True
        if self.pending:
            self._end_statement()

    @property
    def complete(self) -> bool:
        """Whether the plan could end here."""
        return self.ended or self.matcher is None or bool(self.matcher.is_accepting())

    def _end_statement(self) -> None:
        self.statements.append(self.tokenizer.decode_str(self.pending).rstrip("\n"))
        self.pending = []
        plan = parse(Source(self.text))
        self.variables = check(plan, self.tools).variables
        self.matcher = self._next_matcher()

    def _next_matcher(self) -> llguidance.LLMatcher | None:
        """The matcher of the next statement, or None if none may follow."""
        last = self.statements[-1] if self.statements else ""
        if last == NO_TOOL or last.startswith("return ") or len(self.statements) == MAX_STATEMENTS:
            return None
        scope = Scope(self.variables, self.request, first=not self.statements)
        grammar = statement_grammar(self.tools.values(), scope)
        matcher = llguidance.LLMatcher(
            self.tokenizer, llguidance.grammar_from("lark", grammar), log_level=0
        )
        if matcher.is_error():
            raise RuntimeError(f"llguidance refuses the grammar: {matcher.get_error()}\n{grammar}")
        return matcher


class PlanConstraint(OutlinesLogitsProcessor):  # type: ignore[misc]
    """Sets the logits of every token to minus infinity that would leave the well-typed plans.

    `start` makes the matcher of a new sequence; one is kept for each row of the batch.
    """

    def __init__(self, start: Callable[[], PlanMatcher], tensor_library: str) -> None:
        super().__init__(tensor_library)
        self.start = start
        self.tensor_library = tensor_library
        self.matchers: list[PlanMatcher] = []
        self.calls = 0
        self.error: BaseException | None = None

    def reset(self) -> None:
        self.matchers = []
        self.calls = 0
        self.error = None

    def process_logits(self, input_ids: Any, logits: Any) -> Any:
        """`input_ids` has shape (rows, tokens so far), `logits` (rows, vocabulary).

        llama.cpp calls this from C, where an exception would be dropped; it is kept in `error`
        (an interrupt too) and every row is made to end, so that the caller can raise it.
        """
        self.calls += 1
        try:
            return self._processed(input_ids, logits)
        except BaseException as error:  # noqa: BLE001 - kept, and raised by the caller
            self.error = self.error or error
            for matcher in self.matchers:
                matcher.ended = True
            mask = bitmasks.allocate_token_bitmask(*self.tensor_adapter.shape(logits))
            for row, matcher in enumerate(self.matchers):
                matcher.fill(mask, row)
            self._apply(logits, mask)
            return logits

    def _processed(self, input_ids: Any, logits: Any) -> Any:
        rows, vocabulary = self.tensor_adapter.shape(logits)
        if not self.matchers:
            self.matchers = [self.start() for _ in range(rows)]
        else:
            for matcher, ids in zip(self.matchers, input_ids, strict=True):
                if not matcher.ended:
                    matcher.consume(int(ids[-1]))
        mask = bitmasks.allocate_token_bitmask(rows, vocabulary)
        for row, matcher in enumerate(self.matchers):
            matcher.fill(mask, row)
        self._apply(logits, mask)
        return logits

    def _apply(self, logits: Any, mask: np.ndarray[Any, Any]) -> None:
        if self.tensor_library == "torch":
            import llguidance.torch
            import torch

            on_device = torch.from_numpy(mask).to(logits.device)
            llguidance.torch.apply_token_bitmask_inplace(logits, on_device)
        else:
            for row in range(len(mask)):
                bitmasks.apply_token_bitmask_inplace(logits[row], mask[row])
