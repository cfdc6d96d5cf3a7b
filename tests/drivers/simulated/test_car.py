"""The car: draws only while it is released, tapers, fills up, drives off, comes back."""

from __future__ import annotations

from itertools import pairwise

import pytest

from drivers.simulated import car
from drivers.simulated.car import Car


def live(it: Car, begin_s: int, end_s: int) -> list[float]:
    """Let the car live from second to second; return its power."""
    power = []
    for at in range(begin_s, end_s):
        power.append(it.power_w(at))
        it.live(at, 1.0)
    return power


def test_without_release_it_draws_nothing() -> None:
    it = Car()
    assert set(live(it, 0, 3600)) == {0.0} and it.stored_wh == Car().stored_wh


def test_it_wakes_up_then_raises_its_power_to_11_kw() -> None:
    it = Car()
    it.release(True, 100)
    power = live(it, 100, 130)
    assert power[:4] == [0.0] * 4
    assert all(before <= after for before, after in pairwise(power))
    assert power[9:] == [11_000.0] * 21


def test_it_stops_at_once_when_the_release_ends_and_a_second_release_changes_nothing() -> None:
    it = Car()
    it.release(True, 0)
    live(it, 0, 60)
    it.release(True, 60)
    assert it.power_w(60) == 11_000
    it.release(False, 60)
    assert it.power_w(60) == 0


def test_it_tapers_at_the_end_fills_up_and_draws_nothing_more() -> None:
    it = Car(stored_wh=0.7 * 58_000)
    it.release(True, 0)
    power = live(it, 0, 4 * 3600)
    full = power.index(0.0, 10)
    assert it.charge == 1.0 and set(power[full:]) == {0.0}
    assert all(before >= after for before, after in pairwise(power[10:full])), "never more again"
    assert 1400 <= power[full - 1] < 1500


def test_what_it_draws_arrives_in_its_battery_but_for_the_losses() -> None:
    it = Car()
    it.release(True, 0)
    energy_wh = sum(live(it, 0, 3600)) / 3600
    assert it.stored_wh - Car().stored_wh == pytest.approx(car.EFFICIENCY * energy_wh)


def test_full_and_no_longer_released_it_drives_off_and_comes_back_emptier() -> None:
    it = Car(stored_wh=58_000)
    live(it, 0, int(car.REST_S))
    assert it.present
    live(it, int(car.REST_S), int(car.REST_S) + 2)
    assert not it.present
    end = int(car.REST_S + car.AWAY_S) + 3
    live(it, int(car.REST_S) + 2, end)
    assert it.present and it.charge == pytest.approx(car.COMES_BACK_WITH)


def test_full_but_released_or_not_full_it_stays() -> None:
    full, half = Car(stored_wh=58_000), Car(stored_wh=29_000)
    full.release(True, 0)
    for it in (full, half):
        live(it, 0, 2 * 3600)
        assert it.present


def test_away_it_draws_nothing_and_on_return_a_station_still_released_wakes_it() -> None:
    it = Car()
    it.release(True, 0)
    it.leave()
    assert set(live(it, 0, 4000)) == {0.0}, "called away, it stays away"
    it.arrive(0.2, 4000)
    power = live(it, 4000, 4020)
    assert power[0] == 0 and power[-1] == 11_000
