"""Which registers are read in which request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus import plan, registers
from drivers.modbus.address import parse_url
from drivers.modbus.plan import Block, Toll
from drivers.modbus.registers import Point, RegisterMap

KSEM = registers.load("kostal-ksem-g2")
AT_9600 = plan.serial_toll(9600)


def of(*points: Point, max_read: int = 125, gap_s: float = 0.0, holes: tuple[tuple[int, int], ...] = ()) -> RegisterMap:
    return replace(KSEM, points=points, max_read=max_read, gap_s=gap_s, holes=holes)


def at(address: int, minus: int | None = None) -> Point:
    return Point("power_w", address, "u32", 1, "W", minus=minus)


def cut(found: RegisterMap, toll: Toll = AT_9600) -> list[tuple[int, int]]:
    return [(block.start, block.count) for block in plan.blocks(found, None, toll)]


def test_a_hole_cheaper_than_a_request_is_bridged() -> None:
    assert AT_9600.bridge == 27
    assert cut(of(at(0), at(29))) == [(0, 31)]


def test_a_hole_dearer_than_a_request_is_not() -> None:
    assert cut(of(at(0), at(30))) == [(0, 2), (30, 2)]


def test_the_slower_the_line_the_narrower_the_holes_it_bridges() -> None:
    bridges = [plan.serial_toll(baud).bridge for baud in (1200, 2400, 9600, 19200, 38400, 115200)]
    assert bridges == [10, 13, 27, 46, 86, 246]
    assert plan.serial_toll(9600, "E").bridge == 25  # a parity bit makes registers dearer, the meter thinks as long


def test_a_meter_that_wants_silence_makes_requests_dearer() -> None:
    shy = of(at(0), at(55), gap_s=0.06)
    assert cut(shy, plan.serial_toll(9600, gap_s=0.06)) == [(0, 57)]
    assert cut(shy) == [(0, 2), (55, 2)]


@pytest.mark.parametrize(
    ("url", "bridge"),
    [("rtu:///dev/ttyUSB0?baud=9600", 27), ("rtu:///dev/ttyUSB0?baud=115200&parity=E", 225), ("rtutcp://g:8899", 27),
     ("tcp://g", 46)],
)  # fmt: skip
def test_each_line_has_its_toll(url: str, bridge: int) -> None:
    """A KOSTAL meter on TCP may stand behind a gateway: there it costs what its serial line costs, 19200 baud."""
    assert plan.toll(KSEM, parse_url(url)).bridge == bridge


def test_a_meter_that_is_only_on_the_network_is_read_in_as_few_requests_as_it_allows() -> None:
    model = replace(KSEM.model, transports=("tcp",))
    toll = plan.toll(replace(KSEM, model=model), parse_url("tcp://meter"))
    assert cut(of(at(0), at(120), at(200), at(1000)), toll) == [(0, 2), (120, 82), (1000, 2)]


def test_no_read_is_longer_than_the_meter_answers() -> None:
    assert cut(of(at(0), at(8), at(16), max_read=10)) == [(0, 2), (8, 10)]


def test_the_cheapest_cut_is_found_where_taking_as_much_as_fits_is_dearer() -> None:
    """Taking what fits from the left gives 0 to 9 and 12 to 21: 20 registers. The hole before 8 is wider."""
    assert cut(of(at(0), at(8), at(12), at(16), max_read=10)) == [(0, 2), (8, 10)]


def test_a_named_hole_is_never_read_across() -> None:
    assert cut(of(at(0), at(6), holes=((3, 4),))) == [(0, 2), (6, 2)]


def test_what_a_meter_was_found_to_refuse_is_kept_beside_its_map() -> None:
    wide = of(at(0), at(6), at(12))
    assert plan.blocks(wide, None, AT_9600, longest=8) == [Block(0, 2), Block(6, 8)]
    assert plan.blocks(wide, None, AT_9600, holes=[(3, 4)]) == [Block(0, 2), Block(6, 8)]


def test_the_holes_a_block_reads_across_are_known() -> None:
    assert plan.bridged(Block(0, 20), [at(0), at(6), at(18), at(8)]) == [(2, 5), (10, 17)]
    assert plan.bridged(Block(40, 62), [at(100, minus=40), at(50)]) == []


def test_both_directions_of_a_power_are_read_together() -> None:
    assert cut(of(at(100, minus=40))) == [(40, 62)]


def test_a_point_inside_what_is_read_anyway_costs_nothing() -> None:
    assert cut(of(at(100, minus=40), at(50))) == [(40, 62)]


def test_the_order_of_the_map_does_not_matter() -> None:
    assert cut(of(at(8), at(0))) == cut(of(at(0), at(8)))


def test_the_meters_known_are_read_in_few_requests() -> None:
    assert plan.blocks(KSEM, [point for point in KSEM.points if not point.slow]) == [
        Block(0, 28), Block(40, 104), Block(512, 8),
    ]  # fmt: skip
    sdm630 = registers.load("eastron-sdm630")
    assert plan.blocks(sdm630) == [Block(0, 76, 4), Block(346, 12, 4)]


MAPS = st.builds(
    lambda singles, pairs, holes, longest: (
        of(*(at(2 * s) for s in singles), *(at(2 * s, 2 * s + 2 * d) for s, d in pairs), max_read=longest,
           holes=tuple((2 * h, 2 * h) for h in holes))
    ),
    st.sets(st.integers(0, 60), min_size=1, max_size=6),
    st.sets(st.tuples(st.integers(0, 60), st.integers(1, 3)), max_size=2),
    st.sets(st.integers(0, 60), max_size=2),
    st.integers(8, 60),
)  # fmt: skip
TOLLS = st.builds(Toll, st.floats(0.001, 1.0), st.floats(1e-6, 0.02))


def cost(found: list[Block], toll: Toll) -> float:
    return len(found) * toll.request_s + sum(block.count for block in found) * toll.register_s


def all_cuts(points: list[Point], map_: RegisterMap) -> Iterator[list[Block]]:
    """Every way to spread the points over blocks that keep the rules, however silly."""
    if not points:
        yield []
        return
    for rest in all_cuts(points[1:], map_):
        groups = [[points[0]]] + [[points[0], *(p for p in map_.points if block.holds(p))] for block in rest]
        for n, group in enumerate(groups):
            start, end = min(p.spans[0] for p in group), max(p.spans[1] for p in group)
            joined = len({p.spans for p in group}) > 1
            barred = any(low < end and high >= start for low, high in map_.holes)
            nested = any(p.spans == (start, end) for p in group)
            if not joined or nested or (end - start <= map_.max_read and not barred):
                yield [Block(start, end - start)] + [block for m, block in enumerate(rest) if m != n - 1]


@given(MAPS, TOLLS)
def test_no_other_allowed_cut_is_cheaper(map_: RegisterMap, toll: Toll) -> None:
    """Against all of them, tried one by one."""
    mine = plan.blocks(map_, None, toll)
    least = min(cost(other, toll) for other in all_cuts(list(map_.points), map_))
    assert cost(mine, toll) <= least * (1 + 1e-9)


@given(
    st.sets(st.integers(0, 400), min_size=1, max_size=30),
    st.integers(4, 125),
    st.lists(st.integers(0, 800), max_size=3),
    TOLLS,
)
def test_every_point_is_in_one_block_and_no_block_breaks_a_rule(
    starts: set[int], longest: int, low: list[int], toll: Toll
) -> None:
    points = tuple(at(2 * start) for start in starts)
    taken = {register for point in points for register in range(*point.spans)}
    holes = tuple((register, register) for register in low if register not in taken)
    found = of(*points, max_read=longest, holes=holes)
    cut_ = plan.blocks(found, None, toll)
    for point in points:
        assert sum(block.holds(point) for block in cut_) == 1
    for block in cut_:
        assert block.count <= longest
        assert not any(block.start <= hole < block.end for hole, _ in holes)


def test_points_of_different_functions_are_never_in_one_request() -> None:
    both = of(at(0), replace(at(2), function=4), at(4))
    assert plan.blocks(both, None, AT_9600) == [Block(0, 6, 3), Block(2, 2, 4)]


def test_what_must_be_read_alone_is_and_nothing_reads_across_it() -> None:
    assert cut(of(at(0), replace(at(2), alone=True), at(4))) == [(0, 2), (2, 2), (4, 2)]
