"""Texts that are no plans, or almost: for finding out what a reader of texts does with them.

They are drawn with `random` alone, which makes many of them in a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

_TOKENS = [
    *("x", "search", "query", "return", "if", "else", "for", "in", "and", "or", "not", "True"),
    *("None", "=", "==", "!=", "<", "<=", "+", "-", "*", "/", "//", "%", ",", ":", ".", "(", ")"),
    *("[", "]", "{", "}", '"', "'", 'f"', "f'", "{{", "}}", "\\", "\\n", "\\x", "\\ud800", "`"),
    *("#", "\n", "\r\n", "\r", " ", "\t", "\f", "\0", ";", "!", "@", "0", "1.5", "1e999", "007"),
    *('"a"', "'b'", "x.y", "x[0]", "f(a=", "[x for x in ", " if x else ", 'f"{', '}"', "x = "),
]
_ODD = [
    *("\ufeff", "\ud800", "\udfff", "\u202e", "\u2028", "\x85", "\xa0", "\x1b[2J", "\u200b"),
    *("é", "e\u0301", "日", "🙂", "“", "²", "ﬁ", "\U0010ffff", "\u0000", "ſ", "İ", "\x7f"),
]
_OPENING = ["(", "[", "{", "not ", "-", 'f"{', "f(a=", '{"a": ', "[x for x in ", "1 if ", "x.", "`"]
_CLOSING = [")", "]", "}", '}"', "", " else 1", " if x]", "`", "\n"]
_LONGEST = 5000


def random_text(rng: Random) -> str:
    """A text of tokens, of odd characters, deeply nested, or with a long line."""
    kinds: list[Callable[[Random], str]] = [_soup, _soup, _characters, nested, _long_line]
    return rng.choice(kinds)(rng)


def mutated(rng: Random, corpus: Sequence[str]) -> str:
    """A text of the corpus, of which there must be some, with pieces cut out, doubled, moved,
    exchanged with another text's, or put in."""
    text = rng.choice(corpus)
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(0, len(text))
        end = min(len(text), start + int(rng.expovariate(0.1)))
        text = text[:start] + _instead(rng, text[start:end], corpus) + text[end:]
    return text[: rng.randint(0, len(text))] if rng.random() < 0.2 else text


def nested(rng: Random) -> str:
    """A text that opens brackets, strings and operators up to thousands deep, and may close
    them again."""
    depth = rng.choice([3, 30, 99, 100, 101, 500, 1500])
    opening = [rng.choice(_OPENING) for _ in range(rng.choice([1, 1, 2, 4]))]
    closing = [rng.choice(_CLOSING) for _ in opening]
    body = rng.choice(["", "x", "1", '"a"', "f()"])
    text = "".join(opening) * (depth // len(opening)) + body
    if rng.random() < 0.7:
        text += "".join(closing) * (depth // len(closing))
    return rng.choice(["", "x = ", "return "]) + text[: 4 * _LONGEST]


def _instead(rng: Random, piece: str, corpus: Sequence[str]) -> str:
    other = rng.choice(corpus)
    start = rng.randint(0, len(other))
    return rng.choice(
        [
            "",
            piece * 2,
            piece[::-1],
            rng.choice(_TOKENS),
            rng.choice(_ODD),
            other[start : start + len(piece) + 5],
            piece.swapcase(),
        ]
    )


def _soup(rng: Random) -> str:
    return "".join(rng.choices(_TOKENS, k=rng.randint(0, 60)))


def _characters(rng: Random) -> str:
    pieces = [rng.choice(_ODD), rng.choice(_TOKENS), chr(rng.randrange(0x110000))]
    return "".join(rng.choices(pieces, k=rng.randint(1, 20)))


def _long_line(rng: Random) -> str:
    count = rng.randint(1, _LONGEST)
    return rng.choice(
        [
            "x" * count + " = f()",
            'x = "' + "\\" * count + '"',
            f"x = {'9' * count}",
            f"x = [{'1, ' * (count // 3)}]",
            " + ".join(["x"] * (count // 4)),
            "#" * count,
            "\n" * count,
            "f(" + ", ".join(f"a{i}={i}" for i in range(count // 8)) + ")",
        ]
    )
