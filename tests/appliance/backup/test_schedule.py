"""Backups are wished daily, once, through nights off, clock changes and failures."""

from __future__ import annotations

import time as real_time
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import audit, site
from appliance.backup import catalog, key, schedule, wishes, worker
from appliance.opened import Opened
from appliance.store import settings
from tests.fake_clock import FakeClock

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def _keys(backup_key: key.Key) -> None:
    """Backups can be made."""


def _made(opened: Opened, at: datetime, outcome: str = "ok") -> None:
    with opened.store.write() as db:
        catalog.record(db, at, audit.CORE, "folder", f"{at}", schema=1, outcome=outcome)


def _wished(opened: Opened) -> bool:
    return wishes.due(opened.store, wishes.BACKUP)


def _fulfil(opened: Opened, outcome: str = "ok") -> None:
    """As the worker would, without the work."""
    now = opened.clock.now()
    with opened.store.write() as db:
        claimed = wishes.claim(db, now, wishes.BACKUP)
        assert claimed is not None
        wishes.finish(db, now, claimed, outcome)
    _made(opened, now, outcome)


@pytest.mark.parametrize(
    ("now", "at", "expected"),
    [
        ("2026-11-21T12:00Z", time(3, 15), "2026-11-21T02:15Z"),
        ("2026-11-21T02:14Z", time(3, 15), "2026-11-20T02:15Z"),
        ("2026-11-21T02:15Z", time(3, 15), "2026-11-21T02:15Z"),
        ("2026-11-20T23:30Z", time(0, 0), "2026-11-20T23:00Z"),
        ("2027-03-28T12:00Z", time(2, 30), "2027-03-28T01:30Z"),  # an hour that does not exist: 03:30 summer time
        ("2027-10-31T12:00Z", time(2, 30), "2027-10-31T00:30Z"),  # an hour that comes twice: the first
        ("2027-10-31T01:30Z", time(2, 30), "2027-10-31T00:30Z"),
    ],
)
def test_last_moment(now: str, at: time, expected: str) -> None:
    moment = schedule.last_moment(datetime.fromisoformat(now), at, BERLIN)
    assert moment == datetime.fromisoformat(expected)


def test_the_daily_job_wishes_and_is_called_at_the_quiet_hour(opened: Opened) -> None:
    planner = schedule.build(opened)
    planner.start(paused=True)
    job = planner.get_job(schedule.DAILY)
    planner.shutdown()
    assert job.trigger.get_next_fire_time(None, datetime(2026, 11, 21, 12, tzinfo=UTC)) == datetime(
        2026, 11, 22, 2, 15, tzinfo=UTC
    )
    assert job.coalesce and job.misfire_grace_time == 3600
    job.func(*job.args)
    assert _wished(opened)


def test_the_jobs_only_write_wishes(opened: Opened) -> None:  # issue part 7
    """The scheduler really runs: its job is brought forward, and all that comes of it is a wish."""
    planner = schedule.build(opened)
    planner.start()
    try:
        planner.modify_job(schedule.DAILY, next_run_time=datetime.now(UTC))
        deadline = real_time.monotonic() + 10
        while not _wished(opened) and real_time.monotonic() < deadline:
            real_time.sleep(0.02)
    finally:
        planner.shutdown()
    assert _wished(opened) and catalog.all(opened.store) == []


def test_a_changed_hour_or_zone_is_followed(opened: Opened, clock: FakeClock) -> None:
    planner = schedule.build(opened)
    planner.start(paused=True)
    try:
        settings.put(opened.store, clock.now(), audit.CLI, "backup.daily_at", "22:45")
        settings.put(opened.store, clock.now(), audit.CLI, "site.timezone", "America/New_York")
        follow = planner.get_job(schedule.FOLLOW)
        follow.func(*follow.args)
        trigger = planner.get_job(schedule.DAILY).trigger
        assert trigger.get_next_fire_time(None, datetime(2026, 11, 21, 12, tzinfo=UTC)) == datetime(
            2026, 11, 22, 3, 45, tzinfo=UTC
        )
    finally:
        planner.shutdown()


def test_a_second_call_in_the_same_night_wishes_nothing(opened: Opened, clock: FakeClock) -> None:
    clock.set(datetime(2026, 11, 21, 2, 15, 1, tzinfo=UTC))
    assert schedule.wish_daily(opened) and not schedule.wish_daily(opened)
    _fulfil(opened)
    assert not schedule.wish_daily(opened)
    clock.advance(86400)
    assert schedule.wish_daily(opened)


def test_a_missed_night_is_made_up_for_ten_minutes_after_the_power_came_back(
    opened: Opened, clock: FakeClock
) -> None:  # A002-19, goal 25
    _made(opened, clock.now())
    clock.reboot(off_s=40 * 3600)
    assert not schedule.catch_up(opened), "just started"
    clock.advance(schedule.SETTLED_S)
    assert schedule.catch_up(opened) and not schedule.catch_up(opened)
    _fulfil(opened)
    clock.advance(3600)
    assert not schedule.catch_up(opened)


def test_nothing_is_made_up_for_while_the_newest_is_younger_than_a_day(opened: Opened, clock: FakeClock) -> None:
    _made(opened, clock.now() - timedelta(hours=23))
    assert not schedule.catch_up(opened)


def test_a_failed_attempt_is_tried_again_after_an_hour_not_at_once(opened: Opened, clock: FakeClock) -> None:
    assert schedule.catch_up(opened)
    _fulfil(opened, "The disk is full.")
    assert not schedule.catch_up(opened)
    clock.advance(schedule.RETRY.total_seconds())
    assert schedule.catch_up(opened)


def test_a_doubtful_calendar_wishes_nothing(opened: Opened, clock: FakeClock) -> None:
    clock.set(datetime(2019, 1, 1, tzinfo=UTC))
    assert not schedule.catch_up(opened) and not schedule.wish_daily(opened)


def test_a_backup_of_the_future_does_not_stop_the_others(opened: Opened, clock: FakeClock) -> None:
    _made(opened, clock.now() + timedelta(days=300))
    assert schedule.catch_up(opened)
    _fulfil(opened)
    clock.advance(5)
    assert not schedule.catch_up(opened), "nor does it cause one every few seconds for 300 days"


def test_an_unknown_zone_is_utc_and_no_crash(opened: Opened) -> None:
    with opened.store.write() as db:
        db.execute("INSERT INTO settings VALUES ('site.timezone','Mars/Olympus','t','t')")
    assert schedule.plan(opened)[1] == BERLIN, "a value that is not allowed is the default"
    assert site.zone_of("Mars/Olympus") is UTC and site.zone_of("../etc/passwd") is UTC


@pytest.mark.parametrize("begin", ["2026-10-01T12:00Z", "2027-03-20T12:00Z"], ids=["clocks back", "clocks forward"])
@pytest.mark.parametrize("daily_at", ["03:15", "02:30", "23:59"])
def test_sixty_days_with_outages_and_clock_changes_have_a_backup_each_day_of_running(
    begin: str, daily_at: str, opened: Opened, clock: FakeClock
) -> None:  # A002-19, X-10, goal 25
    """In steps of a quarter hour; every sixth day the power is off for sixteen hours."""
    settings.put(opened.store, clock.now(), audit.CLI, "backup.daily_at", daily_at)
    clock.set(datetime.fromisoformat(begin) + timedelta(days=400))
    with opened.store.write() as db:
        db.execute("INSERT OR REPLACE INTO known_time VALUES (1,?)", (clock.now().isoformat(),))
    _made(opened, clock.now())
    made, last = 0, clock.now()
    for step in range(60 * 24 * 4):
        if step % (6 * 24 * 4) == 33:
            clock.reboot(off_s=16 * 3600)
        clock.advance(900)
        local = clock.now().astimezone(BERLIN)
        if f"{local:%H:%M}" <= daily_at < f"{local + timedelta(minutes=15):%H:%M}":
            schedule.wish_daily(opened)
        schedule.catch_up(opened)
        if _wished(opened):
            _fulfil(opened)
            made, last = made + 1, clock.now()
        assert clock.now() - last < timedelta(hours=25 + 16, minutes=30)
    days = 60 + 10 * 16 / 24
    assert days - 11 <= made <= days + 11, "about one a day, none twice"


def test_the_worker_fulfils_what_the_schedule_wished(opened: Opened) -> None:
    assert schedule.catch_up(opened)
    assert worker.step(opened) == "ok" and not _wished(opened)
    assert catalog.newest_good(opened.store, "folder") is not None
