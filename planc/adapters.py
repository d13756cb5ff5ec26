"""Adapters: what a model has been taught about a tool set, or about planning over any tools, in one
GGUF file each.

The file's metadata says what it goes with: the SHA-256 of the model's file, the tool set (the
digest of its signatures, and its tools' names), and how it was made. Those in the user's cache
folder, and those that come with planc for the standard tools, are found by themselves.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from planc.diagnostics import BROKEN_ADAPTER, Diagnostic, PlanError
from planc.models import Model, cache_folder, default, path_of, registry
from planc.tools import Tool

SHIPPED = Path(__file__).parent.parent / "stdlib_tools" / "adapters"
"""The folder of those that come with planc; `models.toml` names them, with their checksums."""

MODEL, TOOLS, NAMES, MADE = "planc.model", "planc.tools", "planc.tool_names", "planc.made"
"""The keys of the metadata: the model's SHA-256, the digest of the tools and their names
(`listed`), or `ANY` for both, and how the adapter was made."""

ANY = "any"

_PROMPT = "prompt 2\n"  # of `planc.decode.prompt.taught`: another number where its form changes


@dataclass(frozen=True)
class Adapter:
    """An adapter's file, in the state that `state` names, and what it goes with."""

    path: Path
    state: str
    model: str
    tools: str
    names: str
    made: str

    @property
    def general(self) -> bool:
        """Whether it is for any tools, which then are shown."""
        return self.tools == ANY

    @property
    def name(self) -> str:
        return self.path.stem


def digest(tools: Mapping[str, Tool]) -> str:
    """What a tool set is known by to those who were taught it: the SHA-256 of its tools'
    signatures and effects, in the order of their names, of the records in these, and of the form
    of the prompt."""
    lines = []
    for name in sorted(tools):
        lines.append(f"{tools[name].effect} {tools[name].signature()}\n")
        lines += (f"  {record} = {shape}\n" for record, shape in tools[name].records())
    return hashlib.sha256("".join([_PROMPT, *lines]).encode()).hexdigest()


def listed(tools: Iterable[str]) -> str:
    """The names of tools in their order, with spaces between."""
    return " ".join(sorted(tools))


def read(path: Path) -> Adapter:
    """The adapter in a file. Raises `PlanError` (E307) for a file that is none."""
    try:
        stat = path.stat()
        return _read(path, stat.st_size, stat.st_mtime_ns)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PlanError(
            Diagnostic(
                BROKEN_ADAPTER,
                f"`{path}` is no adapter: {reason}",
                hint="`planc tune` makes one",
            )
        ) from error


@lru_cache(maxsize=32)
def _read(path: Path, size: int, changed: int) -> Adapter:
    """`size` and `changed` tell one state of the file from another."""
    with path.open("rb") as file:
        found = _texts(file, size)
    missing = {MODEL, TOOLS, NAMES, MADE} - found.keys()
    if missing:
        raise ValueError(f"it has no `{min(missing)}` in its metadata")
    state = f"{path.resolve()} {size} {changed}"
    return Adapter(path, state, found[MODEL], found[TOOLS], found[NAMES], found[MADE])


_STRING = 8
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # of numbers


def _texts(file: BinaryIO, size: int) -> dict[str, str]:
    """The texts in the metadata of a GGUF file (the format's specification, version 3), of an
    adapter, which has numbers besides. Raises `ValueError` for a file that is none or damaged:
    whatever it says, no more is read than it has."""

    def taken(count: int) -> bytes:
        found = file.read(count) if count <= size else b""
        if len(found) < count:
            raise ValueError("it is cut off or damaged")
        return found

    def number(layout: str) -> int:
        found: int = struct.unpack(layout, taken(struct.calcsize(layout)))[0]
        return found

    def text() -> str:
        return taken(number("<Q")).decode()

    if file.read(4) != b"GGUF" or number("<I") not in (2, 3):
        raise ValueError("it is no GGUF file")
    number("<Q")  # of its tensors
    found = {}
    for _ in range(number("<Q")):
        key, kind = text(), number("<I")
        if kind == _STRING:
            found[key] = text()
        elif kind in _WIDTHS:
            taken(_WIDTHS[kind])
        else:
            raise ValueError(f"its `{key:.40}` is neither a text nor a number")
    return found


def known(unread: Callable[[PlanError], None] = lambda error: None) -> list[Adapter]:
    """The adapters in the cache folder, and then those that come with planc; `unread` is told of
    files that are none."""
    own = sorted((cache_folder() / "adapters").glob("*.gguf"))
    shipped = [SHIPPED / file for model in registry().values() for file in model.adapters]
    found = []
    for path in (*own, *shipped):
        try:
            found.append(read(path))
        except PlanError as error:
            unread(error)
    return found


def model_for(tools: Mapping[str, Tool]) -> Model:
    """The model that plans over tools unless another is asked for: one that has an adapter for
    these very tools, or else the default one."""
    wanted = digest(tools)
    return default({adapter.model for adapter in known() if adapter.tools == wanted})


def may_fit(adapters: Iterable[Adapter], model: Model, tools: Mapping[str, Tool]) -> bool:
    """Whether it takes a model's SHA-256 to tell if one of some adapters is for it and a tool set:
    not where the size of its file tells already."""
    sizes = {one.sha256: one.bytes for one in registry().values()}
    size = model.bytes
    if size is None and path_of(model).is_file():
        size = path_of(model).stat().st_size
    wanted = digest(tools)
    return any(
        (one.general or one.tools == wanted) and sizes.get(one.model, size) == size
        for one in adapters
    )


def fitting(
    adapters: Iterable[Adapter], model: str | None, tools: Mapping[str, Tool]
) -> tuple[Adapter | None, Adapter | None]:
    """The adapter for a model, known by its SHA-256, and a tool set, or else one for any tools; and
    one, for whichever model, that was made for tools of these names and fits no more, if none
    does."""
    known = list(adapters)
    mine = [adapter for adapter in known if adapter.model == model]
    wanted = digest(tools)
    fit = next((adapter for adapter in mine if adapter.tools == wanted), None)
    if fit is not None:
        return fit, None
    general = next((adapter for adapter in mine if adapter.general), None)
    if any(adapter.tools == wanted for adapter in known):
        return general, None
    names = listed(tools)
    return general, next((a for a in known if not a.general and a.names == names), None)
