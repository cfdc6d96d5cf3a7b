"""Whether the calendar may be believed, and the mark that helps to tell.

The last moment known good is the newest kept quarter hour, which was written
under a believed calendar, or a mark made once a day where nothing is metered;
so it costs the card nothing. A calendar that was set while the appliance ran is
doubted until a time server confirms it, it is set back, or a person says that
it is right (`confirm`, the way out where there is no time server): that doubt
is the fault `clock/jumped`, which the core reports.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from appliance import audit, clock, faults
from appliance.errors import N_, BadInput
from appliance.store.database import Db, Store

SOURCE = "clock"
MARK_EVERY = timedelta(days=1)


def mark(db: Db, when: clock.Clock) -> None:
    """Note that the calendar is good now. Call only while it is trusted."""
    db.execute("INSERT OR REPLACE INTO known_time (id, utc) VALUES (1, ?)", (clock.utc_text(when.now()),))


def keep(store: Store, live: Store, when: clock.Clock) -> None:
    """Mark when the last good moment lies a day back and the calendar is trusted. Raises StoreError."""
    with store.read() as db:
        known = last(db)
    if (known is None or when.now() - known.utc >= MARK_EVERY) and trusted(store, live, when):
        with store.write(ring=False) as db:
            mark(db, when)


def confirm(store: Store, when: clock.Clock, actor: audit.Actor) -> None:
    """A person says that date and time are right, whatever was believed before. Raises BadInput."""
    now = when.now()
    if now < clock.BUILD_TIME:
        raise BadInput(
            N_("{date} cannot be right: set date and time first, for example with 'sudo date -s'."),
            date=f"{now:%Y-%m-%d %H:%M} UTC",
        )
    with store.write() as db:
        mark(db, when)
        db.execute(
            "INSERT OR REPLACE INTO calendar_confirmed SELECT 1, ?, coalesce(max(id), 0) FROM slots",
            (clock.utc_text(now),),
        )
        audit.record(db, now, actor, "clock.confirm", "date and time")


def _confirmed(db: Db) -> tuple[str, int]:
    """When a person vouched for the calendar, and the newest quarter hour then; ('', 0): nobody did."""
    return db.execute("SELECT utc, slot_id FROM calendar_confirmed").fetchone() or ("", 0)


def last(db: Db) -> clock.KnownTime | None:
    """The last moment known good; None before the first mark."""
    text = db.execute("SELECT utc FROM known_time WHERE id=1").get
    newest = db.execute("SELECT id, start_s FROM slots ORDER BY id DESC LIMIT 1").fetchone()
    moments = [clock.from_utc_text(text)] if text is not None else []
    if newest is not None and newest[0] > _confirmed(db)[1]:
        moments.append(datetime.fromtimestamp(newest[1], UTC))
    return clock.KnownTime(max(moments)) if moments else None


def trusted(store: Store, live: Store, when: clock.Clock) -> bool:
    """Tell whether the calendar may decide anything now. Raises StoreError."""
    ntp = clock.ntp_synchronised()
    with store.read() as db:
        known = last(db)
    jumped = any(fault.source == SOURCE and fault.code == "jumped" for fault in faults.active(live))
    return clock.trusted(when.now(), known, ntp=ntp) and (ntp or not jumped)


class Watch:
    """Compares the calendar with the boot clock; the core looks through it at every turn."""

    def __init__(self, when: clock.Clock) -> None:
        self._when = when
        self._offset_s = self._measure()
        self._confirmed: str | None = None  # when a person vouched for the calendar; None: not looked yet

    def _measure(self) -> float:
        return self._when.now().timestamp() - self._when.boottime_s()

    def look(self, store: Store, live: Store) -> None:
        """Report or clear the faults of the calendar. Raises StoreError."""
        ntp = clock.ntp_synchronised()
        moved_s = self._measure() - self._offset_s
        if ntp:
            self._offset_s += moved_s
            moved_s = 0.0
        with store.read() as db:
            known, confirmed = last(db), _confirmed(db)[0]
        if confirmed != self._confirmed:
            self._offset_s += moved_s if self._confirmed is not None else 0.0
            self._confirmed, moved_s = confirmed, self._measure() - self._offset_s
        now = self._when.now()
        if abs(moved_s) > clock.JUMP_S:
            faults.report(
                live, now, SOURCE, "jumped",
                N_("The clock was set by {seconds} s while running: check date and time, or connect a time server."),
                seconds=f"{moved_s:+.0f}",
            )  # fmt: skip
        elif not clock.trusted(now, known, ntp=ntp):
            faults.report(
                live, now, SOURCE, "untrusted", N_("Date and time are not known: set them or connect a time server.")
            )
        else:
            faults.clear(live, SOURCE)
