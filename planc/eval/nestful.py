"""NESTFUL, version 1 (arXiv 2409.03797; package nestful-wrapper): nested sequences of calls.

A case offers the tools of its gold plan among six others of its part, drawn for its name. Gold
calls refer to earlier ones by label (`"$var1.price$"`); the entry `var_result` is the answer, and
no call. Calls are compared with what they refer to written out, so that labels carry no meaning:

    full          the plan's calls are the gold plan's, in their order
    partial       the share of the gold plan's calls that the plan has
    name F1       of the tools' names, each as often as it is called
    argument F1   of pairs of a tool's and an argument's name, likewise
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from planc import toolset
from planc.diagnostics import NO_BENCHMARK, Diagnostic, PlanError
from planc.eval import packages
from planc.eval.cases import Call, Case, Json, Verdict
from planc.eval.expected import fold

PACKAGE = "nestful-wrapper"
PARTS = ("non-executable/non-executable-glaive", "executable/executable")
OTHERS = 6
NOW = datetime(2024, 8, 1, 9)  # before the dates in its requests
_REFERENCE = re.compile(r"\$(\w+?)((?:\.\w+|\[\d+\])*)\$")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_RESULT = "var_result"
_KINDS = {"string", "number", "integer", "boolean", "array", "object"}


class Nestful:
    """The suite `nestful`, with its parts as groups. `data` is a folder with pairs of files
    `NAME-data.json` and `NAME-spec.json` in place of the package's."""

    name = "nestful"
    metrics: tuple[str, ...] = ("full", "partial", "name F1", "argument F1")

    def __init__(self, data: Path | None = None, others: int = OTHERS) -> None:
        self.data = data
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
            gold = [call for call in row["output"] if call["name"] != _RESULT]
            needed = [one for one in dict.fromkeys(c["name"] for c in gold) if one in schemas]
            offered = _offered(name, needed, list(schemas), self.others)
            tools = partial(toolset.described, [schemas[one] for one in offered])
            yield Case(name, stem.name, number, row["input"], NOW, tools, gold)

    def judge(self, case: Case, calls: Sequence[Call]) -> Verdict:
        wanted, found = _written_out(_gold_calls(case.gold)), _written_out(calls)
        shared = Counter(wanted) & Counter(found)
        scores = {
            "full": float(wanted == found),
            "partial": shared.total() / len(wanted),
            "name F1": _f1([c["name"] for c in case.gold], [c["tool"] for c in calls]),
            "argument F1": _f1(
                [(c["name"], name) for c in case.gold for name in c["arguments"]],
                [(c["tool"], name) for c in calls for name in c["args"]],
            ),
        }
        return Verdict(scores, _reason(wanted, found))


def _read(stem: Path, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        stem.with_name(f"{stem.name}-{kind}.json").read_text(encoding="utf-8")
    )
    return found


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
        "description": tool["description"],
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
    if about.get("description"):
        schema["description"] = about["description"]
    return schema


# Calls, written out.


def _gold_calls(gold: Iterable[Call]) -> list[Call]:
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
    if isinstance(value, str) and (match := _REFERENCE.fullmatch(value)):
        steps = [int(i) if i else name for name, i in _STEP.findall(match[2])]
        return {"$ref": match[1], "path": steps}
    return value


def _written_out(calls: Sequence[Call]) -> list[Hashable]:
    """Each call as a text in which every reference is the call that it refers to.

    Gold plans give numbers as texts too, so `5` is as good as `"5"`, and a text of a reference
    alone, `f"{a.b}"`, as good as the reference. A call that runs under a condition or for each
    element of a list is none of the gold plan's.
    """
    texts: dict[str, str] = {}
    for number, call in enumerate(calls):
        plain = "map" not in call and "when" not in call
        arguments = {name: _resolved(fold(value), texts) for name, value in call["args"].items()}
        given = {name: value for name, value in arguments.items() if value is not None}
        parts = [call["tool"] if plain else f"{call['tool']} #{number}", given]
        texts[call["id"]] = json.dumps(parts, sort_keys=True)
    return list(texts.values())


def _resolved(value: Json, texts: Mapping[str, str]) -> Json:
    if isinstance(value, list):
        return [_resolved(item, texts) for item in value]
    if isinstance(value, dict) and len(value.get("$format", [])) == 1:
        value = value["$format"][0]
    if isinstance(value, dict):
        if "$ref" in value:
            return {"$ref": texts.get(value["$ref"], value["$ref"]), "path": value["path"]}
        return {key: _resolved(item, texts) for key, item in value.items()}
    return plain(value)


def plain(value: Json) -> str | None:
    """A constant as a text, the same for a number and for the text of it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def _f1(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """The harmonic mean of precision and recall of two bags."""
    shared = (Counter(wanted) & Counter(found)).total()
    return 2 * shared / (len(wanted) + len(found)) if wanted or found else 1.0


def _reason(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> str:
    if wanted == found:
        return ""
    missing, more = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    told = [f"lacks {text}" for text in missing] + [f"has {text}" for text in more]
    return "; ".join(told) or "the calls stand in another order"
