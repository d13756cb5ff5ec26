"""A few small tools, for tests of the prompt, the constraint and the model."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from planc.tools import ToolSet, from_function
from planc.types import DateTime, EmailAddress, FilePath


class Note(TypedDict):
    name: str
    content: str


def get_address(name: str) -> EmailAddress: ...  # type: ignore[empty-body]
def open_note(name: str, folder: str | None = None) -> Note: ...  # type: ignore[empty-body]
def send(
    to: list[EmailAddress], body: str, copies: int = 1, by: Literal["car", "foot"] | None = None
) -> None: ...
def remind(at: DateTime, important: bool = False, weight: float = 1.0) -> None: ...
def read(path: FilePath) -> list[str]: ...  # type: ignore[empty-body]


TOOLS = ToolSet(
    [
        from_function(get_address, effect="read", lookup=True),
        from_function(open_note, effect="read"),
        from_function(send),
        from_function(remind),
        from_function(read, effect="read"),
    ]
)

BUSES = {
    "name": "Buses.find",
    "parameters": {
        "type": "dict",
        "properties": {
            "from": {"type": "string"},
            "stops": {
                "type": "array",
                "items": {
                    "type": "dict",
                    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
                    "required": ["id"],
                },
            },
            "place": {"type": "tuple", "items": {"type": "float"}},
            "kind": {"type": "string", "enum": ["slow", "fast"]},
            "extra": {"type": "any"},
            "tags": {"type": "dict", "additionalProperties": {"type": "string"}},
        },
        "required": ["from"],
    },
}
"""A tool as BFCL describes it."""
