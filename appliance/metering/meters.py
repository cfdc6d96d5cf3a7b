"""The meters of this house: what they are called, where they are, what they measure.

A meter that history or sessions name is never removed, only archived; so every
kept quarter hour and session keeps its meter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance import audit, clock
from appliance.errors import N_, BadInput, NotFound, Refused, StoreConflict
from appliance.store.database import Db, Store

ROLES = ("grid", "pv", "charger", "battery", "submeter")
LONGEST_NAME = 40
FASTEST_S, SLOWEST_S = 0.2, 3600.0
EDITABLE = ("name", "model", "url", "unit", "role", "interval_s", "inverted")
COLUMNS = "id, name, model, url, unit, role, interval_s, archived_at IS NOT NULL, inverted"


@dataclass(frozen=True, slots=True)
class Meter:
    """One meter as it is set up."""

    id: int
    name: str
    model: str  # a register map of drivers/modbus/maps
    url: str  # tcp://…, udp://…, rtutcp://… or rtu://…
    unit: int  # Modbus unit id
    role: str  # of ROLES
    interval_s: float
    archived: bool
    inverted: bool = False  # read the other way round, see metering/direction.py


def _checked(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of several types
    """Refuse what breaks a rule, naming it. Raises BadInput."""
    if "name" in fields:
        fields["name"] = str(fields["name"]).strip()
        if not 1 <= len(fields["name"]) <= LONGEST_NAME:
            raise BadInput(N_("A meter needs a name of 1 to {longest} characters."), field="name", longest=LONGEST_NAME)
    if fields.get("role", "grid") not in ROLES:
        raise BadInput(N_("The role of a meter is one of: {roles}."), field="role", roles=", ".join(ROLES))
    if not FASTEST_S <= fields.get("interval_s", 1.0) <= SLOWEST_S:
        raise BadInput(
            N_("A meter is read every {fastest} to {slowest} seconds."),
            field="interval_s", fastest=FASTEST_S, slowest=f"{SLOWEST_S:g}",
        )  # fmt: skip
    return fields


def add(
    store: Store, when: clock.Clock, *, name: str, model: str, url: str, unit: int, role: str = "grid",
    interval_s: float = 1.0, inverted: bool = False, actor: audit.Actor,
) -> Meter:  # fmt: skip
    """Set up a meter. Model, URL and unit are checked by the caller who knows the drivers. Raises BadInput."""
    fields = _checked(name=name, model=model, url=url, unit=unit, role=role, interval_s=interval_s, inverted=inverted)
    now = when.now()
    try:
        with store.write() as db:
            db.execute(
                "INSERT INTO meters (name, model, url, unit, role, interval_s, inverted, created_at)"
                " VALUES (:name, :model, :url, :unit, :role, :interval_s, :inverted, :now)",
                {**fields, "now": clock.utc_text(now)},
            )
            meter = _by_id(db, db.last_insert_rowid())
            audit.record(db, now, actor, "meter.add", meter.name, model=model, url=url, unit=unit, role=role)
    except StoreConflict as error:
        raise _taken(fields["name"]) from error
    return meter


def edit(store: Store, when: clock.Clock, meter_id: int, *, actor: audit.Actor, **changes: Any) -> Meter:  # noqa: ANN401 - columns of several types
    """Change name, model, url, unit, role, interval_s or inverted. Raises BadInput, NotFound."""
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise BadInput(N_("A meter has no {field}."), field=min(unknown))
    fields = _checked(**changes)
    try:
        with store.write() as db:
            before = _by_id(db, meter_id)
            for column, value in fields.items():
                db.execute(f"UPDATE meters SET {column}=? WHERE id=?", (value, meter_id))  # noqa: S608 - EDITABLE names
            after = _by_id(db, meter_id)
            if after != before:
                audit.record(db, when.now(), actor, "meter.edit", before.name, **fields)
    except StoreConflict as error:
        raise _taken(str(fields.get("name", ""))) from error
    return after


def archive(store: Store, when: clock.Clock, meter_id: int, *, actor: audit.Actor) -> Meter:
    """Stop reading a meter and keep its history. Raises NotFound."""
    return _set_archived(store, when, meter_id, "meter.archive", clock.utc_text(when.now()), actor)


def activate(store: Store, when: clock.Clock, meter_id: int, *, actor: audit.Actor) -> Meter:
    """Read an archived meter again. Raises NotFound."""
    return _set_archived(store, when, meter_id, "meter.activate", None, actor)


def _set_archived(
    store: Store, when: clock.Clock, meter_id: int, event: str, at: str | None, actor: audit.Actor
) -> Meter:
    with store.write() as db:
        meter = _by_id(db, meter_id)
        db.execute("UPDATE meters SET archived_at=? WHERE id=?", (at, meter_id))
        audit.record(db, when.now(), actor, event, meter.name)
        return _by_id(db, meter_id)


def remove(store: Store, when: clock.Clock, meter_id: int, *, actor: audit.Actor) -> None:
    """Remove a meter nothing refers to. Raises Refused when something does, NotFound."""
    with store.write() as db:
        meter = _by_id(db, meter_id)
        for table, what in (("slots", N_("history")), ("sessions", N_("sessions")), ("points", N_("a charging point"))):
            if db.execute(f"SELECT 1 FROM {table} WHERE meter_id=? LIMIT 1", (meter_id,)).fetchone():  # noqa: S608 - fixed names
                raise Refused(
                    N_("{name} is still named by {what}: archive it instead; its history stays."),
                    name=meter.name,
                    what=what,
                )
        db.execute("DELETE FROM meters WHERE id=?", (meter_id,))
        audit.record(db, when.now(), actor, "meter.remove", meter.name)


def all(store: Store, *, archived: bool = False) -> list[Meter]:  # noqa: A001 - read as meters.all()
    """The meters in use, or with `archived` all that ever were, by id."""
    with store.read() as db:
        return rows(db, archived=archived)


def rows(db: Db, *, archived: bool = False) -> list[Meter]:
    """The same within a transaction."""
    found = db.execute(f"SELECT {COLUMNS} FROM meters WHERE ? OR archived_at IS NULL ORDER BY id", (archived,))  # noqa: S608 - fixed names
    return [_meter(row) for row in found]


def added_at(store: Store) -> dict[int, datetime]:
    """When each meter was set up, by id: before that its silence says nothing."""
    with store.read() as db:
        return {row[0]: clock.from_utc_text(row[1]) for row in db.execute("SELECT id, created_at FROM meters")}


def find(store: Store, name: str) -> Meter:
    """The meter called `name` (or with that number), archived or not. Raises NotFound naming those there are."""
    known = all(store, archived=True)
    for meter in known:
        if meter.name.casefold() == name.strip().casefold() or str(meter.id) == name:
            return meter
    if not known:
        raise NotFound(N_("There is no meter yet; 'wattward meters add' adds one."), field="name")
    raise NotFound(
        N_("There is no meter {name}; there are: {names}."), field="name", name=name,
        names=", ".join(meter.name for meter in known),
    )  # fmt: skip


def _by_id(db: Db, meter_id: int) -> Meter:
    row = db.execute(f"SELECT {COLUMNS} FROM meters WHERE id=?", (meter_id,)).fetchone()  # noqa: S608 - fixed names
    if row is None:
        raise NotFound(N_("There is no meter number {number}."), field="name", number=meter_id)
    return _meter(row)


def _meter(row: tuple[Any, ...]) -> Meter:
    number, name, model, url, unit, role, interval_s, archived, inverted = row
    return Meter(number, name, model, url, unit, role, interval_s, bool(archived), bool(inverted))


def _taken(name: str) -> BadInput:
    return BadInput(N_("There is already a meter called {name}; choose another name."), field="name", name=name)
