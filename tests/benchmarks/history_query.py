"""How long history takes to open: views out of ten years of three meters, against rows.

    python -m tests.benchmarks.history_query [--years 10] [--rounds 15]

The store is filled with quarter hours of so many years, `curves.db` with two
years of minutes and thirty days of seconds of 21 series a meter, by the modules
that own the tables. Warm is a process that asks again; cold is a connection of
its own after the kernel was told to forget the files. Peak memory is Python's.
For comparison the same questions are put to a year of minutes in plain rows,
indexed as is usual.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import apsw

from appliance import audit, config
from appliance.metering import curves, days, history, meters, minutes, packing, periods, quarters, seconds, slots, steps
from appliance.metering.slots import Slot
from appliance.opened import Opened, open_home
from appliance.store import live, migrate
from drivers.interfaces import QUANTITIES
from tests.fake_clock import FakeClock

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2036, 6, 15, 10, 0, tzinfo=UTC)
METERS = ("grid", "pv", "charger")
GOAL_WARM_MS, GOAL_COLD_MS = 5.0, 20.0
DAY_S = 86400


def home_of(folder: Path, years: int) -> Opened:
    """A home with so many years of history."""
    when = FakeClock(NOW)
    home = config.Home(folder / "home", folder / "run")
    home.make()
    migrate.migrate(home.store_db, when)
    live.make(home.live_db, when.boot_id)
    it = open_home(home, when)
    for number, role in enumerate(METERS, 1):
        meters.add(it.store, when, name=role, model="m", url="tcp://x:1", unit=number, role=role, actor=audit.CLI)
    fill_slots(it, years)
    fill_curves(it)
    for one in (it.store, curves.beside(it.store)):
        one.checkpoint()
    return it


def fill_slots(it: Opened, years: int) -> None:
    """Quarter hours of each meter, and the days summed."""
    end_s = slots.start_of(NOW)
    chance, counters = random.Random(1), [0] * len(METERS)
    for begin_s in range(end_s - years * 365 * DAY_S, end_s, 30 * DAY_S):
        found = []
        for start_s in range(begin_s, min(end_s, begin_s + 30 * DAY_S), slots.SLOT_S):
            for meter_id in range(1, len(METERS) + 1):
                wh = chance.randrange(800)
                counters[meter_id - 1] += wh
                found.append(
                    Slot(meter_id, start_s, wh, wh // 3, counters[meter_id - 1], wh, wh, wh * 4, wh * 6, 900, gap=False)
                )
        with it.store.write() as db:
            slots.save(db, found)
    for _ in range(years * 366 // days.DAYS_A_COMMIT + 2):
        with it.store.write() as db:
            days.sum_up(db, ZONE, NOW)


def fill_curves(it: Opened) -> None:
    """Two years of minutes and thirty days of seconds: some different days and quarter hours, again and again."""
    file = curves.beside(it.store)
    curves.make(file.path)
    chance = random.Random(2)

    def packed(count: int, name: str) -> list[bytes]:
        wave = [230 + 5 * math.sin(i / count * math.tau) for i in range(count)]
        decimals = steps.decimals(name)
        different = [[steps.steps(value + chance.gauss(0, 0.3), decimals) for value in wave] for _ in range(8)]
        return [packing.pack(one, decimals) or b"" for one in different]

    today_s = int(NOW.timestamp()) // DAY_S * DAY_S
    with it.store.read() as db:
        created = curves.created_at(db)
    with file.write() as db:
        first = [curves.Piece(number, today_s, name, packed(900, name)[0]) for number in created for name in QUANTITIES]
        curves.save(db, first, created)
        numbers, series = curves.meter_numbers(db), curves.series_numbers(db)
        days_of, quarters_of = [], []
        for name, series_number in series.items():
            of_day, of_quarter = packed(1440, name), packed(900, name)
            for number in numbers.values():
                for day_s in range(today_s - 730 * DAY_S, today_s, DAY_S):
                    days_of.append((minutes.day_id(day_s, number, series_number), chance.choice(of_day)))
                if ":" not in name:
                    for start_s in range(today_s - 30 * DAY_S, today_s, slots.SLOT_S):
                        quarters_of.append((start_s, number, series_number, chance.choice(of_quarter)))
        db.executemany("INSERT INTO minute_days VALUES (?,?)", sorted(days_of))
        for one in sorted(quarters_of):
            seconds.save(db, *one)


def forget(it: Opened) -> None:
    """Close the files and let the kernel forget them."""
    for one in (it.store, curves.beside(it.store)):
        one.close()
        forget_file(one.path)


def forget_file(path: Path) -> None:
    """Let the kernel forget a file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measured(ask: Callable[[], object], forget: Callable[[], None], rounds: int) -> tuple[float, float, float]:
    """Median milliseconds warm and cold, and the peak of memory in MB."""
    warm, cold = [], []
    ask()
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        warm.append((time.perf_counter() - began) * 1e3)
    for _ in range(max(3, rounds // 3)):
        forget()
        began = time.perf_counter()
        ask()
        cold.append((time.perf_counter() - began) * 1e3)
    tracemalloc.start()
    ask()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return statistics.median(warm), statistics.median(cold), peak


def views(it: Opened) -> dict[str, tuple[bool, Callable[[], object]]]:
    """What people open -> whether it has the goal, and the question."""
    day, store, now = NOW.astimezone(ZONE).date() - timedelta(days=3), it.store, it.live
    begin, end = days.bounds(day, ZONE)
    month = periods.containing("month", date(2036, 3, 1))
    year = periods.containing("year", date(2033, 1, 1))
    every = periods.total(date(2026, 6, 18), day)
    ids = range(1, len(METERS) + 1)
    return {
        "a day at 1 minute": (True, lambda: history.curve(store, now, 1, "power_w", begin, end, step_s=60)),
        "a month at 15 minutes": (
            True, lambda: history.curve(store, now, 1, "power_w", *month.bounds(ZONE), step_s=900)
        ),
        "a year at 1 day": (True, lambda: history.by_day(store, now, 1, year.first, year.last, ZONE)),
        "a day at 1 minute, voltage": (
            False, lambda: history.curve(store, now, 1, "voltage_l1_v", begin, end, step_s=60)
        ),
        "a day at 1 second, in 1500 buckets": (
            False, lambda: history.curve(store, now, 1, "power_w", begin, end, step_s=10)
        ),
        "an hour at 1 second": (
            False, lambda: history.curve(store, now, 1, "power_w", begin, begin + timedelta(hours=1), step_s=1)
        ),
        "a month at 15 minutes, three meters": (False, lambda: quarters.read(store, now, ids, *month.bounds(ZONE))),
        "a year by months, as bars": (False, lambda: history.bars(store, now, 1, year, ZONE)),
        "ten years by years": (False, lambda: history.bars(store, now, 1, every, ZONE)),
        "this month beside the last": (
            False, lambda: history.compared(store, now, 1, periods.containing("month", day), NOW, ZONE)
        ),
    }  # fmt: skip


ROWS = {
    "a day at 1 minute": ("t / 60", 1),
    "a month at 15 minutes": ("t / 900", 31),
    "a year at 1 day": ("t / 86400", 365),
}


def rows_file(folder: Path) -> Path:
    """A year of minutes of three meters, three quantities each: a row a value."""
    path = folder / "rows.db"
    with closing(apsw.Connection(str(path))) as db:
        db.execute("PRAGMA synchronous=OFF; CREATE TABLE n (series INTEGER, t INTEGER, value REAL)")
        with db:
            db.execute(
                "INSERT INTO n WITH RECURSIVE m(t) AS (SELECT 0 UNION ALL SELECT t + 60 FROM m WHERE t < ?),"
                " s(series) AS (VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9))"
                " SELECT series, t, random() % 5000 / 10.0 FROM m, s",
                (365 * DAY_S - 60,),
            )
            db.execute("CREATE INDEX i ON n (series, t)")
    return path


def main() -> None:
    """Print milliseconds, memory and goals."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder:
        it = home_of(Path(folder), args.years)
        sizes = [one.path.stat().st_size / 1e6 for one in (it.store, curves.beside(it.store))]
        print(f"{args.years} years of {len(METERS)} meters: store {sizes[0]:.0f} MB, curves {sizes[1]:.0f} MB")
        print(f"  {'':40s} {'warm ms':>9s} {'cold ms':>9s} {'peak MB':>9s}")
        for title, (has_goal, ask) in views(it).items():
            warm, cold, peak = measured(ask, lambda: forget(it), args.rounds)
            met = "met" if warm <= GOAL_WARM_MS and cold <= GOAL_COLD_MS else "MISSED"
            goal = f"   goal {GOAL_WARM_MS:g} / {GOAL_COLD_MS:g}: {met}" if has_goal else ""
            print(f"  {title:40s} {warm:9.2f} {cold:9.2f} {peak:9.2f}{goal}")
        path = rows_file(Path(folder))
        print(f"rows, one year of minutes only: {path.stat().st_size / 1e6:.0f} MB")
        for title, (bucket, length) in ROWS.items():
            query = f"SELECT {bucket}, avg(value), max(value) FROM n WHERE series = 4 AND t >= ? AND t < ? GROUP BY 1"

            def ask(query: str = query, length: int = length) -> object:
                with closing(apsw.Connection(str(path))) as db:
                    return db.execute(query, (0, length * DAY_S)).fetchall()

            warm, cold, peak = measured(ask, lambda: forget_file(path), 5)
            print(f"  {title:40s} {warm:9.2f} {cold:9.2f} {peak:9.2f}")


if __name__ == "__main__":
    main()
