"""Identifications: what a person shows to be allowed to charge, each of one user.

A code is unique over all users. It is found by a keyed hash and kept sealed,
both with the device key, so a copy of the store gives no code away; looking at
one again is written down. A removed identification keeps its row, which
attempts and sessions name, and loses its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from appliance import audit, clock
from appliance.access.device_key import DeviceKey
from appliance.charging import codes, local_days, taken, users, windows
from appliance.charging import extras as extras_of
from appliance.charging.codes import TYPES, check_type, masked, normalise
from appliance.charging.extras import PLAIN, Extras
from appliance.errors import N_, BadInput, NotFound
from appliance.store.database import Db, Store

__all__ = ["PLAIN", "TYPES", "Extras", "check_type", "masked", "normalise"]  # what surfaces ask here
HASHED, SEALED = "identification/code", "identification/seal"  # purposes of the device key


@dataclass(frozen=True, slots=True)
class Identification:
    """One code of one user, without the code."""

    id: int
    user_id: int
    type: str
    active: bool
    expires_on: date | None  # local date, valid through its 23:59:59
    code_length: int  # digits of a PIN
    removed: bool = False
    tail: str = ""  # the last characters, of a card or tag
    extras: Extras = PLAIN

    @property
    def masked(self) -> str:
        """How it is named where everybody may read."""
        return codes.masked(self.type, self.tail)


SELECT = (
    "SELECT id, user_id, type, active, expires_on, code_length, removed_at IS NOT NULL, code_tail, name, hours,"
    " stop_only, vehicle_id, cap_wh, cap_cents, cap_s FROM identifications"
)


def _identification(row: tuple[Any, ...]) -> Identification:
    number, user_id, type, active, expires, length, removed, tail, name, hours, stop_only, *rest = row
    expires_on = None if expires is None else date.fromisoformat(expires)
    extras = PLAIN
    if name or stop_only or hours != "[]" or any(one is not None for one in rest):
        extras = Extras(name, windows.from_json(hours), bool(stop_only), *rest)
    return Identification(number, user_id, type, bool(active), expires_on, length, bool(removed), tail, extras)


def parse_date(text: str) -> date | None:
    """A date as typed, 2026-12-31 or 31.12.2026; empty is never. Raises BadInput."""
    text = text.strip()
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    raise BadInput(N_("Write a date as 2026-12-31 or 31.12.2026, or leave it empty."), field="expires_on")


def local_date(db: Db, now: datetime) -> date | None:
    """Today where the appliance stands; None when its time zone is unknown."""
    moment = local_days.local(db, now)
    return None if moment is None else moment.date()


def is_past(store: Store, when: clock.Clock, expires_on: date | None) -> bool:
    """Tell whether such a code is worth a warning: it would have expired already."""
    with store.read() as db:
        today = local_date(db, when.now())
    return expires_on is not None and today is not None and expires_on < today


def row(db: Db, identification_id: int) -> Identification:
    """One identification that is not removed. Raises NotFound."""
    found = db.execute(f"{SELECT} WHERE id=? AND removed_at IS NULL", (identification_id,)).fetchone()
    if found is None:
        raise NotFound(
            N_("There is no identification with the number {number}; 'wattward identifications list' shows them."),
            field="identification", number=identification_id,
        )  # fmt: skip
    return _identification(found)


def by_code(db: Db, key: DeviceKey, code: str, type: str = "pin") -> Identification | None:
    """The identification a code in its one spelling belongs to."""
    return by_hash(db, hash_of(key, type, code))


def hash_of(key: DeviceKey, type: str, code: str) -> bytes:
    """What a code is found by."""
    return key.keyed_hash(HASHED, codes.found_by(type, code))


def by_hash(db: Db, code_hash: bytes) -> Identification | None:
    """The identification whose code has this keyed hash."""
    found = db.execute(f"{SELECT} WHERE code_hash=?", (code_hash,)).fetchone()
    return None if found is None else _identification(found)


def by_id(db: Db, identification_id: int) -> Identification | None:
    """One identification, a removed one too."""
    found = db.execute(f"{SELECT} WHERE id=?", (identification_id,)).fetchone()
    return None if found is None else _identification(found)


def all(store: Store, user_id: int | None = None) -> list[Identification]:
    """The identifications of one user, or of all, without the removed ones."""
    with store.read() as db:
        which = "" if user_id is None else " AND user_id=?"
        found = db.execute(
            f"{SELECT} WHERE removed_at IS NULL{which} ORDER BY user_id, id", () if user_id is None else (user_id,)
        )
        return [_identification(row) for row in found]


def get(store: Store, identification_id: int) -> Identification:
    """One identification by its id. Raises NotFound."""
    with store.read() as db:
        return row(db, identification_id)


def counts(store: Store) -> dict[int, int]:
    """How many identifications each user has that has any."""
    with store.read() as db:
        found = db.execute("SELECT user_id, count(*) FROM identifications WHERE removed_at IS NULL GROUP BY user_id")
        return {int(user_id): int(number) for user_id, number in found}


def add(
    store: Store, key: DeviceKey, when: clock.Clock, user_id: int, *, type: str, code: str, active: bool,
    expires_on: date | None = None, extras: Extras = PLAIN, tell_holder: bool = False, actor: audit.Actor,
) -> Identification:  # fmt: skip
    """Give a user a code. Raises BadInput (rule, taken), NotFound. `tell_holder`: whose it is, for who administers."""
    code = codes.check(type, code)
    with taken.noted(store, when, actor, told=tell_holder), store.write() as db:
        if type == "pin" and not tell_holder:
            taken.require_calm(db, when, actor)
        return insert(
            db, key, when.now(), user_id, type=type, code=code, active=active, expires_on=expires_on, extras=extras,
            tell_holder=tell_holder, actor=actor,
        )  # fmt: skip


def insert(
    db: Db, key: DeviceKey, now: datetime, user_id: int, *, type: str, code: str, active: bool = True,
    expires_on: date | None = None, extras: Extras = PLAIN, tell_holder: bool = False, actor: audit.Actor,
) -> Identification:  # fmt: skip
    """Give a user a checked code inside the caller's transaction. Raises BadInput (taken), NotFound."""
    user, extras = users.row(db, user_id), extras_of.check(db, user_id, extras)
    require_free(db, key, type, code, tell_holder=tell_holder)
    number = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM identifications").get)
    db.execute(
        "INSERT INTO identifications (id, user_id, type, active, expires_on, code_hash, code_sealed, code_length,"
        " created_at, code_tail) VALUES (?,?,?,?,?,?,?,?,?,?)",
        (number, user_id, type, active, expires_on and expires_on.isoformat(), hash_of(key, type, code),
         _sealed(key, number, code), codes.length(type, code), clock.utc_text(now), codes.tail(type, code)),
    )  # fmt: skip
    extras_of.write(db, number, extras)
    audit.record(
        db, now, actor, "identification.add", user.name,
        identification=number, type=type, active=active, expires_on=expires_on, **extras_of.told(extras),
    )  # fmt: skip
    return row(db, number)


def require_free(
    db: Db, key: DeviceKey, type: str, code: str, *, besides: int | None = None, tell_holder: bool = False
) -> None:
    """Refuse a code that somebody has. Raises BadInput; the holder is named only to who may know."""
    holder = by_code(db, key, code, type)
    if holder is None or holder.id == besides:
        return
    if tell_holder:
        name = users.row(db, holder.user_id).name
        raise taken.Taken(
            N_("This code belongs to {holder} already: choose another."), holder.id, type, holder=name
        )  # fmt: skip
    raise taken.Taken(N_("This code is in use already: choose another."), holder.id, type)


KEEP = date.min  # `edit`: leave the expiry as it is (None takes it away)


def edit(
    store: Store, key: DeviceKey, when: clock.Clock, identification_id: int, *, code: str | None = None,
    active: bool | None = None, expires_on: date | None = KEEP, extras: Extras | None = None,
    tell_holder: bool = False, actor: audit.Actor,
) -> Identification:  # fmt: skip
    """Change what is given; a new code replaces the old one at once. Raises BadInput, NotFound."""
    with taken.noted(store, when, actor, told=tell_holder), store.write() as db:
        old = row(db, identification_id)
        if code is not None and old.type == "pin" and not tell_holder:
            taken.require_calm(db, when, actor)
        until = old.expires_on if expires_on == KEEP else expires_on
        db.execute(
            "UPDATE identifications SET active=?, expires_on=? WHERE id=?",
            (old.active if active is None else active, until and until.isoformat(), identification_id),
        )
        if extras is not None:
            extras_of.write(db, identification_id, extras_of.check(db, old.user_id, extras))
        if code is not None:
            code = codes.check(old.type, code)
            require_free(db, key, old.type, code, besides=identification_id, tell_holder=tell_holder)
            db.execute(
                "UPDATE identifications SET code_hash=?, code_sealed=?, code_length=?, code_tail=? WHERE id=?",
                (hash_of(key, old.type, code), _sealed(key, identification_id, code), codes.length(old.type, code),
                 codes.tail(old.type, code), identification_id),
            )  # fmt: skip
            users.forgive(db, old.user_id)
        new = row(db, identification_id)
        audit.record(
            db, when.now(), actor, "identification.edit", users.row(db, old.user_id).name,
            identification=identification_id, new_code=code is not None, active=new.active,
            expires_on=new.expires_on, **extras_of.told(new.extras),
        )  # fmt: skip
        return new


def show(store: Store, key: DeviceKey, when: clock.Clock, identification_id: int, *, actor: audit.Actor) -> str:
    """The code in clear, for who may see it; that it was shown is written down. Raises NotFound, Refused."""
    with store.write() as db:
        found = row(db, identification_id)
        sealed = bytes(db.execute("SELECT code_sealed FROM identifications WHERE id=?", (identification_id,)).get)
        code = key.unseal(SEALED, sealed, bound_to=_row_name(identification_id))
        name = users.row(db, found.user_id).name
        audit.record(db, when.now(), actor, "identification.show", name, identification=identification_id)
    return code


def remove(store: Store, when: clock.Clock, identification_id: int, *, actor: audit.Actor) -> None:
    """Forget the code for good; it works no more from now on. Raises NotFound."""
    now = when.now()
    with store.write() as db:
        old = row(db, identification_id)
        db.execute(
            "UPDATE identifications SET removed_at=?, code_hash=NULL, code_sealed=NULL, active=0 WHERE id=?",
            (clock.utc_text(now), identification_id),
        )
        name = users.row(db, old.user_id).name
        audit.record(db, now, actor, "identification.remove", name, identification=identification_id)


def _row_name(identification_id: int) -> str:
    return f"identification:{identification_id}"


def _sealed(key: DeviceKey, identification_id: int, code: str) -> bytes:
    return key.seal(SEALED, code, bound_to=_row_name(identification_id))
