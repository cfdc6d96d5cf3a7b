"""The guards in the charging loop, on strict pins: leak alarm and limit of the grid current."""

from __future__ import annotations

import pytest

from appliance import faults
from appliance.charging import grants
from appliance.charging.points import Point
from appliance.metering import meters, readings
from appliance.metering.meters import Meter
from appliance.store import settings
from drivers.interfaces import Reading
from tests.appliance.charging.house import ACTOR, House


def fault(house: House, source: str) -> faults.Fault | None:
    return next((one for one in faults.active(house.opened.live) if one.source == source), None)


# Leak ----------------------------------------------------------------------------------------


def drive_open(house: House, point: Point, seconds: int, power_w: float) -> None:
    house.drive(point, seconds, power_w, 5000.0)


def test_power_through_an_open_relay_is_said_after_30_s_and_ends_by_itself(house: House) -> None:  # issue 4, part 4
    point = house.point(metered=True)
    house.start()
    drive_open(house, point, 30, 3700.0)
    assert fault(house, f"leak:{point.id}") is None
    drive_open(house, point, 1, 3700.0)
    found = fault(house, f"leak:{point.id}")
    assert found is not None and found.code == "leak"
    assert "Wallbox" in found.sentence and "welded" in found.sentence and "another meter" in found.sentence
    drive_open(house, point, 1, 0.0)
    assert fault(house, f"leak:{point.id}") is None


def test_a_car_that_charges_is_no_leak_nor_is_its_last_reading(house: House) -> None:
    point = house.point(metered=True)
    core = house.start()
    house.charge(point)
    house.drive(point, 60, 11000.0, 6000.0)
    grants.stop(house.opened, point.id, ACTOR)
    core.step()
    house.turn(60.0)
    assert not house.is_closed(point) and fault(house, f"leak:{point.id}") is None


def test_what_another_point_on_the_same_meter_draws_is_no_leak(house: House) -> None:
    point = house.point(metered=True)
    other = house.point("Garage", 18)
    house.share_meter(point, other)
    house.start()
    house.charge(point)
    house.drive(point, 60, 11000.0, 6000.0)
    assert fault(house, f"leak:{other.id}") is None


def test_an_alarm_of_an_earlier_core_does_not_stay_for_ever(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    drive_open(house, point, 35, 3700.0)
    assert fault(house, f"leak:{point.id}") is not None
    house.crash()
    house.start()
    assert fault(house, f"leak:{point.id}") is None
    drive_open(house, point, 31, 3700.0)
    assert fault(house, f"leak:{point.id}") is not None


# Grid limit ----------------------------------------------------------------------------------


@pytest.fixture
def grid(house: House) -> Meter:
    """A grid meter, and a limit of 35 A."""
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.grid_limit_a", "35")
    return meters.add(
        house.opened.store, house.clock, name="Grid", model="eastron-sdm630", url="tcp://127.0.0.1:5021", unit=1,
        role="grid", actor=ACTOR,
    )  # fmt: skip


def draw(house: House, grid: Meter, point: Point, seconds: int, current_a: float) -> None:
    """The whole house draws so much on its second phase, for a while."""
    for _ in range(seconds):
        readings.put(house.opened.live, house.clock, grid.id, Reading({"current_l1_a": 1.0, "current_l2_a": current_a}))
        house.drive(point, 1, 11000.0 if house.is_closed(point) else 0.0, 6000.0)


def test_over_the_limit_the_relays_open_and_the_session_goes_on_later(house: House, grid: Meter) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    draw(house, grid, point, 5, 36.0)
    assert house.is_closed(point)
    draw(house, grid, point, 2, 36.0)
    assert not house.is_closed(point)
    found = fault(house, "grid:limit")
    assert found is not None and found.code == "limit" and "35 A" in found.sentence and "33 A" in found.sentence
    draw(house, grid, point, 60, 20.0)
    assert not house.is_closed(point)
    draw(house, grid, point, 3, 20.0)
    assert house.is_closed(point) and fault(house, "grid:limit") is None
    assert house.session().ended_at is None and len(house.sessions()) == 1


def test_a_session_outlasts_a_limit_that_holds_for_long(house: House, grid: Meter) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.idle_end_s", "60")
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    draw(house, grid, point, 200, 36.0)
    assert not house.is_closed(point) and house.session().ended_at is None


def test_the_minimum_pause_does_not_delay_the_opening(house: House, grid: Meter) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.min_pause_s", "600")
    point = house.point(metered=True)
    house.start()
    house.turn(600.0)
    house.charge(point)
    assert house.is_closed(point)
    draw(house, grid, point, 7, 36.0)
    assert not house.is_closed(point)


def test_a_grid_meter_that_says_nothing_opens_nothing_but_is_said(house: House, grid: Meter) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    draw(house, grid, point, 3, 34.0)
    assert fault(house, "grid:meter") is None
    house.drive(point, 30, 11000.0, 6000.0)
    assert house.is_closed(point)
    found = fault(house, "grid:meter")
    assert found is not None and found.code == "silent" and "Grid gives no current" in found.sentence


def test_a_limit_without_a_grid_meter_is_said_and_without_a_limit_nothing_is(house: House, grid: Meter) -> None:
    meters.remove(house.opened.store, house.clock, grid.id, actor=ACTOR)
    house.start()
    found = fault(house, "grid:meter")
    assert found is not None and found.code == "missing" and "role grid" in found.sentence
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.grid_limit_a", "0")
    house.turn()
    assert fault(house, "grid:meter") is None
