"""The book of quarter hours: no energy is lost or invented, whatever happens to core, meter and clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance import audit
from appliance.metering import growing, meters, slots
from appliance.metering.book import Book
from appliance.metering.slots import Slot
from appliance.opened import Opened
from appliance.store import live
from tests.fake_clock import FakeClock

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def meter(opened: Opened) -> int:
    return add_meter(opened, "Grid")


def add_meter(opened: Opened, name: str) -> int:
    return meters.add(opened.store, opened.clock, name=name, model="m", url="tcp://x:1", unit=1, actor=audit.CLI).id


def feed(book: Book, clock: FakeClock, seconds: int, watts: float, counter_wh: float, step_s: int = 10) -> float:
    """Readings of a constant power for a while; return the counter at the end."""
    for _ in range(seconds // step_s):
        clock.advance(step_s)
        counter_wh += watts * step_s / 3600
        values = {"power_w": watts, "import_wh": counter_wh, "export_wh": 7.0}
        book.add(1, clock.now(), clock.boottime_s(), values, float(step_s))
    return counter_wh


def stored(opened: Opened) -> list[tuple[int, int, int, int, int]]:
    """Start (minutes after noon), import_wh, counter, mean power, gap of each kept slot."""
    with opened.store.read() as db:
        rows = db.execute("SELECT start_s, import_wh, import_counter_wh, mean_w, gap FROM slots ORDER BY id").fetchall()
    return [((start_s - int(NOON.timestamp())) // 60, *rest) for start_s, *rest in rows]


def written(book: Book, opened: Opened) -> list[tuple[int, int, int, int, int]]:
    book.write()
    return stored(opened)


def reboot(opened: Opened, clock: FakeClock, off_s: float) -> Book:
    """Switch off and on: another boot, and the memory is empty."""
    clock.reboot(off_s)
    opened.live.close()
    assert live.make(opened.home.live_db, clock.boot_id)
    return Book(opened.store, opened.live)


# Borders ---------------------------------------------------------------------------------------


def test_a_meter_put_out_of_use_while_no_core_runs_keeps_its_last_quarter_hour(
    opened: Opened, clock: FakeClock
) -> None:
    feed(Book(opened.store, opened.live), clock, 600, 3600.0, 5000.0)
    meters.archive(opened.store, clock, 1, actor=audit.CLI)
    book = Book(opened.store, opened.live)  # the core that comes after
    clock.advance(400)
    book.close(clock.now(), clock.boottime_s(), in_use=())
    assert [row[:2] for row in written(book, opened)] == [(0, 590)]
    assert growing.load(opened.live, 1) is None, "and gets no further one"


def test_a_meter_that_fell_silent_with_the_core_gets_its_quarter_hours(opened: Opened, clock: FakeClock) -> None:
    feed(Book(opened.store, opened.live), clock, 600, 3600.0, 5000.0)
    book = Book(opened.store, opened.live)
    clock.advance(1300)
    book.close(clock.now(), clock.boottime_s(), in_use={1})
    assert [(row[0], row[1], row[4]) for row in written(book, opened)] == [(0, 590, 1)]
    after = growing.load(opened.live, 1)
    assert after is not None and after.start_s == int(NOON.timestamp()) + 1800


def test_a_slot_holds_the_difference_of_the_counters(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 1810, 3600.0, 1000.0)
    first, second = written(book, opened)
    assert (first[0], first[3]) == (0, 3600) and second == (15, 900, 1000 + 1790, 3600, 0)
    assert first[1] + second[1] == second[2] - 1010  # the counter first seen ten seconds after noon


def test_all_meters_are_written_in_one_commit(opened: Opened, clock: FakeClock) -> None:
    car, book = add_meter(opened, "Car"), Book(opened.store, opened.live)
    for meter_id in (1, car):
        book.add(meter_id, clock.now(), clock.boottime_s(), {"power_w": 5.0, "import_wh": 1.0})
    clock.advance(903)
    book.close(clock.now(), clock.boottime_s())
    assert book.write() == 2 and book.write() == 0
    assert len(stored(opened)) == 2


def test_least_mean_and_greatest_power_are_kept(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    for watts in (100.0, -50.0, 250.0):
        feed(book, clock, 10, watts, 0.0)
    book.close(clock.now() + timedelta(seconds=900), clock.boottime_s() + 900)
    ((_, slot),) = slots.waiting(opened.live)
    assert (slot.min_w, slot.mean_w, slot.max_w, slot.samples) == (-50, 100, 250, 3)


def test_a_meter_out_of_use_gets_its_last_slot_and_no_further(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 300, 3600.0, 0.0)
    for _ in range(3):
        clock.advance(900)
        book.close(clock.now(), clock.boottime_s(), in_use=set())
    assert [row[:2] for row in written(book, opened)] == [(0, 290)]
    assert growing.load(opened.live, 1) is None


def test_a_removed_meter_leaves_nothing_to_the_next_of_its_number(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 1000, 3600.0, 0.0)
    book.drop(1)
    assert slots.waiting(opened.live) == [] and growing.load(opened.live, 1) is None


def test_the_wal_of_a_week_stays_small(opened: Opened, clock: FakeClock) -> None:
    book, counter = Book(opened.store, opened.live), 0.0
    for _ in range(7 * 96):
        counter = feed(book, clock, 900, 3600.0, counter, step_s=300)
        book.write()
    wal = opened.store.path.with_name(opened.store.path.name + "-wal")
    assert wal.stat().st_size < 400_000 and len(stored(opened)) == 7 * 96


# Gaps ------------------------------------------------------------------------------------------


def test_a_gap_inside_a_slot_is_flagged_and_its_energy_is_there(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 300, 3600.0, 0.0)
    clock.advance(120)
    feed(book, clock, 490, 3600.0, counter + 120)
    ((_, import_wh, counter_wh, _, gap),) = written(book, opened)
    assert gap == 1 and import_wh == counter_wh - 10


def test_a_meter_read_slowly_has_no_gap_for_that(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 3600, 1000.0, 0.0, step_s=60)
    assert [row[4] for row in written(book, opened)] == [0, 0, 0, 0]


@pytest.mark.parametrize(("speed", "silent_s", "gap"), [(1.0, 12, True), (60.0, 590, False), (60.0, 610, True)])
def test_a_gap_is_judged_in_real_time_under_a_fast_clock(
    opened: Opened, clock: FakeClock, speed: float, silent_s: float, gap: bool
) -> None:
    book = Book(opened.store, opened.live)
    for _ in range(2):
        book.add(1, clock.now(), clock.boottime_s(), {"power_w": 1.0}, 1.0, speed)
        clock.advance(silent_s)
    found = growing.load(opened.live, 1)
    assert found is not None and found.gap is gap


def test_silence_until_the_border_flags_also_the_slot_that_takes_the_energy(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 100, 3600.0, 0.0)
    clock.advance(800)
    book.close(clock.now(), clock.boottime_s())
    feed(book, clock, 900, 3600.0, counter + 800)
    first, second = written(book, opened)
    assert (first[1], first[4]) == (90, 1) and (second[1], second[4]) == (1690, 1)


def test_a_doubted_reading_is_not_used_at_all(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 100, 1000.0, 50_000.0)
    assert not book.add(1, clock.now(), clock.boottime_s(), {"power_w": 90_000.0, "import_wh": 3.0})
    feed(book, clock, 800, 1000.0, counter)
    book.close(NOON + timedelta(minutes=16), clock.boottime_s() + 60)
    ((_, slot),) = slots.waiting(opened.live)
    assert slot.max_w == 1000 and slot.import_wh is not None and slot.import_wh < 300


def test_a_coarse_counter_that_is_read_rarely_gives_smooth_quarter_hours(opened: Opened, clock: FakeClock) -> None:
    """Power each ten seconds, a counter in kWh once a minute: 500 Wh a quarter hour."""
    book = Book(opened.store, opened.live)
    for number in range(1, 8 * 90 + 1):
        clock.advance(10)
        values = {"power_w": 2000.0}
        if number % 6 == 0:
            values["import_wh"] = (7_000_400 + 2000 * number * 10 / 3600) // 1000 * 1000
        book.add(1, clock.now(), clock.boottime_s(), values, 10.0)
    rows = written(book, opened)
    assert [row[1] for row in rows[1:]] == pytest.approx([500] * (len(rows) - 1), abs=40)
    assert abs(rows[-1][2] - (7_000_400 + 2000 * (len(rows)) / 4)) <= 1000


# Restart, reboot, crash --------------------------------------------------------------------------


def test_a_restarted_core_goes_on_with_the_growing_slot(opened: Opened, clock: FakeClock) -> None:
    counter = feed(Book(opened.store, opened.live), clock, 400, 1800.0, 50_000.0)
    book = Book(opened.store, opened.live)
    feed(book, clock, 600, 1800.0, counter)
    ((start, import_wh, _counter, mean_w, gap),) = written(book, opened)
    assert (start, mean_w, gap) == (0, 1800, 0)
    assert import_wh == pytest.approx(1800 * 880 / 3600, abs=1)


def test_what_a_core_of_another_version_kept_besides_is_left_out(opened: Opened, clock: FakeClock) -> None:
    counter = feed(Book(opened.store, opened.live), clock, 400, 1800.0, 50_000.0)
    more = "json_set(CAST(state AS TEXT), '$.forecast_wh', 12, '$.imported.colour', 'red')"
    with opened.live.write() as db:
        db.execute(f"UPDATE growing_slots SET state = CAST({more} AS BLOB)")
    book = Book(opened.store, opened.live)
    feed(book, clock, 600, 1800.0, counter)
    assert written(book, opened)[0][1] == pytest.approx(1800 * 880 / 3600, abs=1)


def test_after_a_reboot_the_next_slot_takes_the_energy_and_is_flagged(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 910, 3600.0, 0.0)
    book.write()
    book = reboot(opened, clock, off_s=2 * 3600)
    feed(book, clock, 900, 3600.0, counter + 7200)
    first, second = written(book, opened)
    assert second[4] == 1, "the shape of the outage is not known"
    assert first[1] + second[1] == second[2] - 10, "its energy is"


def test_a_meter_replaced_while_the_appliance_was_off_invents_no_energy(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 910, 1000.0, 1000.0)
    book.write()
    book = reboot(opened, clock, off_s=600)
    feed(book, clock, 1800, 1000.0, 9_000_000.0)
    assert all(row[1] <= 250 for row in written(book, opened))
    assert stored(opened)[1][4] == 1


def test_a_reboot_after_a_long_silence_loses_no_energy(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 900, 3600.0, 0.0)
    for _ in range(48):  # twelve silent hours, in which the house goes on using
        clock.advance(900)
        book.close(clock.now(), clock.boottime_s())
    book.write()
    counter += 40_000  # more than a house can use in the minutes since the last row
    book = reboot(opened, clock, off_s=30)
    feed(book, clock, 900, 3600.0, counter)
    rows = written(book, opened)
    assert sum(row[1] for row in rows) == rows[-1][2] - 10


def test_slots_that_wait_survive_a_restart_of_the_core(opened: Opened, clock: FakeClock) -> None:
    counter = feed(Book(opened.store, opened.live), clock, 2700, 3600.0, 0.0)
    book = Book(opened.store, opened.live)
    feed(book, clock, 900, 3600.0, counter)
    rows = written(book, opened)
    assert [row[0] for row in rows] == [0, 15, 30, 45]
    assert sum(row[1] for row in rows) == rows[-1][2] - 10


def test_a_core_killed_between_store_and_memory_counts_nothing_twice(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 1810, 3600.0, 0.0)
    with opened.store.write() as db:  # committed, and then the power of the process is gone
        slots.save(db, [slot for _, slot in slots.waiting(opened.live)])
    before = stored(opened)
    assert written(Book(opened.store, opened.live), opened) == before
    assert slots.waiting(opened.live) == []


def test_what_the_store_refuses_goes_on_waiting(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 2000, 500.0, 0.0)
    found = slots.waiting(opened.live)
    with pytest.raises(ZeroDivisionError), opened.store.write() as db:
        slots.save(db, [slot for _, slot in found])
        raise ZeroDivisionError  # anything that rolls the transaction back
    assert slots.waiting(opened.live) == found and stored(opened) == []
    assert book.write() == len(stored(opened)) == len(found) == 2


# The calendar ------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [timedelta(days=365), timedelta(days=-365), timedelta(hours=3)])
def test_a_calendar_that_was_wrong_for_a_moment_leaves_no_wrong_row(
    opened: Opened, clock: FakeClock, by: timedelta
) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 300, 3600.0, 0.0)
    clock.set(clock.now() + by)
    counter = feed(book, clock, 10, 3600.0, counter)
    clock.set(clock.now() - by)
    feed(book, clock, 1490, 3600.0, counter)
    rows = written(book, opened)
    assert [(row[0], row[4]) for row in rows] == [(0, 1), (15, 0)]
    assert sum(row[1] for row in rows) == rows[-1][2] - 10


def test_a_border_seen_under_a_wrong_calendar_is_taken_back(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 300, 3600.0, 0.0)
    right = clock.now()
    clock.set(right + timedelta(days=30))
    book.close(clock.now(), clock.boottime_s())
    clock.set(right)
    feed(book, clock, 1500, 3600.0, counter)
    assert [row[0] for row in written(book, opened)] == [0, 15]


def test_a_clock_corrected_by_hours_puts_what_grows_under_the_right_time(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 300, 3600.0, 0.0)
    clock.advance(1)
    clock.set(clock.now() + timedelta(hours=3))  # the time server is there at last
    feed(book, clock, 900, 3600.0, counter)
    ((start, import_wh, _, _, gap),) = written(book, opened)
    assert (start, gap) == (180, 1) and import_wh > 290 + 500


def test_a_clock_set_back_a_little_over_the_border_keeps_one_slot(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 910, 3600.0, 0.0)
    clock.set(clock.now() - timedelta(seconds=20))
    feed(book, clock, 910, 3600.0, counter)
    rows = written(book, opened)
    assert [row[0] for row in rows] == [0, 15] and rows[1][3] == 3600
    assert sum(row[1] for row in rows) == rows[-1][2] - 10


def test_a_clock_set_back_by_hours_counts_no_energy_twice(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 3600, 3600.0, 0.0)
    book.write()
    clock.set(clock.now() - timedelta(minutes=45))
    feed(book, clock, 3600, 3600.0, counter)
    rows = written(book, opened)
    assert sum(row[1] for row in rows) == max(row[2] for row in rows) - 10
    assert rows[1][4] == 1, "a quarter hour lived twice is a gap"


def test_rows_of_a_later_date_are_not_counted_again_after_a_reboot(opened: Opened, clock: FakeClock) -> None:
    later = slots.start_of(NOON + timedelta(days=2))
    with opened.store.write() as db:
        slots.save(db, [Slot(1, later, 500, 0, 5500, 0, 1, 1, 1, 900, False)])
    book = Book(opened.store, opened.live)
    feed(book, clock, 910, 3600.0, 5600.0)
    assert written(book, opened)[0][1] == 5600 + 890 - 5500


def test_a_meter_without_counters_has_a_shape(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    for _ in range(100):
        clock.advance(10)
        book.add(1, clock.now(), clock.boottime_s(), {"power_w": 42.0})
    ((start, *rest),) = written(book, opened)
    assert start == 0 and rest == [None, None, 42, 0]
