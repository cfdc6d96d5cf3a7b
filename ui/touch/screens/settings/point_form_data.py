"""What setting a charging point up looks at: the point, the lines and meters it may have. No Kivy here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from appliance.charging import held, points, wiring
from appliance.charging.points import Point
from appliance.metering import meters
from appliance.metering.meters import Meter
from appliance.opened import Opened
from ui.text.catalog import _

USUAL = "gpio:17"  # the line that the installation prepares
ON_HEADER = {
    2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 7: 26, 8: 24, 9: 21, 10: 19, 11: 23, 12: 32, 13: 33, 14: 8, 15: 10, 16: 36, 17: 11,
    18: 12, 19: 35, 20: 38, 21: 40, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37, 27: 13,
}  # fmt: skip  # GPIO -> place on the Pi's header of 40 pins
NO_METER = 0
ON_BOARD = "board"  # chosen instead of a line: what is on a Modbus board is typed
BOARD_BEGINS = {"relay": "pulse:tcp://", "plug": "input:tcp://"}
SPEC_MAX = 120


@dataclass(frozen=True, slots=True)
class FormSeen:
    """What may be chosen, and the point as it is kept (None: a new one)."""

    point: Point | None
    free: tuple[str, ...]  # lines, its own among them
    meters: tuple[tuple[int, str], ...]  # charging meters without a point, its own among them
    names: tuple[str, ...] = ()  # of all points, archived ones too

    @property
    def point_id(self) -> int:
        """Its number; 0 is a new one."""
        return 0 if self.point is None else self.point.id


@dataclass(frozen=True, slots=True)
class Draft:
    """What is chosen and not yet kept."""

    name: str = ""
    relay: str = ""
    plug: str = ""  # without the mark of a contact that opens
    opens: bool = False  # the contact opens when a car is plugged in
    feedback: str = ""
    meter_id: int = NO_METER

    @property
    def plug_spec(self) -> str:
        """The plug input as it is kept."""
        return self.plug + (wiring.OPENS if self.plug and self.opens else "")

    @property
    def taken(self) -> set[str]:
        """The lines it has."""
        return {line for line in (self.relay, self.plug, self.feedback) if line}


def look(it: Opened, point_id: int) -> FormSeen:
    """Look; 0 is a new point. Raises StoreError."""
    known = points.all(it.store, archived=True)
    mine = next((one for one in known if one.id == point_id), None)
    others = {one.meter_id for one in known if one.id != point_id and not one.archived}
    return FormSeen(
        mine,
        tuple(held.free_lines(it.store, ("point", point_id))),
        tuple((one.id, one.name) for one in meters.all(it.store) if one.id not in others and _fits(one, mine)),
        tuple(one.name for one in known),
    )


def _fits(meter: Meter, mine: Point | None) -> bool:
    return meter.role == "charger" or (mine is not None and mine.meter_id == meter.id)


def draft_of(seen: FormSeen) -> Draft:
    """The point as it is kept; for a new one a name, the usual line and a meter that waits for a point."""
    point = seen.point
    if point is not None:
        plug, opens = wiring.split_plug(point.plug)
        return Draft(point.name, point.relay, plug, opens, point.feedback, point.meter_id or NO_METER)
    relay = USUAL if USUAL in seen.free else next(iter(seen.free), "")
    return Draft(_suggested_name(seen.names), relay, meter_id=seen.meters[0][0] if len(seen.meters) == 1 else NO_METER)


def _suggested_name(names: tuple[str, ...]) -> str:
    taken, word, number = {name.casefold() for name in names}, _("Wallbox"), 1
    while (name := word if number == 1 else f"{word} {number}").casefold() in taken:
        number += 1
    return name


def line_options(
    seen: FormSeen, draft: Draft, chosen: str, *, none: bool = False, board: bool = False
) -> tuple[tuple[str, str], ...]:
    """Lines to choose from: none, what is chosen, what neither another part nor this draft has, perhaps a board."""
    lines = [line for line in seen.free if line == chosen or line not in draft.taken]
    if chosen and chosen not in lines:
        lines.insert(0, chosen)  # of a Modbus board, or taken meanwhile
    found = [(line, line_in_words(line)) for line in lines]
    if none:
        found.insert(0, ("", _("none")))
    if board:
        found.append((ON_BOARD, _("on a Modbus board")))
    return tuple(found)


def with_board(draft: Draft, field: str, typed: str) -> Draft:
    """The draft with a relay or a plug input as it was typed. Raises BadInput naming the rule."""
    if field == "relay":
        return replace(draft, relay=wiring.check_relay(typed))
    plug, opens = wiring.split_plug(wiring.check_plug(typed))
    return replace(draft, plug=plug, opens=opens or (draft.opens and bool(plug)))


def line_in_words(line: str) -> str:
    """A line and where it is on the Pi's header; what is on a board, as it is written."""
    if not line:
        return _("none")
    if wiring.is_on_a_board(line):
        return line
    number = int(line.removeprefix("gpio:"))
    return _("GPIO {number} · pin {place}").format(number=number, place=ON_HEADER[number])


def short_line(line: str) -> str:
    """The same for a row."""
    return _("Modbus board") if wiring.is_on_a_board(line) else line_in_words(line)
