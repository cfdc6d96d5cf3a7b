"""How finely each quantity is kept: a whole number of steps, by its unit.

What a meter says is rounded to its step once, when its second is packed; from
then on nothing is lost. The steps are below what meters of a house resolve.
"""

from __future__ import annotations

# Unit, as it ends a quantity's name -> decimals that are kept: 1 is a step of 0.1.
DECIMALS = {
    "w": 1,
    "va": 1,
    "var": 1,
    "v": 1,
    "a": 2,
    "hz": 2,
    "wh": 0,
    "vah": 0,
    "varh": 0,
    "pct": 1,
    "c": 1,
}
NO_UNIT = 3  # power factors, and whatever comes later
MOST_STEPS = 2**53  # beyond it is no value of a house


def decimals(quantity: str) -> int:
    """How many decimals of a quantity are kept."""
    return DECIMALS.get(quantity.rpartition("_")[2], NO_UNIT)


def is_counter(quantity: str) -> bool:
    """Tell whether it is an absolute counter, of which a mean says nothing."""
    return quantity.endswith("h") and quantity.rpartition("_")[2] in DECIMALS


def steps(value: float, kept_decimals: int) -> int:
    """A value as a whole number of steps."""
    return int(max(-MOST_STEPS, min(MOST_STEPS, round(value * 10**kept_decimals))))
