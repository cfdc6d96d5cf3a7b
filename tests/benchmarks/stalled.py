"""Measure how long the overview takes while others stall: 20 half-open connections and 8 streams.

    python -m tests.benchmarks.stalled

Starts the real web admin and the real service for apps on one home. Of the
twenty, some say nothing, some stop in the middle of the handshake, some in the
middle of a request. Prints each figure with its goal; nothing is asserted.
"""

from __future__ import annotations

import socket
import ssl
import statistics
import sys
import tempfile
import time
from pathlib import Path

from appliance import audit, clock
from appliance.access import web_sign_in
from appliance.store import settings
from tests.benchmarks.web_admin import connect, fetch
from tests.ui.admin import conftest as admin_house
from tests.ui.admin.conftest import GOOD
from tests.ui.phone import house as phone_house
from tests.ui.phone.house import eventually, free_port, token_of, with_house
from tests.ui.phone.test_stream import Watching
from ui.admin import guard

HALF_OPEN, STREAMS, ASKED = 20, 8, 40
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01"  # the first bytes of a handshake


def main() -> int:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        it = admin_house.furnished(Path(folder), clock.SystemClock())
        settings.put(it.store, it.clock.now(), audit.CLI, "service.phone", "on")
        with_house(it)
        admin = admin_house.Served(it, free_port(), Path(folder) / "admin.log")
        phone = phone_house.Served(it, free_port(), Path(folder) / "phone.log")
        admin.set_password()
        admin.start()
        phone.start()
        admin.enable()
        eventually(phone.answers, "the service does not answer")
        token = web_sign_in.sign_in(it, "admin", GOOD, "", "", "")
        cookie = {"Cookie": f"{guard.COOKIE}={token}"}
        show("nobody else there", admin, cookie)

        watching = [Watching(phone, token_of(it)[1]) for _ in range(STREAMS)]
        for one in watching:
            one.wait(1)
        stalled = [stall(served.port, number) for number in range(HALF_OPEN) for served in (admin, phone)]
        show(f"{HALF_OPEN} half-open, {STREAMS} streams", admin, cookie)
        for one in watching:
            before = len(one.events)
            one.wait(before + 2)  # the streams went on
        for held in stalled:
            held.close()
        for one in watching:
            one.connection.close()
        admin.stop()
        phone.stop()
    return 0


def stall(port: int, number: int) -> socket.socket:
    """Somebody who connects and stops at one of three moments."""
    held = socket.create_connection(("127.0.0.1", port))
    if number % 3 == 1:
        held.sendall(HELLO)
    if number % 3 == 2:
        context = connect_context()
        held = context.wrap_socket(held)
        held.sendall(b"GET /sign-in HTTP/1.1\r\nHost: loc")
    return held


def connect_context() -> ssl.SSLContext:
    """TLS that takes the appliance's own certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def show(state: str, admin: admin_house.Served, cookie: dict[str, str]) -> None:
    """How long the overview takes over new connections, handshake and all."""
    took_ms = []
    for _ in range(ASKED):
        began_s = time.perf_counter()
        fetch(connect(admin), "/", cookie)
        took_ms.append(1000 * (time.perf_counter() - began_s))
    slow_ms = statistics.quantiles(took_ms, n=20)[-1]
    sys.stdout.write(
        f"overview, {state:26} p50 {statistics.median(took_ms):6.1f} ms   p95 {slow_ms:6.1f} ms"
        f"   longest {max(took_ms):6.1f} ms   goal 500 ms\n"
    )


if __name__ == "__main__":
    sys.exit(main())
