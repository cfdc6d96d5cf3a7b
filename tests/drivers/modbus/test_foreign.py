"""Every map read back from other people's servers, which share no line with ours.

What a simulated meter of each model shows is encoded with its map, served by libmodbus, pyModbusTCP and npm's
modbus-serial on real sockets and real pseudo-terminals, and must arrive whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.interfaces import DriverError
from drivers.modbus import registers
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from drivers.modbus.meter import ModbusMeter
from tests.benchmarks import libmodbus, modbus_reads
from tests.drivers.modbus import foreign
from tests.drivers.modbus.device import Cable, image
from tests.drivers.modbus.served import Missing
from tests.drivers.modbus.values import near, shown

MODELS = registers.names()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The server, compiled."""
    try:
        yield libmodbus.compiled("modbus_server", tmp_path_factory.mktemp("libmodbus"))
    except Missing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def modbus_serial() -> Path:
    """The folder of modbus-serial from npm."""
    try:
        return foreign.modbus_serial()
    except Missing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def py_modbus_tcp_port() -> Iterator[int]:
    with foreign.py_modbus_tcp() as port:
        yield port


@pytest.fixture(scope="module")
def node_port(modbus_serial: Path) -> Iterator[int]:
    with foreign.node(modbus_serial, "tcp") as port:
        yield port


async def all_that(model: str, unit: int, address: Address) -> dict[str, float]:
    """What a meter of this model shows there, the slow quantities, too."""
    one = ModbusMeter(address, registers.load(model), unit)
    try:
        return dict((await one.read()).values)
    finally:
        await one.close()


@pytest.mark.parametrize("model", MODELS)
def test_a_meter_served_by_libmodbus_on_tcp_is_read(program: Path, model: str) -> None:
    async def read(port: int) -> None:
        one = ModbusMeter(Address("tcp", "127.0.0.1", port), registers.load(model), 7)
        for _n in range(2):
            assert dict((await one.read()).values) == near(model)
        await one.close()

    with libmodbus.server(program, registers.load(model).function, image(model, shown(model))) as port:
        asyncio.run(read(port))


@pytest.mark.parametrize(("unit", "model"), foreign.UNITS.items())
def test_a_meter_served_by_py_modbus_tcp_is_read(py_modbus_tcp_port: int, unit: int, model: str) -> None:
    assert asyncio.run(all_that(model, unit, Address("tcp", "127.0.0.1", py_modbus_tcp_port))) == near(model)


@pytest.mark.parametrize(("unit", "model"), foreign.UNITS.items())
def test_a_meter_served_by_modbus_serial_on_tcp_is_read(node_port: int, unit: int, model: str) -> None:
    assert asyncio.run(all_that(model, unit, Address("tcp", "127.0.0.1", node_port))) == near(model)


@pytest.mark.parametrize("model", MODELS)
def test_a_meter_served_by_libmodbus_on_a_serial_line_is_read(program: Path, tmp_path: Path, model: str) -> None:
    """Two of them at the line's real speed; the others as fast as a pseudo-terminal is."""
    baud = 38400 if model in ("eastron-sdm630", "kostal-ksem-g2") else 0

    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0", baud=baud)
        far = cable.plug()
        function = registers.load(model).function
        with libmodbus.server(program, function, image(model, shown(model)), "rtu", far, "38400", "33"):
            assert await all_that(model, 33, Address("rtu", device=str(cable.near), baud=38400)) == near(model)
        cable.pull()

    asyncio.run(scene())


def test_all_meters_served_by_modbus_serial_on_one_serial_line_are_read(modbus_serial: Path, tmp_path: Path) -> None:
    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0")
        with foreign.node(modbus_serial, "rtu", cable.plug(), "38400"):
            for unit, model in foreign.UNITS.items():
                found = await all_that(model, unit, Address("rtu", device=str(cable.near), baud=38400))
                assert found == near(model), model
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
    with pytest.raises(Missing, match="apt-get install gcc"):
        libmodbus.compiled("modbus_server", tmp_path)
