"""Plans over the standard tools, written as a request is: each lookup once, where first needed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from planc.types import literal_text

_FREE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Person:
    """Somebody as a request names them: by a name to be looked up, or with an address."""

    said: str
    name: str | None = None
    address: str | None = None

    @property
    def known_by(self) -> str | None:
        return self.name or self.address

    @property
    def whose(self) -> str:
        return f"{self.said}'" if self.said.endswith("s") else f"{self.said}'s"


@dataclass(frozen=True)
class File:
    """A file, by the name that it is looked for, and how that is said."""

    name: str
    said: str


class Script:
    """The lines of a plan. Its methods give the expressions that stand for what is asked."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[str, str] = {}  # variables by their calls
        self._names: set[str] = set()

    def do(self, tool: str, **arguments: str | None) -> None:
        """A line with a call; the arguments are expressions, those that are None left out."""
        self.lines.append(_call(tool, arguments))

    def get(self, hint: str, tool: str, **arguments: str | None) -> str:
        """The variable of a call, which is made once."""
        call = _call(tool, arguments)
        if call not in self._known:
            self._known[call] = self._fresh(hint)
            self.lines.append(f"{self._known[call]} = {call}")
        return self._known[call]

    def give(self, expression: str) -> None:
        """What the plan returns."""
        self.lines.append(f"return {expression}")

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

    # What the standard tools look up.

    def phone(self, person: Person) -> str:
        if person.address is not None:
            return text(person.address.replace(" ", ""))
        assert person.name is not None
        return self.get(f"{person.name} phone", "get_phone_number", name=text(person.name))

    def email(self, person: Person) -> str:
        if person.address is not None:
            return text(person.address)
        assert person.name is not None
        return self.get(person.name, "get_email_address", name=text(person.name))

    def phones(self, people: list[Person]) -> str:
        return listed([self.phone(person) for person in people])

    def emails(self, people: list[Person]) -> str | None:
        return listed([self.email(person) for person in people]) if people else None

    def path(self, file: File) -> str:
        return self.get("path", "open_and_get_file_path", file_name=text(file.name))

    def paths(self, files: list[File]) -> str | None:
        return listed([self.path(file) for file in files]) if files else None

    def summary(self, file: File) -> str:
        return self.get("summary", "summarize_pdf", pdf_path=self.path(file))

    def page_summary(self, url: str) -> str:
        return self.get("summary", "summarize", text=self.get("page", "http_get", url=text(url)))

    def mail_summary(self) -> str:
        mail = self.get("email", "read_selected_email")
        return self.get("summary", "summarize", text=f"{mail}.body")

    def file_text(self, file: File) -> str:
        return self.get("text", "read_text_file", path=self.path(file))

    def written(self, what: str) -> str:
        return self.get("text", "write_text", instruction=text(f"Write {what}."))

    def note(self, name: str, folder: str | None) -> str:
        return self.get("note", "open_note", name=text(name), folder=optional(folder))

    def _fresh(self, hint: str) -> str:
        """A variable's name that says what it holds."""
        plain = unicodedata.normalize("NFKD", hint).encode("ascii", "ignore").decode().lower()
        words = [word for word in _FREE.split(plain) if word and not word[0].isdigit()] or ["x"]
        if words[0] in _TITLES and len(words) > 1:
            words = words[1:]
        name = "_".join(
            [words[0], *words[-1:]] if words[-1] == "phone" and len(words) > 1 else words[:1]
        )
        found, number = name, 1
        while found in self._names:
            number += 1
            found = f"{name}{number}"
        self._names.add(found)
        return found


_TITLES = {
    "dr",
    "professor",
    "prof",
    "mr",
    "mrs",
    "ms",
    "miss",
    "coach",
    "aunt",
    "uncle",
    "captain",
}


def _call(tool: str, arguments: dict[str, str | None]) -> str:
    given = ", ".join(f"{name}={value}" for name, value in arguments.items() if value is not None)
    return f"{tool}({given})"


def text(value: str) -> str:
    """A text as a plan writes it."""
    return literal_text(value)


def optional(value: str | None) -> str | None:
    return None if value is None else text(value)


def listed(expressions: list[str]) -> str:
    return f"[{', '.join(expressions)}]"
