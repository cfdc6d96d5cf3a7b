"""What one reading shows about the wiring: a table of houses, right and wrong ones."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.metering import checks
from appliance.metering.checks import Finding
from appliance.metering.meters import ROLES
from drivers.interfaces import QUANTITIES


def phases(
    powers: tuple[float, ...], volts: tuple[float, ...] = (231.0, 229.5, 230.2), factor: float = 1.0, **more: float
) -> dict[str, float]:
    """A meter's reading with these powers by phase and a load of this power factor."""
    values = {"frequency_hz": 50.01, "import_wh": 5e6, "export_wh": 1e6, "power_w": sum(powers)}
    for phase, (watts, voltage) in enumerate(zip(powers, volts, strict=True), 1):
        values[f"power_l{phase}_w"] = watts
        values[f"voltage_l{phase}_v"] = voltage
        values[f"current_l{phase}_a"] = abs(watts) / voltage / factor if voltage else 0.0
    return values | more


def said(found: list[Finding], severity: str) -> set[str]:
    return {finding.about for finding in found if finding.severity == severity}


RIGHT = [
    ("grid", phases((900.0, 340.0, 210.0))),
    ("charger", phases((3680.0, 3660.0, 3700.0))),
    ("charger", phases((7200.0,), (230.0,))),
    ("pv", phases((-1500.0, -1490.0, -1510.0), import_wh=2000.0, export_wh=9e6)),
    ("submeter", phases((2000.0, 0.0, 0.0))),
    ("battery", phases((-800.0, -790.0, -810.0))),
]


@pytest.mark.parametrize(("role", "values"), RIGHT)
def test_a_house_that_is_wired_right_shows_nothing_bad(role: str, values: dict[str, float]) -> None:
    found = checks.findings(values, role)
    assert said(found, "bad") == set()
    assert {"voltage", "frequency"} <= said(found, "good")


WRONG = [
    ("a phase without voltage", "grid", phases((900.0, 0.0, 210.0), (231.0, 4.0, 230.0)), "bad", "voltage", "L2"),
    ("a voltage too high", "grid", phases((900.0, 340.0, 210.0), (231.0, 262.0, 230.0)), "look", "voltage", "262"),
    ("a lost neutral", "grid", phases((900.0, 340.0, 210.0), (180.0, 270.0, 230.0)), "look", "voltage", "neutral"),
    ("no such grid", "grid", phases((900.0, 340.0, 210.0), frequency_hz=55.0), "look", "frequency", "55.00 Hz"),
    ("one transformer of the charger reversed", "charger", phases((3680.0, -3660.0, 3700.0)), "bad", "direction", "L2"),
    ("one transformer of the PV reversed", "pv", phases((-1500.0, 1490.0, -1510.0)), "bad", "direction", "L2"),
    ("one phase of the grid flows out", "grid", phases((900.0, -340.0, 210.0)), "look", "direction", "out on L2"),
    ("all of the charger reversed", "charger", phases((-3680.0, -3660.0, -3700.0)), "bad", "power", "coming out"),
    ("all of the PV reversed", "pv", phases((1500.0, 1490.0, 1510.0)), "bad", "power", "taken from the grid"),
    ("the grid exports", "grid", phases((-1500.0, -1490.0, -1510.0)), "look", "power", "fed into the grid"),
    ("a submeter that produces", "submeter", phases((-500.0, 0.0, 0.0)), "look", "power", "flowing back"),
    ("nothing flows", "grid", phases((5.0, 0.0, 0.0)), "look", "power", "switch something on"),
    ("no power at all", "grid", {"voltage_l1_v": 230.0}, "look", "power", "no total power"),
    ("a total of the other sign", "grid", phases((900.0, 340.0, 210.0), power_w=-1450.0), "bad", "sum", "other sign"),
    ("the total is something else", "grid", phases((900.0, 340.0, 210.0), power_w=900.0), "look", "sum", "1450"),
    ("two transformers swapped", "charger", phases((-1840.0, -1830.0, 3700.0), factor=0.5), "bad", "phases", "L1, L2"),
    ("a ratio of 50 to 5 forgotten", "grid", phases((9000.0, 0.0, 0.0), current_l1_a=3.9), "bad", "phases", "ratio"),
    ("a poor factor", "grid", phases((600.0, 0.0, 0.0), current_l1_a=6.0), "look", "phases", "swapped"),
    ("a factor that does not fit", "grid", phases((900.0, 340.0, 210.0), power_factor=0.5), "look", "factor", "0.50"),
    ("a PV that has only taken", "pv", phases((-900.0, -340.0, -210.0)), "bad", "counters", "5000 kWh taken"),
    ("a car that only gave", "charger", phases((900.0, 340.0, 210.0), import_wh=0.0), "bad", "counters", "1000 kWh"),
    ("no counter", "grid", {"power_w": 500.0, "voltage_l1_v": 230.0}, "look", "counters", "no history"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "role", "values", "severity", "about", "words"), WRONG, ids=[row[0] for row in WRONG])
def test_a_house_that_is_wired_wrong_is_told_how(
    name: str, role: str, values: dict[str, float], severity: str, about: str, words: str
) -> None:
    found = checks.findings(values, role)
    sentences = [one.sentence for one in found if (one.severity, one.about) == (severity, about)]
    assert any(words in sentence for sentence in sentences), found


@pytest.mark.parametrize("source", ["pv", "battery"])
def test_what_a_house_with_a_source_feeds_into_the_grid_is_nothing_odd(source: str) -> None:
    feeding = phases((-1500.0, -1490.0, -1510.0))
    assert "power" in said(checks.findings(feeding, "grid", {"grid", "submeter"}), "look")
    found = checks.findings(feeding, "grid", {"grid", source})
    assert "power" not in said(found, "look") and "4500 W are fed into the grid" in str([one.sentence for one in found])


def test_the_worst_stands_first() -> None:
    severities = [one.severity for one in checks.findings(phases((3680.0, -3660.0, 3700.0)), "charger")]
    assert severities == sorted(severities, key=("bad", "look", "good").index) and severities[0] == "bad"


def test_of_a_meter_that_shows_nothing_nothing_good_is_said() -> None:
    assert said(checks.findings({}, "grid"), "good") == set()


@given(
    role=st.sampled_from(ROLES),
    values=st.dictionaries(st.sampled_from(sorted(QUANTITIES)), st.floats(-1e6, 1e6, allow_nan=False)),
)
def test_whatever_is_read_there_are_sentences_and_no_error(role: str, values: dict[str, float]) -> None:
    for finding in checks.findings(values, role):
        names = {name for _, name, _, _ in string.Formatter().parse(finding.message) if name}
        assert names <= set(finding.values) and "{" not in finding.sentence
