"""Bytes written to the card per day at 1 Hz with two meters, against the bytes that stay.

    python -m tests.benchmarks.card_writes [--days 7]

The real slot keeper is fed a week of a simulated house as fast as it can; what
the kernel was asked to write is counted in /proc/self/io, and, as root, on a
loop-mounted ext4 of its own (/sys/block/*/stat), journal included.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from appliance import audit, config
from appliance.metering import meters
from appliance.metering.slots import Book
from appliance.store import live, migrate
from appliance.store.database import Store
from drivers.simulated.household import Household
from tests.fake_clock import START, FakeClock

GOAL_FACTOR, GOAL_EXTRA_MB = 2.5, 1.0
STEP_S = 10  # readings between two are the same bin; the store never sees them


@contextmanager
def card() -> Iterator[tuple[Path, Path | None]]:
    """A folder on an ext4 of its own and its block statistics; without root an ordinary folder and None."""
    folder = Path(tempfile.mkdtemp(prefix="wattward-card-"))
    image = folder / "card.img"
    mount = folder / "mount"
    mount.mkdir()
    mounted = False
    try:
        with image.open("wb") as file:
            file.truncate(256 * 1024 * 1024)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        subprocess.run(["mount", "-o", "loop,noatime", str(image), str(mount)], check=True, capture_output=True)
        mounted = True
        device = Path(
            subprocess.run(
                ["findmnt", "-no", "SOURCE", str(mount)], check=True, capture_output=True, text=True
            ).stdout.strip()
        )
        yield mount, Path("/sys/block") / device.name / "stat"
    except (OSError, subprocess.CalledProcessError):
        if mounted:
            raise
        yield mount, None
    finally:
        if mounted:
            subprocess.run(["umount", str(mount)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def written_by_process() -> int:
    """Bytes this process caused to be written to storage."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["write_bytes"])


def written_to(stat: Path | None) -> int:
    """Bytes written to the block device."""
    return 0 if stat is None else int(stat.read_text().split()[6]) * 512


def run(root: Path, days: int) -> Path:
    """Keep `days` of two meters' quarter hours in a store under `root`."""
    memory = Path(tempfile.mkdtemp(prefix="wattward-run-", dir="/dev/shm"))  # noqa: S108 - tmpfs, as /run on the Pi
    home, clock = config.Home(root, memory), FakeClock(START)
    home.make()
    migrate.migrate(home.store_db, clock)
    live.make(home.live_db, clock.boot_id)
    store, now = Store(home.store_db), live.open_live(home.live_db)
    for number, role in enumerate(("grid", "charger"), 1):
        meters.add(store, clock, name=role, model="m", url="tcp://x:1", unit=number, role=role, actor=audit.CLI)
    book, house = Book(store, now), Household(START.timestamp())
    for second in range(0, days * 86400, STEP_S):
        house.release(17 <= second // 3600 % 24 < 20)
        house.advance(START.timestamp() + second)
        clock.advance(STEP_S)
        for meter_id, role in enumerate(("grid", "charger"), 1):
            book.add(meter_id, START + timedelta(seconds=second), clock.boottime_s(), house.shown(role))
        if book.waiting == 2:
            with store.write() as db:
                done = book.write(db)
            book.written(done)
    store.close()
    now.close()
    shutil.rmtree(memory, ignore_errors=True)
    return home.store_db


def main() -> None:
    """Print bytes written, bytes at rest, their ratio and the goal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=7)
    days = parser.parse_args().days
    with card() as (folder, stat):
        os.sync()
        before_process, before_device = written_by_process(), written_to(stat)
        database = run(folder / "home", days)
        os.sync()
        process_mb = (written_by_process() - before_process) / days / 1e6
        device_mb = (written_to(stat) - before_device) / days / 1e6
        rest_mb = database.stat().st_size / days / 1e6
        with contextlib.suppress(FileNotFoundError):
            rest_mb += database.with_name("store.db-wal").stat().st_size / days / 1e6
    goal_mb = GOAL_FACTOR * rest_mb + GOAL_EXTRA_MB
    print(f"two meters at 1 Hz, {days} days, per day:")
    print(f"  at rest                {rest_mb:6.3f} MB")
    print(f"  written by the process {process_mb:6.3f} MB   {process_mb / rest_mb:4.1f} x at rest")
    if stat is not None:
        print(
            f"  written to the device  {device_mb:6.3f} MB   {device_mb / rest_mb:4.1f} x at rest (ext4 with journal)"
        )
    print(f"  goal                   {goal_mb:6.3f} MB   (2.5 x at rest + 1 MB)")


if __name__ == "__main__":
    main()
