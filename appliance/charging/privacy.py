"""Take a person's data out of everything, and leave the sessions and their proof as they are.

Sessions and the journal know people by number only, so a name can go without
breaking either. Codes are removed, cars lose name and plate, the audit says
`former user 7` instead of the name. This cannot be undone. After a setting's
days it happens by itself to archived users without a running session.
"""

from __future__ import annotations

from datetime import timedelta

from appliance import audit, clock
from appliance.charging import users
from appliance.charging.users import User
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db, Store

FORMER = "former user {number}"


def anonymise(store: Store, when: clock.Clock, user_id: int, *, actor: audit.Actor) -> User:
    """Take an archived user's data out of everything. Raises NotFound, Refused for one in use or charging."""
    with store.write() as db:
        user = users.row(db, user_id)
        if not user.archived:
            raise Refused(N_("{name} is in use: archive this user first."), name=user.name)
        if db.execute("SELECT 1 FROM sessions WHERE user_id=? AND ended_at IS NULL", (user_id,)).get:
            raise Refused(N_("{name} is charging: stop that session first."), name=user.name)
        _anonymise(db, when, user, actor)
        return users.row(db, user_id)


def _anonymise(db: Db, when: clock.Clock, user: User, actor: audit.Actor) -> None:
    now = clock.utc_text(when.now())
    former = FORMER.format(number=user.id)
    db.execute(
        "UPDATE users SET first_name='Former', last_name=?, form_token=NULL, hours='[]', anonymised_at=? WHERE id=?",
        (f"user {user.id}", now, user.id),
    )
    db.execute(
        "UPDATE identifications SET removed_at=coalesce(removed_at, ?), code_hash=NULL, code_sealed=NULL, code_tail='',"
        " name='', active=0 WHERE user_id=?",
        (now, user.id),
    )
    db.execute(
        "UPDATE vehicles SET name='-', plate='', archived_at=coalesce(archived_at, ?) WHERE user_id=?", (now, user.id)
    )
    db.execute("DELETE FROM learn_requests WHERE user_id=?", (user.id,))
    db.execute(
        "UPDATE audit SET subject=?1, detail=json_remove(detail, '$.was', '$.name')"
        " WHERE json_extract(detail, '$.user')=?2"
        " AND (event GLOB 'user.*' OR event GLOB 'vehicle.*' OR event GLOB 'card.*')"
        " OR event GLOB 'identification.*' AND json_extract(detail, '$.identification') IN"
        " (SELECT id FROM identifications WHERE user_id=?2)",
        (former, user.id),
    )
    audit.record(db, when.now(), actor, "user.anonymise", former, user=user.id)


def keep(opened: Opened) -> int:
    """Anonymise the users whose time is over; return how many. Housekeeping."""
    days = int(settings.number(opened.store, "users.forget_after_days"))
    if days == 0:
        return 0
    before = clock.utc_text(opened.clock.now() - timedelta(days=days))
    with opened.store.read() as db:
        due = db.execute(
            "SELECT id FROM users WHERE archived_at<=? AND anonymised_at IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM sessions WHERE user_id=users.id AND ended_at IS NULL)",
            (before,),
        ).fetchall()
    for (user_id,) in due:
        with opened.store.write() as db:
            _anonymise(db, opened.clock, users.row(db, user_id), audit.CORE)
    return len(due)
