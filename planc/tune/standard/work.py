"""A request under way: what is said and planned so far, and what is drawn for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from planc.tune.samples import Draw
from planc.tune.standard import frames, words
from planc.tune.standard.script import File, Person, Script, text

# "the file the lease", where an entry of its own kind is said in words
_TWICE = re.compile(r"\b((?:my|the|a) (?:files?|table|summarised)) (?:the|my) ")


@dataclass
class Work:
    """One request under way."""

    draw: Draw
    now: datetime
    script: Script = field(default_factory=Script)
    people: list[Person] = field(default_factory=list)  # those named so far,
    before: list[Person] = field(default_factory=list)  # and those before this clause
    strangers: int = 0  # named so far by an address

    # What is said

    def say(self, name: str, /, **slots: str) -> str:
        """An entry of a list of frames, its slots filled."""
        frame: str = self.draw.one(name, getattr(frames, name))
        return _TWICE.sub(r"\1 ", frame.format_map(slots))

    def word(self, name: str) -> str:
        found: str = self.draw.one(name, getattr(words, name))
        return found

    def maybe(self, share: float) -> bool:
        return self.draw.chance(share)

    # Who

    def person(self, by: str) -> Person:
        """Somebody who is looked up, or with an address of a kind: `phone`, `email`, or none."""
        if by != "name" and self.maybe(0.2):
            self.strangers += 1
            return self.stranger(by)
        if self.people and self.maybe(0.15):
            return self.draw.rng.choice(self.people)
        found = Person(name := self.name(), name=name)
        self.people.append(found)
        return found

    def name(self) -> str:
        first = self.word("FIRST")
        style = self.draw.rng.random()
        if style < 0.66:
            name = first
        elif style < 0.92:
            name = f"{first} {self.word('LAST')}"
        else:
            title = self.word("TITLES")
            name = f"{title} {first if title in ('Aunt', 'Uncle', 'Coach') else self.word('LAST')}"
        return name

    def stranger(self, by: str) -> Person:
        rng = self.draw.rng
        if by == "phone":
            code = rng.choice(
                [
                    "+1 212 555",
                    "+44 20 7946",
                    "+1 415 555",
                    "+49 30 5550",
                    "+33 1 5550",
                    "+61 2 5550",
                    "+34 91 555",
                    "+47 22 55",
                    "+91 22 5550",
                ]
            )
            address = f"{code} {rng.randrange(10000):04}"
            if self.maybe(0.4):
                address = address.replace(" ", "")
        else:
            domain = self.word("DOMAINS")
            if self.maybe(0.5):
                box = self.word("MAILBOXES")
            else:
                box = f"{self.word('FIRST')}{rng.choice(['.', '_', ''])}{self.word('LAST')}"
                box = box.lower() if self.maybe(0.9) else box
            address = f"{box}@{domain}".encode("ascii", "ignore").decode()
        if self.maybe(0.4):
            who = self.word("RELATIONS") if self.maybe(0.6) else self.word("FIRST")
            return Person(self.say("AT", who=who, at=address), address=address)
        return Person(address, address=address)

    def group(self, by: str, most: int = 3, without: Sequence[Person] = ()) -> list[Person]:
        """Different people, and none of the others."""
        count = self.draw.rng.choice([1] * 7 + [2] * 3 + [3])
        found: list[Person] = []
        while len(found) < min(count, most):
            one = self.person(by)
            if all(one.known_by != other.known_by for other in (*found, *without)):
                found.append(one)
        return found

    def addressed(self, by: str) -> list[Person]:
        """A group, or the one person named before this clause, said as "him" or "her"."""
        if len(self.before) == 1 and not self.strangers and self.maybe(0.3):
            return [Person(self.pronoun(self.before[0]), name=self.before[0].name)]
        return self.group(by)

    def pronoun(self, person: Person) -> str:
        """What a person is called the second time; only some titles tell which."""
        told = {
            "Mr": "him",
            "Uncle": "him",
            "Mrs": "her",
            "Ms": "her",
            "Miss": "her",
            "Aunt": "her",
        }
        return told.get(person.said.split(" ")[0]) or self.draw.rng.choice(["him", "her"])

    def all(self, people: Sequence[Person | File]) -> str:
        """People or files, joined."""
        said = [one.said for one in people]
        if len(said) == 1:
            return said[0]
        if len(said) == 2:
            return self.say("AND", a=said[0], b=said[1])
        return self.say("AND_MORE", rest=", ".join(said[:-1]), last=said[-1])

    # What

    def file(self, endings: Sequence[str]) -> File:
        stem = self.word("STEMS")
        rng = self.draw.rng
        if self.maybe(0.25):
            year, version = str(rng.randint(2019, 2027)), f"v{rng.randint(1, 9)}"
            stem += f" {rng.choice([year, version, str(rng.randint(1, 40)), 'final', 'draft'])}"
        joint = rng.choice(["_", "_", "-", "", " "]) if " " in stem else "_"
        name = stem.replace(" ", joint)
        if self.maybe(0.15) and joint != " ":
            name = stem.title().replace(" ", joint)
        ending = rng.choice(list(endings))
        name = f"{name}.{ending if self.maybe(0.97) else ending.upper()}"
        return File(name, name)

    def some_file(self, endings: Sequence[str]) -> File:
        """A file that is there, which may also be said in words: "the lease"."""
        if self.maybe(0.7):
            return self.file(endings)
        name = self.word("STEMS")
        return File(name, f"{self.draw.rng.choice(['the', 'the', 'my'])} {name}")

    def files(self) -> list[File]:
        found = [self.some_file(words.OTHER_FILES)]
        if self.maybe(0.2):
            other = self.some_file(words.OTHER_FILES)
            if other != found[0]:
                found.append(other)
        return found

    def note_name(self) -> str:
        name = self.word("NOTES")
        return (
            name
            if self.maybe(0.8)
            else f"{name} {self.draw.rng.choice(['2', '2026', 'old', 'new', 'May', 'draft'])}"
        )

    def folder(self, share: float = 0.25) -> str | None:
        return self.word("FOLDERS") if self.maybe(share) else None

    def folder_to_write(self) -> tuple[str, str | None]:
        """The folder of a note to be written, or none: what is said after the note's name, and its
        expression."""
        if self.maybe(0.06):
            name = self.note_name()
            said = self.say("IN_SAME_FOLDER", note=name)
            return said, f"{self.script.note(name, None)}.folder"
        folder = self.folder()
        return (self.say("IN_FOLDER", folder=folder), text(folder)) if folder else ("", None)

    def fact(self) -> tuple[str, str]:
        """Something to tell: in the words of the request, and as a message."""
        if self.maybe(0.5):
            said = self.word("NEWS")
        else:
            said = f"the {self.word('THINGS')} is {self.word('STATES')}"
        if self.maybe(0.2):
            said += f"{self.say('FURTHER')} {self.word('NEWS' if self.maybe(0.7) else 'THANKS')}"
        return said, sentence(said)

    def question(self) -> tuple[str, str]:
        told, asked = self.draw.one("QUESTIONS", words.QUESTIONS)
        return told, asked

    def place(self) -> str:
        return self.word("PLACES")


class Told(str):
    """A clause that is told and not asked, such as "I have a meeting, put it in the calendar"."""

    __slots__ = ()

    def __add__(self, more: str) -> Told:
        return Told(str(self) + more)


def sentence(said: str) -> str:
    """A clause as a sentence."""
    found = capital(said.strip())
    return found if found[-1] in ".?!" else f"{found}."


def capital(said: str) -> str:
    """A text with its first letter large, but for that of an address, which a plan copies."""
    first, *_ = said.split(maxsplit=1) or [""]
    return said if "@" in first else said[:1].upper() + said[1:]
