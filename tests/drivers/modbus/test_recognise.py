"""Which model a unit is: by SunSpec, by its mark, by its values; and when nothing can be said."""

from __future__ import annotations

import asyncio
import dataclasses
import struct
from collections.abc import Mapping

import pytest

from drivers.interfaces import DriverError, Found
from drivers.modbus import registers
from drivers.modbus.address import parse_url
from drivers.modbus.codec import registers_of
from drivers.modbus.marks import Identify, Label
from drivers.modbus.recognise import MOST_CANDIDATES, MOST_SILENCES, recognise
from drivers.modbus.registers import RegisterMap
from tests.drivers.modbus import device
from tests.drivers.modbus.sunspec import devices
from tests.drivers.modbus.values import VALUES, shown

SDM630 = registers.load("eastron-sdm630")
KSEM = registers.load("kostal-ksem-g2")
MARK = Identify("Example", 3, 0xFC02, 1, ((0x0070,),))
Held = Mapping[tuple[int, int], int]  # function, address -> register


def named(
    of: RegisterMap, name: str, *marks: Identify, labels: tuple[Label, ...] = (), tested: bool = True
) -> RegisterMap:
    """The same map under another name, with marks."""
    model = dataclasses.replace(of.model, name=name, tested=tested)
    return dataclasses.replace(of, model=model, identify=marks, labels=labels)


def held(model: str, values: Mapping[str, float] = VALUES, function: int = 4) -> dict[tuple[int, int], int]:
    return {(function, address): word for address, word in device.image(model, values).items()}


def look(
    holds: Held, maps: list[RegisterMap], *, zeros: bool = False, silent_at: range = range(0)
) -> tuple[Found, list[tuple[int, int, int]]]:
    """What a unit that holds these registers is taken for, and what it was asked."""
    asked: list[tuple[int, int, int]] = []

    async def ask(function: int, start: int, count: int) -> list[int]:
        asked.append((function, start, count))
        wanted = [(function, address) for address in range(start, start + count)]
        if start in silent_at:
            raise DriverError("silent", "No answer.")
        if not zeros and not any(one in holds for one in wanted):
            raise DriverError("refused", "No such registers.")
        return [holds.get(one, 0) for one in wanted]

    at = parse_url("rtu:///dev/ttyUSB0")
    return asyncio.run(recognise(ask, at, "rtu:///dev/ttyUSB0", 1, maps)), asked


def printed(mark: Identify) -> list[int]:
    """Registers that hold a mark."""
    if mark.values:
        return list(mark.values[0])
    raw = mark.texts[0].encode().ljust(2 * mark.count, b"\0")
    return list(struct.unpack(f">{mark.count}H", raw))


@pytest.mark.parametrize("name", registers.names())
def test_every_model_there_is_a_map_for_is_among_the_first_that_are_named(name: str) -> None:
    """Some are alike in all registers that a house sees; then each of them is named."""
    of, every = registers.load(name), [registers.load(other) for other in registers.names()]
    every = [dataclasses.replace(one, model=dataclasses.replace(one.model, transports=("rtu",))) for one in every]
    by_function = {point.function for point in of.points}
    holds = {(f, at): word for f in by_function for at, word in registers.image(of, shown(name), f).items()}
    for mark in of.identify:
        holds |= {(mark.function, mark.address + i): word for i, word in enumerate(printed(mark))}
    found, asked = look(holds, every)
    assert name in [one.model for one in found.candidates]
    assert len(asked) < 90  # at 9600 baud and 60 ms a question, five seconds


def test_values_that_fit_name_the_model_and_are_shown() -> None:
    found, _ = look(held("eastron-sdm630"), [KSEM, SDM630])
    (candidate,) = found.candidates
    assert (candidate.model, candidate.sure, candidate.tested) == ("eastron-sdm630", "likely", True)
    assert candidate.values["power_w"] == VALUES["power_w"] and found.identity == ""


def test_a_mark_makes_sure_and_the_label_is_shown() -> None:
    label = Label("serial", 3, 0xFC00, 2, "u32")
    holds = held("eastron-sdm630") | {(3, 0xFC02): 0x70, (3, 0xFC00): 1, (3, 0xFC01): 5}
    found, _ = look(holds, [SDM630, named(SDM630, "marked", MARK, labels=(label,))])
    assert [(one.model, one.sure) for one in found.candidates] == [("marked", "identified")]
    assert found.identity == "serial 65541"


def test_a_model_whose_mark_says_otherwise_is_none() -> None:
    holds = held("eastron-sdm630") | {(3, 0xFC02): 0x99}
    found, _ = look(holds, [named(SDM630, "marked", MARK), named(SDM630, "plain")])
    assert [one.model for one in found.candidates] == ["plain"]


def test_a_model_whose_mark_is_not_there_may_still_be_it() -> None:
    found, _ = look(held("eastron-sdm630"), [named(SDM630, "marked", MARK)])
    assert [(one.model, one.sure) for one in found.candidates] == [("marked", "likely")]


def test_all_marks_of_a_model_must_be_there() -> None:
    other = Identify("Example", 3, 0xFC10, 1, ((7,),))
    holds = held("eastron-sdm630") | {(3, 0xFC02): 0x70}
    found, _ = look(holds, [named(SDM630, "marked", MARK, other)])
    assert found.candidates[0].sure == "likely"


def test_sunspec_names_each_meter_of_a_device() -> None:
    holds = {(3, address): word for address, word in devices.simple().items()}
    found, asked = look(holds, [SDM630])
    assert [(one.model, one.sure) for one in found.candidates] == [("sunspec", "identified")]
    assert (
        found.identity == str(devices.METER) and found.candidates[0].title == "Example Meter 3 no. sn-1 (SunSpec 203)"
    )
    assert not any(function == 4 for function, _, _ in asked)  # nothing needs to be guessed then


def test_a_marked_model_stands_before_the_sunspec_one_it_has_too() -> None:
    holds = {(3, address): word for address, word in devices.simple().items()} | held("eastron-sdm630")
    found, _ = look(holds | {(3, 0xFC02): 0x70}, [named(SDM630, "marked", MARK)])
    assert [one.model for one in found.candidates] == ["marked", "sunspec"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"voltage_l1_v": 23.0}, {"voltage_l1_v": 400.0}, {"frequency_hz": 5.0}, {"frequency_hz": 72.0},
        {"voltage_l2_v": 60.0}, {"power_w": 5e5}, {"power_factor": 40.0},
    ],
)  # fmt: skip
def test_values_that_no_house_has_are_no_model(wrong: dict[str, float]) -> None:
    assert look(held("eastron-sdm630", VALUES | wrong), [SDM630])[0].candidates == ()


def test_a_phase_that_is_not_connected_does_not_hide_the_model() -> None:
    values = VALUES | {"voltage_l2_v": 0.0, "voltage_l3_v": 0.0}
    assert look(held("eastron-sdm630", values), [SDM630])[0].candidates[0].model == "eastron-sdm630"


def test_phases_that_do_not_add_up_make_a_model_only_possible() -> None:
    values = VALUES | {"power_w": 5000.0}
    found, _ = look(held("eastron-sdm630", values), [SDM630])
    assert found.candidates[0].sure == "possible"


def test_the_map_of_which_more_is_there_comes_first() -> None:
    elsewhere = [dataclasses.replace(point, address=60000 + 2 * n) for n, point in enumerate(SDM630.points[-4:])]
    less = dataclasses.replace(named(SDM630, "a-map-with-more-points"), points=(*SDM630.points[:-4], *elsewhere))
    found, _ = look(held("eastron-sdm630"), [less, SDM630])
    assert [one.model for one in found.candidates] == ["eastron-sdm630", "a-map-with-more-points"]


def test_only_the_best_are_named() -> None:
    found, _ = look(held("eastron-sdm630"), [named(SDM630, f"copy-{n}") for n in range(MOST_CANDIDATES + 3)])
    assert len(found.candidates) == MOST_CANDIDATES


def test_what_the_maps_agree_on_is_asked_once() -> None:
    _, asked = look(held("eastron-sdm630"), [named(SDM630, f"copy-{n}") for n in range(20)])
    assert len(asked) == len(set(asked))


def test_a_device_that_answers_zeros_everywhere_is_no_meter() -> None:
    assert look({}, [SDM630, KSEM], zeros=True)[0] == Found("rtu:///dev/ttyUSB0", 1, "")


def test_a_unit_that_falls_silent_is_left_after_a_few_time_outs() -> None:
    maps = [named(SDM630, f"m{n}", Identify("x", 3, n, 1, ((1,),))) for n in range(100, 130)]
    found, asked = look({(3, 0): 1}, maps, silent_at=range(100, 130))
    assert found.candidates == () and len(asked) <= 8 + MOST_SILENCES + 1


def test_a_line_that_is_gone_ends_the_look() -> None:
    async def ask(_function: int, _start: int, _count: int) -> list[int]:
        raise DriverError("unreachable", "Gone.")

    with pytest.raises(DriverError, match="Gone"):
        asyncio.run(recognise(ask, parse_url("tcp://a"), "tcp://a", 1, [SDM630]))


def test_a_model_that_is_not_read_over_such_a_line_is_not_looked_for() -> None:
    serial_only = dataclasses.replace(SDM630, model=dataclasses.replace(SDM630.model, transports=("tcp",)))
    assert look(held("eastron-sdm630"), [serial_only])[0].candidates == ()


def test_an_untested_model_says_so() -> None:
    assert look(held("eastron-sdm630"), [named(SDM630, "once", tested=False)])[0].candidates[0].tested is False


def test_floats_read_with_the_wrong_word_order_are_no_voltage() -> None:
    words = registers_of("f32", 230.0)
    assert registers_of("f32", 230.0, order="little") == words[::-1]
    swapped = {(4, address ^ 1): word for (_, address), word in held("eastron-sdm630").items()}
    assert look(swapped, [SDM630])[0].candidates == ()
