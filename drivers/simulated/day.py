"""A plausible day: what sun, clouds and the people of a household do at any moment.

Base load with a fridge, light in the evening, cooking with thermostats that
click; a roof of 7.5 kWp under a real sun and passing clouds. Everything is a
pure function of seed and time (Unix seconds), so it can be asked in any order.
"""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from functools import lru_cache

LATITUDE, LONGITUDE = math.radians(50.0), 10.0  # the middle of Germany
LOCAL_S = 3600  # its clocks, without summer time
ROOF_W = 7500.0
FRIDGE_W, FRIDGE_CYCLE_S, FRIDGE_SHARE = 95.0, 2700, 0.4
MEALS = ((7.0, 0.3, 1200.0), (12.2, 0.7, 2400.0), (18.4, 0.9, 2800.0))  # begin (h), length (h), hob (W)


@lru_cache(maxsize=4096)
def _dice(seed: int, name: str, number: int) -> float:
    """A number in 0..1 that is always the same for the same arguments."""
    return random.Random(f"{seed}/{name}/{number}").random()  # noqa: S311 - weather, not secrets


def noise(seed: int, name: str, t_s: float, period_s: float) -> float:
    """A smooth value in 0..1 that wanders with `period_s`."""
    at = t_s / period_s
    number = math.floor(at)
    blend = (1 - math.cos(math.pi * (at - number))) / 2
    return _dice(seed, name, number) * (1 - blend) + _dice(seed, name, number + 1) * blend


def sun(t_s: float) -> float:
    """Sine of the sun's height; 0 at night."""
    day = datetime.fromtimestamp(t_s, UTC).timetuple().tm_yday
    declination = math.radians(-23.44) * math.cos(2 * math.pi * (day + 10) / 365)
    solar_h = (t_s % 86400) / 3600 + LONGITUDE / 15
    angle = math.radians(15 * (solar_h - 12))
    height = math.sin(LATITUDE) * math.sin(declination) + math.cos(LATITUDE) * math.cos(declination) * math.cos(angle)
    return max(0.0, height)


def roof_w(seed: int, t_s: float, sky: float | None = None) -> float:
    """Production of the roof. `sky` from 0 (black) to 1 (blue) overrides the weather."""
    height = sun(t_s)
    if not height:
        return 0.0
    weather = 0.55 * noise(seed, "weather", t_s, 14400) + 0.45 * noise(seed, "cloud", t_s, 420)
    return float(ROOF_W * math.pow(height, 1.15) * (0.25 + 0.75 * weather if sky is None else sky))


def house_w(seed: int, t_s: float) -> float:
    """What the household uses, without the car."""
    hour = (t_s + LOCAL_S) % 86400 / 3600
    standby = 165 + 40 * noise(seed, "standby", t_s, 600)
    fridge = FRIDGE_W if (t_s / FRIDGE_CYCLE_S + _dice(seed, "fridge", 0)) % 1 < FRIDGE_SHARE else 0.0
    light = 180 * noise(seed, "light", t_s, 1800) if 17 <= hour < 23 else 0.0
    return standby + fridge + light + _hob_w(seed, t_s, hour)


def _hob_w(seed: int, t_s: float, hour: float) -> float:
    """Cooking in the morning, at noon and in the evening, not every day at the same minute."""
    day = int((t_s + LOCAL_S) // 86400)
    for begin, length, power in MEALS:
        since = hour - begin - 0.3 * _dice(seed, f"meal {begin}", day)
        if 0 <= since < length:
            return power if noise(seed, "thermostat", t_s, 25) > 0.4 else 0.0
    return 0.0
