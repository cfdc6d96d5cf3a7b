"""The kernel itself closes the web admin's port after ten minutes: real rules, seen from a second network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "systemd" / "window-firewall"
HERE, THERE = "10.231.7.1", "10.231.7.2"
PORT = 8443
LISTEN = (
    "import signal, socket, sys\n"
    f"one = socket.create_server(('0.0.0.0', {PORT})); two = socket.create_server(('0.0.0.0', {PORT} + 1))\n"
    "print('there', flush=True)\nkept = one.accept()[0]\nprint(kept.recv(9).decode(), flush=True)\nsignal.pause()"
)
TRY = (
    "import socket, sys\n"
    "try:\n    socket.create_connection(('{host}', {port}), timeout=3).close()\n"
    "except OSError as error:\n    print(type(error).__name__)\nelse:\n    print('open')"
)


def run(*words: str) -> str:
    """A program's answer."""
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=True).stdout


class Networks:
    """Two network namespaces with a cable between them; the appliance is in the first."""

    def __init__(self) -> None:
        self.appliance, self.other = f"ww{os.getpid()}a", f"ww{os.getpid()}b"

    def build(self) -> None:
        """Raises CalledProcessError where this machine cannot."""
        for name in (self.appliance, self.other):
            run("ip", "netns", "add", name)
        run("ip", "link", "add", "v0", "netns", self.appliance, "type", "veth", "peer", "v0", "netns", self.other)
        for name, address in ((self.appliance, HERE), (self.other, THERE)):
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", "v0")
            run("ip", "-n", name, "link", "set", "v0", "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        self.here("nft", "list", "ruleset")

    def here(self, *words: str) -> str:
        return run("ip", "netns", "exec", self.appliance, *words)

    def tried(self, port: int = PORT) -> str:
        """How a connection from the other network ends."""
        return run(
            "ip", "netns", "exec", self.other, sys.executable, "-c", TRY.format(host=HERE, port=port)
        ).strip()  # fmt: skip

    def remove(self) -> None:
        for name in (self.appliance, self.other):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


@pytest.fixture
def networks() -> Iterator[Networks]:
    """Both, or a skip that says why."""
    if os.geteuid() != 0 or not (shutil.which("nft") and shutil.which("ip")):
        pytest.skip("needs root, nft and ip")
    it = Networks()
    try:
        it.build()
    except subprocess.CalledProcessError as error:
        it.remove()
        pytest.skip(f"no network namespaces or no nftables here: {error.stderr.strip()}")
    yield it
    it.remove()


@pytest.fixture
def listening(networks: Networks) -> Iterator[subprocess.Popen[str]]:
    """A program that never closes its ports."""
    process = subprocess.Popen(
        ["ip", "netns", "exec", networks.appliance, sys.executable, "-c", LISTEN], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "there\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def told(networks: Networks, folder: Path, text: str) -> str:
    """What the script does with what the web admin noted."""
    (folder / "window").write_text(text)
    return networks.here(str(SCRIPT), str(folder / "window"))


def table(networks: Networks) -> str:
    return networks.here("nft", "list", "table", "inet", "wattward")


def until_refused(networks: Networks) -> str:
    for _ in range(100):
        if (ended := networks.tried()) != "open":
            return ended
    return "open"


def test_when_the_time_is_over_the_kernel_refuses_although_the_program_listens_on(
    networks: Networks, listening: subprocess.Popen[str], tmp_path: Path
) -> None:  # A003-21
    assert networks.tried() == "open"
    told(networks, tmp_path, f"{PORT} 1\n")
    assert until_refused(networks) == "ConnectionRefusedError"
    assert listening.poll() is None
    assert networks.tried(PORT + 1) == "open"  # nothing else is touched


def test_enabling_again_gives_the_time_again(
    networks: Networks, listening: subprocess.Popen[str], tmp_path: Path
) -> None:  # A003-22
    told(networks, tmp_path, f"{PORT} 0\n")
    assert until_refused(networks) == "ConnectionRefusedError"
    told(networks, tmp_path, f"{PORT} 600\n")
    assert networks.tried() == "open"


def test_an_upload_that_runs_gets_five_minutes_more(networks: Networks, tmp_path: Path) -> None:
    told(networks, tmp_path, f"{PORT} 600\n")
    lasting = {
        name: seconds(time) for name, time in re.findall(r"set (\w+) \{[^}]*?timeout (\S+) expires", table(networks))
    }
    assert lasting == {"guarded": 3600, "open": 601, "finishing": 905}


def seconds(text: str) -> int:
    """nft's way to write a time."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])(?!s)", text))


def test_never_more_than_ten_minutes_whatever_is_noted(networks: Networks, tmp_path: Path) -> None:
    told(networks, tmp_path, f"{PORT} 99999\n")
    assert "timeout 10m1s" in table(networks)


@pytest.mark.parametrize(
    "text",
    ["", "443\n", "443 x\n", "-1 5\n", "22 600\n", "70000 600\n", "443 1; reboot\n", "443; 600\n", "$(id) 600\n"],
)
def test_what_is_no_port_of_the_web_admin_changes_nothing(tmp_path: Path, text: str) -> None:
    """It is refused before nft is called, so this needs neither nft nor root."""
    (tmp_path / "window").write_text(text)
    (tmp_path / "nft").write_text(f"#!/bin/sh\ntouch {tmp_path}/called\n")
    (tmp_path / "nft").chmod(0o755)
    done = subprocess.run(
        [str(SCRIPT), str(tmp_path / "window")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert not (tmp_path / "called").exists()
