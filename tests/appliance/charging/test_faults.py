"""When a relay or the store does not do what it should: everything that is in doubt is open, and said."""

from __future__ import annotations

import pytest

from appliance import errors, faults
from appliance.charging import grants
from appliance.charging.controller import Controller
from appliance.charging.points import Point
from drivers.gpio import GpioRelay
from drivers.interfaces import DriverError, Relay
from tests.appliance.charging.house import ACTOR, PAUSE_S, House


def test_a_relay_that_will_not_close_is_a_fault_until_it_does(house: House) -> None:
    point, other = house.point(), house.point("Garage", 18)
    house.start()
    house.pins.stuck[17] = 0
    house.authorize(point)
    house.authorize(other, "Ben")
    house.turn()
    assert house.is_closed(other), "a broken relay keeps no other waiting"
    fault = faults.active(house.opened.live)[0]
    assert (fault.source, fault.code) == (f"relay:{point.id}", "stuck") and "17" in fault.sentence
    del house.pins.stuck[17]
    house.turn(PAUSE_S)
    assert house.is_closed(point) and faults.active(house.opened.live) == []


def test_a_relay_that_will_not_open_is_a_fault_and_seen_closed(house: House) -> None:
    point = house.point()
    house.start()
    house.authorize(point)
    house.turn()
    house.pins.stuck[17] = 1
    grants.stop(house.opened, point.id, ACTOR)
    house.turn(6)
    assert house.seen(point) is True
    assert [fault.code for fault in faults.active(house.opened.live)] == ["stuck"]
    assert "not seen to open" in house.session().remark


def test_a_machine_without_the_relay_is_a_fault_and_is_tried_again(house: House) -> None:
    point = house.point()
    available: list[Relay] = []

    def relay_for(_: Point) -> Relay:
        if not available:
            raise DriverError("unavailable", "This machine has no GPIO lines.")
        return available[0]

    core = Controller(house.opened, relay_for)
    core.start()
    core.step()
    assert [fault.source for fault in faults.active(house.opened.live)] == [f"relay:{point.id}"]
    assert house.seen(point) is None
    available.append(GpioRelay(house.pins, 17))
    house.clock.advance(5)
    core.step()
    assert faults.active(house.opened.live) == [] and house.seen(point) is False


def test_an_unreadable_store_opens_everything_is_a_fault_and_is_tried_again(house: House) -> None:
    point = house.point(metered=True)
    core = house.start()
    wh = house.charge(point)
    store_db = house.opened.home.store_db
    house.opened.store.close()
    hidden = store_db.with_name("hidden.db")
    for suffix in ("", "-wal", "-shm"):
        file = store_db.with_name(store_db.name + suffix)
        if file.exists():
            file.rename(hidden.with_name(hidden.name + suffix))
    assert core.step() == 1.0
    assert not house.is_closed(point) and house.seen(point) is False
    assert [(fault.source, fault.code) for fault in faults.active(house.opened.live)] == [("store", "unreadable")]
    for suffix in ("", "-wal", "-shm"):
        file = hidden.with_name(hidden.name + suffix)
        if file.exists():
            file.rename(store_db.with_name(store_db.name + suffix))
    house.drive(point, 1, 0.0, wh)
    assert faults.active(house.opened.live) == []
    assert not house.is_closed(point), "the pause holds after a fault, too"
    house.drive(point, int(PAUSE_S), 11000.0, wh)
    assert house.is_closed(point)


def test_a_store_that_cannot_be_written_begins_no_session_and_ends_the_grant_in_time(house: House) -> None:
    point = house.point(metered=True)
    core = house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.turn()
    house.opened.store.connection().execute("PRAGMA query_only=ON")
    house.clock.advance(1)
    house.measure(point, 11000.0, 5003.0)
    core.step()
    assert [fault.source for fault in faults.active(house.opened.live)] == ["store"]
    house.clock.advance(300)
    core.step()
    assert not house.is_closed(point)
    house.opened.store.connection().execute("PRAGMA query_only=OFF")
    house.turn()
    assert faults.active(house.opened.live) == [] and house.sessions() == []


def test_a_store_that_takes_no_entry_opens_a_running_session_until_it_does(house: House) -> None:
    """Nobody could stop it: a stop has to be written."""
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.opened.store.connection().execute("PRAGMA query_only=ON")
    with pytest.raises(errors.StoreFull):
        grants.stop(house.opened, point.id, ACTOR)
    wh = house.drive(point, 125, 11000.0, wh)  # at the latest when the session is marked
    assert not house.is_closed(point) and house.seen(point) is False
    house.drive(point, 60, 0.0, wh)
    assert not house.is_closed(point), "and it does not try to close every few seconds"
    assert [fault.source for fault in faults.active(house.opened.live)] == ["store"]
    house.opened.store.connection().execute("PRAGMA query_only=OFF")
    house.drive(point, 2, 0.0, wh)
    assert faults.active(house.opened.live) == [] and house.session().end_wh == round(wh), "nothing is lost"


def test_stop_of_the_core_opens_everything_and_gives_the_lines_back(house: House) -> None:
    point = house.point()
    core = house.start()
    house.authorize(point)
    house.turn()
    core.stop()
    assert not house.is_closed(point)
    with pytest.raises(RuntimeError):
        house.pins.input(17)
    assert house.seen(point) is False
