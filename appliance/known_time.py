"""Whether the calendar may be believed, and the mark that helps to tell.

The last moment known good is the newest kept quarter hour, which was written
under a believed calendar, or a mark made once a day where nothing is metered;
so it costs the card nothing. A calendar that was set while the appliance ran is
doubted until a time server confirms it or it is set back: that doubt is the
fault `clock/jumped`, which the core reports.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from appliance import clock, faults
from appliance.errors import N_
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


def last(db: Db) -> clock.KnownTime | None:
    """The last moment known good; None before the first mark."""
    text = db.execute("SELECT utc FROM known_time WHERE id=1").get
    slot_s = db.execute("SELECT start_s FROM slots ORDER BY id DESC LIMIT 1").get
    moments = [clock.from_utc_text(text)] if text is not None else []
    moments += [datetime.fromtimestamp(slot_s, UTC)] if slot_s is not None else []
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
            known = last(db)
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
