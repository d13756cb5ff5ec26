"""What a plan most likely goes on with, for the model to confirm.

A CPU reads a few tokens in little more time than one, most of which it takes to fetch the weights.
So the model is given a draft to read together with the token it has chosen last, and as much of it
is kept as the model would have chosen (speculative decoding: Leviathan et al., arXiv 2211.17192):
the tokens to which the constraint leaves no alternative (jump-forward decoding: Zheng et al., arXiv
2312.07104), or else, inside a text, what follows the same words in the request or earlier in the
plan.
"""

from __future__ import annotations

from collections.abc import Sequence

FORCED = 4  # tokens that have no alternative, and
COPIED = 3  # tokens that may follow as they did before; more of either were slower
_LEAST, _MOST = 2, 24  # bytes that are looked for
_FOLLOWING = 16  # bytes that follow them


def copied(text: bytes, sources: Sequence[bytes]) -> bytes:
    """What follows the end of a text where it stands in the sources: the longest end that does, in
    the first source that has it, at its last place. The case of letters makes no difference."""
    looked_for = text.lower()
    lowered = [source.lower() for source in sources]
    for length in range(min(len(text), _MOST), _LEAST - 1, -1):
        for source, low in zip(sources, lowered, strict=True):
            at = low.rfind(looked_for[-length:])
            if at >= 0 and at + length < len(source):
                return source[at + length :][:_FOLLOWING]
    return b""
