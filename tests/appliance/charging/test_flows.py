"""Power that a meter does not show as it should: none at all, none although its counter rises, or the wrong way round.

No power flows at a charging point without a session or an alarm.
"""

from __future__ import annotations

import pytest

from appliance import faults, heartbeat
from appliance.charging import grants, guests, observed, overview, points
from appliance.charging.flows import OVER_S, Trace
from appliance.charging.identifications import Extras
from appliance.charging.points import Point
from appliance.metering import readings
from appliance.metering.continuity import LAGS_S
from appliance.store import settings
from drivers.interfaces import Reading
from tests.appliance.charging.house import ACTOR, House

STEADY = int(LAGS_S + OVER_S)  # after so long a counter that has risen tells of now


@pytest.fixture
def point(house: House) -> Point:
    return house.point(metered=True)


def fault(house: House, kind: str, point: Point) -> faults.Fault | None:
    return next((one for one in faults.active(house.opened.live) if one.source == f"{kind}:{point.id}"), None)


def count(
    house: House,
    point: Point,
    seconds: int,
    flows_w: float,
    wh: float,
    *,
    power_w: float | None = None,
    step_wh: int = 1,
) -> float:
    """Power flows for a while, counted in steps; `power_w`: what the meter says of it. Return the energy counted."""
    assert point.meter_id is not None
    for _ in range(seconds):
        wh += flows_w / 3600
        house.clock.advance(1.0)
        values = {"import_wh": wh // step_wh * step_wh} | ({} if power_w is None else {"power_w": power_w})
        readings.put(house.opened.live, house.clock, point.meter_id, Reading(values))
        house.turn()
    return wh


def now_at(house: House) -> overview.PointNow:
    heartbeat.begin(house.opened.live, "core", house.clock)
    return overview.points_now(house.opened)[0]


def state(house: House) -> str:
    return now_at(house).state


def idle_s(house: House, point: Point) -> float | None:
    seen_s = observed.all(house.opened.live)[point.id].idle_since_s
    return None if seen_s is None else house.clock.boottime_s() - seen_s


# What a counter tells ----------------------------------------------------------------------------------


def told_w(
    flows_w: float, seconds: int, *, step_wh: int = 1, every_s: int = 1, begin_wh: float = 4321.0
) -> float | None:
    trace = Trace()
    for second in range(0, seconds + 1, every_s):
        trace = trace.seen(float(second), int((begin_wh + flows_w * second / 3600) // step_wh * step_wh))
    return trace.power_w


@pytest.mark.parametrize("step_wh", [1, 10, 100])
@pytest.mark.parametrize("every_s", [1, 10, 60])
def test_a_counter_never_tells_of_more_power_than_flowed(step_wh: int, every_s: int) -> None:
    for flows_w in (0.0, 5.0, 60.0, 99.0, 1400.0, 11000.0):
        for seconds in range(every_s, 900, every_s):
            told = told_w(flows_w, seconds, step_wh=step_wh, every_s=every_s)
            assert told is not None and told <= flows_w + 0.001


@pytest.mark.parametrize(
    ("flows_w", "seconds", "least_w"),
    [(1400.0, 31, 100.0), (1400.0, 60, 600.0), (1400.0, 300, 1200.0), (250.0, 300, 100.0), (11000.0, 10, 5000.0)],
)
def test_what_a_car_draws_is_seen_soon(flows_w: float, seconds: int, least_w: float) -> None:
    told = told_w(flows_w, seconds)
    assert told is not None and told >= least_w


def test_a_trace_looks_back_for_five_minutes_and_stays_short() -> None:
    trace = Trace()
    for second in range(4000):
        trace = trace.seen(float(second), 5001 + (second if second < 2000 else 2000))
    assert trace.power_w == 0.0 and len(trace.readings) <= 62


def test_a_counter_that_was_reset_begins_anew() -> None:
    trace = Trace().seen(0.0, 5001).seen(10.0, 5101).seen(20.0, 3)
    assert trace.power_w is None and trace.seen(30.0, 33).power_w == pytest.approx(20 * 360)


def test_what_was_read_before_power_stopped_to_flow_tells_nothing() -> None:
    trace = Trace().seen(0.0, 5001).seen(10.0, 5101)
    assert trace.forget(10.0).readings == () and trace.forget(10.0).seen(9.0, 5200).readings == ()
    assert trace.forget(10.0).forget(5.0).after_s == 10.0


# A meter without power ------------------------------------------------------------------------------


@pytest.mark.parametrize("power_w", [None, 0.0])
def test_a_session_begins_when_the_counter_rises_and_has_all_energy_since_the_closing(
    house: House, point: Point, power_w: float | None
) -> None:  # review, finding 8
    house.start()
    wh = count(house, point, STEADY, 0.0, 5001.0, power_w=power_w)
    house.authorize(point)
    house.turn()
    wh = count(house, point, 60, 3700.0, wh, power_w=power_w)
    assert house.session().begin_wh == 5001 and house.session().ended_at is None
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    count(house, point, 2, 0.0, wh, power_w=power_w)
    assert house.session().energy_wh == 61 and house.session().end_reason == "stop"


def test_a_session_on_a_counter_alone_is_paused_and_ends_like_any_other(house: House, point: Point) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.unseen_end_s", "600")
    house.start()
    wh = count(house, point, STEADY, 0.0, 5001.0)
    house.authorize(point)
    house.turn()
    wh = count(house, point, 700, 3700.0, wh)
    assert state(house) == "charging", "nobody calls it unseen"
    wh = count(house, point, int(OVER_S) + 130, 0.0, wh)
    assert state(house) == "paused" and (idle_s(house, point) or 0.0) >= 120
    count(house, point, 1700, 0.0, wh)
    assert house.session().end_reason == "idle"


def test_the_own_use_of_a_wallbox_begins_no_session_and_is_no_leak(house: House, point: Point) -> None:
    house.start()
    wh = count(house, point, 1000, 20.0, 5001.0)
    assert fault(house, "leak", point) is None
    house.authorize(point)
    house.turn()
    count(house, point, 310, 20.0, wh)
    assert house.sessions() == [] and house.grant_ends() == ["unused"]


def test_a_meter_that_tells_nothing_at_all_is_as_good_as_silent(house: House, point: Point) -> None:
    assert point.meter_id is not None
    house.start()
    house.authorize(point)
    house.turn()
    for _ in range(11):
        house.clock.advance(1.0)
        readings.put(house.opened.live, house.clock, point.meter_id, Reading({"voltage_l1_v": 230.0}))
        house.turn()
    assert house.session().begin_wh is None and house.session().ended_at is None


@pytest.mark.parametrize("power_w", [None, 0.0])
def test_a_counter_that_rises_behind_an_open_relay_is_a_leak(house: House, point: Point, power_w: float | None) -> None:
    house.start()
    wh = count(house, point, STEADY, 0.0, 5001.0, power_w=power_w)
    assert fault(house, "leak", point) is None
    wh = count(house, point, 120, 3700.0, wh, power_w=power_w)
    assert fault(house, "leak", point) is not None
    count(house, point, int(OVER_S), 0.0, wh, power_w=power_w)
    assert fault(house, "leak", point) is None


@pytest.mark.parametrize("power_w", [None, 0.0])
def test_a_counter_that_is_behind_when_the_relay_opens_is_no_leak(
    house: House, point: Point, power_w: float | None
) -> None:
    """It goes on rising for a minute after nothing flows any more."""
    house.start()
    wh = count(house, point, STEADY, 0.0, 5001.0, power_w=power_w)
    house.authorize(point)
    house.turn()
    wh = count(house, point, 600, 11000.0, wh, power_w=None if power_w is None else 11000.0)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    wh = count(house, point, 60, 11000.0, wh, power_w=power_w)
    for _ in range(STEADY):
        wh = count(house, point, 1, 0.0, wh, power_w=power_w)
        assert fault(house, "leak", point) is None


# A meter that is wired the wrong way round ------------------------------------------------------------


def test_a_session_begins_at_power_out_of_the_car_and_the_wiring_is_said(house: House, point: Point) -> None:
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.turn()
    count(house, point, 2, 0.0, 5000.0, power_w=-3700.0)
    assert house.session().ended_at is None and fault(house, "reversed", point) is None
    count(house, point, 31, 0.0, 5000.0, power_w=-3700.0)
    found = fault(house, "reversed", point)
    assert found is not None and "counts the wrong way round" in found.sentence and "Wallbox" in found.sentence
    now = now_at(house)
    assert now.state == "charging" and now.fault is None and found in now.notes, "it keeps nobody from charging"
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    count(house, point, 2, 0.0, 5000.0, power_w=0.0)
    assert (house.session().energy_wh, house.session().remark_codes) == (None, ("reversed",))
    assert fault(house, "reversed", point) is not None, "until a car charges and the meter is right"
    house.authorize(point)
    house.turn(10.0)
    house.drive(point, 3, 3700.0, 5000.0)
    assert fault(house, "reversed", point) is None and "reversed" not in house.session().remark_codes


def test_a_code_with_a_cap_does_not_charge_without_end_at_a_meter_that_counts_the_wrong_way(
    house: House, point: Point
) -> None:
    guest = guests.make(house.opened, Extras(cap_wh=20_000), actor=ACTOR)
    house.start()
    house.measure(point, 0.0, 5000.0)
    grants.authorize(house.opened, guest.code, point, "touch", actor=ACTOR)
    house.turn()
    count(house, point, 34, 0.0, 5000.0, power_w=-3700.0)
    assert house.session().end_reason == "uncounted" and not house.is_closed(point)


def test_a_car_that_gives_back_what_it_took_keeps_its_energy(house: House, point: Point) -> None:
    """Its counter has moved: the meter is right, whatever the note says."""
    house.start()
    wh = house.charge(point)
    wh = house.drive(point, 60, 11000.0, wh)
    wh = count(house, point, 60, 0.0, wh, power_w=-5000.0)
    assert house.session().remark_codes == () and house.session().ended_at is None
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    count(house, point, 1, 0.0, wh, power_w=0.0)
    assert (house.session().energy_wh or 0) > 180


def test_power_the_wrong_way_through_an_open_relay_is_a_leak(house: House, point: Point) -> None:
    house.start()
    count(house, point, 32, 0.0, 5000.0, power_w=-3700.0)
    assert fault(house, "leak", point) is not None


def test_a_note_about_a_meter_ends_when_the_point_gets_another(house: House, point: Point) -> None:
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.turn()
    count(house, point, 40, 0.0, 5000.0, power_w=-3700.0)
    assert fault(house, "reversed", point) is not None
    points.edit(house.opened.store, house.clock, point.id, meter_id=None, actor=ACTOR)
    house.turn()
    assert fault(house, "reversed", point) is None
