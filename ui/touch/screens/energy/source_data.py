"""What is known about each meter of a role: newest reading, energies, counters, health. No Kivy here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from appliance.metering import health, history, household, meters, models, periods, readings, totals
from appliance.metering.balance import Balance, Energies
from appliance.metering.health import Health
from appliance.metering.history import Energy
from appliance.metering.meters import Meter
from appliance.metering.totals import Shown
from appliance.opened import Opened
from ui.touch.status import Status

EVERY_S = 1.0
OF_ROLE = {"house": "submeter"}  # the house has no meter; what is measured in it has


@dataclass(frozen=True, slots=True)
class MeterSeen:
    """One meter. `values` is empty while its reading is too old to say anything about now."""

    meter: Meter
    model: str  # as people call it
    values: Mapping[str, float]
    age_s: float | None
    health: Health | None
    today: Energy
    month: Energy
    counters: Shown


@dataclass(frozen=True, slots=True)
class Source:
    """A role with its meters; of the house also what it is computed from."""

    role: str
    meters: tuple[MeterSeen, ...]
    balance: Balance | None = None
    today: Energies | None = None
    month: Energies | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which role a page shows; its `look` is the page's sight."""

    role: str

    def look(self, it: Opened, status: Status) -> Source:
        """Look it up. Raises StoreError."""
        wanted = OF_ROLE.get(self.role, self.role)
        found = all_seen(it, status, [meter for meter in meters.all(it.store) if meter.role == wanted])
        if self.role != "house":
            return Source(self.role, found)
        zone, today = _zone(status), status.now.date()
        month = periods.containing("month", today)
        return Source(
            self.role, found, household.now(it).balance,
            household.between(it, today, today, zone), household.between(it, month.first, today, zone),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of all meters."""

    meters: tuple[MeterSeen, ...]


def counters(it: Opened, status: Status) -> Counters:
    """Look up all meters. Raises StoreError."""
    return Counters(all_seen(it, status, meters.all(it.store)))


def all_seen(it: Opened, status: Status, wanted: Sequence[Meter]) -> tuple[MeterSeen, ...]:
    """What is known about these meters. Raises StoreError."""
    newest, pulses, titles = readings.newest(it.live), health.all(it.live), models.titles(it.live)
    return tuple(
        _seen(it, status, meter, newest.get(meter.id), pulses.get(meter.id), titles.get(meter.model, meter.model))
        for meter in wanted
    )


def _seen(
    it: Opened, status: Status, meter: Meter, reading: readings.Live | None, pulse: Health | None, title: str
) -> MeterSeen:
    zone, today = _zone(status), status.now.date()
    fresh = reading is not None and readings.is_fresh(reading, it.clock, meter.interval_s)
    begin, end = periods.containing("month", today).bounds(zone)
    return MeterSeen(
        meter=meter,
        model=title,
        values=reading.values if reading is not None and fresh else {},
        age_s=None if reading is None else readings.age_s(reading, it.clock),
        health=pulse,
        today=history.today(it.store, it.live, meter.id, status.now, zone),
        month=history.stretch(it.store, it.live, meter.id, begin, min(end, status.now), zone),
        counters=totals.shown(it.store, it.live, it.clock, meter),
    )


def _zone(status: Status) -> ZoneInfo:
    assert isinstance(status.now.tzinfo, ZoneInfo)  # noqa: S101 - made so in gather.py
    return status.now.tzinfo
