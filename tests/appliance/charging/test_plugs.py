"""Plug inputs: pulled out, the session ends; a broken wire, a bounce or a silent board ends nothing that charges."""

from __future__ import annotations

import pytest

from appliance import faults
from appliance.charging import plugs, points
from appliance.charging.plugs import Plug
from appliance.charging.points import Point
from drivers.gpio import GpioInput
from drivers.interfaces import DriverError
from tests.appliance.charging.house import ACTOR, House

LINE = 23
IN, OUT = 0, 1  # the contact closes to ground when a car is plugged in


def plugged_point(house: House, *, metered: bool = True, spec: str = f"gpio:{LINE}", mode: str = "authorized") -> Point:
    """A point with a plug input and no car."""
    point = house.point(metered=metered, mode=mode)
    point = points.edit(house.opened.store, house.clock, point.id, plug=spec, actor=ACTOR)
    house.pins.feed(LINE, OUT)
    house.start()
    return point


def sources(house: House) -> list[str]:
    return [fault.source for fault in faults.active(house.opened.live)]


def test_pulling_the_plug_ends_the_session_also_where_only_a_counter_tells_that_power_flowed(house: House) -> None:
    point = plugged_point(house)
    house.pins.feed(LINE, IN)
    house.authorize(point)
    for wh in range(5000, 5300, 2):
        house.clock.advance(1.0)
        house.answer(point, {"import_wh": float(wh)})
        house.turn()
    assert house.session().ended_at is None
    house.pins.feed(LINE, OUT)
    for _ in range(3):
        house.clock.advance(1.0)
        house.answer(point, {"import_wh": 5300.0})
        house.turn()
    assert house.session().end_reason == "unplug" and not house.is_closed(point) and sources(house) == []


@pytest.mark.parametrize("mode", ["authorized", "free"])
def test_before_the_input_was_seen_for_long_enough_no_session_begins_without_a_meter(house: House, mode: str) -> None:
    point = house.point(metered=False, mode="authorized")
    house.start()
    house.pins.feed(LINE, OUT)
    if mode == "authorized":
        house.authorize(point)
    points.set_mode(house.opened.store, house.clock, point.id, mode, actor=ACTOR)
    point = points.edit(house.opened.store, house.clock, point.id, plug=f"gpio:{LINE}", actor=ACTOR)
    for _ in range(20):
        house.turn(0.3)
    assert house.sessions() == [] and house.is_closed(point)
    house.pins.feed(LINE, IN)
    house.turn(5)
    assert house.session().ended_at is None and house.is_closed(point)


def test_a_counter_that_goes_on_rising_contradicts_an_input_that_never_saw_the_car(house: House) -> None:
    point = plugged_point(house)
    house.turn(200)
    house.authorize(point)
    for wh in range(5000, 6000, 3):
        house.clock.advance(1.0)
        house.answer(point, {"import_wh": float(wh)})
        house.turn()
    assert house.session().ended_at is None and house.is_closed(point)
    assert sources(house) == [f"plug:{point.id}"] and len(house.sessions()) == 1


def test_pulling_the_plug_ends_the_session_and_opens_the_relay(house: House) -> None:  # part 2, 4
    point = plugged_point(house)
    house.pins.feed(LINE, IN)
    wh = house.charge(point)
    house.pins.feed(LINE, OUT)
    house.drive(point, 3, 0.0, wh)
    assert house.session().end_reason == "unplug" and not house.is_closed(point)
    assert house.session().energy_wh is not None


def test_a_bounce_ends_nothing(house: House) -> None:
    point = plugged_point(house)
    house.pins.feed(LINE, IN)
    wh = house.charge(point)
    house.drive(point, 3, 0.0, wh)
    house.pins.feed(LINE, OUT)
    house.turn()
    house.clock.advance(0.5)
    house.pins.feed(LINE, IN)
    house.drive(point, 3, 0.0, wh)
    assert house.session().end_reason is None and house.is_closed(point)


def test_a_car_that_draws_power_is_there_whatever_the_wire_says_and_that_is_a_fault(house: House) -> None:
    point = plugged_point(house)
    wh = house.charge(point)  # the wire is broken: no car, says the input
    wh = house.drive(point, 25, 11000.0, wh)
    assert house.session().end_reason is None and sources(house) == []
    wh = house.drive(point, 10, 11000.0, wh)
    assert house.session().end_reason is None and sources(house) == [f"plug:{point.id}"]
    house.pins.feed(LINE, IN)
    house.drive(point, 3, 11000.0, wh)
    assert sources(house) == []


def test_without_a_meter_a_session_begins_when_the_car_is_there_and_ends_when_it_goes(house: House) -> None:
    point = plugged_point(house, metered=False)
    house.authorize(point)
    house.turn(5)
    assert house.sessions() == [] and house.is_closed(point)
    house.pins.feed(LINE, IN)
    house.turn(3)
    assert house.session().end_reason is None
    house.pins.feed(LINE, OUT)
    house.turn(8)
    assert house.session().end_reason == "unplug" and not house.is_closed(point)


def test_no_car_within_the_start_window_ends_the_grant_unused(house: House) -> None:
    point = plugged_point(house, metered=False)
    house.authorize(point)
    house.turn(301)
    assert house.sessions() == [] and house.grant_ends() == ["unused"] and not house.is_closed(point)


def test_a_silent_meter_lets_no_session_begin_without_a_car(house: House) -> None:
    point = plugged_point(house)
    house.authorize(point)
    house.turn(30)
    assert house.sessions() == []
    house.pins.feed(LINE, IN)
    house.turn(3)
    assert len(house.sessions()) == 1


def test_in_free_mode_the_next_car_may_charge_at_once(house: House) -> None:
    point = plugged_point(house, metered=False, mode="free")
    house.pins.feed(LINE, IN)
    house.turn(12)
    house.pins.feed(LINE, OUT)
    house.turn(20)
    assert house.session().end_reason == "unplug"
    house.pins.feed(LINE, IN)
    house.turn(12)
    assert [one.end_reason for one in house.sessions()] == [None, "unplug"] and house.is_closed(point)


def test_a_contact_that_opens_when_plugged_is_read_the_other_way_round(house: House) -> None:
    point = plugged_point(house, metered=False, spec=f"gpio:{LINE}:nc")  # the line is high: a car is there
    house.authorize(point)
    house.turn(3)
    assert len(house.sessions()) == 1
    house.pins.feed(LINE, 0)
    house.turn(8)
    assert house.session().end_reason == "unplug"


def test_a_car_that_left_while_the_core_was_away_ends_the_session(house: House) -> None:  # part 8
    point = plugged_point(house)
    house.pins.feed(LINE, IN)
    wh = house.charge(point)
    house.crash()
    house.pins.feed(LINE, OUT)
    house.clock.advance(20)
    house.start(pause_over=False)
    house.drive(point, 15, 0.0, wh)
    assert house.session().end_reason == "unplug" and not house.is_closed(point)


def test_an_input_that_cannot_be_read_is_a_fault_and_ends_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = plugged_point(house)
    house.pins.feed(LINE, IN)
    wh = house.charge(point)

    def gone(_self: GpioInput) -> bool:
        raise DriverError("silent", "Nobody answers.")

    with monkeypatch.context() as broken:
        broken.setattr(GpioInput, "is_closed", gone)
        wh = house.drive(point, 10, 0.0, wh)
        assert house.session().end_reason is None and sources(house) == [f"plug:{point.id}"]
    house.drive(point, 10, 0.0, wh)
    assert sources(house) == [] and house.session().end_reason is None


def test_an_input_that_is_taken_away_gives_its_line_back(house: House) -> None:
    point = plugged_point(house)
    points.edit(house.opened.store, house.clock, point.id, plug="", actor=ACTOR)
    house.turn()
    with pytest.raises(RuntimeError, match="You must setup"):
        house.pins.input(LINE)
    assert house.core is not None
    house.core.stop()


# The rule -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looks", "plugged"),
    [
        ([], None),
        ([(True, 0.0)], None),
        ([(True, 0.0), (True, 0.9)], None),
        ([(True, 0.0), (True, 1.0)], True),
        ([(True, 0.0), (True, 1.0), (False, 1.1)], True),
        ([(True, 0.0), (True, 1.0), (False, 1.1), (True, 1.5), (False, 1.9), (False, 2.5)], True),
        ([(True, 0.0), (True, 1.0), (False, 1.1), (False, 2.2)], False),
        ([(True, 0.0), (True, 1.0), (None, 2.0), (None, 31.9)], True),
        ([(True, 0.0), (True, 1.0), (None, 2.0), (None, 32.0)], None),
        ([(False, 0.0), (False, 1.0), (None, 2.0), (True, 2.5), (True, 3.4)], False),
        ([(False, 0.0), (False, 1.0), (None, 2.0), (True, 2.5), (True, 3.5)], True),
    ],
)
def test_only_what_was_the_same_for_a_second_is_believed(
    looks: list[tuple[bool | None, float]], plugged: bool | None
) -> None:
    plug = Plug()
    for seen, at_s in looks:
        plug = plug.looked(seen, at_s)
    assert plug.plugged is plugged


def test_a_quicker_clock_debounces_as_long_in_real_time() -> None:
    plug = Plug().looked(True, 0.0, 60.0).looked(True, 59.0, 60.0)
    assert plug.plugged is None and plug.is_settling
    assert plug.looked(True, 60.0, 60.0).plugged is True


def test_nothing_is_known_without_an_input(house: House) -> None:
    watch = plugs.Plugs(house.clock, None)
    watch.look([])
    assert watch.is_plugged(1, draws=True) is None and watch.faults() == [] and watch.delay_s() == float("inf")
