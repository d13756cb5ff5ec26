"""Signatures for tools of the catalogue: each time other names, order and wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from planc.tune.general.catalogue import Entry, Slot
from planc.tune.general.values import Forms, default, schema

# Optional parameters that no request speaks of.
_EXTRA: Sequence[tuple[str, Mapping[str, Any], str]] = (
    ("limit", {"type": "integer", "default": 10}, "Maximum number of results"),
    ("language", {"type": "string", "default": "en"}, "Language of the answer"),
    ("verbose", {"type": "boolean", "default": False}, "Whether details are returned"),
    (
        "format",
        {"type": "string", "enum": ["json", "text"], "default": "json"},
        "Form of the output",
    ),
    ("timeout", {"type": "number", "default": 30}, "Seconds to wait"),
    ("page", {"type": "integer", "default": 1}, "Page of the results"),
    ("sort_by", {"type": "string"}, "Field by which results are sorted"),
    ("precision", {"type": "integer", "default": 2}, "Digits after the point"),
    ("api_key", {"type": "string"}, "Key of the service"),
    ("callback_url", {"type": "string"}, "Address that is told when it is done"),
    ("region", {"type": "string"}, "Region of the server"),
    ("dry_run", {"type": "boolean", "default": False}, "Whether nothing is done in earnest"),
)

# Where what a search gives is in its result, and how often.
_PATHS = {"": 0.5, ".item": 0.1, ".result": 0.05, ".results[0]": 0.15, ".items[0]": 0.1, "[0]": 0.1}

_WITH_COUNTRY = (
    ", with its country or state",
    " in the form City, Country or City, State",
    ", such as Paris, France or Boston, MA",
    " (format: 'City, State' in the US, else 'City, Country')",
)


@dataclass(frozen=True)
class Signature:
    """A tool as it is shown: its function schema, the names of its parameters by those of its
    slots, in their order, those of the fields of records by theirs, the forms of its values, and
    where in its result the fields are that it gives, such as `.items[0]`."""

    entry: Entry
    schema: Mapping[str, Any]
    names: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]]
    forms: Forms
    path: str

    @property
    def name(self) -> str:
        return str(self.schema["name"])


@dataclass(frozen=True)
class Style:
    """How a tool set writes names (`snake`, `dotted`, `camel` or `pascal`), and whether it
    describes the parameters whose default says enough."""

    case: str
    described: bool

    @staticmethod
    def drawn(rng: Random) -> Style:
        case = rng.choices(["snake", "dotted", "camel", "pascal"], [0.5, 0.25, 0.15, 0.1])[0]
        return Style(case, rng.random() < 0.88)


def drawn(entry: Entry, style: Style, rng: Random, passed: bool) -> Signature:
    """A signature of a tool. With `passed` its numbers are any, so that it takes results."""
    forms = Forms.drawn(rng)
    slots = list(entry.slots.values())
    required = [slot for slot in slots if slot.required]
    optional = [slot for slot in slots if not slot.required]
    if rng.random() < 0.3:
        rng.shuffle(required)
        rng.shuffle(optional)
    names: dict[str, str] = {}
    fields: dict[str, dict[str, str]] = {}
    properties: dict[str, Any] = {}
    for slot in (*required, *optional):
        name = _cased(rng.choice(slot.names), style)
        if name in properties:
            name = _cased(slot.name, style)
        names[slot.name] = name
        fields[slot.name] = {one.name: _cased(rng.choice(one.names), style) for one in slot.fields}
        properties[name] = _property(slot, fields[slot.name], style, forms, rng)
        if passed and properties[name]["type"] == "integer":
            properties[name]["type"] = "number"
    if rng.random() < 0.3:
        for name, about, said in rng.sample(_EXTRA, rng.randint(1, 2)):
            if _cased(name, style) not in properties:
                properties[_cased(name, style)] = {**about, "description": said}
    shown = {
        "name": _named(entry.name, style, rng),
        "description": rng.choice(list(entry.about)),
        "parameters": {
            "type": "object",
            "properties": properties,
            "required": [names[slot.name] for slot in required],
        },
    }
    path = ""
    if entry.gives:
        path = rng.choices(list(_PATHS), list(_PATHS.values()))[0] if entry.finds else ""
        shown["returns"] = _returned(entry, path)
    return Signature(entry, shown, names, fields, forms, path)


def _returned(entry: Entry, path: str) -> dict[str, Any]:
    """The schema of a result in which what the tool gives is at a path."""
    found = _record(
        {
            field: {"type": "number" if kind == "number" else "string"}
            for field, kind in entry.gives.items()
        }
    )
    if path.endswith("[0]"):
        found = {"type": "array", "items": found}
    name = path.removesuffix("[0]").removeprefix(".")
    return _record({name: found}) if name else found


def _record(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(of), "required": list(of)}


def _property(
    slot: Slot, fields: Mapping[str, str], style: Style, forms: Forms, rng: Random
) -> dict[str, Any]:
    if fields:
        of = {fields[one.name]: schema(one.kind) for one in slot.fields}
        return {"type": "array", "items": _record(of), "description": slot.about}
    found = schema(slot.kind)
    if slot.kind.startswith("map of ") and rng.random() < 0.4:  # as APIs do that say it in words
        del found["additionalProperties"]
    about = slot.about
    if slot.kind == "date" and rng.random() < 0.85:
        about += f" ({forms.dates})"
    if slot.kind == "time" and rng.random() < 0.7:
        about += " (HH:MM)"
    if slot.kind.startswith("percent ") and forms.decimals:
        told = rng.choice(["as a decimal", "as a fraction of one", "(0.05 is 5%)", ""])
        about = about.replace("in percent", told).strip()
    if slot.kind == "city" and forms.countries:
        about += rng.choice(_WITH_COUNTRY)
    if "enum" in found and rng.random() < 0.15:  # as APIs do that only describe their choices
        about += f". Options: {', '.join(found.pop('enum'))}"
    if slot.default is not None:
        how = rng.random()
        if how < 0.7:
            found["default"] = default(slot)
        if how > 0.4:
            about += f". Default is {slot.default}."
    if style.described or "default" not in found:
        found["description"] = about
    return found


def _named(words: str, style: Style, rng: Random) -> str:
    parts: Sequence[str] = words.split("_")
    if style.case == "dotted" and len(parts) > 1:
        last = rng.randint(1, len(parts) - 1)
        return f"{'_'.join(parts[last:])}.{'_'.join(parts[:last])}"
    return _cased(words, style)


def _cased(words: str, style: Style) -> str:
    parts = words.split("_")
    if style.case in ("camel", "pascal"):
        first = parts[0].capitalize() if style.case == "pascal" else parts[0]
        return first + "".join(part.capitalize() for part in parts[1:])
    return words
