"""Codes for guests: a PIN that ends by itself, after so much energy, money, time, or a date.

They hang on one user, the house guest, or on a guest with a name of their own.
A code without any end is no guest's code. The PIN is made here, so that nobody
has to think of one; it identifies alone at the keypad.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date

from appliance import audit
from appliance.charging import caps, identifications, rules, users
from appliance.charging.identifications import Extras, Identification
from appliance.charging.lifecycle import Moment
from appliance.charging.users import User
from appliance.errors import N_, BadInput, Refused
from appliance.opened import Opened
from appliance.store.database import Db

HOUSE_GUEST = ("House", "Guest")
NO_PRICE = N_(
    "Money can be counted only with a price: make a tariff with a price of today ('wattward tariffs add') the usual"
    " one ('wattward settings set billing.tariff NAME')."
)
BLOCKED = N_("{name} is blocked, so the code would be refused: unblock {name} first, or give the guest another name.")
NO_END = N_("A guest's code ends some day: give it energy, money, time or a last day.")


@dataclass(frozen=True, slots=True)
class GuestCode:
    """A new code and its PIN, which is shown to who made it."""

    user: User
    identification: Identification
    code: str


def make(
    opened: Opened, extras: Extras, *, expires_on: date | None = None, first_name: str = "", last_name: str = "",
    actor: audit.Actor,
) -> GuestCode:  # fmt: skip
    """Make a code for a guest. Raises BadInput (no end, a name), Refused (no price for money, who is blocked)."""
    if not extras.capped and expires_on is None:
        raise BadInput(NO_END, field="cap")
    key, now = opened.key(), opened.clock.now()
    with opened.store.write() as db:
        user = _guest(db, opened, first_name, last_name, actor)
        if user.blocked:
            raise Refused(BLOCKED, name=user.name)
        if extras.cap_cents is not None and not caps.has_price(db, user.id, now):
            raise Refused(NO_PRICE)
        code = _unused(db, opened)
        made = identifications.insert(
            db, key, now, user.id, type="pin", code=code, expires_on=expires_on, extras=extras, actor=actor
        )
    return GuestCode(user, made, code)


def _guest(db: Db, opened: Opened, first_name: str, last_name: str, actor: audit.Actor) -> User:
    """The guest of that name, the house guest without one; made if there is none."""
    first, last = (first_name, last_name) if first_name or last_name else HOUSE_GUEST
    found = db.execute(
        "SELECT id FROM users WHERE guest=1 AND archived_at IS NULL AND first_name=? COLLATE NOCASE"
        " AND last_name=? COLLATE NOCASE ORDER BY id LIMIT 1",
        (" ".join(first.split()), " ".join(last.split())),
    ).get
    if found is not None:
        return users.row(db, found)
    return users.insert(db, opened.clock.now(), first, last, guest=True, actor=actor)


def _unused(db: Db, opened: Opened) -> str:
    """A PIN nobody has, long enough to identify alone."""
    key = opened.key()
    while True:
        code = f"#{secrets.randbelow(10**rules.ALONE_DIGITS):0{rules.ALONE_DIGITS}}"
        if identifications.by_code(db, key, code) is None:
            return code


def spent(opened: Opened, identification_id: int) -> caps.Spent:
    """What a code has used so far, without what runs now; no cost where no price is known. Raises NotFound."""
    when = opened.clock
    with opened.store.read() as db:
        found = identifications.row(db, identification_id)
        used = caps.spent(db, found, when.now(), Moment.of(when))
        if found.extras.cap_cents is not None and not caps.has_price(db, found.user_id, when.now()):
            used = replace(used, cost=None)  # such a code is refused
        return used
