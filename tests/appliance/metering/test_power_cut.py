"""The power is cut at random moments while history is written; `tests.benchmarks.power_cut` does it 1,000 times."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.metering.slots import SLOT_S
from appliance.store.database import Store
from tests.benchmarks import power_cut
from tests.benchmarks.power_cut import Wal


def test_no_cut_loses_energy_or_what_was_acknowledged_and_every_file_opens(tmp_path: Path) -> None:
    it = power_cut.run(tmp_path, 40, seed=7, work_s=0.15, quarter_hours=41)
    assert it.boots > 5 and it.torn > 20


def test_the_check_would_see_a_lost_quarter_hour(tmp_path: Path) -> None:
    it = power_cut.run(tmp_path, 10, seed=3, work_s=0.5)
    it.check(it.home)
    store = Store(it.home.store_db)
    with store.write() as db:
        db.execute("DELETE FROM slots WHERE meter_id = 1 AND start_s = ?", (it.safe_s - SLOT_S,))
        assert db.changes() == 1
    store.close()
    with pytest.raises(AssertionError, match="gone|energy"):
        it.check(it.home)


def test_frames_of_an_earlier_round_of_a_wal_do_not_count(tmp_path: Path) -> None:
    page, old, new = 64, b"old-salt", b"new-salt"
    head = bytes(8) + page.to_bytes(4, "big") + bytes(4) + new + bytes(8)
    frames = [number.to_bytes(4, "big") + bytes(4) + salt + bytes(8 + page) for number, salt in ((3, new), (9, old))]
    path = tmp_path / "wal"
    path.write_bytes(head + b"".join(frames))
    assert Wal.of(path) == Wal(1, new, page, [3])
    assert Wal.of(tmp_path / "none").frames == 0
