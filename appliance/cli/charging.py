"""`wattward authorize`, `stop`, `attempts`, `why`: charging itself, and what was decided."""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from appliance import clock, heartbeat
from appliance.audit import CLI
from appliance.charging import attempts, grants, local_days, observed, points, users, why
from appliance.charging.attempts import Attempt
from appliance.charging.grants import Decision
from appliance.charging.rules import Result
from appliance.cli.codes import read_code
from appliance.cli.local_time import local_text
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, BadInput, Refused
from appliance.opened import Opened
from appliance.store import migrate

RELAY_WAIT_S = 3.0  # how long `authorize` waits to see the relay close
LOOK_EVERY_S = 0.02
NO_ENTRY = N_("This code may not charge here.")
WAIT = N_("This code may not charge here. After so many wrong codes wait {wait_s} s.")
NOW_PIN = N_("The card is good. Now its PIN, within a minute.")
LOCKED_OUT = N_("Too many wrong codes: wait {wait_s} s.")
COLUMNS = ("at", "terminal", "point", "result", "user", "named", "identification", "remark")
CSV_MOST = 1_000_000
WHY_MOST = 20


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options of one of the commands."""
    noun = parser.prog.split()[-1]
    if noun in ("authorize", "stop", "why"):
        parser.add_argument("point", metavar="POINT", help="name of the charging point")
    if noun == "authorize":
        parser.add_argument("code", metavar="CODE", help="the PIN, with or without #; - asks for it")
        parser.add_argument("--type", default="pin", metavar="TYPE", help="of the code: pin (default), rfid, ble, app")
    if noun == "attempts":
        parser.add_argument("--from", dest="since", metavar="DATE", help="first local day, as 2026-11-01")
        parser.add_argument("--to", dest="until", metavar="DATE", help="last local day")
        parser.add_argument("--user", metavar="USER", help="of this user only, or where they were named")
        parser.add_argument("--point", metavar="NAME", help="at this charging point only")
        parser.add_argument("--result", choices=[one.value for one in Result], metavar="RESULT", help="as in the table")
        parser.add_argument("--limit", type=int, metavar="N", help="at most so many (default 100, with --csv all)")
        parser.add_argument("--csv", action="store_true", help="as a table for spreadsheets")
    if noun == "why":
        parser.add_argument("--from", dest="since", metavar="DATE", help="what was decided from this local day on")
        parser.add_argument("--to", dest="until", metavar="DATE", help="and to this one")
        parser.add_argument("--limit", type=int, metavar="N", help="at most so many (default 20; with --csv all)")
        parser.add_argument("--csv", action="store_true", help="what was decided, as a table for spreadsheets")
    if noun in ("attempts", "why"):
        parser.add_argument("--json", action="store_true", help="for programs")
    run = {"authorize": _authorize, "stop": _stop, "attempts": _attempts, "why": _why}[noun]
    parser.set_defaults(run=run)


def _authorize(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    point = points.find(opened.store, args.point)
    decision = grants.authorize(opened, read_code(args.code), point, "cli", kind=args.type, actor=CLI)
    if decision.result is not Result.ACCEPTED or decision.user is None:
        raise _refusal(decision)
    say(f"{decision.user.name} may charge at {point.name}. {_relay_sentence(opened, point.id)}")


def _refusal(decision: Decision) -> Refused:
    """One neutral sentence; the reason stands in `wattward attempts`."""
    wait_s = round(decision.wait_s)
    if decision.awaits_pin:
        return Refused(NOW_PIN)
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


# What was decided --------------------------------------------------------------------------------


def _attempts(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    rows = [_row(opened, one, utc=args.json or args.csv) for one in _found(args, opened)]
    if args.csv:
        _as_csv(["id", *COLUMNS], rows)
    elif args.json:
        as_json(rows)
    else:
        table(rows, COLUMNS, empty="Nobody tried to charge yet." if _is_bare(args) else "No attempt is like that.")


def _is_bare(args: argparse.Namespace) -> bool:
    return not (args.since or args.until or args.user or args.point or args.result)


def _found(args: argparse.Namespace, opened: Opened) -> list[Attempt]:
    most = args.limit if args.limit is not None else CSV_MOST if args.csv else 100
    user_id = None if args.user is None else users.find(opened.store, args.user).id
    point_id = None if args.point is None else points.find(opened.store, args.point).id
    with opened.store.read() as db:
        since, until = _days(args, local_days.local(db, opened.clock.now()))
        return attempts.rows(
            db, since=since, until=until, user_id=user_id, point_id=point_id, result=args.result, limit=max(0, most)
        )


def _days(args: argparse.Namespace, local: datetime | None) -> tuple[datetime | None, datetime | None]:
    """From the begin of one local day to the end of another. Raises BadInput."""
    since, until = (_day(text, local) for text in (args.since, args.until))
    if until is not None:
        until = local_days.began("day", until + timedelta(hours=36))  # the next local midnight, on any day
    return since, until


def _day(text: str | None, local: datetime | None) -> datetime | None:
    """The begin of a local day as typed. Raises BadInput."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None if local is None else local.tzinfo)
    except ValueError:
        raise BadInput(N_("Write a date as 2026-12-31."), field="date") from None


def _row(opened: Opened, one: Attempt, *, utc: bool) -> dict[str, object]:
    return {
        "id": one.id,
        "at": clock.utc_text(one.at) if utc else local_text(opened, one.at),
        "terminal": one.terminal,
        "point": one.point,
        "result": one.result.value,
        "user": one.user,
        "named": one.named,
        "identification": one.identification,
        "remark": one.remark,
    }


def _inert(value: object) -> object:
    """A cell no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def _why(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    point = points.find(opened.store, args.point)
    with opened.store.read() as db:
        since, until = _days(args, local_days.local(db, opened.clock.now()))
    most = args.limit if args.limit is not None else why.EVERYTHING if args.csv else WHY_MOST
    events = why.log(opened, point.id, reasons=True, since=since, until=until, limit=max(0, most))
    rows = [{"at": clock.utc_text(one.at), "sentence": _filled(opened, one.told)} for one in events]
    if args.csv:
        _as_csv(["at", "sentence"], rows)
        return
    answer = why.tell(opened, point.id, reasons=True)
    now, notes = _filled(opened, answer.now), [_filled(opened, note) for note in answer.notes]
    if args.json:
        as_json({"point": answer.point, "state": answer.state, "sentence": now, "notes": notes, "events": rows})
        return
    say(f"{answer.point}: {now}")
    for note in notes:
        say(f"  ! {note}")
    for event, row in zip(events, rows, strict=True):
        say(f"  {local_text(opened, event.at)}  {row['sentence']}")


def _as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _inert(value) for key, value in row.items()} for row in rows)


def _filled(opened: Opened, told: why.Told) -> str:
    """The sentence; moments in it as local time."""
    values = {
        name: local_text(opened, value)[11:16] if isinstance(value, datetime) else value
        for name, value in told.values.items()
    }
    return told.message.format(**values)
