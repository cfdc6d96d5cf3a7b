"""Cut the power while history is written: a thousand kill -9 at random moments, and writes torn behind the last flush.

    python -m tests.benchmarks.power_cut [--cuts 1000]

A process meters two houses as fast as it can, with days of their time in a
second, and is killed at a random moment. Every other time memory is lost with it, as by
a power cut; else only the core died. Then a copy of the files is torn as a
power cut may tear them: what was written to a WAL behind its last flush is cut
off or overwritten, and pages that stand in the WAL are overwritten in the file.
Files and torn copies are opened and checked whole, every acknowledged quarter
hour and all its seconds must be there, and the energies must add up to the counters.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import struct
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance import audit
from appliance.config import Home
from appliance.metering import curves, meters, packing, seconds
from appliance.metering.book import Book
from appliance.metering.slots import SLOT_S
from appliance.opened import open_home
from appliance.store import database, live, migrate
from appliance.store.database import Store
from tests.fake_clock import START, FakeClock

STEP_S = 15
METERS = (1, 2)
FILES = ("store.db", "curves.db")
# After a kill between two meters' borders one of them may lack a quarter hour that the other has.
NEWEST_OF_ALL = "SELECT min(newest) FROM (SELECT max(start_s) AS newest FROM slots GROUP BY meter_id)"
ACK = struct.Struct("<qq8sq8s")  # end of the newest quarter hour that is safe; flushed frames and salt of both WALs


def counter_wh(meter_id: int, at_s: float) -> float:
    """What a meter shows: some 3 kW, never the same energy in two quarter hours."""
    passed_s = at_s - START.timestamp()
    return 1_000_000.5 * meter_id + passed_s * 0.83 + (passed_s / 86400) ** 2


@dataclass
class Wal:
    """What of a WAL file belongs to its present round."""

    frames: int
    salt: bytes  # another one in each round
    page_bytes: int
    pages: list[int]  # of each frame

    @classmethod
    def of(cls, path: Path) -> Wal:
        """Read the heads of the frames."""
        raw = path.read_bytes() if path.exists() else b""
        if len(raw) < 32:
            return cls(0, b"", 4096, [])
        page_bytes, salt = int.from_bytes(raw[8:12], "big"), raw[16:24]
        pages = []
        for at in range(32, len(raw) - 24 - page_bytes + 1, 24 + page_bytes):
            if raw[at + 8 : at + 16] != salt:
                break
            pages.append(int.from_bytes(raw[at : at + 4], "big"))
        return cls(len(pages), salt, page_bytes, pages)


def wal_of(home: Home, name: str) -> Path:
    return home.root / f"{name}-wal"


@dataclass
class Cuts:
    """A home whose power is cut again and again."""

    home: Home
    dice: random.Random
    now: datetime = START
    safe_s: int = int(START.timestamp())  # all quarter hours up to here were acknowledged
    flushed: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # frames of which round, by file
    begin_s: float = START.timestamp()  # when the core started that kept the first quarter hour
    boots: int = 0
    quarter_hours: int = 0
    torn: int = 0
    safe: set[int] = field(default_factory=set)  # starts of the quarter hours that were acknowledged one by one

    def prepare(self) -> None:
        """Make the home and two meters."""
        when = FakeClock()
        self.home.make()
        migrate.migrate(self.home.store_db, when)
        it = open_home(self.home, when)
        for number in METERS:
            meters.add(it.store, when, name=f"M{number}", model="m", url="tcp://x:1", unit=number, actor=audit.CLI)
        it.store.close()

    def cut(self, work_s: float) -> None:
        """Meter for a while in a process of its own, then kill it."""
        nothing_yet = not self._kept()
        if nothing_yet:
            self.begin_s = self.now.timestamp()
        if nothing_yet or self.dice.random() < 0.5:
            self.boots += 1
            shutil.rmtree(self.home.run)
            self.home.make()
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            try:
                meter_on(self.home, self.now, f"boot-{self.boots}", writing)
            finally:
                os._exit(1)
        os.close(writing)
        time.sleep(self.dice.uniform(0.005, work_s))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        acks = [ACK.unpack(said[at : at + ACK.size]) for at in range(0, len(said) - ACK.size + 1, ACK.size)]
        self.quarter_hours += len(acks)
        self.safe |= {ack[0] - SLOT_S for ack in acks}
        if acks:
            self.safe_s, *flushed = acks[-1]
            self.flushed = {"store.db": (flushed[0], flushed[1]), "curves.db": (flushed[2], flushed[3])}
            self.now = max(self.now, datetime.fromtimestamp(self.safe_s, UTC))
        # The next one begins a little later than this one can have come: nothing is read twice.
        self.now += timedelta(seconds=SLOT_S + self.dice.randrange(0, 600, STEP_S))

    def _kept(self) -> int:
        store = Store(self.home.store_db)
        with store.read() as db:
            count: int = db.execute("SELECT count(*) FROM slots").get
        store.close()
        return count

    def tear(self, folder: Path) -> Home:
        """A copy of the files as a power cut may leave them."""
        copy = Home(folder / "home", folder / "run")
        copy.make()
        for name in FILES:
            for path in (self.home.root / name, wal_of(self.home, name)):
                if path.exists():
                    shutil.copyfile(path, copy.root / path.name)
            if (copy.root / name).exists():
                wal = Wal.of(wal_of(copy, name))
                frames, salt = self.flushed.get(name, (0, b""))
                flushed = frames if salt == wal.salt else 0  # of a new round nothing is known to be flushed
                self._tear_pages(copy.root / name, wal, flushed)
                self._tear_tail(wal_of(copy, name), wal, flushed)
        return copy

    def _tear_tail(self, path: Path, wal: Wal, flushed: int) -> None:
        """Cut off or overwrite what stands behind the last flush."""
        begin = 32 + flushed * (24 + wal.page_bytes)
        size = path.stat().st_size if path.exists() else 0
        if size <= begin:
            return
        at = self.dice.randrange(begin, size)
        with path.open("r+b") as file:
            if self.dice.random() < 0.5:
                file.truncate(at)
            else:
                file.seek(at)
                file.write(self.dice.randbytes(min(size - at, self.dice.randrange(1, 20_000))))
        self.torn += 1

    def _tear_pages(self, path: Path, wal: Wal, flushed: int) -> None:
        """Overwrite some pages of the file that stand flushed in its WAL, as a checkpoint that was cut does."""
        with path.open("r+b") as file:
            for page in self.dice.sample(wal.pages[:flushed], min(3, flushed)):
                if page * wal.page_bytes <= path.stat().st_size:
                    file.seek((page - 1) * wal.page_bytes)
                    file.write(self.dice.randbytes(wal.page_bytes))
                    self.torn += 1

    def check(self, home: Home) -> None:
        """Everything acknowledged is there and adds up. Raises StoreDamaged, AssertionError."""
        database.check(home.store_db, thorough=True)
        if (home.root / "curves.db").exists():
            database.check(home.root / "curves.db", thorough=True)
        store = Store(home.store_db)
        with store.read() as db:
            rows = db.execute(
                "SELECT meter_id, start_s, import_wh, import_counter_wh, samples FROM slots ORDER BY id"
            ).fetchall()
            created = curves.created_at(db)
        for meter_id in METERS:
            of_meter = [row[1:] for row in rows if row[0] == meter_id]
            check_energy(meter_id, of_meter, self.begin_s)
            acknowledged = [row for row in of_meter if row[0] < self.safe_s]
            if self.safe_s > START.timestamp():
                assert acknowledged[-1][0] == self.safe_s - SLOT_S, "an acknowledged quarter hour is gone"
                check_seconds(
                    store, meter_id, created[meter_id], [row for row in acknowledged[-40:] if row[0] in self.safe]
                )
        curves.beside(store).close()
        store.close()


def check_energy(meter_id: int, rows: list[tuple[int, int, int, int]], begin_s: float) -> None:
    """The energies of all quarter hours are what the counter moved, and it stood where it really stood."""
    if not rows:
        return
    moved_wh = rows[-1][2] - round(counter_wh(meter_id, begin_s + STEP_S))
    assert sum(row[1] for row in rows) == moved_wh, f"meter {meter_id}: energy lost or invented"
    for start_s, _, shown_wh, samples in rows:
        if samples:
            assert abs(shown_wh - counter_wh(meter_id, start_s + SLOT_S - STEP_S)) <= SLOT_S


def check_seconds(store: Store, meter_id: int, created_at: str, rows: list[tuple[int, int, int, int]]) -> None:
    """Each reading of the acknowledged quarter hours is in its second."""
    with curves.beside(store).read() as db:
        number = curves.meter_numbers(db)[meter_id, created_at]
        series = curves.series_numbers(db)["power_w"]
        for start_s, _, _, samples in rows:
            data = db.execute(
                "SELECT packed FROM quarters WHERE id = ?", (seconds.row_id(start_s, number, series),)
            ).get
            kept = 0 if data is None else sum(step is not None for step in packing.unpack(data).steps)
            assert kept == samples, f"meter {meter_id} at {start_s}: {kept} seconds of {samples}"


def newest_of_all(store: Store) -> int:
    """Start of the newest quarter hour that every meter has; 0 for none."""
    with store.read() as db:
        return db.execute(NEWEST_OF_ALL).get or 0


def meter_on(home: Home, now: datetime, boot_id: str, writing: int) -> None:
    """Meter until killed; say each time what is safe now. Never returns."""
    when = FakeClock(now, boottime_s=now.timestamp() - START.timestamp() + 1e6, boot_id=boot_id)
    live.make(home.live_db, boot_id)
    it = open_home(home, when)
    book = Book(it.store, it.live)
    said_s = newest_of_all(it.store)  # its seconds may have been lost with memory, and nobody promised them
    while True:
        when.advance(STEP_S)
        at = when.now()
        book.close(at, when.boottime_s())
        if book.unwritten and book.write():
            newest_s = newest_of_all(it.store)
            if newest_s > said_s:
                one, other = (Wal.of(wal_of(home, name)) for name in FILES)
                os.write(writing, ACK.pack(newest_s + SLOT_S, one.frames, one.salt, other.frames, other.salt))
                said_s = newest_s
        for meter_id in METERS:
            wh = counter_wh(meter_id, at.timestamp())
            book.add(
                meter_id, at, when.boottime_s(), {"power_w": 3000.0, "import_wh": wh, "voltage_l1_v": 230.0}, STEP_S
            )


def run(
    folder: Path,
    cuts: int,
    *,
    seed: int = 1,
    work_s: float = 0.25,
    quarter_hours: int = 0,
    tell: Callable[[int], None] | None = None,
) -> Cuts:
    """Cut so often, and until so many commits were acknowledged; check each time. Raises what was found to be wrong."""
    it = Cuts(Home(folder / "home", folder / "run"), random.Random(seed))
    it.prepare()
    number = 0
    while number < cuts or it.quarter_hours < quarter_hours:
        it.cut(work_s)
        torn = it.tear(folder / "torn")
        it.check(torn)
        shutil.rmtree(folder / "torn")
        it.check(it.home)
        number += 1
        if tell is not None:
            tell(number)
    return it


def main() -> None:
    """Print how many cuts were survived."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.monotonic()

    def tell(done: int) -> None:
        if done % 100 == 0:
            print(f"{done} cuts", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        it = run(Path(folder), args.cuts, seed=args.seed, tell=tell)
    print(
        f"{args.cuts} cuts, {it.boots} of them with loss of memory, {it.torn} torn writes, {it.quarter_hours}"
        f" commits in {time.monotonic() - began:.0f} s: every file opened and was whole,"
        " nothing acknowledged was missing, all energies add up"
    )


if __name__ == "__main__":
    main()
