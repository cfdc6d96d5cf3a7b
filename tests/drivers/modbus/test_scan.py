"""Finding meters on real sockets and real pseudo-terminals, with devices that note everything they are asked."""

from __future__ import annotations

import asyncio
import termios
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from drivers.interfaces import DriverError, Found, ScanStep, ScanWanted
from drivers.modbus import registers, scan, sharing
from drivers.modbus.address import parse_url
from drivers.modbus.bus import Bus, Question
from drivers.modbus.meter import open_meter
from drivers.sentences import BadAddress
from tests.drivers.modbus import device
from tests.drivers.modbus.device import Behaviour, Request, Step
from tests.drivers.modbus.sunspec import devices
from tests.drivers.modbus.values import VALUES

QUICK = 0.03  # seconds to wait for a unit on a line that is no longer than this computer
GATEWAY_SILENT = 11


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less patience with who may have answered late: the line is short."""
    monkeypatch.setattr(scan, "PATIENT_S", 0.3)


def house(units: Mapping[int, Behaviour]) -> Behaviour:
    """A line of units; who is not there is silent."""
    return lambda request: units[request.unit](request) if request.unit in units else []


def sdm630(values: Mapping[str, float] = VALUES) -> Behaviour:
    return device.meter(device.image("eastron-sdm630", values))


def found_in(steps: Iterable[ScanStep]) -> list[Found]:
    return [step.found for step in steps if step.found is not None]


def on_line(
    tmp_path: Path, behave: Behaviour, wanted: Callable[[str], ScanWanted], baud: int = 0
) -> tuple[list[ScanStep], list[Request]]:
    """Scan a serial line; with `baud` devices hear only what is sent at that speed."""

    async def run() -> tuple[list[ScanStep], list[Request]]:
        cable = device.Cable(tmp_path / "tty")
        far = cable.plug()

        def speed() -> int:
            with (tmp_path / "tty").open("rb") as port:
                return int(termios.tcgetattr(port)[4])

        def heard(request: Request) -> Iterable[Step]:
            return behave(request) if not baud or speed() == getattr(termios, f"B{baud}") else []

        async with device.on_cable(heard, far) as it:
            steps = [step async for step in scan.scan(wanted(f"rtu://{tmp_path}/tty"))]
            requests = it.requests
        cable.pull()
        return steps, requests

    return asyncio.run(run())


def on_network(
    behave: Behaviour, wanted: Callable[[str], ScanWanted], framing: str = "tcp"
) -> tuple[list[ScanStep], list[Request]]:
    """Scan a device on a socket."""

    async def run() -> tuple[list[ScanStep], list[Request]]:
        async with device.on_tcp(behave, framing=framing) as it:
            scheme = "tcp" if framing == "tcp" else "rtutcp"
            steps = [step async for step in scan.scan(wanted(f"{scheme}://127.0.0.1:{it.port}"))]
            return steps, it.requests

    return asyncio.run(run())


def test_meters_on_a_serial_line_are_found_and_recognised(tmp_path: Path) -> None:
    behave = house({1: sdm630(), 9: devices.strict(devices.simple())})
    steps, _ = on_line(
        tmp_path,
        behave,
        lambda url: ScanWanted(url, units=tuple(range(1, 12)), bauds=(9600,), parities=("N",), answer_s=QUICK),
    )
    first, second = found_in(steps)
    assert (first.unit, first.candidates[0].model, first.candidates[0].sure) == (1, "eastron-sdm630", "likely")
    assert first.candidates[0].values["voltage_l1_v"] == VALUES["voltage_l1_v"]
    assert (second.unit, second.candidates[0].model, second.candidates[0].sure) == (9, "sunspec", "identified")
    assert second.identity == str(devices.METER) and second.url.endswith("tty?baud=9600&parity=N")
    assert (steps[-1].done, steps[-1].total) == (11, 11)


def test_the_speed_of_a_line_is_found_and_then_all_its_units_at_that_speed_only(tmp_path: Path) -> None:
    behave = house({1: sdm630(), 40: sdm630()})
    steps, _ = on_line(
        tmp_path, behave, lambda url: ScanWanted(url, tuple(range(1, 45)), (9600, 19200), answer_s=QUICK), baud=19200
    )
    places = {(found.unit, found.url.partition("?")[2]) for found in found_in(steps)}
    assert {unit for unit, _ in places} == {1, 40}
    assert {text.split("&")[0] for _, text in places} == {"baud=19200"}
    assert {step.url.partition("?")[2].split("&")[0] for step in steps[-39:]} == {"baud=19200"}
    assert steps[-1].done == steps[-1].total < 6 * 44  # the other speeds were left when this one answered


def test_a_scan_only_reads(tmp_path: Path) -> None:
    behave = house({1: sdm630(), 2: devices.strict(devices.simple()), 3: lambda request: [request.refusal(1)]})
    _, on_wire = on_line(
        tmp_path, behave, lambda url: ScanWanted(url, units=(1, 2, 3, 4), bauds=(9600,), answer_s=QUICK)
    )
    _, on_net = on_network(behave, lambda url: ScanWanted(url, units=(1, 2, 3, 4), answer_s=QUICK))
    for requests in (on_wire, on_net):
        assert len(requests) > 30
        assert {request.function for request in requests} <= {3, 4}
        assert all(1 <= request.count <= 125 for request in requests)


def test_a_unit_that_only_refuses_is_found_without_a_model(tmp_path: Path) -> None:
    refusing = house({5: lambda request: [request.refusal(2)]})
    steps, _ = on_line(tmp_path, refusing, lambda url: ScanWanted(url + "?baud=9600&parity=N", (4, 5), answer_s=QUICK))
    (found,) = found_in(steps)
    assert (found.unit, found.candidates, found.identity) == (5, (), "")


def test_a_slow_unit_is_heard_while_the_next_are_asked_and_asked_again_in_peace(tmp_path: Path) -> None:
    def slow(request: Request) -> Iterable[Step]:
        yield 0.1  # three times as long as the scan waits
        yield from sdm630()(request)

    steps, requests = on_line(
        tmp_path,
        house({3: slow}),
        lambda url: ScanWanted(url, units=tuple(range(1, 9)), bauds=(9600,), parities=("N",), answer_s=QUICK),
    )
    assert any(step.noise for step in steps)
    (found,) = found_in(steps)
    assert (found.unit, found.candidates[0].model) == (3, "eastron-sdm630")
    assert sum(request.unit == 2 for request in requests) <= 2  # once more, because it might have been the one


def test_a_slow_unit_is_not_missed_because_it_is_the_last(tmp_path: Path) -> None:
    def slow(request: Request) -> Iterable[Step]:
        yield 0.1
        yield from sdm630()(request)

    steps, _ = on_line(
        tmp_path, house({8: slow}), lambda url: ScanWanted(url + "?baud=9600&parity=N", (7, 8), answer_s=QUICK)
    )
    assert [found.unit for found in found_in(steps)] == [8]


def test_noise_costs_each_unit_one_patient_question_at_most(tmp_path: Path) -> None:
    steps, requests = on_line(
        tmp_path,
        lambda _request: [b"\x55\xaa\x55\xaa"],
        lambda url: ScanWanted(url, units=(1, 2, 3), bauds=(9600,), parities=("N",), answer_s=QUICK),
    )
    assert found_in(steps) == [] and all(step.noise for step in steps)
    assert len(requests) <= 7


def test_an_empty_line_is_left_after_all_units_and_nothing_is_found(tmp_path: Path) -> None:
    steps, requests = on_line(tmp_path, house({}), lambda url: ScanWanted(url + "?baud=9600&parity=N", answer_s=0.001))
    assert found_in(steps) == [] and len(requests) == 248
    assert {request.unit for request in requests} == set(range(1, 248))
    assert [step.done for step in steps] == list(range(1, 248))


def test_a_network_meter_that_answers_any_unit_is_found_once() -> None:
    steps, _ = on_network(
        device.meter(device.image("kostal-ksem-g2", VALUES)), lambda url: ScanWanted(url, answer_s=0.2)
    )
    (found,) = found_in(steps)
    assert "kostal-ksem-g2" in [candidate.model for candidate in found.candidates]
    assert len(steps) == 1


def test_behind_a_gateway_only_the_units_that_are_there_are_found() -> None:
    there = house({1: sdm630(), 7: sdm630()})

    def behave(request: Request) -> Iterable[Step]:
        return there(request) if request.unit in (1, 7) else [request.refusal(GATEWAY_SILENT)]

    steps, _ = on_network(behave, lambda url: ScanWanted(url, units=tuple(range(1, 10)), answer_s=0.2))
    assert [found.unit for found in found_in(steps)] == [1, 7]


def test_frames_passed_on_by_a_gateway_are_scanned_too() -> None:
    steps, _ = on_network(
        house({2: sdm630()}), lambda url: ScanWanted(url, units=(1, 2), answer_s=QUICK), framing="rtu"
    )
    assert [(found.unit, found.url[:6]) for found in found_in(steps)] == [(2, "rtutcp")]


def test_values_that_no_mains_has_are_no_model() -> None:
    odd = VALUES | {"voltage_l1_v": 12.0}
    steps, _ = on_network(house({1: sdm630(odd)}), lambda url: ScanWanted(url, units=(1,), answer_s=0.2))
    (found,) = found_in(steps)
    assert "eastron-sdm630" not in {candidate.model for candidate in found.candidates}


def test_where_nothing_listens_the_scan_says_what_to_check() -> None:
    with pytest.raises(DriverError, match="Nothing answers at 127.0.0.1:1: check power") as raised:
        on_network_at("tcp://127.0.0.1:1")
    assert raised.value.code == "unreachable"
    with pytest.raises(BadAddress):
        on_network_at("http://127.0.0.1")


def on_network_at(url: str) -> list[ScanStep]:
    async def run() -> list[ScanStep]:
        return [step async for step in scan.scan(ScanWanted(url))]

    return asyncio.run(run())


def test_who_ends_early_leaves_the_line_free(tmp_path: Path) -> None:
    async def run() -> tuple[bool, bool]:
        cable = device.Cable(tmp_path / "tty")
        async with device.on_cable(house({2: sdm630()}), cable.plug()):
            url = f"rtu://{tmp_path}/tty?baud=9600&parity=N"

            async def look() -> None:
                async for _ in scan.scan(ScanWanted(url)):
                    pass

            task = asyncio.create_task(look())
            await asyncio.sleep(0.3)
            used = sharing.held(parse_url(url)) is not None
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            free = sharing.held(parse_url(url)) is None
            meter = open_meter("eastron-sdm630", url, 2)
            await meter.read()
            await meter.close()
        cable.pull()
        return used, free

    assert asyncio.run(run()) == (True, True)


def test_a_line_that_is_read_meanwhile_keeps_one_master_and_its_readings(tmp_path: Path) -> None:
    """Also at another speed than the scan's: a question of each in turn, never two at once."""

    async def run() -> tuple[list[Found], int, int]:
        cable = device.Cable(tmp_path / "tty")
        async with device.on_cable(house({2: sdm630(), 6: sdm630()}), cable.plug()):
            meter = open_meter("eastron-sdm630", f"rtu://{tmp_path}/tty?baud=9600&parity=N", 2)
            found: list[Found] = []
            readings = failures = 0

            async def look() -> None:
                wanted = ScanWanted(f"rtu://{tmp_path}/tty", units=(5, 6, 7), bauds=(9600, 19200), answer_s=QUICK)
                found.extend([step.found async for step in scan.scan(wanted) if step.found is not None])

            task = asyncio.create_task(look())
            while not task.done():
                try:
                    await meter.read()
                    readings += 1
                except DriverError:
                    failures += 1
                await asyncio.sleep(0.01)
            await task
            await meter.close()
        cable.pull()
        return found, readings, failures

    found, readings, failures = asyncio.run(run())
    assert {one.unit for one in found} == {6} and readings > 3 and failures == 0


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ScanWanted("rtu:///dev/ttyUSB0?baud=9600&parity=E"), [(9600, "E")]),
        (ScanWanted("rtu:///dev/ttyUSB0", bauds=(9600,)), [(9600, "N"), (9600, "E"), (9600, "O")]),
        (ScanWanted("rtu:///dev/ttyUSB0?baud=1200"), [(1200, "N"), (1200, "E"), (1200, "O")]),
        (ScanWanted("rtu:///dev/ttyUSB0", parities=("O",), bauds=(57600,)), [(57600, "O")]),
        (ScanWanted("rtu:///dev/ttyUSB0"), list(scan.SPEEDS)),
    ],
)
def test_speeds_are_tried_in_the_order_meters_are_delivered_with_them(
    wanted: ScanWanted, expected: list[tuple[int, str]]
) -> None:
    assert [(at.baud, at.parity) for at in scan.speeds(wanted)] == expected


def test_units_meters_are_delivered_with_come_first() -> None:
    maps = [registers.load(name) for name in registers.names()]
    first = scan.usual_units(parse_url("rtu:///dev/ttyUSB0?baud=9600&parity=N"), maps)
    assert first[0] == 1 and set(range(1, 6)) <= set(first)
    assert 71 in scan.usual_units(parse_url("tcp://127.0.0.1"), maps)


def test_the_address_of_a_find_is_what_add_takes() -> None:
    for url in ("rtu:///dev/ttyUSB0?baud=2400&parity=E", "tcp://192.168.1.9:502", "rtutcp://[fe80::1]:8899"):
        assert parse_url(scan.url_of(parse_url(url))) == parse_url(url)


def test_a_bus_that_is_lent_lets_its_questions_wait(tmp_path: Path) -> None:
    async def run() -> list[str]:
        said: list[str] = []
        cable = device.Cable(tmp_path / "tty")
        async with device.on_cable(house({2: sdm630()}), cable.plug()):
            address = parse_url(f"rtu://{tmp_path}/tty")
            bus = Bus(address)
            async with bus.lent():
                asking = asyncio.create_task(bus.read(Question(2, 4, 0, 2)))
                await asyncio.sleep(0.2)
                said.append("done" if asking.done() else "waits")
            await asking
            said.append("done")
            await bus.close()
        cable.pull()
        return said

    assert asyncio.run(run()) == ["waits", "done"]
