"""Sessions nobody can watch: a silent meter or none lets no grant serve whoever comes next, for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.charging import leases, lifecycle, points
from appliance.charging.lifecycle import Limits, Moment, Unwatched
from appliance.charging.points import Point
from appliance.store import live, settings
from tests.appliance.charging.house import ACTOR, House
from tests.appliance.charging.test_lifecycle import FREE, PIN

UNSEEN_S, UNMETERED_S = 300, 300
LIMITS = Limits(300, 100, 1800, 10, 900, stop_blocked_at_once=False)
NOW = Moment("boot-1", 1000.0)


@pytest.fixture(autouse=True)
def soon(house: House) -> None:
    """The settings as short as they may be, so that a test sees the end."""
    for key, seconds in (("unseen_end_s", UNSEEN_S), ("unmetered_end_s", UNMETERED_S)):
        settings.put(house.opened.store, house.clock.now(), ACTOR, f"charging.{key}", str(seconds))


def has_lease(house: House) -> bool:
    now_s = house.clock.boottime_s()
    return any(until_s > now_s for until_s in leases.all(house.opened.live, house.clock).values())


def crash_for(house: House, seconds: float) -> None:
    """The core is away for a while, within the same boot."""
    house.crash()
    house.clock.advance(seconds)
    house.start(pause_over=False)


def silent_since_it_charged(house: House) -> Point:
    """Anna's car charges, and the meter falls silent."""
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    return point


# A silent meter ------------------------------------------------------------------------------


def test_a_session_whose_meter_stays_silent_ends_and_its_lease_with_it(house: House) -> None:
    point = silent_since_it_charged(house)
    house.turn(UNSEEN_S - 10)
    assert house.is_closed(point) and has_lease(house)
    house.turn(30)
    done = house.session()
    assert (done.end_reason, house.is_closed(point), has_lease(house)) == ("unseen", False, False)
    assert "meter_silent" in done.remark_codes and "did not answer" in done.remark
    house.turn(60)
    assert house.grant_ends() == ["unseen"], "nobody else charges on Anna's code"


def test_a_meter_that_answers_now_and_then_keeps_the_session(house: House) -> None:
    point = silent_since_it_charged(house)
    for wh in (6000.0, 7000.0, 8000.0):
        house.turn(UNSEEN_S - 20)
        house.drive(point, 1, 11000.0, wh)
    assert house.session().end_reason is None and house.is_closed(point)


def test_a_restart_in_between_gives_no_time_to_a_silent_meter(house: House) -> None:
    point = silent_since_it_charged(house)
    house.turn(UNSEEN_S - 40)
    crash_for(house, 20.0)
    house.turn(15)
    assert house.is_closed(point) and house.session().end_reason is None
    house.turn(20)
    assert house.session().end_reason == "unseen" and not house.is_closed(point)


def test_a_meter_that_never_answered_ends_the_session_that_long_after_its_begin(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.authorize(point)
    house.turn(20)
    assert house.session().end_reason is None, "the machine ran for long before, the session did not"
    house.turn(UNSEEN_S - 40)
    crash_for(house, 5.0)
    house.turn(12)
    assert house.is_closed(point) and house.session().end_reason is None
    house.turn(40)
    assert house.session().end_reason == "unseen" and house.session().remark_codes[-1] == "no_reading"


@pytest.mark.parametrize(("values", "ends"), [({}, "unseen"), ({"import_wh": 5006.0}, None)])
def test_a_meter_that_answers_without_telling_anything_is_silent_and_a_counter_that_moves_is_not(
    house: House, values: dict[str, float], ends: str | None
) -> None:
    point = silent_since_it_charged(house)
    for second in range(2 * UNSEEN_S):
        house.clock.advance(1.0)
        house.answer(point, {name: wh + 3 * second for name, wh in values.items()})
        house.turn()
    assert house.session().end_reason == ends


def test_a_power_cut_in_between_gives_a_silent_meter_no_more_than_the_time_since_the_boot(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.charging.settle.counted_through", lambda _when: True)
    point = silent_since_it_charged(house)
    house.crash()
    house.clock.reboot(60.0)
    house.opened.live.close()
    live.make(house.opened.home.live_db, house.clock.boot_id)
    house.start()
    assert house.is_closed(point)
    house.turn(UNSEEN_S)
    assert house.session().end_reason == "unseen" and not house.is_closed(point)


# No meter ------------------------------------------------------------------------------------


def test_a_session_without_a_meter_ends_after_its_longest_time(house: House) -> None:
    point = house.point()
    house.start()
    house.authorize(point)
    house.turn(UNMETERED_S - 5)
    assert house.is_closed(point) and has_lease(house)
    house.turn(10)
    assert (house.session().end_reason, house.is_closed(point), has_lease(house)) == ("unmetered", False, False)
    house.turn(60)
    assert house.grant_ends() == ["unmetered"]


@pytest.mark.parametrize("power_cut", [False, True])
def test_an_outage_in_between_counts_without_a_meter(
    house: House, monkeypatch: pytest.MonkeyPatch, power_cut: bool
) -> None:
    monkeypatch.setattr("appliance.charging.settle.counted_through", lambda _when: True)
    point = house.point()
    house.start()
    house.authorize(point)
    house.turn(100)
    if power_cut:
        house.crash()
        house.clock.reboot(100.0)
        house.opened.live.close()
        live.make(house.opened.home.live_db, house.clock.boot_id)
        house.start()
    else:
        crash_for(house, 100.0)
    house.turn(60)
    assert house.is_closed(point) and house.session().end_reason is None
    house.turn(50)
    assert house.session().end_reason == "unmetered" and not house.is_closed(point)


def test_while_a_plug_input_sees_the_car_there_is_no_longest_time(house: House) -> None:
    point = points.edit(house.opened.store, house.clock, house.point().id, plug="gpio:23", actor=ACTOR)
    house.pins.feed(23, 0)
    house.start()
    house.authorize(point)
    house.turn(UNMETERED_S + 60)
    assert house.is_closed(point) and house.session().end_reason is None
    house.pins.feed(23, 1)
    house.turn(5)
    assert house.session().end_reason == "unplug" and not house.is_closed(point)


def test_where_everybody_may_charge_nothing_ends_by_itself(house: House) -> None:
    point = house.point(mode="free")
    house.start()
    house.turn(UNMETERED_S + 60)
    assert house.is_closed(point) and len(house.sessions()) == 1 and house.session().end_reason is None


# The rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unwatched", "running", "reason"),
    [
        (Unwatched(unseen_s=3599.0, unmetered_s=43199.0), True, None),
        (Unwatched(unseen_s=3600.0), True, "unseen"),
        (Unwatched(unmetered_s=43200.0), True, "unmetered"),
        (Unwatched(unseen_s=3600.0, unmetered_s=43200.0), False, None),
    ],
)
def test_only_a_running_session_somebody_was_let_in_for_ends_unwatched(
    unwatched: Unwatched, running: bool, reason: str | None
) -> None:
    for grant, mode, expected in ((PIN, "authorized", reason), (replace(FREE, until_s=1300.0), "free", None)):
        assert lifecycle.why_end(
            grant, mode=mode, running=running, lease_until_s=1060.0, idle_s=0.0, limits=LIMITS, moment=NOW,
            unwatched=unwatched,
        ) == expected  # fmt: skip
