"""What a household measured: quarter hours of grid, car and roof, as the core keeps them."""

from __future__ import annotations

import math
from datetime import timedelta
from zoneinfo import ZoneInfo

from appliance.metering import days, history, slots
from appliance.opened import Opened

ZONE = ZoneInfo("Europe/Berlin")
GRID, CAR, ROOF = 1, 2, 3  # numbers of the meters


def live_through(opened: Opened, length_days: int = 1) -> None:
    """Days up to the end of today: base load, cooking, sun, a car every third afternoon, an hour nobody measured."""
    today = opened.clock.now().astimezone(ZONE).date()
    kept = []
    for back in range(length_days):
        begin, _end = history.bounds(today - timedelta(days=back), ZONE)
        bright = 1.0 - 0.5 * abs(math.sin(back))
        for number in range(96):
            hour = number / 4
            if back or not 9 <= hour < 10:
                kept += quarter(int(begin.timestamp()) + 900 * number, hour, bright, plugged=back % 3 == 0)
    with opened.store.write() as db:
        slots.save(db, kept)
        while days.summed(db, ZONE) < days.number_of(today):
            before = days.summed(db, ZONE)
            days.sum_up(db, ZONE, opened.clock.now())
            if days.summed(db, ZONE) == before:
                break


def quarter(start_s: int, hour: float, bright: float, *, plugged: bool) -> list[slots.Slot]:
    """A quarter hour of the three meters."""
    sun_w = max(0.0, 5200 * bright * math.sin((hour - 7) / 10 * math.pi)) if 7 < hour < 17 else 0.0
    car_w = 7200.0 if plugged and 14 <= hour < 16.5 else 0.0
    house_w = 280 + 120 * math.sin(hour) ** 2 + (1900 if 11.5 <= hour < 12.5 else 900 if 18 <= hour < 20 else 0)
    powers = ((GRID, house_w + car_w - sun_w), (CAR, car_w), (ROOF, -sun_w))
    return [slot(meter_id, start_s, watts) for meter_id, watts in powers]


def slot(meter_id: int, start_s: int, watts: float) -> slots.Slot:
    """A quarter hour of one meter."""
    energy_wh = round(abs(watts) / 4)
    return slots.Slot(
        meter_id=meter_id, start_s=start_s, import_wh=energy_wh if watts >= 0 else 0,
        export_wh=energy_wh if watts < 0 else 0, import_counter_wh=1000, export_counter_wh=1000,
        min_w=round(watts * 0.8), mean_w=round(watts), max_w=round(watts * 1.2), samples=900, gap=False,
    )  # fmt: skip
