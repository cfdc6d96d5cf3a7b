"""Measure a decision, lists and searches with 10,000 users and 50,000 identifications.

    python -m tests.benchmarks.charging_scale [--users 10000] [--each 5] [--sessions 20000]

Users have hours, allowances and sessions, so that a decision looks at all of
it. `decision` is the rule with every look into the store; `authorize` is the whole
transaction with its sync to disk, printed apart because the card decides it.
Goals: decision 1 ms, list and search 50 ms. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from appliance import audit, clock
from appliance.charging import (
    allowances,
    attempts,
    codes,
    grants,
    identifications,
    overview,
    points,
    users,
    why,
    windows,
)
from appliance.charging.points import Point
from appliance.config import Home
from appliance.metering import meters, readings
from appliance.opened import Opened
from drivers.interfaces import Reading
from tests import first_start
from tests.fake_clock import FakeClock

DICE = random.Random(7)
NAMES = ("Anna", "Ben", "Clara", "Dora", "Emil", "Fritz", "Gerda", "Hans")
LAST = ("Berger", "Maier", "Huber", "Ott", "Schmidt", "Wagner", "Zimmermann")
ALWAYS = windows.to_json(windows.parse(["1-7 00:00-24:00"]))


def fill(opened: Opened, people: int, each: int, runs: int, point: Point) -> None:
    """Write everybody, their codes and their sessions, quickly."""
    key, when = opened.key(), clock.utc_text(opened.clock.now())
    with opened.store.write() as db:
        db.executemany(
            "INSERT INTO users (id, first_name, last_name, hours, created_at) VALUES (?,?,?,?,?)",
            [(n, DICE.choice(NAMES), f"{DICE.choice(LAST)}{n}", ALWAYS, when) for n in range(1, people + 1)],
        )
        db.executemany(
            "INSERT INTO identifications (id, user_id, type, active, code_hash, code_sealed, code_length, created_at,"
            " code_tail) VALUES (?,?,?,1,?,x'00',6,?,?)",
            [
                (n, (n - 1) // each + 1, kind, identifications.hash_of(key, kind, code), when, codes.tail(kind, code))
                for n in range(1, people * each + 1)
                for kind, code in [code_of(n)]
            ],
        )
        db.executemany("INSERT INTO allowances VALUES (?,'month',500000)", [(n,) for n in range(1, people + 1)])
        db.executemany(
            "INSERT INTO grants (id, point_id, reason, boot_id, granted_at, until_s, ended_at, end_reason)"
            " VALUES (?,?,'rfid','old',?,0,?,'stop')",
            [(n, point.id, when, when) for n in range(1, runs + 1)],
        )
        db.executemany(
            "INSERT INTO sessions (point_id, grant_id, user_id, meter_id, boot_id, began_at, begin_wh, ended_at,"
            " end_wh, end_reason) VALUES (?,?,?,?,'old',?,?,?,?,'stop')",
            [(point.id, n, DICE.randint(1, people), point.meter_id, when, n, when, n + 10) for n in range(1, runs + 1)],
        )
        db.executemany(
            "INSERT INTO attempts (at, boot_id, at_boottime_s, terminal, point_id, result, identification_id, counted)"
            " VALUES (?,'old',0,'touch',?,'accepted',?,0)",
            [(when, point.id, DICE.randint(1, people * each)) for _ in range(runs)],
        )


def code_of(number: int) -> tuple[str, str]:
    """The code of an identification: every fifth a PIN, the others cards."""
    return ("pin", f"#{number + 10_000_000:08}") if number % 5 == 0 else ("rfid", f"04{number:010X}")


def measure(title: str, goal_ms: float | None, work: Callable[[], object], times: int) -> None:
    """Print median and 99th percentile."""
    took_ms = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        took_ms.append((time.perf_counter() - begin) * 1000)
    p99 = statistics.quantiles(took_ms, n=100)[98]
    goal = "" if goal_ms is None else f"   goal {goal_ms:g} ms"
    sys.stdout.write(f"{title:44} p50 {statistics.median(took_ms):8.2f} ms   p99 {p99:8.2f} ms{goal}\n")


def decide(opened: Opened, point: Point, total: int) -> None:
    """One decision about somebody's code."""
    kind, code = code_of(DICE.randint(1, total))
    result, _ = grants.examine(opened, code, point, kind)
    if result != "accepted":
        raise SystemExit(f"{kind} was refused: {result}")


def present(opened: Opened, point: Point, total: int) -> None:
    """A card, shown; then stopped, so that the next one is let in."""
    number = DICE.randint(1, total // 5 - 1) * 5 + 1
    grants.present(opened, "rfid", code_of(number)[1], [point], "Hall", actor=audit.CORE)


def main() -> None:
    """Fill a store in a temporary folder and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--sessions", type=int, default=20_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wattward-scale-") as folder:
        when = FakeClock()
        home = Home(root=Path(folder) / "home", run=Path(folder) / "run")
        it = first_start.of(home, when)
        meter = meters.add(
            it.store, when, name="Meter", model="eastron-sdm630", url="tcp://127.0.0.1:5020", unit=2, role="charger",
            actor=audit.CLI,
        )  # fmt: skip
        point = points.add(it.store, when, "Wallbox", "gpio:17", meter.id, actor=audit.CLI)
        readings.put(it.live, when, meter.id, Reading({"power_w": 0.0, "import_wh": 5000.0}))  # allowances are counted
        fill(it, args.users, args.each, args.sessions, point)
        total = args.users * args.each
        sys.stdout.write(f"{args.users} users, {total} identifications, {args.sessions} sessions and attempts\n")
        measure("decision, every look into the store", 1, lambda: decide(it, point, total), 2000)
        measure("card shown, whole transaction with sync", None, lambda: present(it, point, total), 300)
        measure("page of 50 users", 50, lambda: users.search(it.store, limit=50, offset=args.users // 2), 100)
        measure("search 'ann zimm'", 50, lambda: users.search(it.store, "ann zimm", limit=50), 100)
        measure("search by number plate, nobody has it", 50, lambda: users.search(it.store, "xy-zz", limit=50), 100)
        measure("identifications of one user", 50, lambda: identifications.all(it.store, 4711), 100)
        measure("how many identifications each has", 50, lambda: identifications.counts(it.store), 50)
        measure("allowances of one user", 50, lambda: allowances.look(it.store, when, 4711), 100)
        measure("newest 100 attempts", 50, lambda: attempts.newest(it.store), 100)
        measure("why, with its timeline", 50, lambda: why.tell(it, point.id, reasons=True), 100)
        measure("all points, as surfaces show them", 50, lambda: overview.points_now(it), 100)


if __name__ == "__main__":
    main()
