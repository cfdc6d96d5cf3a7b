"""What a counter may say, and what is made of what it may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.metering.counters import Count, follows, step_of


def test_energy_is_the_difference_of_the_counter() -> None:
    count = Count()
    assert count.see(8_000_000.4, 0.0) and count.see(8_000_020.6, 10.0)
    assert (count.energy_wh, count.end_wh) == (21, 8_000_021)


@pytest.mark.parametrize(
    ("more_wh", "passed_s", "possible"),
    [
        (0.0, 1.0, True),
        (27.0, 1.0, True),  # 100 kW are 27.8 Wh a second
        (40.0, 1.0, False),
        (90_000.0, 3600.0, True),
        (110_000.0, 3600.0, False),
        (-2.0, 1.0, True),  # the resolution of a float counter above 16.8 MWh
        (-10.0, 3600.0, False),
        (5.0, -1.0, False),
    ],
)
def test_a_household_has_its_limits(more_wh: float, passed_s: float, possible: bool) -> None:
    assert follows(20_000_000.0, 20_000_000.0 + more_wh, passed_s) is possible


def test_a_counter_that_jumps_is_not_believed_and_a_minute_later_it_is_another_meter() -> None:
    count = Count()
    assert count.see(8_000_000.0, 0.0) and count.see(8_000_001.0, 1.0)
    assert not count.see(12.0, 2.0)
    assert not count.see(13.0, 30.0)
    assert not count.see(14.0, 63.0), "the meter was replaced: counting starts anew"
    assert count.see(15.0, 64.0)
    assert count.energy_wh == 1 + 3, "what it counted meanwhile is not lost"


def test_a_short_lapse_of_the_counter_costs_nothing() -> None:
    count = Count()
    count.see(1000.0, 0.0)
    assert not count.see(0.0, 1.0)
    assert count.see(1002.0, 2.0) and count.energy_wh == 2


def test_a_counter_that_says_something_else_each_time_is_never_taken_for_another_meter() -> None:
    count = Count()
    count.see(1000.0, 0.0)
    for second in range(1, 200):
        assert not count.see(1e6 * (1 + second % 7), float(second))
    assert count.see(1003.0, 200.0) and count.energy_wh == 3


def test_a_float_counter_may_step_back_by_its_own_resolution() -> None:
    count = Count()
    count.see(21_480_992.0, 0.0)
    assert count.see(21_480_990.0, 1.0) and count.end_wh == 21_480_992


def test_the_next_quarter_hour_begins_where_this_one_ended() -> None:
    count = Count()
    count.see(10.0, 0.0)
    count.see(25.4, 10.0)
    after = count.go_on()
    assert (after.begin_wh, after.energy_wh) == (25, 0)
    assert after.see(26.4, 20.0) and count.energy_wh + after.energy_wh == 16


@given(st.lists(st.floats(0.0, 25.0), min_size=1, max_size=60), st.sets(st.integers(1, 59)))
def test_no_energy_is_lost_or_invented_wherever_the_borders_lie(steps: list[float], borders: set[int]) -> None:
    count, wh, total = Count(), 1000.0, 0
    count.see(wh, 0.0)
    for second, step in enumerate(steps, 1):
        if second in borders:
            total, count = total + count.energy_wh, count.go_on()
        wh += step
        assert count.see(wh, float(second))
    assert total + count.energy_wh == round(wh) - 1000


# Over the end, and reset -------------------------------------------------------------------------


@pytest.mark.parametrize("end_wh", [2**32 / 10, 2**32, 2**31, 1e8, 1e9])
def test_a_counter_that_runs_over_its_end_goes_on(end_wh: float) -> None:
    count = Count()
    count.see(end_wh - 5, 0.0)
    assert count.see(4.0, 1.0), "believed at once"
    assert count.see(11.0, 2.0) and count.energy_wh == 16 and count.end_wh == 11
    after = count.go_on()
    assert after.see(12.0, 3.0) and after.energy_wh == 1


def test_a_counter_that_ran_over_its_end_while_the_appliance_was_off_goes_on() -> None:
    count = Count.resumed(round(2**32 / 10) - 2000, -3600.0)
    assert count.see(500.0, 10.0) and count.energy_wh == 2500


def test_another_meter_is_not_taken_for_a_counter_over_its_end() -> None:
    count = Count.resumed(99_000_000 - 200_000, -86400.0)
    assert not count.see(300.0, 10.0)


def test_a_reset_counter_loses_nothing_of_what_it_counts_from_then_on() -> None:
    count = Count()
    count.see(5000.5, 0.0)
    count.see(5003.5, 1.0)
    for second in range(2, 120):
        count.see(0.5 * (second - 2), float(second))
    assert count.energy_wh == 3 + 58 or count.energy_wh == 3 + 59
    assert count.end_wh == round(0.5 * 117)


def test_a_negative_or_wildly_jumping_counter_is_never_believed() -> None:
    count = Count()
    count.see(1000.0, 0.0)
    assert not count.see(-500.0, 1.0) and not count.see(1e15, 2.0) and count.energy_wh == 0


# Coarse counters (100 Wh, 1 kWh) -------------------------------------------------------------------


@pytest.mark.parametrize(("step_wh", "watts"), [(100, 2000.0), (1000, 2000.0), (1000, 11_000.0), (10, 300.0)])
def test_a_coarse_counter_gives_smooth_quarter_hours_that_add_up_to_it(step_wh: int, watts: float) -> None:
    """METERING A.1.4: Carlo Gavazzi counts in 100 Wh, Hager in 1 kWh."""
    true_wh, begin_wh, count, energies = 8_421_000.0 + 0.37 * step_wh, 8_421_000, Count(), []
    for second in range(1, 4 * 3600 + 1):
        true_wh += watts / 3600
        shown_wh = float(true_wh // step_wh * step_wh)
        assert count.see(shown_wh, float(second), watts / 3600 if second > 1 else None), second
        assert abs((count.counted_wh or 0.0) - shown_wh) <= step_wh, "never further from the counter than a step"
        if second % 900 == 0:
            energies.append(count.energy_wh)
            count = count.go_on()
    assert abs(sum(energies) - (true_wh - begin_wh)) <= step_wh
    assert max(energies) - min(energies) <= 0.02 * watts / 4 + 2, energies


@pytest.mark.parametrize("error", [0.97, 1.03])
def test_a_power_that_is_a_little_wrong_stays_tied_to_the_counter(error: float) -> None:
    count, total, true_wh = Count(), 0, 500_000.0
    for second in range(1, 48 * 3600):
        true_wh += 1500 / 3600
        count.see(float(true_wh // 1000 * 1000), float(second), error * 1500 / 3600)
        if second % 900 == 0:
            total, count = total + count.energy_wh, count.go_on()
    assert abs(total + count.energy_wh - (true_wh - 500_000.0)) <= 2000


def test_a_coarse_counter_that_jumps_by_a_step_is_believed_and_by_many_is_not() -> None:
    count = Count()
    count.see(8_421_000.0, 0.0)
    assert count.see(8_422_000.0, 1.0) and not count.see(8_500_000.0, 2.0)


def test_after_a_reboot_what_was_filled_in_is_not_counted_again() -> None:
    count = Count.resumed(8_421_640, -60.0)  # 640 Wh more than the counter showed
    assert count.see(8_421_000.0, 10.0) and count.energy_wh == 0
    assert count.see(8_422_000.0, 700.0, 200.0) and count.energy_wh == 200


def test_over_a_gap_the_counter_itself_tells() -> None:
    count = Count()
    count.see(700_100.0, 0.0, None)
    assert count.see(705_100.0, 3600.0, None) and count.energy_wh == 5000


@pytest.mark.parametrize(
    ("wh", "step_wh"), [(8_421_000.0, 1000), (8_421_300.0, 100), (70.0, 10), (8_421_337.2, 1), (0.0, 1000)]
)
def test_the_step_of_a_counter_is_what_all_it_says_is_a_multiple_of(wh: float, step_wh: int) -> None:
    assert step_of(wh) == step_wh
