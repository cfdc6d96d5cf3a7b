"""The program of paper is started by units that may call little of the kernel; here it runs as confined as there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.metering import meters
from tests.appliance.billing.bench import Bench

ROOT = Path(__file__).parents[3]
STARTERS = ("wattward-core.service", "wattward-admin.service")
ROOT_ONLY = {"fchown"} if os.geteuid() == 0 else set[str]()  # SQLite gives a new file its owner; units have other users
CONFINE = """
import ctypes, os, sys
KILL, ALLOW = 0x80000000, 0x7FFF0000
library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
rules = ctypes.c_void_p(library.seccomp_init(KILL))
for name in sys.argv[1].split(","):
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:
        library.seccomp_rule_add(rules, ALLOW, number, 0)
assert library.seccomp_load(rules) == 0
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""

if shutil.which("systemd-analyze") is None:
    pytest.skip("systemd-analyze is not installed", allow_module_level=True)


def calls_of(group: str) -> set[str]:
    """The system calls of one of systemd's groups and of those in it."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    found: set[str] = set()
    for word in re.findall(r"^    ([@\w-]+)$", listed.stdout, re.MULTILINE):
        found |= calls_of(word) if word.startswith("@") else {word}
    return found


def may_call(unit: str) -> set[str]:
    """What a unit lets its programs call: its lines one after the other, as systemd reads them."""
    found: set[str] = set()
    for without, words in re.findall(
        r"^SystemCallFilter=(~?)(.+)$", (ROOT / "systemd" / unit).read_text(), re.MULTILINE
    ):
        named = {call for word in words.split() for call in (calls_of(word) if word.startswith("@") else {word})}
        found = found - named if without else found | named
    return found


def confined(calls: set[str], words: Sequence[str], run: Path) -> subprocess.CompletedProcess[str]:
    """A program of ours under such a filter; what it may not call ends it."""
    return subprocess.run(
        [sys.executable, "-c", CONFINE, ",".join(sorted(calls)), *words],
        capture_output=True, text=True, check=False, env=os.environ | {"WATTWARD_RUN": str(run)},
    )  # fmt: skip


@pytest.mark.parametrize("unit", STARTERS)
def test_records_and_histories_are_made_as_confined_as_a_unit_is(bench: Bench, tmp_path: Path, unit: str) -> None:
    opened, calls = bench.opened, may_call(unit) | ROOT_ONLY
    meter = meters.all(opened.store)[0]
    month = ["make", "--month", "2026-11", "--format", "pdf,csv,machine,xlsx"]
    days = ["history", "--meter", str(meter.id), "--from", "2026-11-20", "--to", "2026-11-21", "--step", "day"]
    for words in (month, days):
        command = ["-m", "ui.paper", "--home", str(opened.home.root), *words, "--output", str(tmp_path / "made")]
        done = confined(calls, command, opened.home.run)
        assert done.returncode == 0, (words[0], done.returncode, done.stderr[-500:])
    assert sorted(path.suffix for path in (tmp_path / "made").iterdir()) == [".csv", ".csv", ".pdf", ".xlsx", ".xlsx"]


def test_a_call_that_is_not_let_through_would_be_noticed(tmp_path: Path) -> None:
    calls = may_call(STARTERS[0])
    assert confined(calls, ["-c", "print('here')"], tmp_path).stdout == "here\n"
    assert confined(calls, ["-c", "import os; os.nice(1); print('here')"], tmp_path).returncode == -signal.SIGSYS
