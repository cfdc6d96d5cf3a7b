"""Hand-made looks at an appliance, for pictures and for walking over all screens."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.faults import Fault
from ui.touch.status import Curve, MeterNow, PointNow, SessionRow, Status, Today, Web

NOW = datetime(2026, 6, 20, 15, 24, tzinfo=ZoneInfo("Europe/Berlin"))


def _curve() -> Curve:
    house, pv, car = [], [], []
    for quarter in range(62):
        hour = quarter / 4
        meal = 1900 * math.exp(-((hour - 7.2) ** 2) / 0.2) + 2500 * math.exp(-((hour - 12.5) ** 2) / 0.3)
        house.append(290 + 60 * math.sin(hour * 4.1) + meal)
        pv.append(
            max(0.0, 6100 * math.sin((hour - 5) / 16 * math.pi))
            * (0.9 + 0.1 * math.sin(hour * 2.9) * math.sin(hour * 1.3))
        )
        car.append(7400.0 if 9.0 <= hour < 11.75 else 0.0)
    rest: list[float | None] = [None] * 34
    return Curve((*house, *rest), (*pv, *rest), (*car, *rest))


POINT = PointNow(1, "Wallbox", "authorized", "idle", None, None, None, None, 0.0, False)
SESSIONS = tuple(
    SessionRow(
        id=9 - i, user=user, point="Wallbox", began_at=NOW - timedelta(days=i, hours=3),
        ended_at=NOW - timedelta(days=i, hours=1), energy_wh=wh, end_reason=reason,
    )
    for i, (user, wh, reason) in enumerate(
        [("Anna Berger", 12_345, "stop"), ("Ben Maier", 8_020, "idle"), ("Anna Berger", 22_410, "idle"),
         ("Maximiliane von Hohenstein-Waldburg", 3_300, "stop"), (None, 740, "power_cut")]
    )
)  # fmt: skip
DAY = Status(
    now=NOW,
    age_s=0.6,
    roles=frozenset({"grid", "charger", "pv"}),
    grid_w=-5090.0,
    pv_w=5730.0,
    car_w=0.0,
    house_w=640.0,
    today=Today(3_410, 11_900, 24_800, 9_120),
    curve=_curve(),
    meters=(
        MeterNow(1, "Grid", "grid", "kostal-ksem-g2", -5090.0, 0.4),
        MeterNow(2, "Wallbox meter", "charger", "eastron-sdm630", 0.0, 0.6),
        MeterNow(3, "Solar roof", "pv", "eastron-sdm630", -5730.0, 0.5),
    ),
    points=(POINT,),
    sessions=SESSIONS,
    people=((1, "Anna B."), (2, "Ben M."), (3, "Maximiliane v.")),
    pin_set=True,
    backup_at=NOW - timedelta(hours=12),
    backup_ok=True,
    version="0.1.0",
)
CHARGING = replace(
    DAY,
    grid_w=5920.0,
    car_w=11_010.0,
    points=(
        replace(
            POINT, state="charging", user="Anna Berger",
            began_at=NOW.astimezone(UTC) - timedelta(minutes=42, seconds=10),
            energy_wh=3_300, power_w=11_010.0, closed=True,
        ),
    ),
)  # fmt: skip
WAITING = replace(
    DAY, points=(replace(POINT, state="authorized", user="Anna Berger", window_left_s=252.0, closed=True),)
)
WEB = replace(
    DAY,
    web=Web(True, 581.0, "https://192.168.178.42", ":".join(f"{i * 7 % 256:02X}" for i in range(32)), "481516", True),
)
FAULTY = replace(
    DAY,
    grid_w=None,
    house_w=None,
    age_s=38.0,
    meters=(MeterNow(1, "Grid", "grid", "kostal-ksem-g2", None, 38.0), *DAY.meters[1:]),
    faults=(
        Fault("meter:1", "unreachable",
              "Nothing answers at {address}: check power, network cable, address, port and firewall.",
              {"address": "192.168.178.30:502"}, datetime(2026, 6, 20, 13, 0, tzinfo=UTC)),
    ),
)  # fmt: skip
NO_CORE = Status(now=NOW, problem="The core is not running: nothing is measured and no relay closes.")
EMPTY = Status(now=NOW, version="0.1.0")
ALL = {
    "day": DAY,
    "charging": CHARGING,
    "waiting": WAITING,
    "web": WEB,
    "faulty": FAULTY,
    "no_core": NO_CORE,
    "empty": EMPTY,
}

LOOKS: dict[str, tuple[str, Status]] = {  # name -> screen, look
    "energy": ("energy", DAY),
    "energy-charging": ("energy", CHARGING),
    "energy-empty": ("energy", EMPTY),
    "fault": ("energy", FAULTY),
    "no-core": ("energy", NO_CORE),
    "charging": ("charging", DAY),
    "charging-running": ("charging", CHARGING),
    "charging-waiting": ("charging", WAITING),
    "charging-none": ("charging", EMPTY),
    "sessions": ("sessions", DAY),
    "sessions-empty": ("sessions", EMPTY),
    "pin": ("pin", DAY),
    "pin-first": ("pin", EMPTY),
    "settings": ("settings", DAY),
    "web-admin": ("web_admin", WEB),
    "web-off": ("web_admin", DAY),
    "change-pin": ("change_pin", DAY),
    "backups": ("backups", DAY),
    "about": ("about", DAY),
}


def every() -> dict[str, tuple[str, Status]]:
    """The looks of all parts: every `looks_*.py` beside this file has its LOOKS."""
    found = dict(LOOKS)
    for path in sorted(Path(__file__).parent.glob("looks_*.py")):
        found |= importlib.import_module(f"{__package__}.{path.stem}").LOOKS
    return found
