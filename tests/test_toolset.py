"""Tool sets are loaded from modules and files, and what goes wrong there is told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from planc.diagnostics import PlanError
from planc.toolset import from_schemas, load

GREET = """
from planc.tools import tool
print("a module may print")
@tool(effect="pure")
def greet(name: str) -> str: ...
again = greet
"""
SEARCH = {"name": "search", "parameters": {"properties": {"query": {"type": "string"}}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "greetings.py").write_text(GREET)
    return tmp_path


def code(*specs: object) -> str:
    with pytest.raises(PlanError) as caught:
        load(map(str, specs))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.hint or diagnostic.code.name.startswith("E104")
    return str(caught.value)


def test_a_python_file_gives_its_marked_functions_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = list(sys.path)
    assert list(load(["greetings.py"])) == ["greet"]
    assert sys.path == [*path, str(folder.resolve())]  # for what is imported by a call
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "a module may print\n")


def test_a_module_is_found_in_the_working_folder(folder: Path) -> None:
    (folder / "module_for_this_test.py").write_text(GREET)
    assert list(load(["module_for_this_test"])) == ["greet"]


def test_a_file_may_import_its_neighbours(folder: Path) -> None:
    below = folder / "below"
    below.mkdir()
    (below / "neighbour_of_this_test.py").write_text("WORD = 'hello'\n")
    (below / "tools.py").write_text("import neighbour_of_this_test\n" + GREET)
    assert list(load([str(below / "tools.py")])) == ["greet"]


@pytest.mark.parametrize(
    "content", [SEARCH, [SEARCH], {"tools": [SEARCH]}, {"functions": [SEARCH]}], ids=str
)
def test_a_json_file_gives_its_functions(folder: Path, content: object) -> None:
    (folder / "tools.json").write_text(json.dumps(content))
    assert list(load(["tools.json"])) == ["search"]


def test_a_json_file_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    (folder / "tools.json").write_text(json.dumps([SEARCH]), encoding="utf-8-sig")
    assert list(load(["tools.json"])) == ["search"]


def test_several_sets_are_one(folder: Path) -> None:
    (folder / "tools.json").write_text(json.dumps([SEARCH]))
    assert list(load(["tools.json", "greetings.py"])) == ["search", "greet"]
    assert "E205" in code("greetings.py", "greetings.py")


@pytest.mark.parametrize("spec", ["absent", "absent.py", "absent.json", "json.absent", "a b", ""])
def test_a_set_that_is_not_there(folder: Path, spec: str) -> None:
    assert code(spec).startswith("E201" if spec else "E20")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("1 / 0", "failing.py:1: ZeroDivisionError"),
        ("x = = 1", "line 1: SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("\0", ""),
    ],
)
def test_a_module_that_fails_is_told_with_its_line(folder: Path, text: str, reason: str) -> None:
    (folder / "failing.py").write_text(text)
    told = code("failing.py")
    assert told.startswith("E202") and reason in told


def test_a_tool_that_is_none_is_told_as_such(folder: Path) -> None:
    (folder / "wrong.py").write_text("from planc.tools import tool\n@tool()\ndef f(a): ...\n")
    assert code("wrong.py").startswith("E203")


def test_ctrl_c_while_importing_is_passed_on(folder: Path) -> None:
    (folder / "slow.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load(["slow.py"])


@pytest.mark.parametrize("content", ["", "[", "\ufeff", "[" * 100_000, '{"name": 3}', "3", '["a"]'])
def test_a_json_file_without_functions(folder: Path, content: str) -> None:
    (folder / "tools.json").write_text(content)
    assert code("tools.json").startswith("E204")


@pytest.mark.parametrize("content", ["[]", '{"tools": []}'])
def test_an_empty_set(folder: Path, content: str) -> None:
    (folder / "tools.json").write_text(content)
    assert code("tools.json").startswith("E206")
    (folder / "empty.py").write_text("def f(): ...\n")
    assert code("empty.py").startswith("E206")


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "tools.json").mkdir()
    assert code("tools.json").startswith("E104")
    (folder / "binary.json").write_bytes(b"\xff\xfe\x00")
    assert code("binary.json").startswith("E104")


def test_schemas_may_come_without_a_file() -> None:
    assert [tool.name for tool in from_schemas([SEARCH])] == ["search"]
    with pytest.raises(PlanError, match="E204"):
        from_schemas("search")
