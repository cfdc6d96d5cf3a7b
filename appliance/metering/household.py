"""The household's balance now, and of any local days: what balance.py says of what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from appliance.metering import balance, history, meters, readings
from appliance.metering.balance import Balance, Energies, Flow, Missing
from appliance.opened import Opened


@dataclass(frozen=True, slots=True)
class Now:
    """The balance of this moment, and which meters have no data."""

    balance: Balance
    missing: tuple[Missing, ...]


def now(opened: Opened) -> Now:
    """The balance of this moment; a meter whose reading is too old has no data. Raises StoreError."""
    newest = readings.newest(opened.live)
    powers: list[tuple[str, str, float | None]] = []
    for meter in meters.all(opened.store):
        reading = newest.get(meter.id)
        fresh = reading is not None and readings.is_fresh(reading, opened.clock, meter.interval_s)
        powers.append(
            (meter.name, meter.role, reading.values.get("power_w") if reading is not None and fresh else None)
        )
    by_role: dict[str, list[float | None]] = {}
    for _, role, power_w in powers:
        by_role.setdefault(role, []).append(power_w)
    return Now(balance.balance(by_role), tuple(balance.missing(powers)))


def between(opened: Opened, first: date, last: date, zone: ZoneInfo) -> Energies:
    """The balance of the local days from `first` to `last`, today as far as it is.

    A meter out of use counts with what it measured then. Raises StoreError.
    """
    by_role: dict[str, list[Flow]] = {}
    for meter in meters.all(opened.store, archived=True):
        found = history.NOTHING
        for energy in history.by_day(opened.store, opened.live, meter.id, first, last, zone).values():
            found = history.plus(found, energy)
        flow = Flow(found.import_wh, found.export_wh, found.gap)
        if not meter.archived or flow != Flow(None, None):
            by_role.setdefault(meter.role, []).append(flow)
    return balance.energies(by_role)
