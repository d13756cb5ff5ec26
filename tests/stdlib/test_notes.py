from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stdlib_tools.errors import ToolError
from stdlib_tools.notes import append_note_content, create_note, open_note
from stdlib_tools.wording import plain


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    return tmp_path / "notes"


def _files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_note_is_a_markdown_file_under_its_heading(notes: Path) -> None:
    note = create_note("Paella", "bomba rice\nsaffron", folder="Recipes")
    assert note == {"name": "Paella", "folder": "Recipes", "content": "bomba rice\nsaffron"}
    assert _files(notes) == ["Recipes/Paella.md"]
    assert (notes / "Recipes/Paella.md").read_bytes() == b"# Paella\n\nbomba rice\nsaffron\n"


def test_a_note_without_a_folder_goes_to_the_default_one(notes: Path) -> None:
    assert create_note("Ideas", "none yet")["folder"] == "Notes"
    assert _files(notes) == ["Notes/Ideas.md"]


def test_names_are_found_whatever_their_case_and_accents(notes: Path) -> None:
    create_note("Café  Crème", "2 €", folder="Łódź")
    for name in ("café crème", "CAFE CREME", "Cafe\u0301 creme"):
        assert open_note(name)["name"] == "Café Crème"
        assert open_note(name, folder="lodz")["content"] == "2 €"


def test_appending_adds_lines_at_the_end(notes: Path) -> None:
    create_note("List", "")
    assert append_note_content("list", "milk")["content"] == "milk"
    assert append_note_content("List", "eggs\r\nbread\n")["content"] == "milk\neggs\nbread\n"
    assert append_note_content("List", "tea")["content"] == "milk\neggs\nbread\ntea"
    assert open_note("List")["content"] == "milk\neggs\nbread\ntea"
    assert (notes / "Notes/List.md").read_text() == "# List\n\nmilk\neggs\nbread\ntea\n"


def test_two_that_append_at_once_lose_nothing(notes: Path) -> None:
    create_note("List", "")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: append_note_content("List", f"line {i}"), range(40)))
    lines = open_note("List")["content"].split("\n")
    assert sorted(lines) == sorted(f"line {i}" for i in range(40))


def test_without_hard_links_a_note_is_written_once(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    create_note("List", "milk")
    with pytest.raises(ToolError, match="already"):
        create_note("list", "eggs")
    assert open_note("List")["content"] == "milk"
    assert _files(notes) == ["Notes/List.md"]


def test_appending_keeps_the_permissions_of_the_file(notes: Path) -> None:
    create_note("List", "milk")
    (notes / "Notes/List.md").chmod(0o640)
    append_note_content("List", "eggs")
    assert (notes / "Notes/List.md").stat().st_mode & 0o777 == 0o640


def test_an_existing_note_is_never_overwritten(notes: Path) -> None:
    create_note("Café", "first", folder="Places")
    for name, folder in (("Café", "Places"), ("CAFE", "places"), ("cafe\u0301", "PLACES")):
        with pytest.raises(ToolError, match="has a note 'Café' already; append_note_content"):
            create_note(name, "second", folder=folder)
    assert open_note("Café")["content"] == "first"
    assert _files(notes) == ["Places/Café.md"]


def test_a_name_in_two_folders_needs_the_folder(notes: Path) -> None:
    create_note("Budget", "flat", folder="Home")
    create_note("Budget", "team", folder="Work")
    with pytest.raises(ToolError, match="'Budget' in 'Home', 'Budget' in 'Work'; say which folder"):
        open_note("budget")
    with pytest.raises(ToolError, match="more than one note"):
        append_note_content("Budget", "x")
    assert open_note("Budget", folder="work")["content"] == "team"


def test_errors_name_what_is_near(notes: Path) -> None:
    create_note("Camping list", "tent", folder="Travel")
    with pytest.raises(ToolError, match=r"no note is called 'Campin lst'; did you mean 'Camping"):
        open_note("Campin lst")
    with pytest.raises(ToolError, match=r"no notes folder 'Travels'; did you mean 'Travel'\?"):
        open_note("Camping list", folder="Travels")
    with pytest.raises(ToolError, match=r"no note is called 'zzz' in the folder 'travel'$"):
        append_note_content("zzz", "x", folder="travel")


def test_without_any_notes_there_is_an_error_and_no_folder(notes: Path) -> None:
    with pytest.raises(ToolError, match="no note is called 'Anything'"):
        open_note("Anything")
    assert not notes.exists()


_HOSTILE = [
    "../../escape",
    "..",
    ".",
    ".hidden",
    "/etc/passwd",
    'a/b\\c:d*e?f"g<h>i|j',
    "line\nbreak\r\ttab\x00nul\x1b[31m",
    "100% of 50%25 %2F",
    "CON",
    "nul.txt",
    "bacon",
    "# heading",
    "👩‍👩‍👧 family",
    "\u202egnp.exe",
    "x" * 200,
    "ü" * 200,
    "/" * 200,
    "half \ud800 a character",
]


@pytest.mark.parametrize("name", _HOSTILE)
def test_any_name_makes_one_file_inside_the_folder(notes: Path, tmp_path: Path, name: str) -> None:
    created = create_note(name, "text", folder=name[:60])
    assert open_note(name, folder=name[:60]) == created
    assert append_note_content(name, "more")["content"] == "text\nmore"
    (file,) = [path for path in tmp_path.rglob("*.md") if path.is_file()]
    assert file.parent.parent == notes
    assert file.read_text(encoding="utf-8").splitlines()[0] == f"# {created['name']}"
    assert len(os.fsencode(file.name)) <= 255


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(name=st.text(min_size=1, max_size=40), content=st.text(max_size=80))
def test_what_is_written_is_read_back(notes: Path, name: str, content: str) -> None:
    try:
        created = create_note(name, content, folder=f"f{len(list(notes.glob('*')))}")
    except ToolError as error:
        assert "name is empty" in str(error)
        return
    assert open_note(name, folder=created["folder"]) == created
    assert created["content"] == plain(content)


def test_names_that_only_differ_in_forbidden_characters_stay_apart(notes: Path) -> None:
    for name in ("a/b", "a:b", "a%2Fb", "a b"):
        create_note(name, f"this is {name}")
    for name in ("a/b", "a:b", "a%2Fb", "a b"):
        assert open_note(name)["content"] == f"this is {name}"


@pytest.mark.parametrize(
    ("name", "folder", "reason"),
    [
        ("", None, "name is empty"),
        (" \n\t", None, "name is empty"),
        ("x" * 10**6, None, "at most 200"),
        ("x", "", "name is empty"),
        ("x", "y" * 10**6, "at most 60"),
    ],
)
def test_names_that_say_nothing_or_too_much_are_refused(
    notes: Path, name: str, folder: str | None, reason: str
) -> None:
    with pytest.raises(ToolError, match=reason):
        create_note(name, "text", folder=folder)
    assert not notes.exists()


def test_contents_keep_no_control_characters(notes: Path) -> None:
    create_note("Odd", "a\r\nb\rc\x00\x1b[31m\td \ud800")
    assert open_note("Odd")["content"] == "a\nb\nc[31m\td \ufffd"
    assert append_note_content("Odd", "\x07e")["content"].endswith("\ne")


def test_large_contents_are_kept_whole(notes: Path) -> None:
    content = "line\n" * 200_000
    create_note("Large", content)
    assert open_note("Large")["content"] == content


def test_notes_written_by_hand_are_understood(notes: Path) -> None:
    (notes / "Garden").mkdir(parents=True)
    (notes / "Garden/plain.md").write_text("no heading\nat all\n")
    (notes / "Garden/beds.md").write_bytes(b"\xef\xbb\xbf# Raised beds\r\nbeans\r\npeas\r\n")
    assert open_note("plain")["content"] == "no heading\nat all"
    for name in ("beds", "raised beds"):
        assert open_note(name) == {
            "name": "Raised beds",
            "folder": "Garden",
            "content": "beans\npeas",
        }
    assert append_note_content("plain", "more")["content"] == "no heading\nat all\nmore"
    assert (notes / "Garden/plain.md").read_text() == "no heading\nat all\nmore\n"


def test_links_that_lead_out_are_not_followed(notes: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret\n\npassword\n")
    (notes / "Real").mkdir(parents=True)
    (notes / "Linked").symlink_to(outside)
    (notes / "Real/secret.md").symlink_to(outside / "secret.md")
    with pytest.raises(ToolError, match="no note is called 'secret'"):
        open_note("secret")
    with pytest.raises(ToolError, match="is a link to somewhere else"):
        create_note("New", "text", folder="Linked")
    with pytest.raises(ToolError, match="'secret' already"):
        create_note("secret", "text", folder="Real")
    assert (outside / "secret.md").read_text() == "# Secret\n\npassword\n"
    assert _files(outside) == ["secret.md"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_what_is_no_text_file_is_no_note(notes: Path) -> None:
    (notes / "Odd").mkdir(parents=True)
    os.mkfifo(notes / "Odd/pipe.md")
    (notes / "Odd/folder.md").mkdir()
    (notes / "Odd/broken.md").write_bytes(b"# Broken\n\xff\xfe\xfa")
    for name in ("pipe", "folder"):
        with pytest.raises(ToolError, match="no note is called"):
            open_note(name)
    with pytest.raises(ToolError, match=r"'broken.md' is not text in UTF-8: byte 9 does not fit"):
        open_note("broken")


def test_a_folder_that_is_a_file_gives_an_error(notes: Path) -> None:
    notes.mkdir()
    (notes / "Taken").write_text("a file")
    with pytest.raises(ToolError, match="cannot be written"):
        create_note("New", "text", folder="Taken")
    assert _files(notes) == ["Taken"]
