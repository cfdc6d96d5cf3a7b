"""Which registers are read in which request."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus import plan, registers
from drivers.modbus.plan import Block
from drivers.modbus.registers import Point, RegisterMap

KSEM = registers.load("kostal-ksem-g2")


def of(*points: Point, max_read: int = 125, gap_s: float = 0.0, holes: tuple[tuple[int, int], ...] = ()) -> RegisterMap:
    return replace(KSEM, points=points, max_read=max_read, gap_s=gap_s, holes=holes)


def at(address: int, minus: int | None = None) -> Point:
    return Point("power_w", address, "u32", 1, "W", minus=minus)


def test_a_hole_cheaper_than_a_request_is_bridged() -> None:
    assert plan.bridge(0) == 27
    assert plan.blocks(of(at(0), at(29))) == [Block(0, 31)]


def test_a_hole_dearer_than_a_request_is_not() -> None:
    assert plan.blocks(of(at(0), at(30))) == [Block(0, 2), Block(30, 2)]


def test_a_meter_that_wants_silence_makes_requests_dearer() -> None:
    assert plan.bridge(0.06) == 53
    assert plan.blocks(of(at(0), at(55), gap_s=0.06)) == [Block(0, 57)]


def test_no_read_is_longer_than_the_meter_answers() -> None:
    assert plan.blocks(of(at(0), at(8), at(16), max_read=10)) == [Block(0, 10), Block(16, 2)]


def test_a_named_hole_is_never_read_across() -> None:
    assert plan.blocks(of(at(0), at(6), holes=((3, 4),))) == [Block(0, 2), Block(6, 2)]


def test_both_directions_of_a_power_are_read_together() -> None:
    assert plan.blocks(of(at(100, minus=40))) == [Block(40, 62)]


def test_the_order_of_the_map_does_not_matter() -> None:
    assert plan.blocks(of(at(8), at(0))) == plan.blocks(of(at(0), at(8)))


def test_the_meters_known_are_read_in_few_requests() -> None:
    assert plan.blocks(KSEM, [point for point in KSEM.points if not point.slow]) == [
        Block(0, 28), Block(40, 104), Block(512, 8),
    ]  # fmt: skip
    sdm630 = registers.load("eastron-sdm630")
    assert plan.blocks(sdm630) == [Block(0, 76), Block(346, 12)]
    assert all(block.start % 2 == 0 and block.count % 2 == 0 for block in plan.blocks(sdm630))


@given(
    st.sets(st.integers(0, 400), min_size=1, max_size=30),
    st.integers(4, 125),
    st.lists(st.integers(0, 800), max_size=3),
)
def test_every_point_is_in_one_block_and_no_block_breaks_a_rule(starts: set[int], longest: int, low: list[int]) -> None:
    points = tuple(at(2 * start) for start in starts)
    taken = {register for point in points for register in range(*point.spans)}
    holes = tuple((register, register) for register in low if register not in taken)
    found = plan.blocks(of(*points, max_read=longest, holes=holes))
    for point in points:
        first, end = point.spans
        assert sum(block.start <= first and end <= block.end for block in found) == 1
    for block in found:
        assert block.count <= longest
        assert not any(block.start <= hole < block.end for hole, _ in holes)
