"""Charging points: the places where a relay lets a car charge.

A point has one relay and, if the household has one there, its own meter, which
no other point in use has: a meter cannot tell two cars apart. Its mode says who
may charge: `locked` nobody, `free` everybody, `authorized` who proves to be
allowed, `time` what its weekly plan says for this hour (outside it nobody). A
point that is archived is open and offers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance import audit, clock, errors
from appliance.charging import held, windows, wiring
from appliance.charging.windows import Window
from appliance.errors import N_, BadInput, NotFound, Refused
from appliance.store.database import Db, Store

MODES = ("locked", "free", "authorized", "time")
NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class Point:
    """One charging point."""

    id: int
    name: str
    relay: str  # 'gpio:17', 'coil:tcp://…/1/0': as `wiring` writes it
    meter_id: int | None
    mode: str  # of MODES
    archived: bool = False
    plan: tuple[Window, ...] = ()  # for mode `time`
    second_factor: bool = False  # wants a card and a PIN of everybody
    feedback: str = ""  # 'gpio:22', an auxiliary contact of its contactor; '': none
    plug: str = ""  # 'gpio:23', tells whether a car is plugged in; '': none
    welded: bool = False  # its contactor did not open, and nobody saw it open since: `contacts`


SELECT = (
    "SELECT id, name, relay, meter_id, mode, archived_at IS NOT NULL, plan, second_factor, feedback, plug, welded"
    " FROM points"
)


def _point(row: tuple[Any, ...]) -> Point:
    number, name, relay, meter_id, mode, archived, plan, factor, feedback, plug, welded = row
    plan = windows.from_json(plan)
    return Point(number, name, relay, meter_id, mode, bool(archived), plan, bool(factor), feedback, plug, bool(welded))


def check_name(name: str) -> str:
    """The name without spaces around it. Raises BadInput naming the rule."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise BadInput(N_("A charging point has a name of 1 to {longest} characters."), field="name", longest=NAME_MAX)
    return name


def check_mode(mode: str) -> str:
    """One of MODES. Raises BadInput naming them."""
    if mode not in MODES:
        raise BadInput(N_("A mode is one of: {modes}."), field="mode", modes=", ".join(MODES))
    return mode


def rows(db: Db, *, archived: bool = False) -> list[Point]:
    """The points in use, or with `archived` all, by name."""
    which = "" if archived else " WHERE archived_at IS NULL"
    return [_point(row) for row in db.execute(f"{SELECT}{which} ORDER BY name")]


def row(db: Db, point_id: int) -> Point:
    """One point. Raises NotFound."""
    found = db.execute(f"{SELECT} WHERE id=?", (point_id,)).fetchone()
    if found is None:
        raise NotFound(N_("There is no charging point with the number {number}."), field="point", number=point_id)
    return _point(found)


def all(store: Store, archived: bool = False) -> list[Point]:
    """The points in use, or with `archived` all, by name."""
    with store.read() as db:
        return rows(db, archived=archived)


def get(store: Store, point_id: int) -> Point:
    """One point by its id. Raises NotFound."""
    with store.read() as db:
        return row(db, point_id)


def find(store: Store, name: str) -> Point:
    """The point called `name`, archived ones too. Raises NotFound naming those there are."""
    known = all(store, archived=True)
    for point in known:
        if point.name.casefold() == " ".join(name.split()).casefold():
            return point
    raise NotFound(
        N_("There is no charging point {name}; there are: {names}."),
        field="point", name=name, names=", ".join(point.name for point in known) or "-",
    )  # fmt: skip


def add(
    store: Store, when: clock.Clock, name: str, relay: str, meter_id: int | None = None, mode: str = "authorized",
    *, feedback: str = "", plug: str = "", actor: audit.Actor,
) -> Point:  # fmt: skip
    """Add a point. Raises BadInput (rule, name or pin taken)."""
    name, mode = check_name(name), check_mode(mode)
    relay, feedback, plug = wiring.check_relay(relay), wiring.check_feedback(feedback), wiring.check_plug(plug)
    now = when.now()
    with store.write() as db:
        _require_unused(db, name)
        held.require_free(db, ("point", 0), name, _wires(relay, feedback, plug))
        _require_own_meter(db, meter_id)
        db.execute(
            "INSERT INTO points (name, relay, feedback, plug, meter_id, mode, created_at) VALUES (?,?,?,?,?,?,?)",
            (name, relay, feedback, plug, meter_id, mode, clock.utc_text(now)),
        )
        point = row(db, db.last_insert_rowid())
        audit.record(
            db, now, actor, "point.add", name, relay=relay, feedback=feedback, plug=plug, meter=meter_id, mode=mode
        )
    return point


KEEP = -1  # `edit`: leave the meter as it is (None takes it away)


def edit(
    store: Store, when: clock.Clock, point_id: int, *, name: str | None = None, relay: str | None = None,
    meter_id: int | None = KEEP, feedback: str | None = None, plug: str | None = None, actor: audit.Actor,
) -> Point:  # fmt: skip
    """Change what is given. A relay moved to another pin is opened at the old one. Raises BadInput, NotFound."""
    now = when.now()
    with store.write() as db:
        old = row(db, point_id)
        new_name = old.name if name is None else check_name(name)
        new_relay = old.relay if relay is None else wiring.check_relay(relay)
        new_meter = old.meter_id if meter_id == KEEP else meter_id
        new_feedback = old.feedback if feedback is None else wiring.check_feedback(feedback)
        new_plug = old.plug if plug is None else wiring.check_plug(plug)
        _require_unused(db, new_name, besides=point_id)
        wires = _wires(new_relay, new_feedback, new_plug)
        if wires != _wires(old.relay, old.feedback, old.plug):
            held.require_free(db, ("point", point_id), new_name, wires)
        if new_meter != old.meter_id and not old.archived:
            _require_own_meter(db, new_meter, besides=point_id)
        db.execute(
            "UPDATE points SET name=?, relay=?, meter_id=?, feedback=?, plug=? WHERE id=?",
            (new_name, new_relay, new_meter, new_feedback, new_plug, point_id),
        )
        audit.record(
            db, now, actor, "point.edit", new_name,
            was=old.name, relay=new_relay, meter=new_meter, feedback=new_feedback, plug=new_plug,
        )  # fmt: skip
        return row(db, point_id)


def set_mode(store: Store, when: clock.Clock, point_id: int, mode: str, *, actor: audit.Actor) -> Point:
    """Say who may charge. `locked` ends what runs there. Raises BadInput, NotFound."""
    mode = check_mode(mode)
    now = when.now()
    with store.write() as db:
        old = row(db, point_id)
        if old.mode != mode:
            db.execute("UPDATE points SET mode=? WHERE id=?", (mode, point_id))
            audit.record(db, now, actor, "point.mode", old.name, old=old.mode, new=mode)
        return row(db, point_id)


def set_rules(
    store: Store, when: clock.Clock, point_id: int, *, plan: Sequence[Window] | None = None,
    second_factor: bool | None = None, actor: audit.Actor,
) -> Point:  # fmt: skip
    """Set the weekly plan of mode `time`, and whether everybody needs a card and a PIN here. Raises NotFound."""
    with store.write() as db:
        old = row(db, point_id)
        new_plan = windows.to_json(old.plan if plan is None else plan)
        factor = old.second_factor if second_factor is None else second_factor
        db.execute("UPDATE points SET plan=?, second_factor=? WHERE id=?", (new_plan, factor, point_id))
        audit.record(db, when.now(), actor, "point.rules", old.name, plan=new_plan, second_factor=factor)
        return row(db, point_id)


def archive(store: Store, when: clock.Clock, point_id: int, *, actor: audit.Actor) -> None:
    """Put a point out of use: the core opens its relay and ends what runs there. Its sessions stay."""
    _set_archived(store, when, point_id, clock.utc_text(when.now()), "point.archive", actor)


def activate(store: Store, when: clock.Clock, point_id: int, *, actor: audit.Actor) -> None:
    """Put an archived point into use again."""
    _set_archived(store, when, point_id, None, "point.activate", actor)


def _set_archived(
    store: Store, when: clock.Clock, point_id: int, archived_at: str | None, event: str, actor: audit.Actor
) -> None:
    with store.write() as db:
        point = row(db, point_id)
        if point.archived != (archived_at is not None):
            if archived_at is None:
                _require_own_meter(db, point.meter_id, besides=point_id)
            db.execute("UPDATE points SET archived_at=? WHERE id=?", (archived_at, point_id))
            audit.record(db, when.now(), actor, event, point.name)


def remove(store: Store, when: clock.Clock, point_id: int, *, actor: audit.Actor) -> None:
    """Delete a point nobody ever used. Raises Refused when attempts or sessions name it: archive it instead."""
    try:
        with store.write() as db:
            point = row(db, point_id)
            db.execute("DELETE FROM points WHERE id=?", (point_id,))
            audit.record(db, when.now(), actor, "point.remove", point.name, relay=point.relay)
    except errors.StoreConflict as error:
        raise Refused(N_("Sessions or attempts name this charging point: archive it instead.")) from error


def _require_unused(db: Db, name: str, besides: int = 0) -> None:
    """Refuse a name another point bears, an archived one too. Raises BadInput."""
    for other in rows(db, archived=True):
        if other.id != besides and other.name.casefold() == name.casefold():
            raise BadInput(
                N_("There is a charging point {name} already: choose another name."), field="name", name=name
            )


def _require_own_meter(db: Db, meter_id: int | None, besides: int = 0) -> None:
    """Refuse a meter another point in use has: it could not tell which car used what. Raises BadInput."""
    for other in rows(db):
        if meter_id is not None and other.meter_id == meter_id and other.id != besides:
            raise BadInput(
                N_(
                    "The charging point {name} has this meter already, and a meter cannot tell two cars apart: choose"
                    " another meter, or none, or take it away from {name} first."
                ),
                field="meter", name=other.name,
            )  # fmt: skip


def _wires(relay: str, feedback: str, plug: str) -> list[tuple[str, str]]:
    return [(field, spec) for field, spec in (("relay", relay), ("feedback", feedback), ("plug", plug)) if spec]
