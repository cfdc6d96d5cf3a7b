"""Hand-made looks at the energy pages: picture name -> screen, status."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from appliance.billing.grid_money import Money
from appliance.metering import periods
from appliance.metering.balance import Balance, Energies
from appliance.metering.health import Health
from appliance.metering.history import Energy
from appliance.metering.household import Bars, Powers
from appliance.metering.meters import Meter
from appliance.metering.periods import Period
from appliance.metering.totals import Shown
from tests.ui.touch import looks
from ui.touch.screens.energy.history_data import History
from ui.touch.screens.energy.source_data import Counters, MeterSeen, Source
from ui.touch.status import Curve, MeterNow, Status, Today

ZONE = ZoneInfo("Europe/Berlin")
BATTERY = replace(
    looks.DAY,
    roles=frozenset({"grid", "charger", "pv", "battery"}),
    grid_w=-1230.0,
    pv_w=5730.0,
    car_w=1410.0,
    house_w=640.0,
    battery_w=2450.0,
    today=Today(1_410, 6_900, 24_800, 9_120, 8_050, 3_210),
    meters=(*looks.DAY.meters, MeterNow(4, "Battery", "battery", "eastron-sdm630", 2450.0, 0.5)),
)
EVENING = replace(BATTERY, grid_w=12.0, pv_w=0.0, car_w=0.0, house_w=1842.0, battery_w=-1830.0)
GRID_ONLY = replace(
    looks.DAY, roles=frozenset({"grid"}), grid_w=412.0, house_w=412.0, car_w=None, pv_w=None,
    meters=looks.DAY.meters[:1], today=Today(7_190), curve=Curve(looks.DAY.curve.house),
)  # fmt: skip
NO_SUN = replace(
    looks.CHARGING, roles=frozenset({"grid", "charger"}), pv_w=None, grid_w=11_650.0, meters=looks.DAY.meters[:2],
    curve=Curve(looks.DAY.curve.house, (), looks.DAY.curve.car),
)  # fmt: skip


# History -----------------------------------------------------------------------------------------


def energies(house_wh: float, car_wh: float, pv_wh: float, *, stored: float = 0.0, gap: bool = False) -> Energies:
    """The balance of a stretch with a roof, and with a battery where `stored` Wh went through one."""
    fed = max(0.0, pv_wh - stored - 0.62 * (house_wh + car_wh))
    bought = max(0.0, house_wh + car_wh + fed + stored - pv_wh - 0.9 * stored)
    return Energies(
        grid_import_wh=round(bought), grid_export_wh=round(fed), pv_wh=round(pv_wh),
        battery_charged_wh=round(stored), battery_given_wh=round(0.9 * stored), car_wh=round(car_wh),
        house_wh=round(house_wh), unexplained_wh=0,
        self_consumption=None if not pv_wh else (pv_wh - fed) / pv_wh,
        self_sufficiency=1 - bought / (house_wh + car_wh), missing=(), gap=gap,
    )  # fmt: skip


def without_roof(one: Energies) -> Energies:
    """The same house, all of it from the grid."""
    bought = (one.house_wh or 0) + (one.car_wh or 0)
    return replace(
        one, grid_import_wh=bought, grid_export_wh=0, pv_wh=None, battery_charged_wh=None, battery_given_wh=None,
        self_consumption=None, self_sufficiency=0.0,
    )  # fmt: skip


NOTHING = Energies(None, None, None, None, None, None, None, 0, None, None, ("grid",), gap=False)
ROLES = frozenset({"grid", "pv", "charger"})
FIRST = date(2024, 3, 9)
MONEY = Money(Decimal("31.47"), Decimal("12.09"), "EUR")


def bars(period: Period, until: int, scale: float, *, stored: float = 0.0, gap_at: int = -1) -> Bars:
    """Sun and cars come and go."""
    starts = [datetime.combine(day, time(), looks.NOW.tzinfo) for day in period.bars()]
    found = []
    for number in range(len(starts) - 1):
        sun = 0.55 + 0.45 * math.sin(number * 2.1) * math.cos(number * 0.7)
        car = 1.0 if number % 3 == 1 else 0.25
        one = energies(
            8_000 * scale, 9_000 * scale * car, 24_000 * scale * sun, stored=stored * scale, gap=number == gap_at
        )
        found.append(one if number < until else NOTHING)
    return Bars(starts, found)


def history(period: Period, until: int, scale: float, *, stored: float = 0.0, gap_at: int = -1) -> History:
    """A period with the one before."""
    before = period.previous()
    whole = bars(period, until, scale, stored=stored, gap_at=gap_at)
    known = [one for one in whole.energies if one is not NOTHING]
    total = energies(
        sum(one.house_wh or 0 for one in known), sum(one.car_wh or 0 for one in known),
        sum(one.pv_wh or 0 for one in known), stored=stored * scale * len(known), gap=gap_at >= 0,
    )  # fmt: skip
    return History(
        period, ZONE, looks.NOW.date(), FIRST, ROLES | ({"battery"} if stored else frozenset()), total, MONEY,
        energies(total.house_wh or 1, 1.2 * (total.car_wh or 1), 0.8 * (total.pv_wh or 1)) if before else None,
        Money(Decimal("28.10"), Decimal("14.20"), "EUR"), whole,
        bars(before, 99, scale * 0.9, stored=stored) if before else None, None,
    )  # fmt: skip


def _day() -> History:
    curve, period = looks.DAY.curve, periods.containing("day", looks.NOW.date())
    at_each = [
        Balance(None if house is None else house + (car or 0) - (pv or 0), pv, car, house, ())
        for house, pv, car in zip(curve.house, curve.pv, curve.car, strict=True)
    ]
    begin = period.bounds(ZONE)[0]
    today = energies(7_190, 9_120, 24_800)
    return History(
        period, ZONE, looks.NOW.date(), FIRST, ROLES, today, Money(Decimal("0.62"), Decimal("1.19"), "EUR"),
        energies(8_300, 2_000, 18_000), None, None, None, Powers(begin, 900, at_each),
    )  # fmt: skip


DAY_SEEN = _day()
GAPPY = replace(
    DAY_SEEN,
    powers=replace(
        DAY_SEEN.powers,  # type: ignore[type-var]  # a day has them
        at_each=[
            Balance(None, None, None, None, ("grid",)) if 18 <= number < 27 else one
            for number, one in enumerate(DAY_SEEN.powers.at_each if DAY_SEEN.powers else [])
        ],
    ),
    sums=replace(DAY_SEEN.sums, gap=True),
)
WEEK = history(periods.containing("week", looks.NOW.date()), 6, 1.0, gap_at=2)
MONTH = history(periods.containing("month", looks.NOW.date()), 20, 1.0, stored=4_000)
YEAR = history(periods.containing("year", looks.NOW.date()), 6, 30.0)
ALL_YEARS = history(periods.total(FIRST, looks.NOW.date()), 3, 300.0)
GRID_WEEK = replace(
    WEEK, roles=frozenset({"grid", "charger"}), sums=without_roof(WEEK.sums), money=Money(None, None, "EUR"),
    bars=replace(WEEK.bars, energies=[without_roof(one) for one in WEEK.bars.energies[:6]] + [NOTHING]),  # type: ignore[type-var, union-attr]  # a week has them
)  # fmt: skip
NEVER = History(
    DAY_SEEN.period, ZONE, looks.NOW.date(), None, frozenset(), NOTHING, Money(None, None, "EUR"), NOTHING, None, None,
    None, Powers(DAY_SEEN.period.bounds(ZONE)[0], 900, []),
)  # fmt: skip

# Meters ------------------------------------------------------------------------------------------

VALUES = {
    "power_w": -5090.0, "power_l1_w": -1820.0, "power_l2_w": -1655.0, "power_l3_w": -1615.0, "voltage_l1_v": 231.4,
    "voltage_l2_v": 230.9, "voltage_l3_v": 232.2, "current_l1_a": 7.91, "current_l2_a": 7.2, "current_l3_a": 7.02,
    "power_factor_l1": 0.99, "power_factor_l2": 0.98, "power_factor_l3": 0.99, "power_factor": 0.99,
    "frequency_hz": 50.02,
}  # fmt: skip
COUNTERS = Shown(
    {"import_wh": 4_217_338, "import_l1_wh": 1_400_112, "import_l2_wh": 1_417_226, "import_l3_wh": 1_400_000,
     "export_wh": 12_811_004, "export_l1_wh": 4_270_000, "export_l2_wh": 4_270_334, "export_l3_wh": 4_270_670},
    datetime(2026, 1, 1, 10, 12, tzinfo=UTC),
)  # fmt: skip
GRID_METER = MeterSeen(
    Meter(1, "House connection", "kostal-ksem-g2", "tcp://192.168.178.30:502", 1, "grid", 1.0, archived=False),
    "Kostal Smart Energy Meter G2", VALUES, 0.4, Health(1, 0.0, 3_590, 2, 1.0),
    Energy(3_410, 11_900, gap=False), Energy(88_120, 310_400, gap=False), COUNTERS,
)  # fmt: skip
CAR_METER = MeterSeen(
    Meter(2, "Wallbox meter", "eastron-sdm630", "rtu:///dev/ttyUSB0", 2, "charger", 1.0, archived=False),
    "Eastron SDM630", {"power_w": 0.0, "frequency_hz": 50.02}, 0.6, Health(2, 0.0, 3_600, 0, 1.0),
    Energy(9_120, 0, gap=False), Energy(140_220, 0, gap=False), Shown({"import_wh": 812_004, "export_wh": 0}, None),
)  # fmt: skip
SILENT_METER = replace(
    GRID_METER, values={}, age_s=38.0, counters=Shown({"import_wh": None, "export_wh": None}, COUNTERS.reset_at)
)
HOUSE_SEEN = Source(
    "house", (replace(CAR_METER, meter=replace(CAR_METER.meter, name="Heat pump", role="submeter"),
                      values={"power_w": 312.0}),),
    Balance(-5090.0, 5730.0, 0.0, 640.0, ()), energies(7_190, 9_120, 24_800), energies(188_000, 140_220, 440_000),
)  # fmt: skip

LOOKS: dict[str, tuple[str, Status]] = {
    "energy": ("energy", looks.DAY),
    "energy-battery": ("energy", BATTERY),
    "energy-evening": ("energy", EVENING),
    "energy-grid-only": ("energy", GRID_ONLY),
    "energy-no-sun": ("energy", NO_SUN),
    "energy-silent": ("energy", looks.FAULTY),
    "energy-empty": ("energy", looks.EMPTY),
    "flow": ("flow", looks.DAY),
    "flow-battery": ("flow", BATTERY),
    "flow-silent": ("flow", looks.FAULTY),
    "flow-empty": ("flow", looks.EMPTY),
    "history-day": ("history", replace(looks.DAY, page=DAY_SEEN)),
    "history-gaps": ("history", replace(looks.DAY, page=GAPPY)),
    "history-week": ("history", replace(looks.DAY, page=WEEK)),
    "history-month": ("history", replace(BATTERY, page=MONTH)),
    "history-year": ("history", replace(looks.DAY, page=YEAR)),
    "history-all": ("history", replace(looks.DAY, page=ALL_YEARS)),
    "history-no-roof": ("history", replace(NO_SUN, page=GRID_WEEK)),
    "history-empty": ("history", replace(looks.EMPTY, page=NEVER)),
    "figures": ("figures", replace(BATTERY, page=MONTH)),
    "figures-day": ("figures", replace(looks.DAY, page=GAPPY)),
    "figures-no-roof": ("figures", replace(NO_SUN, page=GRID_WEEK)),
    "source": ("source", replace(looks.DAY, page=Source("grid", (GRID_METER,)))),
    "source-house": ("source", replace(looks.DAY, page=HOUSE_SEEN)),
    "source-silent": ("source", replace(looks.FAULTY, page=Source("grid", (SILENT_METER, CAR_METER)))),
    "counters": ("counters", replace(looks.DAY, page=Counters((GRID_METER, CAR_METER)))),
    "counters-empty": ("counters", replace(looks.EMPTY, page=Counters(()))),
}
