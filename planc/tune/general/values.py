"""Values for the slots of made-up tools: how a request says them and how a plan writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from planc.tune.general.catalogue import Slot, entities
from planc.tune.standard import times
from planc.types import literal_text

DATE_FORMS = {"YYYY-MM-DD": "%Y-%m-%d", "DD/MM/YYYY": "%d/%m/%Y", "MM/DD/YYYY": "%m/%d/%Y"}

_PAST = re.compile(r"\b(past|since|period|expense|work|spent)\b", re.IGNORECASE)
_LETTERS = "ABCDEFGHKLMNPRSTUVWX"
_TYPES = {
    "int": "integer",
    "year": "integer",
    "float": "number",
    "science": "number",
    "percent": "number",
    "bool": "boolean",
}
# What requests call currencies.
_CURRENCIES = {
    "USD": ("US dollars", "dollars", "American dollars"),
    "EUR": ("euros", "Euros"),
    "GBP": ("British pounds", "pounds sterling", "pounds"),
    "JPY": ("Japanese yen", "yen"),
    "CHF": ("Swiss francs",),
    "CAD": ("Canadian dollars",),
    "AUD": ("Australian dollars",),
    "NZD": ("New Zealand dollars",),
    "CNY": ("Chinese yuan", "yuan"),
    "INR": ("Indian rupees", "rupees"),
    "BRL": ("Brazilian reais",),
    "MXN": ("Mexican pesos",),
    "ZAR": ("South African rand",),
    "SEK": ("Swedish kronor",),
    "NOK": ("Norwegian kroner",),
    "PLN": ("Polish zloty",),
    "TRY": ("Turkish lira",),
    "KRW": ("South Korean won",),
    "THB": ("Thai baht",),
    "SGD": ("Singapore dollars",),
}


@dataclass(frozen=True)
class Forms:
    """How a tool wants values that can be written in more than one way: its dates (a key of
    `DATE_FORMS`), shares as decimals or in percent, and cities with or without their country."""

    dates: str = "YYYY-MM-DD"
    decimals: bool = False
    countries: bool = False

    @staticmethod
    def drawn(rng: Random) -> Forms:
        dates = rng.choices(list(DATE_FORMS), [0.8, 0.1, 0.1])[0]
        return Forms(dates, rng.random() < 0.6, rng.random() < 0.25)


@dataclass(frozen=True)
class Value:
    """A value as a request says it, and as a plan writes it."""

    said: str
    written: str

    @property
    def number(self) -> bool:
        return self.written.lstrip("-").replace(".", "", 1).isdigit()


Values = Mapping[str, Value]
"""Values by the names of their slots."""


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of values."""
    if kind.startswith("list of "):
        return {"type": "array", "items": schema(kind.removeprefix("list of "))}
    if kind.startswith("map of "):
        of, _ = kind.removeprefix("map of ").split(" by ")
        return {"type": "object", "additionalProperties": schema(of)}
    if kind.startswith("one of "):
        return {"type": "string", "enum": kind.removeprefix("one of ").split(", ")}
    first = kind.split(" ")[0]
    return {"type": _TYPES.get(first, "string")}


def default(slot: Slot) -> Any:
    """A slot's default as a JSON value."""
    assert slot.default is not None
    kind = schema(slot.kind)["type"]
    if kind == "boolean":
        return slot.default == "true"
    if kind in ("integer", "number"):
        return float(slot.default) if "." in slot.default else int(slot.default)
    return slot.default.strip("'\"")


def drawn(slot: Slot, now: datetime, forms: Forms, rng: Random) -> Value:
    """A value for a slot, another than its default."""
    if slot.kind == "bool":
        return Value("", str(slot.default != "true"))
    while True:
        if slot.kind == "date":
            found = _date(slot, now, forms.dates, rng)
        else:
            found = _of(slot.kind, forms, rng)
        if slot.default is None or found.written.strip('"') != slot.default.strip("'\""):
            return found


def _of(kind: str, forms: Forms, rng: Random) -> Value:
    first, _, rest = kind.partition(" ")
    if kind.startswith("map of "):
        of, by = kind.removeprefix("map of ").split(" by ")
        return _map(of, by, forms, rng)
    if kind.startswith("list of "):
        return _list(kind.removeprefix("list of "), forms, rng)
    if kind.startswith("one of "):
        choice = rng.choice(kind.removeprefix("one of ").split(", "))
        return Value(choice.replace("_", " "), literal_text(choice))
    if first == "int":
        low, high = rest.split("..")
        return _whole(int(low), int(high), rng)
    if first == "float":
        low, high = rest.split("..")
        return _number(float(low), float(high), rng)
    if first == "percent":
        low, high = rest.split("..")
        share = _number(float(low), float(high), rng).written
        written = f"{float(share) / 100:g}" if forms.decimals else share
        return Value(f"{share}{rng.choice(['%', '%', ' percent'])}", written)
    if kind == "city":
        city = rng.choice(entities()[kind])
        short = city.partition(",")[0]
        said = city if rng.random() < 0.25 else short
        return Value(said, literal_text(city if forms.countries else said))
    if first == "science":
        low, high = rest.split("..")
        return _scientific(rng.randint(int(low), int(high)), rng)
    if kind == "currency":
        code = rng.choice(entities()[kind])
        said = rng.choice(_CURRENCIES[code]) if code in _CURRENCIES else code
        return Value(said if rng.random() < 0.6 else code, literal_text(code))
    if kind == "year":
        year = str(rng.randint(1950, 2027))
        return Value(year, year)
    if kind == "time":
        return _time(rng)
    if first == "id":
        letters = "".join(rng.choice(_LETTERS) for _ in range(rng.randint(1, 3)))
        code = rng.choice([f"{letters}-{rng.randint(10, 9999)}", f"{rng.randint(1000, 99999)}"])
        return Value(code, literal_text(code))
    entity = rng.choice(entities()[kind])
    quoted = kind != "text" and rng.random() < 0.15
    return Value(f"'{entity}'" if quoted else entity, literal_text(entity))


def _list(kind: str, forms: Forms, rng: Random) -> Value:
    found: dict[str, Value] = {}
    for _ in range(rng.randint(2, 5)):
        one = _of(kind, forms, rng)
        found[one.written] = one
    written = f"[{', '.join(found)}]"
    if kind.split(" ")[0] in ("int", "float"):
        said = ", ".join(found)
        if rng.random() < 0.4:
            return Value(f"[{said}]", written)
        return Value(said if rng.random() < 0.5 else listed(list(found)), written)
    return Value(listed([one.said for one in found.values()]), written)


def _map(kind: str, by: str, forms: Forms, rng: Random) -> Value:
    """Values by names, as prose or as a dictionary."""
    names = rng.sample(list(entities()[by]), rng.randint(2, 5))
    values = [_of(kind, forms, rng) for _ in names]
    pairs = list(zip(names, values, strict=True))
    written = f"{{{', '.join(f'{literal_text(name)}: {one.written}' for name, one in pairs)}}}"
    if rng.random() < 0.35:
        return Value(written if "'" in written else written.replace('"', "'"), written)
    joint = rng.choice([": ", " ", " - ", " = "])
    return Value(listed([f"{name}{joint}{one.written}" for name, one in pairs]), written)


def _scientific(exponent: int, rng: Random) -> Value:
    digits = f"{rng.uniform(1, 9.9):.{rng.choice([0, 1, 1, 2])}f}"
    said = rng.choice(["{} x 10^{}", "{} * 10^{}", "{}e{}", "{}×10^{}"])
    return Value(said.format(digits, exponent), f"{digits}e{exponent}")


def listed(said: list[str]) -> str:
    """Texts as a sentence lists them."""
    return " and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))


def _whole(low: int, high: int, rng: Random) -> Value:
    number = rng.randint(low, high)
    if high >= 1000 and rng.random() < 0.6:
        number = max(low, round(number, -2 if high < 100_000 else -3))
    said = str(number)
    if 1 <= number < 12 and rng.random() < 0.25:
        said = times.count(number)
    elif number >= 1000 and rng.random() < 0.5:
        said = f"{number:,}"
    return Value(said, str(number))


def _number(low: float, high: float, rng: Random) -> Value:
    digits = 2 if high <= 2 else 1 if high <= 1000 else 0
    number = round(rng.uniform(low, high), rng.choice([0, 0, digits]) if high > 2 else digits)
    if number == int(number) and high > 2:
        whole = int(number)
        return Value(
            f"{whole:,}" if whole >= 1000 and rng.random() < 0.5 else f"{whole}", f"{whole}"
        )
    return Value(f"{number:g}", f"{number:g}")


def _date(slot: Slot, now: datetime, form: str, rng: Random) -> Value:
    """A day to come, or one that has been, as the slot asks for."""
    today = now.date()
    past = _PAST.search(slot.about)
    if rng.random() < 0.2:
        days, said = (-1, "yesterday") if past else rng.choice([(0, "today"), (1, "tomorrow")])
        return Value(said, literal_text(_dated(today + timedelta(days=days), form)))
    day = today + timedelta(days=rng.randint(1, 400) * (-1 if past else 1))
    ordinal = times.ordinal(day.day)
    year = f" {day.year}"
    forms = [
        f"{day:%B} {ordinal},{year}",
        f"{day:%B} {day.day},{year}",
        f"{day.day} {day:%B}{year}",
        f"the {ordinal} of {day:%B}{year}",
        f"{day:%Y-%m-%d}",
        f"{day:%b} {day.day},{year}",
    ]
    if day.year == now.year:
        forms += [f"{day:%B} {day.day}", f"{day:%B} {ordinal}"]
    return Value(rng.choice(forms), literal_text(_dated(day, form)))


def day_of(value: Value, form: str) -> datetime:
    """The day that a plan writes so."""
    return datetime.strptime(value.written.strip('"'), DATE_FORMS[form])


def _dated(day: date, form: str) -> str:
    return day.strftime(DATE_FORMS[form])


def _time(rng: Random) -> Value:
    hour, minute = rng.randint(6, 22), rng.choice([0, 0, 0, 15, 30, 45])
    twelve, half = hour % 12 or 12, "am" if hour < 12 else "pm"
    told = f"{twelve}:{minute:02}" if minute else f"{twelve}"
    said = rng.choice([f"{told} {half}", f"{told}{half}", f"{hour:02}:{minute:02}"])
    return Value(said, literal_text(f"{hour:02}:{minute:02}"))


def filled(frame: str, values: Values) -> str:
    """A frame with its slots filled; numbers that touch a letter or a sign are not in words."""

    def said(found: re.Match[str]) -> str:
        name, touched = found[1], found[2]
        if name not in values:
            return found[0]
        value = values[name]
        return f"{value.written if touched and value.number else value.said}{touched}"

    return re.sub(r"\{(\w+)\}([\w^%°]?)", said, frame)
