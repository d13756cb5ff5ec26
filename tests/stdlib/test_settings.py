from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from stdlib_tools import settings
from stdlib_tools.errors import ToolError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    return tmp_path


def test_without_a_file_the_defaults_hold(home: Path) -> None:
    assert settings.load() == settings.Settings()
    assert settings.load().mail.smtp is None


def test_the_file_is_read_at_each_call(home: Path) -> None:
    (home / "settings.toml").write_text('[me]\nname = "Nia"\n')
    assert settings.load().me.name == "Nia"
    (home / "settings.toml").write_text('[me]\nname = "Sid"\n')
    assert settings.load().me.name == "Sid"


def test_paths_are_relative_to_the_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/nia")
    assert settings.located(Path("notes")) == home / "notes"
    assert settings.located(Path("/srv/notes")) == Path("/srv/notes")
    assert settings.located(Path("~/notes")) == Path("/home/nia/notes")
    with pytest.raises(settings.SettingsError, match="~nobody_known/x is in the home folder of"):
        settings.located(Path("~nobody_known/x"))


def test_without_planc_home_the_folders_are_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANC_HOME", raising=False)
    assert settings.home() == platformdirs.user_data_path("planc")
    assert settings.path() == platformdirs.user_config_path("planc") / "settings.toml"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[me]\nname", "settings.toml: .*end of document"),
        ("[mee]\n", "settings.toml: mee: Extra inputs"),
        ('[me]\nemail = "not an address"\n', "settings.toml: me.email: 'not an address' is no"),
        ("[calendar]\nevent_minutes = 0\n", "calendar.event_minutes: Input should be greater"),
        ("[sms]\ngateway = []\n", "sms.gateway: "),
        ('[mail.smtp]\nhost = "x"\nport = 0\n', "mail.smtp.port: "),
        ("a = " + "[" * 100_000, "settings.toml: "),
        ("\0", "settings.toml: "),
    ],
)
def test_a_mistake_names_the_file_and_the_key(home: Path, text: str, reason: str) -> None:
    (home / "settings.toml").write_text(text)
    with pytest.raises(settings.SettingsError, match=reason):
        settings.load()


def test_a_file_in_another_encoding_or_a_folder_is_a_mistake(home: Path) -> None:
    (home / "settings.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ToolError, match=r"settings\.toml"):
        settings.load()
    (home / "settings.toml").unlink()
    (home / "settings.toml").mkdir()
    with pytest.raises(ToolError, match=r"settings\.toml"):
        settings.load()


def test_a_password_is_never_shown(home: Path) -> None:
    (home / "settings.toml").write_text(
        '[mail.smtp]\nhost = "x"\npassword = "hunter2"\nport = "hunter2"\n'
    )
    with pytest.raises(settings.SettingsError) as caught:
        settings.load()
    assert "hunter2" not in str(caught.value)
    (home / "settings.toml").write_text('[mail.smtp]\nhost = "x"\npassword = "hunter2"\n')
    assert "hunter2" not in repr(settings.load())
