"""Curves and energies out of kept quarter hours, by local days."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.metering import curves, days, history, lines, meters, packing, periods, quarters, slots
from appliance.metering.balance import balance
from appliance.metering.book import Book
from appliance.metering.lines import Line
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


def year_of(opened: Opened, first: datetime, count: int, import_wh: int = 100) -> None:
    """Quarter hours in a row from a local midnight on."""
    begin_s = slots.start_of(first)
    with opened.store.write() as db:
        slots.save(
            db,
            [
                Slot(1, begin_s + 900 * i, import_wh, i % 2, i, i, i % 7, 10 + i % 7, 20 + i % 7, 900, gap=False)
                for i in range(count)
            ],
        )


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_the_hours_of_a_day_are_as_many_as_it_has(opened: Opened, day: date, hours: int) -> None:
    year_of(opened, datetime(day.year, day.month, day.day, tzinfo=BERLIN), hours * 4)
    found = history.bars(opened.store, opened.live, 1, periods.containing("day", day), BERLIN)
    assert found.import_wh == [400] * hours and len(found.starts) == hours + 1
    assert found.starts[0].date() == day and found.starts[-1].date() == day + timedelta(days=1)


@pytest.mark.parametrize("summed", [False, True])
def test_week_month_year_and_total_add_up_to_the_same(opened: Opened, summed: bool) -> None:
    """Whether days were summed ahead or not."""
    first, count = datetime(2026, 1, 1, tzinfo=BERLIN), 365 * 96
    year_of(opened, first, count)
    now = first + timedelta(days=370)
    while summed:
        with opened.store.write() as db:
            before = days.summed(db, BERLIN)
            days.sum_up(db, BERLIN, now)
            summed = days.summed(db, BERLIN) != before
    it = (opened.store, opened.live, 1)
    year = history.bars(*it, periods.containing("year", date(2026, 5, 5)), BERLIN)
    assert len(year.import_wh) == 12 and sum(wh or 0 for wh in year.import_wh) == 100 * count
    assert year.import_wh[2] == 9600 * 31 - 400, "March misses an hour"
    assert year.import_wh[9] == 9600 * 31 + 400, "October has one more"
    march = history.bars(*it, periods.containing("month", date(2026, 3, 1)), BERLIN)
    assert sum(wh or 0 for wh in march.import_wh) == year.import_wh[2] and march.import_wh[28] == 9200
    week = history.bars(*it, periods.containing("week", date(2026, 10, 25)), BERLIN)
    assert week.import_wh == [9600] * 6 + [10_000]
    total = history.bars(*it, periods.total(date(2026, 1, 1), date(2027, 1, 6)), BERLIN)
    assert total.import_wh == [100 * count, None], "of the next year nothing is known"
    assert history.stretch(*it, first, now, BERLIN).import_wh == 100 * count


def test_a_period_is_compared_with_the_one_before_as_far_as_it_is(opened: Opened) -> None:
    year_of(opened, datetime(2026, 4, 1, tzinfo=BERLIN), 61 * 96)
    now = datetime(2026, 5, 11, 6, 0, tzinfo=BERLIN)
    month = periods.containing("month", now.date())
    found = history.compared(opened.store, opened.live, 1, month, now, BERLIN)
    assert found is not None
    assert (found.now.import_wh, found.before_so_far.import_wh) == (10 * 9600 + 2400, 10 * 9600 + 2400)
    assert found.before.import_wh == 30 * 9600
    total = periods.total(now.date(), now.date())
    assert history.compared(opened.store, opened.live, 1, total, now, BERLIN) is None


def test_several_meters_lie_side_by_side(opened: Opened) -> None:
    """What self-consumption is computed from: kept, waiting and growing quarter hours, and holes."""
    car = meters.add(opened.store, opened.clock, name="Car", model="m", url="tcp://x:1", unit=2, actor=audit.CLI).id
    now = opened.clock.now()
    keep(opened, now - timedelta(minutes=45), 1000, 250)
    with opened.live.write() as db:
        slots.wait(db, Slot(car, slots.start_of(now) - 1800, 70, 0, 0, 0, 1, 2, 3, 900, gap=True))
    book = Book(opened.store, opened.live)
    for second, wh in ((0, 5.5), (60, 35.5)):
        at = now + timedelta(seconds=second)
        book.add(1, at, opened.clock.boottime_s() + second, {"power_w": 1800.0, "import_wh": wh}, 60.0)
    found = quarters.read(opened.store, opened.live, [1, car], now - timedelta(hours=1), now + timedelta(minutes=2))
    assert found[1].import_wh == [None, 250, None, None, 36], "since the counter that was stored last"
    assert found[car].import_wh == [None, None, 70, None, None]
    assert found[car].gap == [False, False, True, False, False]
    assert found[1].mean_w[1] == 1000 and found[1].gap == [False] * 4 + [True], "begun anew after a silence"


def test_a_curve_keeps_its_peaks_at_any_width(opened: Opened) -> None:
    book, clock = Book(opened.store, opened.live), opened.clock
    begin = clock.now()
    for second in range(900):
        watts = 9000.0 if second == 500 else -40.0 if second == 700 else 100.0
        at = begin + timedelta(seconds=second)
        book.add(1, at, clock.boottime_s() + second, {"power_w": watts, "voltage_l1_v": 230.0 + second % 2})
    end = begin + timedelta(seconds=900)
    book.close(end, clock.boottime_s() + 900)
    for _ in ("waiting", "kept"):
        for step_s in (1, 10, 60, 300, 900):
            found = history.curve(opened.store, opened.live, 1, "power_w", begin, end, step_s=step_s)
            assert (found.step_s, len(found.mean)) == (step_s, 900 // step_s)
            assert (max(found.most), min(found.least)) == (9000.0, -40.0), step_s
            assert sum(found.mean) / len(found.mean) == pytest.approx((898 * 100 + 9000 - 40) / 900, abs=0.6)
        book.write()
    volts = history.curve(opened.store, opened.live, 1, "voltage_l1_v", begin, end, step_s=900)
    assert list(volts.mean) == pytest.approx([230.5]), "other quantities come from the minutes at any width"
    assert curves.beside(opened.store).path.exists()


@pytest.mark.parametrize(
    ("length_s", "points", "step_s"), [(900, 1500, 1), (3600, 900, 5), (86_400, 1440, 60), (31_536_000, 400, 86_400)]
)
def test_the_width_of_buckets_follows_from_how_many_points_a_screen_shows(
    length_s: int, points: int, step_s: int
) -> None:
    assert history.step_for(length_s, points) == step_s
    assert length_s / step_s <= points


def test_a_day_minute_by_minute(opened: Opened) -> None:
    book, clock = Book(opened.store, opened.live), opened.clock
    for second in range(0, 600, 10):
        at = clock.now() + timedelta(seconds=second)
        book.add(1, at, clock.boottime_s() + second, {"power_w": float(second)})
    curve = history.day(opened.store, opened.live, 1, clock.now().date(), BERLIN, step_s=60)
    assert len(curve) == 1440
    assert [point.mean_w for point in curve if point.mean_w is not None] == [25.0 + 60 * i for i in range(10)]


# Lines -------------------------------------------------------------------------------------------


def test_a_line_takes_what_lies_in_it_and_no_more() -> None:
    line = Line.empty(100, 110, 1)
    line.put(95, packing.Series([1] * 8, 0))
    line.put(108, packing.Series([5, None, 7], 1))
    line.put(500, packing.Series([9], 0))
    line.put(0, packing.Series([9], 0))
    assert [None if math.isnan(value) else value for value in line.values] == [1.0] * 3 + [None] * 5 + [0.5, None]


def test_buckets_of_nothing_are_nothing_and_half_full_ones_count_what_is_there() -> None:
    line = Line(0, 1, lines.numbers([1.0, None, None, None, 8.0]))
    found = lines.bucketed("power_w", line, 2)
    assert [list(map(str, one)) for one in (found.mean, found.least, found.most)] == [["1.0", "nan", "8.0"]] * 3


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
