"""A household at one moment, and what its three meters show: grid, charging station, roof.

It lives in whole seconds. Power is constant within a second and a whole number
of tenths of a watt, so every counter is the exact integral of the power shown,
and grid = house + car - roof holds to the last digit, in power and on every
phase. The same seed, times and releases always give the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.simulated import day
from drivers.simulated.car import Car

LONGEST_S = 86_400  # a house that stood still for longer (its machine slept) does not catch up
PER_WH = 36_000  # tenths of a watt second
SHARES = (0.45, 0.30, 0.25)  # how the house's load lies on the phases
THIRDS = (1 / 3, 1 / 3, 1 / 3)
LINE_OHM = 0.12  # from the transformer to the house: what makes voltage sag under load
POWER_FACTOR = {"grid": 0.96, "charger": 0.99, "pv": 1.0}

Phases = tuple[int, int, int]  # tenths of a watt, import positive


@dataclass
class Counters:
    """Absolute counters of one meter in tenths of a watt second: total and per phase, both directions."""

    imported: int = 0
    exported: int = 0
    imported_by_phase: list[int] = field(default_factory=lambda: [0, 0, 0])
    exported_by_phase: list[int] = field(default_factory=lambda: [0, 0, 0])

    @classmethod
    def of_wh(cls, imported: int, exported: int) -> Counters:
        """Counters of a meter that has been there for years."""
        thirds = [imported * PER_WH // 3] * 3, [exported * PER_WH // 3] * 3
        return cls(imported * PER_WH, exported * PER_WH, *thirds)

    def count(self, power: Phases) -> None:
        """Add one second. The total counts the sum over the phases, as German meters do."""
        self.imported += max(sum(power), 0)
        self.exported += max(-sum(power), 0)
        for phase, tenths in enumerate(power):
            self.imported_by_phase[phase] += max(tenths, 0)
            self.exported_by_phase[phase] += max(-tenths, 0)


class Household:
    """House, car and roof at `t_s`; `advance` moves them on."""

    def __init__(self, t_s: float, seed: int = 1) -> None:
        self.seed = seed
        self.t_s = math.floor(t_s)
        self.sky: float | None = None  # 0 (black) to 1 (blue); None: the weather
        self.car = Car()
        self.counters = {
            "grid": Counters.of_wh(8_421_337, 12_904_118),
            "charger": Counters.of_wh(2_310_482, 0),
            "pv": Counters.of_wh(1_204, 21_480_993),
        }

    def advance(self, t_s: float) -> None:
        """Let time pass until `t_s`, counting energy. A clock that was set moves the house without counting."""
        if not 0 <= t_s - self.t_s <= LONGEST_S:
            self.t_s = math.floor(t_s)
        while self.t_s + 1 <= t_s:
            for name, power in self._powers().items():
                self.counters[name].count(power)
            self.car.live(self.t_s, 1.0)
            self.t_s += 1

    def release(self, released: bool) -> None:
        """The charging station's release contact closes or opens."""
        self.car.release(released, self.t_s)

    def shown(self, name: str) -> dict[str, float]:
        """What the meter `grid`, `charger` or `pv` shows: quantity -> SI value."""
        powers = self._powers()
        power, load = powers[name], powers["grid"]
        factor = POWER_FACTOR[name]
        values = {
            "power_w": sum(power) / 10,
            "power_factor": math.copysign(factor, sum(power)),
            "frequency_hz": 49.98 + 0.04 * day.noise(self.seed, "frequency", self.t_s, 30),
        }
        for phase in range(3):
            watts = power[phase] / 10
            voltage = 232.5 + 2 * day.noise(self.seed, f"voltage {phase}", self.t_s, 240)
            voltage -= LINE_OHM * load[phase] / 10 / 230
            values[f"power_l{phase + 1}_w"] = watts
            values[f"voltage_l{phase + 1}_v"] = voltage
            values[f"current_l{phase + 1}_a"] = abs(watts) / voltage / factor
            values |= _apparent(f"_l{phase + 1}", watts, factor)
            values[f"power_factor_l{phase + 1}"] = math.copysign(factor, watts)
        for first, second in ((1, 2), (2, 3), (3, 1)):
            between = (values[f"voltage_l{first}_v"] + values[f"voltage_l{second}_v"]) / 2 * math.sqrt(3)
            values[f"voltage_l{first}_l{second}_v"] = between
        return values | _apparent("", sum(power) / 10, factor) | _energy(self.counters[name])

    def _powers(self) -> Mapping[str, Phases]:
        """Power per phase at each meter."""
        house = _split(day.house_w(self.seed, self.t_s), SHARES)
        car = _split(self.car.power_w(self.t_s), THIRDS)
        roof = _split(-day.roof_w(self.seed, self.t_s, self.sky), THIRDS)
        grid = (house[0] + car[0] + roof[0], house[1] + car[1] + roof[1], house[2] + car[2] + roof[2])
        return {"grid": grid, "charger": car, "pv": roof}


def _split(watts: float, shares: tuple[float, float, float]) -> Phases:
    first, second, third = (round(10 * watts * share) for share in shares)
    return first, second, third


def _apparent(phase: str, watts: float, factor: float) -> dict[str, float]:
    """Apparent and reactive power; what lags is positive."""
    apparent = abs(watts) / factor
    return {f"apparent{phase}_va": apparent, f"reactive{phase}_var": apparent * math.sqrt(1 - factor**2)}


def _energy(counters: Counters) -> dict[str, float]:
    values = {"import_wh": counters.imported / PER_WH, "export_wh": counters.exported / PER_WH}
    for phase in range(3):
        values[f"import_l{phase + 1}_wh"] = counters.imported_by_phase[phase] / PER_WH
        values[f"export_l{phase + 1}_wh"] = counters.exported_by_phase[phase] / PER_WH
    return values
