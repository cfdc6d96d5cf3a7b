"""Readers, lamps, contacts and a relay on GPIO lines of a real kernel, by rpi-lgpio: only the wires are simulated.

Needs the kernel's gpio-sim with a chip of 28 lines (`tests.drivers.readers.on_kernel --gpio-sim` makes one in a
virtual machine). A line is driven from outside by its pull.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from drivers.feedback import GpioFeedback, parse_lamps
from drivers.gpio import GpioInput, GpioRelay
from drivers.interfaces import DriverError
from drivers.readers import wiegand
from drivers.readers.address import parse_url
from drivers.readers.wiegand import WiegandReader
from tests.drivers import boards
from tests.drivers.readers.benches import wiegand_bits

CHIP = next(Path("/sys/devices/platform").glob("gpio-sim.*/gpiochip*/sim_gpio27"), Path("/nowhere/line")).parent
pytestmark = pytest.mark.skipif(not CHIP.exists(), reason="needs gpio-sim: python -m tests.drivers.readers.on_kernel")


def pull(line: int, level: int) -> None:
    """Drive a line from outside."""
    (CHIP / f"sim_gpio{line}/pull").write_text("pull-up" if level else "pull-down")


def value(line: int) -> int:
    """What is on a line."""
    return int((CHIP / f"sim_gpio{line}/value").read_text())


def pulses(bits: list[int], bit_s: float = 0.002) -> None:
    """One Wiegand frame."""
    for bit in bits:
        pull((5, 6)[bit], 0)
        time.sleep(0.0001)
        pull((5, 6)[bit], 1)
        time.sleep(bit_s)


@pytest.fixture
def gpio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a module without types
    """rpi-lgpio on the simulated chip."""
    monkeypatch.setenv("RPI_LGPIO_REVISION", "c03111")  # a Pi 4
    monkeypatch.setenv("RPI_LGPIO_CHIP", CHIP.name.removeprefix("gpiochip"))
    monkeypatch.setenv("LG_WD", str(tmp_path))
    return boards.real_module()


def test_cards_and_pins_come_over_real_lines(gpio: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr(wiegand, "SETTLED_S", (0.1, 0.1))  # the emulated processor is slow
    monkeypatch.setattr(wiegand, "PAUSE_S", 0.2)

    async def whole() -> None:
        reader = WiegandReader(parse_url("wiegand:gpio:5,gpio:6"), gpio)
        for _ in range(2):  # opened twice: the lines are given back
            await reader.open()
            async with asyncio.timeout(20):
                for number in (b"\x04\xa1\xb2\xc3", b"\x7b\xb2\x6e", b"\xfe\xdc\xba\x98"):
                    await asyncio.to_thread(pulses, wiegand_bits(number))
                    assert (await reader.next()).code == number.hex().upper()
                for key in (2, 7, 1, 8, 11):
                    await asyncio.to_thread(pulses, [key >> place & 1 for place in (3, 2, 1, 0)])
                    await asyncio.sleep(0.3)
                found = await reader.next()
                assert (found.code, found.kind) == ("2718", "pin")
            await reader.close()
        with pytest.raises(RuntimeError, match="You must setup"):
            gpio.input(5)

    asyncio.run(whole())


def test_no_bit_is_lost_or_overtaken_on_real_lines(gpio: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr(wiegand, "SETTLED_S", (0.1, 0.1))
    monkeypatch.setattr(wiegand, "PAUSE_S", 0.2)

    async def whole() -> None:
        reader = WiegandReader(parse_url("wiegand:gpio:5,gpio:6"), gpio)
        await reader.open()
        try:
            async with asyncio.timeout(60):
                for number in range(0x55550000, 0x55550014):
                    await asyncio.to_thread(pulses, wiegand_bits(number.to_bytes(4, "big")), 0.001)
                    assert (await reader.next()).code == f"{number:08X}"
        finally:
            await reader.close()

    asyncio.run(whole())


def test_a_line_of_another_process_is_unavailable_on_a_real_chip(gpio: Any) -> None:  # noqa: ANN401 - as above
    lg = gpio.lgpio
    other = lg.gpiochip_open(int(CHIP.name.removeprefix("gpiochip")))
    lg.gpio_claim_input(other, 6)
    reader = WiegandReader(parse_url("wiegand:gpio:5,gpio:6"), gpio)
    with pytest.raises(DriverError) as caught:
        asyncio.run(reader.open())
    assert caught.value.code == "unavailable"
    lg.gpiochip_close(other)


def test_lamps_light_real_lines_and_let_them_go(gpio: Any) -> None:  # noqa: ANN401 - as above
    async def whole() -> None:
        player = GpioFeedback(parse_lamps("green=gpio:22,red=gpio:23,buzzer=gpio:24"), gpio)
        player.show("charging")
        await asyncio.sleep(0.05)
        assert [value(line) for line in (22, 23, 24)] == [1, 0, 0]
        player.show("refused")
        await asyncio.sleep(0.05)
        assert [value(line) for line in (22, 23, 24)] == [0, 1, 1]
        player.close()
        assert [value(line) for line in (22, 23, 24)] == [0, 0, 0]

    asyncio.run(whole())


def test_a_relay_closes_and_opens_a_real_line(gpio: Any) -> None:  # noqa: ANN401 - as above
    relay = GpioRelay(gpio, 17)
    for closed in (True, False, True):
        relay.switch(closed=closed)
        assert (value(17), relay.is_closed()) == (int(closed), closed)
    relay.release()
    assert value(17) == 0


@pytest.mark.parametrize(("mirror", "closed_level"), [(True, 1), (False, 0)])
def test_a_contact_is_read_on_a_real_line_and_an_open_wire_is_high(
    gpio: Any,  # noqa: ANN401 - as above
    mirror: bool,
    closed_level: int,
) -> None:
    contact = GpioInput(gpio, 23, mirror=mirror)
    assert contact.is_closed() is (closed_level == 1), "nothing is wired: the pull-up decides"
    for level in (0, 1, 0):
        pull(23, level)
        assert contact.is_closed() is (level == closed_level)
    contact.release()
    with pytest.raises(RuntimeError, match="You must setup"):
        gpio.input(23)
