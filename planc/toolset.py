"""Loading tool sets: a Python module, a Python file, or a JSON file of function schemas."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType

from planc.diagnostics import (
    BAD_FORM,
    BAD_SCHEMA,
    CANNOT_READ,
    NO_TOOLS,
    TOOLS_FAILED,
    TOOLS_NOT_FOUND,
    Diagnostic,
    PlanError,
)
from planc.tools import Example, Tool, ToolSet, batched_form, from_json

_JSON_FORM = 'it looks like [{"name": "f", "description": "...", "parameters": {...}}]'


def load(specs: Iterable[str]) -> ToolSet:
    """The tools of every spec together, with their examples; a spec is a module's name, or a
    path that ends in `.py` or `.json`. Raises `PlanError` (E104, E201 to E207)."""
    parts = [_load_one(spec) for spec in specs]
    tools = ToolSet(
        [tool for tools, _ in parts for tool in tools],
        [example for _, examples in parts for example in examples],
    )
    for tool in tools.values():
        if tool.batch is not None and tool.batch not in tools:
            message = f"`{tool.name}` is batched by `{tool.batch}`, and there is no such tool"
            raise PlanError(Diagnostic(BAD_FORM, message))
        batched_form(tool, tools)
    return tools


def _load_one(spec: str) -> tuple[list[Tool], list[Example]]:
    if spec.endswith(".json"):
        found, examples = _from_json_file(Path(spec)), list[Example]()
    else:
        module = _import(spec)
        found = _tools_of(module)
        examples = getattr(module, "PLAN_EXAMPLES", [])
        if not isinstance(examples, list | tuple) or not all(map(_is_example, examples)):
            message = f"`PLAN_EXAMPLES` of `{spec}` holds what is no `planc.tools.Example`"
            hint = (
                'it looks like `Example(text="...", now=datetime(2026, 3, 2, 9, 30), plan="...")`'
            )
            raise PlanError(Diagnostic(TOOLS_FAILED, message, hint=hint))
    if not found:
        raise PlanError(
            Diagnostic(
                NO_TOOLS,
                f"`{spec}` holds no tools",
                hint="mark functions with `@tool(...)` from `planc.tools`",
            )
        )
    return found, examples


def _is_example(value: object) -> bool:
    return (
        isinstance(value, Example)
        and isinstance(value.text, str)
        and isinstance(value.now, datetime)
        and isinstance(value.plan, str)
    )


def _tools_of(module: ModuleType) -> list[Tool]:
    marked = (getattr(value, "__planc_tool__", None) for value in vars(module).values())
    return list({id(tool): tool for tool in marked if isinstance(tool, Tool)}.values())


def _import(spec: str) -> ModuleType:
    """Imports a module or a file. What it prints goes to standard error, since standard output
    belongs to the command's result."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            if spec.endswith(".py"):
                return _import_file(Path(spec))
            with _importing_from(""):
                return importlib.import_module(spec)
    except PlanError as error:
        place = _place(error)
        told = [replace(one, message=f"{place}{one.message}") for one in error.diagnostics]
        raise PlanError(told) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a tool module is foreign code and may raise anything
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and not spec.endswith(".py") and f"{spec}.".startswith(f"{missing}."):
            raise _not_found(spec) from error
        raise PlanError(
            Diagnostic(
                TOOLS_FAILED,
                f"`{spec}` failed when imported: {_place(error)}{type(error).__name__}: {error}",
                hint=f"`python {spec}` shows the whole traceback"
                if spec.endswith(".py")
                else f"`python -c 'import {spec}'` shows the whole traceback",
            )
        ) from error


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise _not_found(str(path))
    name = f"planc_tools_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _not_found(str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with _importing_from(str(path.resolve().parent)):
        spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _importing_from(folder: str) -> Iterator[None]:
    """Looks into a folder first for what is imported, and then last, since tools import as well
    when they are called."""
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        if folder not in sys.path:
            sys.path.append(folder)


def _place(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: "
    frames = traceback.extract_tb(error.__traceback__)
    own = Path(__file__).parent
    outside = [
        frame
        for frame in frames
        if not frame.filename.startswith("<")
        and "importlib" not in frame.filename
        and Path(frame.filename).parent != own
    ]
    return f"{outside[-1].filename}:{outside[-1].lineno}: " if outside else ""


def _not_found(spec: str) -> PlanError:
    return PlanError(
        Diagnostic(
            TOOLS_NOT_FOUND,
            f"there is no tool set `{spec}`",
            hint="give a module's name, or a path that ends in .py or .json",
        )
    )


def _from_json_file(path: Path) -> list[Tool]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _not_found(str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(Diagnostic(CANNOT_READ, f"`{path}` cannot be read: {error}")) from error
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"`{path}` is not JSON: {error}"
        raise PlanError(Diagnostic(BAD_SCHEMA, message, hint=_JSON_FORM)) from error
    return from_schemas(content)


def described(schemas: object) -> ToolSet:
    """The tool set that function schemas describe (see `from_schemas`), without examples."""
    return ToolSet(from_schemas(schemas))


def from_schemas(content: object) -> list[Tool]:
    """Tools from a list of function schemas, or an object with such a list under `tools` or
    `functions`."""
    if isinstance(content, dict):
        content = content.get("tools", content.get("functions", [content]))
    if not isinstance(content, list):
        message = "a JSON tool set is a list of function schemas"
        raise PlanError(Diagnostic(BAD_SCHEMA, message, hint=_JSON_FORM))
    return [from_json(description) for description in content]
