"""The balance out of what is stored: the newest readings, and the quarter hours of days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.metering import household, meters, periods, readings, slots
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


def test_the_balance_of_each_day_of_a_week(house: Opened) -> None:
    counted = {1: (4000, 6000), 2: (0, 10_000), 3: (3000, 0)}
    with house.store.write() as db:
        slots.save(db, [Slot(number, NOON_S, *wh, 0, 0, 0, 0, 0, 900, gap=True) for number, wh in counted.items()])
    week = household.bars(house, periods.containing("week", DAY), BERLIN)
    assert [start.day for start in week.starts] == [16, 17, 18, 19, 20, 21, 22, 23]
    assert [one.house_wh for one in week.energies] == [None, None, None, None, 5000, None, None]
    friday = week.energies[4]
    assert (friday.grid_import_wh, friday.grid_export_wh, friday.car_wh, friday.gap) == (4000, 6000, 3000, True)
    assert friday == household.between(house, DAY, DAY, BERLIN)


def test_a_meter_out_of_use_counts_in_the_bars_in_which_it_measured(house: Opened, actor: audit.Actor) -> None:
    with house.store.write() as db:
        for day in (0, 1):
            wh = {1: (4000, 0), 2: (0, 1000)} | ({3: (3000, 0)} if day == 0 else {})
            begin_s = NOON_S + 86_400 * day
            slots.save(db, [Slot(number, begin_s, *both, 0, 0, 0, 0, 0, 900, gap=False) for number, both in wh.items()])
    meters.archive(house.store, house.clock, 3, actor=actor)
    week = household.bars(house, periods.containing("week", DAY), BERLIN).energies
    assert [(one.house_wh, one.car_wh) for one in week[4:6]] == [(2000, 3000), (5000, None)]


def test_the_powers_of_a_day_quarter_hour_by_quarter_hour(house: Opened) -> None:
    watts = {1: -2000, 2: -4000, 3: 500}
    with house.store.write() as db:
        slots.save(db, [Slot(n, NOON_S, 0, 0, 0, 0, w, w, w, 900, gap=False) for n, w in watts.items()])
    found = household.powers(house, DAY, BERLIN, 900)
    assert len(found.at_each) == 96
    noon = found.at_each[48]
    assert (noon.grid_w, noon.pv_w, noon.car_w, noon.house_w) == (-2000, 4000, 500, 1500)
    assert found.at_each[47].house_w is None


def test_the_first_day_is_that_of_the_oldest_quarter_hour(house: Opened) -> None:
    assert household.first_day(house, BERLIN) is None
    with house.store.write() as db:
        slots.save(db, [Slot(1, NOON_S, 1, 1, 0, 0, 0, 0, 0, 900, gap=False)])
    assert household.first_day(house, BERLIN) == DAY


def test_a_house_without_meters_has_no_bars(opened: Opened) -> None:
    found = household.bars(opened, periods.containing("week", DAY), BERLIN)
    assert found.energies == [] and household.powers(opened, DAY, BERLIN, 900).at_each == []


def test_the_balance_up_to_a_moment_of_the_day(house: Opened) -> None:
    with house.store.write() as db:
        for start_s in (NOON_S - 86_400, NOON_S, NOON_S + 900):
            slots.save(db, [Slot(n, start_s, 1000 * n, 0, 0, 0, 0, 0, 0, 900, gap=False) for n in (1, 2, 3)])
    begin = datetime(2026, 11, 19, tzinfo=BERLIN).astimezone(UTC)
    end = datetime(2026, 11, 20, 12, 15, tzinfo=BERLIN).astimezone(UTC)
    assert household.stretch(house, begin, end, BERLIN).grid_import_wh == 2000


def test_a_meter_set_up_later_is_not_missed_in_what_was_before(
    house: Opened, clock: FakeClock, actor: audit.Actor
) -> None:
    counted = {1: (4000, 6000), 2: (0, 10_000), 3: (3000, 0)}
    with house.store.write() as db:
        slots.save(
            db, [Slot(n, NOON_S - 864_000, *wh, 0, 0, 100, 100, 100, 900, gap=False) for n, wh in counted.items()]
        )
    before = date(2026, 11, 10)
    meters.add(
        house.store, clock, name="Battery", model="eastron-sdm630", url="tcp://h:1", unit=4, role="battery", actor=actor
    )
    assert household.between(house, before, before, BERLIN).house_wh == 5000
    assert household.bars(house, periods.containing("month", before), BERLIN).energies[9].house_wh == 5000
    assert household.powers(house, before, BERLIN, 900).at_each[48].house_w is not None
    today = clock.now().astimezone(BERLIN).date()
    assert household.between(house, today, today, BERLIN).missing == ("grid", "pv", "charger", "battery")
