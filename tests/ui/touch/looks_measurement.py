"""Hand-made looks at the settings of charging and measurement: picture name -> screen, status."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from appliance.charging import windows
from appliance.charging.learning import UnknownCard
from appliance.charging.points import Point
from appliance.charging.readers import Reader
from appliance.faults import Fault
from appliance.metering import checks
from appliance.metering.health import Health
from appliance.metering.meters import Meter
from appliance.metering.scans import Scan
from appliance.metering.totals import QUANTITIES, Shown
from drivers.interfaces import Candidate, Found, ScanStep
from tests.ui.touch.looks import DAY, EMPTY, NOW
from ui.touch.screens.settings.charging_settings_data import ChargingSeen, PointSet, UserSeen
from ui.touch.screens.settings.measurement_data import MeterSeen, MetersSeen, OneMeter, SearchSeen
from ui.touch.screens.settings.point_form_data import FormSeen
from ui.touch.status import Status

UTC_NOW = NOW.astimezone(UTC)
PLAN = windows.parse(["1-5 08:00-18:00", "6,7 00:00-24:00 free"], plan=True)
USERS = (
    UserSeen(1, "Anna Berger", blocked=False, guest=False, pins=1, cards=2, good=True),
    UserSeen(3, "Maximiliane von Hohenstein-Waldburg", blocked=False, guest=False, pins=0, cards=1, good=False),
    UserSeen(2, "Ben Maier", blocked=True, guest=False, pins=1, cards=0, good=True),
    UserSeen(4, "House Guest", blocked=False, guest=True, pins=3, cards=0, good=True),
    UserSeen(5, "Jörg Öztürk", blocked=False, guest=False, pins=0, cards=0, good=False),
)
READER = Reader(1, "Hall", "hid:/dev/input/by-id/reader", "", enabled=True, point_ids=(1,))
CARDS = (
    UnknownCard(17, UTC_NOW - timedelta(minutes=7), "reader:Hall", "rfid", "7766"),
    UnknownCard(11, UTC_NOW - timedelta(hours=20), "reader:Hall", "rfid", "B31C"),
)
CHARGING = ChargingSeen(
    (
        PointSet(Point(1, "Wallbox", "gpio:17", 2, "authorized"), "authorized", None),
        PointSet(Point(2, "Besucher", "gpio:18", None, "time", plan=PLAN), "free", NOW + timedelta(hours=33)),
    ),
    USERS, (READER,), CARDS,
)  # fmt: skip
WEEK = windows.parse(
    ["1-5 22:00-06:00", "1-5 06:00-08:30 free", "1,3 12:15-13:00", "6 09:00-18:00 free", "7 00:00-24:00"], plan=True
)
PLANNED = replace(
    CHARGING, points=(PointSet(Point(1, "Wallbox", "gpio:17", 2, "time", plan=WEEK), "authorized", None),)
)
NOT_IN_FORCE = replace(CHARGING, points=(PointSet(Point(1, "Wallbox", "gpio:17", 2, "free", plan=PLAN), "free", None),))

OUT_OF_USE = replace(CHARGING, archived=(Point(3, "Carport", "gpio:19", None, "authorized", archived=True),))
FREE = tuple(f"gpio:{number}" for number in (9, 10, 11, 12, 13, 16, 17, *range(20, 28)))
NEW_POINT = FormSeen(None, FREE, ((2, "Wallbox meter"),))
NO_LINE = FormSeen(None, (), (), ("Wallbox", "Wallbox 2"))
KNOWN_POINT = FormSeen(
    Point(1, "Stellplatz am Gartentor", "pulse:tcp://192.168.178.60/1/0", 2, "authorized", plug="gpio:23:nc"),
    FREE, ((2, "Wallbox meter"), (7, "Meter of the second charging station")),
)  # fmt: skip


def _shown(taken_wh: int, fed_wh: int, reset: datetime | None = None) -> Shown:
    whole = {"import": taken_wh, "export": fed_wh}
    return Shown({name: whole[name[:6]] // (3 if "_l" in name else 1) for name in QUANTITIES}, reset)


def _meter(number: int, name: str, role: str, power_w: float | None, shown: Shown) -> MeterSeen:
    meter = Meter(
        number, name, "eastron-sdm630" if number > 1 else "kostal-ksem-g2", "rtu:///dev/ttyUSB0?baud=9600&parity=N",
        number, role, 1.0, archived=False,
    )  # fmt: skip
    return MeterSeen(meter, power_w, 0.6, None, Health(number, 0.0, 3540, 3, 1.01), shown,
                     "Eastron SDM630-Modbus" if number > 1 else "Kostal Smart Energy Meter G2")  # fmt: skip


GRID = _meter(1, "Grid", "grid", -5090.0, _shown(4_217_338, 11_812_004))
SILENT = replace(
    _meter(3, "Solar roof", "pv", None, _shown(12_000, 24_812_004)),
    age_s=312.0,
    fault=Fault(
        "meter:3", "silent", "{address} does not answer: check power, wires and unit id.", {"address": "unit 3"},
        UTC_NOW,
    ),
)  # fmt: skip
METERS = MetersSeen((
    GRID, _meter(2, "Wallbox meter", "charger", 0.0, _shown(812_004, 0, UTC_NOW - timedelta(days=90))), SILENT,
))  # fmt: skip
VALUES = {
    "power_w": -5090.0, "power_l1_w": -1640.0, "power_l2_w": -1811.0, "power_l3_w": -1639.0,
    "voltage_l1_v": 231.4, "voltage_l2_v": 229.8, "voltage_l3_v": 255.1,
    "current_l1_a": 7.12, "current_l2_a": 7.91, "current_l3_a": 7.19, "power_factor": 0.99, "frequency_hz": 50.01,
    "import_wh": 4_217_338.0, "export_wh": 11_812_004.0,
}  # fmt: skip
ONE = OneMeter(GRID, VALUES, tuple(checks.findings(VALUES, "grid", {"grid", "pv"})))
FOUND = Found(
    "rtu:///dev/ttyUSB0?baud=9600&parity=N", 2, "",
    (
        Candidate("eastron-sdm630", "Eastron SDM630-Modbus", "likely", True, {"power_w": 412.0, "import_wh": 81_204.0}),
        Candidate("eastron-sdm72d", "Eastron SDM72D-M", "possible", True, {"power_w": 412.0, "import_wh": 81_204.0}),
    ),
)  # fmt: skip
LOOKING = Scan("running", ScanStep(81, 494, FOUND.url, 81), (FOUND, Found(FOUND.url, 40, "Growatt MOD 6000TL3-X")))


def _page(page: object, status: Status = DAY) -> Status:
    return replace(status, page=page)


LOOKS: dict[str, tuple[str, Status]] = {
    "charging-settings": ("charging_settings", _page(CHARGING)),
    "charging-settings-point": ("charging_settings_point", _page(CHARGING)),
    "charging-settings-out-of-use": ("charging_settings", _page(OUT_OF_USE)),
    "charging-settings-none": ("charging_settings", _page(replace(CHARGING, points=()), EMPTY)),
    "point-form": ("point_form", _page(NEW_POINT)),
    "point-form-no-line": ("point_form", _page(NO_LINE)),
    "point-form-known": ("point_form", _page(KNOWN_POINT)),
    "weekly-plan": ("weekly_plan", _page(PLANNED)),
    "weekly-plan-not-in-force": ("weekly_plan", _page(NOT_IN_FORCE)),
    "weekly-plan-none": ("weekly_plan", _page(CHARGING)),
    "plan-day": ("plan_day", _page(PLANNED)),
    "plan-day-empty": ("plan_day", _page(CHARGING)),
    "plan-hours": ("plan_hours", _page(PLANNED)),
    "plan-copy": ("plan_copy", _page(PLANNED)),
    "users": ("users", _page(CHARGING)),
    "users-none": ("users", _page(replace(CHARGING, users=()), EMPTY)),
    "learn-card": ("learn_card", _page(CHARGING)),
    "guest-code": ("guest_code", DAY),
    "measurement": ("measurement", _page(METERS)),
    "measurement-none": ("measurement", _page(MetersSeen(()), EMPTY)),
    "meter": ("measurement_meter", _page(ONE)),
    "meter-search": ("measurement_search", _page(SearchSeen(None, adapters=("/dev/serial/by-id/usb-FTDI_FT232R",)))),
    "meter-search-none": ("measurement_search", _page(SearchSeen(None), EMPTY)),
    "meter-looking": ("measurement_search", _page(SearchSeen(LOOKING, (None, None)))),
    "meter-nothing": ("measurement_search", _page(SearchSeen(Scan("done")))),
    "meter-found": ("measurement_found", _page(SearchSeen(LOOKING, (None, None)))),
    "reset-counters": ("reset_counters", _page(METERS)),
}
