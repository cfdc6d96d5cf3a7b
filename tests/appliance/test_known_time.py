"""The calendar is believed only when there is reason to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance import audit, faults, known_time
from appliance import clock as clocks
from appliance.errors import BadInput
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


def test_a_person_who_set_the_clock_may_say_that_it_is_right(opened: Opened, clock: FakeClock) -> None:
    """A house without a time server: setting the clock is a jump, too."""
    watch = known_time.Watch(clock)
    watch.look(opened.store, opened.live)
    clock.set(clock.now() + timedelta(days=30))
    watch.look(opened.store, opened.live)
    assert not known_time.trusted(opened.store, opened.live, clock)
    known_time.confirm(opened.store, clock, audit.CLI)
    watch.look(opened.store, opened.live)
    assert faults.active(opened.live) == [] and known_time.trusted(opened.store, opened.live, clock)
    clock.set(clock.now() + timedelta(days=30))
    watch.look(opened.store, opened.live)
    assert not known_time.trusted(opened.store, opened.live, clock), "the next jump is one again"


def test_a_wrong_date_that_was_once_believed_is_not_for_ever(opened: Opened, clock: FakeClock) -> None:
    clock.set(START + timedelta(days=300))
    with opened.store.write() as db:
        known_time.mark(db, clock)
        start_s = int(clock.now().timestamp()) // 900 * 900
        db.execute(
            "INSERT INTO meters (id,name,model,url,unit,role,created_at) VALUES (1,'Grid','m','u',1,'grid','t');"
            "INSERT INTO slots (id,meter_id,start_s,samples,gap) VALUES (?1 / 900 * 1024 + 1, 1, ?1, 1, 0)",
            (start_s,),
        )
    clock.set(START)
    assert not known_time.trusted(opened.store, opened.live, clock)
    known_time.confirm(opened.store, clock, audit.CLI)
    assert known_time.trusted(opened.store, opened.live, clock)
    clock.advance(3 * 86400)
    known_time.keep(opened.store, opened.live, clock)
    with opened.store.read() as db:
        assert known_time.last(db) == clocks.KnownTime(clock.now()), "and is marked again from day to day"


def test_a_date_before_this_program_cannot_be_confirmed(opened: Opened, clock: FakeClock) -> None:
    clock.set(datetime(1970, 1, 2, tzinfo=UTC))
    with pytest.raises(BadInput, match="1970-01-02"):
        known_time.confirm(opened.store, clock, audit.CLI)


def test_a_slow_drift_is_no_jump(opened: Opened, clock: FakeClock) -> None:
    watch = known_time.Watch(clock)
    clock.advance(86400)
    clock.set(clock.now() + timedelta(seconds=59))
    watch.look(opened.store, opened.live)
    assert faults.active(opened.live) == []
