"""NESTFUL, version 1 (arXiv 2409.03797; package nestful-wrapper): nested sequences of calls.

A case offers the tools of its gold plan among six others of its part, drawn for its name. Gold
calls refer to earlier ones by label (`"$var1.price$"`); the entry `var_result` is the answer, and
no call. Calls are compared with what they refer to written out, so that labels carry no meaning:

    full          the plan's calls are the gold plan's, in their order
    partial       of the calls of both, side by side, the share that is equal: in their order or,
                  if one has more, so that tools stand beside the same tools
    name F1       of the tools' names, each as often as it is called
    argument F1   of pairs of a tool's and an argument's name, likewise

An argument that has its default counts as left out. The F1 scores are means over the cases (the
paper's are macro averages over the names).
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from planc import toolset
from planc.diagnostics import NO_BENCHMARK, Diagnostic, PlanError
from planc.eval import packages
from planc.eval.cases import Call, Case, Json, Verdict, always
from planc.eval.expected import fold

PACKAGE = "nestful-wrapper"
PARTS = ("non-executable/non-executable-glaive", "executable/executable")
OTHERS = 6
NOW = datetime(2024, 8, 1, 9)  # before the dates in its requests
_REFERENCE = re.compile(  # whose last sign is left out here and there
    r"\$([A-Za-z]\w*)((?:\.\w[\w ]*|\[\d+\])*)\$|\$([A-Za-z]\w*)((?:\.\w+|\[\d+\])*)"
)
_STEP = re.compile(r"\.(\w[\w ]*)|\[(\d+)\]")
_RESULT = "var_result"
_KINDS = {"string", "number", "integer", "boolean", "array", "object"}


class Nestful:
    """The suite `nestful`, with its parts as groups. `data` is a folder with pairs of files
    `NAME-data.json` and `NAME-spec.json` in place of the package's."""

    name = "nestful"
    metrics: tuple[str, ...] = ("full", "partial", "name F1", "argument F1")

    def __init__(self, data: Path | None = None, others: int = OTHERS) -> None:
        self.data = data
        self.package = PACKAGE if data is None else None
        self.others = others

    def cases(self) -> list[Case]:
        return [case for stem in self._stems() for case in self._part(stem)]

    def _stems(self) -> list[Path]:
        """The files' paths without their endings."""
        if self.data is None:
            found = [packages.installed(PACKAGE, f"data_v1/{part}-data.json") for part in PARTS]
        else:
            found = sorted(self.data.glob("**/*-data.json"))
        if not found:
            raise PlanError(Diagnostic(NO_BENCHMARK, f"`{self.data}` holds no `*-data.json`"))
        return [path.with_name(path.name.removesuffix("-data.json")) for path in found]

    def _part(self, stem: Path) -> Iterator[Case]:
        rows = _read(stem, "data")
        schemas = {tool["name"]: _schema(tool) for tool in _read(stem, "spec")}
        for number, row in enumerate(rows):
            name = f"{stem.name}-{number}"
            calls = _calls(row)
            needed = [one for one in dict.fromkeys(c["name"] for c in calls) if one in schemas]
            offered = [schemas[one] for one in _offered(name, needed, list(schemas), self.others)]
            gold = {"calls": calls, "defaults": {one["name"]: _defaults(one) for one in offered}}
            tools = partial(toolset.described, offered)
            yield Case(name, stem.name, number, row["input"], NOW, tools, gold)

    def judge(self, case: Case, calls: Sequence[Call]) -> Verdict:
        gold, defaults = gold_calls(case.gold["calls"]), case.gold["defaults"]
        known: dict[str, str] = {}
        wanted, found = (_written_out(some, defaults, known) for some in (gold, calls))
        scores = {
            "full": float(wanted == found),
            "partial": _agreement(wanted, found),
            "name F1": _f1([call.tool for call in wanted], [call.tool for call in found]),
            "argument F1": _f1(
                [(call.tool, name) for call in wanted for name in call.arguments],
                [(call.tool, name) for call in found for name in call.arguments],
            ),
        }
        return Verdict(scores, _reason(wanted, found))


def _read(stem: Path, kind: str) -> list[dict[str, Any]]:
    file = stem.with_name(f"{stem.name}-{kind}.json")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        for row in found:
            _check(row, kind)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"`{file}` holds no {kind} of NESTFUL: {error!r:.80}"
        raise PlanError(Diagnostic(NO_BENCHMARK, message)) from error
    return list(found)


def _check(row: Mapping[str, Json], kind: str) -> None:
    """Raises `KeyError`, `TypeError` or `ValueError` for what is no tool, or no case."""
    if kind == "spec":
        if not isinstance(row["name"], str):
            raise ValueError("a tool's name is no text")
        _schema(row)
        return
    row["input"]
    calls = _calls(row)
    if not calls:
        raise ValueError("a gold plan has no call")
    for call in calls:
        call["label"]
        if not isinstance(call["arguments"], dict):
            raise ValueError("the arguments of a call are no object")


def _calls(row: Mapping[str, Json]) -> list[Call]:
    """The gold calls of a case, without the entry that is its answer."""
    return [call for call in row["output"] if call["name"] != _RESULT]


def _offered(name: str, needed: list[str], known: list[str], others: int) -> list[str]:
    """The tools of a case: those that are needed and some others, in an order of their own."""
    chance = random.Random(name)
    rest = [tool for tool in known if tool not in needed]
    offered = [*needed, *chance.sample(rest, min(others, len(rest)))]
    chance.shuffle(offered)
    return offered


# Its descriptions of tools.


def _schema(tool: Mapping[str, Json]) -> dict[str, Json]:
    """A tool's function schema, with what it returns."""
    parameters = {
        name: about
        for kind in ("path_parameters", "query_parameters", "parameters")
        for name, about in tool.get(kind, {}).items()
    }
    return {
        "name": tool["name"],
        "description": tool.get("description", ""),
        "parameters": {
            "type": "object",
            "properties": {name: _type(about) for name, about in parameters.items()},
            "required": [name for name, about in parameters.items() if about.get("required")],
        },
        "returns": {
            "type": "object",
            "properties": {
                name: _type(about) for name, about in tool.get("output_parameters", {}).items()
            },
            "required": list(tool.get("output_parameters", {})),
        },
    }


def _type(about: Json) -> dict[str, Json]:
    """The JSON Schema of a value; the benchmark's own names of types are words in any case."""
    if not isinstance(about, dict):
        return {}
    kind = str(about.get("type") or "string").lower()
    values = about.get("enum") or about.get("allowed_values")
    schema: dict[str, Json] = {}
    if kind not in _KINDS:  # "enum", "date (yyyy-mm-dd)", "file"
        kind = "string"
    if kind == "string" and values:
        schema["enum"] = values
    elif kind == "array" and isinstance(about.get("items"), dict):
        schema |= {"type": kind, "items": _type(about["items"])}
    elif kind == "object" and about.get("properties"):
        properties = {name: _type(one) for name, one in about["properties"].items()}
        schema |= {"type": kind, "properties": properties, "required": list(properties)}
    else:
        schema["type"] = kind
    for key in ("description", "default"):
        if about.get(key) not in (None, ""):
            schema[key] = about[key]
    return schema


def _defaults(schema: Mapping[str, Json]) -> dict[str, Json]:
    """The defaults of a tool's parameters."""
    properties = schema["parameters"]["properties"]
    return {name: one["default"] for name, one in properties.items() if "default" in one}


# Calls, written out.


@dataclass(frozen=True)
class _Call:
    """A call with its arguments as texts, in which another call that is referred to is a number."""

    tool: str
    arguments: Mapping[str, str]

    def __str__(self) -> str:
        given = ", ".join(f"{name}={text}" for name, text in sorted(self.arguments.items()))
        return f"{self.tool}({given})"


def gold_calls(gold: Iterable[Call]) -> list[Call]:
    """The gold calls in the form of a plan's."""
    return [
        {
            "id": call["label"],
            "tool": call["name"],
            "args": {name: from_gold(value) for name, value in call["arguments"].items()},
        }
        for call in gold
    ]


def from_gold(value: Json) -> Json:
    """A gold argument in the form of a plan's."""
    if isinstance(value, list):
        return [from_gold(item) for item in value]
    if isinstance(value, dict):
        return {key: from_gold(item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    parts: list[Json] = []
    at = 0
    for match in _REFERENCE.finditer(value):
        label, path = match[1] or match[3], match[2] or match[4] or ""
        steps = [int(i) if i else name for name, i in _STEP.findall(path)]
        parts += [value[at : match.start()], {"$ref": label, "path": steps}]
        at = match.end()
    parts = [part for part in (*parts, value[at:]) if part]
    if len(parts) == 1 and at:
        return parts[0]
    return {"$format": parts} if at else value


def _written_out(
    calls: Sequence[Call], defaults: Mapping[str, Mapping[str, Json]], known: dict[str, str]
) -> list[_Call]:
    """Each call with what it refers to in place of labels: of a call that is in `known` the number
    it has there.

    Gold plans give numbers as texts too, so `5` is as good as `"5"`, and a text of a reference
    alone, `f"{a.b}"`, as good as the reference. A call that runs under a condition or for each
    element of a list is none of the gold plan's.
    """
    found: list[_Call] = []
    numbers: dict[str, str] = {}
    for i, call in enumerate(calls):
        usual = defaults.get(call["tool"], {})
        given: dict[str, str] = {}
        for name, value in call["args"].items():
            told = _resolved(fold(value), numbers)
            if told is not None and (name not in usual or told != _resolved(usual[name], {})):
                given[name] = json.dumps(told, sort_keys=True, ensure_ascii=False)
        one = _Call(call["tool"] if always(call) else f"{call['tool']} #{i}", given)
        found.append(one)
        numbers[call["id"]] = known.setdefault(str(one), f"call {len(known) + 1}")
    return found


def _resolved(value: Json, numbers: Mapping[str, str]) -> Json:
    if isinstance(value, list):
        return [_resolved(item, numbers) for item in value]
    if isinstance(value, dict) and len(value.get("$format", [])) == 1:
        value = value["$format"][0]
    if isinstance(value, dict):
        if "$ref" in value:
            return {"$ref": numbers.get(value["$ref"], value["$ref"]), "path": value["path"]}
        return {key: _resolved(item, numbers) for key, item in value.items()}
    return plain(value)


def _agreement(wanted: Sequence[_Call], found: Sequence[_Call]) -> float:
    """The share of equal calls of two plans that stand side by side: each in its order or, if one
    has more calls, one after the other beside the next of the same tool. As the authors' scorer has
    it, a call of a tool that the gold plan does not have there stops this."""
    if len(wanted) == len(found):
        pairs = zip(wanted, found, strict=True)
        return sum(one == other for one, other in pairs) / len(wanted)
    left = list(found)
    equal = 0.0
    for call in wanted:
        if left and left[0].tool == call.tool:
            equal += left.pop(0) == call
    return equal / (len(wanted) + len(left))


def plain(value: Json) -> str | None:
    """A constant as a text, the same for a number and for the text of it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def _f1(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """The harmonic mean of precision and recall of two bags."""
    shared = (Counter(wanted) & Counter(found)).total()
    return 2 * shared / (len(wanted) + len(found)) if wanted or found else 1.0


def _reason(wanted: Sequence[_Call], found: Sequence[_Call]) -> str:
    if wanted == found:
        return ""
    asked, made = Counter(map(str, wanted)), Counter(map(str, found))
    told = [f"lacks {text}" for text in asked - made] + [f"has {text}" for text in made - asked]
    return "; ".join(told) or "the calls stand in another order"
