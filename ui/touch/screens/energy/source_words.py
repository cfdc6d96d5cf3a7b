"""What is measured at one source, in words and figures. No Kivy here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.energy.source_data import MeterSeen, Source
from ui.touch.widgets.flow import STILL_W

PHASES = (1, 2, 3)
Table = list[list[str]]  # rows of cells, the first cell is the name


def direction(role: str, watts: float | None) -> str:
    """Which way it flows, where that is not plain."""
    if watts is None or abs(watts) < STILL_W:
        return ""
    if role == "grid":
        return _("feed-in") if watts < 0 else _("from the grid")
    if role == "battery":
        return _("charging") if watts > 0 else _("giving")
    return ""


def phases(values: Mapping[str, float], language: str) -> Table:
    """Phase by phase: a head, then only the rows and columns the meter has."""
    rows: Sequence[tuple[str, str, float, int]] = (
        (_("Power, kW"), "power_l{}_w", 1000, 2),
        (_("Voltage, V"), "voltage_l{}_v", 1, 1),
        (_("Current, A"), "current_l{}_a", 1, 2),
        ("cos φ", "power_factor_l{}", 1, 2),
    )
    there = [phase for phase in PHASES if any(key.format(phase) in values for _n, key, _u, _p in rows)]
    if not there:
        return []
    table = [["", *(f"L{phase}" for phase in there)]]
    for name, key, size, places in rows:
        found = [values.get(key.format(phase)) for phase in there]
        if any(value is not None for value in found):
            table.append([name, *(_cell(value, size, places, language) for value in found)])
    return table


def _cell(value: float | None, size: float, places: int, language: str) -> str:
    return numbers.DASH if value is None else numbers.signed(value / size, places, language)


def whole(values: Mapping[str, float], language: str) -> str:
    """What there is once for all phases: frequency, power factor."""
    said = []
    if "frequency_hz" in values:
        said.append(f"{numbers.decimal(values['frequency_hz'], 2, language)}{numbers.SPACE}Hz")
    if "power_factor" in values:
        factor = numbers.decimal(values["power_factor"], 2, language)
        said.append(_("power factor {factor}").format(factor=factor))
    return " · ".join(said)


def energies(one: MeterSeen, language: str) -> Table:
    """Today, this month and in all, in and out, in kWh; a direction the meter has no counter for is left out."""
    counters = one.counters.values_wh
    columns = [
        (_("in"), (one.today.import_wh, one.month.import_wh, counters.get("import_wh")), "import_wh" in counters),
        (_("out"), (one.today.export_wh, one.month.export_wh, counters.get("export_wh")), "export_wh" in counters),
    ]
    if one.meter.role == "pv":
        columns = [(_("made"), columns[1][1], True)]
    elif one.meter.role in ("charger", "submeter") or not columns[1][2]:
        columns = columns[:1]
    names = (_("Today"), _("Month"), _("Total"))
    table = [["kWh", *(name for name, _values, _there in columns)]]
    for number, name in enumerate(names):
        table.append([name, *(_kwh(values[number], language) for _n, values, _there in columns)])
    return table


def _kwh(wh: int | None, language: str) -> str:
    """An energy whose unit stands above it."""
    return numbers.energy(wh, language).removesuffix(f"{numbers.SPACE}kWh")


def health(one: MeterSeen, language: str) -> tuple[bool, str]:
    """Whether a meter answers, and how well: rhythm, errors, age."""
    said = [f"{one.meter.name}: {one.model}"]
    if one.health is not None and one.health.interval_s is not None:
        pace = numbers.decimal(one.health.interval_s, 1, language)
        said.append(_("read every {seconds} s").format(seconds=pace))
        said.append(_("errors in the last hour: {count}").format(count=one.health.errors))
    if one.age_s is None:
        said.append(_("never read"))
    elif one.values:
        age = numbers.decimal(one.age_s, 1, language)
        said.append(_("{seconds} s old").format(seconds=age))
    else:
        said.append(_("no data for {time}").format(time=numbers.wait(one.age_s)))
    return bool(one.values), " · ".join(said)


def house_rows(source: Source, language: str) -> Table:
    """What the house's power is computed from, and what is measured in it."""
    now = source.balance
    if now is None:
        return []
    parts = [(_("Grid"), now.grid_w), (_("Solar"), now.pv_w)]
    parts += [(_("Battery"), None if now.battery_w is None else -now.battery_w)]
    parts += [(_("Car"), None if now.car_w is None else -now.car_w)]
    rows = [[name, _signed(watts, language)] for name, watts in parts if watts is not None]
    rows.append([_("House"), numbers.power(now.house_w, language)])
    submeters = [
        [_("of it {name}").format(name=one.meter.name), numbers.power(one.values.get("power_w"), language)]
        for one in source.meters
    ]
    return rows + submeters


def _signed(watts: float, language: str) -> str:
    sign = "+" if watts >= 0 else numbers.MINUS
    return f"{sign}{numbers.SPACE}{numbers.power(abs(watts), language)}"


def house_energies(source: Source, language: str) -> Table:
    """What the house used today and this month."""
    today, month = (None if one is None else one.house_wh for one in (source.today, source.month))
    return [
        ["kWh", _("used")], [_("Today"), _kwh(today, language)], [_("Month"), _kwh(month, language)],
    ]  # fmt: skip
