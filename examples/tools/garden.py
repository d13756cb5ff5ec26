"""A tool set of one's own: two sensors and a tap.

planc tools --tools examples/tools/garden.py
planc run examples/tools/garden.plan --tools examples/tools/garden.py
"""

from typing import Annotated, Literal

from typing_extensions import TypedDict

from planc.tools import Clock, tool
from planc.types import STR, Nominal

# A type of one's own. A model cannot make such a value up: it stands in the request or comes
# from a tool.
BedNumber = Annotated[str, Nominal("BedNumber", STR, r"B-[0-9]{2}", copied=r"B-[0-9]{2}")]

_BEDS = {"tomatoes": "B-01", "roses": "B-02", "herbs": "B-03"}
_MOISTURE = {"B-01": 18.5, "B-02": 41.0, "B-03": 25.0}


class Watering(TypedDict):
    bed: BedNumber
    minutes: int
    at: str


@tool(effect="read", resource="garden")
def find_bed(plant: Literal["tomatoes", "roses", "herbs"]) -> BedNumber:
    """Find the bed that a plant grows in."""
    return _BEDS[plant]


@tool(effect="read", resource="garden", cost=0.2)
def measure_moisture(bed: BedNumber) -> float:
    """Measure how moist a bed's soil is, in percent."""
    return _MOISTURE[bed]


@tool(effect="write", resource="tap", timeout=10)
async def water(bed: BedNumber, minutes: int = 5, *, clock: Clock) -> Watering:
    """Water a bed.

    Args:
        minutes: how long
    """
    return {"bed": bed, "minutes": minutes, "at": f"{clock.now():%H:%M}"}
