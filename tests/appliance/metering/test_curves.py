"""Seconds and minutes: kept exactly, folded by days, ended in time, and begun anew when their file is damaged."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from appliance import audit, errors
from appliance.metering import curves, fine, meters, minutes, packing, retention, seconds, slots
from appliance.metering.book import Book
from appliance.metering.lines import Line
from appliance.opened import Opened
from appliance.store import database, settings
from tests.fake_clock import FakeClock

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOON_S = int(NOON.timestamp())
SLOT = timedelta(seconds=slots.SLOT_S)


@pytest.fixture(autouse=True)
def meter(opened: Opened) -> int:
    return meters.add(opened.store, opened.clock, name="Grid", model="m", url="tcp://x:1", unit=1, actor=audit.CLI).id


@pytest.fixture
def book(opened: Opened) -> Book:
    return Book(opened.store, opened.live)


def live_on(book: Book, clock: FakeClock, count: int, *, step_s: int = 1) -> None:
    """Readings whose values tell their second."""
    for _ in range(count):
        now = clock.now()
        second = int(now.timestamp()) % 900
        values = {"power_w": second * 1.0, "voltage_l1_v": 230 + second / 10}
        values |= {"import_wh": 1000.0 + (int(now.timestamp()) - NOON_S) // 60}
        book.add(1, now, clock.boottime_s(), values, float(step_s))
        clock.advance(step_s)


def close(book: Book, clock: FakeClock) -> None:
    book.close(clock.now(), clock.boottime_s())
    book.write()


def by_second(opened: Opened, quantity: str, begin_s: int, count: int) -> list[float | None]:
    line = Line.empty(begin_s, begin_s + count, 1)
    fine.lay_seconds(opened.store, opened.live, 1, quantity, line)
    return [None if math.isnan(value) else value for value in line.values]


def by_minute(opened: Opened, name: str, begin_s: int, count: int) -> list[float | None]:
    lines = {name: Line.empty(begin_s, begin_s + 60 * count, 60)}
    fine.lay_minutes(opened.store, opened.live, 1, lines)
    return [None if math.isnan(value) else value for value in lines[name].values]


def rows(opened: Opened, table: str) -> int:
    with curves.beside(opened.store).read() as db:
        found: int = db.execute(f"SELECT count(*) FROM {table}").get
    return found


# Kept ------------------------------------------------------------------------------------------


def test_every_second_is_there_while_it_grows_while_it_waits_and_when_it_is_kept(
    opened: Opened, clock: FakeClock, book: Book
) -> None:
    live_on(book, clock, 900)
    wanted = [230 + second / 10 for second in range(900)]
    assert by_second(opened, "voltage_l1_v", NOON_S, 900) == pytest.approx(wanted), "growing"
    book.close(clock.now(), clock.boottime_s())
    curves.pack_finished(opened.live)
    assert by_second(opened, "voltage_l1_v", NOON_S, 900) == pytest.approx(wanted), "waiting"
    book.write()
    assert curves.waiting(opened.live) == [] and rows(opened, "quarters") == 4
    assert by_second(opened, "voltage_l1_v", NOON_S, 900) == pytest.approx(wanted), "kept"


def test_minutes_have_means_of_power_the_extremes_and_of_counters_where_they_stood(
    opened: Opened, clock: FakeClock, book: Book
) -> None:
    live_on(book, clock, 900)
    for _ in ("growing", "kept"):
        assert by_minute(opened, "power_w", NOON_S, 2) == [29.5, 89.5]
        assert by_minute(opened, "power_w:min", NOON_S, 2) == [0.0, 60.0]
        assert by_minute(opened, "power_w:max", NOON_S, 2) == [59.0, 119.0]
        assert by_minute(opened, "import_wh", NOON_S, 15)[-1] == 1014.0
        close(book, clock)


def test_what_was_missing_is_missing(opened: Opened, clock: FakeClock, book: Book) -> None:
    live_on(book, clock, 100)
    clock.advance(200)
    live_on(book, clock, 600)
    close(book, clock)
    found = by_second(opened, "power_w", NOON_S - 10, 920)
    assert [i for i, value in enumerate(found) if value is None] == [*range(10), *range(110, 310), *range(910, 920)]
    assert by_minute(opened, "power_w", NOON_S, 15).count(None) == 3


def test_a_quantity_that_comes_and_goes_is_kept_where_it_came(opened: Opened, clock: FakeClock, book: Book) -> None:
    for second in range(900):
        values = {"power_w": 5.0} | ({"import_wh": 70.0} if second % 60 == 0 else {})
        book.add(1, clock.now(), clock.boottime_s(), values)
        clock.advance(1)
    close(book, clock)
    found = by_second(opened, "import_wh", NOON_S, 900)
    assert [i for i, value in enumerate(found) if value is not None] == [*range(0, 900, 60)]


def test_a_second_has_its_last_reading(opened: Opened, clock: FakeClock, book: Book) -> None:
    for watts in (1.0, 2.0, 3.0):
        book.add(1, clock.now(), clock.boottime_s(), {"power_w": watts})
        clock.advance(0.3)
    assert by_second(opened, "power_w", NOON_S, 1) == [3.0]


def test_a_restarted_core_loses_no_second(opened: Opened, clock: FakeClock, book: Book) -> None:
    live_on(book, clock, 333)
    again = Book(opened.store, opened.live)
    live_on(again, clock, 567)
    close(again, clock)
    assert by_second(opened, "power_w", NOON_S, 900) == [float(second) for second in range(900)]
    with opened.store.read() as db:
        assert db.execute("SELECT samples, gap FROM slots").fetchall() == [(900, 0)]


def test_all_meters_are_in_one_commit_of_each_file(opened: Opened, clock: FakeClock, book: Book) -> None:
    second = meters.add(opened.store, opened.clock, name="Car", model="m", url="tcp://x:1", unit=2, actor=audit.CLI).id
    curves.make(curves.beside(opened.store).path)
    for meter_id in (1, second):
        book.add(meter_id, clock.now(), clock.boottime_s(), {"power_w": 5.0})
    clock.advance(903)
    watched = [database.Store(one.path) for one in (opened.store, curves.beside(opened.store))]
    book.close(clock.now(), clock.boottime_s())
    before = [frames(one) for one in watched]
    book.write()
    after = [frames(one) for one in watched]
    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1]
    book.write()
    assert [frames(one) for one in watched] == after, "nothing to write is nothing written"


def frames(store: database.Store) -> int:
    """How many commits the WAL of a file holds: frames that end a transaction name the size of the file."""
    file = store.path.with_name(store.path.name + "-wal")
    wal = file.read_bytes() if file.exists() else b""
    if not wal:
        return 0
    size = 24 + int.from_bytes(wal[8:12], "big")
    salt = wal[16:24]
    heads = [wal[at : at + 16] for at in range(32, len(wal), size)]
    return sum(head[8:16] == salt and int.from_bytes(head[4:8], "big") > 0 for head in heads)


# Folding and ending ------------------------------------------------------------------------------


def test_a_day_that_is_over_is_folded_and_reads_the_same(opened: Opened, clock: FakeClock, book: Book) -> None:
    for _ in range(50):
        live_on(book, clock, 30, step_s=30)
        close(book, clock)
    begin_s = NOON_S // 86400 * 86400
    assert rows(opened, "minute_days") == 5, "three quantities, of power the extremes too"
    found = by_minute(opened, "power_w", NOON_S, 15 * 50)
    assert None not in found and found[:15] == found[15:30] == found[-15:]
    assert by_minute(opened, "power_w", begin_s, 720) == [None] * 720


def test_a_quarter_hour_that_comes_late_is_folded_too(opened: Opened, clock: FakeClock, book: Book) -> None:
    for _ in range(60):
        live_on(book, clock, 15, step_s=60)
        close(book, clock)
    curves_of = curves.beside(opened.store)
    late_s = NOON_S - 3600
    data = minutes.packed({"power_w": [70] * 15})
    assert data is not None
    with curves_of.write() as db:
        minutes.save(db, late_s, 1, minutes.numbered(data, curves.series_numbers(db)))
    assert by_minute(opened, "power_w", late_s, 15) == [7.0] * 15
    with curves_of.write() as db:
        assert minutes.fold(db, int(clock.now().timestamp()))
    assert by_minute(opened, "power_w", late_s, 15) == [7.0] * 15
    assert None not in by_minute(opened, "power_w", NOON_S, 15), "what was folded before stays"


def test_old_seconds_and_minutes_end_a_few_at_a_time(opened: Opened, clock: FakeClock, book: Book) -> None:
    live_on(book, clock, 900)
    close(book, clock)
    data = packing.pack([1] * 900, 1)
    assert data is not None
    file, old_s = curves.beside(opened.store), NOON_S - 40 * 86400
    with file.write() as db:
        for number in range(300):
            seconds.save(db, old_s + number * 900, 1, 1, data)
        db.execute("INSERT INTO minute_days VALUES (?,?)", (minutes.day_id(NOON_S - 800 * 86400, 1, 1), data))
    before = rows(opened, "quarters")
    for _ in range(8):
        live_on(book, clock, 900)
        close(book, clock)
    assert rows(opened, "minute_days") == 0
    assert before - 300 + 8 * 4 == rows(opened, "quarters"), "what is young stays"


def test_a_commit_removes_no_more_than_a_small_multiple_of_what_it_writes(opened: Opened) -> None:
    file = curves.beside(opened.store)
    curves.make(file.path)
    with file.write() as db:
        for number in range(1000):
            seconds.save(db, NOON_S - 50 * 86400 + number * 900, 1, 1, b"x")
        assert retention.prune(db, retention.Kept(30, 731), NOON_S, 100) == 400
        assert retention.prune(db, retention.Kept(30, 731), NOON_S, 1) == retention.AT_LEAST


def test_pages_of_what_ended_are_used_again(opened: Opened, clock: FakeClock, book: Book) -> None:
    settings.put(opened.store, clock.now(), audit.CLI, retention.SECONDS_DAYS, "1")
    sizes = []
    for _ in range(8):
        for _ in range(48):
            live_on(book, clock, 90, step_s=10)
            close(book, clock)
        curves.beside(opened.store).checkpoint()
        sizes.append(curves.beside(opened.store).path.stat().st_size)
    assert sizes[-1] <= sizes[2] + 2 * 65536, sizes


def test_retention_is_a_setting_with_bounds(opened: Opened, clock: FakeClock) -> None:
    with opened.store.read() as db:
        assert retention.in_force(db) == retention.Kept(30, 731)
    with pytest.raises(errors.BadInput, match="history.seconds_days"):
        settings.put(opened.store, clock.now(), audit.CLI, retention.SECONDS_DAYS, "0")


# The file ------------------------------------------------------------------------------------------


def test_without_the_file_nothing_is_known_and_nothing_fails(opened: Opened) -> None:
    assert by_second(opened, "power_w", NOON_S, 3) == by_minute(opened, "power_w", NOON_S, 3) == [None] * 3


def test_a_damaged_file_is_set_aside_and_begun_anew(opened: Opened, clock: FakeClock, book: Book) -> None:
    live_on(book, clock, 900)
    close(book, clock)
    file = curves.beside(opened.store)
    file.checkpoint()
    file.close()
    whole = file.path.read_bytes()
    file.path.write_bytes(b"x" * 4096 + whole[4096:])
    live_on(book, clock, 900)
    close(book, clock)
    assert file.path.with_name("curves-damaged.db").exists()
    database.check(file.path, thorough=True)
    assert None not in by_second(opened, "power_w", NOON_S + 900, 900)
    with opened.store.read() as db:
        assert db.execute("SELECT count(*) FROM slots").get == 2, "quarter hours are for ever"


def test_damage_that_shows_while_writing_sets_the_file_aside_too(opened: Opened, clock: FakeClock, book: Book) -> None:
    live_on(book, clock, 900)
    close(book, clock)
    file = curves.beside(opened.store)
    file.checkpoint()
    file.close()
    whole = file.path.read_bytes()
    file.path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    live_on(book, clock, 900)
    book.close(clock.now(), clock.boottime_s())
    with pytest.raises(errors.StoreDamaged):
        book.write()
    assert book.unwritten and curves.waiting(opened.live) != []
    book.write()
    assert None not in by_second(opened, "power_w", NOON_S + 900, 900), "what waited is in the new file"


def test_a_curve_that_the_card_spoiled_is_not_measured_and_ends_nothing(
    opened: Opened, clock: FakeClock, book: Book
) -> None:
    live_on(book, clock, 900)
    close(book, clock)
    with curves.beside(opened.store).write(ring=False) as db:
        db.execute(
            "UPDATE quarters SET packed = CAST(substr(packed, 1, length(packed) - 9) || x'ffffffffffffffffff' AS BLOB)"
        )
    clock.advance(86400 - 900)
    live_on(book, clock, 900)
    close(book, clock)
    assert rows(opened, "folded") == 1
    assert by_second(opened, "power_w", NOON_S, 900) == [None] * 900
    assert by_minute(opened, "power_w", NOON_S, 15) == [None] * 15
    assert by_minute(opened, "power_w", NOON_S + 86400, 1) == [29.5], "what is sound is shown"
    with curves.beside(opened.store).write(ring=False) as db:
        assert db.execute("SELECT next_day FROM folded").get == NOON_S // 86400 + 1, "folding goes on"
        db.execute("INSERT INTO minute_days VALUES (?, x'1100')", (minutes.day_id(NOON_S + 86400, 1, 1),))
    clock.advance(86400 - 900)
    live_on(book, clock, 900)
    close(book, clock)
    assert by_minute(opened, "power_w", NOON_S + 86400, 1) == [29.5], "a spoiled day is written anew"


def test_minutes_are_folded_before_the_quarter_hours_they_lie_in_end(opened: Opened, clock: FakeClock) -> None:
    curves.make(curves.beside(opened.store).path)
    midnight_s = NOON_S // 86400 * 86400
    pieces = [
        curves.Piece(meter_id, start_s, curves.ALL_MINUTES, minutes.packed({"power_w": [7] * 15}) or b"")
        for start_s in range(midnight_s, midnight_s + 86400, slots.SLOT_S)
        for meter_id in (1, 2, 3)
    ]
    kept, by_second = retention.Kept(seconds_days=1, minutes_days=731), packing.pack([7] * 900, 1) or b""
    with curves.beside(opened.store).write(ring=False) as db:
        pieces.append(curves.Piece(1, midnight_s, "power_w", by_second))
        curves.save(db, pieces, {1: "a", 2: "b", 3: "c"})
        for commit in range(1, 5):
            now_s = midnight_s + 2 * 86400 + commit * slots.SLOT_S  # switched on again a day later
            minutes.fold(db, now_s)
            retention.prune(db, kept, now_s, 3)
        rows = db.execute("SELECT packed FROM minute_days ORDER BY id").fetchall()
        left = db.execute("SELECT count(*) FROM quarters").get
    assert [packing.unpack(data).steps for (data,) in rows] == [[7] * 1440] * 3
    assert left < len(pieces), "and then they end"


def test_a_damaged_file_that_cannot_be_moved_is_a_fault_of_the_store_and_ends_nothing(
    opened: Opened, clock: FakeClock, book: Book
) -> None:
    file = curves.beside(opened.store).path
    file.write_bytes(b"no database" * 400)
    blocked = file.with_name("curves-damaged.db")
    (blocked / "full").mkdir(parents=True)  # nothing can take its place, as on a card that only reads any more
    live_on(book, clock, 900)
    book.close(clock.now(), clock.boottime_s())
    with pytest.raises(errors.StoreFull, match=r"curves\.db"):
        book.write()
    with opened.store.read() as db:
        assert db.execute("SELECT count(*) FROM slots").get == 1, "energy is kept all the same"
    assert book.unwritten and curves.waiting(opened.live) != [], "and the curves wait"


def test_a_file_of_a_later_program_is_set_aside(opened: Opened) -> None:
    path = curves.beside(opened.store).path
    curves.make(path)
    later = database.Store(path)
    with later.write() as db:
        db.execute("PRAGMA user_version=99")
    later.close()
    curves.make(path)
    assert path.with_name("curves-damaged.db").exists() and rows(opened, "quarters") == 0


def test_a_meter_that_gets_the_number_of_another_does_not_get_its_curves(
    opened: Opened, clock: FakeClock, book: Book
) -> None:
    live_on(book, clock, 900)
    close(book, clock)
    with opened.store.write() as db:  # as a restored backup may have it
        db.execute("UPDATE meters SET created_at = '2020-01-01T00:00:00.000Z'")
    assert by_second(opened, "power_w", NOON_S, 3) == [None] * 3
    live_on(book, clock, 900)
    close(book, clock)
    assert by_second(opened, "power_w", NOON_S + 899, 2) == [None, 0.0]


def test_a_removed_meter_leaves_nothing_waiting(opened: Opened, clock: FakeClock, book: Book) -> None:
    live_on(book, clock, 1000)
    curves.pack_finished(opened.live)
    assert curves.waiting(opened.live)
    book.drop(1)
    assert curves.waiting(opened.live) == [] and seconds.finished(opened.live) == []


def test_what_waits_is_bounded(opened: Opened, clock: FakeClock, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "MOST_WAITING", 8)
    for _ in range(4):
        live_on(book, clock, 90, step_s=10)
        book.close(clock.now(), clock.boottime_s())
        curves.pack_finished(opened.live)
    found = curves.waiting(opened.live)
    assert [piece.start_s for _, piece in found] == [NOON_S + 1800] * 4 + [NOON_S + 2700] * 4


def test_a_calendar_that_was_set_leaves_no_seconds_under_the_wrong_date(
    opened: Opened, clock: FakeClock, book: Book
) -> None:
    live_on(book, clock, 100)
    clock.set(clock.now() + timedelta(days=200))
    live_on(book, clock, 5)
    clock.set(clock.now() - timedelta(days=200))
    live_on(book, clock, 795)
    close(book, clock)
    assert by_second(opened, "power_w", NOON_S + 200 * 86400, 900) == [None] * 900
    assert None not in by_second(opened, "power_w", NOON_S + 105, 795)
