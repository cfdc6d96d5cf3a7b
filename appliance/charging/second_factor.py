"""Card and PIN: a good card is remembered for a minute, and its person types a PIN.

The card comes first: it names its person, so the PIN may be short, and nobody
learns from a keypad alone whether a PIN is right. One card at a time waits at a
point; a newer one takes its place.
"""

from __future__ import annotations

from appliance import clock
from appliance.charging import identifications
from appliance.charging.identifications import Identification
from appliance.store.database import Db

AWAITED_S = 60.0


def await_pin(db: Db, when: clock.Clock, point_id: int, card: Identification) -> None:
    """Remember a good card at a point."""
    db.execute(
        "INSERT OR REPLACE INTO awaited_pins VALUES (?,?,?,?)",
        (point_id, card.id, when.boot_id, when.boottime_s() + AWAITED_S),
    )


def awaited(db: Db, when: clock.Clock, point_id: int) -> Identification | None:
    """The card whose PIN is awaited at a point now."""
    found = db.execute(
        "SELECT identification_id FROM awaited_pins WHERE point_id=? AND boot_id=? AND until_s>?",
        (point_id, when.boot_id, when.boottime_s()),
    ).get
    return None if found is None else identifications.by_id(db, found)


def forget(db: Db, point_id: int) -> None:
    """The PIN came, or does not matter any more."""
    db.execute("DELETE FROM awaited_pins WHERE point_id=?", (point_id,))
