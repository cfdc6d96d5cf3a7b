"""`wattward authorize`, `stop`, `sessions`, `attempts`: charging itself."""

from __future__ import annotations

import argparse
import contextlib
import time
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance import clock, errors, heartbeat
from appliance.audit import CLI
from appliance.charging import attempts, grants, observed, points, sessions, users
from appliance.charging.grants import Decision
from appliance.charging.rules import Result
from appliance.cli.codes import read_code
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store import migrate, settings

RELAY_WAIT_S = 3.0  # how long `authorize` waits to see the relay close
LOOK_EVERY_S = 0.02
NO_ENTRY = N_("This code may not charge here.")
WAIT = N_("This code may not charge here. After so many wrong codes wait {wait_s} s.")
LOCKED_OUT = N_("Too many wrong codes: wait {wait_s} s.")


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options of one of the four commands."""
    noun = parser.prog.split()[-1]
    if noun in ("authorize", "stop"):
        parser.add_argument("point", metavar="POINT", help="name of the charging point")
    if noun == "authorize":
        parser.add_argument("code", metavar="CODE", help="the PIN, with or without #; - asks for it")
    if noun == "sessions":
        parser.add_argument("--user", metavar="USER", help="of this user only")
    if noun in ("sessions", "attempts"):
        parser.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (default 100)")
        parser.add_argument("--json", action="store_true", help="for programs")
    run = {"authorize": _authorize, "stop": _stop, "sessions": _sessions, "attempts": _attempts}[noun]
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


def _sessions(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    user_id = None if args.user is None else users.find(opened.store, args.user).id
    found = sessions.newest(opened.store, max(0, args.limit), user=user_id)
    if args.json:
        as_json([_as_keys(session) for session in found])
        return
    rows = [
        {
            "id": one.id,
            "begin": _local(opened, one.began_at),
            "end": "running" if one.ended_at is None else _local(opened, one.ended_at),
            "point": one.point,
            "user": one.user or "-",
            "kwh": "" if one.energy_wh is None else f"{one.energy_wh / 1000:.2f}",
            "end_reason": one.end_reason or "",
            "remark": one.remark,
        }
        for one in found
    ]
    table(
        rows, ["id", "begin", "end", "point", "user", "kwh", "end_reason", "remark"], empty="No charging sessions yet."
    )


def _as_keys(session: sessions.Session) -> dict[str, object]:
    return {
        "id": session.id,
        "point": session.point,
        "user_id": session.user_id,
        "user": session.user,
        "identification": session.identification,
        "began_at": clock.utc_text(session.began_at),
        "ended_at": None if session.ended_at is None else clock.utc_text(session.ended_at),
        "begin_wh": session.begin_wh,
        "end_wh": session.end_wh,
        "energy_wh": session.energy_wh,
        "end_reason": session.end_reason,
        "remark": session.remark,
    }


def _attempts(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    found = attempts.newest(opened.store, max(0, args.limit))
    rows: list[dict[str, object]] = [
        {
            "id": one.id,
            "at": clock.utc_text(one.at) if args.json else _local(opened, one.at),
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


def _local(opened: Opened, moment: datetime) -> str:
    """Local time of the appliance, to the second."""
    zone = ZoneInfo("UTC")
    with contextlib.suppress(ZoneInfoNotFoundError, ValueError, errors.StoreError):
        zone = ZoneInfo(settings.text(opened.store, "site.timezone"))
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
