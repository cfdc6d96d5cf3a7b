"""`wattward counters`: the energy counters as people see them, and setting them back to zero."""

from __future__ import annotations

import argparse
import sys

from appliance import audit, clock
from appliance.cli.local_time import local_text
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, BadInput
from appliance.metering import meters, totals
from appliance.metering.totals import Shown
from appliance.opened import Opened
from appliance.store import migrate

WARNING = (
    "This sets all energy counters of {name} to zero: total and phases, import and export.\n"
    "It cannot be undone; the counts so far are gone for ever. Curves, quarter hours and charging sessions stay.\n"
    "Type the meter's name to do it: "
)


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    show = verbs.add_parser("show", help="what the counters show")
    show.add_argument("meter", nargs="?", metavar="METER", help="this one only")
    show.add_argument("--json", action="store_true", help="for programs")
    show.set_defaults(run=_show)
    reset = verbs.add_parser("reset", help="set all counters of a meter to zero, for ever")
    reset.add_argument("meter", metavar="METER")
    reset.add_argument("--yes", action="store_true", help="do not ask (for scripts)")
    reset.set_defaults(run=_reset)


def _show(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    wanted = meters.all(opened.store) if args.meter is None else [meters.find(opened.store, args.meter)]
    found = [(meter.name, totals.shown(opened.store, opened.live, opened.clock, meter)) for meter in wanted]
    if args.json:
        as_json([{"name": name, **as_keys(shown)} for name, shown in found])
        return
    rows = [
        {
            "meter": name,
            "counter": quantity.removesuffix("_wh").replace("_", " "),
            "kwh": "no data" if wh is None else f"{wh / 1000:,.3f}",
            "since": "" if shown.reset_at is None else local_text(opened, shown.reset_at),
        }
        for name, shown in found
        for quantity, wh in shown.values_wh.items()
    ]
    table(rows, ["meter", "counter", "kwh", "since"], empty="No counters: no meter has been read yet.")


def as_keys(shown: Shown) -> dict[str, object]:
    """As `status --json` has it, too (docs/status.md)."""
    reset_at = None if shown.reset_at is None else clock.utc_text(shown.reset_at)
    return {"counters": dict(shown.values_wh), "counters_reset_at": reset_at}


def _reset(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    meter = meters.find(opened.store, args.meter)
    if not args.yes:
        sys.stderr.write(WARNING.format(name=meter.name))
        sys.stderr.flush()
        if sys.stdin.readline().strip() != meter.name:
            raise BadInput(N_("That is not the meter's name; nothing was changed."), field="meter")
    totals.reset(opened.store, opened.live, opened.clock, meter, actor=audit.CLI)
    say(f"The counters of {meter.name} are at zero and go on from there.")
