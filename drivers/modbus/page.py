"""Write the page about meters from the register maps: `python -m drivers.modbus.page > docs/meters.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from drivers.modbus import plan, registers
from drivers.modbus.bus import CONNECT_PAUSES_S
from drivers.modbus.pace import ANSWER_S, FIRST_ANSWER_S, LONGEST_ANSWER_S, PAUSE_ALONE_S, PAUSES_S
from drivers.modbus.plausibility import FREQUENCY_HZ, VOLTAGE_V
from drivers.modbus.registers import Point, RegisterMap
from drivers.modbus.rules import BAUDS

FUNCTIONS = {3: "holding registers (function 3)", 4: "input registers (function 4)"}


def _seconds(pauses_s: Sequence[float]) -> str:
    return ", ".join(f"{pause_s:g}" for pause_s in pauses_s) + " s"


def _range(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:g} to {bounds[1]:g}"


INTRODUCTION = f"""\
# Meters

This page is made from the register maps in `drivers/modbus/maps/` by
`python -m drivers.modbus.page > docs/meters.md`; a test keeps it current.

## Addresses

| the meter is on | address |
|---|---|
| the network, Modbus TCP | `tcp://HOST:PORT` (without a port: 502) |
| a serial line behind a network gateway that passes RTU frames on | `rtutcp://HOST:PORT` |
| a serial adapter at this machine | `rtu:///dev/ttyUSB0?baud=9600&parity=N` |

Baud rates: {", ".join(map(str, BAUDS))}; parity N, E or O; always 8 data bits and 1 stop bit.
What a serial address leaves out is taken from the model. All meters on one line need the same speed and parity,
and each its own unit id. Use `/dev/serial/by-id/...` where there is more than one adapter.

Power is positive when it comes from the grid (or flows into the car), whatever the meter's own sign. Counters are
the meter's own, in Wh. A quantity a meter lacks is absent, never 0.

## What the driver does when something goes wrong

| what happens | what is done | fault |
|---|---|---|
| no connection | tried again after {_seconds(CONNECT_PAUSES_S)}, then always after the last | `unreachable` |
| connection closed while an answer is awaited | opened and asked again once, at once | `unreachable` |
| no answer within {ANSWER_S["tcp"]} s (TCP) or {ANSWER_S["rtu"]} s and the time on the wire (serial); \
{FIRST_ANSWER_S:g} s until the first answer; more for slow meters, {LONGEST_ANSWER_S:g} s at most \
| listened to for late answers, opened anew unless other units answer; the unit is left alone for \
{_seconds(PAUSES_S)} ({PAUSE_ALONE_S:g} s at most when it is alone on its line, longer when several are silent) \
and then asked for one value first | `silent` |
| an answer that cannot be the one to this request | not used; asked again once, then as if silent | `garbled` |
| the meter refuses a block | asked in other pieces; slow quantities are left out, others are a fault | `refused` |
| a voltage L1 outside {_range(VOLTAGE_V)} V, a frequency outside {_range(FREQUENCY_HZ)} Hz, a counter \
below 0, a value that is no number | nothing of the reading is used | `implausible` |

## Models

*Confirmed* means that several independent sources agree on the registers. No model has been read on a physical meter
by this project yet: tests use recorded frames, other programs' servers, pseudo-terminals and the simulated house.
"""


def page() -> str:
    """The whole page, Markdown."""
    maps = [registers.load(name) for name in registers.names()]
    return "\n".join([INTRODUCTION, *_overview(maps), *(line for one in maps for line in _section(one))])


def _overview(maps: list[RegisterMap]) -> Iterator[str]:
    yield "| model | meter | addresses | unit id | serial as delivered | state |"
    yield "|---|---|---|---|---|---|"
    for one in maps:
        model = one.model
        transports = ", ".join(f"`{transport}`" for transport in model.transports)
        state = "confirmed" if model.tested else "untested: rests on one source"
        yield (
            f"| `{model.name}` | {model.vendor} {model.title} | {transports} | {model.unit} "
            f"| {model.baud} 8{model.parity}1 | {state} |"
        )
    yield ""


def _section(of: RegisterMap) -> Iterator[str]:
    yield f"## {of.model.vendor} {of.model.title} (`{of.model.name}`)"
    yield ""
    yield from (f"* {note}" for note in of.notes)
    yield f"* Source: {'; '.join(of.source)}."
    fast = plan.blocks(of, [point for point in of.points if not point.slow])
    slow = plan.blocks(of, [point for point in of.points if point.slow])
    yield f"* Reads {FUNCTIONS[of.function]}, at most {of.max_read} at once: {_requests(fast)}{_slow(slow)}."
    yield ""
    yield "| quantity | unit | register (0-based) | type | scale |"
    yield "|---|---|---|---|---|"
    yield from (_row(point) for point in of.points)
    yield ""


def _requests(blocks: list[plan.Block]) -> str:
    spans = ", ".join(f"{block.start} to {block.end - 1}" for block in blocks)
    return f"{len(blocks)} requests a reading ({spans})" if len(blocks) > 1 else f"1 request a reading ({spans})"


def _slow(blocks: list[plan.Block]) -> str:
    spans = ", ".join(f"{block.start} to {block.end - 1}" for block in blocks)
    return f", and once a minute {spans}" if blocks else ""


def _row(point: Point) -> str:
    minus = f" minus {point.minus}" if point.minus is not None else ""
    return f"| `{point.quantity}` | {point.unit} | {point.address}{minus} | {point.type} | {point.scale:g} |"


if __name__ == "__main__":
    sys.stdout.write(page())
