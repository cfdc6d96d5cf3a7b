"""The live file lasts as long as the boot and the program that made it."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import live
from tests.fake_clock import FakeClock


def _beat(home: Home) -> None:
    file = live.open_live(home.live_db)
    with file.write() as db:
        db.execute("INSERT OR REPLACE INTO heartbeats VALUES ('core',1,'v','t',1.0)")
    file.close()


def _beats(home: Home) -> int:
    file = live.open_live(home.live_db)
    with file.read() as db:
        found: int = db.execute("SELECT count(*) FROM heartbeats").get
    file.close()
    return found


def test_before_the_core_ran_there_is_none_and_that_is_said(home: Home) -> None:
    with pytest.raises(errors.StoreMissing, match="start the core first"), live.open_live(home.live_db).read():
        pass


def test_a_restarted_core_finds_it_again(home: Home) -> None:
    assert live.make(home.live_db, "boot-1")
    _beat(home)
    assert not live.make(home.live_db, "boot-1")
    assert _beats(home) == 1


def test_another_boot_makes_it_anew(home: Home) -> None:
    live.make(home.live_db, "boot-1")
    _beat(home)
    assert live.make(home.live_db, "boot-2") and _beats(home) == 0


def test_another_program_makes_it_anew(home: Home) -> None:
    live.make(home.live_db, "boot-1")
    file = live.open_live(home.live_db)
    with file.write() as db:
        db.execute("UPDATE made SET sha256='of another version'")
    file.close()
    _beat(home)
    assert live.make(home.live_db, "boot-1") and _beats(home) == 0


def test_a_damaged_one_is_made_anew_without_a_word(home: Home) -> None:
    home.live_db.write_bytes(b"scribble" * 5000)
    assert live.make(home.live_db, "boot-1") and _beats(home) == 0


def test_surfaces_that_had_the_old_one_open_find_the_new_one(opened: Opened, clock: FakeClock) -> None:
    with opened.live.read() as db:
        assert db.execute("SELECT boot_id FROM made").get == clock.boot_id
    live.make(opened.home.live_db, "boot-9")
    with opened.live.read() as db:
        assert db.execute("SELECT boot_id FROM made").get == "boot-9"


def test_it_costs_the_card_nothing(opened: Opened) -> None:
    assert opened.live.connection().execute("PRAGMA synchronous").get == 0
