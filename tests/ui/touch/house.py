"""A household for the touchscreen to show: real store, real charging, meters whose values a test sets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appliance import audit, heartbeat
from appliance.access import web_accounts
from appliance.charging import identifications, points, users
from appliance.charging.controller import Controller
from appliance.charging.points import Point
from appliance.metering import meters, readings, slots
from appliance.opened import Opened
from appliance.store import settings
from drivers.interfaces import Reading
from tests.ui.touch.shared_clock import SharedClock

ZONE = ZoneInfo("Europe/Berlin")
METERS = (
    ("Grid", "kostal-ksem-g2", 1, "grid"),
    ("Wallbox meter", "eastron-sdm630", 2, "charger"),
    ("Solar roof", "eastron-sdm630", 3, "pv"),
)
POWERS_W = {"Grid": 1240.0, "Wallbox meter": 0.0, "Solar roof": -2310.0}


class Wire:
    """A relay that obeys."""

    closed = False

    def is_closed(self) -> bool:
        """Read the line back."""
        return self.closed

    def switch(self, *, closed: bool) -> None:
        """Drive the line."""
        self.closed = closed

    def release(self) -> None:
        """Open it."""
        self.closed = False


class House:
    """What stands behind the touchscreen, in the hands of a test."""

    def __init__(self, it: Opened, clock: SharedClock) -> None:
        self.it = it
        self.clock = clock
        self.relays: dict[int, Wire] = {}
        self.silent: set[str] = set()
        self.powers_w = dict(POWERS_W)
        self.counters_wh = {"Grid": 4_217_338.0, "Wallbox meter": 812_004.0, "Solar roof": 12.0}
        self.controller = Controller(it, self._relay)

    def _relay(self, point: Point) -> Wire:
        return self.relays.setdefault(point.id, Wire())

    def furnish(self, *, solar: bool = True, charge_points: tuple[str, ...] = ("Wallbox",)) -> None:
        """Meters, charging points and three people; a core that runs."""
        for name, model, unit, role in METERS:
            if solar or role != "pv":
                meters.add(
                    self.it.store, self.clock, name=name, model=model, url="tcp://192.0.2.10:502", unit=unit, role=role,
                    actor=audit.CLI,
                )  # fmt: skip
        wallbox = meters.find(self.it.store, "Wallbox meter")
        for number, name in enumerate(charge_points):
            meter_id = None if number else wallbox.id
            points.add(self.it.store, self.clock, name, f"gpio:{17 + number}", meter_id, actor=audit.CLI)
        for first, last, code in (
            ("Anna", "Berger", "#271828"),
            ("Ben", "Maier", "#4711"),
            ("Jörg", "Öztürk", "#314159"),
        ):
            user = users.add(self.it.store, self.clock, first, last, actor=audit.CLI)
            identifications.add(
                self.it.store, self.it.key(), self.clock, user.id, type="pin", code=code, active=True, actor=audit.CLI
            )
        web_accounts.ensure_default(self.it)
        heartbeat.begin(self.it.live, "core", self.clock)
        self.controller.start()
        self.measure()

    def speak(self, language: str) -> None:
        """Choose the language of the household."""
        settings.put(self.it.store, self.clock.now(), audit.CLI, "ui.language", language)

    def measure(self, **powers_w: float) -> None:
        """Let every meter answer now; names are written with _ for a space."""
        self.powers_w |= {name.replace("_", " "): watts for name, watts in powers_w.items()}
        for meter in meters.all(self.it.store):
            if meter.name in self.silent:
                continue
            watts = self.powers_w[meter.name]
            values = {"power_w": watts, "import_wh": self.counters_wh.get(meter.name, 0.0), "export_wh": 0.0}
            readings.put(self.it.live, self.clock, meter.id, Reading(values, 0.02))

    def silence(self, name: str) -> None:
        """Pull a meter's plug."""
        self.silent.add(name)

    def live(self, seconds: float = 0.0) -> None:
        """Let time pass in steps of a second, as a running core does: meters, charging, sign of life."""
        for _ in range(max(1, math.ceil(seconds))):
            self.clock.advance(min(1.0, seconds))
            for name, watts in self.powers_w.items():
                self.counters_wh[name] = self.counters_wh.get(name, 0.0) + max(0.0, watts) / 3600
            self.measure()
            self.turn()

    def turn(self) -> None:
        """One turn of the core."""
        for _ in range(8):
            if self.controller.step() > 0:
                break
        heartbeat.beat(self.it.live, "core", self.clock)

    def day(self) -> None:
        """A morning of quarter hours: base load, breakfast, a sunny roof with clouds, a car at ten."""
        now = self.clock.now()
        begin = datetime.combine(now.astimezone(ZONE).date(), time(), ZONE).astimezone(UTC)
        found = {meter.name: meter.id for meter in meters.all(self.it.store)}
        rows = []
        for number in range(int((now - begin) / timedelta(minutes=15))):
            powers = powers_at(number / 4)
            start_s = int(begin.timestamp()) + 900 * number
            rows += [_slot(found[name], start_s, watts) for name, watts in powers.items() if name in found]
        with self.it.store.write() as db:
            slots.save(db, rows)


def powers_at(hour: float) -> Mapping[str, float]:
    """Mean powers in W at an hour of the day."""
    house = 280 + 60 * math.sin(hour * 5) + 1900 * math.exp(-((hour - 7.2) ** 2) / 0.35)
    house += 900 * math.exp(-((hour - 12.3) ** 2) / 0.5)
    roof = max(0.0, 4600 * math.sin(math.pi * (hour - 7) / 9.5)) * (0.7 + 0.3 * math.sin(hour * 9)) if hour > 7 else 0.0
    car = 3600.0 if 9.75 <= hour < 11.5 else 0.0
    return {"Grid": house + car - roof, "Wallbox meter": car, "Solar roof": -roof}


def _slot(meter_id: int, start_s: int, watts: float) -> slots.Slot:
    energy_wh = round(abs(watts) / 4)
    return slots.Slot(
        meter_id=meter_id,
        start_s=start_s,
        import_wh=energy_wh if watts >= 0 else 0,
        export_wh=energy_wh if watts < 0 else 0,
        import_counter_wh=1000,
        export_counter_wh=1000,
        min_w=round(watts * 0.8),
        mean_w=round(watts),
        max_w=round(watts * 1.2),
        samples=900,
        gap=False,
    )
