"""The program from outside: what it prints where, and the status it ends with."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from planc.cli.plans import _request

ROOT = Path(__file__).parent.parent
PLAN = """\
sid = get_email_address(name="Sid")
compose_new_email(recipients=[sid], subject="Hello", body=f"To {sid}")
return sid
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample data, in a folder of its own."""
    folder = tmp_path / "home"
    shutil.copytree(ROOT / "examples" / "home", folder)
    monkeypatch.setenv("PLANC_HOME", str(folder))
    monkeypatch.delenv("PLANC_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return folder


Run = subprocess.CompletedProcess[str]


def planc(*arguments: str, given: bytes | None = None) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "planc", *arguments],
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def outbox(home: Path) -> list[Path]:
    return [path for path in (home / "mail" / "Outbox").rglob("*") if path.is_file()]


@pytest.fixture
def plan(home: Path) -> str:
    Path("hello.plan").write_text(PLAN)
    return "hello.plan"


def test_help_tells_a_newcomer_what_to_type() -> None:
    shown = planc("--help").stdout
    for word in ("compile", "run", "check", "fmt", "tools", "models", "Exit status", 'run "'):
        assert word in shown
    for command in ("compile", "run", "check", "fmt", "tools", "models"):
        done = planc(command, "--help")
        assert done.returncode == 0 and len(done.stdout) > 200


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("plan", "return sid"),
        ("ast", "call get_email_address"),
        ("ir", "%sid = call `get_email_address`"),
        ("dag", "at once: 1 | 2"),
        ("dot", "digraph plan"),
        ("mermaid", "flowchart TD"),
    ],
)
def test_a_plan_is_emitted_in_every_form_without_a_model(
    plan: str, form: str, expected: str
) -> None:
    done = planc("compile", plan, "--emit", form)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_the_json_form_is_the_documented_one(plan: str) -> None:
    found = json.loads(planc("compile", plan, "--emit", "json").stdout)
    assert found == {
        "id": plan,
        "plan": PLAN,
        "calls": [
            {"id": "sid", "tool": "get_email_address", "args": {"name": "Sid"}},
            {
                "id": "v2",
                "tool": "compose_new_email",
                "args": {
                    "recipients": [{"$ref": "sid", "path": []}],
                    "subject": "Hello",
                    "body": {"$format": ["To ", {"$ref": "sid", "path": []}]},
                },
            },
        ],
        "result": {"$ref": "sid", "path": []},
        "diagnostics": [],
        "stats": None,
    }


def test_output_goes_to_a_file_at_one_stroke(plan: str) -> None:
    Path("out.txt").write_text("old")
    assert planc("compile", plan, "-o", "out.txt").returncode == 0
    assert Path("out.txt").read_text() == PLAN
    done = planc("compile", plan, "-o", "absent/out.txt")
    assert done.returncode == 2 and "E105-cannot-write" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told(plan: str) -> None:
    done = planc("compile", plan, "-o", "/dev/full")
    assert done.returncode == 2 and "No space left" in done.stderr
    with open("/dev/full", "wb") as full:
        process = subprocess.run(
            [sys.executable, "-m", "planc", "compile", plan],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
    assert process.returncode == 2
    assert b"E105-cannot-write" in process.stderr and b"Traceback" not in process.stderr


def test_a_closed_pipe_is_no_error(home: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m planc tools | head -n 1",
        shell=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0 and done.stderr == b"" and done.stdout.count(b"\n") == 1


def test_check_says_nothing_about_a_good_plan_and_all_about_a_bad_one(plan: str) -> None:
    done = planc("check", plan)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    Path("bad.plan").write_text('x = get_emial_address(name="Sid")\nsend_sms(message=3)\n')
    done = planc("check", "bad.plan", plan)
    assert done.returncode == 1
    for piece in ("E012", "did you mean", "E014", "E015", "bad.plan:1:5", "^^^"):
        assert piece in done.stdout
    found = json.loads(planc("check", "bad.plan", "--format", "json").stdout)
    assert [(d["code"][:4], d["line"], d["column"]) for d in found] == [
        ("E012", 1, 5),
        ("E014", 2, 1),
        ("E015", 2, 18),
    ]
    assert json.loads(planc("check", plan, "--format", "json").stdout) == []


def test_check_reads_standard_input(home: Path) -> None:
    done = planc("check", "-", given=b"x = \n")
    assert done.returncode == 1 and "<stdin>:1:" in done.stdout


def test_fmt_writes_the_canonical_text(home: Path) -> None:
    Path("a.plan").write_text("# note\nx=calculate( expression='1' )\n")
    canonical = '# note\nx = calculate(expression="1")\n'
    assert planc("fmt", "a.plan").stdout == canonical
    assert planc("fmt", "--check", "a.plan").returncode == 1
    assert planc("fmt", "-w", "a.plan").returncode == 0
    assert Path("a.plan").read_text() == canonical
    assert planc("fmt", "--check", "a.plan").returncode == 0
    Path("b.plan").write_text("x = (")
    assert planc("fmt", "-w", "b.plan").returncode == 1
    assert Path("b.plan").read_text() == "x = ("


def test_run_does_what_the_plan_says(plan: str, home: Path) -> None:
    done = planc("run", plan, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "sid.rao@elmstreet.example\n"
    assert "compose_new_email" in done.stderr
    assert len(outbox(home)) == 1


def test_run_refuses_to_write_where_nobody_can_be_asked(plan: str, home: Path) -> None:
    done = planc("run", plan)
    assert done.returncode == 4 and done.stdout == ""
    assert "E406-refused" in done.stderr and "--yes" in done.stderr
    assert outbox(home) == []


def test_run_without_writes_asks_nobody(home: Path) -> None:
    Path("read.plan").write_text('return get_phone_number(name="Sid")\n')
    done = planc("run", "read.plan")
    assert done.returncode == 0 and done.stdout.startswith("+")


def test_a_dry_run_writes_nothing(plan: str, home: Path) -> None:
    done = planc("run", plan, "--dry-run")
    assert done.returncode == 0 and "dry run" in done.stderr
    assert outbox(home) == []


def test_run_tells_programs_everything_as_json_lines(plan: str, home: Path) -> None:
    done = planc("run", plan, "--yes", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == [
        "started",
        "finished",
        "approved",
        "started",
        "finished",
        "ended",
    ]
    assert events[-1]["result"] == "sid.rao@elmstreet.example"
    assert events[-1]["status"] == 0 and events[-1]["writes"] == ["v2"]


def test_a_failing_tool_is_status_3_and_says_what_was_done(home: Path) -> None:
    Path("some.plan").write_text(
        'create_note(name="Kept", content="x")\nreturn get_phone_number(name="Nobody At All")\n'
    )
    done = planc("run", "some.plan", "--yes")
    assert done.returncode == 3
    assert "E401-tool-failed" in done.stderr and "some.plan:2:8" in done.stderr
    assert "writes done: create_note" in done.stderr
    assert list((home / "notes").rglob("Kept.md"))


def _heed_ctrl_c() -> None:
    """Has what is executed next take notice of the signal. A shell has what it runs in the
    background ignore it, and so the tests and what they begin as well."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process, self.screen = pty.fork()
        if self.process == 0:
            _heed_ctrl_c()
            os.environ.update(PYTHONPATH=str(ROOT), TERM="xterm", COLUMNS="120")
            os.execv(sys.executable, [sys.executable, "-m", "planc", *arguments])
        self.shown = ""

    def until(self, text: str) -> None:
        """Reads until the text has been shown."""
        end = time.monotonic() + 30
        while text not in self.shown:
            ready, _, _ = select.select([self.screen], [], [], max(0, end - time.monotonic()))
            assert ready, self.shown
            try:
                self.shown += os.read(self.screen, 4096).decode(errors="replace")
            except OSError:
                break
        assert text in self.shown, self.shown

    def type(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def status(self) -> int:
        while True:
            try:
                piece = os.read(self.screen, 4096)
            except OSError:
                break
            if not piece:
                break
            self.shown += piece.decode(errors="replace")
        os.close(self.screen)
        _, status = os.waitpid(self.process, 0)
        assert "Traceback" not in self.shown
        return os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize(
    ("answer", "status", "mails"),
    [
        ("y\n", 0, 1),
        ("a\n", 0, 1),
        ("n\n", 4, 0),
        ("\x03", 130, 0),
        ("\x04", 4, 0),
        ("?\nn\n", 4, 0),
    ],
    ids=["yes", "all", "no", "ctrl-c", "ctrl-d", "nonsense"],
)
def test_run_asks_on_a_terminal_before_it_writes(
    plan: str, home: Path, answer: str, status: int, mails: int
) -> None:
    terminal = Terminal("run", plan)
    terminal.until("[n]o:")
    assert "sid.rao@elmstreet.example" in terminal.shown
    assert outbox(home) == []
    terminal.type(answer)
    assert terminal.status() == status, terminal.shown
    assert len(outbox(home)) == mails


LOUD = """\
from planc.tools import tool

@tool(effect="read")
def loud() -> str:
    print("printed")
    return "answer"
"""


def test_what_tools_print_is_no_result(home: Path) -> None:
    Path("loud.py").write_text(LOUD)
    Path("loud.plan").write_text("return loud()\n")
    done = planc("run", "loud.plan", "--tools", "loud.py")
    assert done.stdout == "answer\n" and "printed" in done.stderr
    done = planc("run", "loud.plan", "--tools", "loud.py", "--json")
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()][-1] == "ended"


def test_the_last_line_of_a_run_as_json_is_that_it_ended(plan: str, home: Path) -> None:
    Path("bad.plan").write_text("x = (\n")
    for name, status, code in (("bad.plan", 1, "E003"), (plan, 4, "E406"), ("no.plan", 2, "E104")):
        done = planc("run", name, "--json")
        (line,) = map(json.loads, done.stdout.splitlines())
        assert done.returncode == line["status"] == status
        assert line["event"] == "ended" and line["writes"] == []
        assert [one["code"][:4] for one in line["diagnostics"]] == [code]


def test_a_page_that_cannot_be_written_is_told_before_the_run(plan: str, home: Path) -> None:
    done = planc("run", plan, "--yes", "--html", "absent/run.html")
    assert done.returncode == 2 and "E105-cannot-write" in done.stderr
    assert outbox(home) == []


@pytest.mark.parametrize("given", ["absent.txt", "some/request", "call.pln", "home", "."])
def test_what_looks_like_a_file_is_no_request(home: Path, given: str) -> None:
    done = planc("compile", given)
    assert done.returncode == 2 and "E104-cannot-read" in done.stderr


@pytest.mark.parametrize(
    "given", ["Hello", "给nia@elm.example发邮件", "明天10点开会/发邮件", "e.g.", "9:30"]
)
def test_other_words_are_one(given: str) -> None:
    assert _request(given).text == given


@pytest.mark.parametrize(
    ("command", "status", "told"),
    [
        ("run {plan} <&-", 4, "E406-refused"),
        ("tools >&-", 2, "E105-cannot-write"),
        ("check {plan} 2>&-", 0, ""),
    ],
)
def test_streams_may_be_closed(plan: str, command: str, status: int, told: str) -> None:
    done = subprocess.run(
        f"{sys.executable} -m planc {command.format(plan=plan)}",
        shell=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == status and told in done.stderr.decode()


def test_limits_are_those_of_tools_and_resources_that_there_are(plan: str) -> None:
    done = planc("run", plan, "--at-once", "limm=2")
    assert done.returncode == 2 and "no tool and no resource 'limm'" in done.stderr
    assert planc("run", plan, "--at-once", "mail=2", "--dry-run").returncode == 0


def test_output_may_be_standard_output_and_goes_where_a_link_leads(plan: str) -> None:
    assert planc("compile", plan, "-o", "-").stdout == PLAN
    Path("there.txt").write_text("old")
    Path("link.txt").symlink_to("there.txt")
    assert planc("compile", plan, "-o", "link.txt").returncode == 0
    assert Path("link.txt").is_symlink() and Path("there.txt").read_text() == PLAN
    piped = subprocess.run(
        f"{sys.executable} -m planc compile {plan} -o /dev/stdout | cat",
        shell=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert piped.stdout.decode() == PLAN
    Path("nowhere.txt").symlink_to("absent/out.txt")
    assert planc("compile", plan, "-o", "nowhere.txt").returncode == 2


SLOW = """\
from pathlib import Path
import anyio
from planc.tools import tool

@tool(effect="write")
async def slow() -> None:
    Path("begun").touch()
    await anyio.sleep_forever()
"""


STUCK = """\
import threading
from planc.tools import tool

@tool(effect="read", timeout=0.1)
def stuck() -> None:
    threading.Event().wait()
"""


def test_a_plain_function_that_never_ends_does_not_keep_planc(home: Path) -> None:
    Path("stuck.py").write_text(STUCK)
    Path("stuck.plan").write_text("stuck()\n")
    done = planc("run", "stuck.plan", "--tools", "stuck.py")
    assert done.returncode == 3 and "E404-timed-out" in done.stderr


TWO = """\
import time
from pathlib import Path
import anyio
from planc.tools import tool

@tool(effect="write", resource="a")
def slow() -> None:
    Path("begun").touch()
    time.sleep(1)
    Path("done").touch()

@tool(effect="read", resource="c")
async def begun() -> bool:
    while not Path("begun").exists():
        await anyio.sleep(0.01)
    return True

@tool(effect="write", resource="b")
def quick(now: bool) -> None:
    Path("quick").touch()
"""


def asked_twice(plan: str) -> Terminal:
    """A run of two writes, of which the slow one was allowed and the quick one is asked for."""
    Path("two.py").write_text(TWO)
    Path("two.plan").write_text(plan)
    terminal = Terminal("run", "two.plan", "--tools", "two.py")
    terminal.until("slow is about to write")
    terminal.until("[n]o:")
    terminal.type("y\n")
    terminal.until("quick is about to write")
    return terminal


def test_what_is_allowed_is_done_while_the_next_is_asked(home: Path) -> None:
    terminal = asked_twice("slow()\nquick(now=True)\n")
    end = time.monotonic() + 20
    while not Path("done").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    terminal.type("n\n")
    assert terminal.status() == 4, terminal.shown
    assert not Path("quick").exists()


def test_ctrl_c_at_a_question_waits_for_what_is_under_way(home: Path) -> None:
    terminal = asked_twice("slow()\nquick(now=begun())\n")
    terminal.type("\x03")
    assert terminal.status() == 130, terminal.shown
    assert Path("done").exists() and not Path("quick").exists(), terminal.shown
    assert "writes done: slow" in terminal.shown


WHOLE = """\
import time
from pathlib import Path
from planc.tools import tool

@tool(effect="write")
def slow() -> None:
    Path("begun").touch()
    time.sleep(1)
    Path("done").touch()
"""


@pytest.mark.parametrize("program", [SLOW, WHOLE], ids=["awaits", "plain"])
def test_ctrl_c_in_a_run_says_what_may_have_happened(home: Path, program: str) -> None:
    Path("slow.py").write_text(program)
    Path("slow.plan").write_text("slow()\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "planc", "run", "slow.plan", "--yes", "--tools", "slow.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        preexec_fn=_heed_ctrl_c,
    )
    _wait(lambda: Path("begun").exists())
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in err
    whole = program == WHOLE  # a plain function comes to its end
    assert Path("done").exists() is whole
    assert ("may or may not have been done: slow" in err) is not whole


def _wait(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_graphs_of_a_plan_can_be_read_again(plan: str) -> None:
    whole = planc("opt", plan)
    for command in (("compile", plan, "--emit", "ir"), ("opt", plan, "--print-after-all")):
        written = planc(*command).stdout
        assert written.count("graph {") > 1
        Path("hello.ir").write_text(written)
        assert planc("opt", "hello.ir", "--passes", "").stdout == whole.stdout


def test_the_time_that_a_plan_is_expected_to_take_is_what_it_took_before(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANC_CACHE", str(home / "cache"))
    tool = '@tool(effect="read", cost=5)\nasync def look() -> int:\n    return 1\n'
    Path("look.py").write_text(f"from planc.tools import tool\n\n{tool}")
    Path("look.plan").write_text("look()\n")
    arguments = ("look.plan", "--tools", "look.py")
    assert "(about 5.0 s)" in planc("compile", *arguments, "--emit", "dag").stdout
    assert planc("run", *arguments).returncode == 0
    told = planc("compile", *arguments, "--emit", "dag").stdout
    assert re.search(r"\(about \d+\.\d ms\)", told)


def test_tools_are_listed_and_shown(home: Path) -> None:
    listed = planc("tools").stdout
    assert "write compose_new_email(recipients: list[EmailAddress]" in listed
    shown = planc("tools", "show", "open_note").stdout
    assert shown.startswith("open_note(name: str, folder?: str) -> Note\n")
    assert "Note = {" in shown and "effect: read notes" in shown
    done = planc("tools", "show", "open_not")
    assert done.returncode == 1 and "did you mean `open_note`" in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("absent.py", None, "E201-tools-not-found"),
        ("absent_module", None, "E201-tools-not-found"),
        ("broken.py", "raise RuntimeError('no')", "E202-tools-failed"),
        ("leaving.py", "raise SystemExit(7)", "E202-tools-failed"),
        ("syntax.py", "def f(:", "E202-tools-failed"),
        ("imports.py", "import absent_module", "E202-tools-failed"),
        (
            "hintless.py",
            "from planc.tools import tool\n@tool()\ndef f(a): pass",
            "E203-no-type-hint",
        ),
        ("schema.json", '[{"name": 3}]', "E204-bad-schema"),
        ("text.json", "{", "E204-bad-schema"),
        (
            "twice.json",
            '[{"name": "f", "parameters": {}}, {"name": "f", "parameters": {}}]',
            "E205-repeated-tool",
        ),
        ("empty.py", "x = 1", "E206-no-tools"),
        ("empty.json", "[]", "E206-no-tools"),
    ],
)
def test_a_bad_tool_set_is_status_2(home: Path, name: str, text: str | None, code: str) -> None:
    if text is not None:
        Path(name).write_text(text)
    done = planc("tools", "--tools", name)
    assert done.returncode == 2
    assert code in done.stderr


def test_what_a_tool_module_prints_stays_out_of_the_result(home: Path) -> None:
    Path("loud.py").write_text(
        "from planc.tools import tool\nprint('loud')\n@tool()\ndef f() -> None: ...\n"
    )
    Path("f.plan").write_text("f()\n")
    done = planc("compile", "f.plan", "--tools", "loud.py", "--emit", "json")
    assert json.loads(done.stdout)["calls"][0]["tool"] == "f"
    assert "loud" in done.stderr


def test_a_mistake_in_the_settings_is_told_with_its_place(home: Path, plan: str) -> None:
    (home / "settings.toml").write_text("[mail]\nsmtpp = 3\n")
    done = planc("run", plan, "--yes")
    assert done.returncode == 3
    assert "settings.toml" in done.stderr and "smtpp" in done.stderr


@pytest.mark.parametrize(
    ("content", "code", "status"),
    [
        (b"", "E101-empty-input", 1),
        (b" \n\t ", "E101-empty-input", 1),
        (b"\xff\xfe\x00", "E102-not-text", 1),
        (b"GIF89a\x00\x01\x02 words", "E102-not-text", 1),
        (b"word " * 200_000, "E103-too-large", 1),
    ],
)
def test_a_bad_request_file_is_told(home: Path, content: bytes, code: str, status: int) -> None:
    Path("query.txt").write_bytes(content)
    for arguments, given in ((["query.txt"], None), (["-"], content)):
        done = planc("compile", *arguments, given=given)
        assert done.returncode == status
        assert code in done.stderr


def test_a_missing_request_file_is_not_taken_for_a_request(home: Path) -> None:
    done = planc("compile", "query.txt")
    assert done.returncode == 2 and "E104-cannot-read" in done.stderr
    done = planc("compile", "absent.plan")
    assert done.returncode == 2 and "E104-cannot-read" in done.stderr


def test_a_bad_request_as_json_is_an_object_with_diagnostics(home: Path) -> None:
    done = planc("compile", "", "--emit", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["diagnostics"][0]["code"] == "E101-empty-input"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["compile"],
        ["compile", "a", "--batch", "b"],
        ["compile", "--batch", "b", "--emit", "plan"],
        ["compile", "a", "--emit", "poem"],
        ["compile", "a", "--now", "tomorrow"],
        ["compile", "a", "--now", "9999-12-31 23:59:59"],
        ["run", "a.plan", "--yes", "--dry-run"],
        ["nonsense"],
        ["check"],
    ],
)
def test_wrong_use_is_status_2(home: Path, arguments: list[str]) -> None:
    done = planc(*arguments)
    assert done.returncode == 2
    assert "Usage:" in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("gpt-9", None, "E301-unknown-model"),
        ("notes.gguf", b"just text", "E304-broken-model"),
        ("cut.gguf", b"GGUF\x03\x00\x00\x00" + b"\xff" * 200, "E304-broken-model"),
        ("empty.gguf", b"", "E304-broken-model"),
    ],
)
def test_a_bad_model_is_status_2(home: Path, name: str, content: bytes | None, code: str) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    done = planc("compile", "Remind me to call Ann", "--model", name)
    assert done.returncode == 2, done.stderr
    assert code in done.stderr


def test_models_are_listed_and_found(home: Path) -> None:
    listed = planc("models").stdout
    assert "qwen2.5-coder-1.5b (default over" in listed and "smollm2-135m" in listed
    assert "qwen2.5-coder-0.5b (first over" in listed
    assert planc("models", "path", "smollm2-135m").stdout.strip().endswith(".gguf")
    assert planc("models", "path").stdout == planc("models", "path", "qwen2.5-coder-0.5b").stdout
    assert planc("models", "pull", "gpt-9").returncode == 2


def test_an_unknown_group_of_a_suite_is_named_before_a_model_is_loaded(tmp_path: Path) -> None:
    done = planc("eval", "assistant", "--group", "9 calls", "--out", str(tmp_path / "out.json"))
    assert done.returncode == 2
    assert "no group `9 calls`" in done.stderr and "1 call" in done.stderr


def test_results_are_compared(tmp_path: Path) -> None:
    results = {
        "suite": "assistant",
        "ids": "all",
        "groups": [],
        "limit": None,
        "model": {"name": "m", "file": "m.gguf", "sha256": "0" * 64},
        "adapter": "none",
        "refusal": 0.0,
        "prompt_sha256": "1" * 64,
        "seed": 0,
        "versions": {},
        "date": "2026-11-25",
        "machine": {"processor": "p", "cpus": 2},
        "cases": [
            {
                "id": "d1",
                "group": "1 calls",
                "query": "Ring Ann",
                "plan": "ring()\n",
                "scores": {"graph": 0.0, "strict": 0.0},
                "reason": "`ring` is called once",
                "stats": None,
            }
        ],
    }
    file = tmp_path / "a.json"
    file.write_text(json.dumps(results))
    shown = planc("eval", "compare", str(file))
    assert shown.returncode == 0
    assert "| m | 1 calls | 1 | 0.0 (0.0-79.3) | 0.0 (0.0-79.3) |" in shown.stdout
    assert "`ring` is called once" in shown.stdout
    older = tmp_path / "older.json"
    kept_since = ("adapter", "prompt_sha256", "versions")
    older.write_text(json.dumps({k: v for k, v in results.items() if k not in kept_since}))
    assert "1 calls" in planc("eval", "compare", str(older)).stdout
    broken = tmp_path / "b.json"
    broken.write_text("{}")
    refused = planc("eval", "compare", str(broken))
    assert refused.returncode == 2 and "E602" in refused.stderr
    other = tmp_path / "c.json"
    other.write_text(json.dumps(results | {"suite": "bfcl"}))
    mixed = planc("eval", "compare", str(file), str(other))
    assert mixed.returncode == 2 and "assistant, bfcl" in mixed.stderr
