"""What the measurement settings look at: meters and how they are, one meter closely, a search. No Kivy here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from appliance import faults
from appliance.errors import N_, NotFound
from appliance.faults import Fault
from appliance.metering import checks, health, inspections, meters, models, readings, scans, totals
from appliance.metering.checks import Finding
from appliance.metering.errands import Errand
from appliance.metering.health import Health
from appliance.metering.inspections import Inspection
from appliance.metering.meters import Meter
from appliance.metering.scans import Candidate, Found, Scan
from appliance.metering.totals import Shown
from appliance.opened import Opened
from ui.text.catalog import _
from ui.touch.status import Status

SERIAL = ("/dev/serial/by-id", "/dev")  # where adapters are; the first that has any
ADAPTERS = ("usb-*", "ttyUSB*", "ttyACM*", "ttyAMA*")
NAMES = {"grid": N_("Grid"), "pv": N_("Solar"), "charger": N_("Car"), "battery": N_("Battery")}
ONCE = ("grid", "pv", "charger", "battery")  # what a house mostly has one of, in the order of being asked for


@dataclass(frozen=True, slots=True)
class MeterSeen:
    """One meter and how it is."""

    meter: Meter
    power_w: float | None  # None: no fresh data
    age_s: float | None
    fault: Fault | None
    health: Health | None
    shown: Shown  # its counters as people see them
    model: str = ""  # as people call it

    @property
    def errors_percent(self) -> float | None:
        """Share of attempts in the last hour that brought nothing; None before the first."""
        if self.health is None or not (tried := self.health.readings + self.health.errors):
            return None
        return 100 * self.health.errors / tried


@dataclass(frozen=True, slots=True)
class MetersSeen:
    """All meters in use."""

    meters: tuple[MeterSeen, ...]


@dataclass(frozen=True, slots=True)
class OneMeter:
    """One meter closely."""

    seen: MeterSeen
    values: Mapping[str, float] = field(default_factory=dict)  # fresh ones only
    findings: tuple[Finding, ...] = ()
    errand: Errand | None = None  # of the registers, when somebody asked for them
    inspection: Inspection | None = None


@dataclass(frozen=True, slots=True)
class SearchSeen:
    """A search as far as it is; `known` has the name of the meter that each find is already."""

    scan: Scan | None
    known: tuple[str | None, ...] = ()
    adapters: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # of the meters there are


def look(it: Opened, _status: Status) -> MetersSeen:
    """All meters. Raises StoreError."""
    return MetersSeen(tuple(_seen(it, meters.all(it.store))))


def closely(it: Opened, _status: Status, meter_id: int, look_number: int | None) -> OneMeter:
    """One meter. Raises NotFound, StoreError."""
    known = meters.all(it.store)
    seen = next(iter(_seen(it, [meter for meter in known if meter.id == meter_id])), None)
    if seen is None:
        raise NotFound(N_("There is no meter number {number}."), number=meter_id)
    reading = readings.newest(it.live).get(meter_id)
    fresh = reading is not None and readings.is_fresh(reading, it.clock, seen.meter.interval_s)
    values = dict(reading.values) if reading is not None and fresh else {}
    found = checks.findings(values, seen.meter.role, {meter.role for meter in known}) if values else []
    errand, inspection = (None, None) if look_number is None else inspections.look(it, look_number)
    return OneMeter(seen, values, tuple(found), errand, inspection)


def search(it: Opened, _status: Status, number: int | None) -> SearchSeen:
    """How far a search is. Raises NotFound when it is forgotten."""
    known = meters.all(it.store)
    roles = tuple(meter.role for meter in known)
    if number is None:
        return SearchSeen(None, adapters=tuple(adapters()), roles=roles)
    scan = scans.look(it, number)
    is_already = [scans.known(one, known) for one in scan.found]
    return SearchSeen(scan, tuple(None if meter is None else meter.name for meter in is_already), roles=roles)


def adapters() -> list[str]:
    """Serial adapters of this machine, by their stable names where they have one."""
    for folder in map(Path, SERIAL):
        found = sorted(str(path) for pattern in ADAPTERS for path in folder.glob(pattern)) if folder.is_dir() else []
        if found:
            return found
    return []


def suggested_role(roles: Iterable[str], values: Mapping[str, float]) -> str:
    """What a new meter most likely measures: what gives power is the roof, else what the house lacks."""
    taken = set(roles)
    if values.get("power_w", 0.0) < -100 and "pv" not in taken:
        return "pv"
    return next((role for role in ONCE[::2] + ONCE[1:2] if role not in taken), "submeter") if taken else "grid"


def suggested_name(role: str, candidate: Candidate, taken: Iterable[str]) -> str:
    """A name nobody has yet."""
    known = {name.casefold() for name in taken}
    name = _(NAMES[role]) if role in NAMES else candidate.title[: meters.LONGEST_NAME - 3]
    tries = [name, *(f"{name} {number}" for number in range(2, 100))]
    return next(one for one in tries if one.casefold() not in known)


def percent(scan: Scan) -> float:
    """How much of a search is done, 0 to 1."""
    if scan.state == "done":
        return 1.0
    return 0.0 if scan.step is None or not scan.step.total else scan.step.done / scan.step.total


def same(one: Found, other: Found) -> bool:
    """Tell whether two finds are the same unit."""
    return (one.url, one.unit) == (other.url, other.unit)


def _seen(it: Opened, known: Iterable[Meter]) -> Iterable[MeterSeen]:
    newest, pulses, titles = readings.newest(it.live), health.all(it.live), models.titles(it.live)
    wrong = {fault.source: fault for fault in faults.active(it.live)}
    for meter in known:
        reading = newest.get(meter.id)
        fresh = reading is not None and readings.is_fresh(reading, it.clock, meter.interval_s)
        yield MeterSeen(
            meter,
            reading.values.get("power_w") if reading is not None and fresh else None,
            None if reading is None else readings.age_s(reading, it.clock),
            wrong.get(f"meter:{meter.id}"),
            pulses.get(meter.id),
            totals.shown(it.store, it.live, it.clock, meter),
            titles.get(meter.model, meter.model),
        )
