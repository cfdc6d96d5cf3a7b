"""Walking a chain of models: where it may begin, what may be in it, and everything a device may do wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces import DriverError
from drivers.modbus.sunspec import chain, layout
from drivers.modbus.sunspec.chain import Chain
from drivers.modbus.sunspec.layout import Identity
from tests.drivers.modbus.sunspec import devices

REFUSED = DriverError("refused", "Illegal data address.")
SILENT = DriverError("silent", "No answer.")
INVERTER = Identity("SolarEdge", "SE10K", "4.1", "7E1")
WATTNODE = Identity("WattNode", "WNC-3Y-400-MB", "31", "4071")


def walk(
    held: Mapping[int, int], first: int | None = None, fails: Callable[[int], DriverError | None] = lambda _start: None
) -> tuple[Chain | None, list[int]]:
    """The chain of a device that holds these registers, and where it was asked."""
    asked: list[int] = []

    async def read(start: int, count: int) -> list[int]:
        asked.append(start)
        assert 1 <= count <= 125 and start >= 0 and start + count <= 0x10000
        if (error := fails(start)) is not None:
            raise error
        if any(address not in held for address in range(start, start + count)):
            raise REFUSED
        return [held[address] for address in range(start, start + count)]

    return asyncio.run(chain.find(read, first)), asked


@pytest.mark.parametrize("base", [40000, 0, 50000, 40001, 39999, 1, 50001, 49999])
def test_a_chain_is_found_wherever_vendors_put_it(base: int) -> None:
    found, _ = walk(devices.simple(base=base))
    assert found is not None and found.base == base
    (meter,) = found.meters
    assert (meter.model, meter.start, meter.who) == (203, base + 2 + 68, devices.METER)


def test_a_chain_is_looked_for_first_where_it_was_last_time() -> None:
    assert walk(devices.simple(base=49999), first=49999)[1][0] == 49999


def test_a_device_without_a_mark_has_no_chain_and_is_asked_at_every_place() -> None:
    found, asked = walk({address: 0 for address in range(0x10000)})
    assert found is None
    assert sorted(asked) == sorted(chain.BASES)


def test_a_mark_at_an_odd_place_is_not_looked_for() -> None:
    assert walk(devices.simple(base=12345))[0] is None


def test_an_inverter_shows_all_its_meters_in_order_with_their_names() -> None:
    held = devices.chain(
        40000,
        layout.common(INVERTER), [103, 50, *[0] * 50], layout.common(WATTNODE), layout.encode(203, devices.VALUES),
        layout.common(Identity("WattNode", "WNC-1", "", "2")), layout.encode(201, {}), layout.encode(213, {}),
    )  # fmt: skip
    found, _ = walk(held)
    assert found is not None and found.models == (1, 103, 1, 203, 1, 201, 213) and found.who == INVERTER
    assert [(meter.position, meter.model, meter.who.model) for meter in found.meters] == [
        (1, 203, "WNC-3Y-400-MB"), (2, 201, "WNC-1"), (3, 213, "WNC-1"),
    ]  # fmt: skip
    assert {meter.owner for meter in found.meters} == {INVERTER}


@pytest.mark.parametrize(
    "tail",
    [[], [0xFFFF, 0], [0xFFFF, 7], [0, 0], [203, 0], [0, 65]],
    ids=["nothing more", "end", "end with a length", "zeros", "a meter without length", "no model"],
)
def test_however_a_chain_ends_what_came_before_holds(tail: list[int]) -> None:
    held = devices.chain(40000, layout.common(devices.METER), layout.encode(213, {}), tail, end=False)
    found, _ = walk(held)
    assert found is not None and [meter.model for meter in found.meters] == [213]


def test_a_chain_that_never_ends_is_left_after_so_many_models() -> None:
    held = {40000: 0x5375, 40001: 0x6E53}
    held |= {address: 1 for address in range(40002, 0x10000)}  # model 1 of length 1, for ever
    found, asked = walk(held)
    assert found is not None and found.meters == () and len(asked) == 1 + chain.MOST_MODELS


def test_a_chain_does_not_run_past_the_last_register() -> None:
    held = devices.chain(40000, [1, 0xFFF0])
    found, asked = walk(held)
    assert found is not None and found.models == (1,) and max(asked) < 0x10000


@pytest.mark.parametrize("model", layout.METER_MODELS)
def test_a_meter_that_says_it_is_too_short_is_passed_over(model: int) -> None:
    short = layout.size(model) - 3
    held = devices.chain(40000, [model, short, *[0] * short], layout.encode(model, {}))
    found, _ = walk(held)
    assert found is not None
    assert [(meter.position, meter.length) for meter in found.meters] == [(1, layout.length(model))]


def test_a_meter_that_is_longer_than_the_specification_says_is_read_and_the_chain_goes_on_behind_it() -> None:
    longer = [203, 107, *layout.encode(203, devices.VALUES)[2:], 0, 0]
    found, _ = walk(devices.chain(40000, longer, layout.encode(211, {})))
    assert found is not None and [meter.model for meter in found.meters] == [203, 211]


def test_a_common_model_of_another_length_names_nobody() -> None:
    found, _ = walk(devices.chain(40000, [1, 10, *[0x4141] * 10], layout.encode(203, {})))
    assert found is not None and found.who == Identity() and len(found.meters) == 1


def test_a_unit_that_falls_silent_in_the_middle_is_a_fault_and_not_a_short_chain() -> None:
    with pytest.raises(DriverError, match="No answer"):
        walk(devices.simple(), fails=lambda start: SILENT if start > 40002 else None)


def test_a_silent_unit_is_asked_once() -> None:
    asked: list[int] = []

    async def read(start: int, count: int) -> list[int]:
        asked.append(start)
        raise SILENT

    with pytest.raises(DriverError):
        asyncio.run(chain.find(read))
    assert asked == [40000]


@given(
    words=st.lists(st.sampled_from([0, 1, 2, 65, 66, 105, 124, 201, 203, 213, 0x5375, 0x6E53, 0xFFFF]), max_size=400)
)
def test_no_chain_of_whatever_registers_is_endless_or_leads_outside(words: list[int]) -> None:
    held = dict(enumerate([0x5375, 0x6E53, *words], 40000))
    found, asked = walk(held)
    assert found is not None and len(asked) <= 2 + 2 * chain.MOST_MODELS
    assert all(meter.start + layout.size(meter.model) <= 0x10000 for meter in found.meters)
