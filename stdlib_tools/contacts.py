"""Contacts: looked up by name in vCard files.

A name is compared without case, accents, titles and punctuation, with the surest way of matching
first: the name as it is written, titles too, the whole name (in either order), then a nickname, a
given name or what stands in parentheses or before them, as in "Nia Osei (Mom)", then some of the
name's words. The first way that matches any contact decides; when it matches several, the answer is
an error that names them.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from planc.tools import tool
from planc.types import EMAIL_ADDRESS, PHONE_NUMBER, EmailAddress, PhoneNumber
from stdlib_tools import settings, vcards
from stdlib_tools.errors import ToolError
from stdlib_tools.matching import fold, one_line, shown, words
from stdlib_tools.vcards import Card, Value
from stdlib_tools.wording import clipped, listed

_TITLES = frozenset({"dr", "doctor", "mr", "mister", "mrs", "ms", "miss", "mx", "sir", "madam"})
_TITLES |= {"prof", "professor", "rev", "herr", "frau", "mme", "mlle"}
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_LONGEST_NAME = 200
_Kind = Literal["phone number", "e-mail address"]


@dataclass(frozen=True)
class _Names:
    """What a contact is called, folded; `whole` and `short` without spaces."""

    whole: frozenset[str]
    short: frozenset[str]
    words: frozenset[str]


@tool(effect="read", resource="contacts", lookup=True, timeout=30, cost=0.05)
def get_phone_number(name: str) -> PhoneNumber:
    """Look up a contact's phone number by name, to text them."""
    return _look_up(name, "phone number")


@tool(effect="read", resource="contacts", lookup=True, timeout=30, cost=0.05)
def get_email_address(name: str) -> EmailAddress:
    """Look up a contact's e-mail address by name, to mail or invite them."""
    return _look_up(name, "e-mail address")


def _look_up(name: str, kind: _Kind) -> str:
    folder = settings.located(settings.load().contacts.folder)
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".vcf")
    if not files:
        raise ToolError(f"there are no contacts: {folder} holds no .vcf file")
    cards: list[Card] = []
    faults: list[str] = []
    for file in files:
        contents = vcards.read(file, folder)
        cards += contents.cards
        if contents.fault is not None:
            faults.append(f"the contacts file {_shown_path(file)} is broken: {contents.fault}")
    try:
        return _answer(name, kind, cards)
    except ToolError as error:
        if not faults:
            raise
        raise ToolError(f"{error}; besides, {listed(faults)}") from None


def _shown_path(file: Path) -> str:
    return one_line(str(file))


def _answer(name: str, kind: _Kind, cards: list[Card]) -> str:
    if not _words(name) or len(name) > _LONGEST_NAME:
        raise ToolError(f"{shown(name)} is no name")
    found = _matching(name, cards)
    if not found:
        raise ToolError(f"no contact is called {shown(name)}{_hint(name, cards)}")
    if len(found) == 1:
        return _value(found[0], kind)
    answers = {value.text for card in found for value in _usable(card, kind)[:1]}
    names = {fold(card.name) for card in found}
    same_person = len(names) == 1 or all(_usable(card, kind) for card in found)
    if len(answers) == 1 and same_person:
        return answers.pop()
    labels = [_label(card, with_details=len(names) < len(found)) for card in found]
    raise ToolError(f"{shown(name)} may be {listed(labels, 'or')}: which one?")


def _matching(name: str, cards: list[Card]) -> list[Card]:
    """The cards that match in the surest way in which any does."""
    for asked in dict.fromkeys((name, _PARENTHESES.sub(" ", name))):
        asked_words = _words(asked)
        key = "".join(asked_words)
        exact = [card for card in cards if fold(card.name) == fold(asked)]
        whole = [card for card in cards if key in _names(card).whole]
        short = [card for card in cards if key in _names(card).short]
        parts = [card for card in cards if _names(card).words.issuperset(asked_words)]
        if asked_words and (found := exact or whole or short or parts):
            return found
    return []


@lru_cache(maxsize=4096)
def _names(card: Card) -> _Names:
    family, given, additional = card.structured
    outside = _PARENTHESES.sub(" ", card.name)
    whole: tuple[str, ...] = (card.name,)
    if given and family:
        whole += (f"{given} {family}", f"{given} {additional} {family}")
        whole += (f"{family} {given}", f"{family} {given} {additional}")
    short = (
        outside,
        *card.nicknames,
        given,
        f"{given} {additional}",
        *_PARENTHESES.findall(card.name),
    )
    if not given and len(parts := _words(outside)) > 1:
        short = (*short, parts[0])
    parts_of_it = (*whole, *short, family)
    return _Names(
        whole=frozenset("".join(_words(text)) for text in whole),
        short=frozenset("".join(_words(text)) for text in short),
        words=frozenset(word for text in parts_of_it for word in _words(text)),
    )


def _words(name: str) -> list[str]:
    """The words to compare a name by; titles before it are left out."""
    text = re.sub("['’`]", "", fold(name[:_LONGEST_NAME]))
    found = words(text)
    while len(found) > 1 and found[0] in _TITLES:
        del found[0]
    return found


def _hint(name: str, cards: list[Card]) -> str:
    """`; did you mean 'Sidney Park'?` where some part of a contact's name is near."""
    people: dict[str, str] = {}
    for card in cards:
        names = _names(card)
        for key in (*names.whole, *names.short, *names.words):
            people.setdefault(key, shown(card.name))
    near = difflib.get_close_matches("".join(_words(name)), people, n=9, cutoff=0.6)
    found = list(dict.fromkeys(people[key] for key in near))[:3]
    return f"; did you mean {listed(found, 'or')}?" if found else ""


def _value(card: Card, kind: _Kind) -> str:
    if usable := _usable(card, kind):
        return usable[0].text
    own = card.phones if kind == "phone number" else card.emails
    if own:
        texts = listed([shown(value.text) for value in own])
        raise ToolError(f"what {clipped(card.name)} has as {kind} cannot be used: {texts}")
    other: _Kind = "e-mail address" if kind == "phone number" else "phone number"
    has = [f"the {other} {value.text}" for value in _usable(card, other)[:1]]
    rest = f"only {has[0]}" if has else f"and no {other} either"
    raise ToolError(f"{clipped(card.name)} has no {kind}, {rest}")


def _usable(card: Card, kind: _Kind) -> list[Value]:
    """What fits the type, the preferred first."""
    if kind == "phone number":
        fitting = [value for value in card.phones if PHONE_NUMBER.accepts(value.text)]
    else:
        fitting = [value for value in card.emails if EMAIL_ADDRESS.accepts(value.text)]
    return sorted(fitting, key=lambda value: (value.preference, _place(value.kinds)))


def _place(kinds: frozenset[str]) -> int:
    """Mobile telephones first, then home, work, others, and last what nobody answers."""
    if kinds & {"fax", "pager", "modem"}:
        return 4
    order = ({"cell", "mobile", "iphone"}, {"home"}, {"work"})
    return next((place for place, kind in enumerate(order) if kinds & kind), 3)


def _label(card: Card, with_details: bool) -> str:
    """The contact's name, and what tells it from another of the same name."""
    details = [value.text for value in (*card.emails, *card.phones)][:1] if with_details else []
    return clipped(" ".join((card.name, *(f"({text})" for text in details))))
