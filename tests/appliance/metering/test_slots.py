"""Finished quarter hours: kept once, merged when the clock was set back, waiting while the store cannot take them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance import audit
from appliance.metering import meters, slots
from appliance.metering.slots import Slot
from appliance.opened import Opened

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PART = Slot(1, slots.start_of(NOON), 100, 0, 1100, 0, 1, 2, 3, 4, False)


@pytest.fixture(autouse=True)
def meter(opened: Opened) -> None:
    meters.add(opened.store, opened.clock, name="Grid", model="m", url="tcp://x:1", unit=1, actor=audit.CLI)


def save(opened: Opened, *found: Slot) -> list[tuple[int, int | None, int | None, int, int]]:
    """Write slots; return meter, energy, counter, mean power and gap of all there are."""
    with opened.store.write() as db:
        slots.save(db, found)
        return db.execute("SELECT meter_id, import_wh, import_counter_wh, mean_w, gap FROM slots").fetchall()


def test_a_slot_taken_twice_counts_once(opened: Opened) -> None:
    save(opened, PART)
    assert save(opened, PART) == [(1, 100, 1100, 2, 0)]


def test_a_clock_set_back_keeps_the_energy_of_both_parts(opened: Opened) -> None:
    save(opened, PART)
    assert save(opened, replace(PART, import_counter_wh=1150, import_wh=50)) == [(1, 150, 1150, 2, 1)]


def test_both_parts_taken_twice_count_once(opened: Opened) -> None:
    then = replace(PART, import_counter_wh=1150, import_wh=50)
    assert save(opened, PART, then) == [(1, 150, 1150, 2, 1)]
    assert save(opened, PART, then) == [(1, 150, 1150, 2, 1)], "a core that was killed before they were forgotten"
    bare = replace(then, import_wh=None, import_counter_wh=None)
    assert save(opened, PART, then, bare) == [(1, 150, 1150, 2, 1)]


def test_a_part_without_a_counter_takes_nothing_from_the_other(opened: Opened) -> None:
    save(opened, PART)
    assert save(opened, replace(PART, import_wh=None, import_counter_wh=None)) == [(1, 100, 1100, 2, 1)]


def test_a_removed_meter_keeps_nobody_from_being_stored(opened: Opened) -> None:
    assert [row[0] for row in save(opened, replace(PART, meter_id=77), PART)] == [1]


def test_what_waits_comes_back_as_it_was_and_is_forgotten_by_number(opened: Opened) -> None:
    other = replace(PART, meter_id=2, gap=True, min_w=None)
    with opened.live.write() as db:
        slots.wait(db, PART)
        slots.wait(db, other)
    (first, one), (second, two) = slots.waiting(opened.live)
    assert (one, two) == (PART, other) and two.gap is True
    with opened.live.write() as db:
        slots.forget(db, [first])
    assert slots.waiting(opened.live) == [(second, other)]


def test_what_waits_is_bounded_and_the_oldest_make_room(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MOST_WAITING", 3)
    with opened.live.write() as db:
        for number in range(5):
            slots.wait(db, replace(PART, start_s=PART.start_s + number * 900))
    assert [slot.start_s - PART.start_s for _, slot in slots.waiting(opened.live)] == [1800, 2700, 3600]


def test_a_slot_begins_at_the_quarter_hour() -> None:
    for minutes, expected in ((0, 0), (14, 0), (15, 15), (59, 45)):
        moment = NOON + timedelta(minutes=minutes, seconds=59)
        assert slots.start_of(moment) == int((NOON + timedelta(minutes=expected)).timestamp())


def test_rows_lie_in_the_order_of_time() -> None:
    assert slots.slot_id(900, 1023) < slots.slot_id(1800, 1)
