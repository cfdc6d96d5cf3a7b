"""Kill and power cut in every state of a point: what is closed afterwards, and what the session says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from appliance import clock, heartbeat
from appliance.charging import grants, overview, points
from appliance.charging.points import Point
from appliance.store import live
from tests.appliance.charging.house import ACTOR, PAUSE_S, House

SHORT_S, LONG_S = 60.0, 1000.0


def idle(house: House, point: Point) -> None:
    house.measure(point, 0.0, 5000.0)


def authorized(house: House, point: Point) -> None:
    """Nobody turned since."""
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)


def waiting(house: House, point: Point) -> None:
    authorized(house, point)
    house.turn()


def charging(house: House, point: Point) -> None:
    house.charge(point)


def paused(house: House, point: Point) -> None:
    house.drive(point, 125, 0.0, house.charge(point))


def ended(house: House, point: Point) -> None:
    """Stopped; the meter was not read since."""
    house.charge(point)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()


def locked(house: House, point: Point) -> None:
    house.charge(point)
    points.set_mode(house.opened.store, house.clock, point.id, "locked", actor=ACTOR)
    house.turn(20)


def fault(house: House, point: Point) -> None:
    house.pins.stuck[17] = 0
    waiting(house, point)


STATES: dict[str, Callable[[House, Point], None]] = {
    one.__name__: one for one in (idle, authorized, waiting, charging, paused, ended, locked, fault)
}
GOES_ON = ("charging", "paused")  # after a short outage; everything else is open and over


def state(house: House) -> str:
    heartbeat.begin(house.opened.live, "core", house.clock)
    (now,) = overview.points_now(house.opened)
    return now.state


@pytest.mark.parametrize("outage_s", [SHORT_S, LONG_S])
@pytest.mark.parametrize("how", ["killed", "power cut"])
@pytest.mark.parametrize("name", STATES)
def test_after_every_outage_only_a_session_goes_on_and_only_after_a_short_one(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str, how: str, outage_s: float
) -> None:  # reading 9, X-12
    monkeypatch.setattr(clock, "ntp_synchronised", lambda: True)
    point = house.point(metered=True)
    house.start()
    STATES[name](house, point)
    assert state(house) == name
    before = house.session().id if house.sessions() else None
    house.crash()
    if how == "killed":
        house.clock.advance(outage_s)
    else:
        house.clock.reboot(outage_s)
        house.opened.live.close()
        live.make(house.opened.home.live_db, house.clock.boot_id)
    house.start(pause_over=False)
    assert not house.is_closed(point), "closed at the start is impossible"
    house.drive(point, int(PAUSE_S) + 40, 0.0, 5100.0)
    goes_on = name in GOES_ON and outage_s == SHORT_S
    assert house.is_closed(point) is goes_on
    if goes_on:
        session = house.session()
        assert (session.id, session.ended_at) == (before, None)
        assert session.remark_codes == (("interrupted",) if how == "killed" else ("power_return",))
    else:
        assert all(session.ended_at is not None for session in house.sessions())
        assert state(house) == ("locked" if name == "locked" else "idle")
        assert None not in house.grant_ends()
