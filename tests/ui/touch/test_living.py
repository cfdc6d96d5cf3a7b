"""What is old, wrong, dark, gone or restarted is said plainly; and nothing is spent while nothing happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from appliance import audit, faults, heartbeat
from appliance.store import migrate, settings
from appliance.system import tasks
from tests.patience import PATIENCE_S
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch

MESSAGE = "Nothing answers at {address}: check power, network cable, address, port and firewall."


def darken(house: House, dim_s: int = 60, off_s: int = 600) -> None:
    for key, seconds in (("ui.dim_after_s", dim_s), ("ui.off_after_s", off_s)):
        settings.put(house.it.store, house.clock.now(), audit.CLI, key, str(seconds))


# Values -----------------------------------------------------------------------------------


def test_home_answers_what_is_my_power_now(touch: Touch) -> None:  # UX 1
    touch.see("Grid", "1.24", "House", "3.55", "Car", "0", "Solar", "2.31", "kW", "today", "live")


def test_values_follow_the_meters(house: House, touch: Touch) -> None:
    house.measure(Grid=-3210.0, Solar_roof=-4000.0)
    touch.see("Feed-in", "3.21", "790", "4.00")


def test_only_what_is_there_has_a_card(house: House, touch: Touch) -> None:
    with house.it.store.write() as db:
        db.execute("UPDATE meters SET archived_at='2026-01-01T00:00:00.000Z' WHERE role='pv'")
    touch.wait(lambda seen: "Solar" not in [one.get("text") for one in seen if one["kind"] == "Text"])


def test_an_old_value_is_a_dash_with_its_reason(house: House, touch: Touch) -> None:  # UX 14
    house.silence("Grid")
    house.live(8)
    touch.see("–", "no data for 0:08", "8 s old")
    assert "1.24" not in touch.texts()
    touch.see("2.31")  # the roof is still measured


def test_no_meter_at_all_is_no_number(house: House, touch: Touch) -> None:
    with house.it.live.write() as db:
        db.execute("DELETE FROM readings")
    touch.see("–", "no data")


# Faults -----------------------------------------------------------------------------------


def test_a_fault_is_said_in_words_on_every_screen_and_leads_to_what_to_do(house: House, touch: Touch) -> None:
    faults.report(house.it.live, house.clock.now(), "meter:1", "unreachable", MESSAGE, address="192.0.2.10:502")
    for tab in ("Energy", "Charging", "Sessions"):
        touch.tap(tab)
        touch.see("Nothing answers at 192.0.2.10:502")
    touch.tap("Nothing answers at 192.0.2.10:502")
    touch.see("Check power, network cable", "since 21/11/2026, 13:00")
    faults.clear(house.it.live, "meter:1")
    touch.see("Everything is in order.", "over", "Nothing answers", "meter-unreachable")  # UX 30: it stays, with a code


def test_long_work_is_seen_everywhere_can_be_left_and_is_found_again(house: House, touch: Touch) -> None:  # UX 29
    number = tasks.ask(house.it, audit.TOUCH, "restore", path="x")
    touch.tap("Backup is being restored")
    touch.see("Work under way", "Do not remove power.")
    tasks.claim(house.it)
    touch.tap("icon:back")
    touch.tap("Backup is being restored")
    tasks.fail(house.it.live, number, "The backup is damaged.", {})
    touch.see("The backup could not be restored", "The backup is damaged.")


def test_a_toast_can_be_taken_back(house: House, touch: Touch) -> None:
    touch.toast("Anna was blocked.")
    touch.see("Anna was blocked.", "Undo")
    touch.undo()
    touch.not_see("Anna was blocked.")


def test_a_toast_takes_the_touches_on_it(house: House, touch: Touch) -> None:
    touch.toast("Anna was blocked.")
    touch.see("Anna was blocked.")
    words = next(one["box"] for one in touch.look() if one.get("text") == "Anna was blocked.")
    below = [one for one in touch.look() if one.get("target") and one["covered"]]
    assert below, "nothing lies below it"
    assert touch.tap_at(words[0] + 2, (words[1] + words[3]) / 2) == 1
    assert touch.screen == "energy"
    touch.see("Anna was blocked.", "Undo")


def test_several_faults_are_counted(house: House, touch: Touch) -> None:
    faults.report(house.it.live, house.clock.now(), "meter:1", "unreachable", MESSAGE, address="192.0.2.10:502")
    faults.report(house.it.live, house.clock.now(), "meter:2", "unreachable", MESSAGE, address="192.0.2.11:502")
    touch.see("+1")


# What cannot be shown ---------------------------------------------------------------------


def test_a_silent_core_covers_everything_and_goes_by_itself(house: House, touch: Touch) -> None:
    house.clock.advance(30)
    touch.see("The core is not running", "It is tried again by itself.")
    touch.tap_at(100, 450)
    assert touch.screen == "energy"
    house.live(1)
    touch.see("live")
    touch.not_see("The core is not running")


def test_another_schema_is_said_and_nothing_old_is_shown(house: House, touch: Touch) -> None:
    with house.it.store.write() as db:
        db.execute(f"PRAGMA user_version={migrate.SCHEMA + 1}")
    touch.see(f"The store has version {migrate.SCHEMA + 1}")
    with house.it.store.write() as db:
        db.execute(f"PRAGMA user_version={migrate.SCHEMA}")
    touch.see("live")


def test_a_missing_store_is_said_and_found_again(house: House, touch: Touch) -> None:
    path = house.it.home.store_db
    path.rename(path.with_suffix(".away"))
    touch.see("There is no store")
    path.with_suffix(".away").rename(path)
    touch.see("live")


def test_a_missing_live_file_is_said(house: House, tmp_path: Path) -> None:
    house.it.live.close()
    house.it.home.live_db.unlink()
    touch = Touch(house, tmp_path / "clock").start()
    try:
        touch.see("The core is not running")
    finally:
        touch.kill()


# Darkness ---------------------------------------------------------------------------------


def test_the_touch_that_wakes_does_nothing_else(house: House, touch: Touch) -> None:  # UX 12
    darken(house)
    left, top, right, bottom = next(one["cut"] for one in touch.targets() if "Charging" in one["labels"])
    house.live(62)
    touch.see("comes from the grid")  # the idle value; the key is below it
    touch.tap_at((left + right) / 2, (top + bottom) / 2)
    assert touch.screen == "energy"
    touch.tap_at((left + right) / 2, (top + bottom) / 2)  # within the guard
    assert touch.screen == "energy"
    house.live(2)
    touch.tap("Charging")
    touch.see("Enter your PIN to charge.")


def test_darkness_forgets_what_was_half_typed(house: House, touch: Touch) -> None:  # UX 19
    darken(house)
    touch.tap("Charging")
    touch.keys("2718")
    house.live(62)
    touch.see("comes from the grid")
    touch.tap_at(3, 200)
    house.live(2)
    touch.not_see("comes from the grid")
    assert not next(one for one in touch.targets() if "OK" in one["labels"])["enabled"]


def test_the_display_goes_dark_and_a_fault_lights_it(house: House, touch: Touch, tmp_path: Path) -> None:  # UX 13
    darken(house, 10, 30)
    house.live(31)
    time.sleep(1.3)
    assert brightest(touch.shot(tmp_path / "dark.png")) == 0
    faults.report(house.it.live, house.clock.now(), "meter:1", "unreachable", MESSAGE, address="192.0.2.10:502")
    touch.see("Nothing answers")
    time.sleep(0.3)
    assert brightest(touch.shot(tmp_path / "bright.png")) > 200


def brightest(picture: Path) -> int:
    """The brightest value in a PNG, by the program that reads QR codes: no other decoder is needed."""
    from tests.ui.touch.png import pixels

    return max(pixels(picture)[2])


# Cost -------------------------------------------------------------------------------------


def test_nothing_is_drawn_while_nothing_changes(house: House, touch: Touch) -> None:  # UX 9
    house.measure(Grid=0.0, Solar_roof=0.0)  # what flows moves
    time.sleep(2.5)
    before = touch.frames()
    time.sleep(3)
    assert touch.frames() == before


# The program ------------------------------------------------------------------------------


def run_program(
    house: House, *more: str, called: tuple[str, ...] = ("-m", "ui.touch"), **environment: str
) -> subprocess.Popen[str]:
    """The program as systemd starts it, on the machine's own clock."""
    home = house.it.home
    return subprocess.Popen(
        [sys.executable, *called, "--home", str(home.root), *more],
        env={**os.environ, "WATTWARD_RUN": str(home.run), "SDL_VIDEODRIVER": "offscreen", **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_it_tells_the_service_manager_and_ends_cleanly(house: House, tmp_path: Path) -> None:
    picture = tmp_path / "touch.png"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE_S)
        program = run_program(house, "--screenshot-every", "1", str(picture), NOTIFY_SOCKET=str(tmp_path / "notify"))
        said: list[str] = []
        while "READY=1" not in said or said.count("WATCHDOG=1") < 3:
            said.append(manager.recv(100).decode())
        assert "touch" in heartbeat.beats(house.it.live, house.clock)
        deadline = time.monotonic() + PATIENCE_S
        while not picture.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        program.send_signal(signal.SIGTERM)
        output = program.communicate(timeout=PATIENCE_S)[0]
    assert program.returncode == 0
    assert "Traceback" not in output
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert not list(picture.parent.glob(".touch*"))


def test_it_writes_no_files_of_its_own_outside_the_run_folder(house: House, touch: Touch) -> None:
    opened = {file.path for file in psutil.Process(touch.pid).open_files() if "w" in file.mode or "+" in file.mode}
    assert [path for path in opened if not path.startswith((str(house.it.home.root), str(house.it.home.run)))] == []


def test_a_bad_size_is_refused_with_a_sentence(house: House) -> None:
    program = run_program(house, "--size", "big")
    assert "WxH" in program.communicate(timeout=PATIENCE_S)[0]
    assert program.returncode == 2


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_core_restarted_is_seen_without_a_restart_of_the_screen(house: House, touch: Touch, language: str) -> None:
    house.speak(language)
    house.clock.advance(30)
    touch.see({"en": "The core is not running", "de": "Der Kern läuft nicht"}[language])
    heartbeat.begin(house.it.live, "core", house.clock)
    house.live(1)
    touch.see("live")


def test_another_language_or_colours_do_not_end_the_rest_of_the_display(house: House, touch: Touch) -> None:  # UX 13
    darken(house)
    house.live(62)
    touch.see("comes from the grid")
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.theme", "light")
    house.speak("de")
    touch.see("kommt aus dem Netz")
    touch.not_see("Laden")  # the tabs below it


def test_a_toast_outlives_other_colours_and_can_still_be_taken_back(house: House, touch: Touch) -> None:
    touch.toast("Anna was blocked.")
    touch.see("Anna was blocked.")
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.theme", "light")
    house.speak("de")
    touch.see("Anna was blocked.", "Einstellungen")


UNFORESEEN = """
import sys
from ui.touch import __main__, gather

def collect(*_args):
    raise RuntimeError("nobody foresaw that")

gather.collect = collect
sys.exit(__main__.main())
"""


def test_without_its_watcher_it_ends_and_never_shows_old_values_as_live(house: House) -> None:  # UX 14
    program = run_program(house, called=("-c", UNFORESEEN))
    output = program.communicate(timeout=PATIENCE_S)[0]
    assert "nobody foresaw that" in output and "the watcher has ended" in output
