"""What happened since a backup goes on: sessions that were charged and quarter hours that were metered.

On the same appliance the present store knows more than the backup. What was
charged and measured since is brought into the staged store, with the people,
codes, cars, meters and points it belongs to; these come archived and cannot
start anything. So no number is ever given to somebody else, and lists,
journal and allowances tell the same. A row whose past the backup does not
share stays out: it is kept in the copy of the store of before.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.store.database import Db

ARCHIVED = {"archived_at": "coalesce(p.archived_at, :now)"}
CODE_ENDED = {
    "removed_at": "coalesce(p.removed_at, :now)", "active": "0", "code_hash": "NULL", "code_sealed": "NULL",
}  # fmt: skip
GRANT_ENDED = {"ended_at": "coalesce(p.ended_at, :now)", "end_reason": "coalesce(p.end_reason, 'core_restart')"}
BORN = {"grants": "granted_at", "sessions": "began_at"}  # what tells two rows with the same number apart

# Of a meter that both know, everything newer than the backup's newest.
SLOTS = """
INSERT INTO slots SELECT p.* FROM present.slots AS p
 WHERE p.id > (SELECT coalesce(max(id), 0) FROM main.slots)
   AND p.meter_id IN (SELECT m.id FROM main.meters AS m JOIN present.meters USING (id, created_at))
"""


def bring(db: Db, now: str) -> None:
    """Bring what the backup does not know yet into `main`; `present` is attached."""
    _bring(db, now, "meters", ARCHIVED, {})
    _bring(db, now, "points", ARCHIVED, {"meter_id": "meters"})
    _bring(db, now, "users", ARCHIVED | {"form_token": "NULL"}, {})
    _bring(db, now, "vehicles", ARCHIVED, {"user_id": "users"})
    _bring(db, now, "identifications", CODE_ENDED, {"user_id": "users", "vehicle_id": "vehicles"})
    people = {"user_id": "users", "identification_id": "identifications"}
    _bring(db, now, "grants", GRANT_ENDED, people | {"point_id": "points", "ended_user_id": "users"})
    things = {"point_id": "points", "grant_id": "grants", "meter_id": "meters", "vehicle_id": "vehicles"}
    _bring(db, now, "sessions", {}, people | things)
    db.execute(SLOTS)


def _bring(db: Db, now: str, table: str, instead: Mapping[str, str], refers: Mapping[str, str]) -> None:
    """Insert the rows of `table` whose number is new and whose references are the same row in both stores."""
    columns = [row[0] for row in db.execute("SELECT name FROM pragma_table_info(?, 'main')", (table,))]
    values = ", ".join(instead.get(column, f"p.{column}") for column in columns)
    same = "".join(f" AND (p.{column} IS NULL OR {_same(column, other)})" for column, other in refers.items())
    db.execute(
        f"INSERT OR IGNORE INTO main.{table} ({', '.join(columns)}) SELECT {values} FROM present.{table} AS p"  # noqa: S608 - our own names
        f" WHERE NOT EXISTS (SELECT 1 FROM main.{table} AS m WHERE m.id = p.id){same} ORDER BY p.id",
        {"now": now} if ":now" in values else {},
    )


def _same(column: str, table: str) -> str:
    """A condition: the row `column` refers to is there, and is the same in both stores."""
    born = BORN.get(table, "created_at")
    return (
        f"EXISTS (SELECT 1 FROM main.{table} AS m JOIN present.{table} AS q ON q.id = m.id AND q.{born} = m.{born}"  # noqa: S608 - our own names
        f" WHERE m.id = p.{column})"
    )
