"""Tell values that only another model's registers can give from those of the meter meant.

A meter of another model answers, too. Its numbers, read with the wrong map,
give impossible voltages or frequencies; then nothing of the reading is used.
A map that has neither says so; of it, only what is impossible is refused.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

PROOFS = ("voltage_l1_v", "frequency_hz")  # what only the right map shows as that of a house
VOLTAGE_V = (80.0, 300.0)  # phase to neutral anywhere in the world, with sags
LINE_V = 550.0  # phase to phase: 300 * sqrt(3) = 520
FREQUENCY_HZ = (40.0, 70.0)
POWER_W = 1e6  # more than any house is connected for
CURRENT_A = 1e5
ENERGY_WH = 1e12  # a thousand GWh: no counter got there
TINY = 1e-30  # nobody measures that little: integers, or floats with their words turned round, read as floats


def is_empty(values: Mapping[str, float], quantities: Collection[str] = PROOFS) -> bool:
    """Tell whether nothing in `values` could show that the model, which has `quantities`, is right."""
    proofs = [quantity for quantity in PROOFS if quantity in quantities]
    return not any(quantity in values for quantity in proofs or quantities)


def first_impossible(values: Mapping[str, float]) -> str | None:
    """The first quantity that no household's meter can show."""
    for quantity, value in values.items():
        low, high = _bounds(quantity)
        if not low <= value <= high or 0 < abs(value) < TINY:  # not a number is in no bounds
            return quantity
    return None


def _bounds(quantity: str) -> tuple[float, float]:
    """What a household's meter can show. Only L1 must be connected."""
    if quantity == "voltage_l1_v":
        return VOLTAGE_V
    if quantity.startswith("voltage"):
        return 0.0, VOLTAGE_V[1] if quantity.count("_l") == 1 else LINE_V
    if quantity == "frequency_hz":
        return FREQUENCY_HZ
    if quantity.endswith("_wh"):
        return 0.0, ENERGY_WH
    if quantity.startswith("current"):
        return -CURRENT_A, CURRENT_A
    if quantity.startswith("power_factor"):
        return -math.inf, math.inf
    return -POWER_W, POWER_W
