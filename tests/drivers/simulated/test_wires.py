"""The wires to the house: what a lost connection, a killed program and a house that restarts do to a relay."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.gpio import GpioRelay
from drivers.interfaces import DriverError
from drivers.simulated import wires
from drivers.simulated.wires import HouseGpio
from tests.drivers.simulated.house_process import ROOT, HouseProcess

HOLD = """
import sys, time
from drivers.gpio import GpioRelay
from drivers.simulated.wires import HouseGpio
gpio = HouseGpio(sys.argv[1])
for line in (17, 22):
    GpioRelay(gpio, line).switch(closed=True)
print("closed", flush=True)
time.sleep(60)
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[HouseProcess]:
    with HouseProcess(tmp_path) as running:
        yield running


@pytest.fixture
def relay(house: HouseProcess) -> GpioRelay:
    return GpioRelay(HouseGpio(str(house.pins)), 17)


def test_a_program_that_is_killed_loses_all_its_lines(house: HouseProcess) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(house.pins)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None and program.stdout.readline() == "closed\n"
        assert (house.say("read 17"), house.say("read 22")) == ("1", "1")
        program.send_signal(signal.SIGKILL)
        program.wait(10)
    house.until("read 17", "0")
    house.until("read 22", "0")


def test_a_line_is_neither_taken_driven_nor_freed_by_another_program(house: HouseProcess, relay: GpioRelay) -> None:
    relay.switch(closed=True)
    other = house.wire()
    assert other.say("drive 17 0") == "error GPIO not allocated"
    assert other.say("claim 17") == "error GPIO busy"
    assert other.say("free 17") == "1"
    other.close()
    assert relay.is_closed() is True


def test_a_house_that_starts_again_finds_the_relay_open_and_the_relay_finds_the_house(
    house: HouseProcess, relay: GpioRelay
) -> None:
    relay.switch(closed=True)
    house.kill()
    with pytest.raises(DriverError, match="does not answer") as caught:
        relay.switch(closed=True)
    assert caught.value.code == "unavailable"
    house.start()
    assert house.say("read 17") == "0"
    assert relay.is_closed() is False
    relay.switch(closed=True)
    assert house.say("read 17") == "1"


def test_a_house_that_restarted_unnoticed_is_an_error_before_anything_is_driven(
    house: HouseProcess, relay: GpioRelay
) -> None:
    relay.switch(closed=True)
    house.kill()
    house.start()
    with pytest.raises(DriverError):
        relay.is_closed()
    assert house.say("read 17") == "0"
    assert relay.is_closed() is False


def test_a_house_that_hangs_is_an_error_and_when_it_wakes_the_relay_is_open(
    house: HouseProcess, relay: GpioRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.switch(closed=True)
    house.send_signal(signal.SIGSTOP)
    with pytest.raises(DriverError, match="timed out"):
        relay.is_closed()
    began = time.monotonic()
    with pytest.raises(DriverError, match="timed out"):
        relay.is_closed()
    assert time.monotonic() - began < wires.ANSWER_S, "a house that hangs keeps its caller waiting once"
    house.send_signal(signal.SIGCONT)
    house.until("read 17", "0")
    monkeypatch.setattr(wires, "monotonic", lambda: began + 2 * wires.PAUSE_S)
    assert relay.is_closed() is False
    relay.switch(closed=True)
    assert house.say("read 17") == "1"


def test_a_socket_that_talks_nonsense_or_half_a_line_is_an_error(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "x.sock"))
        listener.listen()
        relay = GpioRelay(HouseGpio(str(tmp_path / "x.sock")), 17)
        for answer in (b"what?\n", b"\xff\xff\n", b"0"):
            with _answering(listener, answer), pytest.raises(DriverError) as caught:
                relay.is_closed()
            assert caught.value.code == "unavailable"
            relay = GpioRelay(HouseGpio(str(tmp_path / "x.sock")), 17)


class _answering:  # noqa: N801 - used as a word in a with statement
    """Answers every line of one connection alike, and hangs up when nothing more comes."""

    def __init__(self, listener: socket.socket, answer: bytes) -> None:
        self._listener, self._answer = listener, answer
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        wire, _ = self._listener.accept()
        with wire, contextlib.suppress(TimeoutError):
            wire.settimeout(0.3)
            while wire.recv(100):
                wire.sendall(self._answer)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()
