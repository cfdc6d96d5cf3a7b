"""What tests of commands share: the command line on an appliance's home, and a house to talk to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.opened import Opened
from tests.appliance.cli.house import Run, runner


@pytest.fixture
def run(opened: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands on the home of an appliance that has started once."""
    return runner(opened.home, capsys, monkeypatch)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A simulated house's Modbus port."""
    command = [sys.executable, "-m", "drivers.simulated.house", "--modbus-port", "0", "--pins", str(tmp_path / "pins")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as house:
        assert house.stdout is not None
        yield int(house.stdout.readline().split("modbus=")[1].split()[0])
        house.terminate()
