"""What the meters of these tests show."""

from __future__ import annotations

import pytest

from drivers.modbus import registers
from drivers.modbus.codec import FLOATS

VALUES = {
    "power_w": -1250.5,
    "power_l1_w": -2000.0,
    "power_l2_w": 400.5,
    "power_l3_w": 349.0,
    "voltage_l1_v": 230.25,
    "voltage_l2_v": 231.5,
    "voltage_l3_v": 229.75,
    "voltage_l1_l2_v": 400.0,
    "voltage_l2_l3_v": 399.5,
    "voltage_l3_l1_v": 398.25,
    "current_l1_a": 8.75,
    "current_l2_a": 1.75,
    "current_l3_a": 1.5,
    "power_factor": -0.875,
    "power_factor_l1": -0.99,
    "power_factor_l2": 0.98,
    "power_factor_l3": 0.97,
    "apparent_va": 1429.0,
    "apparent_l1_va": 2020.0,
    "apparent_l2_va": 409.0,
    "apparent_l3_va": 360.0,
    "reactive_var": -692.0,
    "reactive_l1_var": -283.0,
    "reactive_l2_var": 83.0,
    "reactive_l3_var": -87.0,
    "frequency_hz": 50.0,
    "import_wh": 12_345_500.0,
    "export_wh": 2_000_000.0,
    "import_l1_wh": 4_000_000.0,
    "import_l2_wh": 5_000_000.0,
    "import_l3_wh": 3_345_500.0,
    "export_l1_wh": 1_000_000.0,
    "export_l2_wh": 500_000.0,
    "export_l3_wh": 500_000.0,
}

UNSIGNED = ("u16", "u32", "u64", "t5")


def shown(model: str, **changes: float) -> dict[str, float]:
    """What a meter of this model shows: its quantities, one phase where it has one, no sign where it cannot."""
    of = registers.load(model)
    values = {quantity: VALUES[quantity] for quantity in of.model.quantities} | changes
    by_start = {point.address: point.quantity for point in of.points if not point.plus and not point.again}
    for point in of.points:
        if point.type in UNSIGNED and point.minus is None:
            values[point.quantity] = abs(values[point.quantity])
    for point in of.points:
        if set(point.plus) & set(by_start):
            values[point.quantity] = sum(values[by_start[start]] for start in point.starts)
        if point.again:
            values[point.quantity] = values[by_start[point.address]]
    return values


def near(model: str, **changes: float) -> dict[str, object]:
    """The same, as near as the registers can hold it: half a step of an integer, seven digits of a float."""
    steps = {
        point.quantity: 0.0 if point.type in FLOATS else abs(point.scale) for point in registers.load(model).points
    }
    return {
        quantity: pytest.approx(value, rel=1e-6, abs=0.5001 * steps[quantity])
        for quantity, value in shown(model, **changes).items()
    }
