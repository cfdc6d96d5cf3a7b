"""Turn points into the few block reads that cost the least time.

A hole between two points is bridged when its registers cost less time than
another request would, unless the map names it as one that must not be read.
The arithmetic is that of a serial line at 9600 baud, the slowest usual one; on
TCP a register is nearly free and bridging can only help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.modbus.registers import Point, RegisterMap

CHARACTER_S = 11 / 9600  # start, 8 data bits, parity or stop, stop: 1.15 ms
REGISTER_S = 2 * CHARACTER_S  # 2.3 ms
# One more request: 8 characters out, 5 around the answer, two silences of 3.5, and the meter's usual 40 ms: 63 ms.
REQUEST_S = (8 + 5 + 2 * 3.5) * CHARACTER_S + 0.040


def bridge(gap_s: float) -> int:
    """How many registers are cheaper to read than to skip: 27, and 53 for a meter that wants 60 ms of silence."""
    return int((REQUEST_S + gap_s) / REGISTER_S)


@dataclass(frozen=True, slots=True)
class Block:
    """One request: `count` registers from `start`."""

    start: int
    count: int

    @property
    def end(self) -> int:
        """The register after the last."""
        return self.start + self.count


def blocks(of: RegisterMap, points: Sequence[Point] | None = None) -> list[Block]:
    """The requests that fetch all `points`, in order of address. Points read together stay together."""
    found: list[Block] = []
    for first, end in sorted(point.spans for point in (of.points if points is None else points)):
        if found and _joins(of, found[-1], first, end):
            found[-1] = Block(found[-1].start, max(found[-1].end, end) - found[-1].start)
        else:
            found.append(Block(first, end - first))
    return found


def _joins(of: RegisterMap, block: Block, first: int, end: int) -> bool:
    """Tell whether the registers `first` to `end` are read best with `block`.

    Where a map wants even starts and counts, all its points are even (registers), and so is what joins them.
    """
    if first - block.end > bridge(of.gap_s) or end - block.start > of.max_read:
        return False
    return not any(low < first and high >= block.end for low, high in of.holes)
