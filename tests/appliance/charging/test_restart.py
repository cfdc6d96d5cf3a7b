"""What becomes of charging when the core dies, the power fails, or both are away for too long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from appliance import clock, faults
from appliance.charging import identifications, points, settle, users
from appliance.store import live, settings
from tests.appliance.charging.house import ACTOR, PAUSE_S, House


def reboot(house: House, off_s: float) -> None:
    """Power cut and return: another boot, and nothing left in memory."""
    house.crash()
    house.clock.reboot(off_s)
    house.opened.live.close()
    live.make(house.opened.home.live_db, house.clock.boot_id)


def test_after_a_crash_a_running_session_goes_on_after_the_pause(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.crash()
    house.clock.advance(3)
    house.start(pause_over=False)
    assert not house.is_closed(point)
    wh = house.drive(point, int(PAUSE_S) - 1, 0.0, wh)
    assert not house.is_closed(point), "not before the minimum pause"
    wh = house.drive(point, 1, 0.0, wh)
    assert house.is_closed(point)
    wh = house.drive(point, 30, 11000.0, wh)
    (session,) = house.sessions()
    assert (session.begin_wh, session.ended_at, session.remark_codes) == (5000, None, ("interrupted",))
    assert house.grant_ends() == ["core_restart", None]
    assert "charging.resume" in house.events()


def test_after_a_crash_a_grant_no_car_used_is_gone(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.authorize(point)
    house.turn()
    house.crash()
    house.start()
    house.turn(20)
    assert not house.is_closed(point) and house.grant_ends() == ["core_restart"]


def test_a_grant_given_while_no_core_ran_is_gone_too(house: House) -> None:
    point = house.point()
    house.authorize(point)
    house.start()
    assert not house.is_closed(point) and house.grant_ends() == ["core_restart"]


@pytest.mark.parametrize(("outage_s", "goes_on"), [(899.0, True), (901.0, False)])
def test_an_outage_of_the_core_is_measured_by_the_boot_clock(house: House, outage_s: float, goes_on: bool) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.crash()
    house.clock.advance(outage_s)
    house.clock.set(datetime(2027, 6, 1, tzinfo=UTC))  # whatever the calendar says
    house.start()
    house.drive(point, 1, 0.0, wh + 7)
    assert house.is_closed(point) is goes_on
    session = house.session()
    assert (session.end_reason, session.end_wh) == ((None, None) if goes_on else ("core_restart", round(wh + 7)))


def test_with_the_setting_0_no_session_goes_on(house: House) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.resume_within_s", "0")
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.crash()
    house.start()
    house.drive(point, 1, 0.0, wh)
    assert house.session().end_reason == "core_restart" and not house.is_closed(point)


def block(house: House) -> None:
    users.block(house.opened.store, house.clock, house.people["Anna"].id, actor=ACTOR)


def withdraw(house: House) -> None:
    mine = identifications.all(house.opened.store, house.people["Anna"].id)[0]
    identifications.remove(house.opened.store, house.clock, mine.id, actor=ACTOR)


def let_expire(house: House) -> None:
    mine = identifications.all(house.opened.store, house.people["Anna"].id)[0]
    identifications.edit(
        house.opened.store, house.opened.key(), house.clock, mine.id, expires_on=date(2026, 11, 20), actor=ACTOR
    )


def disable(house: House) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "identification.pin.enabled", "off")


def lock(house: House) -> None:
    points.set_mode(house.opened.store, house.clock, points.all(house.opened.store)[0].id, "locked", actor=ACTOR)


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [(block, "blocked"), (withdraw, "revoked"), (let_expire, "expired"), (disable, "revoked"), (lock, "locked")],
)
def test_a_session_the_rule_would_refuse_now_does_not_go_on(
    house: House, meanwhile: Callable[[House], None], reason: str
) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.crash()
    meanwhile(house)
    house.start()
    house.drive(point, 1, 0.0, wh)
    assert house.session().end_reason == reason and not house.is_closed(point)


LONG_S = 1000.0  # longer than charging.return_within_s as it stands


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calendar went on while the power was off, as with a time server."""
    monkeypatch.setattr(clock, "ntp_synchronised", lambda: True)


@pytest.mark.usefixtures("counted")
def test_after_a_long_power_cut_the_session_is_closed_with_the_next_reading(house: House) -> None:  # X-12, reading 9
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    reboot(house, LONG_S)
    house.start(pause_over=False)
    house.turn(3)
    assert house.session().ended_at is None, "the meter has to be reached first"
    house.drive(point, 1, 0.0, wh + 40)
    session = house.session()
    assert (session.end_reason, session.end_wh, session.remark) == ("power_cut", round(wh + 40), "")
    house.turn(60)
    assert not house.is_closed(point)


@pytest.mark.usefixtures("counted")
def test_after_a_power_cut_a_meter_behind_a_slow_gateway_still_tells_the_energy(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    reboot(house, LONG_S)
    house.start(pause_over=False)
    house.turn(300)
    assert house.session().ended_at is None
    house.drive(point, 1, 0.0, wh + 40)
    assert (house.session().end_wh, house.session().remark_codes) == (round(wh + 40), ())


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(("somebody_waits", "patience_s"), [(True, 30), (False, 900)])
def test_after_a_power_cut_without_the_meter_the_energy_is_unknown(
    house: House, somebody_waits: bool, patience_s: int
) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    reboot(house, LONG_S)
    house.start(pause_over=False)
    if somebody_waits:
        house.authorize(point, "Ben")
    house.turn(patience_s - 1)
    assert house.session().ended_at is None
    house.turn(2)
    ended = house.sessions()[-1]
    assert (ended.energy_wh, ended.remark_codes) == (None, ("no_reading",))
    assert house.is_closed(point) is somebody_waits


@pytest.mark.usefixtures("counted")
def test_after_a_short_power_cut_the_same_session_goes_on_under_a_new_grant(house: House) -> None:  # reading 9
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    reboot(house, 600.0)
    house.start(pause_over=False)
    assert not house.is_closed(point)
    wh = house.drive(point, int(PAUSE_S), 0.0, wh)
    assert house.is_closed(point)
    house.drive(point, 30, 11000.0, wh)
    (session,) = house.sessions()
    assert (session.begin_wh, session.ended_at, session.remark_codes) == (5000, None, ("power_return",))
    assert house.grant_ends() == ["power_cut", None]
    with house.opened.store.read() as db:
        assert db.execute("SELECT reason FROM grants ORDER BY id DESC LIMIT 1").get == "power_return"


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(("charged_s", "off_s", "goes_on"), [(2, 880.0, True), (300, 700.0, True), (300, 899.0, False)])
def test_a_power_cut_is_measured_from_the_last_mark(house: House, charged_s: int, off_s: float, goes_on: bool) -> None:
    """Marks are made every two minutes, so it seems longer than it was, never shorter."""
    point = house.point(metered=True)
    house.start()
    wh = house.drive(point, charged_s, 11000.0, house.charge(point))
    reboot(house, off_s)
    house.start()
    house.drive(point, 1, 0.0, wh)
    assert (house.session().end_reason is None) is goes_on


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [(block, "blocked"), (withdraw, "revoked"), (let_expire, "expired"), (disable, "revoked"), (lock, "locked")],
)
def test_no_session_comes_back_that_the_rule_would_refuse(
    house: House, meanwhile: Callable[[House], None], reason: str
) -> None:  # reading 9
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.crash()
    meanwhile(house)
    reboot(house, 60)
    house.start()
    house.drive(point, 1, 0.0, wh)
    assert house.session().end_reason == reason and not house.is_closed(point)


@pytest.mark.usefixtures("counted")
def test_with_the_setting_0_no_session_comes_back_after_a_power_cut(house: House) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, "charging.return_within_s", "0")
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    reboot(house, 5)
    house.start()
    house.drive(point, 1, 0.0, wh)
    assert house.session().end_reason == "power_cut"


@pytest.mark.usefixtures("counted")
def test_a_grant_no_car_used_is_gone_after_a_power_cut(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.authorize(point)
    house.turn()
    reboot(house, 5)
    house.start()
    house.turn(20)
    assert not house.is_closed(point) and house.grant_ends() == ["power_cut"]


def test_without_a_confirmed_calendar_the_relay_stays_open_and_the_session_ends_later(house: House) -> None:
    """A clock that stood still while the power was off must not make a long cut a short one."""
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    reboot(house, 5)
    house.start()
    wh = house.drive(point, int(settle.PATIENCE_S) - 30, 0.0, wh)
    assert not house.is_closed(point) and house.session().ended_at is None
    house.drive(point, 60, 0.0, wh)
    assert not house.is_closed(point) and house.session().end_reason == "power_cut"


def test_a_calendar_that_is_confirmed_late_lets_the_session_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    reboot(house, 60)
    house.start()
    wh = house.drive(point, 40, 0.0, wh)
    assert not house.is_closed(point)
    monkeypatch.setattr(clock, "ntp_synchronised", lambda: True)
    wh = house.drive(point, 12, 0.0, wh)
    assert house.is_closed(point) and house.session().remark_codes == ("power_return",)


@pytest.mark.parametrize(("off_s", "counts"), [(3, True), (-3, True), (70, False), (-1e9, False)])
def test_a_clock_with_a_battery_confirms_the_calendar_if_it_agrees(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off_s: float, counts: bool
) -> None:
    monkeypatch.setattr(settle, "RTC", tmp_path / "since_epoch")
    assert settle.counted_through(house.clock) is False, "there is none"
    settle.RTC.write_text(f"{int(house.clock.now().timestamp() + off_s)}\n")
    assert settle.counted_through(house.clock) is counts


def test_a_boot_in_the_past_ends_no_session_before_it_began(house: House) -> None:
    point = house.point()
    house.start()
    house.authorize(point)
    house.turn()
    reboot(house, off_s=60)
    house.clock.set(datetime(2024, 1, 1, tzinfo=UTC))
    house.start()
    house.turn(settle.PATIENCE_S)
    session = house.session()
    assert session.ended_at == session.began_at and session.remark_codes == ("clock",)


def test_a_session_whose_end_was_not_yet_written_is_ended_after_a_crash(house: House) -> None:
    from appliance.charging import grants

    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    house.crash()
    house.start(pause_over=False)
    house.drive(point, 1, 0.0, wh)
    assert house.session().end_reason == "stop"


def test_free_mode_goes_on_after_a_crash_and_after_a_power_cut(house: House) -> None:
    point = house.point(metered=True, mode="free")
    house.start(pause_over=False)
    wh = house.drive(point, int(PAUSE_S), 0.0, 5000.0)
    wh = house.drive(point, 2, 11000.0, wh)
    house.crash()
    house.start()
    wh = house.drive(point, 2, 11000.0, wh)
    assert house.is_closed(point) and house.session().remark_codes == ("interrupted",)
    reboot(house, off_s=60)
    house.start()
    wh = house.drive(point, 2, 0.0, wh)
    house.drive(point, int(PAUSE_S), 0.0, wh)
    assert house.session().end_reason == "power_cut" and house.is_closed(point)


def test_faults_an_earlier_core_left_are_gone_with_their_point(house: House) -> None:
    point = house.point()
    house.start()
    house.pins.stuck[17] = 0
    house.authorize(point)
    house.turn()
    assert len(faults.active(house.opened.live)) == 1
    house.crash()
    points.archive(house.opened.store, house.clock, point.id, actor=ACTOR)
    house.start()
    assert faults.active(house.opened.live) == []


def test_a_clean_stop_and_start_is_an_outage_like_any_other(house: House) -> None:
    point = house.point(metered=True)
    core = house.start()
    wh = house.charge(point)
    core.stop()
    assert not house.is_closed(point)
    house.crash()
    house.clock.advance(20)
    house.start()
    house.drive(point, 2, 11000.0, wh)
    assert house.is_closed(point) and house.session().ended_at is None
