"""Modules import only from those above them in the table of design.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the text to the user: a module may import from the lines above its own, and a package from
# itself. A new module is put where it belongs, here and in design.md.
ORDER = (
    "uncollected",
    "source",
    "diagnostics",
    "files",
    "types",
    "schema",
    "tools",
    "toolset",
    "syntax",
    "build",
    "explain",
    "lr",
    "parse",
    "format",
    "operators",
    "narrow",
    "wording",
    "check",
    "ir",
    "effects",
    "verify",
    "values",
    "irtext",
    "lower",
    "passes",
    "costs",
    "limits",
    "schedule",
    "compile",
    "run",
    "testing",
    "download",
    "models",
    "adapters",
    "decode",
    "fuzz",
    "report",
    "eval",
    "tune",
    "cli",
    "__main__",
)
ENGINES = {"outlines", "llguidance", "llama_cpp"}  # what only planc.decode may know of
OPEN_TO_TOOLS = {"planc.tools", "planc.types"}


def _imports(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever it does so."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join((*up, *filter(None, [node.module])))
            # `from planc import syntax` names a module, `from planc.source import Span` does not.
            yield from (f"{module}.{a.name}" for a in node.names) if module == "planc" else [module]


def _layer(module: str) -> str | None:
    """The line of the table that a module belongs to; None for one outside planc."""
    root, _, rest = module.partition(".")
    return rest.partition(".")[0] if root == "planc" else None


def _files(package: str) -> list[Path]:
    return sorted((ROOT / package).glob("**/*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("path", _files("planc"), ids=_name)
def test_a_module_imports_only_from_lines_above_its_own(path: Path) -> None:
    own = _layer(_name(path))
    if not own:
        return  # planc/__init__.py
    assert own in ORDER, f"{path} has no line in the table"
    for module in _imports(path):
        layer = _layer(module)
        if layer and layer != own:
            assert layer in ORDER, f"{module} has no line in the table"
            assert ORDER.index(layer) < ORDER.index(own), f"{own} imports {module}"
        root = module.partition(".")[0]
        assert root not in ENGINES or own == "decode", f"{own} imports {root}"
        assert root not in {"stdlib_tools", "tests"}, f"{own} imports {root}"


@pytest.mark.parametrize("path", _files("stdlib_tools"), ids=_name)
def test_the_standard_tools_know_only_what_any_tool_may(path: Path) -> None:
    for module in _imports(path):
        if module.partition(".")[0] == "planc":
            assert module in OPEN_TO_TOOLS, f"{_name(path)} imports {module}"


def test_planc_itself_imports_nothing() -> None:
    assert not list(_imports(ROOT / "planc" / "__init__.py"))
