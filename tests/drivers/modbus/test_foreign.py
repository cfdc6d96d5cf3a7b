"""Against libmodbus, a server that shares no line with ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.interfaces import DriverError
from drivers.modbus import registers
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from drivers.modbus.meter import open_meter
from tests.benchmarks import libmodbus, modbus_reads
from tests.drivers.modbus.device import Cable, image
from tests.drivers.modbus.values import near, shown

MODELS = registers.names()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The server, compiled."""
    try:
        yield libmodbus.compiled("modbus_server", tmp_path_factory.mktemp("libmodbus"))
    except libmodbus.Missing as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("model", MODELS)
def test_a_meter_on_tcp_is_read(program: Path, model: str) -> None:
    async def read(port: int) -> None:
        one = open_meter(model, f"tcp://127.0.0.1:{port}", 7)
        for _n in range(3):
            assert dict((await one.read()).values) == near(model)
        await one.close()

    with libmodbus.server(program, registers.load(model).function, image(model, shown(model))) as port:
        asyncio.run(read(port))


@pytest.mark.parametrize("model", MODELS)
def test_a_meter_on_a_throttled_serial_line_is_read(program: Path, tmp_path: Path, model: str) -> None:
    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0", baud=38400)
        far = cable.plug()
        of = registers.load(model)
        with libmodbus.server(program, of.function, image(model, shown(model)), "rtu", far, "38400", "33"):
            one = open_meter(model, f"rtu://{cable.near}?baud=38400", 33)
            for _n in range(2):
                assert dict((await one.read()).values) == near(model)
            await one.close()
        cable.pull()

    asyncio.run(scene())


def test_another_unit_on_its_line_is_silent_and_disturbs_nothing(program: Path, tmp_path: Path) -> None:
    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0")
        far = cable.plug()
        with libmodbus.server(program, 4, {0: 17}, "rtu", far, "9600", "33"):
            bus = Bus(Address("rtu", device=str(cable.near)))
            with pytest.raises(DriverError, match="does not answer .unit 34 at .*: check A/B wiring"):
                await bus.read(Question(34, 4, 0, 1))
            assert await bus.read(Question(33, 4, 0, 1)) == [17]
            await bus.close()
        cable.pull()

    asyncio.run(scene())


def test_a_register_it_does_not_have_is_refused(program: Path) -> None:
    async def read(port: int) -> None:
        bus = Bus(Address("tcp", "127.0.0.1", port))
        with pytest.raises(DriverError, match="refuses register 60000 .illegal data address."):
            await bus.read(Question(1, 3, 60_000, 2))
        await bus.close()

    with libmodbus.server(program, 3, {}) as port:
        asyncio.run(read(port))


def test_the_benchmark_prints_every_reader_with_its_ratios(program: Path) -> None:
    text = modbus_reads.table(modbus_reads.rounds(0.05, 1))
    assert [line.split("  ")[0] for line in text.splitlines()[1:5]] == [
        "libmodbus in C", "plain pymodbus", "our bus", "our meter",
    ]  # fmt: skip
    assert "our meter at 1 Hz" in text


def test_without_the_tools_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(libmodbus.Missing, match="apt-get install gcc"):
        libmodbus.compiled("modbus_server", tmp_path)
