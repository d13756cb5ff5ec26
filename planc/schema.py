"""Types to and from JSON Schema, and to the annotations by which pydantic validates values.

JSON Schema (draft 2020-12) is what pydantic makes of Python type hints and what function-calling
APIs describe their tools in; so one reader serves both. The Berkeley Function-Calling
Leaderboard's dialect (`dict`, `float`, `tuple`, `any` as type names) is read as well.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, NotRequired
from urllib.parse import unquote

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from planc.types import (
    ANY,
    BOOL,
    DATE,
    DATE_TIME,
    EMAIL_ADDRESS,
    FILE_PATH,
    FLOAT,
    INT,
    NEVER,
    NONE,
    PHONE_NUMBER,
    STR,
    URL,
    DictOf,
    ListOf,
    LiteralOf,
    Nominal,
    Primitive,
    Record,
    RecordField,
    Type,
    Union,
    union,
)

_PRIMITIVES = {
    "string": STR,
    "str": STR,
    "char": STR,
    "integer": INT,
    "int": INT,
    "long": INT,
    "number": FLOAT,
    "float": FLOAT,
    "double": FLOAT,
    "boolean": BOOL,
    "bool": BOOL,
    "null": NONE,
    "none": NONE,
    "any": ANY,
}
_ARRAYS = frozenset({"array", "list", "tuple", "set"})
_OBJECTS = frozenset({"object", "dict", "hashmap", "map"})
_FORMATS = {
    "email": EMAIL_ADDRESS,
    "uri": URL,
    "url": URL,
    "date": DATE,
    "date-time": DATE_TIME,
    "path": FILE_PATH,
    "file-path": FILE_PATH,
}
_NOMINALS = {n.name: n for n in (EMAIL_ADDRESS, PHONE_NUMBER, FILE_PATH, URL, DATE, DATE_TIME)}
_EXTRA = "additionalProperties"
_NOTHING: dict[str, Any] = {"not": {}}  # the schema that no value has
_MAX_DEPTH = 40
_MAX_TYPES = 10_000
_STRICT = ConfigDict(strict=True)


def from_json_schema(schema: object, root: object = None) -> Type:
    """The type that a JSON Schema describes, which may be a part of another one, its `root`.

    What a schema leaves open is `Any`; so is a definition inside itself. Raises `ValueError`
    with a sentence for a schema that is no schema.
    """
    return _Reader(schema if root is None else root).read(schema, {}, ())


class _Reader:
    """Reads one schema. It may describe so many types and no more: where each definition names
    the next one twice they grow without bound."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._left = _MAX_TYPES

    def read(self, schema: object, definitions: dict[str, Any], path: tuple[str, ...]) -> Type:
        found = self._read(schema, definitions, path)
        nullable = isinstance(schema, dict) and schema.get("nullable") is True  # OpenAPI 3.0
        return union([found, NONE]) if nullable else found

    def _referred(self, reference: str, definitions: dict[str, Any]) -> object:
        """What a reference names: by its way through the whole (a JSON pointer, RFC 6901), or by
        its last name among the definitions around it, which may be the root of a part."""
        found = self._root
        for part in unquote(reference).removeprefix("#").split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, dict) else None
        if reference.startswith("#") and found is not None:
            return found
        name = reference.rsplit("/", 1)[-1]
        if name not in definitions:
            raise ValueError(f"the reference {reference!r:.60} points nowhere")
        return definitions[name]

    def _read(self, schema: object, definitions: dict[str, Any], path: tuple[str, ...]) -> Type:
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"the schema describes more than {_MAX_TYPES} types")
        if schema is True:
            return ANY
        if not isinstance(schema, dict):
            raise ValueError(f"a schema is an object, not {schema!r:.60}")
        if len(path) > _MAX_DEPTH:
            raise ValueError(f"the schema is nested deeper than {_MAX_DEPTH} levels")
        definitions = {**definitions, **_object(schema, "$defs"), **_object(schema, "definitions")}
        if "$ref" in schema:
            name = str(schema["$ref"])
            within = self._referred(name, definitions)
            again = name in path or (within is self._root and "" in path)
            return ANY if again else self.read(within, definitions, (*path, name))
        inside = (*path, "")
        if schema == _NOTHING:
            return NEVER
        if "const" in schema:
            return _enumeration([schema["const"]])
        if "enum" in schema:
            return _enumeration(_some(schema, "enum"))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return union(
                    self.read(option, definitions, inside) for option in _some(schema, key)
                )
        if "allOf" in schema:
            parts = [self.read(part, definitions, inside) for part in _list(schema, "allOf")]
            if len(parts) == 1:
                return parts[0]
            if parts and all(isinstance(part, Record) for part in parts):
                fields: dict[str, RecordField] = {}
                for one in (f for part in parts for f in part.fields):  # type: ignore[attr-defined]
                    before = fields.get(one.name, one)
                    fields[one.name] = replace(one, required=one.required or before.required)
                return Record(tuple(fields.values()))
            return ANY
        kind = schema.get("type", "object" if "properties" in schema else "any")
        if isinstance(kind, list):
            kinds = _some(schema, "type")
            return union(self.read({**schema, "type": one}, definitions, inside) for one in kinds)
        return self._kind(str(kind).lower(), schema, definitions, inside)

    def _kind(
        self,
        kind: str,
        schema: dict[str, Any],
        definitions: dict[str, Any],
        inside: tuple[str, ...],
    ) -> Type:
        if kind in _ARRAYS:
            if "prefixItems" in schema:
                items = [
                    self.read(item, definitions, inside) for item in _list(schema, "prefixItems")
                ]
                return ListOf(union(items) if items else ANY)
            return ListOf(self.read(schema.get("items", True) or True, definitions, inside))
        if kind in _OBJECTS:
            return self._record(schema, definitions, inside)
        if kind not in _PRIMITIVES:
            raise ValueError(f"{kind!r:.60} is not a JSON Schema type")
        return _read_string(schema) if _PRIMITIVES[kind] == STR else _PRIMITIVES[kind]

    def _record(
        self, schema: dict[str, Any], definitions: dict[str, Any], inside: tuple[str, ...]
    ) -> Type:
        properties = _object(schema, "properties")
        if not properties and not ("properties" in schema and schema.get(_EXTRA) is False):
            extra = schema.get(_EXTRA, True)
            return DictOf(ANY if isinstance(extra, bool) else self.read(extra, definitions, inside))
        required = _list(schema, "required")
        title = schema.get("title")
        return Record(
            tuple(
                RecordField(
                    name,
                    self.read(part, definitions, inside),
                    name in required,
                    str(part.get("description", "")) if isinstance(part, dict) else "",
                )
                for name, part in properties.items()
            ),
            title if isinstance(title, str) and title.isidentifier() else None,
        )


def _read_string(schema: dict[str, Any]) -> Type:
    if "x-nominal" in schema:
        pattern = _unanchored(str(schema.get("pattern", ".*")))
        keys = ("x-calendar", "x-copied", "x-dropped")
        calendar, copied, dropped = (None if v is None else str(v) for v in map(schema.get, keys))
        about = str(schema.get("description", ""))
        try:
            found = Nominal(
                str(schema["x-nominal"]), STR, pattern, calendar, copied, about, dropped
            )
        except re.error as error:
            raise ValueError(f"the pattern {error.pattern!r:.60} is wrong: {error}") from None
        # The description here may be that of the place; a known type keeps its own.
        known = _NOMINALS.get(found.name)
        return known if known is not None and known == found else found
    return _FORMATS.get(str(schema.get("format", "")).lower(), STR)


def _unanchored(pattern: str) -> str:
    match = re.fullmatch(r"\^\(\?:(.*)\)\$", pattern, re.DOTALL)
    return match[1] if match else pattern


def _enumeration(values: list[Any]) -> Type:
    if any(v is not None and not isinstance(v, str | bool | int | float) for v in values):
        return ANY
    constants = {(type(v), v): v for v in values if v is not None}  # 1, 1.0 and True are three
    options: list[Type] = [LiteralOf(tuple(constants.values()))] if constants else []
    return union([*options, NONE] if None in values else options)


def _object(schema: dict[str, Any], key: str) -> dict[str, Any]:
    value = schema.get(key) or {}
    if not isinstance(value, dict):
        raise ValueError(f"{key!r} is an object, not {value!r:.60}")
    return value


def _list(schema: dict[str, Any], key: str) -> list[Any]:
    value = schema.get(key) or []
    if not isinstance(value, list):
        raise ValueError(f"{key!r} is a list, not {value!r:.60}")
    return value


def _some(schema: dict[str, Any], key: str) -> list[Any]:
    value = _list(schema, key)
    if not value:
        raise ValueError(f"{key!r} is empty")
    return value


def to_json_schema(of: Type) -> dict[str, Any]:
    """The type as JSON Schema; `from_json_schema` reads the same type back."""
    match of:
        case Primitive() if of == NEVER:
            return _NOTHING
        case Primitive(name):
            names = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
            return {} if name == "Any" else {"type": {**names, "None": "null"}[name]}
        case ListOf(element):
            return {"type": "array", "items": to_json_schema(element)}
        case DictOf(value):
            return {"type": "object", _EXTRA: to_json_schema(value)}
        case LiteralOf(values):
            return {"enum": list(values)}
        case Union(members):
            return {"anyOf": [to_json_schema(member) for member in members]}
        case Nominal():
            schema = {"type": "string", "x-nominal": of.name, "pattern": f"^(?:{of.pattern})$"}
            if of.calendar:
                schema["x-calendar"] = of.calendar
            if of.copied:
                schema["x-copied"] = of.copied
            if of.dropped:
                schema["x-dropped"] = of.dropped
            if of.description:
                schema["description"] = of.description
            return schema
        case Record(fields, name):
            return {
                "type": "object",
                **({"title": name} if name else {}),
                "properties": {
                    field.name: {
                        **to_json_schema(field.type),
                        **({"description": field.description} if field.description else {}),
                    }
                    for field in fields
                },
                "required": [field.name for field in fields if field.required],
                _EXTRA: False,
            }
    raise AssertionError(f"no JSON Schema for {of!r}")


def annotation(of: Type) -> Any:
    """A Python type hint by which pydantic accepts just the values of this type."""
    match of:
        case Primitive(name):
            return {"str": str, "int": int, "float": float, "bool": bool, "None": None}.get(
                name, Any
            )
        case ListOf(element):
            return list[annotation(element)]  # type: ignore[misc]
        case DictOf(value):
            return dict[str, annotation(value)]  # type: ignore[misc]
        case LiteralOf():
            return Annotated[Any, AfterValidator(partial(_one_of, of))]
        case Union(members):
            hint = annotation(members[0])
            for member in members[1:]:
                hint = hint | annotation(member)
            return hint
        case Nominal():
            return Annotated[annotation(of.base), of]
        case Record(fields, name):
            shape = TypedDict(  # type: ignore[misc]
                name or "Record",
                {
                    f.name: annotation(f.type) if f.required else NotRequired[annotation(f.type)]
                    for f in fields
                },
            )
            return with_config(ConfigDict(extra="allow", strict=True))(shape)
    raise AssertionError(f"no annotation for {of!r}")


def _one_of(of: LiteralOf, value: object) -> object:
    """The value, if it is one of the constants. `Literal` of pydantic is no help here: it takes
    `1.0` for `1`."""
    if not of.allows(value):
        shown = {"value": f"{value!r:.60}", "type": str(of)}
        raise PydanticCustomError("literal_error", "{value} is none of {type}", shown)
    return value


def validator(of: Type) -> TypeAdapter[Any]:
    """A pydantic adapter whose `validate_python` takes plan values of this type, and no other
    (an int for a float, but no text for a number)."""
    return TypeAdapter(annotation(of), config=None if isinstance(of, Record) else _STRICT)


def refusal(error: ValidationError) -> str:
    """The first of the reasons for which pydantic refuses a value, with its place in it."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
