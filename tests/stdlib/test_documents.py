from __future__ import annotations

import io
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from stdlib_tools.documents import summarize_pdf
from stdlib_tools.errors import ToolError


@dataclass
class FirstWordsModel:
    asked: list[str] = field(default_factory=list)

    def complete(self, instruction: str, text: str, max_tokens: int = 256) -> str:
        self.asked.append(text)
        return " ".join(text.split()[:8])


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def _pdf(*pages: str) -> bytes:
    """A PDF of pages with lines of text, written out by hand."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids "
        f"[{' '.join(f'{4 + 2 * n} 0 R' for n in range(len(pages)))}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        lines = "".join(f"({line}) Tj T*\n" for line in page.splitlines())
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td\n{lines}ET".encode("cp1252")
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        bodies.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return (
        data
        + (
            f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
            f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
        ).encode()
    )


def _encrypted(data: bytes, path: Path, password: str) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(data)))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(path)
    writer.close()


def test_of_a_long_document_the_first_pages_are_summarized(files: Path) -> None:
    page = "\n".join(["a line of some length that is said again"] * 50)
    (files / "long.pdf").write_bytes(_pdf(*[page] * 130))
    told = summarize_pdf("long.pdf", model=FirstWordsModel())
    cut = re.search(r"\(Of 130 pages the first (\d+) were read\.\)$", told)
    assert cut and 110 < int(cut[1]) < 130
    (files / "short.pdf").write_bytes(_pdf(page))
    assert "pages" not in summarize_pdf("short.pdf", model=FirstWordsModel())


def test_the_text_of_all_pages_is_summarized(files: Path) -> None:
    (files / "tea.pdf").write_bytes(
        _pdf("Green   tea\nis steeped", "at 80 degrees, for you & Zoë.")
    )
    model = FirstWordsModel()
    assert summarize_pdf(str(files / "tea.pdf"), model=model).startswith("Green tea is steeped")
    assert model.asked == ["Green tea\nis steeped\n\nat 80 degrees, for you & Zoë."]


def test_a_long_document_is_summarized_in_pieces(files: Path) -> None:
    page = "\n".join(f"Line {n} of this page tells something." for n in range(40))
    (files / "long.pdf").write_bytes(_pdf(*[page] * 12))
    model = FirstWordsModel()
    summarize_pdf("long.pdf", model=model)
    assert len(model.asked) > 3
    assert sum(asked.count("Line 39 of") for asked in model.asked) == 12


def test_a_document_locked_without_a_password_is_read(files: Path) -> None:
    _encrypted(_pdf("Open to all"), files / "open.pdf", "")
    assert summarize_pdf("open.pdf", model=FirstWordsModel()) == "Open to all"


def test_a_password_is_asked_for_in_vain(files: Path) -> None:
    _encrypted(_pdf("For few"), files / "locked.pdf", "sesame")
    with pytest.raises(ToolError, match=r"'locked.pdf' is protected by a password"):
        summarize_pdf("locked.pdf", model=FirstWordsModel())


def test_what_has_no_text_is_said_to_be_a_scan(files: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(files / "scan.pdf")
    writer.close()
    (files / "none.pdf").write_bytes(_pdf())
    for name in ("scan.pdf", "none.pdf"):
        with pytest.raises(ToolError, match="has no text; it may be a scan"):
            summarize_pdf(name, model=FirstWordsModel())


def test_only_pdfs_inside_the_folders_are_read(files: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.pdf").write_bytes(_pdf("secret"))
    (files / "sly.pdf").symlink_to(tmp_path / "outside.pdf")
    (files / "text.pdf").write_text("this is text")
    (files / "empty.pdf").write_bytes(b"")
    for path, reason in {
        str(tmp_path / "outside.pdf"): "outside the folders",
        "../outside.pdf": "outside the folders",
        "sly.pdf": "outside the folders",
        "missing.pdf": "there is no file",
        "text.pdf": "'text.pdf' is not a PDF",
        "empty.pdf": "'empty.pdf' is not a PDF",
        "a\0.pdf": "is no path",
    }.items():
        with pytest.raises(ToolError, match=reason):
            summarize_pdf(path, model=FirstWordsModel())


def _cyclic() -> bytes:
    return _pdf("x").replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.4\nstartxref\n99999999\n%%EOF",
        b"%PDF-1.4\n" + b"[" * 100_000,
        _cyclic(),
        _pdf("x").replace(b"/Type /Pages", b"/Type /Nope"),
        _pdf("x")[:200],
    ],
)
def test_damaged_pdfs_are_refused(files: Path, data: bytes) -> None:
    (files / "damaged.pdf").write_bytes(data)
    with pytest.raises(ToolError, match=r"damaged|no text"):
        summarize_pdf("damaged.pdf", model=FirstWordsModel())


@pytest.mark.slow
def test_random_damage_gives_a_summary_or_a_tool_error(files: Path) -> None:
    whole = _pdf("Green tea\nis steeped", "at 80 degrees")
    locked = files / "locked.pdf"
    _encrypted(whole, locked, "")
    chance = random.Random(7)
    for original in (whole, locked.read_bytes()):
        for _ in range(120):
            data = bytearray(original)
            for _ in range(chance.randint(1, 12)):
                at = chance.randrange(8, len(data))
                data[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
            (files / "damaged.pdf").write_bytes(data)
            try:
                assert summarize_pdf("damaged.pdf", model=FirstWordsModel())
            except ToolError as error:
                assert "damaged.pdf" in str(error)
