"""The literals that a model may write for a nominal type.

What a type says must be copied (`Nominal.copied`) can only be a piece of the request; dates and
times are spelt by a regular expression that knows the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from planc.types import Nominal

_TRAILING = ".,;:!?)"

# Years from 1900 to 2099, in which every fourth but 1900 is a leap year.
_DAY_28 = "(0[1-9]|1[0-9]|2[0-8])"
_FULL_DATE = (
    "((19|20)[0-9][0-9]-("
    f"(0[1-9]|1[0-2])-{_DAY_28}"
    "|(0[13-9]|1[0-2])-(29|30)"
    "|(0[13578]|1[02])-31)"
    "|((19|20)(0[48]|[2468][048]|[13579][26])|2000)-02-29)"
)
_DIRECTIVES = {
    "Y": "(19|20)[0-9][0-9]",
    "m": "(0[1-9]|1[0-2])",
    "d": _DAY_28,
    "H": "([01][0-9]|2[0-3])",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "%": "%",
}


def copies(of: Nominal, request: str) -> list[str]:
    """The values of a copied type that the request holds, in its order, without repetition."""
    return list(dict.fromkeys(_found(of, request)))


def _found(of: Nominal, request: str) -> Iterator[str]:
    for match in re.finditer(of.copied or "", request):
        text = match[0]
        while text and (not of.accepts(text) or text[-1] in _TRAILING):
            text = text[:-1]
        if text and of.accepts(text):
            yield text


def spelling(of: Nominal) -> str:
    """A regular expression (Rust's syntax) for the values of a type that need not be copied.

    A `calendar` of the form `%Y-%m-%d...` spells real dates only; in other forms days end at 28,
    which keeps every spelling a real date.
    """
    if of.calendar is None:
        return of.pattern
    rest = of.calendar
    spelt = ""
    if rest.startswith("%Y-%m-%d"):
        spelt, rest = _FULL_DATE, rest.removeprefix("%Y-%m-%d")
    for directive, char in re.findall(r"%(.)|([^%])", rest):
        if directive and directive not in _DIRECTIVES:
            return of.pattern
        spelt += _DIRECTIVES[directive] if directive else re.escape(char)
    return spelt
