"""Charts of the household: curves of a day, bars of longer periods, in the words and colours of the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from appliance.billing import lookback
from appliance.billing.lookback import History, Parts
from appliance.metering import household
from appliance.metering.balance import Balance
from appliance.metering.household import Powers
from appliance.opened import Opened
from ui.admin import words
from ui.admin.charts import Chart, Series
from ui.admin.curve import Values
from ui.admin.words import gettext as _
from ui.text import numbers, spans

STEP_S = 900  # of the overview, which is looked at again each minute
TICK_HOURS = 4
TICK_DAYS = (1, 5, 10, 15, 20, 25, 30)  # below the bars of a month


def today(opened: Opened) -> Chart:
    """Today's curves. Raises StoreError."""
    day = opened.clock.now().astimezone(words.zone()).date()
    return of_day(household.powers(opened, day, words.zone(), STEP_S), day)


def of_day(powers: Powers, day: date) -> Chart:
    """The curves of a day, the largest areas behind; only what has moved."""
    rows: list[tuple[str, str, Callable[[Balance], float | None]]] = [
        ("pv", _("Solar"), lambda one: one.pv_w),
        ("battery", _("From battery"), lambda one: None if one.battery_w is None else max(0.0, -one.battery_w)),
        ("car", _("Car"), lambda one: one.car_w),
        ("house", _("House"), lambda one: one.house_w),
        ("grid", _("Grid"), lambda one: one.grid_w),
    ]
    found = [Series(key, name, [take(one) for one in powers.at_each]) for key, name, take in rows]
    kept = [one for one in found if any(one.values) or (one.key == "house" and not all_none(one.values))]
    zone, language = words.zone(), words.language()
    begins = [
        (powers.begin + timedelta(seconds=i * powers.step_s)).astimezone(zone) for i in range(len(powers.at_each))
    ]
    return Chart(
        kind="lines",
        series=tuple(kept),
        names=tuple(numbers.clock_time(begin, language) for begin in begins),
        ticks=_hours(begins, language),
    )


def all_none(values: Values) -> bool:
    """Tell whether nothing is known."""
    return all(value is None for value in values)


def _hours(begins: list[datetime], language: str) -> tuple[tuple[int, str], ...]:
    found = [
        (i, numbers.clock_time(begin, language))
        for i, begin in enumerate(begins)
        if begin.hour % TICK_HOURS == 0 and begin.minute == 0
    ]
    return (*found, (len(begins), "24:00"))


def by_hour(chart: Chart) -> list[tuple[str, list[str]]]:
    """Mean power of each hour and series, as text; hours of which nothing is known are left out."""
    hours: dict[str, list[int]] = {}
    for i, name in enumerate(chart.names):
        hours.setdefault(f"{name[:2]}:00", []).append(i)
    found = []
    for hour, steps in hours.items():
        known = [[one.values[i] for i in steps if one.values[i] is not None] for one in chart.series]
        if any(known):
            found.append((hour, [_mean(values) for values in known]))
    return found


def _mean(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return words.power(sum(known) / len(known)) if known else numbers.DASH


def of_period(history: History) -> Chart:
    """The bars of a period, with the period before as a mark across each."""
    language, kind = words.language(), history.period.kind
    assert history.bars is not None  # noqa: S101 - a day has curves
    starts = [start.date() for start in history.bars.starts[:-1]]
    made_of = [lookback.parts(one) for one in history.bars.energies]
    known = [lookback.used_wh(one) is not None or one.grid_import_wh is not None for one in history.bars.energies]
    before = None
    if history.bars_before is not None:
        then = [lookback.used_wh(one) for one in history.bars_before.energies][: len(starts)]
        before = (_("used the period before"), [*then, *[None] * (len(starts) - len(then))])
    return Chart(
        kind="bars",
        series=tuple(
            Series(
                key,
                name,
                [take(one) if is_known else None for one, is_known in zip(made_of, known, strict=True)],
                below,
            )
            for key, name, take, below in _rows(history)
        ),
        names=tuple(spans.bar(kind, start, language) for start in starts),
        ticks=tuple(
            (i, spans.tick(kind, start, language))
            for i, start in enumerate(starts)
            if kind != "month" or start.day in TICK_DAYS
        ),
        before=before if before and not all_none(before[1]) else None,
    )


Row = tuple[str, str, Callable[[Parts], float], bool]


def _rows(history: History) -> list[Row]:
    """What the bars are made of: where there is a roof or battery, where it came from; elsewhere who used it."""
    if not history.makes:
        rows: list[Row] = [("house", _("House"), lambda one: one.house, False)]
        return rows + ([("car", _("Car"), lambda one: one.car, False)] if "charger" in history.roles else [])
    rows = [("own", _("Solar"), lambda one: one.own, False)] if "pv" in history.roles else []
    if "battery" in history.roles:
        rows.append(("battery", _("Battery"), lambda one: one.battery, False))
    return [*rows, ("grid", _("Grid"), lambda one: one.grid, False), ("fed", _("fed in"), lambda one: one.fed, True)]
