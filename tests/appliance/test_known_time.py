"""The calendar is believed only when there is reason to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance import clock as clocks
from appliance import faults, known_time
from appliance.opened import Opened
from tests.fake_clock import START, FakeClock


@pytest.mark.parametrize(
    ("now", "known", "ntp", "expected"),
    [
        (START, None, False, True),
        (datetime(1970, 1, 1, tzinfo=UTC), None, False, False),
        (datetime(1970, 1, 1, tzinfo=UTC), None, True, True),
        (START, START - timedelta(minutes=15), False, True),
        (START, START + timedelta(seconds=1), False, False),
        (START + timedelta(days=400), START, False, True),
        (START + timedelta(days=400, seconds=1), START, False, False),
        (START + timedelta(days=4000), START, True, True),
    ],
)
def test_who_vouches_for_the_calendar(now: datetime, known: datetime | None, ntp: bool, expected: bool) -> None:
    mark = None if known is None else clocks.KnownTime(known)
    assert clocks.trusted(now, mark, ntp=ntp) is expected


def test_a_clock_set_while_running_is_doubted_until_it_is_set_back(opened: Opened, clock: FakeClock) -> None:
    watch = known_time.Watch(clock)
    watch.look(opened.store, opened.live)
    assert known_time.trusted(opened.store, opened.live, clock)
    before = clock.now()
    clock.set(before + timedelta(days=365))
    watch.look(opened.store, opened.live)
    assert [(fault.source, fault.code) for fault in faults.active(opened.live)] == [("clock", "jumped")]
    assert not known_time.trusted(opened.store, opened.live, clock)
    clock.set(before)
    watch.look(opened.store, opened.live)
    assert faults.active(opened.live) == [] and known_time.trusted(opened.store, opened.live, clock)


def test_a_boot_in_the_past_is_doubted_after_the_mark(opened: Opened, clock: FakeClock) -> None:
    with opened.store.write() as db:
        known_time.mark(db, clock)
    clock.reboot(off_s=60)
    clock.set(START - timedelta(days=3))
    known_time.Watch(clock).look(opened.store, opened.live)
    assert [fault.code for fault in faults.active(opened.live)] == ["untrusted"]


def test_a_slow_drift_is_no_jump(opened: Opened, clock: FakeClock) -> None:
    watch = known_time.Watch(clock)
    clock.advance(86400)
    clock.set(clock.now() + timedelta(seconds=59))
    watch.look(opened.store, opened.live)
    assert faults.active(opened.live) == []
