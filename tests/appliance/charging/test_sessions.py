"""Sessions: from counter to counter, ended once, with a remark for what could not be measured."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance import errors
from appliance.charging import grants, points, sessions
from appliance.metering import meters
from appliance.store import settings
from tests.appliance.charging.house import ACTOR, PAUSE_S, House


def stop(house: House) -> None:
    (point,) = points.all(house.opened.store)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()


def test_a_session_holds_the_counter_from_closing_to_opening(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point, import_wh=5000.0)
    wh = house.drive(point, 60, 11000.0, wh)
    running = house.session()
    assert (running.begin_wh, running.end_wh, running.energy_wh, running.ended_at) == (5000, None, None, None)
    stop(house)
    assert house.session().ended_at is None, "it waits for a reading after the relay opened"
    wh = house.drive(point, 1, 0.0, wh)
    done = house.session()
    assert (done.begin_wh, done.end_wh, done.end_reason, done.remark) == (5000, round(wh), "stop", "")
    assert done.energy_wh == round(wh) - 5000 and done.energy_wh > 180
    assert (done.user, done.identification, done.point) == ("Anna Berger", "PIN ••••", "Wallbox")
    assert done.ended_at is not None and done.ended_at < house.clock.now()


def test_energy_that_flowed_before_the_car_was_noticed_is_not_lost(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.turn()
    wh = house.drive(point, 20, 90.0, 5000.0)
    assert house.sessions() == []
    house.drive(point, 1, 11000.0, wh)
    assert house.session().begin_wh == 5000


def test_two_sessions_in_a_row_share_no_energy(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    stop(house)
    wh = house.drive(point, int(PAUSE_S), 0.0, wh + 1)
    house.charge(point, import_wh=wh, who="Ben")
    second, first = house.sessions()
    assert second.begin_wh == first.end_wh and second.user == "Ben Berger"


def test_a_session_ends_after_long_without_power(house: House) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.idle_end_s", "120")
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    wh = house.drive(point, 119, 0.0, wh)
    wh = house.drive(point, 1, 500.0, wh)
    wh = house.drive(point, 119, 0.0, wh)
    assert house.session().ended_at is None and house.is_closed(point)
    house.drive(point, 3, 0.0, wh)
    assert house.session().end_reason == "idle" and not house.is_closed(point)


def test_a_silent_meter_ends_no_session_and_is_a_remark(house: House) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.idle_end_s", "60")
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.turn(200)
    assert house.is_closed(point)
    stop(house)
    house.drive(point, 1, 0.0, wh + 600)
    assert house.session().energy_wh == round(wh + 600) - 5000
    assert house.session().remark_codes == ("meter_silent",)


def test_a_meter_silent_at_the_end_gives_its_last_reading_and_a_remark(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    stop(house)
    house.turn(4)
    assert house.session().ended_at is None
    house.turn(2)
    assert house.session().end_wh == round(wh)
    assert house.session().remark_codes == ("end_stale",)


def test_a_meter_that_never_answers_gives_a_session_without_energy(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.authorize(point)
    house.turn(9)
    assert house.sessions() == []
    house.turn(2)
    assert house.session().begin_wh is None and house.is_closed(point)
    stop(house)
    house.turn(6)
    assert (house.session().energy_wh, house.session().end_reason) == (None, "stop")
    assert "could not be read" in house.session().remark


def test_a_meter_that_answers_late_gives_the_energy_from_then_on(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.authorize(point)
    house.turn(12)
    wh = house.drive(point, 2, 11000.0, 7000.0)
    stop(house)
    house.drive(point, 1, 0.0, wh)
    assert house.session().begin_wh == round(7000.0 + 11000.0 / 3600)
    assert "begin_late" in house.session().remark_codes


def test_a_meter_without_a_counter_gives_a_session_without_energy(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, None)
    house.authorize(point)
    house.turn()
    house.turn(1)
    house.measure(point, 11000.0, None)
    house.turn()
    stop(house)
    house.clock.advance(1)
    house.measure(point, 0.0, None)
    house.turn()
    assert (house.session().energy_wh, house.session().remark_codes) == (None, ("no_reading",))


def test_a_counter_that_went_backwards_gives_no_energy(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point, import_wh=5000.0)
    stop(house)
    house.drive(point, 6, 0.0, 3.0)
    assert (house.session().end_wh, house.session().remark_codes) == (None, ("counter_back",))


def test_a_point_without_a_meter_has_sessions_from_closing_to_stop(house: House) -> None:
    point = house.point()
    house.start()
    house.authorize(point)
    house.turn()
    assert house.session().ended_at is None
    house.turn(7200)
    stop(house)
    done = house.session()
    assert (done.energy_wh, done.end_reason, done.remark) == (None, "stop", "")


def test_a_point_given_another_meter_before_the_car_charges_counts_by_that_one_alone(house: House) -> None:
    point, store = house.point(metered=True), house.opened.store
    new = meters.add(
        store, house.clock, name="New", model="eastron-sdm630", url="tcp://127.0.0.1:5020", unit=3, role="charger",
        actor=ACTOR,
    )  # fmt: skip
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.turn(1)
    assert house.is_closed(point)
    point = points.edit(store, house.clock, point.id, meter_id=new.id, actor=ACTOR)
    house.measure(point, 0.0, 9_000_000.0)
    house.turn(1)
    wh = house.drive(point, 60, 12000.0, 9_000_000.0)
    stop(house)
    house.drive(point, 1, 0.0, wh)
    done = house.session()
    assert (done.meter_id, done.begin_wh, done.energy_wh) == (new.id, 9_000_000, 200)
    assert done.remark_codes == ("begin_late",), "what the first one may have counted is missing"


def test_an_archived_meter_leaves_the_energy_unknown(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    assert point.meter_id is not None
    meters.archive(house.opened.store, house.clock, point.meter_id, actor=ACTOR)
    stop(house)
    house.turn(6)
    assert house.session().remark_codes == ("no_reading",)


def test_an_ended_session_is_never_edited_or_deleted(house: House) -> None:
    point = house.point()
    house.start()
    house.authorize(point)
    house.turn()
    stop(house)
    for statement in ("UPDATE sessions SET end_wh=9", "DELETE FROM sessions"):
        with pytest.raises(errors.StoreConflict), house.opened.store.write() as db:
            db.execute(statement)


def test_a_doubtful_date_is_a_remark(house: House) -> None:
    point = house.point()
    house.start()
    house.authorize(point)
    house.clock.set(house.clock.now().replace(year=2020))
    house.turn()
    assert house.session().remark_codes == ("clock",)


def test_sessions_are_listed_newest_first_by_user(house: House) -> None:
    point = house.point()
    house.start()
    for who in ("Anna", "Ben", "Anna"):
        house.authorize(point, who)
        house.turn()
        stop(house)
        house.turn(PAUSE_S)
    assert [session.user for session in house.sessions()] == ["Anna Berger", "Ben Berger", "Anna Berger"]
    anna = house.people["Anna"].id
    assert [session.id for session in sessions.newest(house.opened.store, user=anna)] == [3, 1]
    assert [session.id for session in sessions.newest(house.opened.store, limit=1)] == [3]
    assert sessions.running(house.opened.store) == []


def test_begin_and_end_are_in_the_audit(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    stop(house)
    house.drive(point, 1, 0.0, wh)
    assert [event for event in house.events() if event.startswith("session")] == ["session.end", "session.begin"]


def test_sessions_are_found_by_when_they_began_and_by_number(house: House) -> None:
    assert sessions.first_began(house.opened.store) is None
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    (session,) = sessions.newest(house.opened.store)
    day = timedelta(days=1)
    assert sessions.between(house.opened.store, session.began_at, session.began_at + day) == [session]
    assert sessions.between(house.opened.store, session.began_at - day, session.began_at) == []
    assert sessions.get(house.opened.store, session.id) == session
    assert sessions.first_began(house.opened.store) == session.began_at
    with pytest.raises(errors.NotFound):
        sessions.get(house.opened.store, 99)
