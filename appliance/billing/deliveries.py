"""Monthly reports: which are due, and what became of each.

The report of a month is due from the second day of the next one on, at every
target that is set: the folder `reports` and e-mail. What is due is always
decided by comparing the months since delivery was switched on with what was
delivered, so a missed day, a second call and a restart do no harm. A failure is
tried again after an hour, then every six hours, and stays visible meanwhile.

An e-mail that the server took for some addresses and not for others is a failure
that stays until other addresses are set; those who have it do not get it again.

A report waits some days for sessions of its month that have not ended. A month
whose session was entered after its report is due once more, whole, so that
every session is on the report of the month it began in and on no other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from appliance import audit, clock, errors, faults, known_time, site
from appliance.billing import statement
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db, Store

TARGETS = ("folder", "mail")
OK = "ok"
AWAITED = (  # sessions of a time that have no entry yet
    "SELECT EXISTS (SELECT 1 FROM sessions WHERE began_at >= ? AND began_at < ? AND NOT EXISTS"
    " (SELECT 1 FROM journal WHERE journal.session_id = sessions.id AND journal.kind = 'session'"
    " AND json_extract(journal.body, '$.began_at') = sessions.began_at))"
)
FIRST_DAY = 2  # a session over midnight of the last day has ended by then
PAUSES = (timedelta(hours=1), timedelta(hours=6))  # after the first failure, and after every other
LAST_DAY = 9  # until then a report waits for sessions that have not ended
MONTHS_BACK = 3  # what is older is made by hand
LATE = timedelta(days=366)  # so long an entry makes the report of its month due once more
SOURCE = "report"
WAITS = N_("A session of {month} has not ended yet: its report waits for that, at the latest until {day}.")
FAILED = N_("The report of {month} could not be delivered ({target}): {sentence}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one month at one target."""

    month: str  # '2026-11'
    target: str  # of TARGETS
    attempts: int
    last_at: datetime
    delivered_at: datetime | None  # when it last went out, be it to some addresses only
    outcome: str  # 'ok' or the sentence of the error


def all(store: Store) -> list[Delivery]:
    """Every delivery tried, newest month first."""
    with store.read() as db:
        return _all(db)


def due(opened: Opened) -> list[tuple[str, str]]:
    """Months and targets that are to be delivered now; nothing by a doubtful calendar. Raises StoreError."""
    if not known_time.trusted(opened.store, opened.live, opened.clock):
        return []
    now = opened.clock.now()
    with opened.store.read() as db:
        targets = _targets(db)
        if not targets:
            return []
        since = _changed(db, "report.monthly")
        zone = site.zone(db)
        known = {(one.month, one.target): one for one in _all(db)}
        late = _entered(db, now, zone)
        readdressed = _changed(db, "report.mail_to")
    today = now.astimezone(zone).date()
    first = None if since is None else since.astimezone(zone).date()
    months = dict.fromkeys([*_months(today, first), *sorted({month for month, _ in known}, reverse=True)])
    return [
        (month, target)
        for month in months
        for target in targets
        if _is_due(known.get((month, target)), now, late.get(month), readdressed)
    ]


def wait(opened: Opened, month: str) -> None:
    """Raise Refused while a session of the month is not in the journal and there is time to wait for it."""
    of, zone = statement.month(date.fromisoformat(f"{month}-01")), site.zone_now(opened.store)
    last = of.end + timedelta(days=LAST_DAY)
    if opened.clock.now().astimezone(zone).date() > last:
        return
    with opened.store.read() as db:
        awaited = db.execute(AWAITED, [clock.utc_text(one) for one in statement.bounds(of, zone)]).get
    if awaited:
        raise Refused(WAITS, month=month, day=last)


def note(
    opened: Opened, month: str, target: str, outcome: str, made_at: datetime | None = None, *, reached: bool = False
) -> None:
    """Write what became of an attempt with what the journal held at `made_at` (None: now); a failure is a fault.

    `reached`: it failed for some and went out to others. Raises StoreError.
    """
    now = opened.clock.now()
    delivered_at = clock.utc_text(made_at or now) if reached or outcome == OK else None
    with opened.store.write() as db:
        db.execute(
            "INSERT INTO deliveries VALUES (?1,?2,1,?3,?4,?5) ON CONFLICT DO UPDATE SET attempts=attempts+1,"
            " last_at=?3, delivered_at=coalesce(?4, delivered_at), outcome=?5",
            (month, target, clock.utc_text(now), delivered_at, outcome),
        )
        if outcome == OK:
            audit.record(db, now, audit.CORE, "report.deliver", month, target=target)
    with contextlib.suppress(errors.StoreError):
        show(opened)


def show(opened: Opened) -> None:
    """Report or clear the fault of what is not delivered yet, as far as somebody still wants it. Raises StoreError."""
    with opened.store.read() as db:
        targets = _targets(db)
        failed = [one for one in _all(db) if one.outcome != OK and one.target in targets]
    if failed:
        last = failed[0]
        faults.report(
            opened.live, opened.clock.now(), SOURCE, "failed", FAILED, month=last.month, target=last.target,
            sentence=last.outcome,
        )  # fmt: skip
    else:
        faults.clear(opened.live, SOURCE)


def _is_due(last: Delivery | None, now: datetime, entered_at: datetime | None, readdressed_at: datetime | None) -> bool:
    """Tell whether to deliver now. `entered_at`: the newest entry of the month's sessions; `readdressed_at`: when the
    addresses were set.
    """
    if last is None:
        return True
    is_newer = last.delivered_at is None or (entered_at is not None and entered_at > last.delivered_at)
    if last.outcome == OK:
        return is_newer
    is_readdressed = readdressed_at is not None and readdressed_at > last.last_at
    pause = PAUSES[min(last.attempts, len(PAUSES)) - 1]
    return is_readdressed or (is_newer and abs(now - last.last_at) >= pause)


def _months(today: date, since: date | None) -> Iterator[str]:
    """The months that are over and reported, newest first; none before delivery was switched on."""
    last = today.replace(day=1) - timedelta(days=1)
    if today.day < FIRST_DAY:
        last = last.replace(day=1) - timedelta(days=1)
    for _ in range(MONTHS_BACK):
        if since is not None and last < since:
            return
        yield f"{last:%Y-%m}"
        last = last.replace(day=1) - timedelta(days=1)


def _entered(db: Db, now: datetime, zone: tzinfo) -> dict[str, datetime]:
    """When the newest session of each month was entered; what a wrong calendar entered in the future waits for it."""
    rows = db.execute(
        "SELECT json_extract(body, '$.began_at'), at FROM journal WHERE kind='session' AND at > ? AND at <= ?"
        " ORDER BY at",
        (clock.utc_text(now - LATE), clock.utc_text(now)),
    )
    return {f"{clock.from_utc_text(began_at).astimezone(zone):%Y-%m}": clock.from_utc_text(at) for began_at, at in rows}


def _targets(db: Db) -> list[str]:
    """Where reports are wanted now; nowhere while monthly delivery is off."""
    if not settings.in_force(db, "report.monthly"):
        return []
    return ["folder", *(["mail"] if settings.in_force(db, "report.mail_to") else [])]


def _changed(db: Db, key: str) -> datetime | None:
    """When a setting was changed last; None: it is as it was delivered."""
    text = db.execute("SELECT changed_at FROM settings WHERE key=?", (key,)).get
    return None if text is None else clock.from_utc_text(text)


def _all(db: Db) -> list[Delivery]:
    rows = db.execute(
        "SELECT month, target, attempts, last_at, delivered_at, outcome FROM deliveries ORDER BY month DESC, target"
    )
    return [
        Delivery(
            month, target, attempts, clock.from_utc_text(last_at),
            None if delivered_at is None else clock.from_utc_text(delivered_at), outcome,
        )
        for month, target, attempts, last_at, delivered_at, outcome in rows
    ]  # fmt: skip
