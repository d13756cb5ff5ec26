"""Keeping a model to well-typed plans: the logits processor around `planc.decode.matcher`, on
outlines' base class, so that it serves every model that outlines does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import llguidance
import llguidance.numpy as bitmasks
import numpy as np
from outlines.processors.base_logits_processor import OutlinesLogitsProcessor

from planc.decode.bits import Bits, LogitsMask, allow, bar, is_allowed, only_one, unpacked
from planc.decode.ending import REFUSAL, leaves, leaving, refuses
from planc.decode.grammar import NO_TOOL
from planc.decode.matcher import MAX_TOKENS, PlanMatcher
from planc.tools import Tool

_MEMORY = LogitsMask()


class PlanConstraint(OutlinesLogitsProcessor):  # type: ignore[misc]
    """Sets the logits of every token to minus infinity that would leave the well-typed plans.

    `tokenizer` is llguidance's for the model's vocabulary, `tensor_library` what outlines says of
    the model, and `limit` the tokens that a plan may have. Each row of a batch has its own plan;
    `matchers` follow them. A `greedy` constraint is for the likeliest token each time: it makes no
    plan where the model says with more than the likelihood `refusal` that no tool fits (with None
    it may not say so), and ends a plan that the model, which may be `taught` to plan, is done with
    (`planc.decode.ending`). `prompt` is what the model has read, as far as plans may repeat it.
    """

    def __init__(
        self,
        tokenizer: llguidance.LLTokenizer,
        tools: Mapping[str, Tool],
        request: str,
        tensor_library: str,
        limit: int = MAX_TOKENS,
        greedy: bool = False,
        refusal: float | None = REFUSAL,
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
        self.refusal = refusal
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
        ends = [token for token in self.tokenizer.eos_tokens if is_allowed(bits, token)]
        ended = matcher.inside and bool(ends)
        if matcher.tokens and not matcher.may_be_left and not ended:
            return
        if self.tensor_library == "torch":
            logits = logits.float().cpu().numpy()
        if not matcher.tokens:
            refusing = self.tokenizer.tokenize_str(NO_TOOL)[0]
            if self.refusal is not None and refuses(logits, refusing, self.refusal):
                allow(bits, [refusing])
            elif not only_one(bits):
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
