"""Is the meter wired and set up right? What its values say about that, in sentences.

Pure: one reading, the meter's role and the roles of all meters of the house go
in, findings come out. A finding is said only when the values show it; a house
in which little flows shows little, and then that is said, too. Power is
positive from the grid or into the car.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from appliance.errors import N_
from appliance.metering.balance import SOURCES

Values = Mapping[str, float]
PHASES = (1, 2, 3)
NOMINAL_V, NOMINAL_HZ = 230.0, 50.0
VOLTAGE_V = (0.9 * NOMINAL_V, 1.1 * NOMINAL_V)  # EN 50160: 95 % of all ten-minute means
FREQUENCY_HZ = (49.5, 50.5)  # EN 50160: 99.5 % of a year is within 1 %
MISSING_V = 30.0  # an open phase shows what couples in from the others
FLOWING_W = 60.0  # below this, signs and factors are mostly noise
BALANCE_W, BALANCE_SHARE = 10.0, 0.03
FACTOR_OFF = 0.1
APPARENT_OFF = 0.15  # |P| may be so much above U·I: they are read a moment apart
POOR_FACTOR = 0.6


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the values show."""

    severity: str  # 'good', 'look' or 'bad'
    about: str  # a short key: what was checked
    message: str  # English with {placeholders}
    values: Mapping[str, object]

    @property
    def sentence(self) -> str:
        """The English sentence."""
        return self.message.format(**self.values)


def findings(values: Values, role: str, house: Collection[str] = ()) -> list[Finding]:
    """Everything one reading shows, the worst first; `house`: the roles of all meters there are."""
    found = [
        finding
        for look in (_voltages, _frequency, _phases_power, _sum, _factor, _exchanged, _counters)
        for finding in look(values, role)
    ]
    found += _direction(values, role, feeds=any(source in house for source in SOURCES))
    return sorted(found, key=lambda finding: ("bad", "look", "good").index(finding.severity))


def _finding(severity: str, about: str, message: str, **values: object) -> Finding:
    return Finding(severity, about, message, values)


def _voltages(values: Values, _role: str) -> Iterator[Finding]:
    """Is a phase missing? Is the voltage in range?"""
    known = {phase: values[f"voltage_l{phase}_v"] for phase in PHASES if f"voltage_l{phase}_v" in values}
    missing = [phase for phase, volts in known.items() if volts < MISSING_V]
    for phase in missing:
        yield _finding(
            "bad", "voltage",
            N_("L{phase} has no voltage ({volts} V): check its wire and fuse; a single-phase meter uses L1 only."),
            phase=phase, volts=_short(known[phase]),
        )  # fmt: skip
    out = {phase: volts for phase, volts in known.items() if phase not in missing and not _in(volts, VOLTAGE_V)}
    for phase, volts in out.items():
        yield _finding(
            "look", "voltage",
            N_("L{phase} has {volts} V, outside {low} to {high} V: check the neutral wire and the meter's settings."),
            phase=phase, volts=_short(volts), low=_short(VOLTAGE_V[0]), high=_short(VOLTAGE_V[1]),
        )  # fmt: skip
    if known and not missing and not out:
        yield _finding(
            "good", "voltage", N_("The voltage is in range: {volts} V."),
            volts=", ".join(_short(volts) for volts in known.values()),
        )  # fmt: skip


def _frequency(values: Values, _role: str) -> Iterator[Finding]:
    if (hertz := values.get("frequency_hz")) is None:
        return
    if _in(hertz, FREQUENCY_HZ) or _in(hertz, (59.3, 60.7)):
        yield _finding("good", "frequency", N_("The frequency is in range: {hertz} Hz."), hertz=f"{hertz:.2f}")
    else:
        yield _finding(
            "look", "frequency",
            N_("The frequency is {hertz} Hz, which no grid has: check that the model is right."), hertz=f"{hertz:.2f}",
        )  # fmt: skip


def _phases_power(values: Values, role: str) -> Iterator[Finding]:
    """Is the current transformer of one phase reversed? Then that phase flows against the others."""
    powers = _powers(values)
    if len(powers) < 2 or role not in ("charger", "pv", "submeter", "grid"):
        return
    strong = {phase: watts for phase, watts in powers.items() if abs(watts) >= FLOWING_W}
    into, out = [p for p, watts in strong.items() if watts > 0], [p for p, watts in strong.items() if watts < 0]
    if not into or not out:
        return
    if role in ("charger", "pv"):
        odd = into if role == "pv" else out
        for phase in odd:
            yield _finding(
                "bad", "direction",
                N_("L{phase} flows the other way ({watts} W) than the other phases: its current transformer is"
                   " reversed, or its wires are exchanged."),
                phase=phase, watts=_whole(strong[phase]),
            )  # fmt: skip
    else:
        yield _finding(
            "look", "direction",
            N_("Power flows in on {into} and out on {out}. That is right where a single-phase inverter feeds in;"
               " otherwise the current transformer of one phase is reversed."),
            into=_names(into), out=_names(out),
        )  # fmt: skip


def _sum(values: Values, _role: str) -> Iterator[Finding]:
    """Does the sum of the phases equal the total?"""
    powers = _powers(values)
    if len(powers) != len(PHASES) or "power_w" not in values:
        return
    total, phases = values["power_w"], sum(powers.values())
    allowed = BALANCE_W + BALANCE_SHARE * sum(map(abs, powers.values()))
    if abs(total - phases) <= allowed:
        yield _finding("good", "sum", N_("The phases add up to the total: {watts} W."), watts=_whole(total))
    elif abs(total + phases) <= allowed:
        yield _finding(
            "bad", "sum", N_("The total ({total} W) has the other sign than the phases ({phases} W): check the model."),
            total=_whole(total), phases=_whole(phases),
        )  # fmt: skip
    else:
        yield _finding(
            "look", "sum",
            N_("The phases add up to {phases} W, the total is {total} W: look again when little changes;"
               " if it stays, a phase is not connected or the model is not right."),
            phases=_whole(phases), total=_whole(total),
        )  # fmt: skip


def _factor(values: Values, _role: str) -> Iterator[Finding]:
    """Does the power factor match power, voltage and current?"""
    factor, power_w = values.get("power_factor"), values.get("power_w")
    apparent = _apparent_va(values)
    if factor is None or power_w is None or apparent is None or abs(power_w) < FLOWING_W:
        return
    computed = abs(power_w) / apparent if apparent else 0.0
    if abs(computed - abs(factor)) > FACTOR_OFF and len(_powers(values)) != 0 and _one_way(values):
        yield _finding(
            "look", "factor",
            N_("The power factor is {factor}, but power, voltage and current give {computed}: look again when little"
               " changes; if it stays, currents and voltages of different phases are paired."),
            factor=f"{abs(factor):.2f}", computed=f"{computed:.2f}",
        )  # fmt: skip


def _direction(values: Values, role: str, *, feeds: bool) -> Iterator[Finding]:
    """Does the sign of the power fit the role? `feeds`: the house has something that feeds the grid."""
    if (power_w := values.get("power_w")) is None:
        yield _finding("look", "power", N_("The meter shows no total power: check that the model is right."))
        return
    if abs(power_w) < FLOWING_W:
        yield _finding(
            "look", "power", N_("Only {watts} W flow now: switch something on to see whether the direction is right."),
            watts=_whole(power_w),
        )  # fmt: skip
    elif role == "pv" and power_w > 0:
        yield _finding(
            "bad", "power",
            N_("The PV meter shows {watts} W taken from the grid. When the sun shines, its current transformers or"
               " its direction are reversed; at night an inverter takes a few watts only."), watts=_whole(power_w),
        )  # fmt: skip
    elif role == "charger" and power_w < 0:
        yield _finding(
            "bad", "power",
            N_("The charger's meter shows {watts} W coming out of the car: its current transformers or its direction"
               " are reversed."), watts=_whole(power_w),
        )  # fmt: skip
    elif role == "grid" and power_w < 0 and feeds:
        yield _finding(
            "good", "power", N_("{watts} W are fed into the grid now, as PV or a battery can."), watts=_whole(-power_w)
        )
    elif role == "grid" and power_w < 0:
        yield _finding(
            "look", "power",
            N_("{watts} W are fed into the grid now. Without PV or battery that cannot be: then the current"
               " transformers or the direction are reversed."), watts=_whole(-power_w),
        )  # fmt: skip
    elif role == "submeter" and power_w < 0:
        yield _finding(
            "look", "power", N_("The submeter shows {watts} W flowing back. Only something that produces does that."),
            watts=_whole(-power_w),
        )  # fmt: skip
    else:
        yield _finding("good", "power", N_("The direction fits the role: {watts} W."), watts=_whole(power_w))


def _exchanged(values: Values, _role: str) -> Iterator[Finding]:
    """Are L1 to L3 swapped between voltages and currents? Then a phase's power does not fit its current.

    A current paired with the voltage of another phase is 120 degrees off: of a heater's power half is seen, reversed.
    """
    shares = {phase: share for phase in PHASES if (share := _share(values, phase)) is not None}
    half = [phase for phase, share in shares.items() if -0.7 < share < -0.3]
    if len(half) > 1:
        yield _finding(
            "bad", "phases",
            N_("{phases} show half of what their currents could carry, and backwards: their current transformers are"
               " swapped among each other, or their voltages are."), phases=_names(half),
        )  # fmt: skip
    for phase, share in shares.items():
        shown = {
            "phase": phase, "watts": _whole(values[f"power_l{phase}_w"]),
            "volts": _short(values[f"voltage_l{phase}_v"]), "amperes": _short(values[f"current_l{phase}_a"]),
        }  # fmt: skip
        if abs(share) > 1 + APPARENT_OFF:
            yield _finding(
                "bad", "phases",
                N_("L{phase} shows {watts} W, more than its {volts} V and {amperes} A can give: the ratio of its"
                   " current transformer, or the model, is not right."), **shown,
            )  # fmt: skip
        elif abs(share) < POOR_FACTOR and len(half) < 2:
            yield _finding(
                "look", "phases",
                N_("L{phase} carries {amperes} A, but only {watts} W: either a motor or a power supply with a poor"
                   " power factor runs there, or current and voltage of different phases (L1–L3) are swapped."),
                **shown,
            )  # fmt: skip


def _share(values: Values, phase: int) -> float | None:
    """How much of what voltage and current could carry is exchanged; None where too little flows to tell."""
    watts = values.get(f"power_l{phase}_w")
    volts, amperes = values.get(f"voltage_l{phase}_v"), values.get(f"current_l{phase}_a")
    if watts is None or volts is None or amperes is None or volts < MISSING_V:
        return None
    apparent = volts * abs(amperes)
    if apparent < 4 * FLOWING_W and abs(watts) < 4 * FLOWING_W:
        return None
    return watts / max(apparent, FLOWING_W)


def _counters(values: Values, role: str) -> Iterator[Finding]:
    """Do the counters show that energy has mostly gone the wrong way?"""
    bought, sold = values.get("import_wh"), values.get("export_wh")
    if bought is None and sold is None:
        yield _finding("look", "counters", N_("The meter shows no energy counter: there will be no history."))
    elif role == "pv" and bought is not None and sold is not None and bought > max(1000.0, sold):
        yield _finding(
            "bad", "counters",
            N_("The PV meter has counted {bought} kWh taken and only {sold} kWh delivered: its direction is reversed."),
            bought=_kwh(bought), sold=_kwh(sold),
        )  # fmt: skip
    elif role == "charger" and sold is not None and sold > max(1000.0, bought or 0.0):
        yield _finding(
            "bad", "counters",
            N_("The charger's meter has counted {sold} kWh coming out of cars and only {bought} kWh going in:"
               " its direction is reversed."),
            bought=_kwh(bought or 0.0), sold=_kwh(sold),
        )  # fmt: skip


def _powers(values: Values) -> dict[int, float]:
    return {phase: values[f"power_l{phase}_w"] for phase in PHASES if f"power_l{phase}_w" in values}


def _one_way(values: Values) -> bool:
    """Tell whether all phases flow in one direction: only then their sum has a power factor of its own."""
    strong = [watts for watts in _powers(values).values() if abs(watts) >= FLOWING_W]
    return all((one > 0) == (other > 0) for one, other in pairwise(strong))


def _apparent_va(values: Values) -> float | None:
    pairs = [(values.get(f"voltage_l{phase}_v"), values.get(f"current_l{phase}_a")) for phase in PHASES]
    known = [volts * abs(amperes) for volts, amperes in pairs if volts is not None and amperes is not None]
    return sum(known) if known else None


def _in(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _names(phases: list[int]) -> str:
    return ", ".join(f"L{phase}" for phase in phases)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _whole(watts: float) -> str:
    return f"{watts:.0f}"


def _kwh(wh: float) -> str:
    return f"{wh / 1000:.0f}"
