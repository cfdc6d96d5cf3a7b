"""What devices send is kept in order, not for ever, and a descriptor is let go of once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from drivers.interfaces import DriverError, Presented
from drivers.readers import faults
from drivers.readers.arrivals import Arrivals, Watch
from drivers.readers.tty import Tty
from tests.drivers.readers.benches import Pty


def test_cards_and_complaints_come_out_in_the_order_they_came_in_and_the_end_is_last() -> None:
    async def whole() -> None:
        arrivals = Arrivals(lambda: 7.0)
        arrivals.put("AA", "rfid")
        arrivals.complain(faults.garbled("Door", "parity"))
        arrivals.end(faults.unplugged("Door"))
        arrivals.put("BB", "rfid")
        assert await arrivals.next() == Presented("AA", "rfid", 7.0)
        with pytest.raises(DriverError, match="parity"):
            await arrivals.next()
        assert (await arrivals.next()).code == "BB"
        for _ in range(2):
            with pytest.raises(DriverError, match="not there"):
                await arrivals.next()

    asyncio.run(whole())


def test_a_new_start_forgets_the_old_end_and_who_was_not_fetched() -> None:
    async def whole() -> None:
        arrivals = Arrivals()
        arrivals.put("AA", "rfid")
        arrivals.end(faults.unplugged("Door"))
        arrivals.start()
        coming = asyncio.create_task(arrivals.next())
        await asyncio.sleep(0.01)
        arrivals.put("BB", "rfid")
        assert (await coming).code == "BB"

    asyncio.run(whole())


def test_the_first_end_is_the_reason() -> None:
    async def whole() -> None:
        arrivals = Arrivals()
        arrivals.end(faults.unplugged("Door"))
        arrivals.end(faults.silent("Door"))
        with pytest.raises(DriverError, match="not there"):
            await arrivals.next()

    asyncio.run(whole())


def test_bytes_are_handed_on_and_the_end_of_a_pipe_is_the_end() -> None:
    async def whole() -> None:
        back, out = os.pipe()
        os.set_blocking(back, False)
        got, ends, let_go = bytearray(), list[OSError](), list[int]()
        ended = asyncio.Event()

        def on_end(error: OSError) -> None:
            ends.append(error)
            ended.set()

        def close() -> None:
            let_go.append(back)
            os.close(back)

        watch = Watch(back, got.extend, on_end, close)
        os.write(out, b"card")
        await asyncio.sleep(0.01)
        assert got == b"card"
        os.close(out)
        await ended.wait()
        watch.close()
        assert len(ends) == len(let_go) == 1

    asyncio.run(whole())


def test_after_closing_nothing_is_handed_on() -> None:
    async def whole() -> None:
        back, out = os.pipe()
        got = bytearray()
        watch = Watch(back, got.extend, lambda _error: got.extend(b"end"), lambda: os.close(back))
        watch.close()
        with pytest.raises(BrokenPipeError):
            os.write(out, b"card")
        await asyncio.sleep(0.01)
        assert got == b""
        os.close(out)

    asyncio.run(whole())


def test_a_port_speaks_both_ways_until_it_is_pulled(tmp_path: Path) -> None:
    async def whole() -> None:
        heard = bytearray()
        port = Pty(tmp_path / "ttyUSB0", heard.extend)
        await port.plug()
        got, ends = bytearray(), list[DriverError]()
        tty = Tty(str(port.path), 9600, got.extend, ends.append)
        tty.write(b"hello")
        port.send(b"card")
        await asyncio.sleep(0.02)
        assert (bytes(heard), bytes(got)) == (b"hello", b"card")
        await port.pull()
        await asyncio.sleep(0.02)
        assert [error.code for error in ends] == ["unplugged"]
        with pytest.raises(DriverError) as caught:
            tty.write(b"hello")
        assert caught.value.code == "unplugged"
        tty.close()

    asyncio.run(whole())


@pytest.mark.parametrize("name", ["plain", "gone"])
def test_what_is_no_port_cannot_be_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").touch()
    with pytest.raises(DriverError) as caught:
        Tty(str(tmp_path / name), 9600, lambda _bytes: None, lambda _error: None)
    assert caught.value.code == {"plain": "unavailable", "gone": "unplugged"}[name]


@pytest.mark.parametrize(
    ("number", "code"),
    [(19, "unplugged"), (5, "unplugged"), (6, "unplugged"), (13, "unavailable"), (16, "unavailable")],
)
def test_what_the_kernel_says_is_one_of_our_faults(number: int, code: str) -> None:
    error = faults.of("Door", OSError(number, os.strerror(number)))
    assert error.code == code and "Door" in str(error)
