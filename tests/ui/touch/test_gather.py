"""One look at a real store becomes one frozen Status; what cannot be read becomes a sentence."""

from __future__ import annotations

import dataclasses
import queue
from concurrent.futures import ThreadPoolExecutor

import pytest

from appliance import audit, faults, heartbeat
from appliance.access import display_pin, web_window
from appliance.charging import points
from appliance.metering import meters
from appliance.store import migrate, settings
from appliance.system import tasks
from tests.patience import PATIENCE_S
from tests.ui.touch.house import House
from ui.touch import face, gather, watch
from ui.touch.status import PointNow, Status, Today
from ui.touch.watch import Watcher, pause_s


def test_a_look_has_powers_sums_meters_points_and_people(house: House) -> None:
    seen = gather.collect(house.it, gather.today_curve(house.it))
    assert seen.problem is None
    assert (seen.grid_w, seen.pv_w, seen.car_w, seen.house_w) == (1240.0, 2310.0, 0.0, 3550.0)
    assert seen.roles == {"grid", "charger", "pv"}
    assert [point.name for point in seen.points] == ["Wallbox"]
    assert seen.people == ((1, "Anna B."), (2, "Ben M."), (3, "Jörg Ö."))
    assert seen.today.pv_wh is not None and seen.today.pv_wh > 10_000
    assert len(seen.curve.house) == 96
    assert seen.curve.house[0] is not None and seen.curve.house[-1] is None


def test_a_status_cannot_be_changed(house: House) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        gather.collect(house.it).grid_w = 1.0  # type: ignore[misc]  # that is the point


def test_a_silent_meter_leaves_no_number_and_its_age(house: House) -> None:
    house.silence("Grid")
    house.live(9)
    seen = gather.collect(house.it)
    assert (seen.grid_w, seen.house_w, seen.pv_w) == (None, None, 2310.0)
    assert {meter.name: round(meter.age_s or 0) for meter in seen.meters}["Grid"] == 9
    assert round(seen.age_s or 0) == 9


def test_a_silent_core_is_a_problem_and_no_value_is_kept(house: House) -> None:
    house.clock.advance(30)
    seen = gather.collect(house.it)
    assert seen.problem == gather.CORE_SILENT
    assert seen.grid_w is None and seen.points == ()


def test_another_schema_is_a_problem_with_its_numbers(house: House) -> None:
    with house.it.store.write() as db:
        db.execute(f"PRAGMA user_version={migrate.SCHEMA + 1}")
    seen = gather.collect(house.it)
    assert seen.problem and seen.problem_fields == {"have": migrate.SCHEMA + 1, "know": migrate.SCHEMA}


def test_a_problem_is_said_in_the_language_of_the_household(house: House) -> None:
    """The store says the language, and now it cannot be read."""
    settings.put(house.it.store, house.clock.now(), audit.TOUCH, "ui.language", "de")
    seen: queue.Queue[Status] = queue.Queue()
    watcher = Watcher(house.it, seen.put)
    watcher.start()
    assert seen.get(timeout=20).problem is None
    house.it.home.store_db.rename(house.it.home.store_db.with_name("away.db"))
    while (found := seen.get(timeout=20)).problem is None:
        pass
    watcher.stop()
    watcher.join(20)
    assert found.language == "de"


def test_the_web_window_shows_what_one_needs_to_get_in(house: House) -> None:
    assert gather.collect(house.it).web.url is None
    web_window.enable(house.it.store, house.clock, audit.TOUCH)
    web = gather.collect(house.it).web
    assert web.open and web.remaining_s == 600.0
    assert len(web.presence_code) == 6 and len(web.fingerprint) == 95


def test_a_wait_at_the_pin_and_faults_are_seen(house: House) -> None:
    display_pin.set_first(house.it, "2580", "2580")
    for number in range(5):
        display_pin.check(house.it, f"135{number}")
    faults.report(house.it.live, house.clock.now(), "meter:1", "silent", "It is silent.")
    seen = gather.collect(house.it)
    assert seen.pin_set and seen.pin_wait_s == 60.0
    assert [fault.source for fault in seen.faults] == ["meter:1"]


def test_the_house_used_what_came_in_and_was_made_and_did_not_go_out_or_into_the_car() -> None:
    assert Today(3_000, 1_000, 5_000, 2_000).house_wh == 5_000
    assert Today(3_000, None, None, None).house_wh == 3_000
    assert Today().house_wh is None


def test_what_the_battery_gave_the_house_used_and_what_it_took_not() -> None:
    assert Today(3_000, 1_000, 5_000, 2_000, charged_wh=1_500, given_wh=700).house_wh == 4_200


def test_a_battery_is_seen_with_its_power(house: House) -> None:
    meters.add(
        house.it.store, house.clock, name="Battery", model="eastron-sdm630", url="tcp://192.0.2.10:502", unit=4,
        role="battery", actor=audit.CLI,
    )  # fmt: skip
    house.measure(Battery=-900.0)
    seen = gather.collect(house.it)
    assert (seen.battery_w, seen.house_w) == (-900.0, 4450.0)


def test_looks_come_each_second_and_just_after_a_countdown_changed(house: House) -> None:
    quiet = gather.collect(house.it)
    assert pause_s(quiet, 1.0) == 1.0
    waiting = dataclasses.replace(quiet, pin_wait_s=42.3)
    assert pause_s(waiting, 1.0) == pytest.approx(0.305)
    assert pause_s(waiting, 10.0) == pytest.approx(0.05)
    assert pause_s(dataclasses.replace(quiet, keypad_wait_s=60.0), 1.0) == pytest.approx(1.0)


@pytest.mark.parametrize("state", face.ICONS)
def test_every_state_of_a_point_has_an_icon_and_a_colour(state: str) -> None:
    point = PointNow(1, "Wallbox", "authorized", state, None, None, None, None, None, None)
    assert face.icon(point) != ""
    assert face.tint(point)[3] == 1.0


def test_a_free_point_asks_for_no_pin(house: House) -> None:
    points.set_mode(house.it.store, house.clock, 1, "free", actor=audit.CLI)
    (point,) = gather.collect(house.it).points
    assert face.next_step(point) == face.FREE


def test_an_empty_status_is_honest() -> None:
    from datetime import UTC, datetime

    empty = Status(now=datetime(2026, 1, 1, tzinfo=UTC))
    assert empty.grid_w is None and empty.meters == () and not empty.web.open


def test_long_work_is_as_old_as_its_order_whoever_looks_since_when(house: House) -> None:  # UX 29
    tasks.ask(house.it, audit.TOUCH, "restore", path="x")
    house.clock.advance(2)
    tasks.claim(house.it)
    house.clock.advance(1)
    (task,) = gather.collect(house.it).tasks
    assert task.kind == "restore" and task.age_s == pytest.approx(3.0)


def test_what_is_set_is_seen_at_the_next_look_whoever_set_it(house: House) -> None:
    assert gather.collect(house.it).private is False
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.privacy", "on")  # by this thread
    assert gather.collect(house.it).private is True
    with ThreadPoolExecutor(1) as pool:  # by another one
        pool.submit(settings.put, house.it.store, house.clock.now(), audit.CLI, "ui.language", "de").result()
    assert gather.collect(house.it).language == "de"


def test_at_midnight_another_day_begins_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "CURVE_S", 3600.0)  # how often it would be looked at anew
    arrived: queue.Queue[Status] = queue.Queue()
    watcher = Watcher(house.it, arrived.put)
    watcher.start()
    try:
        before = arrived.get(timeout=PATIENCE_S)
        assert before.curve.house[0] is not None and before.curve.ends_at is not None
        house.clock.advance((before.curve.ends_at - house.clock.now()).total_seconds() + 1.0)
        heartbeat.beat(house.it.live, "core", house.clock)
        while (seen := arrived.get(timeout=PATIENCE_S)).now < house.clock.now() or seen.problem:
            watcher.look(None)
        assert set(seen.curve.house) == {None}
    finally:
        watcher.stop()
