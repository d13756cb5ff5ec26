"""Whether any tool serves a request: asked of the model before it plans.

Held to write a plan, a small model nearly always sooner calls some tool than say that none fits.
Asked in a prompt of its own, with the lessons' requests as examples, it knows better. How readily
it says no depends on the tools as well as on the request; so its odds are compared with those for
a request that asks for nothing in particular (contextual calibration: Zhao et al., arXiv
2102.09690).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from planc.decode.grammar import NO_TOOL
from planc.decode.lessons import LESSONS
from planc.decode.prompt import Message, describe_tools
from planc.tools import ToolSet

ANY_REQUEST = "Do it."
"""A request that asks for nothing in particular."""

YES, NO = ("Yes", "yes"), ("No", "no")
"""How the answers begin."""

_INSTRUCTIONS = "You decide whether a request can be done with the given functions."
_QUESTION = "Is there a function here that does what the request asks? Answer Yes or No."


@cache
def before() -> Sequence[Message]:
    """What the chat begins with before the tools: the requests of the lessons."""
    chat: list[Message] = [{"role": "system", "content": _INSTRUCTIONS}]
    for lesson in LESSONS:
        told = _functions(lesson)
        for example in lesson.examples:
            answer = NO[0] if example.plan == NO_TOOL else YES[0]
            chat.append({"role": "user", "content": told + _question(example.text)})
            chat.append({"role": "assistant", "content": answer})
            told = ""
    return (*chat, {"role": "user", "content": ""})


def beginning(tools: ToolSet) -> list[Message]:
    """How the chat begins, whatever the request, which comes at the end of the last message."""
    return [*before()[:-1], {"role": "user", "content": _functions(tools)}]


def messages(request: str, tools: ToolSet) -> list[Message]:
    """The chat that the model is to go on with."""
    asked = _functions(tools) + _question(request)
    return [*before()[:-1], {"role": "user", "content": asked}]


def _functions(tools: ToolSet) -> str:
    return f"Functions:\n{describe_tools(tools.values())}\n\n"


def _question(request: str) -> str:
    return f"Request: {request}\n\n{_QUESTION}"


def doubt(logits: np.ndarray[Any, Any], yes: Sequence[int], no: Sequence[int]) -> float:
    """The odds of no against yes. `logits` has a value for each token of the vocabulary; `yes` and
    `no` are the tokens that the answers begin with."""
    likely = np.exp(logits[[*yes, *no]].astype(np.float64) - logits.max())
    return float(likely[len(yes) :].sum() / max(likely[: len(yes)].sum(), np.finfo(float).tiny))
