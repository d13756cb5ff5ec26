"""Many requests with one load of the model: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from planc import toolset
from planc.decode.planner import Planned, Planner
from planc.diagnostics import BAD_BATCH, Diagnostic, PlanError
from planc.files import checked_request, parse_time
from planc.schema import refusal
from planc.source import Source
from planc.tools import ToolSet


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str | int
    query: str
    now: str | None = None
    tools: str | list[Any] | None = None


def run_batch(
    source: Source,
    planner: Callable[[ToolSet], Planner],
    tools: Callable[[], ToolSet],
    now: datetime,
) -> Iterator[tuple[str | int, Planned | None, tuple[Diagnostic, ...]]]:
    """For each line of a batch: its id, what it was compiled to, and what was wrong with it.

    `tools` and `now` are for lines that name none of their own; a path in `tools` is looked for
    from the current folder and from the batch file's. A line that cannot be compiled has
    diagnostics and does not stop the others. Raises `PlanError` (E301 to E304) for a model that
    cannot be had: no line would do better.
    """
    loaded: dict[str, ToolSet] = {}
    start = 0
    for number, line in enumerate(source.text.split("\n"), 1):
        span = source.span(start, start + len(line))
        start += len(line) + 1
        if not line.strip():
            continue
        name: str | int = f"line {number}"
        try:
            item = _item(line)
            name = item.id
            when = now if item.now is None else parse_time(item.now)
            chosen = _tools(item.tools, source, loaded, tools)
            request = checked_request(Source(item.query, f"<request {name}>"))
        except ValueError as error:
            yield name, None, (Diagnostic(BAD_BATCH, f"line {number}: {error}", span),)
            continue
        except PlanError as error:
            yield name, None, error.diagnostics
            continue
        planning = planner(chosen)
        planning.loaded()
        try:
            planned = planning.plan(request, when, chosen)
        except PlanError as error:
            yield name, None, error.diagnostics
        else:
            yield name, planned, ()


def _item(line: str) -> _Item:
    try:
        item = _Item.model_validate(json.loads(line))
        if isinstance(item.id, str):
            item.id.encode()
        return item
    except UnicodeEncodeError:
        raise ValueError("id: it is not valid text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error.msg}") from None
    except RecursionError:
        raise ValueError("this is nested too deeply") from None
    except ValidationError as error:
        raise ValueError(refusal(error)) from None


def _tools(
    given: str | list[Any] | None,
    source: Source,
    loaded: dict[str, ToolSet],
    default: Callable[[], ToolSet],
) -> ToolSet:
    if given is None:
        return default()
    if isinstance(given, list):
        return toolset.described(given)
    if given not in loaded:
        beside = Path(source.name).parent / given
        here = os.path.exists(given)  # unlike Path's, of any text
        spec = str(beside) if not here and os.path.exists(beside) else given
        loaded[given] = toolset.load([spec])
    return loaded[given]
