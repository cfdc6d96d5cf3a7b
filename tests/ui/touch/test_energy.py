"""The energy pages by taps, in the real program: flow, sources, history under a finger, figures, counters."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from appliance import audit
from appliance.billing import tariffs
from appliance.metering import meters, readings, slots
from appliance.store import settings
from drivers.interfaces import Reading
from tests.ui.touch.house import ZONE, House, _slot
from tests.ui.touch.screen import Touch, plain, targets

PHASES = {
    "power_w": 1240.0, "power_l1_w": 700.0, "power_l2_w": 340.0, "power_l3_w": 200.0, "voltage_l1_v": 231.4,
    "voltage_l2_v": 229.9, "voltage_l3_v": 232.2, "current_l1_a": 3.05, "frequency_hz": 50.02, "power_factor_l1": 0.99,
    "import_wh": 4_217_338.0, "import_l1_wh": 1_500_000.0, "export_wh": 0.0,
}  # fmt: skip


def large(touch: Touch) -> list[str]:
    """What is written at least 44 units high."""
    return [plain(one["text"]) for one in touch.look() if one.get("text") and one["font_units"] >= 44]


def node(touch: Touch, name: str) -> None:
    """Tap the node of a source or user; the legend of the curve bears the same names."""
    seen = touch.wait(lambda seen: any(_is_node(one, name) for one in targets(seen)))
    left, top, right, bottom = next(one["cut"] for one in targets(seen) if _is_node(one, name))
    touch.tap_at((left + right) / 2, (top + bottom) / 2)


def _is_node(one: dict[str, Any], name: str) -> bool:
    return name in one["labels"] and "Today, kW" not in one["labels"]


@pytest.fixture
def years(house: House) -> House:
    """Two days of every month since March of the year before, and a tariff."""
    rows = []
    found = {meter.name: meter.id for meter in meters.all(house.it.store)}
    for month in range(20):
        year, number = divmod(2 + month, 12)
        for day in (3, 17):
            start_s = int(datetime(2025 + year, number + 1, day, 11, tzinfo=ZONE).timestamp())
            rows += [_slot(found["Grid"], start_s, 4_000.0), _slot(found["Solar roof"], start_s, -8_000.0)]
            rows.append(_slot(found["Wallbox meter"], start_s, 0.0))
    with house.it.store.write() as db:
        slots.save(db, rows)
    made = tariffs.add(house.it.store, house.clock, "House", "fixed", actor=audit.CLI)
    tariffs.set_price(house.it.store, house.clock, made.id, date(2025, 1, 1), Decimal("0.30"), actor=audit.CLI)
    settings.put(house.it.store, house.clock.now(), audit.CLI, "billing.tariff", "House")
    return house


# Home ------------------------------------------------------------------------------------------------


def test_the_powers_of_grid_house_car_and_roof_are_large_without_a_tap(touch: Touch) -> None:  # UX 1
    touch.see("3.55")
    assert {"1.24", "3.55", "0", "2.31"} <= set(large(touch))


def test_a_battery_has_a_node_that_says_which_way_it_works(house: House, touch: Touch) -> None:
    meters.add(
        house.it.store, house.clock, name="Store", model="eastron-sdm630", url="tcp://192.0.2.10:502", unit=4,
        role="battery", actor=audit.CLI,
    )  # fmt: skip
    house.measure(Store=900.0)
    touch.see("Battery fills", "900")
    house.measure(Store=-1500.0)
    touch.see("Battery gives", "1.50", "5.05")


def test_what_flows_moves_a_few_times_a_second_and_stands_still_when_nothing_flows(house: House, touch: Touch) -> None:
    touch.see("3.55")
    before, at = touch.frames(), time.monotonic()
    time.sleep(3)
    moved = (touch.frames() - before) / (time.monotonic() - at)
    assert 1 < moved <= 11
    house.measure(Grid=0.0, Solar_roof=0.0)
    touch.not_see("3.55")
    time.sleep(1.5)
    before = touch.frames()
    time.sleep(2)
    assert touch.frames() == before


def test_with_reduced_motion_the_picture_stands_still(house: House, touch: Touch) -> None:
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.reduced_motion", "on")
    touch.see("3.55")
    time.sleep(2.5)
    before = touch.frames()
    time.sleep(2)
    assert touch.frames() == before


def test_the_large_picture_is_one_tap_away_and_legible_from_the_corridor(touch: Touch) -> None:  # UX 3
    touch.tap("Large")
    touch.see("3.55")
    high = [one["text"] for one in touch.look() if one.get("text") and one["font_units"] >= 68]
    assert {"1.24", "3.55", "2.31"} <= {plain(text) for text in high}
    node(touch, "House")
    touch.see("The house has no meter of its own")


# Sources ---------------------------------------------------------------------------------------------


def test_a_tap_on_the_grid_shows_its_phases_and_its_meter(house: House, touch: Touch) -> None:
    readings.put(house.it.live, house.clock, meters.find(house.it.store, "Grid").id, Reading(PHASES, 0.02))
    node(touch, "Grid")
    touch.see("231.4", "3.05", "50.02 Hz", "0.70", "0.99", "4,217", "from the grid", "Grid: kostal-ksem-g2")


def test_a_meter_without_phases_says_so(touch: Touch) -> None:
    node(touch, "Car")
    touch.see("This meter shows no single phases.", "Wallbox meter", "Today")


def test_a_source_whose_meter_is_silent_is_a_dash_with_the_reason(house: House, touch: Touch) -> None:  # UX 14
    node(touch, "Grid")
    touch.see("1.24")
    house.silence("Grid")
    house.live(9)
    touch.see("–", "no data for 0:0", "The last values are too old to be shown.")
    assert "1.24" not in touch.texts()


def test_the_house_says_what_it_is_computed_from(house: House, touch: Touch) -> None:
    meters.add(
        house.it.store, house.clock, name="Heat pump", model="eastron-sdm630", url="tcp://192.0.2.10:502", unit=5,
        role="submeter", actor=audit.CLI,
    )  # fmt: skip
    house.measure(Heat_pump=812.0)
    node(touch, "House")
    touch.see("+ 1.24 kW", "+ 2.31 kW", "3.55 kW", "of it Heat pump", "812 W")


def test_several_meters_of_one_role_come_one_after_the_other(house: House, touch: Touch) -> None:
    meters.add(
        house.it.store, house.clock, name="Garage roof", model="eastron-sdm630", url="tcp://192.0.2.10:502", unit=6,
        role="pv", actor=audit.CLI,
    )  # fmt: skip
    house.measure(Garage_roof=-333.0)
    node(touch, "Solar")
    touch.see("1 / 2", "2.31")
    touch.tap("1 / 2")
    touch.see("2 / 2", "333", "Garage roof")


# History ---------------------------------------------------------------------------------------------


def test_a_tap_on_the_curve_opens_the_day_and_a_finger_reads_it(touch: Touch) -> None:
    touch.tap("Today, kW")
    touch.see("Sat 21 Nov", "used", "from the grid", "made", "self-supply")
    assert touch.screen == "history"
    touch.drag(250, 250, 310, hold_s=0.4)  # 05:35 or so
    touch.see("House", "from the grid", "Solar", "Car")
    hours = [text for text in touch.texts() if len(text) == 5 and text[2] == ":"]
    assert any("05:00" <= text <= "09:00" for text in hours[1:])  # the first is the clock in the header
    touch.tap_at(310, 250)  # there once more: let go
    touch.see("Sat 21 Nov")


def test_arrows_and_flicks_turn_to_the_period_before_and_back(years: House, touch: Touch) -> None:
    touch.tap("Today, kW")
    touch.see("Sat 21 Nov")
    touch.tap_at(38, 250)
    touch.see("Fri 20 Nov", "Nothing was measured then.")
    touch.drag(300, 250, 480)  # to the right: what was before
    touch.see("Thu 19 Nov")
    touch.drag(480, 250, 300)
    touch.see("Fri 20 Nov")
    touch.tap_at(762, 250)
    touch.see("Sat 21 Nov")
    touch.tap_at(762, 250)  # nothing comes after today
    time.sleep(0.3)
    touch.see("Sat 21 Nov")


def test_weeks_months_years_and_all_of_it(years: House, touch: Touch) -> None:
    touch.tap("Today, kW")
    for kind, title in (("Week", "16–22 Nov"), ("Month", "November 2026"), ("Year", "2026"), ("All", "2025 – 2026")):
        touch.tap(kind)
        touch.see(title, "fed in")
    touch.tap("Year")
    touch.not_see("2025 –")
    touch.tap_at(38, 250)
    touch.see("2025", "Grid · 6.00 €")  # 20 quarter hours of 1 kWh at 0.30
    touch.tap_at(148, 250)  # the bar of January: nothing; of March, two
    touch.see("Jan 2025")
    touch.tap_at(246, 250)
    touch.see("Mar 2025", "2.00 kWh")


def test_the_figures_of_a_period_stand_beside_those_of_the_one_before(years: House, touch: Touch) -> None:
    touch.tap("Today, kW")
    touch.tap("Year")
    touch.see("2026")
    touch.tap_at(38, 250)
    touch.see("2025", "Grid · 6.00 €")
    touch.tap("used")
    touch.see("From the grid", "20.0 kWh", "Cost", "6.00 €", "Own use of solar energy", "100 %")
    touch.tap("icon:back")
    touch.see("2025", "Grid · 6.00 €")  # where one was
    touch.tap("icon:back")
    touch.tap("Today, kW")
    touch.see("Sat 21 Nov")  # from home one comes to today


def test_a_gap_of_the_day_is_said(house: House, touch: Touch) -> None:
    begin = datetime.combine(house.clock.now().astimezone(ZONE).date(), datetime.min.time(), ZONE).astimezone(UTC)
    begin_s = int((begin + timedelta(hours=3)).timestamp())
    with house.it.store.write() as db:
        for number in range(8):
            db.execute("DELETE FROM slots WHERE start_s=?", (begin_s + 900 * number,))
    touch.tap("Today, kW")
    touch.see("gaps")


def test_before_the_first_reading_the_history_says_when_it_begins(house: House, touch: Touch) -> None:  # UX 31
    with house.it.store.write() as db:
        db.execute("DELETE FROM slots")
    with house.it.live.write() as db:
        db.execute("DELETE FROM growing_slots")
    touch.tap("Today, kW")
    touch.see("The curve begins with the first readings.")


# Counters --------------------------------------------------------------------------------------------


def test_counters_are_seen_in_all_and_by_phase_with_since_when(house: House, touch: Touch) -> None:
    readings.put(house.it.live, house.clock, meters.find(house.it.store, "Grid").id, Reading(PHASES, 0.02))
    node(touch, "Grid")
    touch.tap("Counters")
    touch.see("Grid · Grid", "4,217 kWh", "1,500 kWh", "L1", "from the start", "Wallbox meter · Car")
    touch.tap("icon:back")
    touch.see("3.55")


def test_another_language_leaves_one_in_the_same_period_and_at_the_same_source(years: House, touch: Touch) -> None:
    touch.tap("Today, kW")
    touch.tap("Month")
    touch.see("November 2026")
    touch.tap_at(38, 250)
    touch.see("October 2026")
    years.speak("de")
    touch.see("Oktober 2026")
    touch.tap("Energie")
    node(touch, "Solar")
    touch.see("erzeugt")
    years.speak("en")
    touch.see("made", "Solar")
