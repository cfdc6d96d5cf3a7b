"""The picture of what flows: who stands where, which way drops run, what the house's power is made of."""

from __future__ import annotations

import pytest

from appliance.metering.balance import Balance
from ui.admin import flow

ALL = ("grid", "pv", "charger", "battery")


def now(
    grid_w: float | None, pv_w: float | None = None, car_w: float | None = None, battery_w: float | None = None
) -> Balance:
    house_w = None if grid_w is None else max(0.0, grid_w + (pv_w or 0) - (car_w or 0) - (battery_w or 0))
    return Balance(grid_w, pv_w, car_w, house_w, (), battery_w)


@pytest.mark.parametrize(
    ("roles", "left", "right"),
    [
        ((), [], []),
        (("grid",), ["grid"], []),
        (("grid", "charger"), ["grid"], ["car"]),
        (ALL, ["pv", "grid"], ["car", "battery"]),
        (("submeter", "pv"), ["pv"], []),
    ],
)
def test_only_what_has_a_meter_has_a_place(roles: tuple[str, ...], left: list[str], right: list[str]) -> None:
    assert flow.keys(roles) == (left, right)


@pytest.mark.parametrize(
    ("balance", "ways"),
    [
        (now(3000.0, 0.0, 0.0, 0.0), {"grid": "right", "pv": "still", "car": "still", "battery": "still"}),
        (now(-3000.0, 5000.0, 0.0, 500.0), {"grid": "left", "pv": "right", "car": "still", "battery": "right"}),
        (now(100.0, 0.0, 7200.0, -7400.0), {"grid": "right", "pv": "still", "car": "right", "battery": "left"}),
        (now(None, None, None, None), {"grid": "still", "pv": "still", "car": "still", "battery": "still"}),
        (now(19.0, 0.0, -4000.0, 0.0), {"grid": "still", "pv": "still", "car": "left", "battery": "still"}),
    ],
)
def test_drops_run_the_way_the_power_flows(balance: Balance, ways: dict[str, str]) -> None:
    assert {wire.key: wire.way for wire in flow.wires(balance, ALL)} == ways


@pytest.mark.parametrize(("watts", "pace"), [(0, 0), (25, 1), (600, 2), (2000, 3), (11_000, 4)])
def test_more_power_runs_quicker(watts: float, pace: int) -> None:
    (wire,) = flow.wires(now(watts), ("grid",))
    assert wire.pace == pace


def test_the_ring_tells_what_is_used_not_what_is_fed_in_or_stored() -> None:
    found = flow.ring(now(-2000.0, 5000.0, 0.0, 1000.0))
    assert [(part.key, part.begin, part.length) for part in found] == [("pv", 0.0, 100.0)]
    parts = flow.ring(now(1000.0, 2000.0, 0.0, -1000.0))
    assert [(part.key, part.begin, part.length) for part in parts] == [
        ("pv", 0.0, 50.0), ("battery", 50.0, 25.0), ("grid", 75.0, 25.0),
    ]  # fmt: skip


@pytest.mark.parametrize("balance", [now(None), now(0.0), Balance(500.0, None, None, None, ("pv",))])
def test_without_knowing_or_using_anything_the_ring_is_empty(balance: Balance) -> None:
    assert flow.ring(balance) == []
