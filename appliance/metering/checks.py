"""Is the meter wired and set up right? What its values say about that, in sentences.

Pure: one reading, the meter's role and the roles of all meters of the house go
in, findings come out. A finding is said only when the values show it; a house
in which little flows shows little, and then that is said, too. Power is
positive from the grid or into the car.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from appliance.errors import N_
from appliance.metering import phases
from appliance.metering.balance import SOURCES
from appliance.metering.finding import FLOWING_W, MISSING_V, PHASES, Finding, Values, finding, short, whole

__all__ = ["Finding", "findings"]

NOMINAL_V = 230.0
VOLTAGE_V = (0.9 * NOMINAL_V, 1.1 * NOMINAL_V)  # EN 50160: 95 % of all ten-minute means
FREQUENCY_HZ = (49.5, 50.5)  # EN 50160: 99.5 % of a year is within 1 %


def findings(values: Values, role: str, house: Collection[str] = ()) -> list[Finding]:
    """Everything one reading shows, the worst first; `house`: the roles of all meters there are."""
    feeds = any(source in house for source in SOURCES)
    found = [
        *_voltages(values),
        *_frequency(values),
        *phases.findings(values, role),
        *_direction(values, role, feeds=feeds),
        *_counters(values, role),
    ]
    return sorted(found, key=lambda one: ("bad", "look", "good").index(one.severity))


def _voltages(values: Values) -> Iterator[Finding]:
    """Is a phase missing? Is the voltage in range?"""
    known = {phase: values[f"voltage_l{phase}_v"] for phase in PHASES if f"voltage_l{phase}_v" in values}
    missing = [phase for phase, volts in known.items() if volts < MISSING_V]
    for phase in missing:
        yield finding(
            "bad", "voltage",
            N_("L{phase} has no voltage ({volts} V): check its wire and fuse; a single-phase meter uses L1 only."),
            phase=phase, volts=short(known[phase]),
        )  # fmt: skip
    out = {phase: volts for phase, volts in known.items() if phase not in missing and not _in(volts, VOLTAGE_V)}
    for phase, volts in out.items():
        yield finding(
            "look", "voltage",
            N_("L{phase} has {volts} V, outside {low} to {high} V: check the neutral wire and the meter's settings."),
            phase=phase, volts=short(volts), low=short(VOLTAGE_V[0]), high=short(VOLTAGE_V[1]),
        )  # fmt: skip
    if known and not missing and not out:
        yield finding(
            "good", "voltage", N_("The voltage is in range: {volts} V."),
            volts=", ".join(short(volts) for volts in known.values()),
        )  # fmt: skip


def _frequency(values: Values) -> Iterator[Finding]:
    if (hertz := values.get("frequency_hz")) is None:
        return
    if _in(hertz, FREQUENCY_HZ) or _in(hertz, (59.3, 60.7)):
        yield finding("good", "frequency", N_("The frequency is in range: {hertz} Hz."), hertz=f"{hertz:.2f}")
    else:
        yield finding(
            "look", "frequency",
            N_("The frequency is {hertz} Hz, which no grid has: check that the model is right."), hertz=f"{hertz:.2f}",
        )  # fmt: skip


def _direction(values: Values, role: str, *, feeds: bool) -> Iterator[Finding]:
    """Does the sign of the power fit the role? `feeds`: the house has something that feeds the grid."""
    if (power_w := values.get("power_w")) is None:
        yield finding("look", "power", N_("The meter shows no total power: check that the model is right."))
        return
    if abs(power_w) < FLOWING_W:
        yield finding(
            "look", "power", N_("Only {watts} W flow now: switch something on to see whether the direction is right."),
            watts=whole(power_w),
        )  # fmt: skip
    elif role == "pv" and power_w > 0:
        yield finding(
            "bad", "power",
            N_("The PV meter shows {watts} W taken from the grid. When the sun shines, its current transformers or"
               " its direction are reversed; at night an inverter takes a few watts only."), watts=whole(power_w),
        )  # fmt: skip
    elif role == "charger" and power_w < 0:
        yield finding(
            "bad", "power",
            N_("The charger's meter shows {watts} W coming out of the car: its current transformers or its direction"
               " are reversed."), watts=whole(power_w),
        )  # fmt: skip
    elif role == "grid" and power_w < 0 and feeds:
        yield finding(
            "good", "power", N_("{watts} W are fed into the grid now, as PV or a battery can."), watts=whole(-power_w)
        )
    elif role == "grid" and power_w < 0:
        yield finding(
            "look", "power",
            N_("{watts} W are fed into the grid now. Without PV or battery that cannot be: then the current"
               " transformers or the direction are reversed."), watts=whole(-power_w),
        )  # fmt: skip
    elif role == "submeter" and power_w < 0:
        yield finding(
            "look", "power", N_("The submeter shows {watts} W flowing back. Only something that produces does that."),
            watts=whole(-power_w),
        )  # fmt: skip
    else:
        yield finding("good", "power", N_("The direction fits the role: {watts} W."), watts=whole(power_w))


def _counters(values: Values, role: str) -> Iterator[Finding]:
    """Do the counters show that energy has mostly gone the wrong way?"""
    bought, sold = values.get("import_wh"), values.get("export_wh")
    if bought is None and sold is None:
        yield finding("look", "counters", N_("The meter shows no energy counter: there will be no history."))
    elif role == "pv" and bought is not None and sold is not None and bought > max(1000.0, sold):
        yield finding(
            "bad", "counters",
            N_("The PV meter has counted {bought} kWh taken and only {sold} kWh delivered: its direction is reversed."),
            bought=_kwh(bought), sold=_kwh(sold),
        )  # fmt: skip
    elif role == "charger" and sold is not None and sold > max(1000.0, bought or 0.0):
        yield finding(
            "bad", "counters",
            N_("The charger's meter has counted {sold} kWh coming out of cars and only {bought} kWh going in:"
               " its direction is reversed."),
            bought=_kwh(bought or 0.0), sold=_kwh(sold),
        )  # fmt: skip


def _in(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _kwh(wh: float) -> str:
    return f"{wh / 1000:.0f}"
