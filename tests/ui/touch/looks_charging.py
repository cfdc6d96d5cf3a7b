"""Hand-made looks at the charging pages and their settings: picture name -> screen, status."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from appliance.charging import why
from appliance.charging.rules import Result
from appliance.charging.sessions import Session
from appliance.charging.why import Told
from tests.ui.touch.looks import CHARGING, DAY, EMPTY, NOW, POINT, WAITING
from ui.touch.screens.charging.now import ChargingNow, ReaderNow, Step, Steps
from ui.touch.screens.charging.session_data import Closely, Line, Month
from ui.touch.status import PointNow, Status

UTC_NOW = NOW.astimezone(UTC)
LAST = Session(
    41, 1, "Wallbox", 7, 1, "Anna Berger", "RFID ••••B31C", 2, UTC_NOW - timedelta(hours=26), 812_004,
    UTC_NOW - timedelta(hours=23), 824_349, "idle", ("meter_silent",),
)  # fmt: skip
HALL = ReaderNow(1, "Hall", near=False)
PHONE = ReaderNow(2, "Carport", near=True)
QUIET = ChargingNow(1, Told(why.NOW["idle"]), "authorized", "authorized", readers=(HALL,), last=LAST)
CURVE = tuple(
    None if minute in (18, 19) else max(0.0, 11_000 * (1 - math.exp(-minute * 2)) - 40 * math.sin(minute) * minute**0.5)
    for minute in range(43)
)
RUNS = replace(
    QUIET, why=Told(why.NOW["charging"], {"since": UTC_NOW - timedelta(minutes=42)}), cost=Decimal("1.12"),
    currency="EUR", curve=CURVE,
)  # fmt: skip
SEVERAL = (
    POINT,
    PointNow(
        2, "Garage", "authorized", "charging", "Anna Berger", None, UTC_NOW - timedelta(hours=1), 7_310, 7_360.0, True
    ),
    PointNow(3, "Carport", "free", "waiting", None, None, None, None, 0.0, True),
    PointNow(4, "Besucher", "time", "locked", None, None, None, None, None, False),
    PointNow(5, "Hof", "authorized", "fault", None, None, None, None, None, None),
)
STORY = Steps(
    "Wallbox", Told(why.NOW["idle"]),
    tuple(
        Step(NOW - timedelta(minutes=ago), told)
        for ago, told in (
            (3, Told(why.REFUSED)),
            (4, Told(why.DONE[Result.ACCEPTED][1], {"user": "-", "place": "at the reader Hall"})),
            (190, Told(why.ENDED, {"kwh": "12.34"})),
            (190, Told(why.STOPPED, {"place": "at the touchscreen"})),
            (330, Told(why.BEGAN)),
            (1500, Told(why.ENDS["power_cut"])),
        )
    ),
)  # fmt: skip
REASONS = replace(
    STORY,
    steps=(
        Step(
            NOW - timedelta(minutes=2),
            Told(why.WHY[Result.BLOCKED], {"user": "Ben Maier"}),
        ),
        Step(NOW - timedelta(minutes=9), Told(why.WHY[Result.UNKNOWN], {"user": "-", "place": "at the reader Hall"})),
        Step(
            NOW - timedelta(minutes=80),
            Told(why.DONE[Result.ACCEPTED][0], {"user": "Anna Berger", "place": "at the reader Hall"}),
        ),
        Step(NOW - timedelta(hours=30), Told(why.WHY[Result.HOURS], {"user": "Maximiliane von Hohenstein-Waldburg"})),
    ),
)


def _line(number: int, user: str | None, hours: int, wh: int | None, cost: str | None, end: str) -> Line:
    began = NOW - timedelta(hours=hours)
    price = None if cost is None else Decimal(cost)
    return Line(number, user, "Wallbox", began, began + timedelta(hours=2, minutes=13), wh, price, end)


MONTH = Month(
    date(2026, 6, 1),
    (
        replace(_line(9, "Anna Berger", 1, None, None, "stop"), ended_at=None),
        _line(8, "Ben Maier", 27, 8_020, "2.73", "idle"),
        _line(7, "Anna Berger", 51, 22_410, "7.62", "idle"),
        _line(6, "Maximiliane von Hohenstein-Waldburg", 99, 3_300, "1.12", "stop"),
        _line(5, None, 140, None, None, "power_cut"),
    ),
    "EUR", has_earlier=True, has_later=False,
)  # fmt: skip
CLOSELY = Closely(LAST, 12_345, Decimal("4.20"), "EUR", ("0.34",), CURVE)
PRIVATE = {"private": True}


def _page(status: Status, page: object, **fields: object) -> Status:
    return replace(status, page=page, **fields)  # type: ignore[arg-type]  # fields of Status


LOOKS: dict[str, tuple[str, Status]] = {
    "charging": ("charging", _page(DAY, QUIET)),
    "charging-near": ("charging", _page(DAY, replace(QUIET, readers=(HALL, PHONE)))),
    "charging-pin": (
        "charging",
        _page(DAY, replace(QUIET, why=Told(why.NOW["pin"], {"left": "0:41"}), pin_left="0:41")),
    ),
    "charging-both": ("charging", _page(DAY, replace(QUIET, readers=(HALL, PHONE), card_and_pin=True))),
    "charging-plan": (
        "charging",
        _page(
            DAY,
            replace(QUIET, setting="time", mode="outside", until=datetime(2026, 6, 20, 22, 0, tzinfo=NOW.tzinfo)),
            points=(replace(POINT, state="locked", mode="outside"),),
        ),
    ),
    "charging-free": ("charging", _page(DAY, QUIET, points=(replace(POINT, mode="free", state="waiting"),))),
    "charging-waits": ("charging", _page(DAY, QUIET, keypad_wait_s=58.0)),
    "charging-waiting": ("charging", _page(WAITING, replace(QUIET, why=Told(why.NOW["waiting"], {"left": "4:12"})))),
    "charging-running": ("charging", _page(CHARGING, RUNS)),
    "charging-private": ("charging", _page(CHARGING, RUNS, **PRIVATE)),
    "charging-none": ("charging", EMPTY),
    "charging-several": ("charging", _page(DAY, None, points=SEVERAL)),
    "charge-point": ("charge_point", _page(DAY, QUIET, points=SEVERAL)),
    "why": ("why", _page(DAY, STORY)),
    "why-empty": ("why", _page(DAY, replace(STORY, steps=()))),
    "why-all": ("why_all", _page(DAY, REASONS)),
    "sessions": ("sessions", _page(DAY, MONTH)),
    "sessions-empty": ("sessions", _page(DAY, Month(date(2026, 6, 1), (), "EUR", has_earlier=False, has_later=False))),
    "sessions-private": ("sessions", _page(DAY, None, **PRIVATE)),
    "all-sessions": ("all_sessions", _page(DAY, MONTH, **PRIVATE)),
    "session": ("session", _page(DAY, CLOSELY)),
    "session-behind-pin": ("session_behind_pin", _page(DAY, replace(CLOSELY, curve=()))),
}
