"""Contactors that follow, lag and weld, by their auxiliary contacts on strict pins."""

from __future__ import annotations

from itertools import pairwise

import pytest

from appliance import errors, faults
from appliance.charging import contacts, grants, overview, points
from appliance.charging.points import Point
from appliance.store import settings
from tests.appliance.charging.house import ACTOR, House

OPEN, CLOSED = 0, 1  # of the line: a normally-closed contact against the pull-up
LINE = 22


@pytest.fixture
def point(house: House) -> Point:
    """A point whose contactor is watched."""
    made = house.point()
    return points.edit(house.opened.store, house.clock, made.id, feedback=f"gpio:{LINE}", actor=ACTOR)


def fault(house: House, point: Point) -> faults.Fault | None:
    return next((one for one in faults.active(house.opened.live) if one.source == f"contactor:{point.id}"), None)


def follow(house: House, point: Point, seconds: int = 0) -> None:
    """The contactor does what its relay tells it, looked at every fifth of a second."""
    for _ in range(max(1, seconds * 5)):
        house.pins.feed(LINE, CLOSED if house.is_closed(point) else OPEN)
        house.turn(0.2)


def weld(house: House, point: Point) -> None:
    """The contactor stays closed when Anna stops."""
    house.authorize(point)
    house.turn()
    house.pins.feed(LINE, CLOSED)
    house.turn(1.0)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn(2.0)


def test_a_contactor_that_follows_is_well(house: House, point: Point) -> None:
    house.start()
    house.authorize(point)
    assert house.turn() <= 0.5  # looks again when it must have followed
    house.pins.feed(LINE, CLOSED)
    house.turn(5.0)
    assert house.is_closed(point) and fault(house, point) is None
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    house.pins.feed(LINE, OPEN)
    house.turn(5.0)
    assert fault(house, point) is None


def test_one_that_does_not_close_is_said_after_half_a_second_and_well_when_it_does(house: House, point: Point) -> None:
    house.start()
    house.authorize(point)
    house.turn()
    house.turn(0.4)
    assert fault(house, point) is None
    house.turn(0.1)
    found = fault(house, point)
    assert found is not None and found.code == "stuck" and "does not follow: have it checked" in found.sentence
    follow(house, point, 12)
    assert fault(house, point) is None and house.is_closed(point)


def test_one_that_does_not_close_is_opened_and_tried_again_after_pauses_that_grow(house: House, point: Point) -> None:
    """Who reports a fault keeps no power on behind it."""
    house.start()
    house.authorize(point)
    house.turn()
    closings, was_closed, closed_for_s = [], True, 0.0
    for tenth in range(1, 2000):
        house.turn(0.1)
        closed = house.is_closed(point)
        if closed and not was_closed:
            closings.append(tenth / 10)
        closed_for_s += 0.1 if closed else 0.0
        was_closed = closed
        if tenth > 5:
            assert fault(house, point) is not None, "it is the same fault until it follows"
    pauses_s = [later - earlier for earlier, later in pairwise([0.0, *closings])]
    assert [round(pause_s / 10) for pause_s in pauses_s] == [1, 2, 4, 8]
    assert closed_for_s < 3.0


def test_a_lagging_contactor_lets_no_session_begin_and_its_grant_ends_unused(house: House, point: Point) -> None:
    house.start()
    house.authorize(point)
    house.turn(310)
    assert house.sessions() == [] and house.grant_ends() == ["unused"] and not house.is_closed(point)
    assert fault(house, point) is None, "the next person tries anew"
    house.authorize(point, "Ben")
    house.turn()
    assert house.is_closed(point)


def test_a_session_whose_contactor_drops_out_is_idle_until_it_ends(house: House) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.idle_end_s", "120")
    point = house.point(metered=True)
    points.edit(house.opened.store, house.clock, point.id, feedback=f"gpio:{LINE}", actor=ACTOR)
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.turn()
    house.pins.feed(LINE, CLOSED)
    wh = house.drive(point, 3, 11000.0, 5000.0)
    house.pins.feed(LINE, OPEN)  # its coil burnt
    wh = house.drive(point, 3, 0.0, wh)
    assert not house.is_closed(point) and fault(house, point) is not None
    assert overview.points_now(house.opened)[0].state == "fault" and house.session().ended_at is None
    house.drive(point, 120, 0.0, wh)
    assert house.session().end_reason == "idle" and fault(house, point) is None


def test_a_welded_one_stays_a_fault_until_a_person_saw_it_open(house: House, point: Point) -> None:
    house.start()
    weld(house, point)
    found = fault(house, point)
    assert found is not None and found.code == "stuck" and "switch off the breaker" in found.sentence
    house.pins.feed(LINE, OPEN)
    house.turn(60.0)
    assert fault(house, point) is not None
    contacts.confirm(house.opened, point, actor=ACTOR)
    house.turn(5.0)
    assert fault(house, point) is None and house.events()[0] == "point.seen_open"
    with pytest.raises(errors.Refused, match="Wallbox has no such fault"):
        contacts.confirm(house.opened, point, actor=ACTOR)


def test_nobody_charges_at_a_welded_contactor_but_elsewhere_they_do(house: House, point: Point) -> None:
    other = house.point("Garage", 18)
    house.start()
    weld(house, point)
    house.turn(20.0)
    house.authorize(point)
    house.authorize(other, "Ben")
    house.turn(1.0)
    assert not house.is_closed(point) and house.is_closed(other)


def test_who_says_it_is_open_while_it_is_not_has_the_fault_again(house: House, point: Point) -> None:
    house.start()
    weld(house, point)
    contacts.confirm(house.opened, point, actor=ACTOR)
    house.turn()
    assert fault(house, point) is None
    house.turn(2.0)
    assert fault(house, point) is not None


def test_a_welded_one_is_remembered_when_the_core_starts_anew(house: House, point: Point) -> None:
    house.start()
    weld(house, point)
    house.crash()
    house.start()  # new pins: the contact reads open now
    assert fault(house, point) is not None
    house.authorize(point)
    house.turn(1.0)
    assert not house.is_closed(point)


def test_a_contact_that_cannot_be_had_is_a_fault_and_comes_back(house: House, point: Point) -> None:
    house.pins.busy.add(LINE)
    house.start()
    found = fault(house, point)
    assert found is not None and found.code == "unavailable" and "GPIO 22" in found.sentence
    house.authorize(point)
    house.turn(1.0)
    assert house.is_closed(point)  # it is optional
    house.pins.busy.clear()
    house.pins.feed(LINE, CLOSED)
    house.turn(6.0)
    assert fault(house, point) is None


def test_a_contact_that_is_taken_away_gives_its_line_back_and_ends_its_fault(house: House, point: Point) -> None:
    house.start()
    house.authorize(point)
    house.turn()
    house.turn(1.0)
    assert fault(house, point) is not None
    points.edit(house.opened.store, house.clock, point.id, feedback="", actor=ACTOR)
    house.turn()
    assert fault(house, point) is None
    with pytest.raises(RuntimeError, match="You must setup"):
        house.pins.input(LINE)


@pytest.mark.parametrize("feedback", ["", "gpio:23"])
def test_another_wiring_or_a_time_in_the_archive_does_not_open_a_welded_contactor(
    house: House, point: Point, feedback: str
) -> None:
    house.start()
    weld(house, point)
    house.pins.feed(LINE, OPEN)
    store, clock = house.opened.store, house.clock
    points.edit(store, clock, point.id, feedback=feedback, actor=ACTOR)
    house.turn(1.0)
    assert fault(house, point) is not None
    points.archive(store, clock, point.id, actor=ACTOR)
    house.turn(1.0)
    points.activate(store, clock, point.id, actor=ACTOR)
    house.turn(20.0)
    assert fault(house, point) is not None
    house.authorize(point)
    house.turn(1.0)
    assert not house.is_closed(point)
    contacts.confirm(house.opened, point, actor=ACTOR)
    house.turn(1.0)
    assert house.is_closed(point)


def test_a_welded_one_is_remembered_when_the_machine_starts_anew(house: House, point: Point) -> None:
    house.start()
    weld(house, point)
    house.crash()
    faults.clear(house.opened.live, f"contactor:{point.id}")  # the live file is made anew
    house.start()
    assert fault(house, point) is not None and points.get(house.opened.store, point.id).welded


def test_a_core_that_stops_gives_the_lines_back(house: House, point: Point) -> None:
    core = house.start()
    house.pins.input(LINE)
    core.stop()
    with pytest.raises(RuntimeError, match="You must setup"):
        house.pins.input(LINE)
