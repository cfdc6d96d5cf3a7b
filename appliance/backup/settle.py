"""Make an opened backup fit to become the present: nothing that was ended or taken away comes back.

Works on the staged store, before it is copied in, in one transaction. Always:
open sessions and grants end, sign-ins end, the web window is closed, old
wishes are forgotten. On the same appliance (same device key) the present store
also says who may enter: accounts, settings PIN, waits, and what became of each
code and user since, and where counters begin; and it hands over the audit
written since. This module names other rooms' tables, because a restore is about
all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance import audit, clock
from appliance.errors import N_
from appliance.store.database import Db, Store

ENTRY_TABLES = ("web_accounts", "display_pin", "throttles", "web_window")  # as they are now on the same appliance
OPEN_SESSION = N_("Ended when a backup was restored; the counter at its end is not known.")

SESSIONS_AS_THEY_ENDED = """
UPDATE sessions SET end_wh=p.end_wh, end_reason=p.end_reason, remark=p.remark, ended_at=p.ended_at
  FROM present.sessions AS p
 WHERE p.id=sessions.id AND p.began_at=sessions.began_at AND sessions.ended_at IS NULL AND p.ended_at IS NOT NULL
"""
USERS_AS_THEY_ARE = """
UPDATE users SET blocked=max(users.blocked, p.blocked), archived_at=coalesce(users.archived_at, p.archived_at)
  FROM present.users AS p WHERE p.id=users.id AND p.created_at=users.created_at
"""
# A code that somebody else has today, of a user the present does not know: it stays theirs.
CODES_TAKEN = """
UPDATE identifications SET removed_at=created_at, active=0, code_hash=NULL, code_sealed=NULL
 WHERE code_hash IN (SELECT code_hash FROM present.identifications)
   AND NOT EXISTS (SELECT 1 FROM present.identifications AS p
                    WHERE p.id=identifications.id AND p.created_at=identifications.created_at)
"""
# Two codes may have changed places since: first every code gets one of its own, then the present one.
CODES_APART = """
UPDATE identifications SET code_hash=randomblob(32)
  FROM present.identifications AS p
 WHERE p.id=identifications.id AND p.created_at=identifications.created_at AND identifications.code_hash IS NOT NULL
"""
CODES_AS_THEY_ARE = """
UPDATE identifications SET active=p.active, expires_on=p.expires_on, code_hash=p.code_hash,
       code_sealed=p.code_sealed, code_length=p.code_length, removed_at=p.removed_at
  FROM present.identifications AS p
 WHERE p.id=identifications.id AND p.created_at=identifications.created_at
"""
# Only where both have the same past: the backup's last event is that event here, too.
AUDIT_SINCE = """
INSERT INTO audit SELECT * FROM present.audit AS p
 WHERE p.id > (SELECT coalesce(max(id), 0) FROM main.audit)
   AND ((SELECT max(id) FROM main.audit) IS NULL OR EXISTS
        (SELECT 1 FROM present.audit JOIN main.audit USING (id, at, event, subject)
          WHERE id = (SELECT max(id) FROM main.audit)))
"""
# What was charged since stays proven: the journal goes on where the backup's ends.
JOURNAL_SINCE = """
INSERT INTO journal SELECT * FROM present.journal AS p
 WHERE p.number > (SELECT coalesce(max(number), 0) FROM main.journal)
   AND ((SELECT max(number) FROM main.journal) IS NULL OR EXISTS
        (SELECT 1 FROM present.journal JOIN main.journal USING (number, hash)
          WHERE number = (SELECT max(number) FROM main.journal)))
"""
KNOWN_TIME = """
INSERT OR REPLACE INTO known_time SELECT 1, max(utc) FROM
 (SELECT utc FROM present.known_time UNION ALL SELECT utc FROM main.known_time) HAVING max(utc) IS NOT NULL
"""
# Counters that were reset stay reset: baselines of meters that are still there are as they are now.
BASELINES_FORGOTTEN = """
DELETE FROM counter_baselines WHERE meter_id IN
 (SELECT m.id FROM main.meters AS m JOIN present.meters AS p USING (id, created_at))
"""
BASELINES_AS_THEY_ARE = """
INSERT INTO counter_baselines SELECT * FROM present.counter_baselines WHERE meter_id IN
 (SELECT m.id FROM main.meters AS m JOIN present.meters AS p USING (id, created_at))
"""
BACKUPS_SINCE = """
INSERT INTO backups (made_at, made_by, target, file, size_bytes, sha256, schema, outcome, pruned_at)
SELECT made_at, made_by, target, file, size_bytes, sha256, schema, outcome, pruned_at FROM present.backups AS p
 WHERE NOT EXISTS (SELECT 1 FROM main.backups AS m WHERE m.file=p.file AND m.target=p.target)
"""
SINCE = (
    SESSIONS_AS_THEY_ENDED, USERS_AS_THEY_ARE, CODES_TAKEN, CODES_APART, CODES_AS_THEY_ARE,
    AUDIT_SINCE, JOURNAL_SINCE, KNOWN_TIME, BASELINES_FORGOTTEN, BASELINES_AS_THEY_ARE, BACKUPS_SINCE,
)  # fmt: skip


def settle(
    staged: Path, present: Path | None, when: clock.Clock, actor: audit.Actor, subject: str, made_at: str
) -> None:
    """Settle the staged store; `present` is the store of the same appliance, sound and current, if there is one."""
    store = Store(staged)
    try:
        with _beside(store, present), store.write(ring=False) as db:
            if present is not None:
                _keep_what_happened_since(db)
            _end_what_was_open(db, clock.utc_text(when.now()))
            audit.record(db, when.now(), actor, "backup.restore", subject, made_at=made_at)
    finally:
        store.close()


@contextmanager
def _beside(store: Store, present: Path | None) -> Iterator[None]:
    """Let statements name the present store as `present`."""
    if present is None:
        yield
        return
    store.connection().execute("ATTACH ? AS present", (str(present),))
    try:
        yield
    finally:
        store.connection().execute("DETACH present")


def _keep_what_happened_since(db: Db) -> None:
    for table in ENTRY_TABLES:
        db.execute(f"DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM present.{table}")  # noqa: S608 - our own table names
    for statement in SINCE:
        db.execute(statement)


def _end_what_was_open(db: Db, now: str) -> None:
    db.execute(
        "UPDATE sessions SET ended_at=?, end_reason='core_restart', remark=? WHERE ended_at IS NULL",
        (now, OPEN_SESSION),
    )
    db.execute("UPDATE grants SET ended_at=?, end_reason='restore' WHERE ended_at IS NULL", (now,))
    db.execute("DELETE FROM web_sessions; DELETE FROM wishes")
    db.execute("UPDATE web_window SET opening=opening+1, boot_id='', changed_at=?, changed_by='core:restore'", (now,))
