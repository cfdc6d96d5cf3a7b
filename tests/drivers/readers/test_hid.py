"""The USB reader: what it types, what it does not, and that it is ours alone."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.interfaces import DriverError
from drivers.readers import hid
from drivers.readers.address import parse_url
from drivers.readers.hid import EVENT, HidReader, Typed
from tests.drivers.readers import benches
from tests.drivers.readers.benches import Fifo, keystrokes

UINPUT = Path("/dev/uinput")
# linux/uinput.h
UI_DEV_CREATE, UI_DEV_DESTROY, UI_DEV_SETUP, UI_SET_EVBIT, UI_SET_KEYBIT = (
    0x5501, 0x5502, 0x405C5503, 0x40045564, 0x40045565,
)  # fmt: skip


def on_fifo(case: Callable[[HidReader, Fifo], Awaitable[None]], tmp_path: Path, options: str = "") -> None:
    """Run a case on an opened reader."""

    async def whole() -> None:
        device = Fifo(tmp_path / "event0")
        await device.plug()
        reader = HidReader(parse_url(f"hid:{device.path}{options}"), grab=lambda _fd: None)
        await reader.open()
        async with asyncio.timeout(10):
            await case(reader, device)
        await reader.close()
        await device.pull()

    asyncio.run(whole())


def event(kind: int, code: int, value: int) -> bytes:
    """One record."""
    return EVENT.pack(0, 0, kind, code, value)


def test_a_record_of_the_kernel_has_24_bytes() -> None:
    assert EVENT.size == 24, "another size would be a 32-bit system"


@pytest.mark.parametrize("cut", [1, 23, 24, 25, 71, 500])
def test_records_cut_in_the_middle_are_put_together(cut: int) -> None:
    data, typed = keystrokes("0077705923"), Typed()
    assert typed.feed(data[:cut]) + typed.feed(data[cut:]) == ["0077705923"]


def test_only_presses_count_not_releases_nor_repetitions() -> None:
    typed = Typed()
    data = event(1, 2, 1) + event(1, 2, 2) + event(1, 2, 2) + event(1, 2, 0) + event(1, 28, 1)
    assert typed.feed(data) == ["1"]


def test_both_enters_end_a_number_and_an_empty_one_is_nothing() -> None:
    typed = Typed()
    assert typed.feed(event(1, 28, 1) + event(1, 79, 1) + event(1, 96, 1) + event(1, 96, 1)) == ["1"]


def test_shift_and_other_keys_are_left_out() -> None:
    typed = Typed()
    assert typed.feed(event(1, 42, 1) + event(1, 30, 1) + event(1, 42, 0) + event(1, 59, 1) + event(1, 28, 1)) == ["A"]


def test_a_number_of_which_the_kernel_lost_keys_is_no_number() -> None:
    typed = Typed()
    assert typed.feed(event(1, 2, 1) + event(0, 3, 0) + event(1, 3, 1) + event(1, 28, 1)) == [None]
    assert typed.feed(keystrokes("12")) == ["12"]


def test_an_endless_number_is_no_number() -> None:
    assert Typed().feed(keystrokes("1" * 100)) == [None]


def test_the_form_of_the_address_is_used(tmp_path: Path) -> None:
    async def case(reader: HidReader, device: Fifo) -> None:
        device.send(keystrokes("04A1B2C3D4E5F6"))
        assert (await reader.next()).code == "04A1B2C3D4E5F6"

    on_fifo(case, tmp_path, "?code=hex")


def test_what_is_typed_without_enter_is_forgotten_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hid, "KEY_PAUSE_S", 0.02)

    async def case(reader: HidReader, device: Fifo) -> None:
        device.send(keystrokes("00777")[: -3 * 2 * EVENT.size])
        with pytest.raises(DriverError, match="no Enter"):
            await reader.next()
        device.send(keystrokes("0077705923"))
        assert (await reader.next()).code == "04A1B2C3"

    on_fifo(case, tmp_path)


def test_more_cards_than_anybody_takes_are_dropped_not_kept_for_later(tmp_path: Path) -> None:
    async def case(reader: HidReader, device: Fifo) -> None:
        for number in range(1, 41):
            device.send(keystrokes(f"{number}"))
            await asyncio.sleep(0.001)
        taken = [(await reader.next()).code for _ in range(16)]
        assert taken == [f"{number:08X}" for number in range(1, 17)]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.next()

    on_fifo(case, tmp_path)


def test_a_device_that_another_program_has_is_unavailable_and_left_alone(tmp_path: Path) -> None:
    async def whole() -> None:
        device = Fifo(tmp_path / "event0")
        await device.plug()
        held_before = len(list(Path("/proc/self/fd").iterdir()))
        with pytest.raises(DriverError, match="busy.*no other program") as caught:
            await HidReader(parse_url(f"hid:{device.path}"), grab=benches.refuse).open()
        assert caught.value.code == "unavailable"
        assert len(list(Path("/proc/self/fd").iterdir())) == held_before
        await device.pull()

    asyncio.run(whole())


def test_what_is_no_input_device_cannot_be_grabbed(tmp_path: Path) -> None:
    plain = tmp_path / "event0"
    plain.touch()
    with pytest.raises(DriverError) as caught:
        asyncio.run(HidReader(parse_url(f"hid:{plain}")).open())
    assert caught.value.code == "unavailable"


def test_the_grab_is_the_kernels_ioctl(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr(fcntl, "ioctl", lambda *what: asked.append(what))
    hid.grab(7)
    assert asked == [(7, 1 << 30 | 4 << 16 | ord("E") << 8 | 0x90, 1)]  # _IOW('E', 0x90, int)


async def new_keyboard() -> tuple[int, Path]:
    """A keyboard that the kernel makes: the descriptor that types on it, and its device."""
    maker = os.open(UINPUT, os.O_WRONLY | os.O_NONBLOCK)
    before = set(Path("/dev/input").glob("event*"))
    fcntl.ioctl(maker, UI_SET_EVBIT, 1)
    for code in range(1, 100):
        fcntl.ioctl(maker, UI_SET_KEYBIT, code)
    fcntl.ioctl(maker, UI_DEV_SETUP, b"\3\0\1\0\1\0\1\0" + b"reader".ljust(80, b"\0") + bytes(4))
    fcntl.ioctl(maker, UI_DEV_CREATE)
    await asyncio.sleep(1)
    (device,) = set(Path("/dev/input").glob("event*")) - before
    return maker, device


needs_uinput = pytest.mark.skipif(
    not os.access(UINPUT, os.W_OK), reason="needs /dev/uinput: python -m tests.drivers.readers.on_kernel"
)


@needs_uinput
def test_a_real_input_device_is_grabbed_read_and_missed_when_it_goes() -> None:
    """A keyboard made by the kernel: the second program that wants it is refused."""

    async def whole() -> None:
        maker, device = await new_keyboard()
        first, second = (HidReader(parse_url(f"hid:{device}")) for _ in range(2))
        await first.open()
        with pytest.raises(DriverError) as caught:
            await second.open()
        assert caught.value.code == "unavailable"
        os.write(maker, keystrokes("0077705923"))
        async with asyncio.timeout(5):
            assert (await first.next()).code == "04A1B2C3"
            fcntl.ioctl(maker, UI_DEV_DESTROY)
            with pytest.raises(DriverError) as caught:
                await first.next()
        assert caught.value.code == "unplugged"
        await first.close()
        os.close(maker)

    asyncio.run(whole())


@needs_uinput
def test_what_a_reader_types_reaches_nobody_else_and_another_keyboard_is_no_reader() -> None:
    async def whole() -> None:
        maker, device = await new_keyboard()
        ordinary, _ = await new_keyboard()
        elsewhere = os.open(device, os.O_RDONLY | os.O_NONBLOCK)  # as the touchscreen's toolkit opens it
        os.write(maker, keystrokes("1"))
        await asyncio.sleep(0.1)
        assert len(os.read(elsewhere, 4096)) > 0, "an ungrabbed device types for everybody"
        reader = HidReader(parse_url(f"hid:{device}"))
        await reader.open()
        os.write(ordinary, keystrokes("0077705923"))
        os.write(maker, keystrokes("0000000007"))
        async with asyncio.timeout(5):
            assert (await reader.next()).code == "00000007", "nothing was heard of the ordinary keyboard"
        with pytest.raises(BlockingIOError):
            os.read(elsewhere, 4096)
        await reader.close()
        os.write(maker, keystrokes("1"))
        await asyncio.sleep(0.1)
        assert len(os.read(elsewhere, 4096)) > 0, "let go of"
        for one in (elsewhere, maker, ordinary):
            os.close(one)

    asyncio.run(whole())
