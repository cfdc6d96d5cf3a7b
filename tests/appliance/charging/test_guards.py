"""The guards, second by second: leak, grid limit, contactor."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.charging.guards import BELOW_FOR_S, OVER_FOR_S, Contactor, Grid, Leak, Reversed, drawn_a

LIMIT_A = 35.0


# Leak ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("power_w", "is_open", "seconds", "alarm"),
    [
        (201.0, True, 30, True),
        (201.0, True, 29, False),
        (200.0, True, 300, False),
        (-201.0, True, 30, True),  # a meter that is wired the wrong way round
        (-200.0, True, 300, False),
        (11000.0, False, 300, False),
        (11000.0, None, 300, False),
        (None, True, 300, False),
    ],
)
def test_power_through_an_open_relay_is_an_alarm_after_30_s(
    power_w: float | None, is_open: bool | None, seconds: int, alarm: bool
) -> None:
    leak = Leak()
    for second in range(seconds + 1):
        leak = leak.seen(power_w, is_open=is_open, now_s=float(second))
    assert leak.alarm is alarm


def test_a_fast_clock_waits_as_many_real_seconds() -> None:
    leak = Leak().seen(500.0, is_open=True, now_s=0.0, speed=60.0)
    assert not leak.seen(500.0, is_open=True, now_s=1799.0, speed=60.0).alarm
    assert leak.seen(500.0, is_open=True, now_s=1800.0, speed=60.0).alarm


@pytest.mark.parametrize(
    ("power_w", "is_open", "stays"),
    [(100.0, True, False), (500.0, False, False), (None, True, True), (9.0, None, True)],
)
def test_a_leak_ends_by_itself_but_not_by_silence(power_w: float | None, is_open: bool | None, stays: bool) -> None:
    alarmed = Leak(since_s=0.0, alarm=True)
    assert alarmed.seen(power_w, is_open=is_open, now_s=40.0).alarm is stays


def test_silence_in_between_starts_the_30_s_again() -> None:
    leak = Leak().seen(500.0, is_open=True, now_s=0.0).seen(None, is_open=True, now_s=20.0)
    assert leak.seen(500.0, is_open=True, now_s=31.0) == Leak(since_s=31.0)


@pytest.mark.parametrize(
    ("powers_w", "alarm"),
    [
        ([-3700.0] * 31, True),
        ([-3700.0] * 30, False),
        ([-199.0] * 100, False),
        ([-3700.0] * 20 + [0.0] + [-3700.0] * 20, False),  # a car that hesitates starts it again
        ([-3700.0] * 31 + [0.0, None, -3700.0], True),  # and proves nothing
        ([-3700.0] * 31 + [201.0], False),
    ],
)
def test_a_meter_that_shows_power_out_of_a_car_for_30_s_is_the_wrong_way_round_until_some_flows_in(
    powers_w: list[float | None], alarm: bool
) -> None:
    meter = Reversed()
    for second, power_w in enumerate(powers_w):
        meter = meter.seen(power_w, now_s=float(second))
    assert meter.alarm is alarm


# Grid ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currents", "holds"),
    [
        ([36.0] * 6, True),  # 5 s
        ([36.0] * 5, False),
        ([35.0] * 100, False),  # the limit itself is allowed
        ([36.0] * 3 + [35.0] + [36.0] * 5, False),  # starts again
        ([36.0] * 3 + [None] * 3 + [36.0], True),  # silence proves nothing
        ([36.0] * 3 + [None] * 50, False),  # and opens nothing
        ([36.0] * 6 + [30.0] * 60, True),
        ([36.0] * 6 + [30.0] * 61, False),
        ([36.0] * 6 + [33.0] * 100, True),  # not below limit - 2 A
        ([36.0] * 6 + [30.0] * 50 + [34.0] + [30.0] * 50, True),  # starts again
        ([36.0] * 6 + [None] * 100, True),
    ],
)
def test_a_limit_passed_for_5_s_holds_until_60_s_well_below(currents: list[float | None], holds: bool) -> None:
    grid = Grid()
    for second, current_a in enumerate(currents):
        grid = grid.seen(current_a, LIMIT_A, float(second))
    assert grid.holds is holds


def test_a_limit_that_is_taken_away_holds_nothing() -> None:
    assert Grid(holds=True).seen(99.0, 0.0, 0.0) == Grid()


@given(
    st.lists(
        st.tuples(st.floats(0.05, 30.0), st.sampled_from([0.0, 20.0, 32.9, 33.0, 35.0, 35.1, 70.0])),
        min_size=1,
        max_size=300,
    ),
    st.sampled_from([1.0, 60.0]),
)
def test_nothing_is_ever_closed_while_over_the_limit_for_longer_than_the_delay(
    turns: list[tuple[float, float]], speed: float
) -> None:
    grid, now_s = Grid(), 0.0
    over_since_s: float | None = None
    held_at_s, calm_since_s = None, None
    for wait_s, current_a in turns:
        now_s += wait_s * speed
        was_held, grid = grid.holds, grid.seen(current_a, LIMIT_A, now_s, speed)
        over_since_s = None if current_a <= LIMIT_A else now_s if over_since_s is None else over_since_s
        calm_since_s = None if current_a >= LIMIT_A - 2 else now_s if calm_since_s is None else calm_since_s
        if over_since_s is not None and now_s - over_since_s >= OVER_FOR_S * speed:
            assert grid.holds
        if grid.holds and not was_held:
            held_at_s = now_s
        if was_held and not grid.holds:
            assert calm_since_s is not None and held_at_s is not None
            assert now_s - max(calm_since_s, held_at_s) >= BELOW_FOR_S * speed


@pytest.mark.parametrize(
    ("values", "current_a"),
    [
        ({"current_l1_a": 10.0, "current_l2_a": 36.5, "current_l3_a": 0.0}, 36.5),
        ({"current_l1_a": -36.0}, 36.0),  # a meter whose current has a sign of its own
        ({"current_l1_a": 40.0, "power_l1_w": -9200.0, "current_l2_a": 3.0, "power_l2_w": 690.0}, 3.0),  # fed in
        ({"current_l1_a": math.nan}, None),
        ({"power_w": 20000.0}, None),
    ],
)
def test_the_phase_that_draws_most_counts(values: dict[str, float], current_a: float | None) -> None:
    assert drawn_a(values) == current_a


# Contactor -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relay_closed", "contact_closed", "after_s", "lags", "welded"),
    [
        (True, True, 9.0, False, False),
        (False, False, 9.0, False, False),
        (True, False, 0.4, False, False),
        (True, False, 0.5, True, False),
        (False, True, 0.4, False, False),
        (False, True, 0.5, False, True),
        (None, True, 9.0, False, False),
        (False, None, 9.0, False, False),
    ],
)
def test_a_contactor_follows_within_half_a_second(
    relay_closed: bool | None, contact_closed: bool | None, after_s: float, lags: bool, welded: bool
) -> None:
    contactor = Contactor()
    for now_s in (0.0, after_s):
        contactor = contactor.seen(relay_closed=relay_closed, contact_closed=contact_closed, now_s=now_s)
    assert (contactor.lags, contactor.welded) == (lags, welded)


def follow(contactor: Contactor, contact_closed: bool | None, now_s: float) -> Contactor:
    """A look at a contactor whose relay is closed."""
    return contactor.seen(relay_closed=True, contact_closed=contact_closed, now_s=now_s, pause_s=10.0)


def test_one_that_lags_is_well_when_it_follows_but_a_welded_one_is_not() -> None:
    assert Contactor(lags=True).seen(relay_closed=True, contact_closed=True, now_s=1.0) == Contactor()
    assert Contactor(welded=True).seen(relay_closed=False, contact_closed=False, now_s=1.0).welded


def test_one_that_lags_is_not_well_because_its_relay_was_opened_but_when_nobody_wants_it() -> None:
    resting = Contactor(lags=True).seen(relay_closed=False, contact_closed=False, now_s=1.0)
    assert resting.lags and not resting.unwanted().lags
    assert Contactor(welded=True).unwanted().welded


def test_each_try_of_one_that_does_not_follow_comes_after_twice_the_pause() -> None:
    contactor, now_s, rests_s = Contactor(), 0.0, []
    for _ in range(9):
        contactor = follow(follow(contactor, False, now_s), False, now_s + 0.5)
        rests_s.append(contactor.rests_until_s - now_s - 0.5)
        assert follow(contactor, False, now_s + 0.7).rests_until_s == contactor.rests_until_s, "one try counts once"
        now_s = contactor.rests_until_s
        contactor = contactor.seen(relay_closed=False, contact_closed=False, now_s=now_s)
        assert contactor.lags
    assert rests_s == [10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 900.0, 900.0]


def test_one_that_drops_again_soon_waits_longer_and_one_that_held_for_a_minute_does_not() -> None:
    lagged = follow(follow(Contactor(), False, 0.0), False, 0.5)  # rests until 10.5
    soon = follow(lagged, True, 11.0)
    assert not soon.lags and follow(follow(soon, False, 20.0), False, 20.5).rests_until_s == 20.5 + 20.0
    calm = follow(soon, True, 71.0)
    assert calm == Contactor()


def test_a_contact_that_cannot_be_read_does_not_say_that_its_contactor_lags() -> None:
    lagged = follow(follow(Contactor(), False, 0.0), False, 0.5)
    assert not follow(lagged, None, 0.6).lags and follow(lagged, None, 0.6).rests_until_s == 10.5
