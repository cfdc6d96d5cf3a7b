"""The polkit rules: the core may what its code asks for, and nothing else; nobody else of Wattward may anything."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

RULES = Path(__file__).parents[2] / "systemd" / "wattward-polkit.rules"
NEEDED = {  # action -> who asks for it
    "org.freedesktop.NetworkManager.network-control": "network/changing.py: ActivateConnection",
    "org.freedesktop.NetworkManager.settings.modify.system": "network/changing.py: Update, Delete, AddAndActivate",
    "org.freedesktop.NetworkManager.wifi.scan": "network/changing.py: RequestScan",
    "org.freedesktop.login1.power-off": "system/power.py",
    "org.freedesktop.login1.power-off-multiple-sessions": "system/power.py, while somebody is logged in",
    "org.freedesktop.login1.reboot": "system/power.py",
    "org.freedesktop.login1.reboot-multiple-sessions": "system/power.py, while somebody is logged in",
    "org.freedesktop.systemd1.manage-units": "system/web_limit.py: KillUnit of the web admin",
    "org.freedesktop.timedate1.set-ntp": "system/timekeeping.py",
    "org.freedesktop.timedate1.set-time": "system/timekeeping.py",
    "org.freedesktop.timedate1.set-timezone": "system/timekeeping.py",
}
NODE = shutil.which("node")


def test_the_rules_name_what_is_needed_and_no_more() -> None:
    assert set(re.findall(r'"(org\.freedesktop[^"]+)"', RULES.read_text())) == set(NEEDED)


@pytest.mark.skipif(NODE is None, reason="no JavaScript here to run the rules with")
@pytest.mark.parametrize(
    ("user", "action", "answer"),
    [
        ("wattward-core", "org.freedesktop.login1.reboot", "yes"),
        ("wattward-core", "org.freedesktop.systemd1.manage-units", "undefined"),
        ("wattward-touch", "org.freedesktop.login1.reboot", "undefined"),
        ("wattward-admin", "org.freedesktop.NetworkManager.network-control", "undefined"),
        ("pi", "org.freedesktop.timedate1.set-time", "undefined"),
    ],
)
def test_only_the_core_gets_a_yes(user: str, action: str, answer: str) -> None:
    assert said(user, action) == answer


def said(user: str, action: str, details: dict[str, str] | None = None) -> str:
    """What the rules answer."""
    script = (
        "var rule; const polkit = {addRule: one => { rule = one; }, Result: {YES: 'yes'}};"
        f"{RULES.read_text()};"
        f"const details = {json.dumps(details or {})};"
        f"console.log(String(rule({{id: '{action}', lookup: name => details[name]}}, {{user: '{user}'}})));"
    )
    done = subprocess.run([str(NODE), "-e", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(NODE is None, reason="no JavaScript here to run the rules with")
@pytest.mark.parametrize(
    ("user", "unit", "verb", "answer"),
    [
        ("wattward-core", "wattward-admin.service", "kill", "yes"),
        ("wattward-core", "wattward-admin.service", "start", "undefined"),
        ("wattward-core", "ssh.service", "kill", "undefined"),
        ("wattward-touch", "wattward-admin.service", "kill", "undefined"),
    ],
)
def test_of_units_the_core_may_kill_the_web_admin_and_nothing_else(
    user: str, unit: str, verb: str, answer: str
) -> None:  # A003-21
    assert said(user, "org.freedesktop.systemd1.manage-units", {"unit": unit, "verb": verb}) == answer


def test_the_installation_places_and_removes_them() -> None:
    script = (RULES.parent / "install.sh").read_text()
    assert script.count("/etc/polkit-1/rules.d/60-wattward.rules") == 2
