"""The balance out of what is stored: the newest readings, and the quarter hours of days."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.metering import household, meters, readings, slots
from appliance.metering.balance import Missing
from appliance.metering.slots import Slot
from appliance.opened import Opened
from drivers.interfaces import Reading
from tests.fake_clock import FakeClock

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 20)
NOON_S = 1_795_172_400  # 2026-11-20 12:00 in Berlin


@pytest.fixture
def house(opened: Opened, actor: audit.Actor) -> Opened:
    """Grid, roof and car, numbers 1 to 3."""
    for name, role in (("Grid", "grid"), ("Roof", "pv"), ("Car", "charger")):
        meters.add(
            opened.store, opened.clock, name=name, model="eastron-sdm630", url="tcp://h:1", unit=1, role=role,
            actor=actor,
        )  # fmt: skip
    return opened


def test_now_with_a_meter_whose_reading_is_too_old(house: Opened, clock: FakeClock) -> None:
    readings.put(house.live, clock, 2, Reading({"power_w": -4000.0}))
    clock.advance(60)
    readings.put(house.live, clock, 1, Reading({"power_w": 1000.0}))
    readings.put(house.live, clock, 3, Reading({"power_w": 600.0}))
    found = household.now(house)
    assert (found.balance.grid_w, found.balance.pv_w, found.balance.house_w) == (1000.0, None, None)
    assert found.missing == (Missing("Roof", "pv", ("pv", "house")),)
    readings.put(house.live, clock, 2, Reading({"power_w": -4000.0}))
    assert household.now(house).balance.house_w == 4400.0 and household.now(house).missing == ()


def test_the_energies_of_days_with_a_meter_that_is_out_of_use_now(house: Opened, actor: audit.Actor) -> None:
    counted = {1: (4000, 6000), 2: (0, 10_000), 3: (3000, 0)}
    with house.store.write() as db:
        slots.save(db, [Slot(number, NOON_S, *wh, 0, 0, 0, 0, 0, 900, gap=False) for number, wh in counted.items()])
    meters.archive(house.store, house.clock, 3, actor=actor)
    found = household.between(house, DAY, DAY, BERLIN)
    assert (found.house_wh, found.car_wh, found.self_consumption, found.self_sufficiency) == (5000, 3000, 0.4, 0.5)
    later = household.between(house, date(2026, 11, 21), date(2026, 11, 21), BERLIN)
    assert later.missing == ("grid", "pv") and later.house_wh is None
