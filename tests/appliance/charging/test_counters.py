"""Counters that jump: noise is passed over, and another meter's counter is never billed as energy."""

from __future__ import annotations

import pytest

from appliance.charging import allowances, grants, overview, settle
from appliance.charging.counters import OUTAGE_S, Trail
from appliance.charging.points import Point
from appliance.metering.counters import REPLACED_S
from appliance.store import live
from tests.appliance.charging.house import ACTOR, House
from tests.appliance.charging.test_sessions import stop

OTHER_WH = 900_000.0  # where another meter's counter stands


def drive_after_jump(house: House, point: Point) -> float:
    """The car goes on for longer than a doubtful counter is watched, at another meter."""
    return house.drive(point, int(REPLACED_S) + 2, 11000.0, OTHER_WH)


def test_a_counter_that_jumped_at_the_end_gives_no_energy(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    house.drive(point, 2, 11000.0, OTHER_WH)
    stop(house)
    house.drive(point, 6, 0.0, OTHER_WH)
    done = house.session()
    assert (done.energy_wh, done.remark_codes, done.end_reason) == (None, ("meter_replaced",), "stop")
    assert "replaced" in done.remark


@pytest.mark.parametrize("other_wh", [OTHER_WH, 12.0])
def test_another_meter_is_noted_while_the_session_runs_and_the_next_one_is_measured(
    house: House, other_wh: float
) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    wh = house.drive(point, int(REPLACED_S) - 1, 11000.0, other_wh)
    assert house.session().remark_codes == (), "it may be noise"
    wh = house.drive(point, 3, 11000.0, wh)
    running = house.session()
    assert (running.remark_codes, running.ended_at) == (("meter_replaced",), None), "nobody is stopped for it"
    stop(house)
    wh = house.drive(point, 12, 0.0, wh)
    assert (house.session().energy_wh, house.session().remark_codes) == (None, ("meter_replaced",))
    began_wh, wh = round(wh), house.charge(point, import_wh=wh, who="Ben")
    stop(house)
    house.drive(point, 1, 0.0, wh)
    assert (house.session().energy_wh, house.session().remark_codes) == (round(wh) - began_wh, ())


def test_a_reading_that_cannot_be_is_noise_and_costs_nothing(house: House) -> None:
    """Neither the energy of the session, nor somebody's allowance."""
    allowances.put(house.opened.store, house.clock, house.people["Anna"].id, "day", 10_000, actor=ACTOR)
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.drive(point, 3, 11000.0, OTHER_WH)
    assert house.is_closed(point)
    wh = house.drive(point, 3, 11000.0, wh)
    stop(house)
    house.drive(point, 1, 0.0, OTHER_WH)
    house.drive(point, 1, 0.0, wh)
    assert (house.session().energy_wh, house.session().remark_codes) == (round(wh) - 5000, ())


def test_nobody_is_shown_energy_from_a_counter_that_jumped(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    for shown_wh, energy_wh in ((wh, round(wh) - 5000), (OTHER_WH, None), (wh, round(wh) - 5000)):
        house.clock.advance(1.0)
        house.measure(point, 11000.0, shown_wh)
        house.turn()
        (now,) = overview.points_now(house.opened)
        assert now.session_energy_wh == energy_wh


def test_who_may_charge_so_much_only_is_stopped_when_nobody_knows_how_much_it_is(house: House) -> None:
    allowances.put(house.opened.store, house.clock, house.people["Anna"].id, "day", 10_000, actor=ACTOR)
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    drive_after_jump(house, point)
    assert not house.is_closed(point)
    assert (house.session().end_reason, house.session().energy_wh) == ("uncounted", None)


def test_another_meter_before_the_car_draws_power_is_no_begin(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.turn()
    house.drive(point, int(REPLACED_S) + 2, 0.0, OTHER_WH)
    wh = house.drive(point, 5, 11000.0, OTHER_WH)
    stop(house)
    house.drive(point, 1, 0.0, wh)
    done = house.session()
    assert (done.begin_wh, done.energy_wh) == (round(OTHER_WH), round(wh - OTHER_WH))
    assert done.remark_codes == ("begin_late",)


def test_what_was_noted_survives_the_core(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    wh = drive_after_jump(house, point)
    house.crash()
    house.clock.advance(3)
    house.start(pause_over=False)
    wh = house.drive(point, 15, 11000.0, wh)
    stop(house)
    house.drive(point, 1, 0.0, wh)
    assert (house.session().energy_wh, house.session().remark_codes) == (None, ("meter_replaced", "interrupted"))


@pytest.mark.parametrize(("off_s", "confirmed"), [(60.0, False), (60.0, True), (9000.0, False)])
def test_a_meter_replaced_while_the_power_was_off_gives_no_energy(
    house: House, monkeypatch: pytest.MonkeyPatch, off_s: float, confirmed: bool
) -> None:
    monkeypatch.setattr(settle, "counted_through", lambda _when: confirmed)
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    house.crash()
    house.clock.reboot(off_s)
    house.opened.live.close()
    live.make(house.opened.home.live_db, house.clock.boot_id)
    house.start()
    house.drive(point, 70, 11000.0, OTHER_WH)
    grants.stop(house.opened, point.id, ACTOR)
    house.drive(point, 900, 0.0, OTHER_WH + 300)
    done = house.session()
    assert done.energy_wh is None and "meter_replaced" in done.remark_codes and done.ended_at is not None


def cut_power(house: House) -> None:
    """The power goes for a minute, and memory with it."""
    house.crash()
    house.clock.reboot(60.0)
    house.opened.live.close()
    live.make(house.opened.home.live_db, house.clock.boot_id)
    house.start()


def test_a_meter_that_answers_late_after_a_power_cut_loses_no_energy(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "counted_through", lambda _when: True)
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    cut_power(house)
    house.turn(3000)
    wh = house.drive(point, 5, 22000.0, wh + 18_000)
    stop(house)
    house.drive(point, 1, 0.0, wh)
    assert (house.session().energy_wh, house.session().remark_codes) == (
        round(wh) - 5000, ("power_return", "meter_silent")
    )  # fmt: skip


def test_what_was_charged_counts_towards_limits_also_when_the_power_goes_while_the_meter_is_silent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "counted_through", lambda _when: True)
    allowances.put(house.opened.store, house.clock, house.people["Anna"].id, "day", 10_000, actor=ACTOR)
    point = house.point(metered=True)
    house.start()
    wh = house.drive(point, 130, 11000.0, house.charge(point))
    house.turn(130)
    cut_power(house)
    house.turn(1300)
    assert (house.session().end_reason, house.session().end_wh) == ("uncounted", None)
    (day,) = allowances.look(house.opened.store, house.clock, house.people["Anna"].id)
    assert day.used_wh == round(wh) - 5000


def test_the_counter_is_marked_while_a_session_runs_also_without_a_known_date(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    wh = house.drive(point, 130, 11000.0, wh)
    first = house.session().seen_wh
    assert first is not None and 5000 < first <= round(wh)
    house.clock.set(house.clock.now().replace(year=2020))
    wh = house.drive(point, 130, 11000.0, wh)
    second = house.session().seen_wh
    assert second is not None and second > first
    house.turn(130)
    assert house.session().seen_wh == round(wh), "it has been silent for a moment"
    house.turn(300)
    assert house.session().seen_wh is None, "nobody knows what a silent meter counts"


def test_a_counter_goes_on_from_its_mark_as_far_as_an_outage_explains() -> None:
    far_wh = 100_000.0 * OUTAGE_S / 3600
    assert not Trail.begin(5000.0 + far_wh, 20.0, 5000).is_doubted
    assert Trail.begin(6000.0 + far_wh, 20.0, 5000).is_doubted
    assert Trail.begin(4000.0, 20.0, 5000).is_doubted
    assert not Trail.begin(4000.0, 20.0, None).is_doubted, "nothing is known of it"


def test_a_counter_that_runs_over_its_end_is_no_other_meter() -> None:
    trail = Trail.begin(99_999_990.0, 20.0, None)
    assert not trail.see(15.0, 21.0) and not trail.is_doubted
    assert trail.counter.last_wh == 15.0
