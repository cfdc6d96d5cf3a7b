"""Hand-made looks at a large house: 300 people, 20 meters, 12 charging points, names as long as they may be."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.touch import looks, looks_charging, looks_energy, looks_measurement
from ui.touch.screens.energy.source_data import Counters
from ui.touch.screens.settings.charging_settings_data import UserSeen
from ui.touch.screens.settings.measurement_data import MetersSeen
from ui.touch.status import Status

LONG = "Tiefgaragenstellplatz der Familie Schönbrunner-Waldhäusl 47b"
assert len(LONG) == 60  # noqa: S101 - no name is longer
PEOPLE = tuple(
    UserSeen(number, f"{LONG[:-3]}{number:03}", blocked=False, guest=False, pins=1, cards=number % 3, good=True)
    for number in range(1, 301)
)
POINTS = tuple(
    replace(
        looks.CHARGING.points[0] if number % 2 else looks.POINT,
        id=number, name=f"{LONG[:-2]}{number:02}", user=PEOPLE[number].name if number % 2 else None,
    )
    for number in range(1, 13)
)  # fmt: skip
METERS = tuple(
    replace(
        looks_measurement.GRID, meter=replace(looks_measurement.GRID.meter, id=number, name=f"{LONG[:-2]}{number:02}")
    )
    for number in range(1, 21)
)
COUNTERS = tuple(
    replace(looks_energy.GRID_METER, meter=replace(looks_energy.GRID_METER.meter, id=one.meter.id, name=one.meter.name))
    for one in METERS
)
DAY = replace(looks.DAY, points=POINTS, people=tuple((one.id, one.name) for one in PEOPLE))

LOOKS: dict[str, tuple[str, Status]] = {
    "crowded-energy": ("energy", replace(looks.CHARGING, points=POINTS)),
    "crowded-points": ("charging", DAY),
    "crowded-point": ("charge_point", looks_charging._page(looks.DAY, looks_charging.QUIET, points=POINTS)),
    "crowded-users": ("users", replace(DAY, page=replace(looks_measurement.CHARGING, users=PEOPLE))),
    "crowded-learning": ("learn_card", replace(DAY, page=replace(looks_measurement.CHARGING, users=PEOPLE))),
    "crowded-measurement": ("measurement", replace(DAY, page=MetersSeen(METERS))),
    "crowded-reset": ("reset_counters", replace(DAY, page=MetersSeen(METERS))),
    "crowded-counters": ("counters", replace(DAY, page=Counters(COUNTERS))),
}
