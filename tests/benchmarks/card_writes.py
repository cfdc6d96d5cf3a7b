"""Bytes written to the card per day by three meters at 1 Hz, all quantities, against the bytes that stay.

    python -m tests.benchmarks.card_writes [--days 2] [--noise 1]

The real book is fed days of three made-up houses (30 quantities each) as fast
as it can, and writes its two files at each quarter hour: the store and
`curves.db`. What the kernel was asked to write is counted in /proc/self/io,
and, as root, on a loop-mounted ext4 of its own (/sys/block/*/stat), journal
included. Setting up is not counted; at rest is what the files grew by.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from appliance import audit, config
from appliance.metering import curves, meters
from appliance.metering.book import Book
from appliance.metering.slots import SLOT_S
from appliance.store import live, migrate
from appliance.store.database import Store
from tests.benchmarks import signals
from tests.fake_clock import START, FakeClock

GOAL_FACTOR, GOAL_EXTRA_MB = 2.5, 1.0
ROLES = ("grid", "charger", "pv")


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
        at_once = "lazy_itable_init=0,lazy_journal_init=0"  # or the kernel formats on while we measure
        subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "4096", "-E", at_once, str(image)], check=True)
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


@dataclass(frozen=True)
class Written:
    """Bytes so far: by this process, to the device, and at rest in the store's files."""

    process: int
    device: int
    rest: int

    @classmethod
    def now(cls, stat: Path | None, store: Store) -> Written:
        files = (store, curves.beside(store))
        for one in files:
            one.checkpoint()  # what stays is in the file, not in its WAL
        os.sync()
        return cls(written_by_process(), written_to(stat), sum(one.path.stat().st_size for one in files))

    def since(self, before: Written, days: int) -> Written:
        """A day's share of what came since `before`."""
        pairs = zip(astuple(self), astuple(before), strict=True)
        return Written(*((now - then) // days for now, then in pairs))


class Metering:
    """The real book of quarter hours, fed by three made-up houses on a clock of its own."""

    def __init__(self, root: Path, memory: Path, noise: float) -> None:
        self.home, self._clock = config.Home(root, memory), FakeClock(START)
        self.home.make()
        migrate.migrate(self.home.store_db, self._clock)
        live.make(self.home.live_db, self._clock.boot_id)
        self.store, self._live = Store(self.home.store_db), live.open_live(self.home.live_db)
        curves.make(curves.beside(self.store).path)
        for number, role in enumerate(ROLES, 1):
            meters.add(
                self.store, self._clock, name=role, model="m", url="tcp://x:1", unit=number, role=role, actor=audit.CLI
            )
        self._book = Book(self.store, self._live)
        begin_s = int(START.timestamp())
        self._houses = [signals.house(begin_s, 366 * 86400, noise=noise, seed=number) for number in range(len(ROLES))]

    def live_on(self, days: int) -> None:
        """Meter for so many days; the card is written at each border, as by the sampler."""
        for _ in range(0, days * 86400):
            self._clock.advance(1)
            now, at_s = self._clock.now(), self._clock.boottime_s()
            for meter_id, house in enumerate(self._houses, 1):
                self._book.add(meter_id, now, at_s, next(house))
            if now.timestamp() % SLOT_S < 1:
                self._book.close(now, at_s)
                self._book.write()

    def end(self) -> None:
        curves.beside(self.store).close()
        self.store.close()
        self._live.close()


def report(title: str, day: Written, has_device: bool) -> None:
    """Print a day's bytes against the goal."""
    goal = GOAL_FACTOR * day.rest + GOAL_EXTRA_MB * 1e6
    print(f"{title}, per day:")
    print(f"  at rest                {day.rest / 1e6:6.3f} MB")
    written = {"written by the process": day.process}
    if has_device:
        written["written to the device "] = day.device
    for what, count in written.items():
        print(
            f"  {what} {count / 1e6:6.3f} MB   {count / day.rest:5.1f} x at rest"
            f"   goal {goal / 1e6:.3f} MB: {'met' if count <= goal else 'MISSED'}"
        )


def main() -> None:
    """Print bytes written, bytes at rest, their ratio and the goal: on the first day and after."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=2, help="days after the first")
    parser.add_argument("--noise", type=float, default=1.0)
    args = parser.parse_args()
    memory = Path(tempfile.mkdtemp(prefix="wattward-run-", dir="/dev/shm"))  # noqa: S108 - tmpfs, as /run on the Pi
    print("three meters at 1 Hz, 90 quantities, 96 commits a day and file; the device is an ext4 of its own")
    with card() as (folder, stat):
        house = Metering(folder / "home", memory, args.noise)
        before = Written.now(stat, house.store)
        house.live_on(1)
        first = Written.now(stat, house.store)
        report("first day, in which the WAL grows", first.since(before, 1), stat is not None)
        house.live_on(args.days)
        report(f"the {args.days} days after", Written.now(stat, house.store).since(first, args.days), stat is not None)
        house.end()
    shutil.rmtree(memory, ignore_errors=True)


if __name__ == "__main__":
    main()
