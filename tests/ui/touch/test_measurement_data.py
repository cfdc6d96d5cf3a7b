"""What the measurement settings look at, without a display: meters, one closely, a search, names that are suggested."""

from __future__ import annotations

import json

import pytest

from appliance import audit, core, errors, faults
from appliance.metering import errands, health, meters, models, readings, scans, totals
from appliance.metering.health import Health
from appliance.metering.scans import Scan
from drivers.interfaces import Candidate, Found, Reading, ScanStep
from tests.ui.touch import stage
from tests.ui.touch.house import House
from ui.text import catalog
from ui.touch import gather
from ui.touch.screens.settings import measurement, measurement_data, meters_values
from ui.touch.status import Status

SDM = Candidate("eastron-sdm630", "Eastron SDM630", "likely", True, {"power_w": 412.0})
assert stage  # the display is prepared before Kivy is imported
FOUND = Found("tcp://192.0.2.10:502", 9, "", (SDM,))


def status(house: House) -> Status:
    return gather.collect(house.it)


def seen(house: House, name: str) -> measurement_data.MeterSeen:
    found = measurement_data.look(house.it, status(house)).meters
    return next(one for one in found if one.meter.name == name)


def test_a_meter_that_answers_is_seen_with_power_and_counters(house: House) -> None:
    grid = seen(house, "Grid")
    assert (grid.power_w, grid.fault, grid.errors_percent) == (1240.0, None, None)
    assert grid.age_s == 0 and grid.shown.values_wh["import_wh"] == round(house.counters_wh["Grid"])
    assert measurement.how(grid, "en") == ("good", "answers")


def test_errors_of_the_last_hour_are_a_share_and_few_are_no_worry(house: House) -> None:
    with house.it.live.write() as db:
        health.put(db, Health(1, 0.0, 995, 5, 1.0))
        health.put(db, Health(2, 0.0, 75, 25, 1.3))
    assert seen(house, "Grid").errors_percent == pytest.approx(0.5)
    assert measurement.how(seen(house, "Grid"), "en") == ("good", "answers")
    assert measurement.how(seen(house, "Wallbox meter"), "en") == ("late", "25 % errors")


def test_a_silent_meter_says_since_when_and_shows_no_power(house: House) -> None:
    house.silence("Grid")
    house.live(70)
    grid = seen(house, "Grid")
    assert grid.power_w is None and grid.shown.values_wh["import_wh"] is None
    assert measurement.how(grid, "en") == ("silent", "no data for 1:10")
    with house.it.live.write() as db:
        db.execute("DELETE FROM readings WHERE meter_id=1")
    assert measurement.how(seen(house, "Grid"), "en") == ("silent", "no data")


def test_one_meter_closely_has_values_and_findings_only_while_they_are_fresh(house: House) -> None:
    values = {"power_w": 1240.0, "voltage_l1_v": 231.0, "voltage_l2_v": 2.0}
    readings.put(house.it.live, house.clock, 1, Reading(values, 0.02))
    found = measurement_data.closely(house.it, status(house), 1, None)
    assert found.values == values and "bad" in [one.severity for one in found.findings]
    faults.report(house.it.live, house.clock.now(), "meter:1", "silent", "It does not answer.")
    house.silence("Grid")
    house.live(20)
    found = measurement_data.closely(house.it, status(house), 1, None)
    assert (found.values, found.findings) == ({}, ()) and found.seen.fault is not None
    with pytest.raises(errors.NotFound):
        measurement_data.closely(house.it, status(house), 99, None)


def test_lines_hold_what_is_measured_and_leave_out_what_is_not(house: House) -> None:
    catalog.use("en")
    values = {"power_w": 1240.0, "power_l1_w": 1000.0, "frequency_hz": 50.0, "import_wh": 1500.0, "import_l1_wh": 400.0}
    readings.put(house.it.live, house.clock, 1, Reading(values, 0.02))
    found = measurement_data.closely(house.it, status(house), 1, None)
    lines = {line.title: line for line in meters_values.lines(found, "en")}
    assert set(lines) == {"", "Power", "Frequency", "Energy taken"}
    power = lines["Power"]
    assert [text.replace("\u202f", " ") for text in (power.total, power.first, power.second)] == [
        "1,240 W",
        "1,000 W",
        "–",
    ]
    assert lines["Energy taken"].total.endswith("kWh") and lines["Frequency"].first == ""


def test_a_search_knows_which_finds_are_meters_of_this_house(house: House) -> None:
    number = errands.ask(house.it.live, house.clock, scans.KIND, {"url": "tcp://192.0.2.10"})
    grid = meters.find(house.it.store, "Grid")
    known = Found(grid.url, grid.unit, "", (SDM,))
    with house.it.live.write() as db:
        for place, one in enumerate((known, FOUND)):
            text = json.dumps({"url": one.url, "unit": one.unit, "identity": "", "candidates": []})
            db.execute("INSERT INTO errand_results VALUES (?,?,?)", (number, place, text))
    seen_now = measurement_data.search(house.it, status(house), number)
    assert seen_now.known == ("Grid", None) and seen_now.roles == ("grid", "charger", "pv")
    with pytest.raises(errors.NotFound):
        measurement_data.search(house.it, status(house), 4711)
    assert measurement_data.search(house.it, status(house), None).scan is None


def test_how_much_of_a_search_is_done() -> None:
    assert measurement_data.percent(Scan("wanted")) == 0
    assert measurement_data.percent(Scan("running", ScanStep(50, 200, "tcp://x", 50))) == 0.25
    assert measurement_data.percent(Scan("done", ScanStep(50, 200, "tcp://x", 50))) == 1
    assert measurement_data.percent(Scan("running", ScanStep(0, 0, "tcp://x", 0))) == 0


def test_a_name_is_suggested_that_nobody_has() -> None:
    catalog.use("en")
    assert measurement_data.suggested_name("grid", SDM, []) == "Grid"
    assert measurement_data.suggested_name("grid", SDM, ["grid", "Grid 2"]) == "Grid 3"
    assert measurement_data.suggested_name("submeter", SDM, []) == "Eastron SDM630"
    long = Candidate("x", "A very long title of a meter that goes on and on", "likely", True, {})
    assert len(measurement_data.suggested_name("submeter", long, [])) <= meters.LONGEST_NAME


def test_the_counters_of_a_reset_are_zero_and_have_their_day(house: House) -> None:
    grid = meters.find(house.it.store, "Grid")
    totals.reset(house.it.store, house.it.live, house.clock, grid, actor=audit.TOUCH)
    shown = seen(house, "Grid").shown
    assert set(shown.values_wh.values()) == {0} and shown.reset_at == house.clock.now()


def test_a_meter_is_named_as_people_call_its_model_where_the_core_says_how(house: House) -> None:
    assert seen(house, "Solar roof").model == "eastron-sdm630"  # no core said anything yet
    models.publish(house.it.live, core.meter_models())
    assert seen(house, "Solar roof").model.startswith("Eastron SDM630")
