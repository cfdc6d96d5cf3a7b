"""`wattward`: the command line. One noun a module, loaded only when it is called.

Bad input ends with exit code 2 and one sentence on stderr that says what to do;
everything else that went wrong ends with 1.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from appliance import clock, config, errors, opened
from drivers.interfaces import DriverError

# noun -> (module, one line of help). The module's `register(parser)` adds its verbs and sets
# `parser.set_defaults(run=function)`; run(args, opened: Opened) -> exit code or None.
NOUNS: dict[str, tuple[str, str]] = {
    "demo": ("run", "everything on a simulated house, in one terminal"),
    "core": ("run", "the process that owns hardware, loops and schedule"),
    "touch": ("run", "the touchscreen"),
    "admin": ("run", "the web admin: waits, opens its port, closes it"),
    "phone": ("run", "the service for apps and phones: waits, opens its port, closes it"),
    "status": ("status", "what is going on now"),
    "meters": ("meters", "meters: scan, models, add, list, read, check, edit, test, archive, activate, remove"),
    "history": ("history", "what was measured on any days: table, CSV or JSON"),
    "counters": ("counters", "energy counters: show, reset"),
    "points": ("points", "charging points: add, list, edit, mode, plan, test, seen-open, archive, activate, remove"),
    "users": (
        "users", "people: add, list, show, edit, allow, block, unblock, archive, activate, anonymise, remove, import"
    ),
    "identifications": (
        "identifications", "PINs, cards and tags of users: add, list, edit, show, test, remove, learn, unknown, adopt"
    ),
    "vehicles": ("vehicles", "cars of users: add, list, edit, archive, remove"),
    "guests": ("guests", "codes that end by themselves: add, list"),
    "readers": ("readers", "readers at the charging points: add, list, edit, test, ask, archive, activate, remove"),
    "authorize": ("charging", "start charging with a code"),
    "stop": ("charging", "stop charging"),
    "sessions": ("sessions", "charging sessions, and their journal: verify, export, correct"),
    "why": ("charging", "why a charging point charges, or why not, and what led there"),
    "attempts": ("charging", "accepted and refused attempts, with the reason"),
    "tariffs": ("tariffs", "tariffs: add, price, give, list, archive"),
    "reports": ("reports", "reports: make, deliver, list, mail-account, test-mail, forget-mail"),
    "tokens": ("tokens", "access tokens of apps: list, show, request, confirm, revoke, delete, rename, lend"),
    "web": ("web", "the web admin's window: open, close, status, reset-password"),
    "pin": ("web", "the settings PIN: status, clear"),
    "backup": ("backup", "backups: now, list, restore, key, verify"),
    "settings": ("settings", "settings: list, get, set"),
    "audit": ("settings", "who did what"),
    "clock": ("settings", "whether date and time are believed: status, confirm"),
    "doctor": ("doctor", "look whether everything is in order and say what to do"),
}  # fmt: skip


def _parser(noun: str | None) -> argparse.ArgumentParser:
    """The parser with the verbs of `noun` only."""
    parser = argparse.ArgumentParser(prog="wattward", description="Energy meter and EV charging authorization.")
    parser.add_argument(
        "--home", metavar="DIR", help="folder of this appliance (default: $WATTWARD_HOME or /var/lib/wattward)"
    )
    nouns = parser.add_subparsers(dest="noun", metavar="COMMAND", required=True)
    for name, (module, line) in NOUNS.items():
        sub = nouns.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        if name == noun:
            importlib.import_module(f"appliance.cli.{module}").register(sub)
    return parser


def _noun(words: Sequence[str]) -> str | None:
    """The first word that is a command."""
    return next((word for word in words if word in NOUNS), None)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    words = sys.argv[1:] if words is None else words
    os.umask(0o007)
    args = _parser(_noun(words)).parse_args(words)
    try:
        home = config.find(args.home)
        code = args.run(args, opened.open_home(home, clock.of_run(home.run)))
        sys.stdout.flush()
    except errors.BadInput as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (errors.WattwardError, DriverError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:  # whoever read our output went away; so does the rest of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
