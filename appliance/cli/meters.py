"""`wattward meters`: which models there are, which meters are set up, what they say."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from appliance import audit, heartbeat
from appliance.cli import meter_finding
from appliance.cli.output import as_json, say, table
from appliance.metering import meters, readings
from appliance.metering.meters import Meter
from appliance.opened import Opened
from appliance.store import migrate


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    meter_finding.register(verbs)
    add = verbs.add_parser("add", help="set up a meter")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--model", required=True, metavar="MODEL", help="of 'wattward meters models'")
    add.add_argument("--at", required=True, metavar="URL", help="tcp://…, udp://…, rtutcp://… or rtu://…")
    _options(add, role="grid", interval_s=1.0)
    add.set_defaults(run=_add)
    edit = verbs.add_parser("edit", help="change a meter")
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("--name", dest="new_name", metavar="NAME", help="its new name")
    edit.add_argument("--model", metavar="MODEL")
    edit.add_argument("--at", metavar="URL")
    _options(edit, role=None, interval_s=None)
    edit.set_defaults(run=_edit)
    listing = verbs.add_parser("list", help="the meters of this house")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.add_argument("--archived", action="store_true", help="also those out of use")
    listing.set_defaults(run=_list)
    looks = {"read": ("newest values", _read), "test": ("read the device itself, now", _test)}
    for verb, (help_text, look) in looks.items():
        reading = verbs.add_parser(verb, help=help_text)
        reading.add_argument("name", metavar="NAME")
        reading.add_argument("--json", action="store_true", help="for programs")
        reading.set_defaults(run=look)
    for verb, help_text, run in (
        ("archive", "stop reading it and keep its history", _archive),
        ("activate", "read it again", _activate),
        ("remove", "remove a meter nothing refers to", _remove),
    ):
        single = verbs.add_parser(verb, help=help_text)
        single.add_argument("name", metavar="NAME")
        single.set_defaults(run=run)


def _options(parser: argparse.ArgumentParser, *, role: str | None, interval_s: float | None) -> None:
    parser.add_argument("--unit", type=int, metavar="N", help="Modbus unit id (default: the model's)")
    parser.add_argument("--role", default=role, metavar="ROLE", help=f"one of {', '.join(meters.ROLES)}")
    parser.add_argument("--interval", type=float, default=interval_s, metavar="SECONDS", help="how often it is read")
    parser.add_argument("--inverted", choices=("on", "off"), help="read it the other way round")


def _add(args: argparse.Namespace, opened: Opened) -> None:
    from appliance import core

    migrate.require_current(opened.store)
    unit = core.check_meter(args.model, args.at, args.unit)
    meter = meters.add(
        opened.store, opened.clock, name=args.name, model=args.model, url=args.at, unit=unit, role=args.role,
        interval_s=args.interval, inverted=args.inverted == "on", actor=audit.CLI,
    )  # fmt: skip
    say(f"{meter.name} is set up with the role {meter.role}. See its values: wattward meters read {meter.name!r}")
    for doubt in _doubts(meter, meters.all(opened.store)):
        say(f"Note: {doubt}")


def _doubts(meter: Meter, known: Sequence[Meter]) -> Iterator[str]:
    """What is allowed beside the other meters, and seldom meant."""
    for other in known:
        if other.id != meter.id and (other.url, other.unit) == (meter.url, meter.unit):
            yield f"{other.name} is read at the same address and unit; if that is one device, remove one of them."
        if other.id != meter.id and other.role == meter.role == "grid":
            yield f"{other.name} is a grid meter, too: the two are added up."


def _edit(args: argparse.Namespace, opened: Opened) -> None:
    from appliance import core

    meter = _found(args, opened)
    model, url = args.model or meter.model, args.at or meter.url
    unit = core.check_meter(model, url, meter.unit if args.unit is None else args.unit)
    changes: dict[str, Any] = {"model": model, "url": url, "unit": unit}
    named = {"name": args.new_name, "role": args.role, "interval_s": args.interval}
    changes |= {column: value for column, value in named.items() if value is not None}
    if args.inverted is not None:
        changes["inverted"] = args.inverted == "on"
    meter = meters.edit(opened.store, opened.clock, meter.id, actor=audit.CLI, **changes)
    say(f"{meter.name}: {meter.model} at {meter.url} unit {meter.unit}, {meter.role}, every {meter.interval_s:g} s")


def _found(args: argparse.Namespace, opened: Opened) -> Meter:
    migrate.require_current(opened.store)
    return meters.find(opened.store, args.name)


def _list(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    rows = [
        {
            "id": meter.id, "name": meter.name, "role": meter.role, "model": meter.model, "url": meter.url,
            "unit": meter.unit, "interval_s": meter.interval_s, "inverted": meter.inverted,
            "archived": meter.archived,
        }
        for meter in meters.all(opened.store, archived=args.archived)
    ]  # fmt: skip
    if args.json:
        as_json(rows)
        return
    columns = ["id", "name", "role", "model", "url", "unit", "interval_s"] + (["archived"] if args.archived else [])
    table(rows, columns, empty="No meters: 'wattward meters add NAME --model M --at URL' adds one.")


def _read(args: argparse.Namespace, opened: Opened) -> int:
    """What the running core knows; without a core the device itself."""
    meter = _found(args, opened)
    if not heartbeat.core_runs(opened.live, opened.clock):
        return _test(args, opened)
    reading = readings.newest(opened.live).get(meter.id)
    fresh = reading is not None and readings.is_fresh(reading, opened.clock, meter.interval_s)
    age_s = None if reading is None else round(readings.age_s(reading, opened.clock), 1)
    values = dict(reading.values) if reading is not None and fresh else {}
    _show(args, meter, values, {"fresh": fresh, "age_s": age_s})
    if not fresh:
        sys.stderr.write(f"{meter.name}: no data; 'wattward status' says why.\n")
    return 0 if fresh else 1


def _test(args: argparse.Namespace, opened: Opened) -> int:
    """Read the device directly; the core's own reading goes on beside it on TCP, but not on a serial line."""
    from appliance import core

    meter = _found(args, opened)
    reading = core.read_meter_once(meter)
    _show(args, meter, dict(reading.values), {"fresh": True, "age_s": 0.0, "took_s": round(reading.took_s, 3)})
    return 0


def _show(args: argparse.Namespace, meter: Meter, values: dict[str, float], about: dict[str, Any]) -> None:
    if args.json:
        as_json({"name": meter.name, "model": meter.model, "role": meter.role, **about, "values": values})
        return
    rows = [{"quantity": name, "value": f"{value:,.3f}".rstrip("0").rstrip(".")} for name, value in values.items()]
    if rows:
        say(f"{meter.name} ({meter.model}), {about['age_s']} s ago")
        table(rows, ["quantity", "value"], empty="")


def _archive(args: argparse.Namespace, opened: Opened) -> None:
    meter = meters.archive(opened.store, opened.clock, _found(args, opened).id, actor=audit.CLI)
    say(f"{meter.name} is archived; 'wattward meters activate' brings it back.")


def _activate(args: argparse.Namespace, opened: Opened) -> None:
    meter = meters.activate(opened.store, opened.clock, _found(args, opened).id, actor=audit.CLI)
    say(f"{meter.name} is read again.")


def _remove(args: argparse.Namespace, opened: Opened) -> None:
    meter = _found(args, opened)
    meters.remove(opened.store, opened.clock, meter.id, actor=audit.CLI)
    say(f"{meter.name} is removed.")
