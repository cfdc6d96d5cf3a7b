"""Bytes a sample at rest: ten days of 30 quantities at 1 Hz in the real files, against other layouts and codings.

    python -m tests.benchmarks.history_size [--days 10] [--noise 1 2 5]

Every second goes through the real book and its files, which lie on the temporary
folder; `live.db` on memory as on the appliance. Counted is the whole of
`curves.db`, minutes included, and what the store grew by. Other layouts take one
of the days. Zstandard is shown where its package happens to be installed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from appliance import audit, config
from appliance.metering import curves, meters, steps
from appliance.metering.book import Book
from appliance.metering.slots import SLOT_S
from appliance.store import live, migrate
from appliance.store.database import Store
from tests.benchmarks import layouts, signals
from tests.fake_clock import START, FakeClock

GOAL_BYTES = 0.6
DAY_S = 86400


def keep(folder: Path, memory: Path, days: int, noise: float) -> tuple[int, int, float]:
    """Feed so many days; return samples, bytes at rest and the seconds a commit's packing took on average."""
    when = FakeClock(START)
    home = config.Home(folder, memory)
    home.make()
    migrate.migrate(home.store_db, when)
    live.make(home.live_db, when.boot_id)
    store, now = Store(home.store_db), live.open_live(home.live_db)
    meter = meters.add(store, when, name="House", model="m", url="tcp://x:1", unit=1, actor=audit.CLI)
    store.checkpoint()
    before, book = home.store_db.stat().st_size, Book(store, now)
    samples = commits = 0
    writing_s = 0.0
    for values in signals.house(int(when.now().timestamp()), days * DAY_S, noise=noise):
        book.add(meter.id, when.now(), when.boottime_s(), values)
        samples += len(values)
        when.advance(1)
        if when.now().timestamp() % SLOT_S == 0:
            book.close(when.now(), when.boottime_s())
            began = time.perf_counter()
            book.write()
            writing_s += time.perf_counter() - began
            commits += 1
    store.checkpoint()
    curves.beside(store).checkpoint()
    rest = curves.beside(store).path.stat().st_size + home.store_db.stat().st_size - before
    return samples, rest, writing_s / commits


def a_day(noise: float) -> dict[str, list[int]]:
    """One day as whole steps."""
    found: dict[str, list[int]] = {}
    for values in signals.house(int(START.timestamp()), DAY_S, noise=noise):
        for name, value in values.items():
            found.setdefault(name, []).append(steps.steps(value, steps.decimals(name)))
    return found


def compare(noise: float, ours: float) -> None:
    """Print what the same samples cost otherwise."""
    day = a_day(noise)
    decimals = {name: steps.decimals(name) for name in day}
    samples = sum(len(one) for one in day.values())

    def line(title: str, size: int, took_s: float) -> None:
        print(
            f"  {title:58s} {size / samples:7.3f} B   {size / samples / ours:6.1f} x   {took_s / samples * 1e9:6.0f} ns"
        )

    def timed(title: str, measure: Callable[[], int]) -> None:
        began = time.perf_counter()
        size = measure()
        line(title, size, time.perf_counter() - began)

    print("  the same day otherwise, whole file:")
    timed("SQLite, a row a sample with its index", lambda: layouts.row_per_sample(day, decimals))
    timed("SQLite, a row a second, floats", lambda: layouts.row_per_second(day, decimals, whole=False))
    timed("SQLite, a row a second, whole steps", lambda: layouts.row_per_second(day, decimals, whole=True))
    print("  codings alone, a quarter hour of a series at a time:")
    timed("whole steps, zlib", lambda: layouts.coded(day, layouts.raw_zlib))
    timed("differences, bytes shuffled, zlib", lambda: layouts.coded(day, layouts.shuffled_zlib))
    for level in (3, 19):
        if (code := layouts.zstd(level)) is not None:
            timed(f"differences, bytes shuffled, zstd {level}", lambda code=code: layouts.coded(day, code))  # type: ignore[misc]
    timed("XOR as Gorilla, on whole steps", lambda: layouts.coded(day, layouts.gorilla))
    timed("ours: differences or distances, escapes, deflate", lambda: layouts.coded(day, layouts.ours))
    timed("entropy of values or differences: the limit", lambda: layouts.coded(day, layouts.entropy))
    timed("ours, an hour at a time", lambda: layouts.coded(day, layouts.ours, 3600))


def main() -> None:
    """Print bytes a sample, and the goal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--noise", type=float, nargs="+", default=[1.0, 2.0, 5.0])
    args = parser.parse_args()
    for noise in args.noise:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
            samples, rest, writing_s = keep(Path(folder) / "home", Path(memory), args.days, noise)
        found = rest / samples
        print(f"noise x {noise:g}: {args.days} days of 30 quantities at 1 Hz, {samples / 1e6:.1f} million samples")
        print(
            f"  {'Wattward, all files: seconds, minutes, quarter hours':58s} {found:7.3f} B   "
            f"goal {GOAL_BYTES} B: {'met' if found <= GOAL_BYTES else 'MISSED'}"
        )
        print(f"  {rest / args.days / 1e6:.2f} MB a day; packing and committing took {writing_s * 1e3:.0f} ms")
        compare(noise, found)


if __name__ == "__main__":
    main()
