"""The energy counters people see, and setting them back to zero.

What is shown is the meter's own counter less a baseline. A reset moves the
baselines of all counters of a meter, total and phases, import and export, to
where the meter stands now, in one transaction. The old baselines are
overwritten, so nothing brings the old values back: a restore keeps the present
ones (backup/settle.py), and a backup is wished for at once, so that a store
that has to be repaired knows of the reset, too. Quarter hours, sessions and the
meter itself are not touched.

What is not known now is None: no fresh reading, or a counter that jumped and
is being watched (continuity.py keeps what is shown going on through that).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance import audit, clock, faults
from appliance.backup import wishes
from appliance.errors import N_, Refused
from appliance.metering import readings
from appliance.metering.counters import SLACK_WH
from appliance.metering.meters import Meter
from appliance.metering.readings import Live
from appliance.store.database import Db, Store

QUANTITIES = (
    "import_wh", "import_l1_wh", "import_l2_wh", "import_l3_wh",
    "export_wh", "export_l1_wh", "export_l2_wh", "export_l3_wh",
)  # fmt: skip
USUAL_S = 2 * 3600.0  # a counter that was noted so lately belongs to the meter
JUMPED = "counter"  # code of the fault that a counter cannot be believed now


@dataclass(frozen=True, slots=True)
class Baseline:
    """Where one shown counter begins, and where the meter's own was noted last."""

    baseline_wh: int
    last_wh: int
    last_at: datetime
    reset_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """The counters of one meter as people see them; a quantity the meter lacks is absent, None: not known now."""

    values_wh: Mapping[str, int | None]
    reset_at: datetime | None  # None: they were never set back


UNKNOWN = Shown({}, None)


def baselines(db: Db, meter_id: int) -> dict[str, Baseline]:
    """The baselines of one meter by quantity."""
    rows = db.execute(
        "SELECT quantity, baseline_wh, last_wh, last_at, reset_at FROM counter_baselines WHERE meter_id=?", (meter_id,)
    )
    return {
        quantity: Baseline(begin, last, clock.from_utc_text(at), None if reset is None else clock.from_utc_text(reset))
        for quantity, begin, last, at, reset in rows
    }


def shown(store: Store, live: Store, when: clock.Clock, meter: Meter) -> Shown:
    """The counters of a meter as people see them. Raises StoreError."""
    with store.read() as db:
        begins = baselines(db, meter.id)
    reading = readings.newest(live).get(meter.id)
    return since(begins, {} if reading is None else reading.values, believed=_believed(live, when, meter, reading))


def since(begins: Mapping[str, Baseline], counters: Mapping[str, float], *, believed: bool) -> Shown:
    """What the meter's own `counters` come to above their baselines."""
    reset_at = max((begin.reset_at for begin in begins.values() if begin.reset_at), default=None)
    values: dict[str, int | None] = {}
    for quantity in QUANTITIES:
        begin = begins.get(quantity)
        if quantity not in counters:
            if begin is not None:
                values[quantity] = None
            continue
        wh = counters[quantity]
        if begin is None:
            values[quantity] = round(wh) if believed and reset_at is None else None
        else:
            runs_on = believed and wh >= begin.last_wh - max(SLACK_WH, wh * 2**-22)
            values[quantity] = max(0, max(round(wh), begin.last_wh) - begin.baseline_wh) if runs_on else None
    return Shown(values, reset_at)


def reset(store: Store, live: Store, when: clock.Clock, meter: Meter, *, actor: audit.Actor) -> None:
    """Set all counters of a meter to zero, for ever. Raises Refused when nobody knows where they stand."""
    reading = readings.newest(live).get(meter.id)
    if reading is None or not readings.is_fresh(reading, when, meter.interval_s):
        raise Refused(
            N_("{name} has no fresh reading, so nobody knows where its counters stand; reset them once it is read."),
            name=meter.name,
        )
    if not _believed(live, when, meter, reading):
        raise Refused(
            N_("The counter of {name} has just jumped; wait two minutes until it is believed again, then reset."),
            name=meter.name,
        )
    counters = {quantity: reading.values[quantity] for quantity in QUANTITIES if quantity in reading.values}
    if not counters:
        raise Refused(N_("{name} has no energy counters that could be reset."), name=meter.name)
    now = when.now()
    with store.write() as db:
        for quantity, begin in baselines(db, meter.id).items():
            if quantity not in counters and abs((now - begin.last_at).total_seconds()) < USUAL_S:
                raise Refused(
                    N_("{name} does not show all its counters now; try again in two minutes."), name=meter.name
                )
        if not db.execute("SELECT 1 FROM meters WHERE id=?", (meter.id,)).get:
            raise Refused(N_("{name} was removed meanwhile."), name=meter.name)
        db.execute("DELETE FROM counter_baselines WHERE meter_id=?", (meter.id,))
        for quantity, wh in counters.items():
            _insert(db, meter.id, quantity, round(wh), round(wh), now, now)
        audit.record(db, now, actor, "counters.reset", meter.name)  # without the values: they are gone
        wishes.wish(db, now, actor, wishes.BACKUP)


def note(db: Db, meter_id: int, quantity: str, shift_wh: int, wh: float, at: datetime) -> None:
    """Note where a meter's own counter stands; `shift_wh`: by how much it jumped where what is shown does not."""
    db.execute(
        "UPDATE counter_baselines SET last_wh = :wh, last_at = :at,"
        " baseline_wh = baseline_wh + iif(coalesce(reset_at, '') < :at, :shift, 0)"  # a reset since knew of the jump
        " WHERE meter_id = :meter AND quantity = :quantity",
        {"wh": round(wh), "at": clock.utc_text(at), "shift": shift_wh, "meter": meter_id, "quantity": quantity},
    )
    if db.changes() or not db.execute("SELECT 1 FROM meters WHERE id=?", (meter_id,)).get:
        return
    reset_at = max((one.reset_at for one in baselines(db, meter_id).values() if one.reset_at), default=None)
    _insert(db, meter_id, quantity, round(wh) if reset_at else shift_wh, round(wh), at, reset_at)


def _insert(
    db: Db, meter_id: int, quantity: str, baseline_wh: int, last_wh: int, at: datetime, reset_at: datetime | None
) -> None:
    db.execute(
        "INSERT INTO counter_baselines VALUES (?,?,?,?,?,?)",
        (
            meter_id, quantity, baseline_wh, last_wh, clock.utc_text(at),
            None if reset_at is None else clock.utc_text(reset_at),
        ),
    )  # fmt: skip


def _believed(live: Store, when: clock.Clock, meter: Meter, reading: Live | None) -> bool:
    """Tell whether a meter's counters are known now."""
    if reading is None or not readings.is_fresh(reading, when, meter.interval_s):
        return False
    source = f"meter:{meter.id}"
    return not any(fault.source == source and fault.code == JUMPED for fault in faults.active(live))
