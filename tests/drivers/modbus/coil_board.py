"""A board of relays and inputs that answers on Modbus, on real sockets and pseudo-terminals.

Functions 1, 2 and 5, and a "flash on" that counts down by itself, renewed by
the next one. An electrician may spoil it: `stuck` contacts, a board that says
nothing, a line that repeats what is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic

from tests.drivers.modbus.device import Request, Step

ON, OFF = 0xFF00, 0
FLASH_ON, TENTHS = 0x0200, 10


@dataclass
class CoilBoard:
    """Eight relays with normally-open contacts, and eight inputs."""

    unit: int = 1
    coils: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(range(8), False))
    inputs: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(range(8), False))
    until_s: dict[int, float] = field(default_factory=dict)  # coils that flash, until when
    stuck: dict[int, bool] = field(default_factory=dict)
    power: bool = True
    echoes: bool = False  # the adapter hears itself
    flashes: bool = True  # it knows the command
    slow_s: float = 0.0
    asked: list[tuple[int, int, int]] = field(default_factory=list)  # function, start, value

    def closed(self, number: int) -> bool:
        """Whether this contact is closed, as measured."""
        if monotonic() >= self.until_s.get(number, float("inf")):
            self.coils[number] = False
            del self.until_s[number]
        return self.stuck.get(number, self.power and self.coils[number])

    def cut_power(self) -> None:
        """The board loses its supply: all coils fall."""
        self.power, self.until_s = False, {}
        self.coils = dict.fromkeys(self.coils, False)

    def behave(self, request: Request) -> Iterable[Step]:
        """Answer one request."""
        if self.echoes:
            yield request.raw
        self.asked.append((request.function, request.start, request.count))
        if not self.power or request.unit != self.unit:
            return
        if self.slow_s:
            yield self.slow_s
        yield self._answer(request)

    def _answer(self, request: Request) -> bytes:
        if request.function in (1, 2):
            if request.start + request.count > len(self.coils):
                return request.refusal(2)
            bits = [self.closed(n) if request.function == 1 else self.inputs[n] for n in self._numbers(request)]
            packed = sum(bit << place for place, bit in enumerate(bits))
            return request.wrap(bytes([request.function, 1, packed]))
        if request.function == 5 and self._write(request.start, request.count):
            return request.wrap(bytes([5]) + request.start.to_bytes(2, "big") + request.count.to_bytes(2, "big"))
        return request.refusal(2 if request.function == 5 else 1)

    def _numbers(self, request: Request) -> range:
        return range(request.start, request.start + request.count)

    def _write(self, start: int, value: int) -> bool:
        if start in self.coils and value in (ON, OFF):
            self.coils[start] = value == ON
            self.until_s.pop(start, None)
        elif self.flashes and start - FLASH_ON in self.coils:
            self.coils[start - FLASH_ON] = True
            self.until_s[start - FLASH_ON] = monotonic() + value / TENTHS
        else:
            return False
        return True

    @property
    def writes(self) -> list[tuple[int, int]]:
        """What was written, in order: register and value."""
        return [(start, value) for function, start, value in self.asked if function == 5]
