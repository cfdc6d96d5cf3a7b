"""Whole meters, as the sampler reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.interfaces import QUANTITIES, DriverError
from drivers.modbus import meter as modbus
from drivers.modbus import registers
from drivers.modbus.meter import ModbusMeter, open_meter
from drivers.sentences import BadAddress
from drivers.simulated.modbus_server import Unit, serve
from tests.drivers.modbus.device import Behaviour, Cable, Device, Request, Step, image, meter, on_cable, on_tcp
from tests.drivers.modbus.values import VALUES, near, shown

MODELS = registers.names()
ON_TCP = [name for name in MODELS if "tcp" in registers.load(name).model.transports]
PROVABLE = [name for name in ON_TCP if not registers.load(name).unprovable]
TWO = ("eastron-sdm630", "kostal-ksem-g2")  # one of each word size; test_foreign reads all of them on serial lines
MODBUS_RTU = ["rtu", "rtutcp"]


def reading(model: str, behave: Behaviour, then: Callable[[ModbusMeter, Device], Awaitable[object]]) -> Device:
    """Run `then` with a meter of this model on a device that behaves so."""

    async def scene() -> Device:
        async with on_tcp(behave) as device:
            one = open_meter(model, f"tcp://127.0.0.1:{device.port}", 1)
            assert isinstance(one, ModbusMeter)
            await then(one, device)
            await one.close()
            return device

    return asyncio.run(scene())


def showing(model: str, **changes: float) -> Behaviour:
    return meter(image(model, shown(model, **changes)))


async def fault_of(one: ModbusMeter) -> DriverError:
    with pytest.raises(DriverError) as caught:
        await one.read()
    return caught.value


@pytest.mark.parametrize("model", ON_TCP)
def test_every_quantity_arrives_in_si_units_with_import_positive(model: str) -> None:
    async def read(one: ModbusMeter, _: Device) -> None:
        found = await one.read()
        assert dict(found.values) == near(model)
        assert set(found.values) <= set(QUANTITIES)
        assert found.took_s > 0

    reading(model, showing(model), read)


@pytest.mark.parametrize("model", TWO)
@pytest.mark.parametrize("framing", MODBUS_RTU)
def test_it_is_the_same_over_a_serial_line_and_over_a_gateway(tmp_path: Path, model: str, framing: str) -> None:
    async def read(url: str) -> None:
        one = open_meter(model, url, 5)
        assert dict((await one.read()).values) == near(model)
        await one.close()

    async def scene() -> None:
        if framing == "rtutcp":
            async with on_tcp(showing(model), "rtu") as device:
                await read(f"rtutcp://127.0.0.1:{device.port}")
            return
        cable = Cable(tmp_path / "ttyUSB0", baud=19200)
        async with on_cable(showing(model), cable.plug()) as device:
            await read(f"rtu://{cable.near}?baud=19200")
        cable.pull()
        assert {request.unit for request in device.requests} == {5}

    asyncio.run(scene())


def test_the_simulated_house_shows_what_the_driver_reads() -> None:
    async def scene() -> None:
        units = [Unit(1, "kostal-ksem-g2", lambda: VALUES), Unit(2, "eastron-sdm630", lambda: VALUES)]
        server, port = await serve(units, "127.0.0.1", 0)
        for number, model in ((1, "kostal-ksem-g2"), (2, "eastron-sdm630")):
            one = open_meter(model, f"tcp://127.0.0.1:{port}", number)
            assert dict((await one.read()).values) == near(model)
            await one.close()
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it without annotations

    asyncio.run(scene())


@pytest.mark.parametrize("model", ON_TCP)
def test_every_read_keeps_the_meters_rules(model: str) -> None:
    of = registers.load(model)

    async def read(one: ModbusMeter, device: Device) -> None:
        await one.read()
        for request in device.requests:
            assert request.count <= of.max_read
            assert not of.even or (request.start % 2 == 0 and request.count % 2 == 0)
            taken = set(range(request.start, request.start + request.count))
            assert not any(taken & set(range(low, high + 1)) for low, high in of.holes)

    reading(model, showing(model), read)


def test_what_changes_slowly_is_read_once_a_minute_and_shown_always() -> None:
    async def read(one: ModbusMeter, device: Device) -> None:
        first = await one.read()
        assert [request.start for request in device.requests] == [0, 346]
        again = await one.read()
        assert [request.start for request in device.requests] == [0, 346, 0]
        assert again.values == first.values

    reading("eastron-sdm630", showing("eastron-sdm630"), read)


def test_a_meter_without_counters_by_phase_is_read_without_them() -> None:
    def older(request: Request) -> list[Step]:
        if request.start >= 346:
            return [request.refusal(2)]
        return list(showing("eastron-sdm630")(request))

    async def read(one: ModbusMeter, _: Device) -> None:
        found = await one.read()
        assert found.values["import_wh"] == pytest.approx(VALUES["import_wh"])
        assert not any(quantity.endswith(("l1_wh", "l2_wh", "l3_wh")) for quantity in found.values)

    reading("eastron-sdm630", older, read)


def test_a_value_marked_as_not_available_is_absent_never_zero() -> None:
    held = image("kostal-ksem-g2", VALUES) | {100: 0xFFFF, 101: 0xFFFF, 24: 0x7FFF, 25: 0xFFFF}

    async def read(one: ModbusMeter, _: Device) -> None:
        found = (await one.read()).values
        assert "current_l2_a" not in found and "power_factor" not in found
        assert found["current_l1_a"] == VALUES["current_l1_a"]

    reading("kostal-ksem-g2", meter(held), read)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"voltage_l1_v": 79.0}, "voltage_l1_v = 79"),
        ({"voltage_l1_v": 400.0}, "voltage_l1_v = 400"),
        ({"voltage_l3_v": 301.0}, "voltage_l3_v = 301"),
        ({"frequency_hz": 39.0}, "frequency_hz = 39"),
        ({"frequency_hz": 5002.0}, "frequency_hz = 5002"),
        ({"import_wh": -1000.0}, "import_wh = -1000"),
        ({"power_w": 4e9}, "power_w = 4e+09"),
    ],
)
def test_what_no_household_shows_is_another_models_and_nothing_of_it_is_used(
    changes: dict[str, float], said: str
) -> None:
    async def read(one: ModbusMeter, _: Device) -> None:
        error = await fault_of(one)
        assert error.code == "implausible"
        assert said in str(error)
        assert "check that the model is right and that L1 is connected. Its values are not used." in str(error)

    reading("eastron-sdm630", showing("eastron-sdm630", **changes), read)


@pytest.mark.parametrize(
    ("model", "other"), [("eastron-sdm630", "kostal-ksem-g2"), ("kostal-ksem-g2", "eastron-sdm630")]
)
def test_a_wrong_model_is_found_out(model: str, other: str) -> None:
    async def read(one: ModbusMeter, _: Device) -> None:
        assert (await fault_of(one)).code == "implausible"

    reading(model, showing(other), read)


@pytest.mark.parametrize("word", [0x0000, 0xFFFF, 0x8000, 0x7FC0])
@pytest.mark.parametrize("model", PROVABLE)
def test_a_device_whose_registers_are_all_the_same_is_no_meter(model: str, word: int) -> None:
    async def read(one: ModbusMeter, _: Device) -> None:
        assert (await fault_of(one)).code == "implausible"

    reading(model, lambda request: [request.frame([word] * request.count)], read)


def test_a_phase_that_is_not_connected_does_no_harm() -> None:
    async def read(one: ModbusMeter, _: Device) -> None:
        assert (await one.read()).values["voltage_l3_v"] == 3.5

    reading("eastron-sdm630", showing("eastron-sdm630", voltage_l2_v=0.0, voltage_l3_v=3.5), read)


def test_a_meter_whose_supply_died_for_a_while_is_read_again_by_itself() -> None:
    async def read(one: ModbusMeter, _: Device) -> None:
        await one.read()
        for _n in range(2):
            assert (await fault_of(one)).code == "silent"
        await asyncio.sleep(1.1)
        assert (await one.read()).values["power_w"] == VALUES["power_w"]

    well = showing("eastron-sdm630")
    reading("eastron-sdm630", lambda request: [] if request.number in (3, 4) else well(request), read)


def test_meters_on_one_address_share_one_connection() -> None:
    async def scene() -> None:
        async with on_tcp(showing("eastron-sdm630")) as device:
            url = f"tcp://127.0.0.1:{device.port}"
            meters = [open_meter("eastron-sdm630", url, unit) for unit in (1, 2, 3)]
            for _n in range(3):
                await asyncio.gather(*(one.read() for one in meters))
            assert device.connections == 1
            assert {request.unit for request in device.requests} == {1, 2, 3}
            await meters[0].close()
            await meters[1].read()
            assert device.connections == 1  # the others still use it
            await meters[1].close()
            await meters[2].close()
            await meters[2].read()
            assert device.connections == 2
            await meters[2].close()

    asyncio.run(scene())


def test_a_meter_that_was_dropped_without_closing_gives_its_line_free(tmp_path: Path) -> None:
    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0")
        async with on_cable(showing("eastron-sdm630"), cable.plug()):
            one = open_meter("eastron-sdm630", f"rtu://{cable.near}?baud=9600")
            await one.read()
            del one
            other = open_meter("eastron-sdm630", f"rtu://{cable.near}?baud=19200")
            assert (await other.read()).values["power_w"] == VALUES["power_w"]
            await other.close()
        cable.pull()

    asyncio.run(scene())


def test_meters_on_one_line_that_disagree_about_its_speed_are_told(tmp_path: Path) -> None:
    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0")
        async with on_cable(showing("eastron-sdm630"), cable.plug()):
            one = open_meter("eastron-sdm630", f"rtu://{cable.near}")
            other = open_meter("kostal-ksem-g2", f"rtu://{cable.near}")  # 19200 where nothing is said
            await one.read()
            assert isinstance(other, ModbusMeter)
            error = await fault_of(other)
            assert "already used with 9600 baud and parity N: set all meters on it to the same" in str(error)
            await one.close()
            await other.close()
        cable.pull()

    asyncio.run(scene())


def test_each_event_loop_has_its_own_connection() -> None:
    """The command line reads a meter in a loop of its own, again and again."""
    for _n in range(2):
        reading("eastron-sdm630", showing("eastron-sdm630"), lambda one, _: one.read())


def test_models_are_listed_by_name_with_what_an_installer_must_know() -> None:
    models = {model.name: model for model in modbus.models()}
    assert [name for name in models if not name.startswith("sunspec")] == sorted([*MODELS, *registers.aliases()])
    assert models["kostal-ksem-g2"].unit == 71
    assert models["eastron-sdm630"].transports == ("rtu", "rtutcp", "tcp")


def test_an_unknown_model_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        open_meter("acme", "tcp://meter")


@pytest.mark.parametrize(
    ("url", "unit"), [("tcp://meter", 256), ("tcp://meter", -1), ("rtutcp://meter", 0), ("rtu:///dev/ttyUSB0", 248)]
)
def test_a_unit_id_that_cannot_be_is_refused(url: str, unit: int) -> None:
    with pytest.raises(BadAddress, match="A unit id on .* is [01] to"):
        open_meter("eastron-sdm630", url, unit)


def test_a_bad_address_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(BadAddress, match="A meter's address is"):
        open_meter("eastron-sdm630", "modbus://meter")
