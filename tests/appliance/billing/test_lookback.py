"""One period beside the one before it, as every surface shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.billing import lookback
from appliance.metering import meters, slots
from appliance.metering.balance import Energies
from appliance.opened import Opened
from tests.fake_clock import FakeClock

ZONE = ZoneInfo("Europe/Berlin")


def energies(**known: int | None) -> Energies:
    names = (
        "grid_import_wh",
        "grid_export_wh",
        "pv_wh",
        "battery_charged_wh",
        "battery_given_wh",
        "car_wh",
        "house_wh",
    )
    return Energies(
        **{name: known.get(name) for name in names}, unexplained_wh=0, self_consumption=None,
        self_sufficiency=None, missing=(), gap=False,
    )  # fmt: skip


def measure(opened: Opened, moment: datetime, wh: int) -> None:
    """A quarter hour of the only meter."""
    start_s = int(moment.timestamp())
    with opened.store.write() as db:
        slots.save(db, [slots.Slot(1, start_s, wh, 0, 1000, 0, wh * 4, wh * 4, wh * 4, samples=900, gap=False)])


@pytest.fixture
def grid(opened: Opened) -> Opened:
    meters.add(
        opened.store, opened.clock, name="Grid", model="sunspec", url="tcp://192.0.2.7", unit=1, role="grid",
        actor=audit.CLI,
    )  # fmt: skip
    return opened


def test_a_day_that_grows_is_held_against_the_same_hours_of_the_day_before(grid: Opened, clock: FakeClock) -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=ZONE)
    clock.set(noon.astimezone(UTC))
    yesterday = noon - timedelta(days=1)
    for moment, wh in ((noon - timedelta(hours=2), 300), (yesterday - timedelta(hours=2), 100),
                       (yesterday + timedelta(hours=5), 9000)):  # fmt: skip
        measure(grid, moment, wh)
    period = lookback.period("day", None, noon.date(), None)
    found = lookback.look_up(grid, period, noon, ZONE, None)
    assert (found.sums.grid_import_wh, found.before and found.before.grid_import_wh) == (300, 100)
    assert found.powers is not None and found.bars is None and found.measured and not found.is_over
    over = lookback.look_up(grid, lookback.period("day", yesterday.date(), noon.date(), None), noon, ZONE, None)
    assert over.sums.grid_import_wh == 9100 and over.is_over


def test_a_period_that_has_not_begun_is_the_one_that_runs() -> None:
    today = date(2026, 11, 21)
    assert lookback.period("month", date(2031, 1, 1), today, None).first == date(2026, 11, 1)
    assert lookback.period("total", date(2031, 1, 1), today, date(2024, 5, 1)).first == date(2024, 1, 1)


def test_all_years_have_nothing_before_them(grid: Opened) -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=ZONE)
    found = lookback.look_up(grid, lookback.period("total", None, now.date(), None), now, ZONE, None)
    assert (found.before, found.bars_before, found.measured) == (None, None, False)


@pytest.mark.parametrize(
    ("one", "own", "grid_wh", "fed"),
    [
        (energies(grid_import_wh=500, grid_export_wh=2000, pv_wh=5000, battery_charged_wh=1000), 2000, 500, 2000),
        (energies(grid_import_wh=500), 0, 500, 0),
        (energies(grid_export_wh=300, pv_wh=100), 0, 0, 300),
    ],
)
def test_a_bar_holds_what_was_used_here_and_what_was_fed_in(one: Energies, own: int, grid_wh: int, fed: int) -> None:
    made_of = lookback.parts(one)
    assert (made_of.own, made_of.grid, made_of.fed) == (own, grid_wh, fed)


def test_what_was_used_is_not_known_without_the_house() -> None:
    assert lookback.used_wh(energies(car_wh=900)) is None
    assert lookback.used_wh(energies(house_wh=100, car_wh=900)) == 1000
    assert lookback.used_wh(energies(house_wh=100, car_wh=-900)) == 100
    assert lookback.parts(energies(grid_import_wh=700)).house == 700  # then the grid's is all there is
