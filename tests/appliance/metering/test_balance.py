"""The balance of the house: what it says, and that no energy appears or is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.metering.balance import Balance, Flow, Missing, balance, energies, missing

POWER = st.floats(-50_000, 50_000)
ROLES = st.fixed_dictionaries(
    {"grid": st.lists(POWER, min_size=1, max_size=3)},
    optional={role: st.lists(POWER, min_size=1, max_size=3) for role in ("pv", "charger", "battery", "submeter")},
)
WH = st.integers(0, 10**9)
FLOW = st.builds(Flow, WH, WH)
FLOWS = st.fixed_dictionaries(
    {"grid": st.lists(FLOW, min_size=1, max_size=3)},
    optional={role: st.lists(FLOW, min_size=1, max_size=3) for role in ("pv", "charger", "battery", "submeter")},
)


@pytest.mark.parametrize(
    ("powers", "found"),
    [
        ({"grid": [1000.0], "battery": [-900.0]}, Balance(1000.0, None, None, 1900.0, (), battery_w=-900.0)),
        ({"grid": [1000.0, 500.0]}, Balance(1500.0, None, None, 1500.0, ())),
        ({"grid": [1000.0], "submeter": [400.0]}, Balance(1000.0, None, None, 1000.0, ())),
        ({"grid": [1000.0], "submeter": [None]}, Balance(1000.0, None, None, 1000.0, ("submeter",))),
        ({"grid": [100.0], "charger": [160.0]}, Balance(100.0, None, 160.0, 0.0, (), unexplained_w=60.0)),
        ({"grid": [100.0], "battery": [None]}, Balance(100.0, None, None, None, ("battery",))),
        ({"grid": [100.0, None]}, Balance(None, None, None, None, ("grid",))),
        ({"charger": [100.0]}, Balance(None, None, 100.0, None, ())),
    ],
)
def test_the_balance_of_this_moment(powers: dict[str, list[float | None]], found: Balance) -> None:
    assert balance(powers) == found


def test_a_silent_meter_is_named_with_what_nobody_knows_now() -> None:
    meters = [("Roof", "pv", None), ("Grid", "grid", 5.0), ("Cellar", "submeter", None)]
    assert missing(meters) == [Missing("Roof", "pv", ("pv", "house")), Missing("Cellar", "submeter", ())]


@given(powers=ROLES)
def test_no_power_appears_or_is_lost(powers: dict[str, list[float | None]]) -> None:
    found = balance(powers)
    assert found.grid_w is not None and found.house_w is not None and found.house_w >= 0
    sums = {role: sum(watts for watts in values if watts is not None) for role, values in powers.items()}
    comes = found.grid_w + (found.pv_w or 0.0) + found.unexplained_w
    inverter = max(0.0, sums.get("pv", 0.0))  # what it takes at night
    assert comes == pytest.approx(found.house_w + (found.car_w or 0.0) + (found.battery_w or 0.0) + inverter, abs=1e-6)


@given(powers=ROLES, role=st.sampled_from(["grid", "pv", "charger", "battery"]))
def test_a_meter_without_data_never_counts_as_zero(powers: dict[str, list[float | None]], role: str) -> None:
    found = balance({**powers, role: [*powers.get(role, []), None]})
    assert found.house_w is None and found.missing == (role,)


@pytest.mark.parametrize(
    ("flows", "house_wh", "self_consumption", "self_sufficiency"),
    [
        ({"grid": [Flow(8000, None)]}, 8000, None, 0.0),
        ({"grid": [Flow(4000, 6000)], "pv": [Flow(0, 10_000)]}, 8000, 0.4, 0.5),
        ({"grid": [Flow(4000, 6000)], "pv": [Flow(0, 10_000)], "charger": [Flow(3000, None)]}, 5000, 0.4, 0.5),
        ({"grid": [Flow(4000, 6000)], "pv": [Flow(0, 10_000)], "submeter": [Flow(3000, 0)]}, 8000, 0.4, 0.5),
        ({"grid": [Flow(2000, 1000)], "pv": [Flow(0, 9000)], "battery": [Flow(4000, 2000)]}, 8000, 8 / 9, 0.75),
        ({"grid": [Flow(4000, 6000)], "pv": [Flow(0, 4000), Flow(0, 6000)]}, 8000, 0.4, 0.5),
        ({"grid": [Flow(0, 5000)], "pv": [Flow(0, 5000)]}, 0, 0.0, None),
        ({"grid": [Flow(500, 0)], "pv": [Flow(3, 0)]}, 497, None, 0.0),
        ({"grid": [Flow(4000, None)], "pv": [Flow(0, 10_000)]}, None, None, None),
        ({"grid": [Flow(4000, 0)], "pv": [Flow(None, None)]}, None, None, None),
        ({"pv": [Flow(0, 10)]}, None, None, None),
        ({}, None, None, None),
    ],
)
def test_the_balance_of_a_period(
    flows: dict[str, list[Flow]], house_wh: int | None, self_consumption: float | None, self_sufficiency: float | None
) -> None:
    found = energies(flows)
    assert found.house_wh == house_wh
    assert (found.self_consumption, found.self_sufficiency) == (
        None if self_consumption is None else pytest.approx(self_consumption),
        None if self_sufficiency is None else pytest.approx(self_sufficiency),
    )


def test_what_was_not_measured_is_named_and_gaps_are_told() -> None:
    found = energies({"grid": [Flow(5, 5, gap=True)], "charger": [Flow(None, None)]})
    assert (found.missing, found.gap, found.car_wh, found.house_wh) == (("charger",), True, None, None)


@given(flows=FLOWS)
def test_no_energy_appears_or_is_lost(flows: dict[str, list[Flow]]) -> None:
    found = energies(flows)
    assert found.grid_import_wh is not None and found.grid_export_wh is not None and found.house_wh is not None
    inverter_wh = sum(flow.import_wh or 0 for flow in flows.get("pv", []))
    comes_wh = found.grid_import_wh + (found.pv_wh or 0) + (found.battery_given_wh or 0) + found.unexplained_wh
    goes_wh = (
        found.house_wh + (found.car_wh or 0) + found.grid_export_wh + (found.battery_charged_wh or 0) + inverter_wh
    )
    assert comes_wh == goes_wh
    for share in (found.self_consumption, found.self_sufficiency):
        assert share is None or 0 <= share <= 1
