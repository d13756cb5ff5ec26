"""Python's search for cycles, put off while a compiler's stage builds many objects without any: it
would look through them all again and again, for up to half of the time of a long plan."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """A context, or as `@uncollected()` a decorator, without that search."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
