"""Kivy is told the size of the panel, one input and nothing else, before it is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ui.touch import display


def test_a_size_is_what_was_asked_for() -> None:
    assert display.as_size("1280x720") == (1280, 720)
    assert display.size((1280, 720)) == (1280, 720)
    with pytest.raises(ValueError, match="not enough|invalid"):
        display.as_size("big")


def panel(folder: Path, status: str, modes: str) -> None:
    connector = folder / "card1-DSI-1"
    connector.mkdir(parents=True)
    (connector / "status").write_text(status + "\n")
    (connector / "modes").write_text(modes)


def test_under_kms_the_panel_says_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "DRM", tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "KMSDRM")
    panel(tmp_path, "connected", "1280x720\n800x480\n")
    assert display.size(None) == (1280, 720)


def test_without_a_connected_panel_it_is_the_layouts_own_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "DRM", tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "kmsdrm")
    panel(tmp_path, "disconnected", "1280x720\n")
    assert display.size(None) == (800, 480)
    monkeypatch.delenv("SDL_VIDEODRIVER")
    assert display.size(None) == (800, 480)


def test_kivy_has_one_input_no_file_log_and_no_antialiasing_of_its_own(tmp_path: Path) -> None:  # UX 11
    program = (
        "import json, pathlib; from ui.touch import display; display.prepare((1280, 720), pathlib.Path('RUN'));"
        "from kivy.config import Config; from kivy.metrics import dp;"
        "print(json.dumps([Config.items('input'), Config.get('graphics', 'multisamples'), dp(100)]))"
    ).replace("RUN", str(tmp_path))
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert json.loads(said.stdout) == [[["mouse", "mouse,disable_multitouch"]], "0", 150.0]
    assert not (tmp_path / "home").exists()
    assert not list(tmp_path.rglob("*.txt"))


def test_the_backlight_is_found_and_set_to_a_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "10-0045"
    folder.mkdir()
    (folder / "brightness").write_text("255")
    (folder / "max_brightness").write_text("255")
    monkeypatch.setattr(display, "BACKLIGHTS", tmp_path)
    assert display.set_brightness(0.3)
    assert (folder / "brightness").read_text() == "76"


def test_without_a_backlight_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "BACKLIGHTS", tmp_path)
    assert not display.set_brightness(0.3)
    assert display.backlight() is None


def test_a_panel_that_stands_upright_is_turned_and_another_is_not() -> None:
    assert display.turned("auto", (720, 1280)) == 90
    assert display.turned("auto", (1280, 720)) == 0
    assert display.turned("270", (720, 1280)) == 270


def test_dark_switches_the_backlight_off_and_a_little_light_is_not_dark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "panel"
    folder.mkdir()
    for name, value in (("brightness", "31"), ("max_brightness", "31"), ("bl_power", "0")):
        (folder / name).write_text(value)
    monkeypatch.setattr(display, "BACKLIGHTS", tmp_path)
    assert display.set_brightness(0.0)
    assert ((folder / "brightness").read_text(), (folder / "bl_power").read_text()) == ("0", "4")
    assert display.set_brightness(0.01)
    assert ((folder / "brightness").read_text(), (folder / "bl_power").read_text()) == ("1", "0")


def test_a_backlight_that_cannot_be_read_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "panel").mkdir()
    (tmp_path / "panel" / "brightness").write_text("31")
    monkeypatch.setattr(display, "BACKLIGHTS", tmp_path)
    assert not display.set_brightness(0.5)
