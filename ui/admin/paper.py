"""Files made by the program of paper, which runs and ends, so that the web admin stays small."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from appliance.errors import N_, Refused
from ui.admin import guard
from ui.admin.words import gettext as _

LONGEST_WORK_S = 60.0
PREFIX = "paper-"  # of the folder that a file is made in
FAILED = N_("The file could not be made: {detail}")


def made(verb: str, *words: str) -> tuple[str, BinaryIO]:
    """Name and content of a file; each word is a date, a number or stands behind '='. Raises Refused."""
    opened = guard.appliance()
    command = [sys.executable, "-m", "ui.paper", "--home", str(opened.home.root), verb, *words]
    _sweep(opened.home.run)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=opened.home.run) as folder:
        try:
            done = subprocess.run(  # noqa: S603 - our own program, and no word of a stranger can be an option
                [*command, "--output", folder], capture_output=True, timeout=LONGEST_WORK_S, check=False, text=True
            )
        except subprocess.TimeoutExpired:
            raise Refused(FAILED, detail=_("it took longer than a minute. Choose a shorter period.")) from None
        found = sorted(Path(folder).iterdir())
        if done.returncode or not found:
            raise Refused(FAILED, detail=done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "?")
        return found[0].name, found[0].open("rb")  # stays readable when the folder goes


def _sweep(run: Path) -> None:
    """Take away what a window's end left half made."""
    for folder in run.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > 2 * LONGEST_WORK_S:
                shutil.rmtree(folder, ignore_errors=True)
