"""Do the phases of one reading fit each other, and the total? What that says about the wiring.

Pure, like `checks`, of which it is a part.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from appliance.errors import N_
from appliance.metering.finding import (
    FLOWING_W,
    MISSING_V,
    PHASES,
    Finding,
    Values,
    finding,
    names,
    short,
    whole,
)

BALANCE_W, BALANCE_SHARE = 10.0, 0.03
FACTOR_OFF = 0.1
APPARENT_OFF = 0.15  # |P| may be so much above U·I: they are read a moment apart
POOR_FACTOR = 0.6


def findings(values: Values, role: str) -> Iterator[Finding]:
    """Everything the phases show."""
    yield from _opposed(values, role)
    yield from _sum(values)
    yield from _factor(values)
    yield from _exchanged(values)


def _opposed(values: Values, role: str) -> Iterator[Finding]:
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
            yield finding(
                "bad", "direction",
                N_("L{phase} flows the other way ({watts} W) than the other phases: its current transformer is"
                   " reversed, or its wires are exchanged."),
                phase=phase, watts=whole(strong[phase]),
            )  # fmt: skip
    else:
        yield finding(
            "look", "direction",
            N_("Power flows in on {into} and out on {out}. That is right where a single-phase inverter feeds in;"
               " otherwise the current transformer of one phase is reversed."),
            into=names(into), out=names(out),
        )  # fmt: skip


def _sum(values: Values) -> Iterator[Finding]:
    """Does the sum of the phases equal the total?"""
    powers = _powers(values)
    if len(powers) != len(PHASES) or "power_w" not in values:
        return
    total, phases = values["power_w"], sum(powers.values())
    allowed = BALANCE_W + BALANCE_SHARE * sum(map(abs, powers.values()))
    if abs(total - phases) <= allowed:
        yield finding("good", "sum", N_("The phases add up to the total: {watts} W."), watts=whole(total))
    elif abs(total + phases) <= allowed:
        yield finding(
            "bad", "sum", N_("The total ({total} W) has the other sign than the phases ({phases} W): check the model."),
            total=whole(total), phases=whole(phases),
        )  # fmt: skip
    else:
        yield finding(
            "look", "sum",
            N_("The phases add up to {phases} W, the total is {total} W: look again when little changes;"
               " if it stays, a phase is not connected or the model is not right."),
            phases=whole(phases), total=whole(total),
        )  # fmt: skip


def _factor(values: Values) -> Iterator[Finding]:
    """Does the power factor match power, voltage and current?"""
    factor, power_w = values.get("power_factor"), values.get("power_w")
    apparent = _apparent_va(values)
    if factor is None or power_w is None or apparent is None or abs(power_w) < FLOWING_W:
        return
    computed = abs(power_w) / apparent if apparent else 0.0
    if abs(computed - abs(factor)) > FACTOR_OFF and len(_powers(values)) != 0 and _one_way(values):
        yield finding(
            "look", "factor",
            N_("The power factor is {factor}, but power, voltage and current give {computed}: look again when little"
               " changes; if it stays, currents and voltages of different phases are paired."),
            factor=f"{abs(factor):.2f}", computed=f"{computed:.2f}",
        )  # fmt: skip


def _exchanged(values: Values) -> Iterator[Finding]:
    """Are L1 to L3 swapped between voltages and currents? Then a phase's power does not fit its current.

    A current paired with the voltage of another phase is 120 degrees off: of a heater's power half is seen, reversed.
    """
    shares = {phase: share for phase in PHASES if (share := _share(values, phase)) is not None}
    half = [phase for phase, share in shares.items() if -0.7 < share < -0.3]
    if len(half) > 1:
        yield finding(
            "bad", "phases",
            N_("{phases} show half of what their currents could carry, and backwards: their current transformers are"
               " swapped among each other, or their voltages are."), phases=names(half),
        )  # fmt: skip
    for phase, share in shares.items():
        shown = {
            "phase": phase, "watts": whole(values[f"power_l{phase}_w"]),
            "volts": short(values[f"voltage_l{phase}_v"]), "amperes": short(values[f"current_l{phase}_a"]),
        }  # fmt: skip
        if abs(share) > 1 + APPARENT_OFF:
            yield finding(
                "bad", "phases",
                N_("L{phase} shows {watts} W, more than its {volts} V and {amperes} A can give: the ratio of its"
                   " current transformer, or the model, is not right."), **shown,
            )  # fmt: skip
        elif abs(share) < POOR_FACTOR and len(half) < 2:
            yield finding(
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
