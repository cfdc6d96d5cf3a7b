"""Other people's readers understand our server: libmodbus, pyModbusTCP, pysunspec2, and our own driver."""

from __future__ import annotations

import asyncio
import struct
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from pyModbusTCP.client import ModbusClient
from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP

from drivers.interfaces import ServedMeter
from drivers.modbus import server
from drivers.modbus.meter import open_meter
from drivers.modbus.sunspec import image
from tests.benchmarks import libmodbus
from tests.drivers.modbus.served import Missing
from tests.drivers.modbus.sunspec.devices import VALUES

UNIT = 11
METER = ServedMeter("Grid", "meter-1", "1.0", VALUES)
SILENT = ServedMeter("Roof", "meter-2", "1.0", dict.fromkeys(VALUES, None))
ONE_PHASE = ServedMeter("Shed", "meter-3", "1.0", {"power_w": -21.0, "voltage_l1_v": 229.9, "import_wh": 70_000.0})
UNITS = {UNIT: METER, 12: SILENT, 13: ONE_PHASE}
T = TypeVar("T")


def asked(ask: Callable[[int], T]) -> T:
    """What a client that blocks gets at the port of an open server."""

    async def run() -> T:
        one = await server.serve(UNITS.get, 0, "127.0.0.1")
        try:
            return await asyncio.to_thread(ask, one.port)
        finally:
            await one.close()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return libmodbus.compiled("modbus_show", tmp_path_factory.mktemp("libmodbus"))
    except Missing as error:
        pytest.skip(str(error))


def _show(program: Path, words: Sequence[int], port: int) -> list[str]:
    command = [str(program), str(port), *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout.splitlines()


def test_libmodbus_reads_all_registers_with_both_functions(program: Path) -> None:
    words = image.registers(METER, UNIT)
    for start in range(0, len(words), 100):
        part = words[start : start + 100]
        words_at = (UNIT, image.BASE + start, len(part))
        lines = asked(partial(_show, program, words_at))
        assert lines == [" ".join(map(str, part))] * 2


def test_libmodbus_cannot_write_and_understands_every_refusal(program: Path) -> None:
    assert asked(partial(_show, program, (UNIT, image.BASE, 1, 5))) == ["Illegal function"]
    assert asked(partial(_show, program, (UNIT, 0, 2))) == ["Illegal data address"]
    assert asked(partial(_show, program, (99, image.BASE, 2))) == ["Target device failed to respond"]


def test_pymodbustcp_reads_power_and_counters() -> None:
    def ask(port: int) -> tuple[list[int], bool]:
        it = ModbusClient(host="127.0.0.1", port=port, unit_id=UNIT, timeout=5, auto_open=True)
        words, written = it.read_holding_registers(image.BASE + 70, 107), it.write_single_register(image.BASE, 1)
        it.close()
        return words, written

    words, written = asked(ask)
    assert not written and words[18] == 872
    assert struct.unpack(">I", struct.pack(">2H", *words[46:48]))[0] == VALUES["import_wh"]


def test_our_own_driver_reads_what_was_served() -> None:
    async def run() -> None:
        one = await server.serve(UNITS.get, 0, "127.0.0.1")
        integers, floats = (open_meter(name, f"tcp://127.0.0.1:{one.port}", UNIT) for name in ("sunspec", "sunspec-2"))
        assert dict((await integers.read()).values) == pytest.approx(VALUES, abs=0.05)
        assert dict((await floats.read()).values) == pytest.approx(VALUES, rel=1e-6)
        for one_meter in (integers, floats):
            await one_meter.close()
        await one.close()

    asyncio.run(run())


def _points(port: int, unit: int) -> dict[int, dict[str, object]]:
    """What pysunspec2 makes of a unit: model -> point -> value with its scale factor."""
    device = SunSpecModbusClientDeviceTCP(slave_id=unit, ipaddr="127.0.0.1", ipport=port, timeout=5)
    device.scan()
    models = {
        number: {name: point.cvalue for name, point in device.models[number][0].points.items()}
        for number in device.models
        if isinstance(number, int)
    }
    device.close()
    return models


def test_pysunspec2_finds_the_meter_and_its_values() -> None:
    models = asked(lambda port: _points(port, UNIT))
    assert sorted(models) == [1, 203, 213]
    assert (models[1]["Mn"], models[1]["Md"], models[1]["SN"], models[1]["DA"]) == ("Wattward", "Grid", "meter-1", UNIT)
    wanted = {
        "W": 872, "WphB": 266, "Hz": 50.02, "AphA": 1.8, "A": 4.25, "PhVphC": 234.2, "PhV": 233.5, "PF": 65,
        "TotWhImp": 7812345, "TotWhExp": 1234567, "TotWhExpPhC": 411523, "Evt": 0,
    }  # fmt: skip
    assert {name: models[203][name] for name in wanted} == pytest.approx(wanted)
    floats = {"W": 872, "PhVphB": 232.76, "PF": 0.65, "TotWhImp": 7812345, "A": 4.25, "Evt": 0}
    assert {name: models[213][name] for name in floats} == pytest.approx(floats, rel=1e-6)
    assert models[203]["VA"] == 1168 and models[203]["PPV"] is None


def test_pysunspec2_gets_no_number_from_a_meter_that_is_silent() -> None:
    models = asked(lambda port: _points(port, 12))
    measured = [
        name for name, value in models[203].items() if name not in ("ID", "L", "Evt") and value not in (None, 0)
    ]
    assert measured == []
    assert all(models[203][name] is None for name in ("W", "A", "Hz", "PhVphA"))


def test_pysunspec2_sees_one_phase() -> None:
    models = asked(lambda port: _points(port, 13))
    assert sorted(models) == [1, 201, 211]
    assert models[201]["W"] == -21 and models[201]["PhVphA"] == pytest.approx(229.9) and models[211]["WphA"] is None
