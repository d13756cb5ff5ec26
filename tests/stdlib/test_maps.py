from __future__ import annotations

import os
import select
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest

from planc.types import URL
from stdlib_tools.errors import ToolError
from stdlib_tools.maps import maps_open_location, maps_show_directions

QUIET = "[maps]\nopen = false\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text(QUIET)
    return tmp_path


def _query(url: str) -> dict[str, str]:
    assert URL.accepts(url)
    parsed = parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    return {name: value for name, (value,) in parsed.items()}


@pytest.mark.parametrize(
    "place",
    [
        "Blue Lagoon near Grindavík",
        "A&B? #1 100% {start} {end} <x> \"q\" 'q' \\ / + ;=",
        "上野公園 👩‍👩‍👧",
        "x" * 500,
    ],
)
def test_a_place_survives_the_address(home: Path, place: str) -> None:
    url = maps_open_location(place)
    assert url.startswith("https://www.openstreetmap.org/search?query=")
    assert _query(url) == {"query": place}
    assert not urlsplit(url).fragment


def test_a_place_is_on_one_line(home: Path) -> None:
    assert _query(maps_open_location("  Market\r\nHost: evil\0 \ud800 ")) == {
        "query": "Market Host: evil"
    }


@pytest.mark.parametrize("place", ["", " \n", "x" * 10**6])
def test_a_place_without_a_name_is_refused(home: Path, place: str) -> None:
    for show in (maps_open_location, maps_show_directions):
        with pytest.raises(ToolError, match="the name of the place"):
            show(place)
    with pytest.raises(ToolError, match="the name of the place"):
        maps_show_directions("Oslo", start_location=place)


@pytest.mark.parametrize(
    ("transport", "engine"),
    [
        ("driving", "fossgis_osrm_car"),
        ("walking", "fossgis_osrm_foot"),
        (None, "fossgis_osrm_car"),
    ],
)
def test_openstreetmap_drives_and_walks(
    home: Path, transport: Literal["driving", "walking"] | None, engine: str
) -> None:
    url = maps_show_directions("Meiji Jingu", "Shinjuku Station", transport)
    assert urlsplit(url).hostname == "www.openstreetmap.org"
    assert _query(url) == {"from": "Shinjuku Station", "to": "Meiji Jingu", "engine": engine}


def test_transit_is_shown_by_a_map_that_knows_timetables(home: Path) -> None:
    url = maps_show_directions("Meiji Jingu", transport="transit")
    assert urlsplit(url).hostname == "www.google.com"
    assert _query(url) == {
        "api": "1",
        "origin": "",
        "destination": "Meiji Jingu",
        "travelmode": "transit",
    }


def test_the_way_begins_at_home_if_that_is_known(home: Path) -> None:
    assert _query(maps_show_directions("Oslo"))["from"] == ""
    (home / "settings.toml").write_text(f'[me]\nplace = "Elm Road 1, Bath"\n{QUIET}')
    assert _query(maps_show_directions("Oslo"))["from"] == "Elm Road 1, Bath"
    assert _query(maps_show_directions("Oslo", "Bergen"))["from"] == "Bergen"


def test_templates_of_ones_own_get_plain_words(home: Path) -> None:
    (home / "settings.toml").write_text(
        f'{QUIET}search = "https://maps.example/{{query}}"\n'
        'directions = "https://maps.example/{mode}/{start}/{end}"\n'
    )
    assert maps_open_location("a/b {mode}") == "https://maps.example/a%2Fb%20%7Bmode%7D"
    assert maps_show_directions("c", "a {end}", "transit") == (
        "https://maps.example/transit/a%20%7Bend%7D/c"
    )


@pytest.mark.skipif(os.name != "posix", reason="the fake browser is a shell script")
def test_the_map_opens_in_a_graphical_browser_only(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "settings.toml").unlink()
    told = home / "told"
    os.mkfifo(told)
    for name in ("xdg-open", "lynx", "w3m", "www-browser"):
        (home / name).write_text(f'#!/bin/sh\nprintf "%s" "{name} $1" > "{told}"\n')
        (home / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(home))  # without the browsers that the machine has
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("BROWSER", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    pipe = os.open(told, os.O_RDONLY | os.O_NONBLOCK)
    try:
        monkeypatch.delenv("DISPLAY", raising=False)
        maps_open_location("nowhere")
        monkeypatch.setenv("DISPLAY", ":99")
        url = maps_open_location("Grindavík")
        ready, _, _ = select.select([pipe], [], [], 20)
        assert ready and os.read(pipe, 4096).decode() == f"xdg-open {url}"
    finally:
        os.close(pipe)
