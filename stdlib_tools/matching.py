"""Names as people type them: compared without case and accents, with the nearest as a hint."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from unicodedata import category

# Control characters, line and paragraph separators, and halves of characters.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Letters with a stroke or a ligature, which Unicode does not take apart.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae"})
# Of Latin, Greek and Cyrillic. Marks of other scripts tell one name from another.
_ACCENTS = re.compile("[\u0300-\u036f]")
_LONGEST = 80


def one_line(text: str) -> str:
    """The text with every run of blanks, line ends and control characters made one space."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def fold(text: str) -> str:
    """The text without case, accents and superfluous space, to compare it by."""
    text = one_line(text)
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text)
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", apart))
    return plain.casefold().translate(_LETTERS)


def words(folded: str) -> list[str]:
    """The words of a folded text: of letters, digits and the signs that belong to them, such as
    the vowels of Devanagari."""
    kept = (char if char.isalnum() or category(char)[0] == "M" else " " for char in folded)
    return "".join(kept).split()


def shown(name: str) -> str:
    """The name in quotes for a message, on one line and not too long."""
    return repr(name if len(name) <= _LONGEST else name[:_LONGEST] + "…")


def hint(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'Sidney Park'?` where something near is known, else nothing."""
    by_fold = {fold(other): other for other in known}
    near = difflib.get_close_matches(fold(name[:_LONGEST]), by_fold, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(shown(by_fold[key]) for key in near)}?" if near else ""
