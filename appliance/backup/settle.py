"""Make an opened backup fit to become the present: nothing that was ended or taken away comes back.

Works on the staged store, before it is copied in, in one transaction. Always:
open sessions and grants end, sign-ins end, the web window is closed, old
wishes are forgotten. On the same appliance (same device key) the present store
also says who may enter: accounts, settings PIN, waits, and what became of each
code, token and user since, and where counters begin; and it hands over what was
charged, metered and audited since (`since`). A session that runs in both is
left for the core to end, with the meter's next reading. This module names
other rooms' tables, because a restore is about all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance import audit, clock
from appliance.access import tokens
from appliance.backup import since
from appliance.store.database import Db, Store

ENTRY_TABLES = (
    "web_accounts",
    "web_totp",
    "web_recovery_codes",
    "display_pin",
    "throttles",
    "web_window",
    "calendar_confirmed",
)  # as they are now on the same appliance
RESTORED = "restored"  # of sessions.REMARKS

SESSIONS_AS_THEY_ARE = """
UPDATE sessions SET begin_wh=p.begin_wh, end_wh=p.end_wh, end_reason=p.end_reason, remark=p.remark, ended_at=p.ended_at
  FROM present.sessions AS p
 WHERE p.id=sessions.id AND p.began_at=sessions.began_at AND sessions.ended_at IS NULL
"""
RUNS_STILL = """
AND id NOT IN (SELECT m.id FROM main.sessions AS m JOIN present.sessions AS p USING (id, began_at)
                WHERE p.ended_at IS NULL)
"""
USERS_AS_THEY_ARE = """
UPDATE users SET blocked=max(users.blocked, p.blocked), archived_at=coalesce(users.archived_at, p.archived_at),
       second_factor=p.second_factor, hours=p.hours, anonymised_at=p.anonymised_at,
       first_name=iif(p.anonymised_at IS NULL, users.first_name, p.first_name),
       last_name=iif(p.anonymised_at IS NULL, users.last_name, p.last_name)
  FROM present.users AS p WHERE p.id=users.id AND p.created_at=users.created_at
"""
VEHICLES_FORGOTTEN = """
UPDATE vehicles SET name=p.name, plate=p.plate, archived_at=p.archived_at
  FROM present.vehicles AS p JOIN present.users AS u ON u.id=p.user_id AND u.anonymised_at IS NOT NULL
 WHERE p.id=vehicles.id AND p.created_at=vehicles.created_at
"""
ALLOWANCES_FORGOTTEN = """
DELETE FROM allowances WHERE user_id IN
 (SELECT m.id FROM main.users AS m JOIN present.users AS p USING (id, created_at))
"""
ALLOWANCES_AS_THEY_ARE = """
INSERT INTO allowances SELECT * FROM present.allowances WHERE user_id IN
 (SELECT m.id FROM main.users AS m JOIN present.users AS p USING (id, created_at))
"""
# Who was made anonymous since stays it in the audit, too; the store allows this change and no other.
NAMES_FORGOTTEN = """
UPDATE audit SET subject=p.subject, detail=p.detail FROM present.audit AS p
 WHERE p.id=audit.id AND p.at=audit.at AND p.event=audit.event AND p.subject<>audit.subject
   AND p.subject GLOB 'former user [0-9]*'
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
       code_sealed=p.code_sealed, code_length=p.code_length, removed_at=p.removed_at,
       name=p.name, code_tail=p.code_tail, hours=p.hours, stop_only=p.stop_only,
       cap_wh=p.cap_wh, cap_cents=p.cap_cents, cap_s=p.cap_s
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
 (SELECT utc FROM present.known_time UNION ALL SELECT utc FROM main.known_time
   WHERE NOT EXISTS (SELECT 1 FROM present.calendar_confirmed)) HAVING max(utc) IS NOT NULL
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
# Access tokens are those of today: what was revoked or deleted since stays so. Whose charging one starts
# is kept where that code is still there.
TOKENS_AS_THEY_ARE = """
PRAGMA defer_foreign_keys=ON;
DELETE FROM access_tokens;
INSERT INTO access_tokens SELECT * FROM present.access_tokens;
UPDATE access_tokens SET identification_id=NULL WHERE identification_id NOT IN
 (SELECT m.id FROM main.identifications AS m JOIN present.identifications AS p USING (id, created_at));
DELETE FROM main.sqlite_sequence WHERE name='access_tokens';
INSERT INTO main.sqlite_sequence SELECT * FROM present.sqlite_sequence WHERE name='access_tokens'
"""
# On another appliance nobody has confirmed them: they wait for that anew.
TOKENS_WAIT = """
UPDATE access_tokens SET state='pending', confirmed_at=NULL, confirmed_by=NULL, pending_until=? WHERE state='active'
"""
BACKUPS_SINCE = """
INSERT INTO backups (made_at, made_by, target, file, size_bytes, sha256, schema, outcome, pruned_at)
SELECT made_at, made_by, target, file, size_bytes, sha256, schema, outcome, pruned_at FROM present.backups AS p
 WHERE NOT EXISTS (SELECT 1 FROM main.backups AS m WHERE m.file=p.file AND m.target=p.target)
"""
SINCE = (
    SESSIONS_AS_THEY_ARE, USERS_AS_THEY_ARE, VEHICLES_FORGOTTEN, CODES_TAKEN, CODES_APART, CODES_AS_THEY_ARE,
    ALLOWANCES_FORGOTTEN, ALLOWANCES_AS_THEY_ARE, NAMES_FORGOTTEN, AUDIT_SINCE, JOURNAL_SINCE, KNOWN_TIME,
    BASELINES_FORGOTTEN, BASELINES_AS_THEY_ARE, TOKENS_AS_THEY_ARE, BACKUPS_SINCE,
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
            else:
                db.execute(TOKENS_WAIT, (clock.utc_text(when.now() + tokens.PENDING),))
            _end_what_was_open(db, clock.utc_text(when.now()), same=present is not None)
            if present is not None:
                since.bring(db, clock.utc_text(when.now()))
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


def _end_what_was_open(db: Db, now: str, *, same: bool) -> None:
    """End what a core that is gone left open; of the `same` appliance its next core ends what runs still."""
    db.execute(
        "UPDATE sessions SET ended_at=?, end_reason='core_restart', remark=trim(remark || ' ' || ?)"  # noqa: S608 - our own condition
        f" WHERE ended_at IS NULL {RUNS_STILL if same else ''}",
        (now, RESTORED),
    )
    db.execute(
        "UPDATE grants SET ended_at=?1, end_reason=iif(id IN (SELECT grant_id FROM sessions WHERE ended_at IS NULL),"
        " 'core_restart', 'restore') WHERE ended_at IS NULL",
        (now,),
    )
    db.execute("DELETE FROM web_sessions; DELETE FROM wishes")
    db.execute("UPDATE web_window SET opening=opening+1, boot_id='', changed_at=?, changed_by='core:restore'", (now,))
