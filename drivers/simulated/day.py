"""The physics of a plausible household: what its three meters show at any moment.

Base load with a fridge, cooking, light in the evening; a roof of 7.5 kWp under
a real sun and passing clouds; a car that draws power only while its charging
station is released, tapers off and fills up. A full car that is no longer
released drives off for a while and comes back emptier.

Everything follows from the seed and the time. Counters are integrals of the
power, second by second, so energy and power agree. Grid = house + car - roof.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

LATITUDE, LONGITUDE = math.radians(50.0), 10.0  # the middle of Germany
ROOF_W = 7500.0
STEP_S = 1.0  # counters are integrated in steps of this size
GAP_S = 3600.0  # a house that was off for longer does not catch up
SHARES = (0.45, 0.30, 0.25)  # how the house's load lies on the phases
THIRDS = (1 / 3, 1 / 3, 1 / 3)

Phases = tuple[float, float, float]


@lru_cache(maxsize=4096)
def _dice(seed: int, name: str, number: int) -> float:
    """A number in 0..1 that is always the same for the same arguments."""
    return random.Random(f"{seed}/{name}/{number}").random()  # noqa: S311 - weather, not secrets


def noise(seed: int, name: str, t_s: float, period_s: float) -> float:
    """A smooth value in 0..1 that wanders with `period_s`."""
    at = t_s / period_s
    number, part = math.floor(at), at - math.floor(at)
    blend = (1 - math.cos(math.pi * part)) / 2
    return _dice(seed, name, number) * (1 - blend) + _dice(seed, name, number + 1) * blend


def sun(t_s: float) -> float:
    """Sine of the sun's height; 0 at night."""
    moment = datetime.fromtimestamp(t_s, UTC)
    day = moment.timetuple().tm_yday
    declination = math.radians(-23.44) * math.cos(2 * math.pi * (day + 10) / 365)
    hour = (t_s % 86400) / 3600 + LONGITUDE / 15
    angle = math.radians(15 * (hour - 12))
    height = math.sin(LATITUDE) * math.sin(declination) + math.cos(LATITUDE) * math.cos(declination) * math.cos(angle)
    return max(0.0, height)


def roof_w(seed: int, t_s: float, sky: float | None = None) -> float:
    """Production of the roof. `sky` from 0 (black) to 1 (blue) overrides the weather."""
    weather = 0.55 * noise(seed, "weather", t_s, 14400) + 0.45 * noise(seed, "cloud", t_s, 420)
    clear = 0.25 + 0.75 * weather if sky is None else sky
    return float(ROOF_W * math.pow(sun(t_s), 1.15) * clear)


def _hob_w(seed: int, t_s: float, local_s: float) -> float:
    """Cooking: morning, noon and evening, with thermostats that click."""
    meals = ((7.0, 0.3, 1200.0), (12.2, 0.7, 2400.0), (18.4, 0.9, 2800.0))
    hour = local_s / 3600
    for start, length, power in meals:
        shift = 0.3 * _dice(seed, f"meal {start}", int(t_s // 86400))
        if start + shift <= hour < start + shift + length and noise(seed, "thermostat", t_s, 25) > 0.4:
            return power
    return 0.0


def house_w(seed: int, t_s: float) -> float:
    """What the household uses, without the car."""
    local_s = (t_s + 3600) % 86400
    base = 165 + 40 * noise(seed, "standby", t_s, 600)
    fridge = 95.0 if (t_s / 2700 + _dice(seed, "fridge", 0)) % 1 < 0.4 else 0.0
    light = 180 * noise(seed, "light", t_s, 1800) if 17 <= local_s / 3600 < 23 else 0.0
    return base + fridge + light + _hob_w(seed, t_s, local_s)


@dataclass
class Car:
    """A battery on wheels behind a charging station of 11 kW."""

    capacity_wh: float = 58_000.0
    stored_wh: float = 22_000.0
    present: bool = True
    released_since_s: float | None = None
    rested_since_s: float = 0.0
    away_until_s: float = 0.0

    MOST_W = 11_000.0
    LEAST_W = 1_400.0  # 6 A on one phase, the least IEC 61851 allows
    WAKE_S, RAMP_S = 3.0, 6.0
    REST_S, AWAY_S = 900.0, 1200.0
    COMES_BACK_WITH = 0.35

    def power_w(self, t_s: float) -> float:
        """What it draws now."""
        full = self.stored_wh >= self.capacity_wh
        if not self.present or self.released_since_s is None or full:
            return 0.0
        awake_s = t_s - self.released_since_s - self.WAKE_S
        if awake_s <= 0:
            return 0.0
        charge = self.stored_wh / self.capacity_wh
        taper = 1.0 if charge < 0.8 else 1.0 - (charge - 0.8) / 0.2 * (1 - self.LEAST_W / self.MOST_W)
        return self.MOST_W * min(1.0, awake_s / self.RAMP_S) * taper

    def live(self, t_s: float, dt_s: float) -> None:
        """Charge for `dt_s`; drive off and come back when it is time."""
        self.stored_wh = min(self.capacity_wh, self.stored_wh + self.power_w(t_s) * 0.92 * dt_s / 3600)
        resting = self.present and self.released_since_s is None and self.stored_wh >= 0.99 * self.capacity_wh
        if not resting:
            self.rested_since_s = t_s
        elif t_s - self.rested_since_s > self.REST_S:
            self.present, self.away_until_s = False, t_s + self.AWAY_S
        if not self.present and t_s >= self.away_until_s:
            self.present, self.stored_wh = True, self.COMES_BACK_WITH * self.capacity_wh


@dataclass
class Counters:
    """Absolute counters of one meter in Wh: total and per phase, both directions."""

    import_wh: float = 0.0
    export_wh: float = 0.0
    import_by_phase: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    export_by_phase: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    def count(self, power: Phases, dt_s: float) -> None:
        """Add the energy of `dt_s`. The total counts the sum over the phases, as German meters do."""
        energy = [watts * dt_s / 3600 for watts in power]
        total = sum(energy)
        self.import_wh += max(total, 0.0)
        self.export_wh += max(-total, 0.0)
        for phase, wh in enumerate(energy):
            self.import_by_phase[phase] += max(wh, 0.0)
            self.export_by_phase[phase] += max(-wh, 0.0)


class House:
    """The house at one moment; `advance` moves it on."""

    def __init__(self, t_s: float, seed: int = 1) -> None:
        self.seed = seed
        self.t_s = t_s
        self.sky: float | None = None
        self.car = Car()
        self.counters = {
            "grid": Counters(
                8_421_337, 12_904_118, [3_204_511, 2_711_402, 2_505_424], [4_301_200, 4_299_871, 4_303_047]
            ),
            "charger": Counters(2_310_482, 0, [770_160, 770_158, 770_164], [0, 0, 0]),
            "pv": Counters(1_204, 21_480_993, [401, 402, 401], [7_160_331, 7_160_331, 7_160_331]),
        }

    def release(self, released: bool) -> None:
        """The charging station's release contact closes or opens."""
        if released and self.car.released_since_s is None:
            self.car.released_since_s = self.t_s
        elif not released:
            self.car.released_since_s = None

    def advance(self, t_s: float) -> None:
        """Let time pass until `t_s`, counting energy."""
        if not 0 <= t_s - self.t_s <= GAP_S:
            self.t_s = t_s
        while self.t_s < t_s:
            dt_s = min(STEP_S, t_s - self.t_s)
            for name, power in self.powers().items():
                self.counters[name].count(power, dt_s)
            self.car.live(self.t_s, dt_s)
            self.t_s += dt_s

    def powers(self) -> dict[str, Phases]:
        """Power per phase at each meter, import positive."""
        house = _split(house_w(self.seed, self.t_s), SHARES)
        car = _split(self.car.power_w(self.t_s), THIRDS)
        roof = _split(-roof_w(self.seed, self.t_s, self.sky), THIRDS)
        grid = (house[0] + car[0] + roof[0], house[1] + car[1] + roof[1], house[2] + car[2] + roof[2])
        return {"grid": grid, "charger": car, "pv": roof}

    def shown(self, name: str) -> Mapping[str, float]:
        """What the meter `grid`, `charger` or `pv` shows: quantity -> SI value."""
        power = self.powers()[name]
        factor = 0.99 if name != "grid" else 0.96
        counters = self.counters[name]
        values = {
            "power_w": sum(power),
            "power_factor": math.copysign(factor, sum(power)) if sum(power) else 1.0,
            "frequency_hz": 49.98 + 0.04 * noise(self.seed, "frequency", self.t_s, 30),
            "import_wh": counters.import_wh,
            "export_wh": counters.export_wh,
        }
        for phase, watts in enumerate(power):
            voltage = 232.5 + 2 * noise(self.seed, f"voltage {phase}", self.t_s, 240) - watts / 230 * 0.12
            values[f"power_l{phase + 1}_w"] = watts
            values[f"voltage_l{phase + 1}_v"] = voltage
            values[f"current_l{phase + 1}_a"] = abs(watts) / voltage / factor
            values[f"import_l{phase + 1}_wh"] = counters.import_by_phase[phase]
            values[f"export_l{phase + 1}_wh"] = counters.export_by_phase[phase]
        return values


def _split(watts: float, shares: Phases) -> Phases:
    return (watts * shares[0], watts * shares[1], watts * shares[2])
