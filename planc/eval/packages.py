"""The data of benchmarks, in packages that need not be dependencies."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from planc.diagnostics import NO_BENCHMARK, Diagnostic, PlanError


def installed(package: str, file: str) -> Path:
    """A file of an installed package, by the end of its path. Raises `PlanError` (E601)."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        files = []
    for found in files:
        if found.as_posix() == file:
            return Path(str(found.locate()))
    raise PlanError(
        Diagnostic(
            NO_BENCHMARK,
            f"the package {package} with `{file}` is not installed",
            hint=f"`pip install --no-deps {package}` brings it (its dependencies are not needed)",
        )
    )


def version(package: str) -> str:
    """The installed version of a package. Raises `PlanError` (E601)."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        raise PlanError(
            Diagnostic(NO_BENCHMARK, f"the package {package} is not installed")
        ) from None
