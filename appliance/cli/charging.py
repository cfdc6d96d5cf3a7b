"""`wattward authorize`, `stop`, `attempts`: charging itself."""

from __future__ import annotations

import argparse
import time

from appliance import clock, heartbeat
from appliance.audit import CLI
from appliance.charging import attempts, grants, observed, points
from appliance.charging.grants import Decision
from appliance.charging.rules import Result
from appliance.cli.codes import read_code
from appliance.cli.local_time import local_text
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store import migrate

RELAY_WAIT_S = 3.0  # how long `authorize` waits to see the relay close
LOOK_EVERY_S = 0.02
NO_ENTRY = N_("This code may not charge here.")
WAIT = N_("This code may not charge here. After so many wrong codes wait {wait_s} s.")
LOCKED_OUT = N_("Too many wrong codes: wait {wait_s} s.")


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options of one of the three commands."""
    noun = parser.prog.split()[-1]
    if noun in ("authorize", "stop"):
        parser.add_argument("point", metavar="POINT", help="name of the charging point")
    if noun == "authorize":
        parser.add_argument("code", metavar="CODE", help="the PIN, with or without #; - asks for it")
    if noun == "attempts":
        parser.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (default 100)")
        parser.add_argument("--json", action="store_true", help="for programs")
    run = {"authorize": _authorize, "stop": _stop, "attempts": _attempts}[noun]
    parser.set_defaults(run=run)


def _authorize(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    point = points.find(opened.store, args.point)
    decision = grants.authorize(opened, read_code(args.code), point, "cli", actor=CLI)
    if decision.result is not Result.ACCEPTED or decision.user is None:
        raise _refusal(decision)
    say(f"{decision.user.name} may charge at {point.name}. {_relay_sentence(opened, point.id)}")


def _refusal(decision: Decision) -> Refused:
    """One neutral sentence; the reason stands in `wattward attempts`."""
    wait_s = round(decision.wait_s)
    if decision.result is Result.LOCKED_OUT:
        return Refused(LOCKED_OUT, wait_s=wait_s)
    return Refused(WAIT, wait_s=wait_s) if wait_s else Refused(NO_ENTRY)


def _relay_sentence(opened: Opened, point_id: int) -> str:
    """What became of the relay, as the core sees it."""
    if not heartbeat.core_runs(opened.live, opened.clock):
        return "The core is not running, so the relay stays open: start it with 'wattward core'."
    deadline = time.monotonic() + RELAY_WAIT_S
    while time.monotonic() < deadline:
        seen = observed.all(opened.live).get(point_id)
        if seen is not None and seen.closed:
            return "The relay is closed."
        time.sleep(LOOK_EVERY_S)
    return "The relay is still open: it closes after its pause, or 'wattward status' says what is wrong."


def _stop(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    point = points.find(opened.store, args.point)
    stopped = grants.stop(opened, point.id, CLI)
    say(f"Charging at {point.name} is stopped." if stopped else f"Nothing was running at {point.name}.")


def _attempts(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    found = attempts.newest(opened.store, max(0, args.limit))
    rows: list[dict[str, object]] = [
        {
            "id": one.id,
            "at": clock.utc_text(one.at) if args.json else local_text(opened, one.at),
            "terminal": one.terminal,
            "point": one.point,
            "result": one.result.value,
            "user": one.user,
            "named": one.named,
            "remark": one.remark,
        }
        for one in found
    ]
    if args.json:
        as_json(rows)
    else:
        table(
            rows, ["at", "terminal", "point", "result", "user", "named", "remark"], empty="Nobody tried to charge yet."
        )
