"""A cap in time runs on the boot clock: no date that is set, and no restart, makes a guest's time longer or shorter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.charging import grants, guests, sessions, settle
from appliance.charging.guests import GuestCode
from appliance.charging.identifications import Extras
from appliance.charging.lasting import MARK_S
from appliance.charging.points import Point
from appliance.store import live
from tests.appliance.charging.house import ACTOR, House

CAP_S = 600
Set = Callable[[House], None]


@pytest.fixture
def point(house: House) -> Point:
    return house.point(metered=True)


@pytest.fixture
def guest(house: House, point: Point) -> GuestCode:
    """A code for ten minutes."""
    return guests.make(house.opened, Extras(cap_s=CAP_S), actor=ACTOR)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The calendar is confirmed after a power cut."""
    monkeypatch.setattr(settle, "counted_through", lambda when: True)


def spent_s(house: House, guest: GuestCode) -> float:
    return guests.spent(house.opened, guest.identification.id).lasted_s


def begin(house: House, point: Point, guest: GuestCode) -> float:
    """The guest's car charges; the counter then."""
    return house.charge(point, who=guest.code)


def reboot(house: House, off_s: float) -> None:
    house.crash()
    house.clock.reboot(off_s)
    house.opened.live.close()
    live.make(house.opened.home.live_db, house.clock.boot_id)


def seconds_until_closed_no_more(house: House, point: Point, wh: float) -> int:
    """How long the guest goes on charging."""
    for second in range(2 * CAP_S):
        if house.session().ended_at is not None:
            return second
        wh = house.drive(point, 1, 11000.0, wh)
    raise AssertionError("the cap never ends it")


def by(**apart: float) -> Set:
    def change(house: House) -> None:
        house.clock.set(house.clock.now() + timedelta(**apart))

    return change


@pytest.mark.parametrize(
    "change",
    [by(minutes=20), by(days=1), by(days=4000), by(minutes=-20), by(days=-1), by(days=-4000), by(minutes=0)],
    ids=["20 min on", "a day on", "years on", "20 min back", "a day back", "years back", "not at all"],
)
def test_a_date_that_is_set_neither_lengthens_nor_ends_what_a_guest_may_charge(
    house: House, point: Point, guest: GuestCode, change: Set
) -> None:  # review, finding 10
    house.start()
    wh = house.drive(point, 200, 11000.0, begin(house, point, guest))
    change(house)
    assert house.session().ended_at is None
    left_s = seconds_until_closed_no_more(house, point, wh)
    assert 395 <= left_s <= 402 and house.session().end_reason == "limit"
    assert not house.is_closed(point) and abs(spent_s(house, guest) - CAP_S) <= 5


def test_a_session_over_which_the_date_was_set_back_has_still_used_its_time(
    house: House, point: Point, guest: GuestCode
) -> None:
    house.start()
    wh = house.drive(point, 298, 11000.0, begin(house, point, guest))
    by(days=-1)(house)
    grants.stop(house.opened, point.id, ACTOR)
    wh = house.drive(point, 2, 0.0, wh)
    done = house.session()
    assert done.ended_at == done.began_at, "by the calendar it took no time at all"
    assert 298 <= spent_s(house, guest) <= 303
    by(days=1)(house)
    house.turn(20.0)
    house.measure(point, 0.0, wh)
    assert house.authorize(point, guest.code).result == "accepted"
    house.turn()
    wh = house.drive(point, 2, 11000.0, wh)
    assert 290 <= seconds_until_closed_no_more(house, point, wh) <= 302
    assert house.authorize(point, guest.code).result == "used_up"


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("charged_s", [5, 100, 130, 250])
@pytest.mark.parametrize("change", [by(minutes=10), by(minutes=0)], ids=["10 min on", "not at all"])
def test_a_reboot_in_the_middle_gives_no_time_and_takes_two_minutes_at_most(
    house: House, point: Point, guest: GuestCode, charged_s: int, change: Set
) -> None:
    house.start()
    wh = house.drive(point, charged_s, 11000.0, begin(house, point, guest))
    reboot(house, 60.0)
    change(house)
    house.start()
    assert charged_s <= spent_s(house, guest) <= charged_s + MARK_S + 20
    by(days=-3)(house)
    left_s = seconds_until_closed_no_more(house, point, wh)
    assert CAP_S - charged_s - MARK_S - 20 <= left_s <= CAP_S - charged_s
    assert [one.remark_codes[0] for one in house.sessions()] == ["power_return"]


@pytest.mark.usefixtures("counted")
def test_reboots_one_after_the_other_never_lengthen_it(house: House, point: Point, guest: GuestCode) -> None:
    house.start()
    wh, charged_s = begin(house, point, guest), 0
    while house.session().ended_at is None:
        wh = house.drive(point, 100, 11000.0, wh)
        charged_s += 100
        reboot(house, 30.0)
        house.start()
    assert 0 < charged_s <= CAP_S and house.session().end_reason == "limit"


def test_after_a_crash_the_time_goes_on_where_it_was_whatever_the_date(
    house: House, point: Point, guest: GuestCode
) -> None:
    house.start()
    wh = house.drive(point, 300, 11000.0, begin(house, point, guest))
    house.crash()
    house.clock.advance(500)
    by(days=2)(house)
    house.start()
    assert house.session().ended_at is None
    assert 300 <= spent_s(house, guest) <= 300 + MARK_S + 20, "the relay was open for most of it"
    assert seconds_until_closed_no_more(house, point, wh) <= CAP_S - 300


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("off_s", [2000.0, 100_000.0])
@pytest.mark.parametrize("kind", ["power cut", "crash"])
def test_an_outage_that_ends_a_session_counts_for_two_minutes_at_most(
    house: House, point: Point, guest: GuestCode, kind: str, off_s: float
) -> None:
    house.start()
    wh = house.drive(point, 300, 11000.0, begin(house, point, guest))
    if kind == "crash":
        house.crash()
        house.clock.advance(off_s)
    else:
        reboot(house, off_s)
    house.start()
    assert 300 <= spent_s(house, guest) <= 300 + MARK_S
    house.drive(point, 3, 0.0, wh)
    assert house.session().end_reason in ("power_cut", "core_restart")
    assert 300 <= spent_s(house, guest) <= 300 + MARK_S


def test_waiting_for_the_last_reading_is_not_the_guests_time(house: House, point: Point, guest: GuestCode) -> None:
    """Not even while another session runs and is noted."""
    other = house.point("Garage", 18)
    house.start()
    wh = begin(house, point, guest)
    house.drive(point, 100, 11000.0, wh)
    house.crash()
    house.clock.advance(2000)
    house.start()
    house.authorize(other)
    house.turn(600.0)
    assert [one.ended_at for one in house.sessions()] == [None, None], "it waits for its meter"
    assert 100 <= spent_s(house, guest) <= 100 + MARK_S + 5
    house.turn(400.0)
    assert house.sessions()[1].end_reason == "core_restart" and 100 <= spent_s(house, guest) <= 100 + MARK_S + 5


def test_all_sessions_of_a_code_count_together(house: House, point: Point, guest: GuestCode) -> None:
    house.start()
    wh = 5000.0
    for number in range(1, 4):
        wh = house.drive(point, 150, 11000.0, house.charge(point, import_wh=wh, who=guest.code))
        grants.stop(house.opened, point.id, ACTOR)
        wh = house.drive(point, 15, 0.0, wh)
        assert 150 * number <= spent_s(house, guest) <= 156 * number
        by(days=number)(house)


def test_what_was_not_ended_by_the_core_lasted_as_long_as_the_calendar_says(
    house: House, point: Point, guest: GuestCode
) -> None:
    house.start()
    house.drive(point, 300, 11000.0, begin(house, point, guest))
    session, ended_at = house.session(), house.clock.now() + timedelta(seconds=100)
    with house.opened.store.write() as db:
        sessions.end(
            db, ended_at, session, ended_at=ended_at, end_wh=None, reason="core_restart", remarks=("restored",)
        )
    assert spent_s(house, guest) == pytest.approx((ended_at - session.began_at).total_seconds())


def test_the_time_is_noted_rarely(house: House, point: Point, guest: GuestCode) -> None:
    house.start()
    wh, seen = begin(house, point, guest), set()
    for _ in range(30):
        wh = house.drive(point, 10, 11000.0, wh)
        with house.opened.store.read() as db:
            seen.add(db.execute("SELECT lasted_s FROM sessions").get)
    assert len(seen) in (3, 4)
