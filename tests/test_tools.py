"""Tools come from Python functions and from JSON descriptions, with all that planc must know."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from planc.diagnostics import PlanError
from planc.tools import Clock, TextModel, Tool, ToolSet, from_function, from_json, tool
from planc.types import ANY, EMAIL_ADDRESS, INT, NONE, STR, EmailAddress, ListOf, LiteralOf


class Place(BaseModel):
    name: str
    floor: int = 0


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


@tool(effect="read", resource="places", timeout=5, cost=0.5)
async def find(
    near: Annotated[str, Field(description="a street")],
    who: EmailAddress,
    clock: Clock,
    model: TextModel,
    mode: Mode = Mode.SLOW,
    limit: int = 10,
    tags: list[str] | None = None,
) -> list[Place]:
    """Find places.

    They are sorted by distance.

    Args:
        limit: at most so many
        near: is told by the annotation
    """
    raise NotImplementedError


def of(function: Callable[..., Any]) -> Tool:
    found = getattr(function, "__planc_tool__", None)
    assert isinstance(found, Tool)
    return found


def test_a_function_s_signature_is_read_from_its_hints_and_docstring() -> None:
    found = of(find)
    assert (found.name, found.effect, found.resource) == ("find", "read", "places")
    assert (found.timeout, found.cost, found.idempotent) == (5, 0.5, True)
    assert found.description == "Find places. They are sorted by distance."
    parameters = [(p.name, str(p.type), p.required, p.default) for p in found.parameters]
    assert parameters == [
        ("near", "str", True, None),
        ("who", "EmailAddress", True, None),
        ("mode", 'Literal["fast", "slow"]', False, "slow"),
        ("limit", "int", False, 10),
        ("tags", "list[str] | None", False, None),
    ]
    assert found.by_name["near"].description == "a street"
    assert found.by_name["limit"].description == "at most so many"
    assert str(found.result) == "list[Place]"


def test_what_no_plan_can_give_is_no_parameter() -> None:
    assert of(find).capabilities == {"clock": Clock, "model": TextModel}


def test_the_function_itself_stays_as_it_is() -> None:
    assert find.__name__ == "find"
    assert of(find).function is find


def test_a_tool_that_declares_nothing_writes_to_everything_and_is_not_repeated() -> None:
    def f(a: int) -> None: ...

    found = from_function(f)
    assert (found.effect, found.resource, found.idempotent) == ("write", None, False)
    assert found.result == NONE


def test_the_decorator_alone_declares_nothing() -> None:
    @tool
    def f(a: int) -> None: ...

    assert of(f).effect == "write"


def test_what_no_tool_declares_is_told() -> None:
    with pytest.raises(TypeError, match="`efect`, but name, effect"):
        tool(efect="read")  # type: ignore[call-overload]


def test_a_result_without_a_hint_may_be_anything() -> None:
    def f():  # type: ignore[no-untyped-def]
        ...

    assert from_function(f).result == ANY


def test_arguments_are_validated_as_plan_values_and_converted_for_the_function() -> None:
    found = of(find)
    assert found.argument_validators["mode"]("fast") == "fast"
    assert found.argument_converters["mode"]("fast") is Mode.FAST
    assert found.result_validator([{"name": "a", "floor": 1}])


def test_the_whole_description_names_records_and_the_effect() -> None:
    text = of(find).describe()
    assert text.startswith("find(near: str, who: EmailAddress, ")
    assert "    limit: at most so many\n" in text
    assert '    Place = {"name": str, "floor' in text
    assert text.endswith("effect: read places")


def no_hint(a):  # type: ignore[no-untyped-def]
    ...


def many(*a: int) -> None: ...


def keywords(**a: int) -> None: ...


def by_place(a: int, /) -> None: ...


def unknown_hint(a: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821


class Opaque:
    pass


def opaque(a: Opaque) -> None: ...


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (no_hint, "the parameter `a` has no type hint"),
        (many, "`*a` has no name to give an argument by"),
        (keywords, "`*a` has no name"),
        (by_place, "`a` cannot be given by its name"),
        (unknown_hint, "its type hints cannot be read"),
        (opaque, "the parameter `a` has a type that no plan can hold"),
    ],
)
def test_a_function_that_no_plan_can_call_is_refused(
    function: Callable[..., Any], reason: str
) -> None:
    with pytest.raises(PlanError, match="E203") as caught:
        tool()(function)
    assert reason in str(caught.value)


OPENAI: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "send",
        "description": "Sends  a\nmail.",
        "parameters": {
            "type": "object",
            "properties": {
                "to": {"type": "string", "format": "email", "description": "whom to"},
                "how": {"enum": ["fast", "slow"], "default": "slow"},
                "box": {"$ref": "#/$defs/Box"},
            },
            "required": ["to"],
            "$defs": {"Box": {"type": "array", "items": {"type": "integer"}}},
        },
    },
}


def test_a_tool_is_read_from_the_form_of_openai() -> None:
    found = from_json(OPENAI)
    assert (found.name, found.description) == ("send", "Sends a mail.")
    assert [(p.name, p.type, p.required, p.default) for p in found.parameters] == [
        ("to", EMAIL_ADDRESS, True, None),
        ("how", LiteralOf(("fast", "slow")), False, "slow"),
        ("box", ListOf(INT), False, None),
    ]
    assert (found.result, found.effect, found.function) == (ANY, "write", None)


def test_a_tool_is_read_from_the_form_of_mcp() -> None:
    found = from_json(
        {
            "name": "add",
            "inputSchema": {"type": "object", "properties": {"a": {"type": "integer"}}},
            "outputSchema": {"type": "string"},
            "x-effect": "pure",
        }
    )
    assert found.signature() == "add(a?: int) -> str"
    assert (found.effect, found.idempotent) == ("pure", True)


def test_a_tool_without_parameters_may_leave_them_out() -> None:
    assert from_json({"name": "now"}).signature() == "now() -> Any"


def test_a_tool_comes_back_from_its_json() -> None:
    found = of(find)
    again = from_json(found.to_json())
    assert again.signature() == found.signature()
    assert again.by_name["near"].description == "a street"
    assert (again.effect, again.resource) == (found.effect, found.resource)
    assert again.result == found.result


@pytest.mark.parametrize(
    "description",
    [
        None,
        7,
        [],
        {},
        {"name": 3},
        {"name": ""},
        {"name": "a`b"},
        {"name": "a\nb"},
        {"name": "f", "parameters": []} | {"parameters": "x"},
        {"name": "f", "parameters": {"properties": 3}},
        {"name": "f", "parameters": {"properties": {"a": {"type": "strnig"}}}},
        {"name": "f", "parameters": {"properties": {"a": {"enum": []}}}},
        {"name": "f", "parameters": {"properties": {"a": {}}, "required": 7}},
        {"name": "f", "returns": 7},
        {"name": "f", "x-effect": "explode"},
        {"name": "f", "description": "\ud800"},
        {"name": "f", "parameters": {"properties": {"a": {"enum": ["a", "\udfff"]}}}},
        {"name": "f", "parameters": {"properties": {"\ud800": {}}}},
    ],
    ids=str,
)
def test_what_describes_no_function_is_refused(description: object) -> None:
    with pytest.raises(PlanError, match="E204"):
        from_json(description)


def test_a_tool_set_keeps_its_order_and_refuses_one_name_twice() -> None:
    tools = [Tool(name, "", (), STR) for name in ("b", "a", "c")]
    assert list(ToolSet(tools)) == ["b", "a", "c"]
    with pytest.raises(PlanError, match=r"E205.*`a`"):
        ToolSet([*tools, tools[1]])


def test_a_literal_type_of_python_is_an_enumeration() -> None:
    def f(a: Literal["x", 1]) -> None: ...

    assert from_function(f).by_name["a"].type == LiteralOf(("x", 1))


@pytest.mark.parametrize(
    "setting",
    [
        {"effect": "writes"},
        {"effect": None},
        {"effect": ["read"]},
        {"timeout": -1},
        {"timeout": "1"},
        {"cost": -0.1},
        {"cost": "x"},
        {"limit": True},
        {"rate": float("nan")},
    ],
)
def test_a_setting_that_is_none_is_told(setting: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="E204-bad-schema: `f` cannot be a tool"):
        tool(**setting, name="f")(lambda: None)


def test_references_lead_anywhere_in_a_description() -> None:
    shared = {"type": "object", "title": "Point", "properties": {"x": {"type": "integer"}}}
    properties = {
        "a": {"$ref": "#/definitions/Point"},
        "b": {"type": "array", "items": {"$ref": "#/properties/a"}},
        "c": {"$ref": "#"},
        "d": {"enum": ["x", "y"], "nullable": True},
        "e": {"$ref": "#/definitions/Point", "nullable": True},
        "f": {"$ref": "#/properties/with~1slash"},
        "with/slash": {"type": "string"},
    }
    schema = {"type": "object", "definitions": {"Point": shared}, "properties": properties}
    found = from_json({"name": "f", "parameters": schema})
    kinds = [str(parameter.type) for parameter in found.parameters]
    assert kinds[:2] == ["Point", "list[Point]"] and kinds[3:] == [
        'Literal["x", "y"] | None',
        "Point | None",
        "str",
        "str",
    ]
    with pytest.raises(PlanError, match=r"E204.*\"required\" is a list"):
        from_json({"name": "f", "parameters": {**schema, "required": "ab"}})


class Customer(BaseModel):
    home: Place


class Order(BaseModel):
    customer: Customer
    places: dict[str, list[list[Place]]]


def test_a_tool_is_shown_with_all_its_records() -> None:
    def get() -> list[Order]:
        raise NotImplementedError

    shown = from_function(get).describe()
    assert all(f"{name} = " in shown for name in ("Order", "Customer", "Place"))
