"""Give a card to somebody without typing its number: by holding it to a reader, or from a refused attempt.

1. `ask` says that the next card at a terminal belongs to a user. 2. The gate
hands that card to `claim`, which answers the request once, in the transaction
in which the card was shown. 3. Who asked looks at `get` until it is answered.

A card nobody has is kept sealed for a while (setting), so that the refused
attempt can become an identification: `unknown` lists them, `adopt` takes one.
Wrong PINs are never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance import audit, clock
from appliance.access.device_key import DeviceKey
from appliance.charging import codes, identifications, users
from appliance.charging.identifications import Extras, Identification
from appliance.errors import N_, BadInput, NotFound
from appliance.store import settings
from appliance.store.database import Db, Store

ASKED_S = 60.0
SEALED = "unknown-card/seal"  # purpose of the device key
CHANGES = N_("This card changes its number each time, as phones do: it cannot be told again.")


@dataclass(frozen=True, slots=True)
class Request:
    """One request to learn a card, as it stands."""

    id: int
    terminal: str
    user_id: int
    name: str
    left_s: float  # 0: over
    outcome: str | None  # 'learned', 'taken', 'random', 'cancelled'; None: no card came yet
    identification_id: int | None  # the one made; 'taken': the one that has the card


@dataclass(frozen=True, slots=True)
class UnknownCard:
    """A card nobody had when it was shown."""

    attempt_id: int
    at: datetime
    terminal: str
    kind: str
    tail: str


# By holding it to a reader ------------------------------------------------------------------------


def ask(
    store: Store, when: clock.Clock, terminal: str, user_id: int, name: str = "", *, for_s: float = ASKED_S,
    actor: audit.Actor,
) -> int:  # fmt: skip
    """Learn the next card shown at a terminal for a user; return the request's number. Raises NotFound.

    A request that still runs there is cancelled.
    """
    with store.write() as db:
        user = users.row(db, user_id)
        _cancel(db, when, terminal)
        db.execute(
            "INSERT INTO learn_requests (terminal, user_id, name, boot_id, until_s, asked_by) VALUES (?,?,?,?,?,?)",
            (terminal, user_id, name, when.boot_id, when.boottime_s() + for_s, f"{actor.surface}:{actor.name}"),
        )
        number = db.last_insert_rowid()
        audit.record(db, when.now(), actor, "card.ask", user.name, user=user_id, terminal=terminal)
    return number


def cancel(store: Store, when: clock.Clock, terminal: str) -> None:
    """Learn nothing at a terminal after all."""
    with store.write() as db:
        _cancel(db, when, terminal)


def _cancel(db: Db, when: clock.Clock, terminal: str) -> None:
    db.execute(
        "UPDATE learn_requests SET answered_at=?, outcome='cancelled' WHERE terminal=? AND answered_at IS NULL",
        (clock.utc_text(when.now()), terminal),
    )


def get(store: Store, when: clock.Clock, request_id: int) -> Request:
    """One request as it stands. Raises NotFound."""
    with store.read() as db:
        row = db.execute(
            "SELECT id, terminal, user_id, name, boot_id, until_s, outcome, identification_id FROM learn_requests"
            " WHERE id=?",
            (request_id,),
        ).fetchone()
    if row is None:
        raise NotFound(N_("Nobody asked to learn a card under the number {number}."), number=request_id)
    left_s = max(0.0, row[5] - when.boottime_s()) if row[4] == when.boot_id and row[6] is None else 0.0
    return Request(row[0], row[1], row[2], row[3], left_s, row[6], row[7])


def pending(db: Db, when: clock.Clock, terminal: str) -> tuple[Any, ...] | None:
    """Number, user and name of the request that waits for a card at a terminal."""
    row: tuple[Any, ...] | None = db.execute(
        "SELECT id, user_id, name FROM learn_requests WHERE terminal=? AND answered_at IS NULL AND boot_id=?"
        " AND until_s>? ORDER BY id DESC LIMIT 1",
        (terminal, when.boot_id, when.boottime_s()),
    ).fetchone()
    return row


def left_s(db: Db, when: clock.Clock, terminal: str) -> float:
    """How long a card is still waited for at a terminal; 0: none is."""
    waiting = pending(db, when, terminal)
    if waiting is None:
        return 0.0
    until_s = db.execute("SELECT until_s FROM learn_requests WHERE id=?", (waiting[0],)).get
    return float(until_s - when.boottime_s())


def claim(
    db: Db, when: clock.Clock, key: DeviceKey, terminal: str, kind: str, code: str, *, actor: audit.Actor
) -> Request | None:
    """Answer the request that waits at a terminal with this card; None: nobody waits for one. Gate only."""
    waiting = pending(db, when, terminal)
    if waiting is None:
        return None
    number, user_id, name = waiting
    holder = identifications.by_code(db, key, code, kind)
    if holder is not None:
        outcome, identification_id = "taken", holder.id
    elif codes.is_random(kind, code):
        outcome, identification_id = "random", None
    else:
        made = identifications.insert(
            db, key, when.now(), user_id, type=kind, code=code, extras=Extras(name=name), actor=actor
        )
        outcome, identification_id = "learned", made.id
    db.execute(
        "UPDATE learn_requests SET answered_at=?, outcome=?, identification_id=? WHERE id=?",
        (clock.utc_text(when.now()), outcome, identification_id, number),
    )
    return Request(number, terminal, user_id, name, 0.0, outcome, identification_id)


# From a refused attempt ---------------------------------------------------------------------------


def keep(db: Db, now: datetime, key: DeviceKey, attempt_id: int, kind: str, code: str) -> None:
    """Remember an unknown card for a while. Gate only."""
    hours = int(settings.in_force(db, "identification.keep_unknown_h"))
    db.execute(
        "INSERT INTO unknown_cards VALUES (?,?,?,?,?,?)",
        (attempt_id, kind, identifications.hash_of(key, kind, code),
         key.seal(SEALED, code, bound_to=_row_name(attempt_id)), codes.tail(kind, code),
         clock.utc_text(now + timedelta(hours=hours))),
    )  # fmt: skip


def unknown(store: Store, when: clock.Clock) -> list[UnknownCard]:
    """The cards that are remembered, each once, newest first; not those that somebody has by now."""
    with store.read() as db:
        found = db.execute(
            "SELECT attempt_id, attempts.at, attempts.terminal, kind, code_tail FROM unknown_cards"
            " JOIN attempts ON attempts.id = attempt_id WHERE until>? AND attempt_id IN"
            " (SELECT max(attempt_id) FROM unknown_cards GROUP BY code_hash) AND NOT EXISTS"
            " (SELECT 1 FROM identifications WHERE identifications.code_hash = unknown_cards.code_hash)"
            " ORDER BY attempt_id DESC",
            (clock.utc_text(when.now()),),
        )
        return [UnknownCard(number, clock.from_utc_text(at), *rest) for number, at, *rest in found]


def adopt(
    store: Store, key: DeviceKey, when: clock.Clock, attempt_id: int, user_id: int, name: str = "",
    *, actor: audit.Actor,
) -> Identification:  # fmt: skip
    """Give the card of a refused attempt to a user. Raises NotFound, BadInput (taken, changes its number)."""
    with store.write() as db:
        row = db.execute(
            "SELECT kind, code_sealed FROM unknown_cards WHERE attempt_id=? AND until>?",
            (attempt_id, clock.utc_text(when.now())),
        ).fetchone()
        if row is None:
            raise NotFound(
                N_("The card of attempt {number} is not remembered (any more): show it again."), number=attempt_id
            )
        code = key.unseal(SEALED, bytes(row[1]), bound_to=_row_name(attempt_id))
        if codes.is_random(row[0], code):
            raise BadInput(CHANGES, field="code")
        return identifications.insert(
            db, key, when.now(), user_id, type=row[0], code=code, extras=Extras(name=name), actor=actor
        )


def forget(store: Store, when: clock.Clock) -> int:
    """Forget the cards whose time is over; return how many. Housekeeping."""
    now = clock.utc_text(when.now())
    with store.read() as db:
        due = db.execute("SELECT count(*) FROM unknown_cards WHERE until<=?", (now,)).get
    if not due:
        return 0
    with store.write(ring=False) as db:
        db.execute("DELETE FROM unknown_cards WHERE until<=?", (now,))
    return int(due)


def _row_name(attempt_id: int) -> str:
    return f"attempt:{attempt_id}"
