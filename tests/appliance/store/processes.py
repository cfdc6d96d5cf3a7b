"""Real processes on one store, for the conditions that only processes can prove."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROLOGUE = """
import json, os, random, signal, sys, time
from pathlib import Path
from appliance import errors
from appliance.store import changes, database, live, migrate
from appliance.store.database import Store
from tests.fake_clock import FakeClock
PATH, BELLS = Path(sys.argv[1]), Path(sys.argv[2])
def say(*words):
    print(*words, flush=True)
"""


def start(store: Path, bells: Path, work: str) -> subprocess.Popen[str]:
    """Another process that does `work` on the store."""
    return subprocess.Popen(
        [sys.executable, "-c", PROLOGUE + work, str(store), str(bells)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def line(process: subprocess.Popen[str]) -> str:
    """The next line it says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str], word: str) -> None:
    """Give it a line to read."""
    assert process.stdin is not None
    process.stdin.write(word + "\n")
    process.stdin.flush()


def end(process: subprocess.Popen[str]) -> str:
    """Let it end; return what else it said."""
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return out.strip()
