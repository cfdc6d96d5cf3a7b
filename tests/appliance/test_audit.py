"""The audit tells who did what, for ever, and without secrets."""

from __future__ import annotations

import pytest

from appliance import audit, errors
from appliance.opened import Opened
from tests.fake_clock import FakeClock


def _record(opened: Opened, event: str, **detail: object) -> None:
    with opened.store.write() as db:
        audit.record(db, opened.clock.now(), audit.TOUCH, event, "Anna Berger", **detail)


def test_an_event_keeps_who_what_when_and_details(opened: Opened, clock: FakeClock) -> None:
    _record(opened, "user.block", reason="moved out", until=clock.now())
    (event,) = audit.newest(opened.store)
    assert (event.actor, event.event, event.subject) == (audit.TOUCH, "user.block", "Anna Berger")
    assert event.at == clock.now() and event.detail == {"reason": "moved out", "until": str(clock.now())}


def test_the_newest_come_first_and_as_many_as_asked_for(opened: Opened) -> None:
    for number in range(10):
        _record(opened, f"user.{number}")
    assert [event.event for event in audit.newest(opened.store, limit=3)] == ["user.9", "user.8", "user.7"]


def test_an_act_that_fails_leaves_no_event(opened: Opened) -> None:
    with pytest.raises(errors.Refused), opened.store.write() as db:
        audit.record(db, opened.clock.now(), audit.CLI, "user.block", "Anna Berger")
        raise errors.Refused("no")
    assert audit.newest(opened.store) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET actor='nobody'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT id, at, surface, 'nobody', event, subject, detail FROM audit",
    ],
)
def test_nobody_changes_the_past(sql: str, opened: Opened) -> None:
    _record(opened, "user.block")
    before = audit.newest(opened.store)
    with pytest.raises(errors.StoreConflict, match="append-only"), opened.store.write() as db:
        db.execute(sql)
    assert audit.newest(opened.store) == before


def test_only_known_surfaces_act(opened: Opened) -> None:
    with pytest.raises(errors.StoreConflict), opened.store.write() as db:
        audit.record(db, opened.clock.now(), audit.Actor("cloud", "x"), "user.block", "Anna Berger")
