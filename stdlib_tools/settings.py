"""The one settings file of the standard tools: `settings.toml`, read with pydantic.

It lies in `$PLANC_HOME` when that is set, else in the user's configuration folder. Relative paths
in it are relative to the data folder: `$PLANC_HOME` again, else the user's data folder.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from planc.types import EmailAddress
from stdlib_tools.errors import ToolError


class SettingsError(ToolError):
    """The settings file has a mistake; the message names the file, the key and the reason."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Me(_Section):
    """Who sends mails, and where "here" is on a map."""

    name: str = "Me"
    email: EmailAddress = "me@localhost.example"
    place: str | None = None


class Contacts(_Section):
    folder: Path = Path("contacts")


class Calendar(_Section):
    folder: Path = Path("calendar")
    default: str = Field(default="Personal", min_length=1)
    event_minutes: int = Field(default=60, gt=0)


class Reminders(_Section):
    folder: Path = Path("reminders")
    default: str = Field(default="Reminders", min_length=1)


class Smtp(_Section):
    """A server that sends the mails; without it they stay in the outbox."""

    host: str
    port: int = Field(default=587, gt=0, lt=65536)
    user: str | None = None
    password: SecretStr | None = None
    starttls: bool = True


class Mail(_Section):
    """`outbox` and `inbox` are Maildirs. The selected mail is the one flagged in the inbox, else
    the newest."""

    outbox: Path = Path("mail/Outbox")
    sent: Path = Path("mail/Sent")
    inbox: Path = Path("mail/Inbox")
    smtp: Smtp | None = None


class Sms(_Section):
    """`gateway` is the command of a program that gets a message as JSON on standard input; without
    it, a message is a file in the `outbox`."""

    gateway: list[str] | None = Field(default=None, min_length=1)
    gateway_seconds: float = Field(default=30, gt=0, le=60)
    outbox: Path = Path("sms")


class Notes(_Section):
    folder: Path = Path("notes")
    default: str = "Notes"


class Files(_Section):
    """Folders that are searched and read, and the one that may be written to."""

    folders: list[Path] = [Path("files")]
    output: Path = Path("files")
    open: bool = True


class Maps(_Section):
    """Addresses with `{query}`, and with `{start}`, `{end}` and `{mode}`."""

    search: str = "https://www.openstreetmap.org/search?query={query}"
    directions: str = "https://www.openstreetmap.org/directions?from={start}&to={end}&engine={mode}"
    open: bool = True


class Zoom(_Section):
    """Server-to-server OAuth credentials of a Zoom app."""

    account_id: str
    client_id: str
    client_secret: SecretStr
    api: str = "https://api.zoom.us/v2"
    token: str = "https://zoom.us/oauth/token"


class Meetings(_Section):
    """Without Zoom's credentials, a room on a Jitsi-like server, which needs none."""

    server: str = "https://meet.jit.si"
    folder: Path = Path("meetings")
    zoom: Zoom | None = None


class Http(_Section):
    """Hosts that `http_get` may ask; none unless listed here (`*.example.org` for subdomains)."""

    allow: list[str] = []
    max_bytes: int = 1_000_000


class Settings(_Section):
    me: Me = Me()
    contacts: Contacts = Contacts()
    calendar: Calendar = Calendar()
    reminders: Reminders = Reminders()
    mail: Mail = Mail()
    sms: Sms = Sms()
    notes: Notes = Notes()
    files: Files = Files()
    maps: Maps = Maps()
    meetings: Meetings = Meetings()
    http: Http = Http()


def home() -> Path:
    """The folder that relative paths of the settings are relative to."""
    chosen = os.environ.get("PLANC_HOME")
    return Path(chosen).absolute() if chosen else platformdirs.user_data_path("planc")


def path() -> Path:
    """Where the settings file is looked for."""
    chosen = os.environ.get("PLANC_HOME")
    folder = Path(chosen).absolute() if chosen else platformdirs.user_config_path("planc")
    return folder / "settings.toml"


def load() -> Settings:
    """The settings; the defaults when there is no file. Raises `SettingsError`."""
    file = path()
    try:
        return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{file}: {key}: {first['msg']}") from error


def located(folder: Path) -> Path:
    """A configured path made absolute, `~` expanded. Raises `SettingsError`."""
    try:
        return home() / folder.expanduser()
    except RuntimeError as error:
        raise SettingsError(f"{path()}: {folder} is in the home folder of nobody known") from error
