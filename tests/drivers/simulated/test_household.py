"""The household: its meters agree with each other, and its counters with its power."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from drivers.interfaces import QUANTITIES
from drivers.simulated.household import LONGEST_S, PER_WH, Household

NOON_S = int(datetime(2026, 5, 2, 10, tzinfo=UTC).timestamp())
ROLES = ("grid", "charger", "pv")


def power(house: Household, role: str) -> float:
    return house.shown(role)["power_w"]


def test_the_meters_show_every_quantity_there_is() -> None:
    house = Household(NOON_S)
    for role in ROLES:
        assert set(house.shown(role)) == set(QUANTITIES)


def test_grid_is_house_and_car_minus_roof_on_every_phase() -> None:
    house = Household(NOON_S)
    house.release(True)
    for _ in range(60):
        house.advance(house.t_s + 7)
        grid, charger, pv = (house.shown(role) for role in ROLES)
        for phase in ("power_l1_w", "power_l2_w", "power_l3_w"):
            rest = grid[phase] - charger[phase] - pv[phase]
            assert 25 < rest < 1500, "what is left is the house's own load on this phase"
        assert grid["power_w"] == pytest.approx(sum(grid[f"power_l{n}_w"] for n in (1, 2, 3)))


def test_counters_are_the_integral_of_the_power_shown() -> None:
    house = Household(NOON_S)
    before = {role: house.shown(role) for role in ROLES}
    joules = {role: [0.0, 0.0] for role in ROLES}
    for second in range(7200):
        house.release(second % 1800 > 300)
        for role in ROLES:
            watts = power(house, role)
            joules[role][watts < 0] += abs(watts)
        house.advance(house.t_s + 1)
    for role in ROLES:
        after = house.shown(role)
        drawn = [after[f"{way}_wh"] - before[role][f"{way}_wh"] for way in ("import", "export")]
        assert drawn == pytest.approx([joule / 3600 for joule in joules[role]], abs=1e-4)
    assert joules["charger"][0] > 10e6 and joules["pv"][1] > 1e6


def test_phases_add_up_to_the_total_where_all_flow_the_same_way() -> None:
    house = Household(NOON_S)
    house.release(True)
    before = asdict(house.counters["charger"])
    house.advance(house.t_s + 3600)
    after = asdict(house.counters["charger"])
    by_phase = sum(after["imported_by_phase"]) - sum(before["imported_by_phase"])
    assert by_phase == after["imported"] - before["imported"] > 9000 * PER_WH


def test_no_counter_ever_runs_backwards() -> None:
    house = Household(NOON_S)
    before = {role: house.shown(role) for role in ROLES}
    for hour in range(24):
        house.release(hour % 2 == 0)
        house.advance(house.t_s + 3600)
        now = {role: house.shown(role) for role in ROLES}
        for role in ROLES:
            assert all(now[role][name] >= before[role][name] for name in now[role] if name.endswith("_wh"))
        before = now


def test_the_car_charges_only_while_released() -> None:
    house = Household(NOON_S)
    house.advance(house.t_s + 600)
    assert power(house, "charger") == 0
    house.release(True)
    house.advance(house.t_s + 60)
    assert power(house, "charger") == pytest.approx(11_000, abs=1)
    house.release(False)
    assert power(house, "charger") == 0
    house.advance(house.t_s + 600)
    assert power(house, "charger") == 0


def test_released_overnight_the_car_is_full_and_the_meter_counted_it() -> None:
    house = Household(NOON_S)
    missing_wh = house.car.capacity_wh - house.car.stored_wh
    before = house.shown("charger")["import_wh"]
    house.release(True)
    house.advance(house.t_s + 6 * 3600)
    assert house.car.charge == 1 and power(house, "charger") == 0
    assert house.shown("charger")["import_wh"] - before == pytest.approx(missing_wh / 0.92, rel=0.001)


def test_voltage_sags_under_load_and_rises_with_the_sun_at_all_meters_alike() -> None:
    house = Household(NOON_S)
    house.sky = 1.0
    sunny = house.shown("grid")["voltage_l3_v"]
    house.sky = 0.0
    dark = house.shown("grid")["voltage_l3_v"]
    house.release(True)
    house.advance(house.t_s + 20)
    loaded = house.shown("grid")["voltage_l3_v"]
    assert 238 > sunny > dark > loaded > 225
    assert loaded == house.shown("charger")["voltage_l3_v"] == house.shown("pv")["voltage_l3_v"]


def test_current_fits_power_voltage_and_power_factor() -> None:
    house = Household(NOON_S)
    house.release(True)
    house.advance(house.t_s + 60)
    shown = house.shown("charger")
    assert shown["current_l1_a"] == pytest.approx(
        shown["power_l1_w"] / shown["voltage_l1_v"] / shown["power_factor"], rel=1e-9
    )
    assert 15 < shown["current_l1_a"] < 17


def test_the_same_seed_times_and_releases_give_the_same_figures_however_often_one_looks() -> None:
    often, seldom, other = Household(NOON_S + 0.25, 5), Household(NOON_S, 5), Household(NOON_S, 6)
    for house in (often, seldom, other):
        house.release(True)
    for quarter in range(1, 8 * 900):
        often.advance(NOON_S + quarter / 8)
    seldom.advance(NOON_S + 899.9)
    other.advance(NOON_S + 899.9)
    assert often.shown("grid") == seldom.shown("grid") != other.shown("grid")


def test_a_clock_that_was_set_moves_the_house_and_counts_nothing() -> None:
    house = Household(NOON_S)
    before = asdict(house.counters["grid"])
    for jump_s in (-3600, LONGEST_S + 10):
        house.advance(house.t_s + jump_s)
        assert asdict(house.counters["grid"]) == before
    assert house.t_s == NOON_S - 3600 + LONGEST_S + 10
