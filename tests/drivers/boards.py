"""The boards a relay may sit on: the strict twin, a simulated house, and rpi-lgpio itself over a chip in memory.

The same cases run on all of them, so that the twins stay as strict as the real
module.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drivers import hardware
from drivers.interfaces import DriverError
from drivers.simulated.pins import StrictPins
from drivers.simulated.wires import HouseGpio
from tests.drivers.memory_chip import MemoryChip
from tests.drivers.simulated.house_process import HouseProcess

NAMES = ("twin", "house", "rpi-lgpio")


@dataclass
class Board:
    """A module with RPi.GPIO's interface, and what an electrician can do to its lines."""

    gpio: Any
    stuck: dict[int, int]  # line -> level it keeps
    level: Callable[[int], int]  # as measured from outside
    block: Callable[[int], object]  # another program takes a line
    unblock: Callable[[int], object]
    remove: Callable[[], None]  # the chip is gone
    restore: Callable[[], None]
    feed: Callable[[int, int], None] = lambda _line, _level: None  # drive an input from outside


@contextlib.contextmanager
def board(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """One of `NAMES`."""
    maker = {"twin": _twin, "house": _house, "rpi-lgpio": _rpi_lgpio}[name]
    with maker(tmp_path, monkeypatch) as made:
        yield made


@contextlib.contextmanager
def _twin(_tmp_path: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    pins = StrictPins()

    def remove() -> None:
        pins.chip = False
        pins.lose()

    def restore() -> None:
        pins.chip = True

    yield Board(pins, pins.stuck, lambda line: pins.levels.get(line, 0), pins.busy.add, pins.busy.discard, remove,
                restore, pins.feed)  # fmt: skip


@contextlib.contextmanager
def _house(tmp_path: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    with HouseProcess(tmp_path) as house:
        gpio = HouseGpio(str(house.pins))
        other = house.wire()
        yield Board(
            gpio, gpio.stuck, lambda line: int(house.say(f"read {line}")),
            lambda line: other.say(f"claim {line}"), lambda line: other.say(f"free {line}"),
            house.kill, house.start,
        )  # fmt: skip
        other.close()


def real_module() -> Any:  # noqa: ANN401 - a module without types
    """rpi-lgpio as it is installed. Skips, with the reason, where it cannot be imported."""
    try:
        return hardware.raspberry_pi()
    except DriverError as error:
        pytest.skip(f"rpi-lgpio cannot be imported: {error}")


@contextlib.contextmanager
def _rpi_lgpio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    monkeypatch.setenv("RPI_LGPIO_REVISION", "c03111")  # a Pi 4
    monkeypatch.setenv("RPI_LGPIO_CHIP", "0")
    monkeypatch.setenv("LG_WD", str(tmp_path))
    module = real_module()
    chip = MemoryChip(module.lgpio)
    chip.install(monkeypatch)

    def remove() -> None:
        module.cleanup()
        chip.there = False

    def restore() -> None:
        chip.there = True

    yield Board(module, chip.stuck, lambda line: chip.levels.get(line, 0), chip.busy.add, chip.busy.discard, remove,
                restore, chip.feed)  # fmt: skip
    chip.busy.clear()
    module.setwarnings(False)
    module.cleanup()
    module.setwarnings(True)
