"""What a measurement was made with: the date, the versions and the machine."""

from __future__ import annotations

import hashlib
import os
import platform
import re
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import planc

PACKAGES = ("llama-cpp-python", "llguidance", "outlines")


def machine() -> dict[str, Any]:
    """The part of a results file that says where its figures come from."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "python": platform.python_version(),
            **{package: metadata.version(package) for package in PACKAGES},
            "planc": f"{metadata.version('planc')}+{_code()[:12]}",
        },
        "machine": {
            "processor": processor(),
            "cpus": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
        },
    }


def _code() -> str:
    """The SHA-256 of planc's own code, which changes more often than its version."""
    digest = hashlib.sha256()
    for file in sorted(Path(planc.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def processor() -> str:
    """The processor's name, as well as the system tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        told = ""
    match = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return match[1] if match else platform.processor() or platform.machine()
