"""When a backup is wanted: daily at `backup.daily_at`, and after the appliance was off at that time.

The jobs only write wishes; the worker fulfils them. Whether one is due is
always decided by comparing the newest good backup of each target with the last
scheduled moment, so an hour that comes twice or not at all, a job that comes
late and a second call do no harm. Nothing is decided by a doubtful calendar.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, time, timedelta, tzinfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from appliance import audit, errors, known_time, site
from appliance.backup import catalog, targets, wishes
from appliance.opened import Opened
from appliance.store import settings

DAILY, FOLLOW = "backup daily", "follow settings"
OVERDUE = timedelta(hours=24)  # a missed backup is made up for when the newest is older than this
SETTLED_S = 600.0  # not in the first ten minutes after power came back
RETRY = timedelta(hours=1)  # after a failed attempt
LATE_S = 3600  # a daily job that could not run for so long is left to `catch_up`


def build(opened: Opened) -> BackgroundScheduler:
    """The scheduler with its jobs, not started yet."""
    planner = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": LATE_S, "max_instances": 1}
    )
    planner.add_job(wish_daily, _trigger(opened), args=(opened,), id=DAILY)
    planner.add_job(_follow_settings, "interval", minutes=1, args=(opened, planner), id=FOLLOW)
    return planner


def wish_daily(opened: Opened) -> bool:
    """Wish a backup unless one was made since the scheduled moment; tell whether it was wished."""
    return _wish_if(opened, overdue=timedelta(0))


def catch_up(opened: Opened) -> bool:
    """Wish a backup that was missed, once; tell whether it was wished. Costs a few reads: call it often."""
    if opened.clock.boottime_s() < SETTLED_S:
        return False
    return _wish_if(opened, overdue=OVERDUE)


def last_moment(now: datetime, at: time, zone: tzinfo) -> datetime:
    """The last time before `now` at which a backup was scheduled, in UTC."""
    today = now.astimezone(zone).date()
    moments = (datetime.combine(today - timedelta(days), at, zone).astimezone(UTC) for days in (0, 1))
    return next(moment for moment in moments if moment <= now or moment.date() < today)


def plan(opened: Opened) -> tuple[time, tzinfo]:
    """Time of day and zone as set. Raises StoreError."""
    at = time.fromisoformat(settings.text(opened.store, "backup.daily_at"))
    return at, site.zone_now(opened.store)


def _wish_if(opened: Opened, overdue: timedelta) -> bool:
    """Wish when some target that is there misses its backup and nothing was tried lately."""
    with contextlib.suppress(errors.StoreError):
        now = opened.clock.now()
        if _tried_lately(opened, now) or not known_time.trusted(opened.store, opened.live, opened.clock):
            return False
        scheduled = last_moment(now, *plan(opened))
        present = [target for target in targets.wanted(opened.home, opened.store) if target.is_present()]
        # One of the future was made under a wrong calendar; it says nothing of today.
        newest = [catalog.newest_good(opened.store, one.name, until=now) for one in present]
        if any(_misses(one, now, scheduled, overdue) for one in newest):
            with opened.store.write() as db:
                wishes.wish(db, now, audit.CORE, wishes.BACKUP)
            return True
    return False


def _tried_lately(opened: Opened, now: datetime) -> bool:
    """Tell whether a wish waits, or the last one failed less than `RETRY` ago."""
    last = wishes.find(opened.store, wishes.BACKUP)
    if last is None:
        return False
    if not last.done:
        return True
    return last.outcome != wishes.OK and last.finished_at is not None and abs(now - last.finished_at) < RETRY


def _misses(newest: catalog.Backup | None, now: datetime, scheduled: datetime, overdue: timedelta) -> bool:
    if newest is None:
        return True
    return newest.made_at < scheduled and now - newest.made_at >= overdue


def _trigger(opened: Opened) -> CronTrigger:
    at, zone = plan(opened)
    return CronTrigger(hour=at.hour, minute=at.minute, timezone=zone)


def _follow_settings(opened: Opened, planner: BackgroundScheduler) -> None:
    """Plan anew when time of day or zone were changed."""
    with contextlib.suppress(errors.StoreError):
        trigger = _trigger(opened)
        if repr(trigger) != repr(planner.get_job(DAILY).trigger):
            planner.reschedule_job(DAILY, trigger=trigger)
