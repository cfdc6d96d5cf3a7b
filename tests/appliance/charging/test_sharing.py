"""One meter for two charging points: not made, and where there is one, one car at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.charging import grants, overview, points, sharing, why
from appliance.charging.points import Point
from appliance.errors import BadInput
from tests.appliance.charging.house import ACTOR, House
from tests.appliance.charging.test_lifecycle import PIN

METER = 7
ONE, TWO = (Point(number, f"Point {number}", f"gpio:{16 + number}", METER, "authorized") for number in (1, 2))


@pytest.fixture
def pair(house: House) -> tuple[Point, Point]:
    """Two points on one meter, as an earlier version let them be made, and a core."""
    first, second = house.point(metered=True), house.point("Garage", 18)
    house.share_meter(first, second)
    house.start()
    return points.get(house.opened.store, first.id), points.get(house.opened.store, second.id)


def held(house: House, point: Point) -> str:
    """What `why` says of a point now."""
    return str(why.tell(house.opened, point.id, reasons=True).now)


# Where points are made ---------------------------------------------------------------------------


def test_a_point_gets_no_meter_another_one_has(house: House) -> None:
    first, store = house.point(metered=True), house.opened.store
    with pytest.raises(BadInput, match="Wallbox has this meter already.*take it away from Wallbox") as refused:
        points.add(store, house.clock, "Garage", "gpio:18", first.meter_id, actor=ACTOR)
    assert refused.value.field == "meter"
    second = points.add(store, house.clock, "Garage", "gpio:18", actor=ACTOR)
    with pytest.raises(BadInput, match="Wallbox has this meter already"):
        points.edit(store, house.clock, second.id, meter_id=first.meter_id, actor=ACTOR)
    assert points.get(store, second.id).meter_id is None
    points.edit(store, house.clock, first.id, meter_id=None, actor=ACTOR)
    assert points.edit(store, house.clock, second.id, meter_id=first.meter_id, actor=ACTOR).meter_id == first.meter_id


def test_a_point_out_of_use_lends_its_meter_and_comes_back_without(house: House) -> None:
    first, store = house.point(metered=True), house.opened.store
    points.archive(store, house.clock, first.id, actor=ACTOR)
    second = points.add(store, house.clock, "Garage", "gpio:18", first.meter_id, actor=ACTOR)
    with pytest.raises(BadInput, match="Garage has this meter already"):
        points.activate(store, house.clock, first.id, actor=ACTOR)
    points.edit(store, house.clock, first.id, meter_id=None, actor=ACTOR)
    points.activate(store, house.clock, first.id, actor=ACTOR)
    assert [one.id for one in points.all(store)] == [second.id, first.id]


def test_points_that_share_a_meter_already_can_be_changed_otherwise(house: House, pair: tuple[Point, Point]) -> None:
    renamed = points.edit(house.opened.store, house.clock, pair[1].id, name="Carport", actor=ACTOR)
    assert (renamed.name, renamed.meter_id) == ("Carport", pair[0].meter_id)


# Where there are some ----------------------------------------------------------------------------


def test_the_second_waits_until_the_first_is_done_and_each_is_billed_its_own(
    house: House, pair: tuple[Point, Point]
) -> None:
    first, second = pair
    wh = house.charge(first)
    assert house.authorize(second, "Ben").result == "accepted"
    wh = house.drive(first, 30, 11000.0, wh)
    assert house.is_closed(first) and not house.is_closed(second)
    assert held(house, second) == (
        "Garage waits: Wallbox charges now, and both have the same meter. Give one of them a meter of its own, or"
        " none: then both charge at once."
    )
    grants.stop(house.opened, first.id, ACTOR)
    house.turn()
    assert not house.is_closed(second), "the last reading of the first is not there yet"
    house.drive(first, 1, 0.0, wh)
    middle_wh, wh = wh, house.drive(first, 12, 0.0, wh)
    assert house.is_closed(second) and "waits" not in held(house, second)
    wh = house.drive(second, 20, 7000.0, wh)
    grants.stop(house.opened, second.id, ACTOR)
    house.turn()
    house.drive(second, 2, 0.0, wh)
    later, earlier = house.sessions()
    assert (earlier.energy_wh, later.energy_wh) == (round(middle_wh) - 5000, round(wh) - round(middle_wh))
    assert earlier.remark_codes == later.remark_codes == ()


def test_only_one_relay_is_closed_while_both_wait_for_their_car(house: House, pair: tuple[Point, Point]) -> None:
    first, second = pair
    house.measure(first, 0.0, 5000.0)
    house.authorize(second, "Ben")
    house.authorize(first)
    house.drive(first, 10, 0.0, 5000.0)
    assert house.is_closed(second) and not house.is_closed(first), "who was let in first"
    house.drive(first, 295, 0.0, 5000.0)
    assert set(house.grant_ends()) == {"unused", "shared"} and not house.sessions()
    told = [str(event.told) for event in why.tell(house.opened, first.id, reasons=True).events]
    assert "Another charging point has the same meter." in told


def test_a_restart_lets_no_second_one_in(house: House, pair: tuple[Point, Point]) -> None:
    first, second = pair
    wh = house.charge(first)
    house.crash()
    house.clock.advance(5)
    house.start(pause_over=False)
    house.authorize(second, "Ben")
    house.drive(first, 15, 11000.0, wh)
    assert house.is_closed(first) and not house.is_closed(second)


def test_who_waits_for_a_session_that_an_outage_ended_waits_half_a_minute_and_not_a_quarter_of_an_hour(
    house: House, pair: tuple[Point, Point]
) -> None:
    first, second = pair
    house.charge(first)
    house.crash()
    house.clock.advance(1200)
    house.start()
    assert house.authorize(second, "Ben").result == "accepted"
    house.turn(15)
    assert not house.is_closed(second), "the meter is silent, the last reading of the first not there"
    house.turn(20)
    assert house.is_closed(second) and house.sessions()[-1].end_reason == "core_restart"


def test_sessions_that_an_earlier_version_began_side_by_side_have_no_energy_and_the_later_one_ends(
    house: House,
) -> None:
    first, second = house.point(metered=True), house.point("Garage", 18, metered=True)
    house.start()
    wh = house.charge(first)
    house.charge(second, who="Ben")
    with house.opened.store.write() as db:
        db.execute("UPDATE sessions SET meter_id=?", (first.meter_id,))
    house.share_meter(first, second)
    wh = house.drive(first, 12, 11000.0, wh)
    assert house.is_closed(first) and not house.is_closed(second)
    grants.stop(house.opened, first.id, ACTOR)
    house.turn()
    house.drive(first, 2, 0.0, wh)
    later, earlier = house.sessions()
    assert (later.end_reason, earlier.end_reason) == ("shared", "stop")
    for session in (earlier, later):
        assert session.energy_wh is None and "meter_shared" in session.remark_codes


def test_both_points_say_that_they_share_a_meter(house: House, pair: tuple[Point, Point]) -> None:
    notes = [str(note.sentence) for now in overview.points_now(house.opened) for note in now.notes]
    assert [note.split(",")[0] for note in notes] == [
        "Garage and Wallbox have the same meter", "Wallbox and Garage have the same meter",
    ]  # fmt: skip


# The rule ----------------------------------------------------------------------------------------


def test_who_holds_the_meter_is_whose_session_runs_then_whose_relay_is_closed_then_who_came_first(
    house: House,
) -> None:
    known = {1: ONE, 2: TWO}
    earlier, later = replace(PIN, id=10, point_id=2), replace(PIN, id=11, point_id=1)
    both = {2: earlier, 1: later}
    assert sharing.waiting(known, {}, {}, ()) == {}
    assert sharing.waiting(known, {}, {1: later}, ()) == {}
    assert sharing.waiting(known, {}, both, ()) == {1: 2}
    assert sharing.waiting(known, {}, both, [1]) == {2: 1}
    assert sharing.waiting(known, {}, {2: earlier}, [1]) == {2: 1}, "a relay that did not open"
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    session = replace(house.session(), point_id=1, meter_id=METER)
    assert sharing.waiting(known, {1: session}, both, [2]) == {2: 1}
    assert sharing.waiting({2: TWO}, {1: session}, {2: earlier}, ()) == {2: 1}, "its point has another meter now"
    assert sharing.waiting(known | {1: replace(ONE, meter_id=None)}, {}, both, [1]) == {}
