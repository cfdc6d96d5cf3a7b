"""The record that outlives the house."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.simulated.kept import SIZE, Kept


def test_the_first_run_has_no_record(tmp_path: Path) -> None:
    assert Kept(tmp_path / "house.json").load() is None


def test_the_newest_record_is_found_again_also_when_it_is_shorter(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "house.json")
    kept.keep({"counters": [1] * 500})
    kept.keep({"counters": [2]})
    assert Kept(tmp_path / "house.json").load() == {"counters": [2]}
    kept.close()
    kept.close()
    assert (tmp_path / "house.json").stat().st_size == SIZE


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00" * 50, "null"])
def test_a_record_that_cannot_be_read_is_set_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "house.json"
    path.write_text(text)
    assert Kept(path).load() is None
    assert not path.exists()
    assert (tmp_path / "house.json.unreadable").read_text() == text


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Kept(tmp_path / "gone" / "house.json").keep({})
