"""What went wrong is kept until somebody read of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance import faults, notices
from appliance.config import Home
from appliance.opened import Opened, open_home
from appliance.store import live, migrate
from tests.fake_clock import FakeClock

MESSAGE = "Nothing answers at {address}: check power."


@pytest.fixture
def when() -> FakeClock:
    return FakeClock()


@pytest.fixture
def it(tmp_path: Path, when: FakeClock) -> Opened:
    home = Home(root=tmp_path / "home", run=tmp_path / "run")
    home.make()
    migrate.migrate(home.store_db, when)
    live.make(home.live_db, when.boot_id)
    return open_home(home, when)


def break_meter(it: Opened, address: str = "192.0.2.1") -> None:
    faults.report(it.live, it.clock.now(), "meter:1", "unreachable", MESSAGE, address=address)


def test_a_fault_that_came_and_went_is_still_found_unread(it: Opened, when: FakeClock) -> None:
    break_meter(it)
    assert notices.follow(it)
    when.advance(60)
    faults.clear(it.live, "meter:1")
    assert notices.follow(it)
    (one,) = notices.newest(it.store)
    assert (one.active, one.read, one.code) == (False, False, "meter-unreachable")
    assert one.ended_at == when.now()
    assert one.fault.sentence == "Nothing answers at 192.0.2.1: check power."


def test_nothing_is_written_while_nothing_changes(it: Opened) -> None:
    break_meter(it)
    notices.follow(it)
    assert not notices.follow(it)
    assert len(notices.newest(it.store)) == 1


def test_a_loose_cable_is_one_notice(it: Opened, when: FakeClock) -> None:
    for _ in range(3):
        break_meter(it)
        notices.follow(it)
        faults.clear(it.live, "meter:1")
        notices.follow(it)
        when.advance(notices.SAME_S - 1)
    assert len(notices.newest(it.store)) == 1
    when.advance(2)
    break_meter(it)
    notices.follow(it)
    assert [one.active for one in notices.newest(it.store)] == [True, False]


def test_a_fault_that_says_something_else_is_brought_up_to_date(it: Opened) -> None:
    break_meter(it)
    notices.follow(it)
    break_meter(it, "192.0.2.9")
    assert notices.follow(it)
    (one,) = notices.newest(it.store)
    assert one.fault.values == {"address": "192.0.2.9"}


def test_active_ones_come_first_then_unread_ones(it: Opened, when: FakeClock) -> None:
    for source in ("meter:1", "meter:2", "meter:3"):
        faults.report(it.live, it.clock.now(), source, "silent", "It is silent.")
        notices.follow(it)
        when.advance(1)
    faults.clear(it.live, "meter:1")
    faults.clear(it.live, "meter:3")
    notices.follow(it)
    third = next(one for one in notices.newest(it.store) if one.fault.source == "meter:3")
    notices.mark_read(it, [third.id])
    assert [one.fault.source for one in notices.newest(it.store)] == ["meter:2", "meter:1", "meter:3"]


def test_old_ones_are_forgotten_only_when_read(it: Opened, when: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "KEPT", 2)
    for number in range(5):
        faults.report(it.live, it.clock.now(), f"meter:{number}", "silent", "It is silent.")
        notices.follow(it)
        faults.clear(it.live, f"meter:{number}")
        notices.follow(it)
        when.advance(1)
    assert len(notices.newest(it.store)) == 5
    notices.mark_read(it, [one.id for one in notices.newest(it.store)])
    break_meter(it)
    notices.follow(it)
    assert len(notices.newest(it.store)) == 2
