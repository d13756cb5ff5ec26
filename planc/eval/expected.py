"""Whether a value that a plan gives is one that a gold plan expects.

An expected value is JSON:

    "*"                     any text that is not empty
    "$a", "$a.field"        the result of the gold call `a`, or a field of it
    "~text"                 a text that contains `text`, ignoring case
    "~$a", "~$a.field"      a text with that result or field in it
    [...]                   a list of such values, in any order and each counted once
    anything else           is equal to it

What a plan gives has the form of `planc.report.calls`. It is folded first (`fold`), so that a
text, a list or a number that the plan puts together from constants counts as the constant. Of a
choice, every branch must fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from operator import add, floordiv, mod, mul, sub, truediv
from typing import Any

import networkx as nx

Json = Any

_REFERENCE = re.compile(r"\$([^\W\d]\w*)((?:\.\w+)*)")
_HOLE = "\ufffc"  # stands where a text has a part that is known only when the plan runs
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
    "//": floordiv,
    "%": mod,
}


def references(expected: Json) -> Iterator[str]:
    """The ids of the gold calls that an expected value refers to."""
    if isinstance(expected, list):
        for item in expected:
            yield from references(item)
    elif isinstance(expected, str) and (match := _REFERENCE.fullmatch(expected.removeprefix("~"))):
        yield match[1]


def fits(expected: Json, given: Json, bound: Mapping[str, str], anything: bool = False) -> bool:
    """Whether a folded value of a plan is what is expected.

    `bound` holds, for each gold call that was matched, the id of the plan's call. With `anything`
    a `"*"` stands for any value, not only for a text.
    """
    branches = _branches(given)
    if branches is not None:
        return all(fits(expected, branch, bound, anything) for branch in branches)
    if isinstance(expected, list):
        return isinstance(given, list) and _same_set(expected, given, bound, anything)
    if not isinstance(expected, str):
        return _equal(expected, given)
    if expected == "*":
        return anything or _may_be_text(given)
    if expected.startswith("~"):
        wanted = _target(expected[1:], bound)
        if wanted is None:
            return expected[1:].casefold() in _text(given).casefold()
        return _is(given, "$format", "$op") and _embeds(given, wanted)
    wanted = _target(expected, bound)
    return _equal(expected, given) if wanted is None else _refers(given, wanted)


def fold(given: Json) -> Json:
    """A plan's value with its constant parts put together: arithmetic, lists that are joined,
    and texts, of which every one that is not constant becomes one `$format`."""
    if isinstance(given, list):
        return [fold(item) for item in given]
    if not isinstance(given, dict) or "$literal" in given:  # whose keys are the plan's own
        return given
    if "$format" in given:
        return _joined([fold(part) for part in given["$format"]])
    if "$op" in given:
        return _folded_operator(given["$op"], [fold(argument) for argument in given["args"]])
    if "$if" in given:
        return {**given, "then": fold(given["then"]), "else": fold(given["else"])}
    return {key: fold(value) for key, value in given.items()}


def unmarked(given: Json) -> Json:
    """A folded value with the records that are marked as such (`$literal`) as they are."""
    if isinstance(given, list):
        return [unmarked(item) for item in given]
    if isinstance(given, dict):
        return {key: unmarked(item) for key, item in given.get("$literal", given).items()}
    return given


def _folded_operator(operator: str, arguments: list[Json]) -> Json:
    if operator == "-" and len(arguments) == 1 and _is_number(arguments[0]):
        return -arguments[0]
    if len(arguments) == 2 and operator in _ARITHMETIC:
        left, right = arguments
        if _is_number(left) and _is_number(right):
            try:
                return _ARITHMETIC[operator](left, right)
            except (ZeroDivisionError, OverflowError):
                return {"$op": operator, "args": arguments}
        if operator == "+" and isinstance(left, list) and isinstance(right, list):
            return [*left, *right]
        if operator == "+" and any(isinstance(a, str) or _is(a, "$format") for a in arguments):
            return _joined(arguments)
    return {"$op": operator, "args": arguments}


def _joined(parts: list[Json]) -> Json:
    """A text of folded parts: a constant, or a `$format` whose constant parts never touch."""
    flat: list[Json] = []
    for piece in _pieces(parts):
        if isinstance(piece, str) and flat and isinstance(flat[-1], str):
            flat[-1] += piece
        else:
            flat.append(piece)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 and isinstance(flat[0], str) else {"$format": flat}


def _pieces(parts: list[Json]) -> Iterator[Json]:
    for part in parts:
        if isinstance(part, list):
            for i, item in enumerate(part):
                yield from _pieces([", ", item] if i else [item])
        elif _is(part, "$format"):
            yield from part["$format"]
        elif isinstance(part, dict):
            yield part
        else:
            yield str(part)


def _branches(given: Json) -> list[Json] | None:
    """The values of which one is taken when the plan runs; None if there is no choice."""
    if _is(given, "$if"):
        return [given["then"], given["else"]]
    if _is(given, "$op") and given["$op"] in ("and", "or"):
        branches: list[Json] = given["args"]
        return branches
    return None


def _same_set(
    expected: list[Json], given: list[Json], bound: Mapping[str, str], anything: bool
) -> bool:
    """Whether the elements pair off, after equal ones were counted once."""
    wanted, found = _distinct(expected), _distinct(given)
    if len(wanted) != len(found):
        return False
    pairs = nx.Graph()
    pairs.add_nodes_from(("wanted", i) for i in range(len(wanted)))
    for (i, one), (j, item) in product(enumerate(wanted), enumerate(found)):
        if fits(one, item, bound, anything):
            pairs.add_edge(("wanted", i), ("found", j))
    matched = nx.bipartite.maximum_matching(pairs, [("wanted", i) for i in range(len(wanted))])
    return len(matched) == 2 * len(wanted)


def _distinct(items: list[Json]) -> list[Json]:
    return list({json.dumps(item, sort_keys=True): item for item in items}.values())


def _target(expected: str, bound: Mapping[str, str]) -> tuple[str, list[str]] | None:
    """The plan's call and the path that a reference means; None for a text that is none."""
    match = _REFERENCE.fullmatch(expected)
    return (bound[match[1]], match[2].split(".")[1:]) if match else None


def _refers(given: Json, wanted: tuple[str, list[str]]) -> bool:
    return _is(given, "$ref") and (given["$ref"], [str(key) for key in given["path"]]) == wanted


def _embeds(given: Json, wanted: tuple[str, list[str]]) -> bool:
    branches = _branches(given)
    if branches is not None:
        return all(_embeds(branch, wanted) for branch in branches)
    if _is(given, "$format"):
        return any(_embeds(part, wanted) for part in given["$format"])
    if _is(given, "$op") and given["$op"] == "+":
        return any(_embeds(argument, wanted) for argument in given["args"])
    return _refers(given, wanted)


def _text(given: Json) -> str:
    """A text as far as it is constant; empty for what is none."""
    if isinstance(given, str):
        return given
    if _is(given, "$format"):
        return "".join(part if isinstance(part, str) else _HOLE for part in given["$format"])
    return ""


def _may_be_text(given: Json) -> bool:
    """Whether a value is a text with something in it, or could be one once the plan runs; the
    plan is well typed, so the result of a call in the place of a text is one."""
    if isinstance(given, str) or _is(given, "$format"):
        return bool(_text(given).strip())
    return _is(given, "$ref", "$field") or (_is(given, "$op") and given["$op"] == "+")


def _equal(expected: Json, given: Json) -> bool:
    """Equality of JSON, where `true` is no number and `30` is `30.0`."""
    if isinstance(expected, list) and isinstance(given, list):
        pairs = zip(expected, given, strict=False)
        return len(expected) == len(given) and all(_equal(a, b) for a, b in pairs)
    if isinstance(expected, dict) and isinstance(given, dict):
        return expected.keys() == given.keys() and all(
            _equal(value, given[key]) for key, value in expected.items()
        )
    if _is_number(expected) and _is_number(given):
        return bool(expected == given)
    return type(expected) is type(given) and bool(expected == given)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is(given: Json, *keys: str) -> bool:
    return isinstance(given, dict) and any(key in given for key in keys)
