"""A meter's values as lines: each quantity over all and by phase. No Kivy here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.errors import N_
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.settings.measurement_data import OneMeter

PHASES = (1, 2, 3)
ROWS = (  # what it is called, over all, by phase, unit, places
    (N_("Power"), "power_w", "power_l{}_w", "W", 0),
    (N_("Voltage"), "voltage_v", "voltage_l{}_v", "V", 1),
    (N_("Current"), "current_a", "current_l{}_a", "A", 2),
    (N_("Power factor"), "power_factor", "power_factor_l{}", "", 2),
    (N_("Frequency"), "frequency_hz", "", "Hz", 2),
)
COUNTERS = ((N_("Energy taken"), "import"), (N_("Energy fed in"), "export"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line; phases that are not measured are a dash, lines without phases have none."""

    title: str
    total: str = ""
    first: str = ""
    second: str = ""
    third: str = ""


def lines(seen: OneMeter, language: str) -> list[Line]:
    """All lines; what is not measured is left out."""
    values = seen.values
    found = [Line("", _("Total"), "L1", "L2", "L3")]
    for title, total, phase, unit, places in ROWS:
        texts = [_text(values, total, unit, places, language)]
        texts += [_text(values, phase.format(n), unit, places, language) for n in PHASES] if phase else []
        if any(text != numbers.DASH for text in texts):
            found.append(Line(_(title), *texts))
    for title, direction in COUNTERS:
        shown = seen.seen.shown.values_wh
        names = [f"{direction}_wh", *(f"{direction}_l{n}_wh" for n in PHASES)]
        if any(name in shown for name in names):
            found.append(Line(_(title), *(_counter(shown.get(name), language) for name in names)))
    return found


def _text(values: Mapping[str, float], name: str, unit: str, places: int, language: str) -> str:
    if name not in values:
        return numbers.DASH
    number = numbers.signed(values[name], places, language)
    return f"{number}{numbers.SPACE}{unit}" if unit else number


def _counter(wh: int | None, language: str) -> str:
    return numbers.DASH if wh is None else f"{numbers.decimal(wh / 1000, 1, language)}{numbers.SPACE}kWh"
