"""The one view of the charging points that every surface shows."""

from __future__ import annotations

import pytest

from appliance import errors, heartbeat
from appliance.charging import observed, overview, points
from tests.appliance.charging.house import ACTOR, House


def test_the_overview_tells_each_state_of_a_point(house: House) -> None:
    point = house.point(metered=True)
    heartbeat.begin(house.opened.live, "core", house.clock)

    def now() -> overview.PointNow:
        heartbeat.begin(house.opened.live, "core", house.clock)
        (one,) = overview.points_now(house.opened)
        return one

    house.start()
    house.measure(point, 0.0, 5000.0)
    assert (now().state, now().user, now().closed, now().wanted) == ("idle", None, False, False)
    house.authorize(point)
    assert (now().state, now().closed) == ("authorized", False)
    house.turn()
    house.clock.advance(2)
    assert (now().state, now().user, now().closed, now().grant_until_s_left) == ("waiting", "Anna Berger", True, 298)
    wh = house.drive(point, 4, 11000.0, 5000.0)
    assert (now().state, now().power_w, now().session_energy_wh) == ("charging", 11000.0, round(wh) - 5000)
    assert now().grant_until_s_left is None
    house.drive(point, 119, 99.0, wh)
    assert (now().state, now().idle_s) == ("charging", 119.0)
    house.drive(point, 1, 99.0, wh)
    assert now().state == "paused", "below 100 W for two minutes"
    house.drive(point, 1, 100.0, wh)
    assert (now().state, now().idle_s) == ("charging", None)
    house.drive(point, 1, 0.0, wh)
    house.clock.advance(6)
    assert (now().power_w, now().session_energy_wh) == (None, None), "what is old is no data"
    points.set_mode(house.opened.store, house.clock, point.id, "locked", actor=ACTOR)
    house.turn()
    assert now().state == "ended", "the last reading is awaited"
    house.turn(6)
    assert now().state == "locked"
    house.pins.stuck[17] = 1
    house.turn(1)
    assert now().state == "fault" and now().fault is not None


def test_what_an_ended_core_saw_is_no_observation(house: House) -> None:
    point = house.point()
    house.start()
    house.authorize(point)
    house.turn()
    (now,) = overview.points_now(house.opened)
    assert house.seen(point) is True and now.closed is None


def test_an_appliance_whose_core_never_ran_has_an_overview(house: House) -> None:
    house.point()
    house.opened.live.close()
    for file in house.opened.home.run.glob("live.db*"):
        file.unlink()
    (now,) = overview.points_now(house.opened)
    assert (now.state, now.closed, now.fault) == ("idle", None, None)
    with pytest.raises(errors.StoreMissing):
        observed.all(house.opened.live)
