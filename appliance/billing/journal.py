"""The journal: what was charged and what it cost, one signed entry a session, for ever.

1. `enter` writes the entry of each session that ended, in the transaction that
ends it. 2. `catch_up` enters what was missed (no key at that moment, a restored
backup). 3. A mistake is mended by `correct`: a new entry that says what to think
of an old one; meter readings cannot be corrected, only withdrawn from billing.
4. `verify` recomputes every hash and signature and compares with the sessions.

Bodies hold numbers of people, never names: names are taken from the users as
they are, so somebody can be made anonymous without breaking the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance import audit, clock, site
from appliance.access.device_key import DeviceKey
from appliance.billing import chain, counted, prices, tariffs
from appliance.billing.chain import Entry, Finding, Verified
from appliance.charging import users
from appliance.errors import N_, BadInput, NotFound
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db, Store

PURPOSE = "journal"  # what the signing key is derived for
COLUMNS = "number, at, kind, session_id, body, previous, hash, signature"
SESSION = (
    "SELECT sessions.id, sessions.point_id, points.name, sessions.user_id, sessions.identification_id,"
    " identifications.type, grants.reason, sessions.meter_id, meters.name, meters.model, sessions.began_at,"
    " sessions.begin_wh, sessions.ended_at, sessions.end_wh, sessions.end_reason, sessions.remark, sessions.vehicle_id"
    " FROM sessions JOIN points ON points.id = sessions.point_id JOIN grants ON grants.id = sessions.grant_id"
    " LEFT JOIN identifications ON identifications.id = sessions.identification_id"
    " LEFT JOIN meters ON meters.id = sessions.meter_id"
)
KEYS = (
    "session", "point_id", "point", "user_id", "identification_id", "identification", "reason", "meter_id", "meter",
    "model", "began_at", "begin_wh", "ended_at", "end_wh", "end_reason", "remarks", "vehicle_id",
)  # fmt: skip
COMPARED = ("point_id", "user_id", "meter_id", "begin_wh", "ended_at", "end_wh", "end_reason")
# Of each ended session without an entry of its begin: whether its number had an entry when it ended. If so it is that
# session with another begin; else it was missed, or its number came again after a restore.
NOT_ENTERED = (
    "SELECT sessions.id, EXISTS (SELECT 1 FROM journal WHERE journal.session_id = sessions.id"
    " AND journal.kind = 'session' AND journal.at >= sessions.ended_at)"
    " FROM sessions WHERE sessions.ended_at IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM journal WHERE journal.session_id = sessions.id"
    " AND journal.kind = 'session' AND json_extract(journal.body, '$.began_at') = sessions.began_at)"
    " ORDER BY sessions.ended_at, sessions.id"
)
CHANGED = N_("Session {number} differs from its entry in the journal.")
MISSED = N_("Session {number} has no entry in the journal.")
OF_SESSION = (  # a session's number may come again after a restore: its begin tells them apart
    "SELECT max(journal.number) FROM journal JOIN sessions ON sessions.id = journal.session_id"
    " WHERE journal.session_id = ? AND journal.kind = 'session'"
    " AND json_extract(journal.body, '$.began_at') = sessions.began_at"
)
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Signer:
    """Who may write: the appliance, with the key derived from its device key."""

    key: Ed25519PrivateKey

    @classmethod
    def of(cls, device_key: DeviceKey) -> Signer:
        """The signer of this appliance."""
        return cls(Ed25519PrivateKey.from_private_bytes(device_key.derive(PURPOSE)))

    @property
    def public(self) -> bytes:
        """32 bytes that prove a signature."""
        return self.key.public_key().public_bytes_raw()


# Writing -----------------------------------------------------------------------------------------


def enter(db: Db, now: datetime, signer: Signer, session_id: int) -> Entry:
    """Write the entry of a session that ended. Core only."""
    row = db.execute(f"{SESSION} WHERE sessions.id=?", (session_id,)).fetchone()
    return _append(db, now, signer, "session", session_id, _body(db, row))


def catch_up(opened: Opened, signer: Signer) -> int:
    """Enter the ended sessions that were missed; return how many. Core only. Raises StoreError."""
    with opened.store.read() as db:
        missing = [session_id for session_id, changed in db.execute(NOT_ENTERED) if not changed]
    for session_id in missing:
        with opened.store.write() as db:
            enter(db, opened.clock.now(), signer, session_id)
    return len(missing)


def correct(
    opened: Opened, signer: Signer, number: int, *, note: str, actor: audit.Actor, billed: bool | None = None,
    user_id: int | None = None,
) -> Entry:  # fmt: skip
    """Say what to think of entry `number` from now on: a note, whether it is billed, whose it is. Raises BadInput."""
    note = " ".join(note.split())
    if not 1 <= len(note) <= LONGEST_NOTE or not note.isprintable():
        raise BadInput(
            N_("A correction needs a reason of 1 to {longest} characters."), field="note", longest=LONGEST_NOTE
        )
    with opened.store.write() as db:
        entry = _by_number(db, number)
        if entry is None or entry.kind != "session":
            raise NotFound(
                N_("Entry {number} of the journal is not a session: 'wattward sessions' shows the numbers of entries."),
                field="number",
                number=number,
            )
        if user_id is not None:
            users.row(db, user_id)
        by = f"{actor.surface}:{actor.name}"
        body = {"corrects": number, "note": note, "billed": billed, "user_id": user_id, "by": by}
        made = _append(db, opened.clock.now(), signer, "correction", entry.session_id, body)
        audit.record(
            db, opened.clock.now(), actor, "journal.correct", f"entry {number}", note=note, billed=billed, user=user_id
        )
    return made


def _append(
    db: Db, now: datetime, signer: Signer, kind: str, session_id: int | None, body: dict[str, Any]
) -> Entry:  # fmt: skip
    at, last = clock.utc_text(now), _newest(db)
    if last is None:
        first = {"format": chain.FORMAT, "public_key": signer.public.hex()}
        last = _insert(db, chain.seal(signer.key, None, at, "begin", None, first))
    return _insert(db, chain.seal(signer.key, last, at, kind, session_id, body))


def _insert(db: Db, entry: Entry) -> Entry:
    db.execute(
        f"INSERT INTO journal ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?)",  # noqa: S608 - fixed names
        (entry.number, entry.at, entry.kind, entry.session_id, entry.body, entry.previous, entry.hash, entry.signature),
    )
    return entry


def _body(db: Db, row: tuple[Any, ...]) -> dict[str, Any]:
    """What a session's entry says."""
    body: dict[str, Any] = dict(zip(KEYS, row, strict=True))
    body["remarks"] = body["remarks"].split()
    return body | _bill(db, body)


def _bill(db: Db, body: dict[str, Any]) -> dict[str, Any]:
    """Price and cost of a session, as the tariff in force at its end has them."""
    tariff = tariffs.of_user(db, body["user_id"])
    if tariff is None or body["begin_wh"] is None or body["end_wh"] is None:
        return {"tariff": None if tariff is None else tariff.name, "pieces": [], "cost": None, "currency": None}
    zone = site.zone(db)
    known = counted.over(
        db, body["meter_id"], clock.from_utc_text(body["began_at"]), body["begin_wh"],
        clock.from_utc_text(body["ended_at"]), body["end_wh"],
    )  # fmt: skip
    cut = prices.pieces(known, tariff.prices, zone, one_year=tariff.one_year)
    total = prices.cost(cut)
    return {
        "tariff": tariff.name,
        "basis": tariff.basis,
        "pieces": [
            [clock.utc_text(part.begin), part.energy_wh, None if part.per_kwh is None else str(part.per_kwh)]
            for part in cut
        ],
        "cost": None if total is None else str(total),
        "currency": str(settings.in_force(db, "billing.currency")),
    }


# Reading -----------------------------------------------------------------------------------------


def entries(store: Store) -> Iterator[Entry]:
    """Every entry in order, a thousand at a time."""
    number = 0
    while True:
        with store.read() as db:
            rows = db.execute(
                f"SELECT {COLUMNS} FROM journal WHERE number > ? ORDER BY number LIMIT 1000",  # noqa: S608 - fixed names
                (number,),
            ).fetchall()
        if not rows:
            return
        yield from (_entry(row) for row in rows)
        number = rows[-1][0]


def numbers(store: Store, session_ids: list[int]) -> dict[int, int]:
    """The entry of each of these sessions, as far as they have ended."""
    with store.read() as db:
        found = ((one, db.execute(OF_SESSION, (one,)).get) for one in session_ids)
        return {session_id: number for session_id, number in found if number is not None}


def verify(opened: Opened, signer: Signer) -> Verified:
    """Recompute the whole chain and compare it with the sessions. Raises StoreError."""
    found = chain.verify(entries(opened.store), signer.public)
    with opened.store.read() as db:
        differing = list(_differing(db))
    return replace(found, findings=(*found.findings, *differing))


def _differing(db: Db) -> Iterator[Finding]:
    """Sessions that say something else than their entries, or have none."""
    differs = " OR ".join(f"sessions.{key} IS NOT json_extract(journal.body, '$.{key}')" for key in COMPARED)
    rows = db.execute(
        "SELECT sessions.id FROM sessions JOIN journal ON journal.session_id = sessions.id AND journal.kind='session'"  # noqa: S608 - fixed names
        f" AND json_extract(journal.body, '$.began_at') = sessions.began_at WHERE {differs}"
    )
    yield from (Finding(row[0], CHANGED) for row in rows)
    yield from (Finding(number, CHANGED if changed else MISSED) for number, changed in db.execute(NOT_ENTERED))


def _newest(db: Db) -> Entry | None:
    row = db.execute(f"SELECT {COLUMNS} FROM journal ORDER BY number DESC LIMIT 1").fetchone()  # noqa: S608 - fixed names
    return None if row is None else _entry(row)


def _by_number(db: Db, number: int) -> Entry | None:
    row = db.execute(f"SELECT {COLUMNS} FROM journal WHERE number=?", (number,)).fetchone()  # noqa: S608 - fixed names
    return None if row is None else _entry(row)


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(*row)
