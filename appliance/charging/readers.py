"""Readers: where people show cards, tags or PINs at the charging points.

A reader has an address its driver understands, stands at one point or several,
and may have lamps. Attempts name it `reader:NAME`. One that nobody used can be
removed; else it is archived. Some listen only on demand: `ask`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance import audit, clock
from appliance.charging import held, points, rules
from appliance.errors import N_, BadInput, NotFound
from appliance.store.database import Db, Store

NAME_MAX = 40
ASKED_S = 30.0


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader."""

    id: int
    name: str
    url: str
    lamps: str  # "": none
    enabled: bool
    point_ids: tuple[int, ...]  # the first free one is released
    archived: bool = False
    asked_boot_id: str = ""
    asked_until_s: float = 0.0

    @property
    def terminal(self) -> str:
        """How attempts name it."""
        return f"{rules.READER}{self.name}"

    def asked_s(self, when: clock.Clock) -> float:
        """How long it still has to listen because somebody asked."""
        return max(0.0, self.asked_until_s - when.boottime_s()) if self.asked_boot_id == when.boot_id else 0.0


SELECT = "SELECT id, name, url, lamps, enabled, archived_at IS NOT NULL, asked_boot_id, asked_until_s FROM readers"


def _reader(db: Db, row: tuple[Any, ...]) -> Reader:
    number, name, url, lamps, enabled, archived, boot_id, until_s = row
    at = db.execute("SELECT point_id FROM reader_points WHERE reader_id=? ORDER BY place", (number,))
    return Reader(
        number, name, url, lamps, bool(enabled), tuple(one[0] for one in at), bool(archived), boot_id, until_s
    )


def check_name(name: str) -> str:
    """The name without spaces around it. Raises BadInput naming the rule."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        raise BadInput(N_("A reader has a name of 1 to {most} characters."), field="name", most=NAME_MAX)
    return name


def row(db: Db, reader_id: int) -> Reader:
    """One reader. Raises NotFound."""
    found = db.execute(f"{SELECT} WHERE id=?", (reader_id,)).fetchone()
    if found is None:
        raise NotFound(N_("There is no reader with the number {number}."), field="reader", number=reader_id)
    return _reader(db, found)


def all(store: Store, archived: bool = False) -> list[Reader]:
    """The readers, or with `archived` also those out of use, by name."""
    with store.read() as db:
        found = db.execute(f"{SELECT} WHERE ?1 OR archived_at IS NULL ORDER BY name", (archived,)).fetchall()
        return [_reader(db, row) for row in found]


def find(store: Store, name: str) -> Reader:
    """The reader called `name`, archived ones too. Raises NotFound naming those there are."""
    known = all(store, archived=True)
    for reader in known:
        if reader.name.casefold() == " ".join(name.split()).casefold():
            return reader
    raise NotFound(
        N_("There is no reader {name}; there are: {names}."),
        field="reader", name=name, names=", ".join(reader.name for reader in known) or "-",
    )  # fmt: skip


def add(
    store: Store, when: clock.Clock, name: str, url: str, point_ids: Sequence[int], lamps: str = "",
    *, actor: audit.Actor,
) -> Reader:  # fmt: skip
    """Add a reader; whether its address can be is its driver's to say (`core.check_reader`). Raises BadInput."""
    name = check_name(name)
    with store.write() as db:
        _require_free(db, name, url)
        held.require_free(db, ("reader", 0), name, _wires(url, lamps))
        db.execute(
            "INSERT INTO readers (name, url, lamps, created_at) VALUES (?,?,?,?)",
            (name, url, lamps, clock.utc_text(when.now())),
        )
        number = db.last_insert_rowid()
        _place(db, number, point_ids)
        audit.record(db, when.now(), actor, "reader.add", name, url=url, points=list(point_ids), lamps=lamps)
        return row(db, number)


def edit(
    store: Store, when: clock.Clock, reader_id: int, *, name: str | None = None, url: str | None = None,
    point_ids: Sequence[int] | None = None, lamps: str | None = None, enabled: bool | None = None,
    actor: audit.Actor,
) -> Reader:  # fmt: skip
    """Change what is given. Raises BadInput, NotFound."""
    with store.write() as db:
        old = row(db, reader_id)
        new_name = old.name if name is None else check_name(name)
        new_url = old.url if url is None else url
        new_lamps = old.lamps if lamps is None else lamps
        _require_free(db, new_name, new_url, besides=reader_id)
        if (new_url, new_lamps) != (old.url, old.lamps):
            held.require_free(db, ("reader", reader_id), new_name, _wires(new_url, new_lamps))
        db.execute(
            "UPDATE readers SET name=?, url=?, lamps=?, enabled=? WHERE id=?",
            (new_name, new_url, new_lamps, old.enabled if enabled is None else enabled, reader_id),
        )
        if point_ids is not None:
            _place(db, reader_id, point_ids)
        new = row(db, reader_id)
        audit.record(
            db, when.now(), actor, "reader.edit", new.name, was=old.name, url=new.url, points=list(new.point_ids),
            lamps=new.lamps, enabled=new.enabled,
        )  # fmt: skip
        return new


def archive(store: Store, when: clock.Clock, reader_id: int, *, actor: audit.Actor) -> None:
    """Put a reader out of use. Raises NotFound."""
    _set_archived(store, when, reader_id, clock.utc_text(when.now()), "reader.archive", actor)


def activate(store: Store, when: clock.Clock, reader_id: int, *, actor: audit.Actor) -> None:
    """Put an archived reader into use again. Raises NotFound."""
    _set_archived(store, when, reader_id, None, "reader.activate", actor)


def _set_archived(
    store: Store, when: clock.Clock, reader_id: int, archived_at: str | None, event: str, actor: audit.Actor
) -> None:
    with store.write() as db:
        reader = row(db, reader_id)
        if reader.archived != (archived_at is not None):
            db.execute("UPDATE readers SET archived_at=? WHERE id=?", (archived_at, reader_id))
            audit.record(db, when.now(), actor, event, reader.name)


def remove(store: Store, when: clock.Clock, reader_id: int, *, actor: audit.Actor) -> None:
    """Forget a reader; attempts keep its name. Raises NotFound."""
    with store.write() as db:
        reader = row(db, reader_id)
        db.execute("DELETE FROM readers WHERE id=?", (reader_id,))
        audit.record(db, when.now(), actor, "reader.remove", reader.name, url=reader.url)


def at_points(db: Db) -> dict[int, list[int]]:
    """The readers in use at each point."""
    found: dict[int, list[int]] = {}
    for point_id, reader_id in db.execute(
        "SELECT point_id, reader_id FROM reader_points JOIN readers ON readers.id = reader_id"
        " WHERE archived_at IS NULL AND enabled ORDER BY reader_id"
    ):
        found.setdefault(point_id, []).append(reader_id)
    return found


def ask(store: Store, when: clock.Clock, reader_id: int, for_s: float = ASKED_S) -> None:
    """Let a reader that listens only on demand listen for a while; 0: not any more. Raises NotFound."""
    with store.write() as db:
        row(db, reader_id)
        db.execute(
            "UPDATE readers SET asked_boot_id=?, asked_until_s=? WHERE id=?",
            (when.boot_id, when.boottime_s() + for_s, reader_id),
        )


def _place(db: Db, reader_id: int, point_ids: Sequence[int]) -> None:
    """Say at which points a reader stands. Raises BadInput for none, NotFound."""
    chosen = list(dict.fromkeys(point_ids))
    if not chosen:
        raise BadInput(N_("A reader stands at one charging point or more: say which."), field="points")
    db.execute("DELETE FROM reader_points WHERE reader_id=?", (reader_id,))
    for place, point_id in enumerate(chosen):
        points.row(db, point_id)
        db.execute("INSERT INTO reader_points VALUES (?,?,?)", (reader_id, point_id, place))


def _wires(url: str, lamps: str) -> list[tuple[str, str]]:
    return [(field, pin) for field, text in (("url", url), ("lamps", lamps)) for pin in held.pins(text)]


def _require_free(db: Db, name: str, url: str, besides: int = 0) -> None:
    """Refuse a name or an address another reader bears, an archived one too. Raises BadInput."""
    for number, other, at in db.execute("SELECT id, name, url FROM readers").fetchall():
        if number != besides and other.casefold() == name.casefold():
            raise BadInput(N_("There is a reader {name} already: choose another name."), field="name", name=name)
        if number != besides and at == url:
            raise BadInput(N_("The address {url} belongs to the reader {reader} already."), field="url", url=url,
                           reader=other)  # fmt: skip
