"""`wattward points`: charging points and who may charge there."""

from __future__ import annotations

import argparse

from appliance import heartbeat
from appliance.audit import CLI
from appliance.charging import contacts, overview, points, windows, wiring
from appliance.charging.points import Point
from appliance.charging.wiring import WATCHDOG
from appliance.cli.output import as_json, say, table
from appliance.cli.verbs import Command, verb
from appliance.errors import N_, Refused
from appliance.metering import meters
from appliance.opened import Opened


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _fields(_verb(verbs, "add", _add, "add a charging point", named=True), needed=True)
    listing = _verb(verbs, "list", _list, "the charging points", named=False)
    listing.add_argument("--all", action="store_true", help="archived ones, too")
    listing.add_argument("--json", action="store_true", help="for programs")
    edit = _verb(verbs, "edit", _edit, "change name, relay, meter or contacts", named=True)
    edit.add_argument("--name", dest="new_name", metavar="NAME", help="another name")
    _fields(edit, needed=False)
    mode = _verb(verbs, "mode", _mode, "say who may charge: locked, free, authorized, or by a weekly plan", named=True)
    mode.add_argument("mode", metavar="MODE", help=", ".join(points.MODES))
    plan = _verb(verbs, "plan", _plan, "set the weekly plan of mode time; outside it nobody may charge", named=True)
    plan.add_argument("hours", nargs="*", metavar="HOURS", help="as '1-5 22:00-06:00' or '6,7 00:00-24:00 free'")
    _verb(verbs, "test", _test, "look whether its relay answers (without closing it)", named=True)
    _verb(verbs, "seen-open", _seen_open, "say that you saw its contactor open, after the fault", named=True)
    _verb(verbs, "archive", _archive, "put it out of use; its sessions stay", named=True)
    _verb(verbs, "activate", _activate, "put an archived one into use again", named=True)
    _verb(verbs, "remove", _remove, "delete one nobody ever used", named=True)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Command, line: str, *, named: bool
) -> argparse.ArgumentParser:
    made = verb(verbs, name, run, line)
    if named:
        made.add_argument("name", metavar="NAME", help="name of the charging point")
    return made


def _fields(verb: argparse.ArgumentParser, *, needed: bool) -> None:
    verb.add_argument(
        "--relay", required=needed, metavar="RELAY",
        help="its relay: gpio:17 (pin 9 to 27), or coil:ADDRESS/UNIT/NUMBER or pulse:ADDRESS/UNIT/NUMBER on a Modbus"
        " board, ADDRESS as of a meter: pulse:tcp://192.168.1.50/1/0",
    )  # fmt: skip
    verb.add_argument("--meter", metavar="NAME", help="the meter at this point ('' takes it away)")
    verb.add_argument("--feedback", metavar="gpio:PIN", help="auxiliary contact of its contactor ('' takes it away)")
    verb.add_argument(
        "--plug", metavar="INPUT",
        help="tells whether a car is plugged in: gpio:23 or input:ADDRESS/UNIT/NUMBER, with :nc at its end if the"
        " contact opens then ('' takes it away)",
    )  # fmt: skip
    factor = verb.add_mutually_exclusive_group()
    factor.add_argument("--card-and-pin", dest="factor", action="store_true", default=None, help="both are wanted")
    factor.add_argument("--card-or-pin", dest="factor", action="store_false", help="one is enough")


def _add(args: argparse.Namespace, opened: Opened) -> None:
    meter_id = meters.find(opened.store, args.meter).id if args.meter else None
    _check_boards(args)
    point = points.add(
        opened.store, opened.clock, args.name, args.relay, meter_id, feedback=args.feedback or "",
        plug=args.plug or "", actor=CLI,
    )  # fmt: skip
    if args.factor is not None:
        points.set_rules(opened.store, opened.clock, point.id, second_factor=args.factor, actor=CLI)
    say(f"Charging point {point.name} added: relay {point.relay}, mode {point.mode}.")
    _warn(point)


def _check_boards(args: argparse.Namespace) -> None:
    """Look whether what is on a Modbus board can be reached so. Raises BadInput."""
    from appliance import core

    for field, spec in (("relay", args.relay or ""), ("plug", args.plug or "")):
        wire, _ = wiring.split_plug(spec.strip())
        if wiring.is_on_a_board(wire):
            core.check_relay(wire, field)


def _warn(point: Point) -> None:
    """Say what cannot be promised."""
    if point.relay.startswith("coil:"):
        say(f"Warning: {WATCHDOG}")


def _edit(args: argparse.Namespace, opened: Opened) -> None:
    _check_boards(args)
    point = points.find(opened.store, args.name)
    meter_id = points.KEEP if args.meter is None else None
    if args.meter:
        meter_id = meters.find(opened.store, args.meter).id
    new = points.edit(
        opened.store, opened.clock, point.id, name=args.new_name, relay=args.relay, meter_id=meter_id,
        feedback=args.feedback, plug=args.plug, actor=CLI,
    )  # fmt: skip
    if args.factor is not None:
        points.set_rules(opened.store, opened.clock, point.id, second_factor=args.factor, actor=CLI)
    say(f"Charging point {new.name} changed.")
    if args.relay is not None:
        _warn(new)


def _list(args: argparse.Namespace, opened: Opened) -> None:
    names = {meter.id: meter.name for meter in meters.all(opened.store, archived=True)}
    rows = [
        {
            "id": point.id,
            "name": point.name,
            "relay": point.relay,
            "feedback": point.feedback,
            "plug": point.plug,
            "meter": None if point.meter_id is None else names.get(point.meter_id),
            "mode": point.mode,
            "archived": point.archived,
            "plan": [str(one) for one in point.plan],
            "second_factor": point.second_factor,
        }
        for point in points.all(opened.store, archived=args.all)
    ]
    if args.json:
        as_json(rows)
    else:
        columns = ["id", "name", "relay", "meter", "mode", *(["archived"] if args.all else [])]
        table(rows, columns, empty="No charging points: 'wattward points add' adds one.")


def _mode(args: argparse.Namespace, opened: Opened) -> None:
    point = points.set_mode(opened.store, opened.clock, points.find(opened.store, args.name).id, args.mode, actor=CLI)
    say(f"Charging point {point.name} is {point.mode}.")


def _plan(args: argparse.Namespace, opened: Opened) -> None:
    plan = windows.parse(args.hours, "plan", plan=True)
    point = points.find(opened.store, args.name)
    new = points.set_rules(opened.store, opened.clock, point.id, plan=plan, actor=CLI)
    hint = "" if new.mode == "time" else f" It counts in mode time: wattward points mode '{new.name}' time"
    say(f"Plan of {new.name}: {'; '.join(str(one) for one in new.plan) or 'none'}.{hint}")


def _test(args: argparse.Namespace, opened: Opened) -> None:
    point = points.find(opened.store, args.name)
    if heartbeat.core_runs(opened.live, opened.clock):
        now = next((one for one in overview.points_now(opened) if one.point.id == point.id), None)
        if now is not None and now.fault is not None:
            raise Refused(now.fault.message, **now.fault.values)
        if now is None or now.closed is None:
            raise Refused(N_("The core does not see the relay of {point}: is the point archived?"), point=point.name)
        say(f"Relay {point.relay} answers: it is {'closed' if now.closed else 'open'}.")
        _warn(point)
        return
    _ask_hardware(point)


def _ask_hardware(point: Point) -> None:
    """Ask the line itself; only while no core holds it."""
    from appliance import core

    (check,) = core.hardware_check((point.relay,))
    if check.state != "ok":
        raise Refused("{sentence}", sentence=check.sentence)
    say(f"Relay {point.relay} answers.")
    _warn(point)


def _seen_open(args: argparse.Namespace, opened: Opened) -> None:
    point = points.find(opened.store, args.name)
    contacts.confirm(opened, point, actor=CLI)
    say(f"Noted that the contactor of {point.name} was seen open.")


def _archive(args: argparse.Namespace, opened: Opened) -> None:
    point = points.find(opened.store, args.name)
    points.archive(opened.store, opened.clock, point.id, actor=CLI)
    say(f"Charging point {point.name} is archived; its relay stays open.")


def _activate(args: argparse.Namespace, opened: Opened) -> None:
    point = points.find(opened.store, args.name)
    points.activate(opened.store, opened.clock, point.id, actor=CLI)
    say(f"Charging point {point.name} is in use again.")


def _remove(args: argparse.Namespace, opened: Opened) -> None:
    point = points.find(opened.store, args.name)
    points.remove(opened.store, opened.clock, point.id, actor=CLI)
    say(f"Charging point {point.name} removed.")
