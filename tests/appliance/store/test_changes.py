"""A commit wakes the other processes; a lost ring is found by looking."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from appliance.opened import Opened
from appliance.store import changes
from tests.appliance.store import processes

PUT = "INSERT OR REPLACE INTO settings VALUES ('a',?,'t','t')"


def _commit(opened: Opened, value: str) -> None:
    with opened.store.write() as db:
        db.execute(PUT, (value,))


def test_a_commit_wakes_another_process_which_then_sees_it(opened: Opened) -> None:  # condition 1
    work = """
bell, store = changes.Bell(BELLS, "core"), Store(PATH)
say("listening")
for _ in range(20):
    rang = bell.wait(10)
    with store.read() as db:
        say(rang, db.execute("SELECT value FROM settings WHERE key='a'").get)
"""
    listener = processes.start(opened.home.store_db, opened.home.bells, work)
    assert processes.line(listener) == "listening"
    for number in range(20):
        _commit(opened, str(number))
        assert processes.line(listener) == f"True {number}"
    processes.end(listener)


def test_a_lost_ring_is_found_by_looking_at_the_version_within_two_seconds(opened: Opened) -> None:  # condition 1
    """The writer knows no bells at all; the listener waits as the core does and looks each second."""
    work = """
bell, store = changes.Bell(BELLS, "core"), Store(PATH)
known = store.version()
say("listening")
while store.version() == known:
    bell.wait(1.0)
say("seen")
"""
    listener = processes.start(opened.home.store_db, opened.home.bells, work)
    assert processes.line(listener) == "listening"
    time.sleep(0.3)
    writer = processes.start(
        opened.home.store_db, opened.home.bells, f'with Store(PATH).write() as db: db.execute("{PUT}", ("1",))'
    )
    processes.end(writer)
    committed = time.monotonic()
    assert processes.line(listener) == "seen"
    assert time.monotonic() - committed < 2.0
    processes.end(listener)


def test_ones_own_commit_does_not_change_ones_version_but_everybody_elses(opened: Opened) -> None:
    from appliance.store.database import Store

    other = Store(opened.home.store_db)
    mine, theirs = opened.store.version(), other.version()
    _commit(opened, "1")
    assert opened.store.version() == mine and other.version() != theirs
    other.close()


def test_many_rings_wake_once(opened: Opened) -> None:
    bell = changes.Bell(opened.home.bells, "touch")
    for number in range(500):
        _commit(opened, str(number))
    assert bell.wait(1.0) and not bell.wait(0)
    bell.close()


def test_all_bells_are_rung_and_a_dead_one_hinders_nobody(opened: Opened) -> None:
    dead = changes.Bell(opened.home.bells, "admin")
    dead._socket.close()
    bells = [changes.Bell(opened.home.bells, name) for name in ("core", "touch")]
    (opened.home.bells / "not a bell").write_text("")
    _commit(opened, "1")
    assert [bell.wait(1.0) for bell in bells] == [True, True]
    for bell in bells:
        bell.close()


def test_a_listener_that_does_not_answer_does_not_block_the_writer(opened: Opened) -> None:
    """Its buffer fills up; the writer goes on."""
    bell = changes.Bell(opened.home.bells, "stuck")
    bell._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for number in range(2000):
        changes.ring(opened.home.bells)
        assert number >= 0
    assert bell.answer()
    bell.close()


def test_a_bell_is_taken_over_after_a_crash(opened: Opened) -> None:
    crashed = processes.start(
        opened.home.store_db, opened.home.bells, 'bell = changes.Bell(BELLS, "core"); say("up"); time.sleep(60)'
    )
    assert processes.line(crashed) == "up"
    crashed.kill()
    crashed.wait()
    assert (opened.home.bells / "core").exists()
    bell = changes.Bell(opened.home.bells, "core")
    _commit(opened, "1")
    assert bell.wait(1.0)
    bell.close()
    assert not (opened.home.bells / "core").exists()


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    bells = tmp_path / ("long" * 40) / "bells"
    bells.mkdir(parents=True)
    bell = changes.Bell(bells, "core")
    changes.ring(bells)
    assert bell.wait(1.0)
    bell.close()


def test_ringing_where_there_are_no_bells_is_quiet(tmp_path: Path) -> None:
    changes.ring(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        changes.Bell(tmp_path / "none", "core")
