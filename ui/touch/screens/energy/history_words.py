"""A period as the history page draws it: curves or bars with their colours, figures in words. No Kivy windows here.

Where there is a roof or a battery, bars show where the energy came from, and
what was fed in below zero; elsewhere, who used it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.billing import lookback
from appliance.billing.lookback import used_wh as used_wh
from appliance.metering.balance import Balance, Energies
from ui.text import numbers, spans
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.energy.history_data import History
from ui.touch.widgets.bars import Bar, Heights

Key = tuple[theme.Colour, str]  # colour and what it means
ROOMY = 20  # with larger letters a change has no room beside its name; the table of figures has it
TICK_DAYS = (1, 5, 10, 15, 20, 25, 30)  # below the bars of a month


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its name."""

    tint: theme.Colour
    value: str
    label: str


# Curves and bars ---------------------------------------------------------------------------------


def curves(history: History) -> list[tuple[Key, list[float | None]]]:
    """The curves of a day, the largest areas behind."""
    if history.powers is None:
        return []
    rows: list[tuple[Key, Callable[[Balance], float | None]]] = [
        ((theme.SOLAR, _("Solar")), lambda one: one.pv_w),
        ((theme.BATTERY, _("From battery")), _given_w),
        ((theme.CAR, _("Car")), lambda one: one.car_w),
        ((theme.HOUSE, _("House")), lambda one: one.house_w),
    ]
    found = [(key, [take(one) for one in history.powers.at_each]) for key, take in rows]
    return [(key, values) for key, values in found if any(values)]


def _given_w(one: Balance) -> float | None:
    return None if one.battery_w is None else max(0.0, -one.battery_w)


def gaps(history: History) -> list[tuple[float, float]]:
    """Where nothing is known between two readings of a day, as shares of it; a day that grows has no gap at its end."""
    if history.powers is None:
        return []
    known = [one.house_w is not None or one.grid_w is not None for one in history.powers.at_each]
    if True not in known:
        return []
    last = len(known) - 1 - known[::-1].index(True)
    found, begin = [], None
    for number, is_known in enumerate(known[: last + 1]):
        if not is_known and begin is None:
            begin = number
        elif is_known and begin is not None:
            found.append((begin / len(known), number / len(known)))
            begin = None
    return found


def bars(history: History, language: str) -> list[Bar]:
    """The bars of a period."""
    if history.bars is None:
        return []
    kind, found = history.period.kind, []
    for number, energies in enumerate(history.bars.energies):
        start = history.bars.starts[number].date()
        is_named = kind != "month" or start.day in TICK_DAYS
        up, down = _parts(history, energies)
        found.append(Bar(up, down, spans.tick(kind, start, language) if is_named else "", energies.gap))
    return found


def unit(history: History, shown: list[Bar]) -> str:
    """What the figures of the axis are in."""
    return "kW" if history.powers is not None else Heights.of(shown).unit


Parts = tuple[tuple[theme.Colour, float], ...]


def _parts(history: History, one: Energies) -> tuple[Parts, Parts]:
    made_of = lookback.parts(one)
    if not history.makes:
        return ((theme.HOUSE, float(made_of.house)), (theme.CAR, float(made_of.car))), ()
    up = ((theme.SOLAR, float(made_of.own)), (theme.BATTERY, float(made_of.battery)),
          (theme.GRID, float(made_of.grid)))  # fmt: skip
    return up, ((faded(theme.SOLAR), float(made_of.fed)),)


def keys(history: History) -> list[Key]:
    """What the colours of the bars mean."""
    if not history.makes:
        return [(theme.HOUSE, _("House")), *([(theme.CAR, _("Car"))] if "charger" in history.roles else [])]
    found = [(theme.SOLAR, _("Solar"))] if "pv" in history.roles else []
    found += [(theme.BATTERY, _("Battery"))] if "battery" in history.roles else []
    return [*found, (theme.GRID, _("Grid")), (faded(theme.SOLAR), _("fed in"))]


def faded(colour: theme.Colour) -> theme.Colour:
    """The colour of what was made and given away."""
    return theme.over(theme.faint(colour, 0.5), theme.SURFACE)


# Figures -----------------------------------------------------------------------------------------


def figures(history: History, language: str) -> list[Figure]:
    """The four figures of a whole period."""
    sums = history.sums
    found = [_used(used_wh(sums), used_wh(history.before) if history.before else None, language)]
    cost = numbers.money(history.money.cost, history.money.currency, language)
    found.append(
        Figure(theme.GRID, numbers.energy(sums.grid_import_wh, language),
               f"{_('Grid')} · {cost}" if history.money.cost is not None else _("from the grid"))
    )  # fmt: skip
    if "pv" in history.roles:
        found.append(Figure(theme.SOLAR, numbers.energy(sums.pv_wh, language), _("made")))
    elif "charger" in history.roles:
        found.append(Figure(theme.CAR, numbers.energy(sums.car_wh, language), _("into the car")))
    if history.makes:
        found.append(Figure(theme.GOOD, spans.share(sums.self_sufficiency, language), _("self-supply")))
    return found


def read_at(history: History, share: float, language: str) -> tuple[str, list[Figure]]:
    """The time under the finger, and what was then."""
    if history.powers is not None:
        at_each = history.powers.at_each
        if not at_each:
            return "", []
        number = min(len(at_each) - 1, int(share * len(at_each)))
        at_s = history.powers.begin.timestamp() + number * history.powers.step_s
        when = datetime.fromtimestamp(at_s, UTC).astimezone(history.zone)
        return numbers.clock_time(when, language), _powers(history, at_each[number], language)
    if history.bars is None or not history.bars.energies:
        return "", []
    number = min(len(history.bars.energies) - 1, int(share * len(history.bars.energies)))
    title = spans.bar(history.period.kind, history.bars.starts[number].date(), language)
    before = history.bars_before.energies if history.bars_before else []
    then = used_wh(before[number]) if number < len(before) else None
    return title, _energies(history, history.bars.energies[number], then, language)


def _powers(history: History, one: Balance, language: str) -> list[Figure]:
    grid = _("into the grid") if (one.grid_w or 0) < 0 else _("from the grid")
    found = [
        Figure(theme.HOUSE, numbers.power(one.house_w, language), _("House")),
        Figure(theme.GRID, _size(one.grid_w, language), grid),
    ]
    if "pv" in history.roles:
        found.append(Figure(theme.SOLAR, numbers.power(one.pv_w, language), _("Solar")))
    if "battery" in history.roles:
        words = _("charging") if (one.battery_w or 0) > 0 else _("From battery")
        found.append(Figure(theme.BATTERY, _size(one.battery_w, language), words))
    if "charger" in history.roles:
        found.append(Figure(theme.CAR, numbers.power(one.car_w, language), _("Car")))
    return found[:4] if len(found) < 5 else [found[0], found[1], found[2], found[4]]


def _used(now: int | None, before: int | None, language: str) -> Figure:
    """What was used, and by how much more or less than before."""
    change = spans.change(now, before) if theme.SMALL <= ROOMY else ""
    label = f"{_('used')} {change}".rstrip()
    return Figure(theme.HOUSE, numbers.energy(now, language), label)


def _energies(history: History, one: Energies, before_wh: int | None, language: str) -> list[Figure]:
    found = [
        _used(used_wh(one), before_wh, language),
        Figure(theme.GRID, numbers.energy(one.grid_import_wh, language), _("from the grid")),
    ]
    if "pv" in history.roles:
        found.append(Figure(theme.SOLAR, numbers.energy(one.pv_wh, language), _("made")))
        found.append(Figure(theme.GRID, numbers.energy(one.grid_export_wh, language), _("fed in")))
    elif "charger" in history.roles:
        found.append(Figure(theme.CAR, numbers.energy(one.car_wh, language), _("into the car")))
    return found


def _size(watts: float | None, language: str) -> str:
    return numbers.power(None if watts is None else abs(watts), language)
