"""Verbs of a command, each on a store of this program's version only."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from appliance.opened import Opened
from appliance.store import migrate

Command = Callable[[argparse.Namespace, Opened], int | None]


def verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Command, line: str
) -> argparse.ArgumentParser:
    """Add a verb with its one line of help."""
    made = verbs.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")

    def checked(args: argparse.Namespace, opened: Opened) -> int | None:
        migrate.require_current(opened.store)
        return run(args, opened)

    made.set_defaults(run=checked)
    return made
