"""What a counter may say, and what is made of what it may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.metering.counters import Count, follows


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
