"""Local users: the people who may charge.

A user whom sessions name is never deleted; archiving takes them out of use, and
their personal data can be taken out of everything (see `privacy`). Blocking stops
new starts at once and keeps their codes, so unblocking restores everything. The
id is also the number a person may type at a keypad.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance import audit, clock, errors
from appliance.access import throttle
from appliance.charging import windows
from appliance.charging.windows import Window
from appliance.errors import N_, BadInput, NotFound, Refused
from appliance.store.database import Db, Store

NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class User:
    """One person."""

    id: int
    first_name: str
    last_name: str
    blocked: bool
    archived: bool = False
    guest: bool = False  # codes for visitors hang on this user
    second_factor: bool = False  # wants a card and a PIN
    hours: tuple[Window, ...] = ()  # when this user may charge; none: always
    anonymised: bool = False

    @property
    def name(self) -> str:
        """First and last name, as shown."""
        return f"{self.first_name} {self.last_name}"


SELECT = (
    "SELECT id, first_name, last_name, blocked, archived_at IS NOT NULL, guest, second_factor, hours,"
    " anonymised_at IS NOT NULL FROM users"
)

WORDS = 5  # of a search; more are not looked at
WORD = (
    " AND (first_name LIKE ? ESCAPE '\\' OR last_name LIKE ? ESCAPE '\\' OR CAST(id AS TEXT) LIKE ? ESCAPE '\\'"
    " OR EXISTS (SELECT 1 FROM vehicles WHERE user_id = users.id AND plate LIKE ? ESCAPE '\\'))"
)


def _user(row: tuple[Any, ...]) -> User:
    number, first, last, blocked, archived, guest, second_factor, hours, anonymised = row
    return User(
        number, first, last, bool(blocked), bool(archived), bool(guest), bool(second_factor), windows.from_json(hours),
        bool(anonymised),
    )  # fmt: skip


def throttle_name(user_id: int) -> str:
    """Where wrong guesses at this user are counted (see `grants`)."""
    return f"user:{user_id}"


def forgive(db: Db, user_id: int) -> None:
    """Forget wrong guesses at this user, also those after one of their cards."""
    throttle.forgive(db, throttle_name(user_id))
    for (number,) in db.execute("SELECT id FROM identifications WHERE user_id=?", (user_id,)).fetchall():
        throttle.forgive(db, card_throttle_name(number))


def card_throttle_name(identification_id: int) -> str:
    """Where wrong PINs after a card are counted."""
    return f"card:{identification_id}"


def check_name(name: str, field: str) -> str:
    """A first or last name without spaces around it. Raises BadInput naming the rule."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise BadInput(N_("First and last name have 1 to {longest} characters each."), field=field, longest=NAME_MAX)
    return name


def row(db: Db, user_id: int) -> User:
    """One user. Raises NotFound."""
    found = db.execute(f"{SELECT} WHERE id=?", (user_id,)).fetchone()
    if found is None:
        raise NotFound(N_("There is no user with the number {number}."), field="user", number=user_id)
    return _user(found)


def all(store: Store, archived: bool = False) -> list[User]:
    """The users in use, or with `archived` all, by last name."""
    which = "" if archived else " WHERE archived_at IS NULL"
    with store.read() as db:
        found = db.execute(f"{SELECT}{which} ORDER BY last_name COLLATE NOCASE, first_name COLLATE NOCASE, id")
        return [_user(row) for row in found]


def search(store: Store, text: str = "", *, archived: bool = False, limit: int = 50, offset: int = 0) -> list[User]:
    """One page of the users, by last name: those whose number, name or plate begins with each word of `text`."""
    words = [re.sub(r"([\\%_])", r"\\\1", word) + "%" for word in text.split()[:WORDS]]
    sql = f"{SELECT} WHERE (?1 OR archived_at IS NULL)"
    sql += "".join(WORD.replace("?", f"?{number}") for number in range(2, len(words) + 2))
    sql += " ORDER BY last_name COLLATE NOCASE, first_name COLLATE NOCASE, id LIMIT ? OFFSET ?"
    with store.read() as db:
        found = db.execute(sql, (archived, *words, limit, offset))
        return [_user(row) for row in found]


def get(store: Store, user_id: int) -> User:
    """One user by their id. Raises NotFound."""
    with store.read() as db:
        return row(db, user_id)


def find(store: Store, who: str) -> User:
    """The user with this number or this full name, archived ones too. Raises NotFound, BadInput when several match."""
    who = " ".join(who.split())
    if who.isdecimal():
        return get(store, int(who))
    matching = [user for user in all(store, archived=True) if user.name.casefold() == who.casefold()]
    if len(matching) > 1:
        raise BadInput(
            N_("Several users are called {name}: use the number, one of {numbers}."),
            field="user", name=who, numbers=", ".join(str(user.id) for user in matching),
        )  # fmt: skip
    if not matching:
        raise NotFound(N_("There is no user {name}; 'wattward users list' shows them."), field="user", name=who)
    return matching[0]


def add(
    store: Store, when: clock.Clock, first_name: str, last_name: str, *, form_token: str | None = None,
    actor: audit.Actor,
) -> User:  # fmt: skip
    """Add a user. The same `form_token` again (a double click) gives the user it made. Raises BadInput."""
    check_name(first_name, "first_name"), check_name(last_name, "last_name")
    with store.write() as db:
        made = form_token and db.execute("SELECT id FROM users WHERE form_token=?", (form_token,)).get
        return row(db, made) if made else insert(db, when.now(), first_name, last_name, form_token, actor=actor)


def insert(
    db: Db, now: datetime, first_name: str, last_name: str, form_token: str | None = None, *, guest: bool = False,
    actor: audit.Actor,
) -> User:  # fmt: skip
    """Add a user inside the caller's transaction. Raises BadInput."""
    first_name, last_name = check_name(first_name, "first_name"), check_name(last_name, "last_name")
    db.execute(
        "INSERT INTO users (first_name, last_name, form_token, guest, created_at) VALUES (?,?,?,?,?)",
        (first_name, last_name, form_token, guest, clock.utc_text(now)),
    )
    user = row(db, db.last_insert_rowid())
    audit.record(db, now, actor, "user.add", user.name, user=user.id)
    return user


def edit(
    store: Store, when: clock.Clock, user_id: int, *, first_name: str | None = None, last_name: str | None = None,
    hours: Sequence[Window] | None = None, second_factor: bool | None = None, actor: audit.Actor,
) -> User:  # fmt: skip
    """Change what is given; number, codes and sessions stay. Raises BadInput, NotFound."""
    with store.write() as db:
        old = row(db, user_id)
        first = old.first_name if first_name is None else check_name(first_name, "first_name")
        last = old.last_name if last_name is None else check_name(last_name, "last_name")
        factor = old.second_factor if second_factor is None else second_factor
        db.execute(
            "UPDATE users SET first_name=?, last_name=?, hours=?, second_factor=? WHERE id=?",
            (first, last, windows.to_json(old.hours if hours is None else hours), factor, user_id),
        )
        user = row(db, user_id)
        audit.record(
            db, when.now(), actor, "user.edit", user.name, user=user_id, was=old.name,
            hours=windows.to_json(user.hours), second_factor=user.second_factor,
        )  # fmt: skip
    return user


def block(store: Store, when: clock.Clock, user_id: int, *, actor: audit.Actor) -> User:
    """Stop this user's new starts at once. Raises NotFound."""
    return _set(store, when, user_id, "blocked", 1, "user.block", actor)


def unblock(store: Store, when: clock.Clock, user_id: int, *, actor: audit.Actor) -> User:
    """Let this user charge again with the codes they had, and forget wrong guesses at them. Raises NotFound."""
    return _set(store, when, user_id, "blocked", 0, "user.unblock", actor)


def archive(store: Store, when: clock.Clock, user_id: int, *, actor: audit.Actor) -> User:
    """Take a user out of use; their codes work no more, their sessions stay. Raises NotFound."""
    return _set(store, when, user_id, "archived_at", clock.utc_text(when.now()), "user.archive", actor)


def activate(store: Store, when: clock.Clock, user_id: int, *, actor: audit.Actor) -> User:
    """Take an archived user into use again, with their codes. Raises NotFound."""
    return _set(store, when, user_id, "archived_at", None, "user.activate", actor)


def remove(store: Store, when: clock.Clock, user_id: int, *, actor: audit.Actor) -> None:
    """Delete a user nobody ever saw. Raises Refused when sessions or attempts name them: archive them instead."""
    try:
        with store.write() as db:
            user = row(db, user_id)
            for table in ("learn_requests", "allowances", "user_tariffs", "identifications", "vehicles"):
                db.execute(f"DELETE FROM {table} WHERE user_id=?", (user_id,))  # noqa: S608 - names from this line
            db.execute("DELETE FROM users WHERE id=?", (user_id,))
            audit.record(db, when.now(), actor, "user.remove", user.name, user=user_id)
    except errors.StoreConflict as error:
        raise Refused(N_("Sessions or attempts name this user: archive them instead.")) from error


def _set(
    store: Store, when: clock.Clock, user_id: int, column: str, value: object, event: str, actor: audit.Actor
) -> User:
    """Change one column (a name from this module, never typed) and say so."""
    with store.write() as db:
        old = row(db, user_id)
        if event == "user.archive" and old.archived:
            return old  # since then, which says when the name has to go
        db.execute(f"UPDATE users SET {column}=? WHERE id=?", (value, user_id))  # noqa: S608 - column is ours
        if event == "user.unblock":
            forgive(db, user_id)
        new = row(db, user_id)
        if new != old:
            audit.record(db, when.now(), actor, event, new.name, user=user_id)
    return new
