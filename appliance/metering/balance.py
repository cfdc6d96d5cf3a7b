"""The household's balance, from what its meters show: one pure place for it.

Import from the grid is positive. A roof's meter shows production as export, so
its power is negative there and positive here. The house uses what comes from
grid and roof and does not go into the car. What cannot be computed is None,
with the roles whose values are missing; a role nobody measures counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """Power in W; None: not measured or no data. `missing`: roles with a meter that has no data."""

    grid_w: float | None
    pv_w: float | None
    car_w: float | None
    house_w: float | None
    missing: tuple[str, ...]


def balance(by_role: Mapping[str, Sequence[float | None]]) -> Balance:
    """Balance of `role -> power of each of its meters in W` (import positive, None: no data)."""
    missing = tuple(role for role, powers in by_role.items() if None in powers)
    grid_w, pv_w, car_w, battery_w = (_sum(by_role.get(role, ())) for role in ("grid", "pv", "charger", "battery"))
    house_w = None
    if grid_w is not None and not {"pv", "charger", "battery"} & set(missing):
        house_w = max(0.0, grid_w - (pv_w or 0.0) - (car_w or 0.0) - (battery_w or 0.0))
    return Balance(
        grid_w=grid_w,
        pv_w=None if pv_w is None else max(0.0, -pv_w),
        car_w=car_w,
        house_w=house_w,
        missing=missing,
    )


def _sum(powers: Sequence[float | None]) -> float | None:
    """Sum of what is measured; None when there is no meter or one has no data."""
    known = [watts for watts in powers if watts is not None]
    return sum(known) if known and len(known) == len(powers) else None
