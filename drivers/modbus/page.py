"""Write the page about meters from the register maps: `python -m drivers.modbus.page > docs/meters.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from drivers.interfaces import MeterModel
from drivers.modbus import plan, registers
from drivers.modbus.bus import CONNECT_PAUSES_S
from drivers.modbus.pace import ANSWER_S, FIRST_ANSWER_S, LONGEST_ANSWER_S, PAUSE_ALONE_S, PAUSES_S
from drivers.modbus.plausibility import FREQUENCY_HZ, VOLTAGE_V
from drivers.modbus.registers import Point, RegisterMap
from drivers.modbus.rules import BAUDS, LABEL_RULES, LISTS, MAP_RULES, MARK_RULES, POINT_RULES
from drivers.modbus.sunspec import meter as sunspec

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
| the network, Modbus UDP | `udp://HOST:PORT` |
| a serial line behind a network gateway that passes RTU frames on | `rtutcp://HOST:PORT` |
| a serial adapter at this machine | `rtu:///dev/ttyUSB0?baud=9600&parity=N` |

Baud rates: {", ".join(map(str, BAUDS))}; parity N, E or O; always 8 data bits and 1 stop bit.
What a serial address leaves out is taken from the model. A meter on a serial line whose model is also read over `tcp`
is so through a gateway that translates Modbus TCP to its line. All meters on one line need the same speed and parity,
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

*Confirmed* means that at least two independent sources agree on every register of the map; *untested*, that some
register rests on one. No model has been read on a physical meter by this project yet: tests use recorded frames, other
programs' servers, pseudo-terminals and the simulated house. Any meter that speaks SunSpec is read without a map.

An untested meter may show wrong values that look right: compare power, voltages and counters with its display once.
"""


ADDING = """\
## Adding a meter

A map is a file in `drivers/modbus/maps/`; begin with a copy of the one that is nearest. What is wrong in it is said
with file, line, key and remedy, and it does not load. Then write this page anew and run `pytest tests/drivers/modbus`.
A meter sold under another name has an entry in `drivers/modbus/aliases.toml`.

* The SI value is raw * `scale`; a `scale` below 0 is for a meter that counts export as positive.
* `minus` and `plus` are registers of the same kind that are subtracted or added: a split direction, a missing total.
* `scale_register` holds a power of ten beside `scale`. `t5` and `t6` are a signed exponent and 24 bits (Iskra, Finder).
* `absolute` takes the size of a counter that some of these meters show below zero.
* `alone` reads it by itself; `slow` once a minute; `again` says that its registers are another quantity, too.
* `holes` are never read across; `even` asks for even starts and counts; `gap_ms` is silence before the next request.
* `invalid` lists what a type holds when the meter has no value. `unprovable`: neither voltage L1 nor frequency is read.
* `identify` holds registers, read by themselves, that only this model has so; `labels` what is printed on it.

| in | key | what it is |
|---|---|---|"""


def page() -> str:
    """The whole page, Markdown."""
    maps = [registers.load(name) for name in registers.names()]
    return "\n".join([INTRODUCTION, *_overview(maps), *(line for one in maps for line in _section(one)), *_adding()])


def _adding() -> Iterator[str]:
    yield ADDING
    for where, by in (("the map", MAP_RULES), ("`registers`", POINT_RULES), ("`identify`", MARK_RULES),
                      ("`labels`", LABEL_RULES)):  # fmt: skip
        for key, rule in by.items():
            words = "as below" if key in LISTS else rule.words.replace("|", "\\|")
            yield f"| {where} | `{key}` | {words}{'' if rule.needed else ', or left out'} |"
    yield ""


def _overview(maps: list[RegisterMap]) -> Iterator[str]:
    yield "| meter | model | addresses | unit id | serial as delivered | state |"
    yield "|---|---|---|---|---|---|"
    rows = [_overview_row(one.model, "confirmed" if one.model.tested else "*untested*") for one in maps]
    for name, of in registers.aliases().items():
        model = registers.load(name).model
        rows.append(_overview_row(model, f"as `{of['map']}`" + ("" if model.tested else ", *untested*")))
    yield from sorted(rows, key=str.lower)
    yield from (_overview_row(model, "no map needed") for model in sunspec.models())
    yield ""


def _overview_row(model: MeterModel, state: str) -> str:
    transports = ", ".join(f"`{transport}`" for transport in model.transports)
    serial = f"{model.baud} 8{model.parity}1" if "rtu" in model.transports else "–"
    return f"| {model} | `{model.name}` | {transports} | {model.unit} | {serial} | {state} |"


def _section(of: RegisterMap) -> Iterator[str]:
    yield f"## {of.model} (`{of.model.name}`)"
    yield ""
    if not of.model.tested:
        yield "* *Untested*: some registers, or all, rest on one source."
    if of.unprovable:
        yield "* It shows neither voltage nor frequency, so a wrong model is not always noticed."
    yield from (f"* {note}" for note in of.notes)
    yield f"* Source: {'; '.join(of.source)}."
    if of.identify:
        yield f"* Recognised by register {', '.join(str(mark.address) for mark in of.identify)}."
    fast = plan.blocks(of, [point for point in of.points if not point.slow])
    slow = plan.blocks(of, [point for point in of.points if point.slow])
    order = "" if of.points[0].word_order == "big" else ", low word first"
    yield f"* Reads {FUNCTIONS[of.function]}{order}, at most {of.max_read} at once: {_requests(fast)}{_slow(slow)}."
    yield ""
    yield "| type, scale | quantity: register (0-based) |"
    yield "|---|---|"
    groups: dict[str, list[Point]] = {}
    for point in of.points:
        groups.setdefault(f"{point.type} × {point.scale:g} {point.unit}".strip(), []).append(point)
    yield from (f"| {kind} | {', '.join(map(_place, points))} |" for kind, points in groups.items())
    yield ""


def _requests(blocks: list[plan.Block]) -> str:
    return (
        f"{len(blocks)} requests a reading ({_spans(blocks)})" if len(blocks) > 1 else f"1 request ({_spans(blocks)})"
    )


def _slow(blocks: list[plan.Block]) -> str:
    return f", and once a minute {_spans(blocks)}" if blocks else ""


def _spans(blocks: list[plan.Block]) -> str:
    return ", ".join(f"{block.start} to {block.end - 1}" for block in blocks)


def _place(point: Point) -> str:
    """Where a quantity stands, with all registers it takes."""
    where = " + ".join(map(str, (point.address, *point.plus)))
    where += f" − {point.minus}" if point.minus is not None else ""
    where += f" × 10^{point.scale_register}" if point.scale_register is not None else ""
    return f"`{point.quantity}`: {where}" + (" (alone)" if point.alone else "")


if __name__ == "__main__":
    sys.stdout.write(page())
