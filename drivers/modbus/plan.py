"""Turn points into the requests that fetch them in the least time on their line.

A hole between two points is bridged when its registers cost less time than
another request would, unless the map names it as one that must not be read.
What both cost is the line's `Toll`. The choice is exact, not greedy: of all
ways to cut the points, in order of address, into allowed blocks, the cheapest;
of several equally cheap ones that with the fewest requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drivers.modbus import wire
from drivers.modbus.address import Address
from drivers.modbus.registers import Point, RegisterMap

ANSWER_S = 0.040  # what a meter usually thinks before it answers: 16 ms traced, 40 ms typical (Carlo Gavazzi)
NETWORK_S = 0.005  # request and answer on a local network, the meter's own time included
NETWORK_REGISTER_S = 2 * 8 / 10e6  # two bytes at 10 Mbit/s: bridging is as good as free

Range = tuple[int, int]  # first and last register


@dataclass(frozen=True, slots=True)
class Toll:
    """What a line takes for one more request, and for one more register in a request."""

    request_s: float
    register_s: float

    @property
    def bridge(self) -> int:
        """How many registers are cheaper to read than to skip."""
        return int(self.request_s / self.register_s)


@dataclass(frozen=True, slots=True)
class Block:
    """One request: `count` registers from `start`."""

    start: int
    count: int
    function: int = 3

    @property
    def end(self) -> int:
        """The register after the last."""
        return self.start + self.count

    def holds(self, point: Point) -> bool:
        """Tell whether it brings everything that `point` needs."""
        first, end = point.spans
        return self.start <= first and end <= self.end and self.function == point.function


def serial_toll(baud: int, parity: str = "N", gap_s: float = 0.0) -> Toll:
    """The toll of a serial line.

    A request: 8 characters out, 5 around the answer, a silence, the meter's thinking. At 9600 8N1 without a
    wish of the meter's: 13 x 1.04 + 4.0 + 40 ms = 57.6 ms; a register: 2 x 1.04 ms; so 27 are bridged.
    """
    character_s = wire.character_s(baud, parity)
    frame_s = (wire.REQUEST_BYTES + wire.ANSWER_BYTES) * character_s
    return Toll(frame_s + wire.silence_s(baud, gap_s) + ANSWER_S, 2 * character_s)


def toll(of: RegisterMap, address: Address) -> Toll:
    """What the line at `address` takes from this model.

    A meter that has a serial line may stand behind a gateway that translates Modbus TCP:
    then a register costs there what it costs on a serial line as delivered.
    """
    if address.numbered and "rtu" not in of.model.transports:
        return Toll(NETWORK_S + of.gap_s, NETWORK_REGISTER_S)
    baud, parity = wire.speed_of(address)
    return serial_toll(baud or of.model.baud, parity if baud else of.model.parity, of.gap_s)


def blocks(
    of: RegisterMap,
    points: Sequence[Point] | None = None,
    at: Toll | None = None,
    longest: int | None = None,
    holes: Iterable[Range] = (),
) -> list[Block]:
    """The requests that fetch all `points` (None: all of the map), by function and address.

    `at` is the line's toll (None: a serial line as delivered). `longest` and `holes` are what a meter was found
    to refuse, beside the map's own. Points read together stay together, points read alone stay alone.
    """
    wanted = of.points if points is None else points
    at = at or serial_toll(of.model.baud, of.model.parity, of.gap_s)
    barred = (*of.holes, *holes)
    found: list[Block] = []
    for function in sorted({point.function for point in wanted}):
        mine = [point for point in wanted if point.function == function]
        alone = {point.spans for point in mine if point.alone}
        spans = _outermost({point.spans for point in mine} - alone)
        around = [*barred, *((first, end - 1) for first, end in alone)]
        cut = _cheapest(spans, at, min(of.max_read, longest or of.max_read), around)
        found += [Block(first, end - first, function) for first, end in sorted([*cut, *alone])]
    return found


def bridged(block: Block, points: Iterable[Point]) -> list[Range]:
    """The holes that `block` reads across to fetch `points`."""
    found: list[Range] = []
    at = block.start
    for first, end in sorted(point.spans for point in points):
        if first > at:
            found.append((at, first - 1))
        at = max(at, end)
    return found


def _outermost(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without those that come with another one anyway; sorted by start, and so by end."""
    found: list[tuple[int, int]] = []
    for first, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not found or end > found[-1][1]:
            found.append((first, end))
    return found


def _cheapest(
    spans: Sequence[tuple[int, int]], at: Toll, longest: int, holes: Sequence[Range]
) -> list[tuple[int, int]]:
    """The cheapest cut of `spans`, which begin and end one after the other.

    No block of a best cut lies inside another, so each takes spans that follow each other: the best cut of the
    first n is a last block and the best cut of what is before it (dynamic programming, Bellman).
    """
    best: list[tuple[float, int, int]] = [(0.0, 0, 0)]  # cost, requests, where the last block begins: of the first n
    for last, (_, end) in enumerate(spans):
        options: list[tuple[float, int, int]] = []
        for begin in range(last, -1, -1):
            start = spans[begin][0]
            joined = begin != last
            if joined and (end - start > longest or any(low < end and high >= start for low, high in holes)):
                break
            cost_s, requests, _ = best[begin]
            options.append((cost_s + at.request_s + (end - start) * at.register_s, requests + 1, begin))
        best.append(min(options))
    found: list[tuple[int, int]] = []
    n = len(spans)
    while n:
        begin = best[n][2]
        found.append((spans[begin][0], spans[n - 1][1]))
        n = begin
    return found
