"""What the energy pages say and draw of hand-made values: powers, ring, bars, figures, tables, axes, load."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from appliance.billing.grid_money import Money
from tests.ui.touch import looks, looks_energy
from ui.text import spans
from ui.text.catalog import LOCALES
from ui.touch import theme
from ui.touch.screens.energy import figures, history_words, powers, source_words
from ui.touch.screens.energy.motion import Load
from ui.touch.widgets.bars import Bar, Heights
from ui.touch.widgets.flow import STILL_W, strength

# Powers ----------------------------------------------------------------------------------------------


def test_sources_stand_left_and_users_right_and_only_what_there_is() -> None:
    assert [power.key for power in powers.left(looks_energy.BATTERY)] == ["pv", "grid"]
    assert [power.key for power in powers.right(looks_energy.BATTERY)] == ["charger", "battery"]
    assert [power.key for power in powers.left(looks_energy.GRID_ONLY)] == ["grid"]
    assert powers.right(looks_energy.GRID_ONLY) == []


def test_what_flows_into_the_house_is_positive_and_what_leaves_it_negative() -> None:
    flows = {power.key: power.to_house_w for power in (*powers.left(looks.DAY), *powers.right(looks_energy.BATTERY))}
    assert flows == {"pv": 5730.0, "grid": -5090.0, "charger": -1410.0, "battery": -2450.0}
    giving = powers.right(looks_energy.EVENING)[1]
    assert (giving.to_house_w, giving.title) == (1830.0, "Battery gives")


def test_what_goes_out_is_called_feed_in() -> None:
    assert powers.left(looks.DAY)[1].title == "Feed-in"
    assert powers.left(replace(looks.DAY, grid_w=-STILL_W + 1))[1].title == "Grid"


def test_the_ring_is_made_of_what_is_used_not_of_what_is_fed_in() -> None:
    made_of = dict(powers.sources(looks_energy.BATTERY))
    assert made_of[theme.SOLAR] == pytest.approx(5730 - 1230 - 2450)
    assert sum(made_of.values()) == pytest.approx(640 + 1410)
    evening = dict(powers.sources(looks_energy.EVENING))
    assert (evening[theme.BATTERY], evening[theme.GRID], evening[theme.SOLAR]) == (1830.0, 12.0, 0.0)


def test_nothing_is_said_about_sources_while_one_is_silent() -> None:
    assert powers.sources(looks.FAULTY) == []
    grid = powers.left(looks.FAULTY)[1]
    assert (grid.watts, grid.to_house_w, grid.note) == (None, None, "no data for 0:38")


def test_who_charges_is_named_unless_that_is_private() -> None:
    open_house, private = looks.CHARGING, replace(looks.CHARGING, private=True)
    assert powers.right(open_house)[0].note.startswith("Anna · ")
    assert powers.right(private)[0].note == powers.right(replace(private, points=()))[0].note


def test_a_curve_without_its_meter_is_not_drawn() -> None:
    assert [name for _tint, name, _values in powers.curves(looks.DAY)] == ["Solar", "Car", "House"]
    assert [name for _tint, name, _values in powers.curves(looks_energy.GRID_ONLY)] == ["House"]
    assert powers.curves(looks.EMPTY) == []


@pytest.mark.parametrize(("watts", "low", "high"), [(10, 0, 0), (60, 0.28, 0.4), (-2000, 0.5, 0.6), (22_000, 1, 1)])
def test_a_little_is_seen_and_much_does_not_burst_the_line(watts: float, low: float, high: float) -> None:
    assert low <= strength(watts) <= high


# History ---------------------------------------------------------------------------------------------


def test_bars_with_a_roof_say_where_energy_came_from_and_what_was_fed_in() -> None:
    bars = history_words.bars(looks_energy.WEEK, "en")
    assert [bar.tick for bar in bars] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert [bar.gap for bar in bars] == [False, False, True, False, False, False, False]
    energies = looks_energy.WEEK.bars.energies[0] if looks_energy.WEEK.bars else looks_energy.NOTHING
    assert bars[0].above == pytest.approx(history_words.used_wh(energies), abs=3)
    assert bars[0].below == energies.grid_export_wh
    assert bars[6].above == bars[6].below == 0


def test_bars_without_a_roof_say_who_used_it() -> None:
    bars = history_words.bars(looks_energy.GRID_WEEK, "en")
    assert {colour for bar in bars for colour, wh in bar.up if wh} == {theme.HOUSE, theme.CAR}
    assert all(bar.below == 0 for bar in bars)
    assert [name for _colour, name in history_words.keys(looks_energy.GRID_WEEK)] == ["House", "Car"]


def test_the_four_figures_of_a_period_name_cost_and_change() -> None:
    used, grid, solar, own = history_words.figures(looks_energy.WEEK, "en")
    assert (grid.label, solar.label, own.label) == ("Grid · 31.47\u202f€", "made", "self-supply")
    assert used.label.startswith("used \N{MINUS SIGN}") and own.value == "62\u202f%"
    no_roof = history_words.figures(looks_energy.GRID_WEEK, "en")
    assert [figure.label for figure in no_roof][1:] == ["from the grid", "into the car"]


def test_a_finger_on_a_day_reads_time_and_powers_and_on_a_bar_its_energies() -> None:
    title, seen = history_words.read_at(looks_energy.DAY_SEEN, 10.1 / 24, "en")
    assert title == "10:00"
    assert {figure.label for figure in seen} == {"House", "from the grid", "Solar", "Car"}
    title, seen = history_words.read_at(looks_energy.WEEK, 1.5 / 7, "en")
    assert title == "Tue 16 Jun"
    assert [figure.label for figure in seen][1:] == ["from the grid", "made", "fed in"]
    assert history_words.read_at(looks_energy.NEVER, 0.5, "en") == ("", [])


def test_a_gap_lies_between_two_readings_and_the_rest_of_today_is_none() -> None:
    assert history_words.gaps(looks_energy.DAY_SEEN) == []
    assert history_words.gaps(looks_energy.GAPPY) == [(18 / 96, 27 / 96)]
    assert history_words.gaps(looks_energy.NEVER) == [] and history_words.gaps(looks_energy.WEEK) == []


def test_the_table_has_only_what_the_house_has_and_money_only_with_a_tariff() -> None:
    names = [line[2] for line in figures.lines(looks_energy.MONTH, "en")]
    assert names == [
        "House", "Car", "From the grid", "Cost", "Fed into the grid", "Earned by feed-in", "Solar",
        "Own use of solar energy", "Into the battery", "Out of the battery", "Self-sufficiency", "Used in all",
    ]  # fmt: skip
    assert [line[2] for line in figures.lines(looks_energy.GRID_WEEK, "en")] == ["House", "Car", "From the grid"]


def test_money_stands_beside_that_of_the_period_before() -> None:
    known = replace(looks_energy.WEEK, before_money=Money(Decimal("20.00"), None, "EUR"))
    cost = next(line for line in figures.lines(known, "de") if line[0] == "cost")
    assert cost[3:] == ("31,47\u202f€", "20,00\u202f€", "+57\u202f%")


# Sources ---------------------------------------------------------------------------------------------


def test_phases_have_only_the_rows_and_columns_the_meter_has() -> None:
    whole = source_words.phases(looks_energy.VALUES, "en")
    assert [row[0] for row in whole] == ["", "Power, kW", "Voltage, V", "Current, A", "cos φ"]
    assert whole[0] == ["", "L1", "L2", "L3"] and whole[2][1] == "231.4"
    one = source_words.phases({"voltage_l1_v": 230.0, "frequency_hz": 50.0}, "de")
    assert one == [["", "L1"], ["Voltage, V", "230,0"]]
    assert source_words.phases({"power_w": 1.0}, "en") == []


def test_a_direction_that_is_not_counted_has_no_column() -> None:
    assert source_words.energies(looks_energy.GRID_METER, "en")[0] == ["kWh", "in", "out"]
    assert source_words.energies(looks_energy.CAR_METER, "en")[0] == ["kWh", "in"]
    roof = replace(looks_energy.GRID_METER, meter=replace(looks_energy.GRID_METER.meter, role="pv"))
    assert source_words.energies(roof, "en")[:2] == [["kWh", "made"], ["Today", "11.9"]]


def test_how_well_a_meter_answers_is_said_in_one_line() -> None:
    is_well, said = source_words.health(looks_energy.GRID_METER, "en")
    assert is_well and "read every 1.0 s" in said and "errors in the last hour: 2" in said and "0.4 s old" in said
    is_well, said = source_words.health(looks_energy.SILENT_METER, "en")
    assert not is_well and said.endswith("no data for 0:38")
    assert source_words.health(replace(looks_energy.SILENT_METER, age_s=None), "en")[1].endswith("never read")


# Axes and spans --------------------------------------------------------------------------------------


def test_the_axis_of_bars_holds_all_of_them_with_few_round_lines() -> None:
    heights = Heights.of([Bar(((theme.GRID, 16_900.0),), ((theme.SOLAR, 11_900.0),)), Bar(())])
    assert heights.top >= 16_900 and heights.bottom >= 11_900
    assert [text for _share, text in heights.levels("en")] == ["10", "0", "10", "20"]
    assert all(0 <= share <= 1 for share, _text in heights.levels("en"))
    assert [text for _share, text in Heights.of([]).levels("en")] == ["0.00", "0.25"]  # nothing was used yet


def test_years_are_written_in_mwh() -> None:
    heights = Heights.of([Bar(((theme.GRID, 5_200_000.0),))])
    assert (heights.unit, heights.levels("de")[-1][1]) == ("MWh", "6")
    assert Heights.of([Bar(((theme.GRID, 700_000.0),))]).unit == "kWh"


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("kind", ["day", "week", "month", "year", "total"])
def test_every_kind_of_period_has_a_short_title(language: str, kind: str) -> None:
    day = looks.NOW.date()
    title = spans.title(kind, day, day.replace(day=26), language, day)
    assert 4 <= len(title) <= 18
    assert ("2026" in title) == (kind not in ("day", "week"))
    assert spans.tick(kind, day, language) and spans.bar(kind, day, language)


def test_changes_are_whole_percents_and_absurd_ones_are_left_out() -> None:
    assert [spans.change(*pair) for pair in ((112, 100), (92, 100), (100, 100))] == [
        "+12\u202f%", "\N{MINUS SIGN}8\u202f%", "±0\u202f%",
    ]  # fmt: skip
    assert [spans.change(*pair) for pair in ((1, None), (None, 1), (1, 0), (5000, 1))] == ["", "", "", ""]


# Load ------------------------------------------------------------------------------------------------


def test_the_picture_rests_while_the_machine_is_busy_and_until_it_is_calm(tmp_path: Path) -> None:  # UX 15
    stat = tmp_path / "stat"
    load, busy, idle = Load(stat), 0, 0

    def after(seconds: float, busy_ticks: int, idle_ticks: int) -> bool:
        nonlocal busy, idle
        busy, idle = busy + busy_ticks, idle + idle_ticks
        stat.write_text(f"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 2 3 4\n")
        return load.look(seconds)

    assert not after(0, 100, 100)
    assert after(2, 95, 5)
    assert after(3, 0, 100)  # not looked at again yet
    assert not after(5, 10, 190)
    assert not after(7, 75, 25)  # between calm and busy it stays as it was
    assert after(9, 90, 10)
    assert after(11, 75, 25)


def test_where_the_kernel_says_nothing_the_picture_moves(tmp_path: Path) -> None:
    load = Load(tmp_path / "none")
    assert not load.look(0) and not load.look(10)


@pytest.mark.parametrize(
    ("up", "down", "top", "step"),
    [(16.7, 12.0, 20, 10), (10.4, 12.0, 15, 5), (5.0, 3.0, 6, 2), (500.0, 480.0, 500, 250), (16.7, 0.0, 20, 5)],
)
def test_a_line_stands_at_or_above_the_highest_bar_with_little_room_lost(
    up: float, down: float, top: float, step: float
) -> None:
    heights = Heights.of([Bar(((theme.GRID, up * 1000),), ((theme.SOLAR, down * 1000),))])
    assert (heights.top, heights.step) == (top * 1000, step * 1000)
