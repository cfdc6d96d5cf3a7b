"""The household's balance now, of any local days, and bar by bar: what balance.py says of what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from appliance.metering import balance, history, meters, readings
from appliance.metering.balance import Balance, Energies, Flow, Missing
from appliance.metering.periods import Period
from appliance.opened import Opened


@dataclass(frozen=True, slots=True)
class Now:
    """The balance of this moment, and which meters have no data."""

    balance: Balance
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """The balance of each bar of a period; bar i lasts from `starts[i]` to `starts[i + 1]`."""

    starts: Sequence[datetime]  # in the local zone, one more than there are bars
    energies: Sequence[Energies]


@dataclass(frozen=True, slots=True)
class Powers:
    """The balance of a local day, `step_s` seconds at a time from its begin on."""

    begin: datetime  # UTC
    step_s: int
    at_each: Sequence[Balance]


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


def stretch(opened: Opened, begin: datetime, end: datetime, zone: ZoneInfo) -> Energies:
    """The balance of the whole quarter hours in [begin, end); meters as in `between`. Raises StoreError."""
    by_role: dict[str, list[Flow]] = {}
    for meter in meters.all(opened.store, archived=True):
        found = history.stretch(opened.store, opened.live, meter.id, begin, end, zone)
        flow = Flow(found.import_wh, found.export_wh, found.gap)
        if not meter.archived or flow != Flow(None, None):
            by_role.setdefault(meter.role, []).append(flow)
    return balance.energies(by_role)


def bars(opened: Opened, period: Period, zone: ZoneInfo) -> Bars:
    """The balance of each bar of a period, of a day by hours; a meter out of use as in `between`. Raises StoreError."""
    starts: Sequence[datetime] = ()
    found: list[tuple[str, bool, history.Bars]] = []
    for meter in meters.all(opened.store, archived=True):
        one = history.bars(opened.store, opened.live, meter.id, period, zone)
        starts = one.starts
        found.append((meter.role, meter.archived, one))
    at_each = []
    for i in range(max(0, len(starts) - 1)):
        by_role: dict[str, list[Flow]] = {}
        for role, archived, one in found:
            flow = Flow(one.import_wh[i], one.export_wh[i], one.gap[i])
            if not archived or flow != Flow(None, None):
                by_role.setdefault(role, []).append(flow)
        at_each.append(balance.energies(by_role))
    return Bars(starts, at_each)


def powers(opened: Opened, day: date, zone: ZoneInfo, step_s: int) -> Powers:
    """The balance over a local day; where a meter of today has no data, what needs it is unknown. Raises StoreError."""
    begin, _ = history.bounds(day, zone)
    by_role: dict[str, list[list[history.Point]]] = {}
    for meter in meters.all(opened.store, archived=True):
        points = history.day(opened.store, opened.live, meter.id, day, zone, step_s)
        if not meter.archived or any(point.mean_w is not None for point in points):
            by_role.setdefault(meter.role, []).append(points)
    length = max((len(points) for lists in by_role.values() for points in lists), default=0)
    return Powers(begin, step_s, [balance.balance(_powers_at(by_role, i)) for i in range(length)])


def _powers_at(by_role: Mapping[str, Sequence[Sequence[history.Point]]], i: int) -> dict[str, list[float | None]]:
    return {role: [points[i].mean_w for points in lists] for role, lists in by_role.items()}


def first_day(opened: Opened, zone: ZoneInfo) -> date | None:
    """The local day of the oldest quarter hour; None before the first one. Raises StoreError."""
    with opened.store.read() as db:
        oldest = db.execute("SELECT start_s FROM slots ORDER BY id LIMIT 1").get
    return None if oldest is None else datetime.fromtimestamp(oldest, zone).date()
