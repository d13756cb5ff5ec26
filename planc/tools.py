"""Tools: typed signatures with effects, made from Python functions or from JSON Schema.

A tool's signature is all that the checker, the decoder and the optimiser know of it: parameters
and result with their types, and its *effect*: `pure` (no I/O, the same answer always), `read`
(looks at the world) or `write` (changes it). Writes to one `resource` keep the plan's order. A
tool that declares nothing is taken to write to everything.

A Python function may also ask for things that no plan can give it, by annotating a parameter
with `Clock` or `TextModel`; such parameters are no part of the signature and are filled in by
the interpreter.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property, partial
from typing import Any, Literal, Protocol, TypedDict, TypeVar, Unpack, overload

import docstring_parser
from pydantic import PydanticUserError, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from planc.diagnostics import (
    BAD_FORM,
    BAD_SCHEMA,
    NO_TYPE_HINT,
    REPEATED_TOOL,
    Diagnostic,
    PlanError,
)
from planc.schema import from_json_schema, to_json_schema, validator
from planc.source import SURROGATE
from planc.types import ANY, NONE, ListOf, Record, Type, literal_text, parts_of, without_none

Effect = Literal["pure", "read", "write"]
Validator = Callable[[Any], Any]
"""What makes one value of another, or raises pydantic's `ValidationError`."""
F = TypeVar("F", bound=Callable[..., Any])


class Clock(Protocol):
    """What a tool's parameter is annotated with to learn the time that the run goes by."""

    def now(self) -> datetime:
        """The local time, without a time zone."""
        ...


class TextModel(Protocol):
    """What a tool's parameter is annotated with to have the local model write a text."""

    def complete(self, instruction: str, text: str, max_tokens: int = 256) -> str:
        """The model's answer to an instruction about a text. Blocks; safe to call from any
        thread. Raises `PlanError` when no model is available."""
        ...


CAPABILITIES: tuple[type, ...] = (Clock, TextModel)


ANY_RESOURCE = "*"
"""What a tool touches that names no resource: it stands for all of them."""


@dataclass(frozen=True)
class Parameter:
    """One parameter; `default` is the value an absent argument stands for, where one is known."""

    name: str
    type: Type
    required: bool = True
    default: object = None
    description: str = ""


@dataclass(frozen=True, eq=False)
class Tool:
    """A signature, and the function behind it if there is one.

    `timeout` and `cost` (the typical duration) are in seconds; at most `limit` calls are under way
    at once, and at most `rate` begin in a second. `batch` names the tool that does what several
    calls of this one do (`batched_form`). `reads` are resources that a call looks at besides its
    own. `about` tells what a write concerns that its arguments do not say, such as whom a reply
    goes to: it is told before it is allowed, and not made if that has changed since. `idempotent`
    says that calling twice with the same arguments does no more than calling once. A call that
    `shows` something, by opening a window for instance, is made though nothing uses its result, and
    never in advance. A `lookup` finds a value that a request may as well state, an address by a
    name: what it states is then used before. `defaults` make the values of parameters that are left
    out and have a pydantic `Field` in Python as their default.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    result: Type
    effect: Effect = "write"
    resource: str | None = None
    reads: tuple[str, ...] = ()
    idempotent: bool = False
    lookup: bool = False
    shows: bool = False
    timeout: float | None = None
    cost: float | None = None
    limit: int | None = None
    rate: float | None = None
    batch: str | None = None
    about: Callable[[], Mapping[str, str]] | None = None
    function: Callable[..., Any] | None = None
    hints: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    capabilities: Mapping[str, type] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (self.name, *(parameter.name for parameter in self.parameters)):
            if not name or "`" in name or not name.isprintable():
                raise _schema_error(
                    f"the tool {self.name!r:.60}", f"{name!r:.60} is no name that a plan can write"
                )
        if self.effect not in typing.get_args(Effect):
            effects = ", ".join(f"`{effect}`" for effect in typing.get_args(Effect))
            raise _setting_error(
                self.name, f"its effect is {self.effect!r:.40}, not one of {effects}"
            )
        for what in ("timeout", "cost", "limit", "rate"):
            value = getattr(self, what)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is not None and not (
                number and (value > 0 or (what == "cost" and value == 0))
            ):
                raise _setting_error(self.name, f"its {what} is {value!r:.40}, no number above 0")

    @property
    def touched(self) -> str:
        """The resource that a call touches, or `ANY_RESOURCE`."""
        return self.resource or ANY_RESOURCE

    @cached_property
    def touches(self) -> frozenset[tuple[str, bool]]:
        """The resources that a call touches, each with whether it writes to it."""
        if self.effect == "pure":
            return frozenset()
        beside = ((resource, False) for resource in self.reads)
        return frozenset({(self.touched, self.effect == "write"), *beside})

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The parameters that every call gives."""
        return tuple(parameter.name for parameter in self.parameters if parameter.required)

    @cached_property
    def by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def argument_validators(self) -> dict[str, Validator]:
        """For each parameter, what takes its plan values and nothing else."""
        return {p.name: validator(p.type).validator.validate_python for p in self.parameters}

    @cached_property
    def argument_converters(self) -> dict[str, Validator]:
        """For each parameter, what makes of a plan value what the function's type hint asks for."""
        return {
            name: TypeAdapter(hint).validator.validate_python for name, hint in self.hints.items()
        }

    @cached_property
    def is_async(self) -> bool:
        """Whether the tool's function is to be awaited."""
        return inspect.iscoroutinefunction(self.function)

    @cached_property
    def result_validator(self) -> Validator:
        return validator(self.result).validator.validate_python

    def signature(
        self,
        result: str | None = None,
        name_text: Callable[[str], str] = str,
        argument_text: Callable[[str], str] = str,
    ) -> str:
        """The one-line form that people and the model read: `f(a: str, b?: int) -> T`; a
        question mark stands for "may be left out". `result` stands in place of the result's
        type; the other two write the tool's name and its arguments'."""
        parts = ", ".join(_parameter_text(p, argument_text(p.name)) for p in self.parameters)
        return f"{name_text(self.name)}({parts}) -> {result or self.result}"

    def records(self) -> Iterator[tuple[str, str]]:
        """The named records of the signature, also those inside of others, and how they look."""
        seen: dict[str, str] = {}

        def visit(of: Type) -> None:
            if isinstance(of, Record) and of.name:
                if of.name in seen:
                    return
                seen[of.name] = of.describe()
            for part in parts_of(of):
                visit(part)

        for of in (*(p.type for p in self.parameters), self.result):
            visit(of)
        return iter(seen.items())

    def describe(self) -> str:
        """The signature with its records, descriptions and effect written out."""
        lines = [self.signature()]
        if self.description:
            lines.append(f"    {self.description}")
        lines += [f"    {p.name}: {p.description}" for p in self.parameters if p.description]
        lines += [f"    {name} = {shape}" for name, shape in self.records()]
        effect = self.effect + (f" {self.resource}" if self.resource else "")
        lines.append(f"    effect: {effect}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The OpenAI function form, with `returns` and planc's own keys beside it."""
        return {
            "name": self.name,
            "description": self.description,
            "parameters": {
                "type": "object",
                "properties": {
                    p.name: {
                        **to_json_schema(p.type),
                        **({"description": p.description} if p.description else {}),
                        **({"default": p.default} if not p.required else {}),
                    }
                    for p in self.parameters
                },
                "required": list(self.required),
            },
            "returns": to_json_schema(self.result),
            "x-effect": self.effect,
            "x-resource": self.resource,
        }


def _parameter_text(parameter: Parameter, name: str) -> str:
    if parameter.required:
        return f"{name}: {parameter.type}"
    if parameter.default is None:
        return f"{name}?: {without_none(parameter.type)}"
    known = isinstance(parameter.default, str | int | float | bool)
    default = literal_text(parameter.default) if known else "..."  # type: ignore[arg-type]
    return f"{name}: {parameter.type} = {default}"


class Declared(TypedDict, total=False):
    """What a function's tool may declare (see `Tool`); what changes nothing is idempotent unless it
    declares otherwise."""

    name: str
    effect: Effect
    resource: str | None
    reads: tuple[str, ...]
    idempotent: bool
    lookup: bool
    shows: bool
    timeout: float | None
    cost: float | None
    limit: int | None
    rate: float | None
    batch: str | None
    about: Callable[[], Mapping[str, str]] | None


@overload
def tool(function: F, /) -> F: ...


@overload
def tool(**declared: Unpack[Declared]) -> Callable[[F], F]: ...


def tool(function: F | None = None, /, **declared: Unpack[Declared]) -> F | Callable[[F], F]:
    """Marks a plain or async function as a tool; the function itself stays as it is. With nothing
    to declare, `@tool` alone will do.

    Raises `PlanError` (E203) when a parameter has no type hint.
    """
    unknown = sorted(declared.keys() - Declared.__annotations__.keys())
    if unknown:
        known = ", ".join(Declared.__annotations__)
        raise TypeError(f"a tool does not declare `{unknown[0]}`, but {known}")

    def mark(function: F) -> F:
        function.__planc_tool__ = from_function(  # type: ignore[attr-defined]
            function, **declared
        )
        return function

    return mark if function is None else mark(function)


def from_function(function: Callable[..., Any], **declared: Unpack[Declared]) -> Tool:
    """A tool from a function's type hints (read through pydantic) and docstring."""
    name = declared.get("name", function.__name__)
    docstring = docstring_parser.parse(function.__doc__ or "")
    told = {param.arg_name: param.description or "" for param in docstring.params}
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise _hint_error(name, f"its type hints cannot be read: {error}") from error
    parameters: list[Parameter] = []
    defaults: dict[str, Callable[[], Any]] = {}
    capabilities: dict[str, type] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise _hint_error(name, f"`*{parameter.name}` has no name to give an argument by")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise _hint_error(name, f"`{parameter.name}` cannot be given by its name")
        if parameter.name not in hints:
            reason = f"the parameter `{parameter.name}` has no type hint"
            raise _hint_error(name, reason, f"write its type, such as `{parameter.name}: str`")
        hint = hints[parameter.name]
        if hint in CAPABILITIES:
            capabilities[parameter.name] = hint
            continue
        if isinstance(parameter.default, FieldInfo) and not parameter.default.is_required():
            defaults[parameter.name] = partial(
                parameter.default.get_default, call_default_factory=True, validated_data={}
            )
        parameters.append(_parameter(name, parameter, hint, told.get(parameter.name, "")))
    description = " ".join(
        part.strip() for part in (docstring.short_description, docstring.long_description) if part
    )
    result = hints.get("return", Any)
    of_its_own: Declared = {
        "name": name,
        "idempotent": declared.get("effect", "write") != "write",
    }
    return Tool(
        **(of_its_own | declared),
        description=" ".join(description.split()),
        parameters=tuple(parameters),
        result=_type_of_hint(name, result, "the result", "serialization"),
        function=function,
        hints={p.name: hints[p.name] for p in parameters},
        defaults=defaults,
        capabilities=capabilities,
    )


def _parameter(tool: str, parameter: inspect.Parameter, hint: Any, told: str) -> Parameter:
    default = parameter.default
    description = told
    for metadata in getattr(hint, "__metadata__", ()):
        if isinstance(metadata, FieldInfo) and metadata.description:
            description = metadata.description
        elif isinstance(metadata, str):
            description = metadata
    if isinstance(default, FieldInfo):
        description = default.description or description
        default = parameter.empty if default.is_required() else default.default
    required = default is parameter.empty
    of = _type_of_hint(tool, hint, f"the parameter `{parameter.name}`", "validation")
    if isinstance(default, Enum):
        default = default.value
    known = default is None or isinstance(default, str | int | float | bool | list | dict)
    return Parameter(
        name=parameter.name,
        type=of,
        required=required,
        default=default if not required and known else None,
        description=" ".join(description.split()),
    )


def _type_of_hint(
    tool: str, hint: Any, what: str, mode: Literal["validation", "serialization"]
) -> Type:
    if hint is None or hint is type(None):
        return NONE
    if hint is inspect.Signature.empty or hint is Any:
        return ANY
    try:
        return from_json_schema(
            TypeAdapter(hint).json_schema(mode=mode, schema_generator=_FullResults)
        )
    except (PydanticUserError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise _hint_error(tool, f"{what} has a type that no plan can hold: {reason}") from error


class _FullResults(GenerateJsonSchema):
    """JSON Schema in which a result's fields are there even where they have a default."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        present = self.mode == "serialization" and field["type"] != "typed-dict-field"
        return present or super().field_is_required(field, total)


def _hint_error(tool: str, reason: str, hint: str | None = None) -> PlanError:
    return PlanError(Diagnostic(NO_TYPE_HINT, f"`{tool}` is no tool: {reason}", hint=hint))


def from_json(description: object) -> Tool:
    """A tool from a function description: OpenAI's form (also wrapped as `{"type": "function",
    "function": ...}`), BFCL's, or MCP's (`inputSchema`, `outputSchema`).

    `returns` describes the result; `x-effect` and `x-resource` its effect. Such a tool can be
    planned with, and has no function to run. Raises `PlanError` (E204).
    """
    if isinstance(description, dict) and isinstance(description.get("function"), dict):
        description = description["function"]
    if not isinstance(description, dict) or not isinstance(description.get("name"), str):
        raise _schema_error("a tool", 'it has no text under "name"')
    name = description["name"]
    if not _is_text(description):
        raise _schema_error(f"`{name}`", "a text in it is not valid in UTF-8 (a lone surrogate)")
    schema = _first(description, "parameters", "inputSchema", "input_schema") or {}
    if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
        raise _schema_error(f"`{name}`", '"parameters" is not an object schema')
    required = schema.get("required") or []
    if not isinstance(required, list):
        raise _schema_error(f"`{name}`", f'"required" is a list, not {required!r:.40}')
    try:
        parameters = [
            Parameter(
                name=str(key),
                type=from_json_schema(part, schema),
                required=key in required,
                default=part.get("default") if isinstance(part, dict) else None,
                description=str(part.get("description", "")) if isinstance(part, dict) else "",
            )
            for key, part in (schema.get("properties") or {}).items()
        ]
        returns = _first(description, "returns", "outputSchema", "output_schema")
        result = ANY if returns is None else from_json_schema(returns)
    except (ValueError, TypeError) as error:
        raise _schema_error(f"`{name}`", str(error)) from error
    effect = description.get("x-effect", "write")
    resource = description.get("x-resource")
    return Tool(
        name=name,
        description=" ".join(str(description.get("description", "")).split()),
        parameters=tuple(parameters),
        result=result,
        effect=effect,
        resource=resource if isinstance(resource, str) else None,
        idempotent=effect != "write",
    )


def _is_text(value: object) -> bool:
    """Whether all texts in what a JSON file holds can be written in UTF-8."""
    left = [value]
    while left:
        match left.pop():
            case str() as text if SURROGATE.search(text):
                return False
            case dict() as entries:
                left += [*entries, *entries.values()]
            case list() as items:
                left += items
    return True


def _first(description: dict[str, Any], *keys: str) -> Any:
    return next((description[key] for key in keys if description.get(key) is not None), None)


def _schema_error(what: str, reason: str) -> PlanError:
    return PlanError(
        Diagnostic(
            BAD_SCHEMA,
            f"{what} is not described as a function: {reason}",
            hint='a tool looks like {"name": "f", "description": "...", "parameters": '
            '{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}}',
        )
    )


def _setting_error(tool: str, reason: str) -> PlanError:
    return PlanError(Diagnostic(BAD_SCHEMA, f"`{tool}` cannot be a tool: {reason}"))


@dataclass(frozen=True)
class Example:
    """A request, the local time of it, and the plan that answers it well: shown to the model."""

    text: str
    now: datetime
    plan: str


class ToolSet(Mapping[str, Tool]):
    """The tools that a plan may call, by name, in the order in which they were given, and the
    examples that come with them."""

    def __init__(self, tools: Iterable[Tool], examples: Iterable[Example] = ()) -> None:
        self.examples = tuple(examples)
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise PlanError(
                    Diagnostic(
                        REPEATED_TOOL,
                        f"two tools are named `{tool.name}`",
                        hint='rename one: `@tool(name="another_name")`',
                    )
                )
            self._tools[tool.name] = tool

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)


def batched_form(tool: Tool, tools: Mapping[str, Tool]) -> tuple[Tool, str] | None:
    """The tool that does what several calls of a tool do, and the parameter that it takes a list
    for; None if the tool names none, or one that is not among these tools.

    It has the tool's parameters, one of them as a list of what the tool takes, and returns the
    list of the calls' results, in that order; neither of the two may write. Raises `PlanError`
    (E207) if that is not so.
    """
    if tool.batch is None or tool.batch not in tools:
        return None
    many = tools[tool.batch]
    others = {p.name: p.type for p in many.parameters}
    varying = [p.name for p in tool.parameters if others.get(p.name) == ListOf(p.type)]
    same = [p.name for p in tool.parameters if others.get(p.name) == p.type]
    fits = many.result == ListOf(tool.result) and len(varying) == 1
    if not fits or {*varying, *same} != tool.by_name.keys() | others.keys():
        reason = f"`{many.signature()}` is not `{tool.signature()}` with a list of one parameter"
    elif "write" in (tool.effect, many.effect):
        reason = "one of the two writes, and each write stands for itself"
    else:
        return many, varying[0]
    raise PlanError(
        Diagnostic(
            BAD_FORM,
            f"`{many.name}` is no batched form of `{tool.name}`: {reason}",
            hint="`get(key: str) -> int` is batched by `get_many(key: list[str]) -> list[int]`",
        )
    )
