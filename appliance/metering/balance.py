"""The household's balance, from what its meters show: one pure place for it, for power and for energy.

Import from the grid is positive. A roof's meter shows production as export, so
its power is negative there and positive here; a battery's shows charging as
import. The house uses what comes from grid, roof and battery and does not go
into the car. Meters of one role are added. A submeter measures part of the
house, so it counts nothing here. A role nobody measures counts nothing; a meter
without data makes unknown (None) what needs it, and `missing` says which.

Meters are not read at the same instant and not all are exact: where the house
would come out below zero it is zero, and `unexplained` says how far it was off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

NEEDED_FOR: Mapping[str, tuple[str, ...]] = {  # role -> figures that are unknown without it
    "grid": ("grid", "house"),
    "pv": ("pv", "house"),
    "charger": ("car", "house"),
    "battery": ("battery", "house"),
    "submeter": (),
}
SOURCES = ("pv", "battery")  # where there is one, the house feeds the grid, too


@dataclass(frozen=True, slots=True)
class Balance:
    """Power in W; None: not measured or no data. `missing`: roles with a meter that has no data."""

    grid_w: float | None
    pv_w: float | None
    car_w: float | None
    house_w: float | None
    missing: tuple[str, ...]
    battery_w: float | None = None  # charging is positive
    unexplained_w: float = 0.0


@dataclass(frozen=True, slots=True)
class Missing:
    """A meter without data, and the figures nobody knows because of it."""

    meter: str
    role: str
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """What one meter counted in a stretch of time; None: it has no such counter, or nothing was measured."""

    import_wh: int | None
    export_wh: int | None
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Energies:
    """The balance of a stretch of time in Wh, and shares from 0 to 1; None: not measured or no data."""

    grid_import_wh: int | None
    grid_export_wh: int | None
    pv_wh: int | None
    battery_charged_wh: int | None
    battery_given_wh: int | None
    car_wh: int | None
    house_wh: int | None
    unexplained_wh: int
    self_consumption: float | None  # how much of the own production was not fed into the grid
    self_sufficiency: float | None  # how much of what house and car used did not come from the grid
    missing: tuple[str, ...]
    gap: bool


# Power -------------------------------------------------------------------------------------------


def balance(by_role: Mapping[str, Sequence[float | None]]) -> Balance:
    """Balance of `role -> power of each of its meters in W` (import positive, None: no data)."""
    missing = tuple(role for role, powers in by_role.items() if None in powers)
    grid_w, pv_w, car_w, battery_w = (_sum(by_role.get(role, ())) for role in ("grid", "pv", "charger", "battery"))
    house_w, unexplained_w = None, 0.0
    if grid_w is not None and not {"pv", "charger", "battery"} & set(missing):
        rest_w = grid_w - (pv_w or 0.0) - (car_w or 0.0) - (battery_w or 0.0)
        house_w, unexplained_w = max(0.0, rest_w), max(0.0, -rest_w)
    return Balance(
        grid_w=grid_w,
        pv_w=None if pv_w is None else max(0.0, -pv_w),
        car_w=car_w,
        house_w=house_w,
        missing=missing,
        battery_w=battery_w,
        unexplained_w=unexplained_w,
    )


def missing(powers: Iterable[tuple[str, str, float | None]]) -> list[Missing]:
    """The meters without data, of (name, role, power in W) of all."""
    return [Missing(name, role, NEEDED_FOR[role]) for name, role, power_w in powers if power_w is None]


def _sum(powers: Sequence[float | None]) -> float | None:
    """Sum of what is measured; None when there is no meter or one has no data."""
    known = [watts for watts in powers if watts is not None]
    return sum(known) if known and len(known) == len(powers) else None


# Energy ------------------------------------------------------------------------------------------


def energies(by_role: Mapping[str, Sequence[Flow]]) -> Energies:
    """Balance of `role -> what each of its meters counted`."""
    missing = tuple(role for role, flows in by_role.items() if any(_is_silent(flow) for flow in flows))
    feeds = any(by_role.get(role) for role in SOURCES)
    grid_in, grid_out = _both(by_role, "grid", exports=feeds)
    pv_use, pv_out = _both(by_role, "pv", exports=True)
    battery_in, battery_out = _both(by_role, "battery", exports=True)
    car_in, car_out = _both(by_role, "charger", exports=False)
    house_wh, unexplained_wh = None, 0
    nets = [
        _net(grid_in, grid_out),
        _net(pv_out, pv_use) if by_role.get("pv") else 0,
        _net(battery_out, battery_in) if by_role.get("battery") else 0,
        _net(car_out, car_in) if by_role.get("charger") else 0,
    ]
    known = [net for net in nets if net is not None]
    if len(known) == len(nets):
        house_wh, unexplained_wh = max(0, sum(known)), max(0, -sum(known))
    return Energies(
        grid_import_wh=grid_in,
        grid_export_wh=grid_out,
        pv_wh=pv_out,
        battery_charged_wh=battery_in,
        battery_given_wh=battery_out,
        car_wh=_net(car_in, car_out),
        house_wh=house_wh,
        unexplained_wh=unexplained_wh,
        self_consumption=_share(_net(pv_out, grid_out), pv_out),
        self_sufficiency=_self_sufficiency(grid_in, house_wh, car_in or 0),
        missing=missing,
        gap=any(flow.gap for flows in by_role.values() for flow in flows),
    )


def _both(by_role: Mapping[str, Sequence[Flow]], role: str, *, exports: bool) -> tuple[int | None, int | None]:
    """Import and export of a role. A direction its meters do not count is 0 unless the role `exports`."""
    flows = by_role.get(role, ())
    if not flows or any(_is_silent(flow) for flow in flows):
        return None, None
    sent = [flow.export_wh for flow in flows]
    if exports and None in sent:
        return sum(flow.import_wh or 0 for flow in flows), None
    return sum(flow.import_wh or 0 for flow in flows), sum(wh or 0 for wh in sent)


def _is_silent(flow: Flow) -> bool:
    return flow.import_wh is None and flow.export_wh is None


def _net(plus_wh: int | None, minus_wh: int | None) -> int | None:
    return None if plus_wh is None or minus_wh is None else plus_wh - minus_wh


def _share(part_wh: int | None, whole_wh: int | None) -> float | None:
    """A part of a whole, from 0 to 1; None of nothing."""
    return None if part_wh is None or not whole_wh else min(1.0, max(0.0, part_wh / whole_wh))


def _self_sufficiency(grid_in: int | None, house_wh: int | None, car_wh: int) -> float | None:
    if grid_in is None or house_wh is None:
        return None
    used_wh = house_wh + car_wh
    return _share(used_wh - grid_in, used_wh)
