"""An app asks for a token: anybody in the local network may, but not often and not many at once.

A request costs its address a wait after the fourth, as wrong guesses do, which
a restart does not shorten; a day later, or when the household confirms what was
asked for, the count begins anew. While many wait to be confirmed nobody may add
to them. So nobody fills the list or the card.
"""

from __future__ import annotations

from datetime import timedelta

from appliance import audit, clock
from appliance.access import throttle, tokens, tokens_check, tokens_origin, tokens_secret
from appliance.access.tokens import Token
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store.database import Db

WAITING = 20  # requests at once that nobody confirmed
LONGEST_WAIT_S = 900.0
FORGIVEN_AFTER = timedelta(days=1)


class TooMany(Refused):
    """Ask again later. `wait_s` says when."""

    def __init__(self, message: str, wait_s: float, **values: object) -> None:
        super().__init__(message, **values)
        self.wait_s = wait_s


def request(it: Opened, address: str, *, name: str, app: str, role: str, installation: str | None) -> tuple[Token, str]:
    """A pending token for an app at `address`, and its secret. Raises BadInput, TooMany."""
    tokens_check.check_installation(installation)
    actor, place, secret = audit.Actor("phone", address), tokens_origin.place_of(address), tokens_secret.make()
    with it.store.write() as db:
        _require_leave(it, db, place)
        made = tokens.insert(db, it.clock.now(), actor, secret, name, app, role, installation)
        throttle.count(db, it.clock, place, made.id.to_bytes(8, "big"), LONGEST_WAIT_S)
    return made, secret


def _require_leave(it: Opened, db: Db, place: str) -> None:
    long_ago, now = clock.utc_text(it.clock.now() - FORGIVEN_AFTER), clock.utc_text(it.clock.now())
    db.execute("DELETE FROM throttles WHERE name GLOB 'token_request:*' AND last_at<?", (long_ago,))
    wait_s = throttle.remaining_s(db, it.clock, place)
    if wait_s:
        seconds = int(wait_s / it.clock.speed) + 1
        raise TooMany(N_("Too many requests for access tokens: wait {seconds} seconds."), seconds, seconds=seconds)
    waiting = db.execute(
        "SELECT count(*) FROM access_tokens WHERE state='pending' AND pending_until>? AND created_by GLOB 'phone:*'",
        (now,),
    ).get
    if waiting >= WAITING:
        raise TooMany(N_("Too many access tokens wait to be confirmed: confirm or delete some first."), 60)
