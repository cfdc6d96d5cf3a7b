"""Is this token good now? Asked at every request of an app, and again each second of a stream.

1. What is no whole token is told without a look into the store. 2. A token
belongs to the installation of an app that uses it first; anybody else who has
it is refused. 3. Only an active one is good. Its last use is written at most
once a minute, and a card that cannot be written refuses nobody.

The calendar may be behind: the last moment known good counts then, so that
setting a clock back gives no token more time.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from appliance import audit, clock, errors, known_time
from appliance.access import tokens, tokens_secret
from appliance.access.tokens import Token
from appliance.errors import N_, BadInput
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db

USE_NOTED_EVERY = timedelta(minutes=1)
INSTALLATION = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Answer(StrEnum):
    """What there is to say about a token."""

    VALID = "valid"
    NOT_CONFIRMED = "not_confirmed"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # whole, and nobody's: deleted, or of another appliance
    MALFORMED = "malformed"  # mistyped or cut off
    BOUND_ELSEWHERE = "bound_elsewhere"  # another installation used it first


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer, and the token as far as there is one."""

    answer: Answer
    token: Token | None = None


OF_STATE = {"pending": Answer.NOT_CONFIRMED, "active": Answer.VALID, "revoked": Answer.REVOKED,
            "expired": Answer.EXPIRED}  # fmt: skip


def check(it: Opened, secret: str, installation: str | None, address: str = "") -> Checked:
    """Tell what this token is worth to this installation, and note that it was used. Raises BadInput, StoreError."""
    if not tokens_secret.is_whole(secret):
        return Checked(Answer.MALFORMED)
    check_installation(installation)
    with it.store.read() as db:
        found = db.execute(f"{tokens.SELECT} WHERE token_hash=?", (tokens_secret.hashed(secret),)).fetchone()
        if found is None:
            return Checked(Answer.UNKNOWN)
        token = tokens.of_row(found)
        answer = _answer(db, it.clock.now(), token)
    if token.installation is None:
        if installation is not None:
            _bind(it, token.id, installation)
            return check(it, secret, installation, address)  # somebody may have been quicker
    elif token.installation != installation:
        return Checked(Answer.BOUND_ELSEWHERE, token)
    if answer is Answer.VALID:
        _note_use(it, token, address)
    return Checked(answer, token)


def still(it: Opened, token_id: int) -> Answer:
    """The same for a stream that runs: whether its token is good still. Writes nothing."""
    with it.store.read() as db:
        found = db.execute(f"{tokens.SELECT} WHERE id=?", (token_id,)).fetchone()
        return Answer.UNKNOWN if found is None else _answer(db, it.clock.now(), tokens.of_row(found))


def note_stream(it: Opened, token_id: int) -> None:
    """A stream that runs for days is a use, too: without this its token would expire as not used."""
    with contextlib.suppress(errors.StoreError, errors.NotFound):
        token = tokens.get(it.store, token_id)
        _note_use(it, token, token.last_used_from)


def sweep(it: Opened) -> None:
    """Write down what expired, now and then. Does nothing while the calendar is not believed."""
    with contextlib.suppress(errors.StoreMissing):
        if known_time.trusted(it.store, it.live, it.clock):
            with it.store.read() as db:
                over = tokens.any_over(db, it.clock.now())
            if over:
                with it.store.write() as db:
                    tokens.tidy(db, it.clock.now())


def check_installation(installation: str | None) -> None:
    """Refuse what is no installation's name. Raises BadInput."""
    if installation is not None and not INSTALLATION.fullmatch(installation):
        raise BadInput(N_("An installation is named with 8 to 64 letters, digits, dots, - or _."), field="installation")


def _answer(db: Db, now: datetime, token: Token) -> Answer:
    known = known_time.last(db)
    at = now if known is None else max(now, known.utc)
    if tokens.is_over(token, at, int(settings.in_force(db, "tokens.idle_days"))):
        return Answer.EXPIRED
    return OF_STATE[token.state]


def _bind(it: Opened, token_id: int, installation: str) -> None:
    with it.store.write() as db:
        db.execute(
            "UPDATE access_tokens SET installation=? WHERE id=? AND installation IS NULL", (installation, token_id)
        )
        if db.changes():
            found = tokens.row(db, token_id)
            audit.record(db, it.clock.now(), audit.Actor("phone", found.name), "token.bind", found.name, token=token_id)


def _note_use(it: Opened, token: Token, address: str) -> None:
    now = it.clock.now()
    if token.last_used_at is not None and abs(now - token.last_used_at) < USE_NOTED_EVERY * it.clock.speed:
        return
    with contextlib.suppress(errors.StoreError), it.store.write(ring=False) as db:
        db.execute(
            "UPDATE access_tokens SET last_used_at=?, last_used_from=? WHERE id=?",
            (clock.utc_text(now), address[:64], token.id),
        )
