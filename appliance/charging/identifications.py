"""Identifications: what a person shows to be allowed to charge. For now PIN codes.

A PIN is `#` and 4 to 8 digits, unique over all users. It is found by a keyed
hash and kept sealed, both with the device key, so a copy of the store gives no
code away; looking at one again is written down. A removed identification keeps
its row, which attempts and sessions name, and loses its code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance import audit, clock, errors
from appliance.access import throttle
from appliance.access.device_key import DeviceKey
from appliance.charging import users
from appliance.errors import N_, BadInput, NotFound
from appliance.store import settings
from appliance.store.database import Db, Store

TYPES = ("pin",)  # what can be added; cards and phones come with their readers
CODE = re.compile(r"#[0-9]{4,8}")
TYPED = re.compile(r"#?([0-9]{4,8})")
HASHED, SEALED = "identification/code", "identification/seal"  # purposes of the device key


@dataclass(frozen=True, slots=True)
class Identification:
    """One code of one user, without the code."""

    id: int
    user_id: int
    type: str
    active: bool
    expires_on: date | None  # local date, valid through its 23:59:59
    code_length: int  # digits
    removed: bool = False

    @property
    def masked(self) -> str:
        """How it is named where everybody may read."""
        return masked(self.type)


def masked(type: str) -> str:
    """How an identification is named where everybody may read: nothing of a PIN is shown, not even its length."""
    return f"{type.upper()} ••••"


SELECT = "SELECT id, user_id, type, active, expires_on, code_length, removed_at IS NOT NULL FROM identifications"


def _identification(row: tuple[int, int, str, int, str | None, int, int]) -> Identification:
    expires_on = None if row[4] is None else date.fromisoformat(row[4])
    return Identification(row[0], row[1], row[2], bool(row[3]), expires_on, row[5], bool(row[6]))


def check_type(type: str) -> str:
    """One of TYPES. Raises BadInput naming them."""
    if type not in TYPES:
        raise BadInput(N_("A type of identification is one of: {types}."), field="type", types=", ".join(TYPES))
    return type


def check_code(code: str) -> str:
    """A PIN code as it is set. Raises BadInput naming the rule."""
    code = code.strip()
    if not CODE.fullmatch(code):
        raise BadInput(N_("A PIN code is # and 4 to 8 digits, for example #271828."), field="code")
    return code


def normalise(code: str) -> str:
    """A PIN as it is typed, with or without its #. Raises BadInput for what cannot be one."""
    found = TYPED.fullmatch(code.strip())
    if not found:
        raise BadInput(N_("A PIN has 4 to 8 digits."), field="code")
    return f"#{found[1]}"


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
    try:
        return now.astimezone(ZoneInfo(str(settings.in_force(db, "site.timezone")))).date()
    except (ZoneInfoNotFoundError, ValueError):
        return None


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


def by_code(db: Db, key: DeviceKey, code: str) -> Identification | None:
    """The identification a normalised code belongs to."""
    found = db.execute(f"{SELECT} WHERE code_hash=?", (key.keyed_hash(HASHED, code),)).fetchone()
    return None if found is None else _identification(found)


def by_id(db: Db, identification_id: int) -> Identification | None:
    """One identification, a removed one too."""
    found = db.execute(f"{SELECT} WHERE id=?", (identification_id,)).fetchone()
    return None if found is None else _identification(found)


def all(store: Store, user_id: int | None = None) -> list[Identification]:
    """The identifications of one user, or of all, without the removed ones."""
    with store.read() as db:
        found = db.execute(
            f"{SELECT} WHERE removed_at IS NULL AND (?1 IS NULL OR user_id=?1) ORDER BY user_id, id", (user_id,)
        )
        return [_identification(row) for row in found]


def get(store: Store, identification_id: int) -> Identification:
    """One identification by its id. Raises NotFound."""
    with store.read() as db:
        return row(db, identification_id)


def add(
    store: Store, key: DeviceKey, when: clock.Clock, user_id: int, *, type: str, code: str, active: bool,
    expires_on: date | None = None, actor: audit.Actor,
) -> Identification:  # fmt: skip
    """Give a user a code. Raises BadInput (rule, taken), NotFound."""
    type, code = check_type(type), check_code(code)
    now = when.now()
    try:
        with store.write() as db:
            user = users.row(db, user_id)
            number = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM identifications").get)
            db.execute(
                "INSERT INTO identifications (id, user_id, type, active, expires_on, code_hash, code_sealed,"
                " code_length, created_at) VALUES (?,?,?,?,?,?,?,?,?)",
                (number, user_id, type, active, expires_on and expires_on.isoformat(), key.keyed_hash(HASHED, code),
                 _sealed(key, number, code), len(code) - 1, clock.utc_text(now)),
            )  # fmt: skip
            audit.record(
                db, now, actor, "identification.add", user.name,
                identification=number, type=type, active=active, expires_on=expires_on,
            )  # fmt: skip
            return row(db, number)
    except errors.StoreConflict as error:
        raise _taken() from error


KEEP = date.min  # `edit`: leave the expiry as it is (None takes it away)


def edit(
    store: Store, key: DeviceKey, when: clock.Clock, identification_id: int, *, code: str | None = None,
    active: bool | None = None, expires_on: date | None = KEEP, actor: audit.Actor,
) -> Identification:  # fmt: skip
    """Change what is given; a new code replaces the old one at once. Raises BadInput, NotFound."""
    code = None if code is None else check_code(code)
    try:
        with store.write() as db:
            old = row(db, identification_id)
            until = old.expires_on if expires_on == KEEP else expires_on
            db.execute(
                "UPDATE identifications SET active=?, expires_on=? WHERE id=?",
                (old.active if active is None else active, until and until.isoformat(), identification_id),
            )
            if code is not None:
                db.execute(
                    "UPDATE identifications SET code_hash=?, code_sealed=?, code_length=? WHERE id=?",
                    (key.keyed_hash(HASHED, code), _sealed(key, identification_id, code), len(code) - 1,
                     identification_id),
                )  # fmt: skip
                throttle.forgive(db, users.throttle_name(old.user_id))
            new = row(db, identification_id)
            audit.record(
                db, when.now(), actor, "identification.edit", users.row(db, old.user_id).name,
                identification=identification_id, new_code=code is not None, active=new.active,
                expires_on=new.expires_on,
            )  # fmt: skip
            return new
    except errors.StoreConflict as error:
        raise _taken() from error


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


def _taken() -> BadInput:
    return BadInput(N_("This code is in use already: choose another."), field="code")
