"""`wattward backup`: make, list, check and restore backups; show the recovery code."""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from pathlib import Path

from appliance import audit, clock, errors, heartbeat
from appliance.backup import catalog, key, make, restore, targets, wishes, worker
from appliance.cli.codes import read_code
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store import migrate

AWAIT_S = 900.0  # how long `now` waits for the core; a large store on a slow stick takes minutes
LOOK_S = 0.1


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of `backup`."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    now = verbs.add_parser("now", help="make a backup now and wait for it")
    now.set_defaults(run=_now)
    listing = verbs.add_parser("list", help="the backups, newest first")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.add_argument("--all", action="store_true", help="also those whose file is gone")
    listing.set_defaults(run=_list)
    for verb, line, run in (
        ("restore", "put a backup back (the core must be stopped)", _restore),
        ("verify", "open a backup as a restore would, and change nothing", _verify),
    ):
        parsed = verbs.add_parser(verb, help=line)
        parsed.add_argument("file", metavar="FILE", help="a path, or a name from 'wattward backup list'")
        parsed.add_argument("--code", metavar="CODE", help="recovery code; - reads it from a prompt or standard input")
        parsed.set_defaults(run=run)
    keys = verbs.add_parser("key", help="the recovery code, to be written down")
    how = keys.add_mutually_exclusive_group()
    how.add_argument("--confirm", action="store_true", help="it is written down: do not show it any more")
    how.add_argument("--show-again", action="store_true", help="show it although it was confirmed (audited)")
    keys.set_defaults(run=_key)


def _now(_args: argparse.Namespace, opened: Opened) -> int:
    migrate.require_current(opened.store)
    with opened.store.write() as db:
        wanted_at = wishes.wish(db, opened.clock.now(), audit.CLI, wishes.BACKUP)
    if heartbeat.core_runs(opened.live, opened.clock):
        outcome = _await_core(opened, wanted_at)
    else:
        outcome = worker.fulfil(opened)
    if outcome not in (None, wishes.OK):
        raise Refused("{sentence}", sentence=outcome)
    for target in targets.wanted(opened.home, opened.store):
        if made := catalog.newest_good(opened.store, target.name):
            say(f"{target.folder / made.file} ({made.size_bytes} bytes, checked by opening it)")
    return 0


def _await_core(opened: Opened, wanted_at: datetime) -> str | None:
    """Wait until the core did it. Raises Refused when it does not."""
    deadline_s = time.monotonic() + AWAIT_S
    while time.monotonic() < deadline_s:
        last = wishes.find(opened.store, wishes.BACKUP)
        if last is not None and last.finished_at is not None and last.finished_at >= wanted_at:
            return last.outcome
        if not heartbeat.core_runs(opened.live, opened.clock):
            break
        time.sleep(LOOK_S)
    raise Refused(N_("The core did not finish the backup; see 'wattward status' and, later, 'wattward backup list'."))


def _list(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    known = targets.of(opened.home)
    rows = [
        {
            "made_at": clock.utc_text(one.made_at),
            "target": one.target,
            "file": one.file,
            "path": known[one.target].folder / one.file if one.target in known else one.file,
            "size_bytes": one.size_bytes,
            "sha256": one.sha256,
            "schema": one.schema,
            "made_by": one.made_by,
            "outcome": one.outcome,
            "pruned_at": None if one.pruned_at is None else clock.utc_text(one.pruned_at),
        }
        for one in catalog.all(opened.store, pruned=args.all)
    ]
    if args.json:
        as_json(rows)
    else:
        columns = ["made_at", "target", "file", "size_bytes", "outcome"]
        table(rows, columns, empty="No backups yet: 'wattward backup now' makes one.")


def _restore(args: argparse.Namespace, opened: Opened) -> None:
    code = None if args.code is None else read_code(args.code)
    try:
        done = restore.restore(opened.home, opened.clock, _path(args.file, opened), code)
    except errors.StoreMissing as error:
        raise Refused("{sentence}", sentence=error) from error
    say(f"The backup of {done.made_at:%Y-%m-%d %H:%M} UTC ({done.appliance}) was restored.")
    if done.before is not None:
        say(f"The store of before is kept as {done.before}.")
    say("Now start the core: sudo systemctl start wattward-core")


def _verify(args: argparse.Namespace, opened: Opened) -> None:
    known = key.load(opened.home.keys) if args.code is None else key.from_code(read_code(args.code))
    manifest = make.verify(_path(args.file, opened), known, opened.home.backups)
    say(f"Good: {manifest.appliance}, {manifest.made:%Y-%m-%d %H:%M} UTC, version {manifest.schema} of the store.")


def _path(typed: str, opened: Opened) -> Path:
    """A path as it is; a bare name also where backups lie."""
    places = [Path(typed)]
    if Path(typed).name == typed:
        places += [target.folder / typed for target in targets.of(opened.home).values()]
    return next((place for place in places if place.is_file()), places[0])


def _key(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    if args.confirm:
        news = key.confirm(opened, audit.CLI)
        say("Confirmed: the recovery code is not shown any more." if news else "It was confirmed before.")
        return
    say(key.show(opened, audit.CLI, again=args.show_again))
    say("")
    say("Write it down and keep it away from the backups: whoever has both can read everything, and on a new")
    say("appliance nobody can restore without it. Then: wattward backup key --confirm")
