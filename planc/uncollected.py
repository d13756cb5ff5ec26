"""Python's search for cycles, put off where many objects are built without any: it would look
through them all again and again, for up to half of the time of a long plan."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_SELDOM = 50_000  # objects between two searches of a run; Python's own number is 700
_lock = Lock()
_before: list[int] = []  # the number without runs, once for each that is under way


@contextmanager
def uncollected() -> Iterator[None]:
    """A context, or as `@uncollected()` a decorator, without that search: for a stage of the
    compiler."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """A context with fewer of these searches: for a run, whose tools may leave cycles behind. Runs
    may overlap, and the last to end puts back what was before the first."""
    with _lock:
        young, *older = gc.get_threshold()
        _before.append(_before[0] if _before else young)
        if young:  # else it is off
            gc.set_threshold(max(young, _SELDOM), *older)
    try:
        yield
    finally:
        with _lock:
            before = _before.pop()
            if not _before:
                gc.set_threshold(before, *gc.get_threshold()[1:])
