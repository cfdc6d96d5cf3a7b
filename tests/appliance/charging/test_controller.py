"""The charging loop on strict pins, with a clock that moves when told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.charging import grants, identifications, leases, observed, points, users
from appliance.store import settings
from tests.appliance.charging.house import ACTOR, PAUSE_S, House


def put(house: House, key: str, value: str) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, key, value)


# Relay and grant -----------------------------------------------------------------------------


def test_a_pin_closes_the_relay_in_one_step_and_the_core_says_what_it_sees(house: House) -> None:  # A001-22
    point = house.point()
    core = house.start()
    assert house.seen(point) is False
    house.authorize(point)
    core.step()
    assert house.is_closed(point) and house.seen(point) is True


def test_a_grant_no_car_used_ends_by_itself_to_the_second(house: House) -> None:  # reading 8
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.drive(point, 299, 0.0, 5000.0)
    assert house.is_closed(point)
    house.drive(point, 1, 0.0, 5000.0)
    assert not house.is_closed(point)
    assert house.grant_ends() == ["unused"] and house.sessions() == []


def test_an_expired_grant_opens_the_relay_without_any_new_row(house: House) -> None:
    """Even if nothing can be written any more: the decision is the clock's."""
    point = house.point(metered=True)
    core = house.start()
    house.authorize(point)
    house.measure(point, 0.0, 5000.0)
    house.turn()
    assert house.is_closed(point)
    with house.opened.store.read():
        house.opened.store.connection().execute("ROLLBACK; PRAGMA query_only=ON; BEGIN")
    house.clock.advance(299.9)
    house.measure(point, 0.0, 5000.0)
    core.step()
    assert house.is_closed(point)
    house.clock.advance(0.1)
    core.step()
    assert not house.is_closed(point)
    assert house.grant_ends() == [None]
    house.opened.store.connection().execute("PRAGMA query_only=OFF")


def test_stop_opens_at_once(house: House) -> None:
    point = house.point(metered=True)
    core = house.start()
    house.charge(point)
    grants.stop(house.opened, point.id, ACTOR)
    core.step()
    assert not house.is_closed(point) and house.seen(point) is False


def test_closing_again_waits_for_the_pause_that_spares_the_contactor(house: House) -> None:
    point = house.point()
    core = house.start()
    house.authorize(point)
    house.turn()
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    house.authorize(point, "Ben")
    assert core.step() <= PAUSE_S
    house.turn(9)
    assert not house.is_closed(point)
    house.turn(1)
    assert house.is_closed(point)


def test_the_pause_also_holds_after_the_core_started(house: House) -> None:
    point = house.point()
    house.start(pause_over=False)
    house.authorize(point)
    house.turn(9)
    assert not house.is_closed(point)
    house.turn(1)
    assert house.is_closed(point)


def test_a_person_blocked_before_the_car_began_loses_the_grant_at_once(house: House) -> None:  # A001-14, reading 4
    point = house.point()
    house.point("Garage", 18, metered=True)
    core = house.start()
    garage = points.find(house.opened.store, "Garage")
    house.authorize(garage)
    core.step()
    assert house.is_closed(garage) and not house.is_closed(point)
    users.block(house.opened.store, house.clock, house.people["Anna"].id, actor=ACTOR)
    core.step()
    assert not house.is_closed(garage) and house.grant_ends() == ["blocked"]


def test_a_code_removed_before_the_car_began_loses_the_grant_at_once(house: House) -> None:
    point = house.point(metered=True)
    core = house.start()
    house.authorize(point)
    core.step()
    mine = identifications.all(house.opened.store, house.people["Anna"].id)[0]
    identifications.remove(house.opened.store, house.clock, mine.id, actor=ACTOR)
    core.step()
    assert not house.is_closed(point) and house.grant_ends() == ["revoked"]


@pytest.mark.parametrize(("at_once", "goes_on"), [("off", True), ("on", False)])
def test_blocking_during_a_session_follows_the_setting(house: House, at_once: str, goes_on: bool) -> None:  # reading 4
    point = house.point(metered=True)
    house.start()
    put(house, "charging.stop_blocked_at_once", at_once)
    wh = house.charge(point)
    users.block(house.opened.store, house.clock, house.people["Anna"].id, actor=ACTOR)
    house.drive(point, 2, 11000.0 if goes_on else 0.0, wh)
    assert house.is_closed(point) is goes_on
    assert house.session().end_reason == (None if goes_on else "blocked")


def test_mode_locked_opens_at_once_and_ends_the_session(house: House) -> None:  # reading 8
    point = house.point(metered=True)
    core = house.start()
    wh = house.charge(point)
    points.set_mode(house.opened.store, house.clock, point.id, "locked", actor=ACTOR)
    core.step()
    assert not house.is_closed(point)
    house.drive(point, 1, 0.0, wh)
    assert house.session().end_reason == "locked"


def test_an_archived_point_opens_is_let_go_and_its_session_ends(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    points.archive(house.opened.store, house.clock, point.id, actor=ACTOR)
    house.drive(point, 2, 0.0, wh)
    assert not house.is_closed(point)
    assert observed.all(house.opened.live) == {}
    assert (house.session().end_reason, house.session().energy_wh, house.session().remark_codes) == ("locked", 6, ())


def test_a_relay_moved_to_another_pin_is_opened_at_the_old_one(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    moved = points.edit(house.opened.store, house.clock, point.id, relay="gpio:22", actor=ACTOR)
    house.drive(point, 1, 0.0, wh)
    assert not house.is_closed(point) and not house.is_closed(moved)
    house.drive(point, int(PAUSE_S), 0.0, wh)
    assert house.is_closed(moved) and not house.is_closed(point)


# Free mode -----------------------------------------------------------------------------------


def test_in_free_mode_the_core_grants_by_itself_and_writes_nothing_while_it_waits(house: House) -> None:
    point = house.point(metered=True, mode="free")
    house.start()
    house.turn()
    assert house.is_closed(point)
    version = house.opened.store.version()
    wh = house.drive(point, 700, 0.0, 5000.0)
    assert house.is_closed(point) and house.grant_ends() == [None]
    assert house.opened.store.version() == version
    house.drive(point, 2, 11000.0, wh)
    assert (house.session().user, house.session().identification) == (None, None)


def test_leaving_free_mode_ends_what_it_gave(house: House) -> None:
    point = house.point(metered=True, mode="free")
    house.start()
    wh = house.drive(point, 3, 11000.0, 5000.0)
    points.set_mode(house.opened.store, house.clock, point.id, "authorized", actor=ACTOR)
    house.turn()
    house.drive(point, 1, 0.0, wh)
    assert not house.is_closed(point)
    assert house.session().end_reason == "mode"


def test_after_a_stop_free_mode_leaves_time_to_unplug(house: House) -> None:
    point = house.point(mode="free")
    house.start()
    house.turn()
    assert house.is_closed(point)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn(299)
    assert not house.is_closed(point)
    house.turn(2)
    assert house.is_closed(point)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_takes_no_time_to_unplug_away(house: House, hours: int) -> None:
    point = house.point(mode="free")
    house.start()
    house.turn()
    grants.stop(house.opened, point.id, ACTOR)
    house.turn(60)
    house.clock.set(house.clock.now() + timedelta(hours=hours))
    house.turn(239)
    assert not house.is_closed(point)
    house.turn(2)
    assert house.is_closed(point)


# Leases and deadlines ------------------------------------------------------------------------


def test_a_lease_exists_only_while_a_session_runs_and_at_most_60_s_ahead(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.turn()
    assert leases.all(house.opened.live, house.clock) == {}
    wh = house.drive(point, 2, 11000.0, 5000.0)
    (until_s,) = leases.all(house.opened.live, house.clock).values()
    assert until_s == house.clock.boottime_s() + 60
    grants.stop(house.opened, point.id, ACTOR)
    house.drive(point, 2, 0.0, wh)
    assert leases.all(house.opened.live, house.clock) == {}


def test_a_core_that_decided_nothing_for_longer_than_a_lease_ends_the_session(house: House) -> None:
    point = house.point(metered=True)
    core = house.start()
    house.charge(point)
    house.clock.advance(61)
    core.step()
    assert not house.is_closed(point) and house.grant_ends() == ["core_restart"]


def test_the_core_asks_to_be_called_when_something_is_due(house: House) -> None:
    point = house.point(metered=True)
    core = house.start()
    assert core.step() == 5.0
    house.authorize(point)
    assert core.step() <= 0.5
    house.clock.advance(299.8)
    house.measure(point, 0.0, 5000.0)
    assert core.step() == pytest.approx(0.2)
