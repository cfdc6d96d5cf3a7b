"""The picture of what flows now: sources at the left, the house in the middle, users at the right.

Pure: it says what the page and its script show. A battery stands right, because
it takes as often as it gives. Only what has a meter has a place.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from appliance.metering.balance import Balance

IDLE_W = 20.0  # below this nothing flows worth naming
PACES_W = (500.0, 2000.0, 6000.0)  # a flow this strong runs a step quicker
SIDES = {"pv": "left", "grid": "left", "car": "right", "battery": "right"}
ROLES = {"pv": "pv", "grid": "grid", "charger": "car", "battery": "battery"}


@dataclass(frozen=True, slots=True)
class Wire:
    """The line between a node and the house: `way` is where drops on it run, as the page lies."""

    key: str
    way: str  # right, left, still
    pace: int  # 0 (still) to 4


@dataclass(frozen=True, slots=True)
class Ring:
    """A part of the ring around the house, in hundredths of it."""

    key: str
    begin: float
    length: float


def keys(roles: Collection[str]) -> tuple[list[str], list[str]]:
    """What stands left and right of the house."""
    known = [ROLES[role] for role in ("pv", "grid", "charger", "battery") if role in roles]
    return [key for key in known if SIDES[key] == "left"], [key for key in known if SIDES[key] == "right"]


def into_house_w(now: Balance, key: str) -> float | None:
    """What flows from a node into the house; negative: out of it."""
    found = {"pv": now.pv_w, "grid": now.grid_w, "car": now.car_w, "battery": now.battery_w}[key]
    if found is None:
        return None
    return found if SIDES[key] == "left" else -found


def wires(now: Balance, roles: Collection[str]) -> list[Wire]:
    """How each line moves."""
    left, right = keys(roles)
    return [_wire(key, into_house_w(now, key)) for key in (*left, *right)]


def _wire(key: str, watts: float | None) -> Wire:
    if watts is None or abs(watts) < IDLE_W:
        return Wire(key, "still", 0)
    way = "right" if (watts > 0) == (SIDES[key] == "left") else "left"
    return Wire(key, way, 1 + sum(abs(watts) >= limit for limit in PACES_W))


def ring(now: Balance) -> list[Ring]:
    """What all that is used now is made of; empty while something is not known or nothing is used."""
    if now.grid_w is None or now.house_w is None:
        return []
    battery_w = now.battery_w or 0.0
    gone_w = max(0.0, -now.grid_w) + max(0.0, battery_w)  # fed in and stored comes off the roof first
    parts = (
        ("pv", max(0.0, (now.pv_w or 0.0) - gone_w)),
        ("battery", max(0.0, -battery_w)),
        ("grid", max(0.0, now.grid_w)),
    )
    whole = sum(watts for _key, watts in parts)
    found, begin = [], 0.0
    for key, watts in parts:
        if watts > 0:
            length = 100 * watts / whole
            found.append(Ring(key, round(begin, 2), round(length, 2)))
            begin += length
    return found
