"""JSON Schemas become types, also those that are not quite JSON Schema."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from planc.schema import from_json_schema, to_json_schema, validator
from planc.types import (
    ANY,
    DATE,
    EMAIL_ADDRESS,
    FLOAT,
    INT,
    NEVER,
    STR,
    DictOf,
    EmailAddress,
    ListOf,
    LiteralOf,
    Record,
    RecordField,
    optional,
)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({}, "Any"),
        (True, "Any"),
        ({"description": "anything"}, "Any"),
        ({"type": "string"}, "str"),
        ({"type": "String"}, "str"),
        ({"type": "dict"}, "dict[str, Any]"),
        ({"type": "float"}, "float"),
        ({"type": "tuple", "items": {"type": "integer"}}, "list[int]"),
        ({"type": "any"}, "Any"),
        ({"type": "array"}, "list[Any]"),
        ({"type": "array", "items": {}}, "list[Any]"),
        ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
         "list[int | str]"),
        ({"type": "array", "prefixItems": []}, "list[Any]"),
        ({"type": ["string", "null"]}, "str | None"),
        ({"type": "integer", "nullable": True}, "int | None"),
        ({"const": "a"}, 'Literal["a"]'),
        ({"const": None}, "None"),
        ({"enum": ["a", None, "a", "b"]}, 'Literal["a", "b"] | None'),
        ({"enum": [1, 1.0, True]}, "Literal[1, 1.0, True]"),
        ({"enum": [["a"], 1]}, "Any"),
        ({"type": "string", "enum": ["a", "b"]}, 'Literal["a", "b"]'),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "float"),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, 'Literal["a", "b"]'),
        ({"allOf": [{"type": "string"}]}, "str"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "Any"),
        ({"allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]},
                    {"properties": {"b": {"type": "integer"}}}]},
         '{"a": str, "b"?: int}'),
        ({"type": "string", "format": "email"}, "EmailAddress"),
        ({"type": "string", "format": "date-time"}, "DateTime"),
        ({"type": "string", "format": "uuid"}, "str"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"type": "object", "properties": {}}, "dict[str, Any]"),
        ({"type": "object", "properties": {}, "additionalProperties": False}, "{}"),
        ({"properties": {"a": {"type": "string"}}}, '{"a"?: str}'),
        ({"title": "Thing", "type": "object", "properties": {"a": True}}, "Thing"),
        ({"title": "A thing", "type": "object", "properties": {"a": True}}, '{"a"?: Any}'),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "string"}}}, "str"),
        ({"$ref": "#/definitions/A", "definitions": {"A": {"type": "integer"}}}, "int"),
    ],
    ids=lambda part: str(part)[:60],
)  # fmt: skip
def test_a_schema_is_read_as(schema: object, text: str) -> None:
    assert str(from_json_schema(schema)) == text


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (7, "a schema is an object"),
        (None, "a schema is an object"),
        ({"type": "strnig"}, "'strnig' is not a JSON Schema type"),
        ({"type": 7}, "'7' is not a JSON Schema type"),
        ({"type": []}, "'type' is empty"),
        ({"enum": "a"}, "'enum' is a list"),
        ({"enum": []}, "'enum' is empty"),
        ({"anyOf": []}, "'anyOf' is empty"),
        ({"anyOf": {}}, "'anyOf' is empty"),
        ({"anyOf": 7}, "'anyOf' is a list"),
        ({"type": "object", "properties": []}, ""),
        ({"type": "object", "properties": ["a"]}, "'properties' is an object"),
        ({"type": "object", "properties": {"a": 7}}, "a schema is an object"),
        ({"type": "object", "properties": {"a": {}}, "required": "a"}, "'required' is a list"),
        ({"$ref": "#/$defs/Gone"}, "points nowhere"),
        ({"$defs": 7}, "'$defs' is an object"),
        ({"type": "string", "x-nominal": "A", "pattern": "("}, "the pattern"),
    ],
    ids=str,
)
def test_what_is_no_schema_is_refused_with_a_reason(schema: object, reason: str) -> None:
    if reason:
        with pytest.raises(ValueError, match=reason.replace("$", r"\$")):
            from_json_schema(schema)
    else:
        assert from_json_schema(schema) == DictOf(ANY)


def test_a_type_inside_itself_is_any_there() -> None:
    tree = {"type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#T"}}}}
    schema = {"$ref": "#/$defs/#T", "$defs": {"#T": tree}}
    assert str(from_json_schema(schema)) == '{"below"?: list[Any]}'


def test_a_schema_nested_without_end_is_refused() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(500):
        schema = {"type": "array", "items": schema}
    with pytest.raises(ValueError, match="nested deeper"):
        from_json_schema(schema)


def test_a_schema_whose_definitions_multiply_is_refused() -> None:
    def twice(name: str) -> dict[str, Any]:
        return {"properties": {side: {"$ref": f"#/$defs/{name}"} for side in ("left", "right")}}

    schema = {**twice("A0"), "$defs": {f"A{i}": twice(f"A{i + 1}") for i in range(40)}}
    with pytest.raises(ValueError, match="more than 10000 types"):
        from_json_schema({**schema, "$defs": {**schema["$defs"], "A16": {"type": "string"}}})


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Parcel(BaseModel):
    """Something that is sent."""

    to: EmailAddress = Field(description="who gets it")
    colour: Colour = Colour.RED
    folder: Path | None = None
    size: Literal[1, 2] = 1
    inner: list[Parcel] = []


def test_python_types_are_read_through_pydantic() -> None:
    parcel = from_json_schema(TypeAdapter(Parcel).json_schema())
    assert isinstance(parcel, Record)
    assert parcel.describe() == (
        '{"to": EmailAddress, "colour"?: Literal["red", "blue"], "folder"?: FilePath | None, '
        '"size"?: Literal[1, 2], "inner"?: list[Any]}'
    )


def test_a_described_place_keeps_the_nominal_type_and_its_own_description() -> None:
    hint = Annotated[EmailAddress, Field(description="who gets it")]
    of = from_json_schema(TypeAdapter(hint).json_schema())
    assert of == EMAIL_ADDRESS
    assert getattr(of, "description", None) == EMAIL_ADDRESS.description
    record = Record((RecordField("to", EMAIL_ADDRESS, description="who gets it"),))
    (field,) = getattr(from_json_schema(to_json_schema(record)), "fields", ())
    assert (field.type, field.description) == (EMAIL_ADDRESS, "who gets it")


def test_the_element_of_an_empty_list_has_a_schema_too() -> None:
    assert to_json_schema(ListOf(NEVER)) == {"type": "array", "items": {"not": {}}}
    assert from_json_schema({"type": "array", "items": {"not": {}}}) == ListOf(NEVER)


@pytest.mark.parametrize(
    ("of", "value", "reason"),
    [
        (INT, True, "integer"),
        (INT, "1", "integer"),
        (STR, 1, "string"),
        (FLOAT, "1.5", "number"),
        (DATE, "2026-02-30", "'2026-02-30' is no Date"),
        (LiteralOf((1, 2)), 1.0, r"1.0 is none of Literal\[1, 2\]"),
        (LiteralOf(("a",)), ["a"], "is none of"),
        (ListOf(INT), (1, 2), "list"),
        (optional(INT), "a", "integer"),
        (Record((RecordField("a", INT),)), {}, "required"),
        (Record((RecordField("a", INT),)), {"a": "1"}, "integer"),
        (DictOf(INT), {1: 1}, "string"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_with_a_reason(of: Any, value: object, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        validator(of).validate_python(value)


def test_a_record_may_hold_more_than_its_type_tells() -> None:
    record = Record((RecordField("a", INT),))
    assert validator(record).validate_python({"a": 1, "b": 2}) == {"a": 1, "b": 2}


def test_a_nominal_type_is_a_type_hint_for_pydantic() -> None:
    adapter = TypeAdapter(EmailAddress)
    assert adapter.validate_python("sid@example.org") == "sid@example.org"
    with pytest.raises(ValidationError, match="'sid' is no EmailAddress"):
        adapter.validate_python("sid")
    assert issubclass(PydanticCustomError, ValueError)
