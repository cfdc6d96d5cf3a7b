"""Measure what the web admin costs: memory while waiting and open, time to the first page, size and speed of pages.

    python -m tests.benchmarks.web_admin

Starts the real processes on a home in a temporary folder and prints each figure
with its goal. Nothing is asserted.
"""

from __future__ import annotations

import html
import http.client
import re
import ssl
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from appliance import audit, clock
from appliance.access import web_sign_in, web_window
from appliance.metering import meters
from tests.ui.admin import household
from tests.ui.admin.conftest import GOOD, Served, at_work, free_port, furnished
from ui.admin import guard

FILES = re.compile(r'(?:src|href)="(/[^"]+\.(?:js|css|svg)[^"]*)"')
CLIENTS, REQUESTS = 8, 50


def main() -> int:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(furnished(Path(folder), clock.SystemClock()), free_port(), Path(folder) / "admin.log")
        served.set_password()
        furnish(served)
        running = at_work(served)
        next(running)
        time.sleep(3)
        show("waiting", served, "RSS <= 15 MB")
        began = time.perf_counter()
        web_window.enable(served.opened.store, served.opened.clock, audit.TOUCH)
        while not served.answers():
            time.sleep(0.01)
        sys.stdout.write(f"enable -> first page      {time.perf_counter() - began:6.2f} s      goal <= 1.5 s\n")
        token = web_sign_in.sign_in(served.opened, "admin", GOOD, "", "", "")
        cookie = {"Cookie": f"{guard.COOKIE}={token}", "Accept-Encoding": "gzip"}
        page = fetch(connect(served), "/", cookie)
        files = sorted(set(FILES.findall(page.decode())))
        size = len(page) + sum(len(fetch(connect(served), html.unescape(path), cookie)) for path in files)
        sys.stdout.write(f"overview, first load      {size / 1000:6.1f} kB     goal <= 250 kB ({len(files)} files)\n")
        sys.stdout.write(f"overview, after           {len(page) / 1000:6.1f} kB     goal <= 40 kB\n")
        speed(served, cookie)
        show("open", served, "RSS <= 80 MB")
        lateness(served)
        next(running, None)
    return 0


def furnish(served: Served) -> None:
    """Three meters with a month behind them."""
    opened = served.opened
    for unit, (name, role) in enumerate((("Grid", "grid"), ("Wallbox", "charger"), ("Roof", "pv")), 1):
        meters.add(
            opened.store, opened.clock, name=name, model="eastron-sdm630", url="tcp://127.0.0.1:5020", unit=unit,
            role=role, actor=audit.CLI,
        )  # fmt: skip
    household.live_through(opened, 31)


def show(state: str, served: Served, goal: str) -> None:
    """Memory of the waiting process with its children."""
    assert served.process is not None
    own = psutil.Process(served.process.pid)
    family = [own, *own.children(recursive=True)]
    rss, pss, uss = (
        sum(getattr(one.memory_full_info(), kind) for one in family) / 1e6 for kind in ("rss", "pss", "uss")
    )
    sys.stdout.write(f"memory {state:8} RSS {rss:5.1f} MB  PSS {pss:5.1f} MB  private {uss:5.1f} MB   goal {goal}\n")


def lateness(served: Served) -> None:
    """How long after the deadline the port refuses while the serving program is stopped (SIGSTOP)."""
    assert served.process is not None
    for one in psutil.Process(served.process.pid).children(recursive=True):
        one.suspend()
    when = served.opened.clock
    until_s = when.boottime_s() + 2.0
    with served.opened.store.write() as db:
        db.execute("UPDATE web_window SET open_until_s=?", (until_s,))
    while not served.refused():
        time.sleep(0.002)
    sys.stdout.write(
        f"port refuses, program stopped   {1000 * (when.boottime_s() - until_s):6.1f} ms after the deadline\n"
    )


def speed(served: Served, cookie: dict[str, str]) -> None:
    """How long the overview takes when several ask at once."""
    took_s: list[float] = []

    def ask() -> None:
        connection = connect(served)
        for _ in range(REQUESTS):
            began = time.perf_counter()
            fetch(connection, "/", cookie)
            took_s.append(time.perf_counter() - began)

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    before_s = processor_s(served)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    each_ms = 1000 * (processor_s(served) - before_s) / (CLIENTS * REQUESTS)
    p95_ms = 1000 * statistics.quantiles(took_s, n=20)[-1]
    median_ms = 1000 * statistics.median(took_s)
    sys.stdout.write(
        f"overview, {CLIENTS} clients       p50 {median_ms:.1f} ms, p95 {p95_ms:.1f} ms   goal p95 <= 30 ms"
        f"; {each_ms:.1f} ms of processor each\n"
    )


def processor_s(served: Served) -> float:
    """Processor time of the waiting process with its children: what does not depend on what else runs here."""
    assert served.process is not None
    own = psutil.Process(served.process.pid)
    return float(sum(sum(one.cpu_times()[:2]) for one in (own, *own.children(recursive=True))))


def connect(served: Served) -> http.client.HTTPSConnection:
    """A kept connection that takes the appliance's own certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", served.port, context=context, timeout=10)


def fetch(connection: http.client.HTTPSConnection, path: str, headers: dict[str, str]) -> bytes:
    """The body as it comes over the wire."""
    connection.request("GET", path, headers=headers)
    return connection.getresponse().read()


if __name__ == "__main__":
    sys.exit(main())
