"""The unit files: systemd understands them without a word, and they may do no more than the README says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.access import local_peers

FOLDER = Path(__file__).parents[2] / "systemd"
LIMITS = {
    "wattward-core.service": 1.5,
    "wattward-admin.service": 1.5,
    "wattward-phone.service": 1.5,
    "wattward-touch.service": 3.0,
}

SERVICES = tuple(LIMITS)
LIMITS["wattward-window.service"] = 1.5  # runs for a moment only

if shutil.which("systemd-analyze") is None:
    pytest.skip("systemd-analyze is not installed", allow_module_level=True)


def analyze(*words: str) -> str:
    """What systemd-analyze says, complaints included."""
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def placed(folder: Path, changes: dict[str, str] | None = None) -> list[str]:
    """The units as an installation has them, their programs being empty ones."""
    program = folder / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    paths = []
    for unit in [*LIMITS, "run-wattward-usb.mount", "wattward-window.path"]:
        text = re.sub(
            r"/opt/wattward/current/(bin/wattward|\S*/touch-display|\S*/window-firewall)",
            str(program),
            (FOLDER / unit).read_text(),
        )
        for old, new in (changes or {}).items():
            text = text.replace(old, new)
        (folder / unit).write_text(text)
        paths.append(str(folder / unit))
    return paths


def exposure(unit: Path) -> float:
    """What `security` says at its end; its table has no total."""
    match = re.search(r"Overall exposure level for \S+: ([\d.]+)", analyze("security", "--offline=yes", str(unit)))
    assert match is not None
    return float(match[1])


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    assert analyze("verify", *placed(tmp_path)) == ""


def test_a_misspelled_line_would_be_noticed(tmp_path: Path) -> None:
    assert "PrivateTemp" in analyze("verify", *placed(tmp_path, {"PrivateTmp=": "PrivateTemp="}))


@pytest.mark.parametrize("unit", LIMITS)
def test_no_unit_may_do_more_than_its_limit(unit: str) -> None:
    assert exposure(FOLDER / unit) <= LIMITS[unit]


@pytest.mark.parametrize("unit", LIMITS)
def test_the_readme_has_the_measured_figures(unit: str) -> None:
    readme = (FOLDER / "README.md").read_text()
    measured_with = re.search(r"\(systemd (\d+)\)", readme)
    assert measured_with is not None
    assert f"| {unit} | " in readme and readme.split(f"| {unit} | ")[1].split("|")[1].strip() == str(LIMITS[unit])
    if not analyze("--version").startswith(f"systemd {measured_with[1]} "):
        pytest.skip("another systemd counts differently")
    assert f"| {unit} | {exposure(FOLDER / unit)} | {LIMITS[unit]} |" in readme


def test_every_file_stands_in_the_readme() -> None:
    readme = (FOLDER / "README.md").read_text()
    assert [file.name for file in FOLDER.iterdir() if file.name != "README.md" and f"`{file.name}`" not in readme] == []


@pytest.mark.parametrize("unit", SERVICES)
def test_every_process_is_watched_restarted_and_never_given_up(unit: str) -> None:
    text = (FOLDER / unit).read_text()
    assert "Type=notify\n" in text and "Restart=always\n" in text and "StartLimitIntervalSec=0\n" in text
    assert "WatchdogSignal=SIGKILL\n" in text


def test_the_core_may_open_relay_lines_and_what_readers_and_meters_are_on_and_nothing_else() -> None:
    text = (FOLDER / "wattward-core.service").read_text()
    assert "DevicePolicy=closed\n" in text and "WatchdogSec=15\n" in text
    allowed = re.findall(r"^DeviceAllow=(.*)$", text, re.MULTILINE)
    devices = ("gpiochip", "ttyUSB", "ttyACM", "ttyAMA", "ttyS", "input", "spi", "i2c")
    assert allowed == [f"char-{device} rw" for device in devices]


def test_only_the_web_admin_has_a_capability_and_it_is_the_port() -> None:
    for unit in SERVICES:
        found = re.search(r"^CapabilityBoundingSet=(.*)$", (FOLDER / unit).read_text(), re.MULTILINE)
        assert found is not None
        assert found[1] == ("CAP_NET_BIND_SERVICE" if "admin" in unit else "")


def test_nothing_on_a_stick_can_be_run() -> None:
    text = (FOLDER / "run-wattward-usb.mount").read_text()
    assert "Options=nosuid,nodev,noexec," in text and "by-label/WATTWARD" in text


def test_the_service_for_apps_hears_the_local_network_only() -> None:  # A000-30
    text = (FOLDER / "wattward-phone.service").read_text()
    found = re.search(r"^IPAddressAllow=(.*)$", text, re.MULTILINE)
    assert "IPAddressDeny=any\n" in text and found is not None
    words = {"localhost": ["127.0.0.0/8", "::1/128"], "link-local": ["169.254.0.0/16", "fe80::/10"]}
    allowed = {one for word in found[1].split() for one in words.get(word, [word])}
    assert allowed == {str(network) for network in local_peers.LOCAL} | {"224.0.0.251", "ff02::fb"}
