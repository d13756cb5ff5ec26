from __future__ import annotations

import csv
import os
import select
import stat
from pathlib import Path

import pytest

from stdlib_tools import desktop
from stdlib_tools.errors import ToolError
from stdlib_tools.files import (
    open_and_get_file_path,
    read_csv_file,
    read_text_file,
    write_text_file,
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with files in two folders, an output folder, and something outside of them."""
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text(
        '[files]\nfolders = ["docs", "more"]\noutput = "out"\nopen = false\n'
    )
    for name in (
        "docs/lease_agreement_2026.docx",
        "docs/Reports/Q3 report.pdf",
        "docs/Reports/Résumé.odt",
        "docs/Reports/old/budget.csv",
        "more/budget.csv",
        "more/photo.jpeg",
        "more/.hidden/lost.txt",
        "outside/secret.txt",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"this is {name}\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("photo.jpeg", "more/photo.jpeg"),
        ("PHOTO.JPEG", "more/photo.jpeg"),
        ("photo", "more/photo.jpeg"),
        ("photo.jpeg\n\0", "more/photo.jpeg"),
        ("resume.odt", "docs/Reports/Résumé.odt"),
        ("re\u0301sume\u0301", "docs/Reports/Résumé.odt"),
        ("Q3  Report", "docs/Reports/Q3 report.pdf"),
        ("lease agreement", "docs/lease_agreement_2026.docx"),
        ("agreement lease 2026.docx", "docs/lease_agreement_2026.docx"),
        ("Reports/q3 report.pdf", "docs/Reports/Q3 report.pdf"),
        ("old\\budget.csv", "docs/Reports/old/budget.csv"),
        ("more/budget", "more/budget.csv"),
        ("docs/../more/photo.jpeg", None),
        ("lease 2026", "docs/lease_agreement_2026.docx"),
        ("leas 2026", "docs/lease_agreement_2026.docx"),
        ("lease 202", None),
        ("lea agreement", None),
        ("lease agreement.docx", None),  # not of 2026
        ("../more/photo.jpeg", "more/photo.jpeg"),
    ],
)
def test_the_best_match_is_found(home: Path, asked: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(ToolError):
            open_and_get_file_path(asked)
    else:
        assert open_and_get_file_path(asked) == str(home / found)


def test_an_absolute_path_inside_the_folders_is_taken(home: Path) -> None:
    path = str(home / "docs/Reports/Q3 report.pdf")
    assert open_and_get_file_path(path) == path


def test_several_candidates_are_an_error_that_lists_them(home: Path) -> None:
    with pytest.raises(ToolError) as caught:
        open_and_get_file_path("budget.csv")
    assert "2 files could be 'budget.csv'" in str(caught.value)
    assert f"'budget.csv' in {home / 'more'}" in str(caught.value)
    assert f"'budget.csv' in {home / 'docs/Reports/old'}" in str(caught.value)


def test_a_link_and_its_file_are_one_candidate(home: Path) -> None:
    (home / "more/again").symlink_to(home / "docs/Reports")
    (home / "more/photo.jpg.jpeg").symlink_to(home / "more/photo.jpeg")
    (home / "more/loop").symlink_to(home / "more/loop")
    assert open_and_get_file_path("photo") == str(home / "more/photo.jpeg")


def test_no_candidate_is_an_error_with_near_names(home: Path) -> None:
    with pytest.raises(ToolError, match=r"no file is called 'fhoto.jpg'; did you mean 'photo"):
        open_and_get_file_path("fhoto.jpg")


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "..",
        "/",
        "/etc/passwd",
        "../outside/secret.txt",
        "~nobody-is-called-this/x",
        "secret.txt",
        "lost.txt",
        ".hidden/lost.txt",
        "../\0",
        "../" * 300_000 + "etc/passwd",
        "a" * 10**6,
        "../" + "a" * 10**4,
        "half \ud800",
        "../\ud800",
        "*",
        "docs",
    ],
)
def test_nothing_outside_the_folders_is_found(home: Path, asked: str) -> None:
    with pytest.raises(ToolError) as caught:
        open_and_get_file_path(asked)
    assert len(str(caught.value)) < 500


def test_links_that_lead_out_are_not_followed(home: Path) -> None:
    (home / "more/sly.txt").symlink_to(home / "outside/secret.txt")
    (home / "more/slyfolder").symlink_to(home / "outside")
    for asked in ("sly", "sly.txt", str(home / "more/sly.txt"), "slyfolder/secret.txt"):
        with pytest.raises(ToolError):
            open_and_get_file_path(asked)
    for path in ("more/sly.txt", "more/slyfolder/secret.txt", "outside/secret.txt"):
        with pytest.raises(ToolError, match="outside the folders that may be read"):
            read_text_file(str(home / path))


@pytest.mark.skipif(os.name != "posix", reason="file names of bytes are a matter of POSIX")
def test_names_that_no_plan_can_hold_are_passed_over(home: Path) -> None:
    (home / "more/strange\nname.txt").write_text("x")
    Path(os.fsdecode(os.fsencode(home / "more/strange") + b"\xff.txt")).write_text("x")
    with pytest.raises(ToolError, match="no file is called 'strange'"):
        open_and_get_file_path("strange")


def _fake_program(folder: Path, name: str, tells: Path) -> Path:
    program = folder / name
    program.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{tells}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def _told(pipe: int) -> str:
    ready, _, _ = select.select([pipe], [], [], 20)
    return os.read(pipe, 4096).decode() if ready else "nothing"


@pytest.mark.skipif(os.name != "posix", reason="the fake programs are shell scripts")
def test_the_desktop_opens_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "settings.toml").write_text('[files]\nfolders = ["docs", "more"]\n')
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(desktop, "_OPENER", "xdg-open")
    monkeypatch.setenv("PATH", str(home), prepend=os.pathsep)
    os.mkfifo(home / "told")
    _fake_program(home, "xdg-open", home / "told")
    pipe = os.open(home / "told", os.O_RDONLY | os.O_NONBLOCK)
    try:
        path = open_and_get_file_path("lease agreement")
        assert _told(pipe) == path
    finally:
        os.close(pipe)


@pytest.mark.skipif(os.name != "posix", reason="the fake programs are shell scripts")
def test_what_a_desktop_would_run_is_not_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(desktop.shutil, "which", lambda name: name)
    monkeypatch.setattr(desktop, "_start", lambda command: started.append(command[1]))
    for name, mode in [("a.pdf", 0o644), ("a.Desktop", 0o644), ("b.pdf", 0o755), ("c.bat", 0o644)]:
        (home / name).write_text("")
        (home / name).chmod(mode)
        desktop.show_file(home / name)
    assert started == [str(home / "a.pdf")]


def test_an_opener_that_fails_or_is_missing_changes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "settings.toml").write_text('[files]\nfolders = ["docs", "more"]\n')
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setenv("PATH", str(home))
    assert open_and_get_file_path("photo") == str(home / "more/photo.jpeg")
    (home / desktop._OPENER).write_text("not a program")
    (home / desktop._OPENER).chmod(0o755)
    assert open_and_get_file_path("photo") == str(home / "more/photo.jpeg")
    monkeypatch.setattr(desktop.sys, "executable", str(home / "no-python"))
    assert open_and_get_file_path("photo") == str(home / "more/photo.jpeg")


def test_texts_are_read(home: Path) -> None:
    (home / "docs/utf16.txt").write_bytes("žluťoučký\r\nkůň".encode("utf-16"))
    (home / "docs/bom.txt").write_bytes(b"\xef\xbb\xbfhi")
    assert read_text_file(str(home / "docs/utf16.txt")) == "žluťoučký\r\nkůň"
    assert read_text_file("bom.txt") == "hi"
    assert read_text_file("Reports/old/budget.csv") == "this is docs/Reports/old/budget.csv\n"


def test_what_is_no_text_is_refused(home: Path) -> None:
    (home / "docs/latin1.txt").write_bytes("Grüße".encode("latin-1"))
    (home / "docs/binary.txt").write_bytes(b"GIF89a\0\0")
    (home / "docs/utf16.txt").write_bytes(b"\xff\xfea")
    with (home / "docs/huge.txt").open("wb") as file:
        file.truncate(6_000_000)
    for path, reason in {
        "latin1.txt": "'latin1.txt' is not text in UTF-8: byte 2 does not fit",
        "utf16.txt": "not text in UTF-16",
        "binary.txt": "not a text file",
        "huge.txt": "larger than 5,000,000 bytes",
        "missing.txt": "there is no file 'missing.txt'",
        "Reports": "there is no file",
        "a" * 1_000: "there is no file",
        "a" * 10**6: "is no path of a file",
        "a\0b": "is no path of a file",
        "\ud800": "is no path of a file",
        "~nobody-is-called-this/x": "home folder",
    }.items():
        with pytest.raises(ToolError, match=reason):
            read_text_file(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_tables_written_by_others_are_read(home: Path, delimiter: str, line_end: str) -> None:
    rows = [
        {"name": "Nia, Osei", "note": 'say "hi"; or | not\t', "amount": "1,50"},
        {"name": "Łukasz", "note": "two\nlines", "amount": ""},
    ]
    with (home / "docs/table.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(
            file,
            ["name", "note", "amount"],
            delimiter=delimiter,
            lineterminator=line_end,
            quoting=csv.QUOTE_ALL if line_end == "\r" else csv.QUOTE_MINIMAL,
        )
        writer.writeheader()
        writer.writerows(rows)
    assert read_csv_file(str(home / "docs/table.csv")) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n\n1,2\n,\n3\n4,5,\n", [("1", "2"), ("3", ""), ("4", "5")]),
        ("a,b", []),
        ("\n \na, b\n1, 2\n", [("1", "2")]),
    ],
)
def test_ragged_tables_are_read(home: Path, text: str, rows: list[tuple[str, str]]) -> None:
    (home / "docs/table.csv").write_text(text)
    assert read_csv_file("table.csv") == [{"a": a, "b": b} for a, b in rows]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("sep=;\r\nname;price\r\nA;1\r\n", {"name": "A", "price": "1"}),
        ("Name, first;Price, net\nx;1\n", {"Name, first": "x", "Price, net": "1"}),
    ],
)
def test_what_separates_the_cells_is_told_by_more_than_the_first_line(
    home: Path, text: str, row: dict[str, str]
) -> None:
    (home / "docs" / "t.csv").write_text(text)
    assert read_csv_file("t.csv") == [row]


def test_columns_without_a_name_get_one(home: Path) -> None:
    (home / "docs/table.csv").write_text(",x\n0,7\n")
    assert read_csv_file("table.csv") == [{"column 1": "0", "x": "7"}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("a,a\n1,2\n", "two columns that are named 'a'"),
        ("a,b\n1,2\n1,2,3\n", "line 3: 3 cells, but there are 2 columns"),
        ('a,b\n1,"2\n', "line 2: unexpected end of data"),
        ('a,b\n1,"2"3\n', "line 2"),
        ("a\n" + "x" * 200_000, "field larger than field limit"),
    ],
)
def test_broken_tables_are_refused(home: Path, text: str, reason: str) -> None:
    (home / "docs/table.csv").write_text(text)
    with pytest.raises(ToolError, match=reason):
        read_csv_file("table.csv")


def test_a_new_file_is_written_below_the_output_folder(home: Path) -> None:
    path = write_text_file("minutes/2026/Grüße.txt", "Zeile\r\n1\n")
    assert path == str(home / "out/minutes/2026/Grüße.txt")
    assert Path(path).read_bytes() == b"Zeile\r\n1\n"
    assert read_text_file(path) == "Zeile\r\n1\n"
    assert open_and_get_file_path("grusse") == path
    assert [p.name for p in (home / "out").rglob("*") if p.is_file()] == ["Grüße.txt"]


def test_an_existing_file_is_never_overwritten(home: Path) -> None:
    path = write_text_file("a.txt", "first")
    with pytest.raises(ToolError, match=r"there is a file 'a.txt' already"):
        write_text_file("a.txt", "second")
    assert Path(path).read_text() == "first"
    assert os.listdir(home / "out") == ["a.txt"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "/",
        "a/",
        "../a.txt",
        "a/../../b.txt",
        "/etc/cron.d/x",
        "link/x.txt",
        "linked.txt",
        "a\nb",
        "a\0b",
        "\ud800",
        "n" * 300,
        "n" * 10**6,
        "file/below",
        "~/notes.txt",
        "~nobody/notes.txt",
    ],
)
def test_names_outside_the_output_folder_are_refused(home: Path, name: str) -> None:
    (home / "out").mkdir()
    (home / "out/file").write_text("in the way")
    (home / "out/link").symlink_to(home / "outside")
    (home / "out/linked.txt").symlink_to(home / "outside/new.txt")
    before = sorted(home.rglob("*"))
    with pytest.raises(ToolError):
        write_text_file(name, "text")
    assert sorted(home.rglob("*")) == before


def test_a_text_that_cannot_be_encoded_leaves_nothing_behind(home: Path) -> None:
    with pytest.raises(ToolError, match="character 3 of the text is half a character"):
        write_text_file("a.txt", "abc\udc00")
    with pytest.raises(ToolError, match="cannot hold the character NUL"):
        write_text_file("a.txt", "abc\0")
    assert not (home / "out").exists()
