"""`touch-display` tells SDL which graphics card has a screen."""

from __future__ import annotations

import subprocess
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "systemd" / "touch-display"


def start(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *words], capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "DRM_CLASS": f"{folder}/drm", "DRM_DEVICES": f"{folder}/dri"} | environment,
    )  # fmt: skip


def connector(folder: Path, name: str, status: str) -> None:
    (folder / "drm" / name).mkdir(parents=True)
    (folder / "drm" / name / "status").write_text(status + "\n")
    (folder / "dri").mkdir(exist_ok=True)
    (folder / "dri" / name.split("-")[0]).touch()


def test_the_card_with_a_screen_is_chosen(tmp_path: Path) -> None:
    connector(tmp_path, "card0-HDMI-A-1", "disconnected")
    connector(tmp_path, "card2-HDMI-A-2", "connected")
    done = start(tmp_path, "sh", "-c", 'echo "$SDL_VIDEODRIVER $SDL_KMSDRM_DEVICE_INDEX"')
    assert done.stdout == "kmsdrm 2\n"


def test_a_panel_comes_before_a_monitor(tmp_path: Path) -> None:
    connector(tmp_path, "card0-HDMI-A-1", "connected")
    connector(tmp_path, "card1-DSI-1", "connected")
    assert start(tmp_path, "--find").stdout == "1\n"


def test_no_screen_ends_with_a_sentence(tmp_path: Path) -> None:
    connector(tmp_path, "card0-HDMI-A-1", "disconnected")
    done = start(tmp_path, "true")
    assert done.returncode == 1 and "no connector" in done.stderr and len(done.stderr.splitlines()) == 1
    assert start(tmp_path, "--find").returncode == 1


def test_a_card_that_may_not_be_opened_is_no_choice(tmp_path: Path) -> None:
    connector(tmp_path, "card0-HDMI-A-1", "connected")
    (tmp_path / "dri" / "card0").unlink()
    assert start(tmp_path, "--find").returncode == 1


def test_a_driver_named_before_is_taken_as_it_is(tmp_path: Path) -> None:
    done = start(
        tmp_path, "sh", "-c", 'echo "$SDL_VIDEODRIVER ${SDL_KMSDRM_DEVICE_INDEX:-none}"', SDL_VIDEODRIVER="x11"
    )
    assert done.stdout == "x11 none\n"


def test_the_exit_code_is_the_programs_own(tmp_path: Path) -> None:
    assert start(tmp_path, "sh", "-c", "exit 7", SDL_VIDEODRIVER="offscreen").returncode == 7
