"""A house as its meters see it, second by second: 30 quantities, made up and always the same.

Appliances switch at random, clouds pass, a car charges in the evening, a heat
pump cycles, a battery follows. Everything measured wavers: `noise` 1 as good
meters do, 5 as bad ones. No household at all is a constant, so nothing compresses
for being fake; a real house is steadier at night than this one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

APPLIANCES = (
    (90, 48, 900),
    (800, 6, 300),
    (2000, 5, 240),
    (1200, 2, 2400),
    (150, 10, 3600),
    (60, 30, 600),
    (2200, 1, 2700),
)
"""Power in W, times a day, seconds on average."""


class Load:
    """What hangs on one phase."""

    def __init__(self, chance: random.Random, base_w: float) -> None:
        self._chance, self._base_w = chance, base_w
        self._on: list[tuple[float, float]] = []  # until, power

    def watts(self, t_s: float) -> float:
        """Power at a second; call it for each."""
        for power_w, times, lasts_s in APPLIANCES:
            if self._chance.random() < times / 86400:
                self._on.append((t_s + self._chance.expovariate(1 / lasts_s), power_w * self._chance.uniform(0.7, 1.2)))
        if self._on:
            self._on = [one for one in self._on if one[0] > t_s]
        return self._base_w + sum(power_w for _, power_w in self._on)


def house(begin_s: int, seconds: int, *, noise: float = 1.0, seed: int = 1) -> Iterator[dict[str, float]]:
    """All 30 quantities of each second."""
    chance = random.Random(seed)
    gauss = chance.gauss
    loads = [Load(chance, 60.0 + 20 * phase) for phase in range(3)]
    clouds, drift, counters = 0.0, [0.0] * 3, [8_421_337.0, 12_904_118.0, 21_480_993.0]
    charge = 50.0
    car_from_s = 0.0
    for t_s in range(begin_s, begin_s + seconds):
        hour = t_s % 86400 / 3600
        if t_s % 86400 == 0 or t_s == begin_s:
            car_from_s = t_s - t_s % 86400 + chance.uniform(18, 21) * 3600
        clouds = max(-2.0, min(2.0, clouds + gauss(0, 0.004)))
        pv = 7000 * max(0.0, math.sin((hour - 6) / 12 * math.pi)) ** 1.3 * (0.75 + 0.25 * math.tanh(clouds))
        pv = 0.0 if pv < 5 else pv * (1 + gauss(0, 0.003) * noise)
        heat = max(0.0, (1400.0 if t_s // 1800 % 3 == 0 else 8.0) + gauss(0, 3) * noise)
        car = 7360 + gauss(0, 8) * noise if car_from_s <= t_s < car_from_s + 9000 else 0.0
        base = [load.watts(t_s) for load in loads]
        base = [watts * (1 + gauss(0, 0.004) * noise) + gauss(0, 0.6) * noise for watts in base]
        house_w = sum(base) + heat
        battery = max(-3000.0, min(3000.0, pv - house_w - car))
        if (charge <= 5 and battery < 0) or (charge >= 100 and battery > 0):
            battery = 0.0
        charge = max(5.0, min(100.0, charge + battery / 3600 / 100))
        values: dict[str, float] = {}
        total = 0.0
        for phase in range(3):
            power = base[phase] + (heat + car - pv + battery) / 3
            drift[phase] += gauss(0, 0.002) * noise
            volts = 230 + 3 * math.sin(hour / 24 * math.tau + phase) + drift[phase] + gauss(0, 0.15) * noise
            volts -= base[phase] * 0.001
            reactive = 0.12 * abs(power) + gauss(0, 2) * noise
            name = f"l{phase + 1}"
            values[f"voltage_{name}_v"] = volts
            values[f"current_{name}_a"] = math.hypot(power, reactive) / volts
            values[f"power_{name}_w"] = power
            values[f"reactive_power_{name}_var"] = reactive
            total += power
        counters[0] += max(0.0, total) / 3600
        counters[1] += max(0.0, -total) / 3600
        counters[2] += pv / 3600
        values |= {"power_w": total, "frequency_hz": 50 + gauss(0, 0.01) * noise + 0.02 * math.sin(t_s / 300)}
        values |= {"import_wh": counters[0], "export_wh": counters[1], "pv_export_wh": counters[2]}
        values |= appliances(hour, pv, battery, charge, lambda width: gauss(0, width) * noise)
        values |= {"house_power_w": house_w, "car_power_w": car, "car_current_a": car / 230, "heat_power_w": heat}
        yield values


def appliances(
    hour: float, pv_w: float, battery_w: float, charge_pct: float, waver: Callable[[float], float]
) -> dict[str, float]:
    """What the inverter, the battery and the heat pump say of themselves."""
    return {
        "pv_power_w": pv_w,
        "pv_voltage_v": 600 + waver(0.3) + 20 * math.sin(hour) if pv_w else 0.0,
        "pv_current_a": pv_w / 620,
        "battery_power_w": battery_w,
        "battery_voltage_v": 51.2 + battery_w / 3000 + charge_pct * 0.02 + waver(0.01),
        "battery_current_a": battery_w / 52,
        "battery_charge_pct": charge_pct,
        "battery_temperature_c": 25 + 3 * math.sin(hour / 4),
        "heat_temperature_c": 45 + 5 * math.sin(hour / 1.5) + waver(0.05),
    }
