"""A store of the first version, with people and sessions in it, becomes one with everything."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.charging import identifications, points, sessions, users
from appliance.config import Home
from appliance.store import database, migrate
from appliance.store.database import Store, connect
from tests.fake_clock import FakeClock

WHEN = "2026-11-21T12:00:00.000Z"
OLD = f"""
INSERT INTO points (id, name, relay, created_at) VALUES (1, 'Wallbox', 'gpio:17', '{WHEN}');
INSERT INTO users (id, first_name, last_name, created_at) VALUES (1, 'Anna', 'Berger', '{WHEN}');
INSERT INTO identifications (id, user_id, type, active, code_hash, code_sealed, code_length, created_at)
    VALUES (1, 1, 'pin', 1, x'01', x'02', 6, '{WHEN}');
INSERT INTO attempts (id, at, boot_id, at_boottime_s, terminal, point_id, result, identification_id, counted)
    VALUES (1, '{WHEN}', 'b', 1, 'touch', 1, 'accepted', 1, 0);
INSERT INTO grants (id, point_id, reason, user_id, identification_id, boot_id, granted_at, until_s, ended_at,
    end_reason) VALUES (1, 1, 'pin', 1, 1, 'b', '{WHEN}', 1, '{WHEN}', 'stop');
INSERT INTO sessions (id, point_id, grant_id, user_id, identification_id, boot_id, began_at, begin_wh, ended_at, end_wh,
    end_reason) VALUES (1, 1, 1, 1, 1, 'b', '{WHEN}', 100, '{WHEN}', 200, 'stop');
"""


@pytest.fixture
def upgraded(home: Home, clock: FakeClock) -> Store:
    """A store that had people in it when version 3 came."""
    connect(home.store_db, create=True).close()
    store = Store(home.store_db)
    for step in migrate.shipped()[:2]:
        migrate._apply(store, step, clock)
    with store.write() as db:
        db.execute(OLD)
    store.close()
    assert migrate.migrate(home.store_db, clock) >= 1
    return Store(home.store_db)


def test_what_was_there_is_there_and_the_file_is_sound(upgraded: Store, home: Home) -> None:
    assert points.get(upgraded, 1).plan == () and users.get(upgraded, 1).hours == ()
    assert identifications.get(upgraded, 1).extras == identifications.PLAIN
    assert sessions.newest(upgraded)[0].energy_wh == 100
    database.check(home.store_db, thorough=True)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points SET mode='time'",
        "UPDATE attempts SET result='second_factor'",
        "UPDATE attempts SET result='uncounted'",
        "UPDATE grants SET terminal='x'",
    ],
)
def test_new_words_are_let_in(upgraded: Store, change: str) -> None:
    with upgraded.write() as db:
        db.execute(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points SET mode='sometimes'",
        "UPDATE attempts SET result='perhaps'",
        "UPDATE sessions SET end_wh=300",  # an ended session is never edited
        "DELETE FROM sessions",
        "INSERT INTO sessions (point_id, grant_id, boot_id, began_at, ended_at, end_reason)"
        " VALUES (1, 1, 'b', 'x', 'x', 'why not')",
    ],
)
def test_what_was_refused_is_still_refused(upgraded: Store, change: str) -> None:
    with pytest.raises(errors.StoreConflict), upgraded.write() as db:
        db.execute(change)


@pytest.mark.parametrize(
    "reason", ["expired", "hours", "allowance", "limit", "unplug", "unseen", "unmetered", "uncounted", "shared"]
)
def test_sessions_may_end_for_the_new_reasons(upgraded: Store, reason: str) -> None:
    with upgraded.write() as db:
        db.execute(
            "INSERT INTO sessions (point_id, grant_id, boot_id, began_at, ended_at, end_reason)"
            " VALUES (1, 1, 'b', 'x', 'x', ?)",
            (reason,),
        )
