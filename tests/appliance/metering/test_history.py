"""Curves and energies out of kept quarter hours, by local days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.metering import history, meters, slots
from appliance.metering.balance import balance
from appliance.metering.book import Book
from appliance.metering.slots import Slot
from appliance.opened import Opened

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def grid(opened: Opened) -> None:
    meters.add(
        opened.store, opened.clock, name="Grid", model="kostal-ksem-g2", url="tcp://x:1", unit=1, actor=audit.CLI
    )


def keep(opened: Opened, start: datetime, mean_w: int, import_wh: int, *, gap: bool = False) -> None:
    """Put one quarter hour into the store."""
    slot = Slot(1, slots.start_of(start), import_wh, 0, 0, 0, mean_w, mean_w, mean_w, 900, gap)
    with opened.store.write() as db:
        slots.save(db, [slot])


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_local_day_has_its_own_length(opened: Opened, day: date, hours: int) -> None:
    curve = history.day(opened.store, opened.live, 1, day, BERLIN)
    assert len(curve) == hours * 4
    assert curve[0].start == datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    assert all(point.mean_w is None for point in curve), "nothing measured is not zero"


def test_a_curve_shows_what_was_measured_where_it_was_measured(opened: Opened) -> None:
    noon = datetime(2026, 6, 1, 12, 0, tzinfo=BERLIN)
    keep(opened, noon.astimezone(UTC), 1200, 300)
    curve = history.day(opened.store, opened.live, 1, noon.date(), BERLIN)
    assert [(point.start, point.mean_w) for point in curve if point.mean_w is not None] == [(noon, 1200.0)]


def test_energy_of_a_day_is_the_sum_of_its_quarter_hours(opened: Opened) -> None:
    midnight = datetime(2026, 6, 1, tzinfo=BERLIN)
    for quarter in range(-1, 97):
        keep(opened, midnight + timedelta(minutes=15 * quarter), 400, 100, gap=quarter == 50)
    found = history.today(opened.store, opened.live, 1, midnight + timedelta(hours=20), BERLIN)
    assert (found.import_wh, found.export_wh, found.gap) == (9600, 0, True)


def test_the_growing_quarter_hour_counts(opened: Opened) -> None:
    book = Book(opened.store, opened.live)
    clock = opened.clock
    for number, wh in enumerate((100.0, 150.0)):
        at = clock.now() + timedelta(seconds=60 * number)
        book.add(1, at, clock.boottime_s() + 60 * number, {"power_w": 3000.0, "import_wh": wh})
    found = history.today(opened.store, opened.live, 1, clock.now(), BERLIN)
    assert found.import_wh == 50


def test_what_waits_for_a_full_card_counts_and_is_not_counted_twice(opened: Opened) -> None:
    noon = datetime(2026, 6, 1, 12, 0, tzinfo=BERLIN)
    slot = Slot(1, slots.start_of(noon), 200, 0, 0, 0, 800, 800, 800, 900, False)
    with opened.live.write() as db:
        slots.wait(db, slot)
        slots.wait(db, replace(slot, meter_id=2, import_wh=9))
    for _ in range(2):  # while it waits, and in the moment when both files have it
        assert history.today(opened.store, opened.live, 1, noon, BERLIN).import_wh == 200
        curve = history.day(opened.store, opened.live, 1, noon.date(), BERLIN)
        assert [point.mean_w for point in curve if point.mean_w is not None] == [800.0]
        with opened.store.write() as store_db:
            slots.save(store_db, [slot])


def test_a_quarter_hour_of_the_day_after_is_not_today(opened: Opened) -> None:
    midnight = datetime(2026, 6, 2, tzinfo=BERLIN)
    keep(opened, midnight, 400, 100)
    with opened.live.write() as db:
        slots.wait(db, Slot(1, slots.start_of(midnight) + 900, 70, 0, 0, 0, 1, 1, 1, 1, False))
    yesterday = midnight - timedelta(hours=1)
    assert history.today(opened.store, opened.live, 1, yesterday, BERLIN) == history.Energy(None, None, False)
    assert history.today(opened.store, opened.live, 1, midnight, BERLIN).import_wh == 170
    assert all(point.mean_w is None for point in history.day(opened.store, opened.live, 1, yesterday.date(), BERLIN))


@pytest.mark.parametrize(
    ("powers", "house_w", "pv_w", "missing"),
    [
        ({"grid": [1000.0]}, 1000.0, None, ()),
        ({"grid": [-2000.0], "pv": [-3000.0]}, 1000.0, 3000.0, ()),
        ({"grid": [12_000.0], "charger": [11_000.0]}, 1000.0, None, ()),
        ({"grid": [500.0], "pv": [-1000.0, -500.0], "charger": [1000.0]}, 1000.0, 1500.0, ()),
        ({"grid": [None], "pv": [-1000.0]}, None, 1000.0, ("grid",)),
        ({"grid": [500.0], "charger": [None]}, None, None, ("charger",)),
        ({"pv": [-10.0]}, None, 10.0, ()),
        ({"grid": [-5.0], "pv": [4.0]}, 0.0, 0.0, ()),
        ({"grid": [100.0], "battery": [-900.0]}, 1000.0, None, ()),
        ({}, None, None, ()),
    ],
)
def test_the_balance_of_the_house(
    powers: dict[str, list[float | None]], house_w: float | None, pv_w: float | None, missing: tuple[str, ...]
) -> None:
    found = balance(powers)
    assert (found.house_w, found.pv_w, found.missing) == (house_w, pv_w, missing)
