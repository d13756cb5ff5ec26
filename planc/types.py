"""The types of planc: what they are, when one goes where another is asked, and their names.

Types are immutable values. `is_subtype` is the one definition of "goes where"; the checker and
the decoder both ask it. Nominal types have a base type and a pattern: a value of the nominal type
goes where its base is asked, and the other way only a literal that matches the pattern does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class Type:
    """The root of all types."""


@dataclass(frozen=True)
class Primitive(Type):
    """`str`, `int`, `float`, `bool`, `None`, `Any`, and `Never` (the element of `[]`)."""

    name: str

    def __str__(self) -> str:
        return self.name


STR = Primitive("str")
INT = Primitive("int")
FLOAT = Primitive("float")
BOOL = Primitive("bool")
NONE = Primitive("None")
ANY = Primitive("Any")
NEVER = Primitive("Never")


@dataclass(frozen=True)
class ListOf(Type):
    element: Type

    def __str__(self) -> str:
        return f"list[{self.element}]"


@dataclass(frozen=True)
class DictOf(Type):
    """A mapping from strings to values of one type."""

    value: Type

    def __str__(self) -> str:
        return f"dict[str, {self.value}]"


@dataclass(frozen=True)
class RecordField:
    name: str
    type: Type
    required: bool = True
    description: str = field(default="", compare=False)

    @property
    def read(self) -> Type:
        """The type of what is read from it: also None if it may be absent."""
        return self.type if self.required else optional(self.type)


@dataclass(frozen=True)
class Record(Type):
    """Named fields. Two records are compared by their fields; the name is for people."""

    fields: tuple[RecordField, ...]
    name: str | None = None

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.fields)

    @cached_property
    def by_name(self) -> dict[str, RecordField]:
        return {field.name: field for field in self.fields}

    def __str__(self) -> str:
        return self.name or self.describe()

    def describe(self) -> str:
        """The fields written out, also where the record has a name."""
        return (
            "{"
            + ", ".join(f'"{f.name}"{"" if f.required else "?"}: {f.type}' for f in self.fields)
            + "}"
        )


@dataclass(frozen=True)
class LiteralOf(Type):
    """One of a few constants: `Literal["driving", "walking"]`."""

    values: tuple[str | int | float | bool, ...]

    def __str__(self) -> str:
        return f"Literal[{', '.join(literal_text(value) for value in self.values)}]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LiteralOf) and self._typed == other._typed

    def __hash__(self) -> int:
        return hash(self._typed)

    @cached_property
    def _typed(self) -> tuple[tuple[type, Any], ...]:
        return tuple((type(value), value) for value in self.values)

    @cached_property
    def _allowed(self) -> frozenset[tuple[type, Any]]:
        return frozenset(self._typed)

    def allows(self, value: object) -> bool:
        return isinstance(value, str | int | float) and (type(value), value) in self._allowed


@dataclass(frozen=True)
class Union(Type):
    """`A | B`; made by `union`, which flattens and drops members that others cover."""

    members: tuple[Type, ...]

    def __str__(self) -> str:
        return " | ".join(str(member) for member in self.members)


@dataclass(frozen=True)
class Nominal(Type):
    """A type over a base, with a name and a pattern, such as `EmailAddress` over `str`.

    `pattern` is a regular expression that the whole text must match, written in the syntax that
    Python's `re` and Rust's `regex` share. `calendar` is a `strptime` format that the text must
    satisfy as well, so that `2026-02-30` is no date. `copied` says that a model may not make such
    a value up: a literal must stand in the request, where this regular expression (Python's)
    finds it. `dropped` is a regular expression for what the normal form of a copied value leaves
    out, such as the blanks in an IBAN. As metadata of `typing.Annotated` it makes a type hint:

        IBAN = Annotated[
            str,
            Nominal(
                "IBAN",
                STR,
                pattern=r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}",
                copied=r"[A-Z]{2}[0-9]{2}( ?[0-9A-Z]{1,4}){3,8}",
                dropped=" ",
            ),
        ]
    """

    name: str
    base: Type
    pattern: str
    calendar: str | None = None
    copied: str | None = None
    description: str = field(default="", compare=False)
    dropped: str | None = None

    def __post_init__(self) -> None:
        for expression in filter(None, (self.pattern, self.copied, self.dropped)):
            re.compile(expression)

    def __str__(self) -> str:
        return self.name

    def normalised(self, text: str) -> str:
        """The form that a value found in a request takes."""
        return re.sub(self.dropped, "", text) if self.dropped else text

    def accepts(self, value: object) -> bool:
        """Whether a constant may stand where this type is asked."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            return False
        if self.calendar is None:
            return True
        try:
            datetime.strptime(value, self.calendar)
        except (ValueError, re.error):  # a calendar that names a part twice is a wrong expression
            return False
        return True

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        def validate(value: object) -> object:
            if not self.accepts(value):
                raise PydanticCustomError(
                    "nominal", "{text} is no {name}", {"text": repr(value), "name": self.name}
                )
            return value

        return core_schema.no_info_after_validator_function(validate, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        json_schema = {**handler(schema), "title": self.name, "pattern": f"^(?:{self.pattern})$"}
        if self.description:
            json_schema["description"] = self.description
        if self.calendar:
            json_schema["x-calendar"] = self.calendar
        if self.copied:
            json_schema["x-copied"] = self.copied
        if self.dropped:
            json_schema["x-dropped"] = self.dropped
        return {**json_schema, "x-nominal": self.name}


# What finds a value in a request begins where no such value is under way, so that a search takes
# no more than linear time.
_EMAIL = r"[\w%+][\w.%+&'-]*@[\w-]+(\.[\w-]+)+"
_LABEL = r"(?:xn--)?\w+(?:-\w+)*"  # of a host's name, as it stands in a sentence: before `--please`
_PHONE = r"\+?[0-9(][0-9 ()./-]{1,22}[0-9]"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*://"
_URL = rf"{_SCHEME}[^\s<>\"]+"
_PATH = r"[^\x00-\x1f\x7f]+"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"

EMAIL_ADDRESS = Nominal(
    "EmailAddress",
    STR,
    _EMAIL,
    None,
    rf"(?<![\w.%+&'-])(?<!\w[/!#$^])[\w.%+&'-]+@{_LABEL}(?:\.{_LABEL})+",
    "an e-mail address",
)
_NO_DATE = r"(?!\d{4}-\d\d-\d\d)(?!\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?!\d|[./-]\d))"
_SEPARATOR = r"[ ()./\u00a0\u2011\u202f-]"
# Groups of digits with blanks or brackets between, and then with hyphens or points: what stands
# behind a blank behind these ("503-555-0142 5 minutes") is another number, but in "030-123 45".
_GROUP = r"[0-9]{1,15}"
_MORE = rf"(?:[ ()/\u00a0\u202f]{{1,2}}(?!\d{{4}}-\d\d-\d\d){_GROUP}){{0,8}}"
_HYPHENED = rf"(?:[.\u2011-]{_GROUP}){{1,8}}"
_NUMBER = (
    rf"(?:[+(]{{0,2}}{_GROUP}{_MORE}[.\u2011-][0-9]{{1,3}}(?:[ \u00a0\u202f]{_GROUP}){{1,8}}"
    rf"|(?:[+(]{{1,2}}{_GROUP}|1|0[0-9]{{0,14}}){_MORE}{_HYPHENED}|{_GROUP}{_HYPHENED}"
    rf"|[+(]{{0,2}}{_GROUP}{_MORE})"
)
PHONE_NUMBER = Nominal(
    "PhoneNumber",
    STR,
    _PHONE,
    None,
    rf"(?<![\w./-]){_NO_DATE}(?=(?:[^0-9]{{0,2}}[0-9]){{3}}){_NUMBER}(?!\w|[.-][0-9])",
    "a phone number",
    _SEPARATOR,
)
_ROOT = r"(?:(?:~|\.\.?)?/|[A-Za-z]:\\)"
FILE_PATH = Nominal(
    "FilePath",
    STR,
    _PATH,
    None,
    rf"""(?<=(["'`])){_ROOT}(?:(?!\1)[^\x00-\x1f\x7f]){{1,600}}(?=\1)"""
    rf"|(?<=[“‘«]){_ROOT}[^”’»\x00-\x1f\x7f]{{1,600}}(?=[”’»])"
    rf"""|(?<![\w/:]){_ROOT}[^\s,;"'`<>“”‘’«»]+""",
    "a file's path",
)
URL = Nominal(
    "Url",
    STR,
    _URL,
    None,
    # up to a sign that no address has as it stands, or to another address
    rf"(?<![A-Za-z0-9+.-]){_SCHEME}(?:(?!,{_SCHEME})[^\s<>\"“”„«»…、。，！？；：）」』】》])+",
    "a web address",
)
DATE = Nominal("Date", STR, _DATE, "%Y-%m-%d", None, '"YYYY-MM-DD"')
DATE_TIME = Nominal(
    "DateTime", STR, f"{_DATE} {_TIME}", "%Y-%m-%d %H:%M:%S", None, '"YYYY-MM-DD HH:MM:SS"'
)

# The same as type hints for tools.
EmailAddress = Annotated[str, EMAIL_ADDRESS]
PhoneNumber = Annotated[str, PHONE_NUMBER]
FilePath = Annotated[str, FILE_PATH]
Url = Annotated[str, URL]
Date = Annotated[str, DATE]
DateTime = Annotated[str, DATE_TIME]


def literal_text(value: str | int | float | bool | None) -> str:
    """A constant as a plan writes it."""
    return quote(value) if isinstance(value, str) else repr(value)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def escape(text: str) -> str:
    """The text with what a double-quoted string cannot hold written as escapes."""
    return "".join(
        _ESCAPES.get(char)
        or (char if char.isprintable() else char.encode("unicode_escape").decode("ascii"))
        for char in text
    )


_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'"}
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([ntr0\\\"']))|\\."
)


def unescape(text: str) -> tuple[str, list[tuple[int, int]]]:
    """What the inside of a string literal stands for, and the `[start, end)` of every backslash
    sequence in it that means nothing. The inverse of `escape`."""
    wrong: list[tuple[int, int]] = []

    def decode(match: re.Match[str]) -> str:
        if match[4]:
            return _SIMPLE[match[4]]
        code = int(match[1] or match[2] or match[3] or "110000", 16)
        if code < 0x110000 and not 0xD800 <= code < 0xE000:
            return chr(code)
        wrong.append(match.span())
        return ""

    return _ESCAPE.sub(decode, text), wrong


def quote(text: str) -> str:
    """The text as a plan's string literal, in double quotes."""
    return f'"{escape(text)}"'


_MAX_MEMBERS = 100


def union(members: Iterable[Type]) -> Type:
    """The smallest type that holds every member's values and tells all fields that these have:
    `Never` for none at all, one `Literal` for all constants, and `Any` for more than a hundred
    different members."""
    flat: dict[Type, None] = {}
    for member in members:
        flat.update(dict.fromkeys(member.members if isinstance(member, Union) else [member]))
    if ANY in flat:
        return ANY
    constants = [one for one in flat if isinstance(one, LiteralOf)]
    if len(constants) > 1:
        merged = LiteralOf(
            tuple({(type(v), v): v for one in constants for v in one.values}.values())
        )
        flat = {merged if one in constants else one: None for one in flat}
    kept: list[Type] = []
    for member in flat:
        if not any(_is_told_by(member, other) for other in kept):
            kept = [*(other for other in kept if not _is_told_by(other, member)), member]
        if len(kept) > _MAX_MEMBERS:
            return ANY
    if not kept:
        return NEVER
    return kept[0] if len(kept) == 1 else Union(tuple(kept))


def _is_told_by(sub: Type, sup: Type) -> bool:
    """Whether one type may be left out beside another: it is a subtype without any field that the
    other does not know. Such a field could be of another type than the one that a third type, of
    which the second one is a subtype, has as an optional field."""
    return is_subtype(sub, sup) and not _hides(sup, sub)


@lru_cache(maxsize=65_536)
def _hides(sup: Type, sub: Type) -> bool:
    """Whether a subtype has fields that a type does not know."""
    if isinstance(sub, Union) or isinstance(sup, Union):
        return any(
            all(_hides(one, part) for one in members(sup) if is_subtype(part, one))
            for part in members(sub)
        )
    match sup, sub:
        case (ListOf(one), ListOf(part)) | (DictOf(one), DictOf(part)):
            return _hides(one, part)
        case DictOf(one), Record(fields):
            return any(_hides(one, field.type) for field in fields)
        case Record(), Record(fields):
            known = sup.by_name
            return any(f.name not in known or _hides(known[f.name].type, f.type) for f in fields)
    return False


def optional(member: Type) -> Type:
    return union([member, NONE])


def without_none(of: Type) -> Type:
    """The type less `None`."""
    return union(m for m in members(of) if m != NONE)


def members(of: Type) -> tuple[Type, ...]:
    """The alternatives of a type: a union's members, or the type alone."""
    return of.members if isinstance(of, Union) else (of,)


def element_of(of: Type) -> Type | None:
    """What the elements of a list are, or of each list of a union; None for another type."""
    lists = [member for member in members(of) if isinstance(member, ListOf)]
    return union(one.element for one in lists) if len(lists) == len(members(of)) else None


def base_of(of: Type) -> Type:
    """The type with nominal types and literals replaced by what they are made of."""
    if isinstance(of, Nominal):
        return base_of(of.base)
    if isinstance(of, LiteralOf):
        return union(type_of_constant(value) for value in of.values)
    if isinstance(of, Union):
        return union(base_of(member) for member in of.members)
    return of


def type_of_constant(value: object) -> Type:
    """The primitive type of a constant; bool is not an int."""
    return _CONSTANTS[type(value)]


_CONSTANTS: dict[type, Type] = {str: STR, bool: BOOL, int: INT, float: FLOAT, type(None): NONE}


@lru_cache(maxsize=65_536)
def is_subtype(sub: Type, sup: Type) -> bool:
    """Whether every value of `sub` may stand where `sup` is asked.

    `Any` goes anywhere and everything goes where `Any` is asked (gradual typing, Siek and Taha
    2006): such a value is checked when it arrives.
    """
    if sub in (sup, NEVER) or ANY in (sub, sup):
        return True
    if isinstance(sub, Union):
        return all(is_subtype(member, sup) for member in sub.members)
    if isinstance(sub, LiteralOf):
        return all(_constant_fits(value, sup) for value in sub.values)
    if isinstance(sup, Union):
        return any(is_subtype(sub, member) for member in sup.members)
    if isinstance(sub, Nominal):
        return is_subtype(sub.base, sup)
    if sub == INT and sup == FLOAT:
        return True
    if isinstance(sub, ListOf) and isinstance(sup, ListOf):
        return is_subtype(sub.element, sup.element)
    if isinstance(sub, DictOf) and isinstance(sup, DictOf):
        return is_subtype(sub.value, sup.value)
    if isinstance(sub, Record) and isinstance(sup, DictOf):
        return all(is_subtype(field.type, sup.value) for field in sub.fields)
    if isinstance(sub, Record) and isinstance(sup, Record):
        return all(_field_fits(sub.by_name.get(field.name), field) for field in sup.fields)
    return False


def _constant_fits(value: str | int | float | bool, sup: Type) -> bool:
    if isinstance(sup, Union):
        return any(_constant_fits(value, member) for member in sup.members)
    if isinstance(sup, LiteralOf):
        return sup.allows(value)
    if isinstance(sup, Nominal):
        return sup.accepts(value)
    return is_subtype(type_of_constant(value), sup)


def _field_fits(given: RecordField | None, asked: RecordField) -> bool:
    if given is None:
        return not asked.required
    return is_subtype(given.type, asked.type) and (given.required or not asked.required)


def parts_of(of: Type) -> tuple[Type, ...]:
    """The types that a type is put together from: of elements, values, fields or alternatives."""
    match of:
        case ListOf(inner) | DictOf(inner):
            return (inner,)
        case Union(inners):
            return inners
        case Record(fields):
            return tuple(field.type for field in fields)
    return ()


@lru_cache(maxsize=65_536)
def extent(of: Type) -> tuple[int, int]:
    """How many levels a type is nested, and how many parts it has when it is written out."""
    found = [extent(part) for part in parts_of(of)]
    return 1 + max((deep for deep, _ in found), default=0), 1 + sum(many for _, many in found)


@lru_cache(maxsize=65_536)
def is_dynamic(of: Type) -> bool:
    """Whether some part of a type is `Any`."""
    return of == ANY or any(map(is_dynamic, parts_of(of)))


def nominals(of: Type) -> Iterator[Nominal]:
    """Every nominal type inside a type, outermost first."""
    if isinstance(of, Nominal):
        yield of
    for part in parts_of(of):
        yield from nominals(part)
