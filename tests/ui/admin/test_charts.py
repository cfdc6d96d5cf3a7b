"""Charts of the household: names and ticks of days of every length, bars beside those of the period before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g

from appliance.billing.grid_money import Money
from appliance.billing.lookback import History
from appliance.metering import days, periods
from appliance.metering.balance import Balance
from appliance.metering.household import Bars, Powers
from tests.appliance.billing.test_lookback import energies
from ui.admin import charts_energy
from ui.admin.charts import Chart

ZONE = ZoneInfo("Europe/Berlin")
MONEY = Money(None, Decimal(0), "EUR")


@pytest.fixture
def speaking(app: Flask) -> Iterator[None]:
    """A request in English."""
    with app.test_request_context(base_url="https://localhost"):
        g.who = None
        yield


def day(when: date, house_w: float | None = 400.0) -> Chart:
    begin, end = days.bounds(when, ZONE)
    count = int((end - begin).total_seconds()) // 900
    return charts_energy.of_day(Powers(begin, 900, [Balance(house_w, None, None, house_w, ())] * count), when)


@pytest.mark.parametrize(
    ("when", "count", "at_noon"),
    [(date(2026, 11, 21), 96, 48), (date(2026, 10, 25), 100, 52), (date(2026, 3, 29), 92, 44)],
)
def test_a_day_of_every_length_begins_and_ends_at_midnight(
    speaking: None, when: date, count: int, at_noon: int
) -> None:
    chart = day(when)
    assert len(chart.names) == count
    assert chart.ticks[0] == (0, "00:00") and chart.ticks[-1] == (count, "24:00")
    assert (at_noon, "12:00") in chart.ticks
    assert chart.marks[-1] == (100.0, "24:00")


def test_only_what_moved_has_a_curve(speaking: None) -> None:
    assert [one.key for one in day(date(2026, 11, 21)).series] == ["house", "grid"]
    assert [one.key for one in day(date(2026, 11, 21), 0.0).series] == ["house"]
    unknown = day(date(2026, 11, 21), None)
    assert unknown.series == () and not unknown.known and unknown.drawing.lines == {}


def test_the_table_has_the_mean_of_each_hour(speaking: None) -> None:
    chart = day(date(2026, 11, 21))
    table = charts_energy.by_hour(chart)
    assert len(table) == 24 and table[5] == ("05:00", ["400\u202fW", "400\u202fW"])
    assert charts_energy.by_hour(day(date(2026, 11, 21), None)) == []


def month(of: date, wh: int, roles: frozenset[str]) -> History:
    """A month of days that are all alike, beside one that used twice as much."""
    period = periods.containing("month", of)
    previous = period.previous()
    assert previous is not None

    def bars(one: periods.Period, house_wh: int) -> Bars:
        starts = [days.bounds(start, ZONE)[0].astimezone(ZONE) for start in one.bars()]
        known = energies(house_wh=house_wh, grid_import_wh=house_wh, grid_export_wh=100, pv_wh=300)
        return Bars(starts, [known] * (len(starts) - 2) + [energies()])

    sums = energies(house_wh=wh)
    return History(
        period, ZONE, of, None, roles, sums, MONEY, None, None, bars(period, wh), bars(previous, 2 * wh), None
    )


@pytest.mark.parametrize(
    ("roles", "keys"),
    [
        (frozenset({"grid"}), ["house"]),
        (frozenset({"grid", "charger"}), ["house", "car"]),
        (frozenset({"grid", "pv"}), ["own", "grid", "fed"]),
        (frozenset({"grid", "pv", "battery"}), ["own", "battery", "grid", "fed"]),
    ],
)
def test_bars_show_where_it_came_from_or_who_used_it(speaking: None, roles: frozenset[str], keys: list[str]) -> None:
    chart = charts_energy.of_period(month(date(2026, 11, 1), 5000, roles))
    assert [one.key for one in chart.series] == keys
    assert [one.below for one in chart.series if one.key == "fed"] == [True] * ("fed" in keys)


def test_a_month_is_marked_with_the_one_before_day_by_day(speaking: None) -> None:
    march = charts_energy.of_period(month(date(2026, 3, 1), 5000, frozenset({"grid"})))
    assert march.before is not None
    assert len(march.before[1]) == 31 and march.before[1][0] == 10_000  # February's, and no more than it had
    assert march.before[1][27:] == [None] * 4
    assert [text for _at, text in march.ticks] == ["1", "5", "10", "15", "20", "25", "30"]
    february = charts_energy.of_period(month(date(2026, 2, 1), 5000, frozenset({"grid"})))
    assert february.before is not None and len(february.before[1]) == 28


def test_a_bar_of_which_nothing_is_known_stays_empty(speaking: None) -> None:
    chart = charts_energy.of_period(month(date(2026, 11, 1), 5000, frozenset({"grid"})))
    assert (chart.series[0].values[0], chart.series[0].values[-1]) == (5000, None)


def test_the_script_gets_the_same_figures_in_kilowatts(speaking: None) -> None:
    data = day(date(2026, 11, 21)).data()
    assert data["unit"] == "kW" and data["kind"] == "lines"
    assert data["lines"] == [2.0, 1.5, 1.0, 0.5, 0.0] and data["range"] == [0.0, 2.0]
    series = data["series"]
    assert isinstance(series, list) and series[0]["values"][0] == 0.4
