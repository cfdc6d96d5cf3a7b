"""The household's balance now, of any local days, and bar by bar: what balance.py says of what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from appliance.metering import balance, days, history, meters, readings
from appliance.metering.balance import Balance, Energies, Flow, Missing
from appliance.metering.meters import Meter
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
    """The balance of the local days from `first` to `last`, today as far as it is. Raises StoreError.

    A meter out of use counts with what it measured then; one that was set up later is not missed.
    """
    end, by_role = history.bounds(last, zone)[1], _Flows(_since(opened, zone))
    for meter in meters.all(opened.store, archived=True):
        found = history.NOTHING
        for energy in history.by_day(opened.store, opened.live, meter.id, first, last, zone).values():
            found = history.plus(found, energy)
        by_role.add(meter, Flow(found.import_wh, found.export_wh, found.gap), end)
    return balance.energies(by_role.flows)


def stretch(opened: Opened, begin: datetime, end: datetime, zone: ZoneInfo) -> Energies:
    """The balance of the whole quarter hours in [begin, end); meters as in `between`. Raises StoreError."""
    by_role = _Flows(_since(opened, zone))
    for meter in meters.all(opened.store, archived=True):
        found = history.stretch(opened.store, opened.live, meter.id, begin, end, zone)
        by_role.add(meter, Flow(found.import_wh, found.export_wh, found.gap), end)
    return balance.energies(by_role.flows)


def bars(opened: Opened, period: Period, zone: ZoneInfo) -> Bars:
    """The balance of each bar of a period, of a day by hours; meters as in `between`. Raises StoreError."""
    known = [
        (meter, history.bars(opened.store, opened.live, meter.id, period, zone))
        for meter in meters.all(opened.store, archived=True)
    ]
    starts: Sequence[datetime] = known[0][1].starts if known else ()
    energies, added_at = [], _since(opened, zone)
    for i, end in enumerate(starts[1:]):
        by_role = _Flows(added_at)
        for meter, one in known:
            by_role.add(meter, Flow(one.import_wh[i], one.export_wh[i], one.gap[i]), end)
        energies.append(balance.energies(by_role.flows))
    return Bars(starts, energies)


class _Flows:
    """What the meters of a household counted, by role, without those that were not there."""

    def __init__(self, added_at: Mapping[int, datetime]) -> None:
        self._added_at = added_at
        self.flows: dict[str, list[Flow]] = {}

    def add(self, meter: Meter, flow: Flow, end: datetime) -> None:
        """Count what a meter counted until `end`; nothing counts only where it should have counted."""
        if flow != Flow(None, None) or not (meter.archived or self._added_at[meter.id] >= end):
            self.flows.setdefault(meter.role, []).append(flow)


def _since(opened: Opened, zone: ZoneInfo) -> dict[int, datetime]:
    """From when on the silence of each meter means something: it was set up, or had measured."""
    found = meters.added_at(opened.store)
    with opened.store.read() as db:
        for meter_id, added_at in found.items():
            first = days.first_of(db, meter_id, zone)
            if first is not None:
                found[meter_id] = min(added_at, days.bounds(first, zone)[0])
    return found


def powers(opened: Opened, day: date, zone: ZoneInfo, step_s: int) -> Powers:
    """The balance over a local day; where a meter should have measured and did not, what needs it is unknown.

    Raises StoreError.
    """
    begin, _ = history.bounds(day, zone)
    added_at = _since(opened, zone)
    by_role: dict[str, list[tuple[datetime, list[history.Point]]]] = {}
    for meter in meters.all(opened.store, archived=True):
        points = history.day(opened.store, opened.live, meter.id, day, zone, step_s)
        if not meter.archived or any(point.mean_w is not None for point in points):
            by_role.setdefault(meter.role, []).append((added_at[meter.id], points))
    length = max((len(points) for known in by_role.values() for _added, points in known), default=0)
    at_each = [
        balance.balance(_powers_at(by_role, i, begin + timedelta(seconds=(i + 1) * step_s))) for i in range(length)
    ]
    return Powers(begin, step_s, at_each)


def _powers_at(
    by_role: Mapping[str, Sequence[tuple[datetime, Sequence[history.Point]]]], i: int, end: datetime
) -> dict[str, list[float | None]]:
    """The powers of one step that ends at `end`, by role; a meter set up later is not missed."""
    found: dict[str, list[float | None]] = {}
    for role, known in by_role.items():
        for added_at, points in known:
            watts = points[i].mean_w
            if watts is not None or added_at < end:
                found.setdefault(role, []).append(watts)
    return found


def first_day(opened: Opened, zone: ZoneInfo) -> date | None:
    """The local day of the oldest quarter hour; None before the first one. Raises StoreError."""
    with opened.store.read() as db:
        oldest = db.execute("SELECT start_s FROM slots ORDER BY id LIMIT 1").get
    return None if oldest is None else datetime.fromtimestamp(oldest, zone).date()
