"""Charging with a token: it stands for one local user, by an identification of type `app`.

Whoever administers says whose charging a token starts. The code of that
identification is derived from the device key and never leaves the appliance;
the gate decides and writes down as with any other code, so blocking the user,
their hours and allowances, and the switch "Charging with an app" all hold.
"""

from __future__ import annotations

from appliance import audit, clock
from appliance.access import tokens
from appliance.access.device_key import DeviceKey
from appliance.access.tokens import Token
from appliance.charging import extras, granted, grants, identifications, points, users
from appliance.charging.asked import Decision
from appliance.charging.points import Point
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store.database import Db

TERMINAL = "app"
PURPOSE = "token/charging"  # of the device key


def lend(it: Opened, token_id: int, user_id: int | None, actor: audit.Actor) -> Token:
    """Let a token start charging for this user from now on; None: for nobody. Raises NotFound, Refused."""
    now, key = it.clock.now(), it.key()
    with it.store.write() as db:
        token = tokens.row(db, token_id)
        if token.state in ("revoked", "expired"):
            raise Refused(N_("This access token has ended: make a new one in the app."))
        if _user_of(db, token) == user_id:
            return token
        tokens.forget_code(db, now, token)
        number = None
        if user_id is not None:
            number = identifications.insert(
                db, key, now, user_id, type="app", code=_code(key, token), extras=extras.Extras(name=token.name),
                actor=actor,
            ).id  # fmt: skip
        db.execute("UPDATE access_tokens SET identification_id=? WHERE id=?", (number, token_id))
        name = None if user_id is None else users.row(db, user_id).name
        audit.record(db, now, actor, "token.lend", token.name, token=token_id, user=name)
        return tokens.row(db, token_id)


def user_id(it: Opened, token: Token) -> int | None:
    """Whose charging a token starts; None: nobody's."""
    with it.store.read() as db:
        return _user_of(db, token)


def start(it: Opened, token: Token, point: Point) -> Decision:
    """Ask the gate for this token's user. Raises Refused when it stands for nobody, or a car charges already."""
    if not token.may("charge"):
        raise Refused(N_("This access token may only read: confirm one with the role 'charge'."))
    if user_id(it, token) is None:
        raise Refused(N_("Nobody has said whose charging this app starts: choose a user for its access token."))
    return grants.authorize(it, _code(it.key(), token), point, TERMINAL, kind="app", actor=_actor(token))


def stop(it: Opened, token: Token, point_id: int) -> bool:
    """End what this token's user charges, or what nobody in particular does. Raises NotFound, Refused."""
    if not token.may("charge"):
        raise Refused(N_("This access token may only read: confirm one with the role 'charge'."))
    with it.store.read() as db:
        points.row(db, point_id)
        grant, mine = granted.row_open(db, point_id), _user_of(db, token)
    if grant is not None and not token.may("admin") and grant.user_id not in (None, mine):
        raise Refused(N_("Somebody else is charging here: only they, or an admin, stop that."))
    return grants.stop(it, point_id, _actor(token), user_id=mine)


def _user_of(db: Db, token: Token) -> int | None:
    found: int | None = db.execute(
        "SELECT user_id FROM identifications WHERE id=? AND removed_at IS NULL", (token.identification_id,)
    ).get
    return found


def _code(key: DeviceKey, token: Token) -> str:
    return key.keyed_hash(PURPOSE, f"{token.id} {clock.utc_text(token.created_at)}").hex()


def _actor(token: Token) -> audit.Actor:
    return audit.Actor("phone", token.name)
