"""The audit tells who did what, for ever, and without secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance import audit, errors
from appliance.opened import Opened
from tests.fake_clock import START, FakeClock


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


def test_events_are_found_by_what_they_are_about(opened: Opened, clock: FakeClock) -> None:
    store = opened.store
    for event, subject, actor in (
        ("user.block", "Anna Berger", audit.CLI),
        ("web.open", "web admin", audit.TOUCH),
        ("user.add", "Ben Maier", audit.CLI),
    ):
        with store.write() as db:
            audit.record(db, clock.now(), actor, event, subject, number=7)
        clock.advance(3600)

    def found(**wanted: object) -> list[str]:
        return [event.event for event in audit.newest(store, 100, audit.Search(**wanted))]  # type: ignore[arg-type]  # fields by name

    assert audit.nouns(store) == ["user", "web"]
    assert found(noun="user") == ["user.add", "user.block"]
    assert found(surface="touch") == ["web.open"]
    assert found(words="anna BLOCK") == ["user.block"]
    assert found(words="number 7 ben") == ["user.add"]
    assert found(words="'; DROP TABLE audit; --") == []
    assert found(since=START + timedelta(hours=1)) == ["user.add", "web.open"]
    assert found(until=START + timedelta(hours=1)) == ["user.block"]


def test_a_long_list_goes_on_where_it_ended(opened: Opened, clock: FakeClock) -> None:
    store = opened.store
    with store.write() as db:
        for number in range(5):
            audit.record(db, clock.now(), audit.CLI, "user.add", f"user {number}")
    first = audit.newest(store, 3)
    rest = audit.newest(store, 3, before_id=first[-1].id)
    assert [event.subject for event in first + rest] == [f"user {number}" for number in (4, 3, 2, 1, 0)]
