"""Python's search for cycles, put off where many objects are built without any: it would look
through them all again and again, for up to half of the time of a long plan."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_SELDOM = 50_000  # objects between two searches of a run; Python's own number is 700
_lock = Lock()
_before: list[tuple[int, int, int]] = []  # the numbers at the beginning of each run under way


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
        _before.append(gc.get_threshold())
        young, *older = _before[0]
        if young:  # else it is off
            gc.set_threshold(max(young, _SELDOM), *older)
    try:
        yield
    finally:
        with _lock:
            first = _before[0]
            _before.pop()
            if not _before:
                gc.set_threshold(*first)
