"""Maps: addresses of map pages, shown in the browser where there is one.

OpenStreetMap finds ways for cars and for walkers and knows no timetables, so its address is used
for driving and walking, and Google Maps' documented address for transit. A template of one's own
in the settings is used for all three.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote, urlsplit

from planc.tools import tool
from planc.types import Url
from stdlib_tools import desktop, settings
from stdlib_tools.wording import titled

_OSM_HOST = "www.openstreetmap.org"
_OSM_ENGINES = {"driving": "fossgis_osrm_car", "walking": "fossgis_osrm_foot"}
# https://developers.google.com/maps/documentation/urls/get-started#directions-action
_TRANSIT = (
    "https://www.google.com/maps/dir/?api=1&origin={start}&destination={end}&travelmode={mode}"
)


@tool(effect="read", shows=True, resource="maps", timeout=15, cost=0.1)
def maps_open_location(location: str) -> Url:
    """Show a place on a map and get the map's link.

    Args:
        location: an address or the name of a place.
    """
    return _shown(settings.load().maps.search, query=_place(location))


@tool(effect="read", shows=True, resource="maps", timeout=15, cost=0.1)
def maps_show_directions(
    end_location: str,
    start_location: str | None = None,
    transport: Literal["driving", "walking", "transit"] | None = None,
) -> Url:
    """Show the way to a place on a map and get the map's link.

    Args:
        end_location: the place to go to.
        start_location: the place to start from; leave it out for here.
        transport: how to travel; driving if left out.
    """
    configured = settings.load()
    template = configured.maps.directions
    mode: str = transport or "driving"
    if urlsplit(template).hostname == _OSM_HOST:
        if mode == "transit":
            template = _TRANSIT
        else:
            mode = _OSM_ENGINES[mode]
    start = start_location if start_location is not None else configured.me.place
    return _shown(
        template,
        start="" if start is None else _place(start),
        end=_place(end_location),
        mode=mode,
    )


def _place(text: str) -> str:
    return titled(text, "the name of the place")


def _shown(template: str, **parts: str) -> str:
    """The template's address with the parts filled in, shown if the settings say so."""
    url = template
    for name, part in parts.items():
        url = url.replace(f"{{{name}}}", quote(part, safe=""))
    if settings.load().maps.open:
        desktop.show_page(url)
    return url
