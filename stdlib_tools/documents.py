"""Documents: what a PDF says, in short."""

from __future__ import annotations

import io
import logging
import re
import struct
import zlib

from pypdf import PdfReader
from pypdf.errors import DependencyError, DeprecationError, PyPdfError

from planc.tools import TextModel, tool
from planc.types import FilePath
from stdlib_tools import writing
from stdlib_tools.errors import ToolError
from stdlib_tools.folders import readable
from stdlib_tools.matching import shown
from stdlib_tools.storage import read_bytes

# pypdf logs what it mends in a damaged file; unless a program asks for that, nobody is told.
logging.getLogger("pypdf").addHandler(logging.NullHandler())

_MAX_BYTES = 50_000_000

# What reading a damaged PDF has been seen to raise besides pypdf's own errors.
_BROKEN = (
    PyPdfError,
    DeprecationError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@tool(effect="read", resource="files", timeout=600, cost=15)
def summarize_pdf(pdf_path: FilePath, *, model: TextModel) -> str:
    """Summarize the text of a PDF file."""
    path = readable(pdf_path)
    data = read_bytes(path, _MAX_BYTES)
    if b"%PDF-" not in data[:1024]:
        raise ToolError(f"{shown(path.name)} is not a PDF")
    try:
        text, read, pages = _text(data)
    except DependencyError as error:
        raise ToolError(f"{shown(path.name)} is encrypted in a way that cannot be read") from error
    except _BROKEN as error:
        raise ToolError(f"{shown(path.name)} is a damaged PDF") from error
    if text is None:
        raise ToolError(f"{shown(path.name)} is protected by a password")
    if not text:
        raise ToolError(f"{shown(path.name)} has no text; it may be a scan")
    summary = writing.summarize(text[: writing.LONGEST], model=model)
    cut = "" if read == pages else f"\n(Of {pages} pages the first {read} were read.)"
    return summary + cut


def _text(data: bytes) -> tuple[str | None, int, int]:
    """The text, None when a password is needed; of how many pages it is, and how many there are. No
    more pages are read than can be summarized."""
    with PdfReader(io.BytesIO(data)) as reader:
        if reader.is_encrypted and not reader.decrypt(""):
            return None, 0, 0
        pages: list[str] = []
        for page in reader.pages:
            pages.append(page.extract_text().strip())
            if sum(map(len, pages)) > writing.LONGEST:
                break
        text = re.sub(r"[^\S\n]+", " ", "\n\n".join(page for page in pages if page))
        return text, len(pages), len(reader.pages)
