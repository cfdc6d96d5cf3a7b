"""Kill and power cut in every state of a point: what is closed afterwards, and what the session says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from appliance import clock, heartbeat
from appliance.charging import grants, identifications, overview, points, settle, users
from appliance.charging.points import Point
from appliance.metering import meters
from appliance.store import live, settings
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


def be_away(house: House, how: str, outage_s: float) -> None:
    """Let the time pass in which no core ran; after a power cut it is another boot."""
    if how == "killed":
        house.clock.advance(outage_s)
    else:
        house.clock.reboot(outage_s)
        house.opened.live.close()
        live.make(house.opened.home.live_db, house.clock.boot_id)


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
    be_away(house, how, outage_s)
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


WITHIN = {"killed": "charging.resume_within_s", "power cut": "charging.return_within_s"}
POLICIES = ("never", "a minute", "a quarter of an hour", "calendar in doubt", "code expired", "user blocked")


def prepare(house: House, policy: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that hold before the outage, and whether the calendar is confirmed after it."""
    monkeypatch.setattr(clock, "ntp_synchronised", lambda: policy != "calendar in doubt")
    monkeypatch.setattr(settle, "RTC", Path("/nowhere"))
    within_s = {"never": "0", "a minute": "60"}.get(policy, "900")
    settings.put(house.opened.store, house.clock.now(), ACTOR, WITHIN[how], within_s)


def meanwhile(house: House, policy: str) -> None:
    """What happens to the person while nobody watches."""
    anna = house.people["Anna"].id
    if policy == "user blocked":
        users.block(house.opened.store, house.clock, anna, actor=ACTOR)
    if policy == "code expired":
        (mine,) = identifications.all(house.opened.store, anna)
        identifications.edit(
            house.opened.store, house.opened.key(), house.clock, mine.id, expires_on=date(2026, 11, 20), actor=ACTOR
        )


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("how", WITHIN)
@pytest.mark.parametrize("name", STATES)
def test_what_comes_back_in_every_state_is_what_the_policy_says(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str, how: str, policy: str
) -> None:  # part 8, reading 9
    point = house.point(metered=True)
    prepare(house, policy, how, monkeypatch)
    house.start()
    STATES[name](house, point)
    before = house.session().id if house.sessions() else None
    house.crash()
    meanwhile(house, policy)
    be_away(house, how, 200.0 if policy == "a minute" else SHORT_S)
    house.start(pause_over=False)
    assert not house.is_closed(point), "closed at the start is impossible"
    for _ in range(int(PAUSE_S + settle.PATIENCE_S + 40) // 10):
        house.clock.advance(9.0)
        house.drive(point, 1, 0.0, 5100.0)
        assert not house.is_closed(point) or (name in GOES_ON and policy in ("a quarter of an hour", *doubted(how)))
    if name in GOES_ON and policy in ("a quarter of an hour", *doubted(how)):
        assert house.is_closed(point) and house.session().id == before and house.session().ended_at is None
    else:
        assert not house.is_closed(point) and None not in house.grant_ends()
        assert all(session.ended_at is not None for session in house.sessions())


def doubted(how: str) -> tuple[str, ...]:
    """A crash is measured by the boot clock, so the calendar does not matter; a power cut is not."""
    return ("calendar in doubt",) if how == "killed" else ()


@pytest.mark.parametrize("name", STATES)
def test_a_second_outage_while_the_first_is_settled_closes_nothing_it_should_not(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:  # part 8
    monkeypatch.setattr(clock, "ntp_synchronised", lambda: True)
    point = house.point(metered=True)
    house.start()
    STATES[name](house, point)
    for how in ("power cut", "killed", "power cut"):
        house.crash()
        be_away(house, how, SHORT_S)
        house.start(pause_over=False)
        assert not house.is_closed(point)
        house.drive(point, 2, 0.0, 5100.0)
    house.drive(point, int(PAUSE_S) + 40, 0.0, 5100.0)
    assert house.is_closed(point) is (name in GOES_ON)
    assert len([end for end in house.grant_ends() if end is None]) == (name in GOES_ON)


def test_while_one_point_waits_for_the_calendar_sessions_of_others_end_as_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "counted_through", lambda _when: False)
    point, other = house.point(metered=True), house.point("Garage", 18)
    own = meters.add(
        house.opened.store, house.clock, name="Own", model="eastron-sdm630", url="tcp://127.0.0.1:5020", unit=3,
        role="charger", actor=ACTOR,
    )  # fmt: skip
    other = points.edit(house.opened.store, house.clock, other.id, meter_id=own.id, actor=ACTOR)
    house.start()
    house.charge(point)
    house.crash()
    be_away(house, "power cut", SHORT_S)
    house.start()
    house.charge(other, who="Ben")
    grants.stop(house.opened, other.id, ACTOR)
    house.turn(10)
    assert [one.end_reason for one in house.sessions()] == ["stop", None], "the meter's silence is waited for no longer"
