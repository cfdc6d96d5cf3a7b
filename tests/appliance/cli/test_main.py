"""What all commands have in common: exit codes, one sentence, and a reader that goes away."""

from __future__ import annotations

import argparse
import importlib
import signal
import subprocess
import sys

import pytest

from appliance.cli import main
from appliance.opened import Opened
from tests.appliance.cli.house import Run

WATTWARD = [sys.executable, "-m", "appliance.cli.main"]


def test_a_command_leaves_the_signals_of_its_process_alone(run: Run) -> None:
    """A core with SIGPIPE at its default would die of the first peer that closes a connection."""
    before = signal.getsignal(signal.SIGPIPE)
    assert run("settings", "list").code == 0
    assert signal.getsignal(signal.SIGPIPE) is before is signal.SIG_IGN


def test_a_reader_that_goes_away_ends_the_command_quietly(opened: Opened) -> None:
    command = [*WATTWARD, "--home", str(opened.home.root), "settings", "list", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.wait(20) == 141
        assert process.stderr.read() == ""


def test_an_unknown_command_ends_with_2(run: Run) -> None:
    with pytest.raises(SystemExit) as ended:
        run("charge")
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "words", [("users", "block"), ("identifications", "add", "--type", "pin", "--code", "#271828")]
)
def test_a_number_nobody_could_have_is_bad_input(run: Run, words: tuple[str, ...]) -> None:
    answer = run(*words[:2], "99999999999999999999", *words[2:])
    assert (answer.code, answer.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("noun", main.NOUNS)
def test_the_help_of_a_command_names_all_its_verbs(noun: str) -> None:
    module, line = main.NOUNS[noun]
    parser = argparse.ArgumentParser(prog=noun)
    parser.set_defaults(noun=noun)
    importlib.import_module(f"appliance.cli.{module}").register(parser)
    verbs = [name for action in parser._actions if isinstance(action.choices, dict) for name in action.choices]
    assert not verbs or set(line.rpartition(": ")[2].split(", ")) == set(verbs)
