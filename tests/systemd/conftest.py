"""One machine for all tests of the services: booted once, Wattward installed on it by its own setup."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.systemd.machine import Impossible, Machine, boot

CORE, TOUCH, ADMIN = "wattward-core.service", "wattward-touch.service", "wattward-admin.service"
PHONE = "wattward-phone.service"
PINS = "/run/wattward/house.sock"
POINT, PIN = "Wallbox", "#271828"
PYTHON = "/opt/wattward/current/bin/python"

# The container lays its own boot id over the kernel's, and a unit whose /proc is protected would see through to that.
BOOT_ID = "/proc/sys/kernel/random/boot_id"
ONE_BOOT_ID = f"[Service]\nBindReadOnlyPaths=/etc/boot-id:{BOOT_ID}\n"
# What this machine lacks: relay lines and a screen.
NO_GPIO = f"[Service]\nEnvironment=WATTWARD_HARDWARE=simulated:{PINS}\n"
NO_SCREEN = (
    "[Service]\nEnvironment=SDL_VIDEODRIVER=offscreen\nStandardInput=null\nTTYPath=\nTTYReset=no\nTTYVHangup=no\n"
)
HOUSE = f"""
[Service]
ExecStart={PYTHON} -m drivers.simulated.house --modbus-port 5020 --pins {PINS}
User=wattward-core
Group=wattward
UMask=0007
WorkingDirectory=/run/wattward
"""


@dataclass
class Appliance:
    """The machine with Wattward on it, and the simulated house it is wired to."""

    machine: Machine

    def furnish(self) -> None:
        """The house, its meters, a charging point and a person with a PIN."""
        self.machine.put("/etc/systemd/system/house.service", HOUSE)
        self.machine.must("systemctl", "daemon-reload")
        self.machine.must("systemctl", "start", "house")
        self.machine.until(
            lambda: "house ready" in self.machine.run("journalctl", "-u", "house", "-o", "cat"), "the house"
        )
        for words in (
            "meters add Grid --model kostal-ksem-g2 --at tcp://127.0.0.1:5020 --unit 1 --role grid",
            "meters add Car --model eastron-sdm630 --at tcp://127.0.0.1:5020 --unit 2 --role charger",
            f"points add {POINT} --relay gpio:17 --meter Car",
            "users add Anna Berger",
            f"identifications add Anna_Berger --type pin --code {PIN}",
            "settings set charging.min_pause_s 1",
        ):
            self.machine.must("wattward", *(word.replace("_B", " B") for word in words.split()))

    def relay_is_closed(self) -> bool:
        """The level of the pin, asked of the house itself."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.settimeout(5)
            wire.connect(str(self.machine.seen_from_here(PINS)))
            wire.sendall(b"read 17\n")
            return wire.recv(16).strip() == b"1"

    def charge(self) -> None:
        """A person charges: the relay is closed."""
        self.machine.run("wattward", "stop", POINT)
        self.machine.until(lambda: not self.relay_is_closed(), "the relay opening")
        self.machine.must("wattward", "authorize", POINT, PIN)
        self.machine.until(self.relay_is_closed, "the relay closing")

    def time_until_open_s(self, patience_s: float) -> float:
        """How long until the relay is open."""
        began = time.monotonic()
        while self.relay_is_closed():
            assert time.monotonic() < began + patience_s, f"the relay stays closed\n{self.machine.journal()}"
            time.sleep(0.01)
        return time.monotonic() - began

    def until_core_runs(self, patience_s: float = 40) -> None:
        """Wait for READY=1 and for an answer."""
        self.machine.until(lambda: self.machine.run("systemctl", "is-active", CORE) == "active", "the core", patience_s)
        self.machine.until(lambda: self.machine.status()["core"]["running"], "the core's answer")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine that just booted. Skips, with the reason, where that is impossible."""
    try:
        booted = boot(tmp_path_factory.mktemp("machine"))
    except Impossible as reason:
        pytest.skip(f"no container with systemd: {reason}")
    with contextlib.closing(booted):
        yield booted


@pytest.fixture(scope="module")
def appliance(machine: Machine) -> Appliance:
    """Wattward installed by `setup.sh install`, wired to a simulated house."""
    machine.put(f"/etc/systemd/system/{CORE}.d/no-gpio.conf", NO_GPIO)
    machine.put(f"/etc/systemd/system/{TOUCH}.d/no-screen.conf", NO_SCREEN)
    machine.put("/etc/boot-id", machine.must("cat", BOOT_ID) + "\n")
    for unit in (CORE, TOUCH, ADMIN, PHONE):
        machine.put(f"/etc/systemd/system/{unit}.d/one-boot-id.conf", ONE_BOOT_ID)
    machine.must("/src/setup.sh", "install", timeout_s=300)
    made = Appliance(machine)
    made.furnish()
    return made


def next_version(machine: Machine, name: str, change: dict[str, str]) -> Path:
    """A copy of the source with another version number and some files changed or added; its setup.sh."""
    folder = Path("/tmp") / name  # noqa: S108 - in the machine, not here
    machine.must("cp", "-r", "/src", str(folder))
    machine.must("sed", "-i", f's/^version = .*/version = "{name}"/', f"{folder}/pyproject.toml")
    for path, text in change.items():
        machine.must("sh", "-c", f"cat >>{folder}/{path}", stdin=text)
    return folder / "setup.sh"
