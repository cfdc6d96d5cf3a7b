"""Vehicles: the cars of a user, by name and number plate.

A card may belong to one; sessions with that card then name it. A vehicle that
sessions name is archived, never deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from appliance import audit, clock, errors
from appliance.charging import users
from appliance.errors import N_, BadInput, NotFound, Refused
from appliance.store.database import Db, Store

NAME_MAX, PLATE_MAX = 40, 16


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One car."""

    id: int
    user_id: int
    name: str
    plate: str  # "" where it does not matter
    archived: bool = False


SELECT = "SELECT id, user_id, name, plate, archived_at IS NOT NULL FROM vehicles"


def _vehicle(row: tuple[Any, ...]) -> Vehicle:
    number, user_id, name, plate, archived = row
    return Vehicle(number, user_id, name, plate, bool(archived))


def check(name: str, plate: str) -> tuple[str, str]:
    """Name and plate as they are kept. Raises BadInput naming the rule."""
    name, plate = " ".join(name.split()), " ".join(plate.upper().split())
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        raise BadInput(N_("A vehicle has a name of 1 to {most} characters."), field="name", most=NAME_MAX)
    if len(plate) > PLATE_MAX or not plate.isprintable():
        raise BadInput(N_("A number plate has at most {most} characters."), field="plate", most=PLATE_MAX)
    return name, plate


def row(db: Db, vehicle_id: int) -> Vehicle:
    """One vehicle. Raises NotFound."""
    found = db.execute(f"{SELECT} WHERE id=?", (vehicle_id,)).fetchone()
    if found is None:
        raise NotFound(
            N_("There is no vehicle with the number {number}; 'wattward vehicles list' shows them."),
            field="vehicle", number=vehicle_id,
        )  # fmt: skip
    return _vehicle(found)


def all(store: Store, user_id: int | None = None, archived: bool = False) -> list[Vehicle]:
    """The vehicles of one user, or of all; with `archived` also those out of use."""
    with store.read() as db:
        found = db.execute(
            f"{SELECT} WHERE (?1 IS NULL OR user_id=?1) AND (?2 OR archived_at IS NULL) ORDER BY user_id, name, id",
            (user_id, archived),
        )
        return [_vehicle(row) for row in found]


def add(
    store: Store, when: clock.Clock, user_id: int, name: str, plate: str = "", *, actor: audit.Actor
) -> Vehicle:  # fmt: skip
    """Give a user a vehicle. Raises BadInput, NotFound."""
    name, plate = check(name, plate)
    with store.write() as db:
        user = users.row(db, user_id)
        db.execute(
            "INSERT INTO vehicles (user_id, name, plate, created_at) VALUES (?,?,?,?)",
            (user_id, name, plate, clock.utc_text(when.now())),
        )
        made = row(db, db.last_insert_rowid())
        audit.record(db, when.now(), actor, "vehicle.add", user.name, user=user_id, vehicle=made.id)
        return made


def edit(
    store: Store, when: clock.Clock, vehicle_id: int, *, name: str | None = None, plate: str | None = None,
    actor: audit.Actor,
) -> Vehicle:  # fmt: skip
    """Change what is given. Raises BadInput, NotFound."""
    with store.write() as db:
        old = row(db, vehicle_id)
        new = check(old.name if name is None else name, old.plate if plate is None else plate)
        db.execute("UPDATE vehicles SET name=?, plate=? WHERE id=?", (*new, vehicle_id))
        user = users.row(db, old.user_id)
        audit.record(db, when.now(), actor, "vehicle.edit", user.name, user=user.id, vehicle=vehicle_id)
        return row(db, vehicle_id)


def archive(store: Store, when: clock.Clock, vehicle_id: int, *, actor: audit.Actor) -> None:
    """Put a vehicle out of use; its cards stay, its sessions keep its name. Raises NotFound."""
    with store.write() as db:
        user = users.row(db, row(db, vehicle_id).user_id)
        db.execute("UPDATE vehicles SET archived_at=? WHERE id=?", (clock.utc_text(when.now()), vehicle_id))
        audit.record(db, when.now(), actor, "vehicle.archive", user.name, user=user.id, vehicle=vehicle_id)


def remove(store: Store, when: clock.Clock, vehicle_id: int, *, actor: audit.Actor) -> None:
    """Delete a vehicle no session names. Raises Refused otherwise: archive it instead."""
    try:
        with store.write() as db:
            user = users.row(db, row(db, vehicle_id).user_id)
            db.execute("UPDATE identifications SET vehicle_id=NULL WHERE vehicle_id=?", (vehicle_id,))
            db.execute("DELETE FROM vehicles WHERE id=?", (vehicle_id,))
            audit.record(db, when.now(), actor, "vehicle.remove", user.name, user=user.id, vehicle=vehicle_id)
    except errors.StoreConflict as error:
        raise Refused(N_("Sessions name this vehicle: archive it instead.")) from error
