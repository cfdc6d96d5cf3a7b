"""Quarter hours: no energy is lost or invented, whatever happens to core, meter and clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import audit
from appliance.metering import meters, slots, traces
from appliance.metering.slots import Book, Count, Growing, Slot
from appliance.opened import Opened
from tests.fake_clock import FakeClock

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def meter(opened: Opened) -> int:
    grid = meters.add(
        opened.store, opened.clock, name="Grid", model="kostal-ksem-g2", url="tcp://x:1", unit=1, actor=audit.CLI
    )
    return grid.id


def feed(book: Book, clock: FakeClock, seconds: int, watts: float, counter_wh: float, step_s: int = 10) -> float:
    """Readings of a constant power for a while; return the counter at the end."""
    for _ in range(seconds // step_s):
        clock.advance(step_s)
        counter_wh += watts * step_s / 3600
        book.add(1, clock.now(), clock.boottime_s(), {"power_w": watts, "import_wh": counter_wh, "export_wh": 7.0})
    return counter_wh


def stored(opened: Opened) -> list[tuple[int, int, int, int, int]]:
    """Start (minutes after noon), import_wh, counter, mean power, gap of each kept slot."""
    with opened.store.read() as db:
        rows = db.execute("SELECT start_s, import_wh, import_counter_wh, mean_w, gap FROM slots ORDER BY id").fetchall()
    return [((start_s - int(NOON.timestamp())) // 60, *rest) for start_s, *rest in rows]


def commit(book: Book, opened: Opened) -> None:
    with opened.store.write() as db:
        done = book.write(db)
    book.written(done)


def test_a_slot_holds_the_difference_of_the_counters(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 1810, 3600.0, 1000.0)
    commit(book, opened)
    first, second = stored(opened)
    assert first[:1] + first[3:4] == (0, 3600) and second == (15, 900, 1000 + 1790, 3600, 0)
    assert first[1] + second[1] == second[2] - 1010  # the counter first seen ten seconds after noon


def test_all_meters_are_written_in_one_commit(opened: Opened, clock: FakeClock) -> None:
    meters.add(
        opened.store,
        clock,
        name="Car",
        model="eastron-sdm630",
        url="tcp://x:1",
        unit=2,
        role="charger",
        actor=audit.CLI,
    )
    book = Book(opened.store, opened.live)
    for meter_id in (1, 2):
        book.add(meter_id, clock.now(), clock.boottime_s(), {"power_w": 5.0, "import_wh": 1.0})
    clock.advance(903)
    book.close(clock.now())
    assert book.waiting == 2
    commit(book, opened)
    assert book.waiting == 0 and len(stored(opened)) == 2


def test_a_restarted_core_goes_on_with_the_growing_slot(opened: Opened, clock: FakeClock) -> None:
    counter = feed(Book(opened.store, opened.live), clock, 400, 1800.0, 50_000.0)
    book = Book(opened.store, opened.live)
    feed(book, clock, 600, 1800.0, counter)
    commit(book, opened)
    ((start, import_wh, _counter, mean_w, _gap),) = stored(opened)
    assert (start, mean_w) == (0, 1800)
    assert import_wh == pytest.approx(1800 * 880 / 3600, abs=1)


def test_after_a_reboot_the_next_slot_takes_the_energy_and_is_flagged(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 910, 3600.0, 0.0)
    commit(book, opened)
    clock.reboot(off_s=2 * 3600)
    with opened.live.write() as db:
        db.execute("DELETE FROM growing_slots")  # tmpfs is empty after a reboot
    book = Book(opened.store, opened.live)
    feed(book, clock, 900, 3600.0, counter + 7200)
    commit(book, opened)
    first, second = stored(opened)
    assert second[4] == 1, "the shape of the outage is not known"
    assert first[1] + second[1] == second[2] - 10, "its energy is"


def test_a_counter_that_jumps_is_not_believed_and_a_minute_later_it_is_another_meter(clock: FakeClock) -> None:
    count = Count()
    assert count.see(8_000_000.0, 0.0) and count.see(8_000_001.0, 1.0)
    assert not count.see(12.0, 2.0)
    assert not count.see(13.0, 30.0)
    assert not count.see(14.0, 63.0), "the meter was replaced: counting starts anew"
    assert count.see(15.0, 64.0)
    assert count.energy_wh == 1 + 1


def test_a_short_lapse_of_the_counter_costs_nothing() -> None:
    count = Count()
    count.see(1000.0, 0.0)
    assert not count.see(0.0, 1.0)
    assert count.see(1002.0, 2.0) and count.energy_wh == 2


def test_a_float_counter_may_step_back_by_its_own_resolution() -> None:
    count = Count()
    count.see(21_480_992.0, 0.0)
    assert count.see(21_480_990.0, 1.0) and count.end_wh == 21_480_992


def test_a_gap_inside_a_slot_is_flagged(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    counter = feed(book, clock, 300, 1000.0, 0.0)
    clock.advance(120)
    feed(book, clock, 900, 1000.0, counter + 34)
    commit(book, opened)
    assert stored(opened)[0][4] == 1


def test_a_full_disk_keeps_the_slots_waiting(opened: Opened, clock: FakeClock) -> None:
    book = Book(opened.store, opened.live)
    feed(book, clock, 2000, 500.0, 0.0)
    waiting = book.waiting
    with pytest.raises(ZeroDivisionError), opened.store.write() as db:
        book.write(db)
        raise ZeroDivisionError  # anything that rolls the transaction back
    assert book.waiting == waiting and stored(opened) == []
    commit(book, opened)
    assert len(stored(opened)) == waiting


def test_a_clock_set_back_keeps_the_energy_of_both(opened: Opened, clock: FakeClock) -> None:
    slot = Slot(1, slots.start_of(NOON), 100, 0, 1100, 0, 1, 2, 3, 4, False, None)
    for _ in range(2):
        with opened.store.write() as db:
            slots.save(db, [slot])
    assert stored(opened) == [(0, 200, 1100, 2, 1)]


@given(st.lists(st.one_of(st.none(), st.integers(-(10**7), 10**7)), min_size=traces.BINS, max_size=traces.BINS))
def test_a_trace_comes_back_as_it_was(bins: list[int | None]) -> None:
    assert traces.unpack(traces.pack(bins)) == bins


def test_a_quiet_quarter_hour_costs_little_over_a_hundred_bytes() -> None:
    bins: list[int | None] = [250 + (i * 7919) % 23 for i in range(traces.BINS)]
    packed = traces.pack(bins)
    assert packed is not None and len(packed) < 160


def test_a_trace_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 9"):
        traces.unpack(b"\x09\x00")


def test_the_next_slot_goes_on_from_the_last_counter() -> None:
    growing = Growing(900, Count(begin_wh=10, last_wh=25.4, last_s=1.0))
    after = growing.next(1800)
    assert after.imported is not None and after.imported.begin_wh == 25 and not after.gap
    assert growing.next(2700).gap


def test_a_slot_begins_at_the_quarter_hour() -> None:
    for minutes, expected in ((0, 0), (14, 0), (15, 15), (59, 45)):
        moment = NOON + timedelta(minutes=minutes, seconds=59)
        assert slots.start_of(moment) == int((NOON + timedelta(minutes=expected)).timestamp())
