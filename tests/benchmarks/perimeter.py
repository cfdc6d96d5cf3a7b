"""Look at the appliance from a second network: every port by nmap, window closed and open, and TLS by testssl.sh.

    apt-get install nmap testssl.sh nftables bsdextrautils
    python -m tests.benchmarks.perimeter

Needs root, for two network namespaces with a cable between them. The real core,
web admin and service for apps run in the first; everything is asked from the
second. Prints what was found and what it should be; ends with 1 if a port is
open that should not be.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from appliance import audit, clock
from appliance.access import web_window
from appliance.opened import Opened
from appliance.store import settings
from tests.systemd.test_window_firewall import HERE, SCRIPT, Networks
from tests.ui.admin.conftest import eventually, furnished

WEB, PHONE = 443, 9443
OVER_S = 1  # of a window whose time in the firewall is shortened


def main() -> int:
    """Print what was found."""
    networks = Networks()
    try:
        networks.build()
        with tempfile.TemporaryDirectory() as folder:
            return look(networks, Path(folder))
    finally:
        networks.remove()


def look(networks: Networks, folder: Path) -> int:
    """Everything in the order of an evening; how many states were not as they should be."""
    it = furnished(folder, clock.SystemClock())
    running = [started(networks, it, folder, *words) for words in (("core",), ("admin",), ("phone",))]
    wrong = 0
    try:
        eventually(lambda: all((it.home.bells / one).exists() for one in ("core", "admin", "phone")), "no bell")
        wrong += scan(networks, "nothing switched on", set())
        web_window.enable(it.store, it.clock, audit.TOUCH)
        eventually(lambda: networks.tried(WEB) == "open", "the web admin does not answer")
        wrong += scan(networks, "window open", {WEB})
        tls(networks, WEB)
        settings.put(it.store, it.clock.now(), audit.CLI, "service.phone", "on")
        eventually(lambda: networks.tried(PHONE) == "open", "the service does not answer")
        wrong += scan(networks, "window open, service for apps on", {WEB, PHONE})
        web_window.close(it.store, it.clock, audit.TOUCH)
        eventually(lambda: networks.tried(WEB) != "open", "the web admin goes on")
        wrong += scan(networks, "window closed, service for apps on", {PHONE})
        settings.put(it.store, it.clock.now(), audit.CLI, "service.phone", "off")
        eventually(lambda: networks.tried(PHONE) != "open", "the service goes on")
        web_window.enable(it.store, it.clock, audit.TOUCH)
        eventually(lambda: networks.tried(WEB) == "open", "the web admin does not answer")
        for process in running:
            os.killpg(process.pid, signal.SIGSTOP)
            for child in psutil.Process(process.pid).children(recursive=True):
                child.suspend()
        (folder / "window").write_text(f"{WEB} {OVER_S}\n")
        networks.here(str(SCRIPT), str(folder / "window"))
        time.sleep(2 * OVER_S + 1)
        wrong += scan(networks, "time over, every process stopped (SIGSTOP)", set())
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return 1 if wrong else 0


def started(networks: Networks, it: Opened, folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """A process of the appliance, in the first network."""
    command = [sys.executable, "-m", "appliance.cli.main", "--home", str(it.home.root), *words]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            ["ip", "netns", "exec", networks.appliance, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=os.environ | {"WATTWARD_RUN": str(it.home.run)}, start_new_session=True,
        )  # fmt: skip


def scan(networks: Networks, state: str, wanted: set[int]) -> bool:
    """All 65,535 ports, TCP; tell whether others than the wanted ones are open."""
    words = ("nmap", "-n", "-Pn", "-sS", "-p-", "-T4", "--max-retries", "4", "-oG", "-", HERE)
    done = subprocess.run(
        ["ip", "netns", "exec", networks.other, *words], capture_output=True, text=True, timeout=600, check=True
    )
    found = {int(port) for port in re.findall(r"(\d+)/open/tcp", done.stdout)}
    told = ", ".join(map(str, sorted(found))) or "none"
    sys.stdout.write(f"{state:45} open ports: {told:12} {'as it should be' if found == wanted else 'WRONG'}\n")
    sys.stdout.flush()
    return found != wanted


def tls(networks: Networks, port: int) -> None:
    """What testssl.sh finds, from a grade of weakness that matters."""
    words = ("testssl", "--quiet", "--color", "0", "--warnings", "off", "-p", "-P", "-S", "-h", "-U", f"{HERE}:{port}")
    done = subprocess.run(
        ["ip", "netns", "exec", networks.other, *words], capture_output=True, text=True, timeout=540, check=False
    )
    for line in done.stdout.splitlines():
        if line.strip():
            sys.stdout.write(f"    {line.rstrip()}\n")


if __name__ == "__main__":
    sys.exit(main())
