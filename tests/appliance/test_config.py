"""Where things lie, and who may write there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from appliance import config


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATTWARD_HOME", raising=False)
    monkeypatch.delenv("WATTWARD_RUN", raising=False)


def test_installed_the_home_is_on_the_card_and_the_rest_in_memory() -> None:
    home = config.find(None)
    assert (home.root, home.run) == (config.INSTALLED_HOME, config.INSTALLED_RUN)


def test_the_command_line_goes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATTWARD_HOME", str(tmp_path / "environment"))
    assert config.find(None).root == tmp_path / "environment"
    assert config.find(str(tmp_path / "typed")).root == tmp_path / "typed"


def test_another_home_keeps_its_run_directory_with_itself_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config.find(str(tmp_path)).run == tmp_path / "run"
    monkeypatch.setenv("WATTWARD_RUN", str(tmp_path / "memory"))
    assert config.find(str(tmp_path)).run == tmp_path / "memory"


def test_a_relative_home_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.find("mine").root == tmp_path / "mine"


def test_making_a_home_lets_the_group_in_whatever_the_umask_and_twice_does_no_harm(tmp_path: Path) -> None:
    home = config.Home(tmp_path / "home", tmp_path / "run")
    before = os.umask(0o077)
    try:
        home.make()
        home.make()
    finally:
        os.umask(before)
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in (home.root, home.run, home.bells, home.keys)}
    assert modes == {home.root: 0o2770, home.run: 0o2770, home.bells: 0o2770, home.keys: 0o2750}
    assert home.store_db.parent == home.root and home.live_db.parent == home.run
