"""Measure what access tokens and their service cost: a check among 10,000, the list, memory, answers, a stream's end.

    python -m tests.benchmarks.tokens

Starts the real processes on a home in a temporary folder and prints each figure
with its goal. Nothing is asserted.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from appliance import audit, clock
from appliance.access import tokens, tokens_check, tokens_pages, tokens_secret
from appliance.opened import Opened
from tests.ui.phone.house import MINE, Served, eventually, free_port, furnished, token_of, with_house
from tests.ui.phone.test_stream import Watching

TOKENS = 10_000
CHECKS = 2_000


def main() -> int:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as folder:
        it = furnished(Path(folder), clock.SystemClock())
        with_house(it)
        secrets = many(it)
        tell("check among 10,000, p50", spread(lambda n: check(it, secrets[n * 7 % TOKENS]), CHECKS, 50), "ms", "1")
        tell("check among 10,000, p99", spread(lambda n: check(it, secrets[n * 7 % TOKENS]), CHECKS, 99), "ms", "1")
        unknown = [tokens_secret.make() for _ in range(CHECKS)]
        tell("unknown token, p50", spread(lambda n: check(it, unknown[n]), CHECKS, 50), "ms", "1")
        now = it.clock.now()
        tell(
            "a page of the list of 10,000",
            spread(lambda n: tokens_pages.page(it.store, now, n + 1), 50, 50),
            "ms",
            "50",
        )
        tell("all 10,000 at once", spread(lambda _: tokens.all(it.store), 5, 50), "ms", "1000")
        over_the_network(Served(it, free_port(), Path(folder) / "phone.log"))
        it.store.close()
        it.live.close()
    return 0


def many(it: Opened) -> list[str]:
    """Active tokens that were used a moment ago."""
    secrets, now = [tokens_secret.make() for _ in range(TOKENS)], clock.utc_text(it.clock.now())
    with it.store.write() as db:
        db.executemany(
            "INSERT INTO access_tokens (token_hash, state, role, name, matching_number, installation, created_at,"
            " created_by, pending_until, confirmed_at, confirmed_by, last_used_at)"
            " VALUES (?,'active','read','x','1',?,?,'x',?,?,'x',?)",
            [(tokens_secret.hashed(secret), MINE, now, now, now, now) for secret in secrets],
        )
    return secrets


def check(it: Opened, secret: str) -> None:
    tokens_check.check(it, secret, MINE, "192.168.1.20")


def spread(action: Callable[[int], object], times: int, percentile: int) -> float:
    """A percentile of how long something takes, in ms."""
    took = []
    for number in range(times):
        began_s = time.perf_counter()
        action(number)
        took.append((time.perf_counter() - began_s) * 1000)
    return statistics.quantiles(took, n=100)[percentile - 1]


def over_the_network(served: Served) -> None:
    """Figures of the processes."""
    served.start()
    eventually(served.answers, "the service does not answer")
    assert served.process is not None
    process = psutil.Process(served.process.pid)
    tell("waiting process, private memory", process.memory_full_info().uss / 1e6, "MB", "15")
    tell("waiting process, resident", process.memory_info().rss / 1e6, "MB", "")
    children = sum(child.memory_full_info().uss for child in process.children(recursive=True)) / 1e6
    tell("serving, private memory", children, "MB", "")
    token, secret = token_of(served.opened)
    with contextlib.closing(served.connection()) as kept:

        def ask(_number: int) -> None:
            kept.request(
                "GET", "/api/v1/live", headers={"Authorization": f"Bearer {secret}", "Wattward-Installation": MINE}
            )
            json.loads(kept.getresponse().read())

        tell("GET /live, p95", spread(ask, 200, 95), "ms", "30")
    watching = [Watching(served, secret) for _ in range(4)]
    for one in watching:
        one.wait(2)
    began_s = time.monotonic()
    tokens.revoke(served.opened, token.id, audit.CLI)
    ended_s = max(one.wait_for_end() for one in watching)
    tell("from revoking to the last dead stream", (ended_s - began_s) * 1000, "ms", "1000")
    served.stop()


def tell(what: str, figure: float, unit: str, goal: str) -> None:
    """One line."""
    print(f"{what:42} {figure:10.2f} {unit:3} {f'(goal: at most {goal})' if goal else ''}")


if __name__ == "__main__":
    sys.exit(main())
