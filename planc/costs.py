"""How long calls take: as their tools declare, and as earlier runs on this machine measured.

What was measured is kept by tool and by the size of the arguments, in classes of which each is
four times as large as the one before, as an average that forgets old runs. A tool with another
signature is another tool.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planc import files
from planc.diagnostics import CANNOT_WRITE, Diagnostic, PlanError
from planc.tools import Tool

DEFAULT_COST = 0.1  # seconds
DURATIONS = "durations.json"  # in the user's cache folder
_MEMORY = 16  # runs, of which the average is mostly made
_VERSION = 1


@dataclass
class Costs:
    """The durations of calls. `measured` holds, by the signature of a tool and the class of its
    arguments' size, the number of runs and their average in seconds."""

    measured: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def of(self, tool: Tool, arguments: Mapping[str, Any] | None = None) -> float:
        """The seconds that a call is expected to take; for arguments that are not known yet the
        average over all sizes."""
        known = self.measured.get(tool.signature(), {}) if self.measured else {}
        if arguments is not None and (size := _size_class(arguments)) in known:
            return known[size][1]
        if known:
            runs = sum(count for count, _ in known.values())
            return sum(count * mean for count, mean in known.values()) / runs
        return DEFAULT_COST if tool.cost is None else tool.cost

    def add(self, tool: Tool, arguments: Mapping[str, Any], seconds: float) -> None:
        """Takes note of a call that ended well."""
        known = self.measured.setdefault(tool.signature(), {})
        count, mean = known.get(_size_class(arguments), (0, 0.0))
        count = min(count + 1, _MEMORY)
        known[_size_class(arguments)] = [count, mean + (seconds - mean) / count]

    def write(self, path: Path) -> None:
        """Keeps what was measured. Raises `PlanError` (E105)."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"`{path.parent}` cannot be made: {error.strerror or error}"
            raise PlanError(Diagnostic(CANNOT_WRITE, message)) from error
        files.write_text(path, json.dumps({"version": _VERSION, "seconds": self.measured}) + "\n")


DECLARED = Costs()
"""What the tools declare, and nothing else."""


def read(path: Path) -> Costs:
    """What was kept. What is not there, or not of this form, has measured nothing."""
    try:
        found = json.loads(files.read_text(str(path), files.MAX_BATCH).text)
        if found["version"] != _VERSION:
            return Costs()
        return Costs({str(tool): _averages(sizes) for tool, sizes in found["seconds"].items()})
    except (PlanError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return Costs()
    except RecursionError:  # of lists in lists
        return Costs()


def _averages(sizes: Mapping[str, Any]) -> dict[str, list[float]]:
    return {
        str(size): [int(n), float(mean)]
        for size, (n, mean) in sizes.items()
        if int(n) > 0 and math.isfinite(mean) and mean >= 0
    }


def _size_class(arguments: Mapping[str, Any]) -> str:
    return str(len(json.dumps(arguments, default=str)).bit_length() // 2)
