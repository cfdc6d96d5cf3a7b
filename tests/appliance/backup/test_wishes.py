"""Wishes end by comparison, whatever the calendar and crashes do."""

from __future__ import annotations

from datetime import timedelta

from appliance import audit
from appliance.backup import wishes
from appliance.opened import Opened
from tests.fake_clock import FakeClock


def _wish(opened: Opened) -> None:
    with opened.store.write() as db:
        wishes.wish(db, opened.clock.now(), audit.CLI, "backup")


def _do(opened: Opened, outcome: str = "ok") -> None:
    with opened.store.write() as db:
        claimed = wishes.claim(db, opened.clock.now(), "backup")
        assert claimed is not None
        wishes.finish(db, opened.clock.now(), claimed, outcome)


def test_nothing_is_due_before_anybody_wished(opened: Opened) -> None:
    assert not wishes.due(opened.store, "backup")
    with opened.store.write() as db:
        assert wishes.claim(db, opened.clock.now(), "backup") is None


def test_a_wish_is_due_until_it_is_finished_and_keeps_its_outcome(opened: Opened, clock: FakeClock) -> None:
    _wish(opened)
    assert wishes.due(opened.store, "backup")
    clock.advance(5)
    _do(opened, "The disk is full.")
    assert not wishes.due(opened.store, "backup")
    last = wishes.find(opened.store, "backup")
    assert last is not None and last.outcome == "The disk is full." and last.wanted_by == "cli:local"


def test_wishing_twice_before_it_began_is_one_wish(opened: Opened, clock: FakeClock) -> None:
    with opened.store.write() as db:
        first = wishes.wish(db, clock.now(), audit.CLI, "backup")
    clock.advance(60)
    with opened.store.write() as db:
        assert wishes.wish(db, clock.now(), audit.TOUCH, "backup") == first
    _do(opened)
    assert not wishes.due(opened.store, "backup")


def test_a_wish_that_comes_while_the_work_runs_is_done_afterwards(opened: Opened, clock: FakeClock) -> None:
    _wish(opened)
    with opened.store.write() as db:
        claimed = wishes.claim(db, clock.now(), "backup")
    assert claimed is not None
    clock.advance(10)
    _wish(opened)
    with opened.store.write() as db:
        wishes.finish(db, clock.now(), claimed, "ok")
    assert wishes.due(opened.store, "backup")
    _do(opened)
    assert not wishes.due(opened.store, "backup")


def test_a_crash_in_the_middle_leaves_the_wish_due(opened: Opened, clock: FakeClock) -> None:
    _wish(opened)
    with opened.store.write() as db:
        wishes.claim(db, clock.now(), "backup")
    clock.reboot()
    assert wishes.due(opened.store, "backup")


def test_a_calendar_that_was_set_back_neither_loses_nor_repeats_a_wish(opened: Opened, clock: FakeClock) -> None:
    _wish(opened)
    clock.set(clock.now() - timedelta(days=400))
    _do(opened)
    assert not wishes.due(opened.store, "backup"), "finished before it was wanted, by the calendar, is still finished"
    _wish(opened)
    assert wishes.due(opened.store, "backup"), "wanted before the last one finished, by the calendar, is still wanted"
    _do(opened)
    assert not wishes.due(opened.store, "backup")
