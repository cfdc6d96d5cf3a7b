"""How long statements and reports take out of a journal of years.

    python -m tests.benchmarks.billing [--sessions 100000]

Sessions go through the real journal: signed, chained, priced. Then a month's
statement, its PDF, CSV and XLSX, a PDF of 500 lines and the verification of
everything are timed, warm, three times each, and the middle one is printed.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from appliance import clock
from appliance.billing import journal, statement
from appliance.billing.journal import Signer
from appliance.billing.statement import Wanted
from appliance.config import Home
from appliance.opened import Opened
from tests import first_start
from tests.appliance.billing.bench import Bench
from tests.fake_clock import FakeClock
from ui.paper import pdf, sheets
from ui.paper.wording import Words
from ui.text.catalog import Texts

BEGIN = datetime(2017, 1, 1, tzinfo=UTC)
GOALS_S = {"statement of a month": 1.0, "PDF of 500 sessions": 1.0}


def furnish(folder: Path, sessions: int) -> Opened:
    """An appliance with so many ended sessions of two people, evenly over ten years."""
    home, when = Home(root=folder / "home", run=folder / "run"), FakeClock()
    opened = first_start.of(home, when)
    bench = Bench(opened, when)
    bench.bill()
    step = timedelta(days=3650) / sessions
    with opened.store.write(ring=False) as db:
        for number in range(1, sessions + 1):
            at = BEGIN + step * number
            user = bench.anna.id if number % 3 else bench.ben.id
            moments = (clock.utc_text(at), clock.utc_text(at + step / 2))
            db.execute(
                "INSERT INTO grants (id, point_id, reason, user_id, boot_id, granted_at, until_s, ended_at, end_reason)"
                " VALUES (?,?,'pin',?,'b',?,0,?,'stop')",
                (number, bench.point.id, user, *moments),
            )
            db.execute(
                "INSERT INTO sessions (id, point_id, grant_id, user_id, meter_id, boot_id, began_at, begin_wh,"
                " ended_at, end_wh, end_reason) VALUES (?1,?2,?1,?3,?4,'b',?5,?6,?7,?8,'stop')",
                (
                    number,
                    bench.point.id,
                    user,
                    bench.meter.id,
                    moments[0],
                    number * 7000,
                    moments[1],
                    number * 7000 + 6500,
                ),
            )
    return opened


def timed(work: Callable[[], object]) -> float:
    """The middle of three, in seconds."""
    found = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def report(what: str, seconds: float) -> None:
    goal = GOALS_S.get(what)
    verdict = "" if goal is None else f"   goal {goal:.1f} s: {'met' if seconds <= goal else 'MISSED'}"
    print(f"{what:32} {seconds * 1000:10.1f} ms{verdict}")


def main() -> None:
    """Print how long each takes, and the memory it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wattward-billing-") as folder:
        opened = furnish(Path(folder), args.sessions)
        signer = Signer.of(opened.key())
        began = time.perf_counter()
        journal.catch_up(opened, signer)
        each = (time.perf_counter() - began) / args.sessions
        print(f"{args.sessions} sessions; one entry, signed and committed, takes {each * 1000:.2f} ms")
        month = Wanted(date(2026, 5, 1), date(2026, 5, 31))
        made = statement.make(opened, month, "benchmark")
        print(f"a month has {len(made.lines)} of them")
        report("statement of a month", timed(lambda: statement.make(opened, month, "benchmark")))
        words = Words(Texts("de"), made)
        report(f"PDF of {len(made.lines)} sessions", timed(lambda: pdf.make(words, "1")))
        report("CSV", timed(lambda: sheets.csv_excel(words)))
        report("XLSX", timed(lambda: sheets.xlsx(words)))
        days = 500 / (args.sessions / 3650)
        some = statement.make(
            opened, Wanted(date(2026, 5, 1), date(2026, 5, 1) + timedelta(days=int(days))), "benchmark"
        )
        half = Words(Texts("de"), some)
        report("PDF of 500 sessions", timed(lambda: pdf.make(half, "1")) * 500 / max(1, len(some.lines)))
        report("verification of everything", timed(lambda: journal.verify(opened, signer)))
    print(f"most memory used: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
