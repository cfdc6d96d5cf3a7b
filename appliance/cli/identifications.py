"""`wattward identifications`: PINs, cards and tags of users. A code given as `-` is asked for."""

from __future__ import annotations

import argparse
import dataclasses
import time
from datetime import date

from appliance.audit import CLI
from appliance.charging import codes, grants, identifications, learning, points, readers, users
from appliance.charging.identifications import Extras, Identification
from appliance.charging.rules import Result
from appliance.cli.codes import read_code
from appliance.cli.guests import warn_of_past
from appliance.cli.local_time import local_text
from appliance.cli.output import as_json, say, table
from appliance.cli.users import HOURS, parse_hours
from appliance.cli.verbs import Command, verb
from appliance.errors import N_, BadInput
from appliance.opened import Opened

CODE = "a PIN is # and 4 to 8 digits in quotes, a card's number hex; - asks for it"
USER = "number, or first and last name in quotes"
LOOK_EVERY_S = 0.2
DATE = "last day it works, as 2026-12-31"
WHY_NOT = {
    Result.MODE: N_("refused: the point is locked"),
    Result.TYPE_DISABLED: N_("refused: charging with this type is switched off"),
    Result.UNKNOWN: N_("refused: nobody has this code"),
    Result.BLOCKED: N_("refused: its user is blocked or archived"),
    Result.INACTIVE: N_("refused: it is inactive"),
    Result.STOP_ONLY: N_("refused: it only stops"),
    Result.EXPIRED: N_("refused: it has expired, or date and time are not known"),
    Result.HOURS: N_("refused: outside its hours, or date and time are not known"),
    Result.ALLOWANCE: N_("refused: the allowance is used up, or date and time are not known"),
    Result.USED_UP: N_("refused: it is used up, or a kWh has no price"),
    Result.UNCOUNTED: N_("refused: it may charge only so much, and this charging point cannot count energy now"),
    Result.SECOND_FACTOR: N_("refused: a card and a PIN are wanted"),
}


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    add = _verb(verbs, "add", _add, "give a user a code")
    add.add_argument("user", metavar="USER", help=USER)
    add.add_argument("--type", required=True, metavar="TYPE", help=", ".join(identifications.TYPES))
    add.add_argument("--code", required=True, metavar="CODE", help=CODE)
    add.add_argument("--expires", default="", metavar="DATE", help=DATE)
    add.add_argument("--inactive", action="store_true", help="it does not work until it is made active")
    add.add_argument("--reversed", action="store_true", help="the bytes of the card's number the other way round")
    _extras(add)
    listing = _verb(verbs, "list", _list, "the codes, without showing them")
    listing.add_argument("user", nargs="?", metavar="USER", help="of this user only")
    listing.add_argument("--json", action="store_true", help="for programs")
    edit = _verb(verbs, "edit", _edit, "change code, expiry or status", numbered=True)
    edit.add_argument("--code", metavar="CODE", help=CODE)
    edit.add_argument("--expires", metavar="DATE", help=f"{DATE}; never takes it away")
    status = edit.add_mutually_exclusive_group()
    status.add_argument("--active", dest="active", action="store_true", default=None, help="it works")
    status.add_argument("--inactive", dest="active", action="store_false", help="it does not work")
    _extras(edit)
    _verb(verbs, "show", _show, "show a code; this is written down", numbered=True)
    test = _verb(verbs, "test", _test, "say whether a code would be accepted; starts nothing")
    test.add_argument("code", metavar="CODE", help=CODE)
    test.add_argument("--point", metavar="NAME", help="at this charging point")
    test.add_argument("--type", default="pin", metavar="TYPE", help=", ".join(identifications.TYPES))
    _verb(verbs, "remove", _remove, "forget a code for good", numbered=True)
    learn = _verb(verbs, "learn", _learn, "give a user the next card that is held to a reader")
    learn.add_argument("user", metavar="USER", help=USER)
    learn.add_argument("--reader", required=True, metavar="NAME", help="where it will be held to")
    learn.add_argument("--name", default="", metavar="NAME", help="what the card is called")
    learn.add_argument("--wait", type=float, default=learning.ASKED_S, metavar="S", help="seconds (default 60)")
    unknown = _verb(verbs, "unknown", _unknown, "cards that were refused lately because nobody has them")
    unknown.add_argument("--json", action="store_true", help="for programs")
    adopt = _verb(verbs, "adopt", _adopt, "give the card of a refused attempt to a user", numbered=True)
    adopt.add_argument("user", metavar="USER", help=USER)
    adopt.add_argument("--name", default="", metavar="NAME", help="what the card is called")


def _extras(verb: argparse.ArgumentParser) -> None:
    """What most identifications do without."""
    verb.add_argument("--name", metavar="NAME", help="what it is called: 'blue key ring'")
    verb.add_argument("--hours", action="append", metavar="HOURS", help=HOURS)
    verb.add_argument("--vehicle", metavar="NUMBER", help="as 'vehicles list' shows it; none takes it away")
    only = verb.add_mutually_exclusive_group()
    only.add_argument("--stop-only", dest="stop_only", action="store_true", default=None, help="a master card")
    only.add_argument("--start-and-stop", dest="stop_only", action="store_false", help="no master card")


def _chosen(args: argparse.Namespace, before: Extras) -> Extras:
    """The extras as typed. Raises BadInput."""
    given: dict[str, object] = {"name": args.name, "hours": parse_hours(args.hours), "stop_only": args.stop_only}
    changed = dataclasses.replace(before, **{key: one for key, one in given.items() if one is not None})  # type: ignore[arg-type]  # fields by name
    if args.vehicle is None:
        return changed
    if args.vehicle != "none" and not args.vehicle.isdecimal():
        raise BadInput(N_("A vehicle is named by its number, as 'wattward vehicles list' shows it."), field="vehicle")
    return dataclasses.replace(changed, vehicle_id=None if args.vehicle == "none" else int(args.vehicle))


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Command,
    line: str,
    *,
    numbered: bool = False,
) -> argparse.ArgumentParser:
    made = verb(verbs, name, run, line)
    if numbered:
        made.add_argument("number", type=int, metavar="NUMBER", help="as 'identifications list' shows it")
    return made


def _add(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    identifications.check_type(args.type)
    expires_on = identifications.parse_date(args.expires)
    made = identifications.add(
        opened.store, opened.key(), opened.clock, user.id, type=args.type, code=_code(args),
        active=not args.inactive, expires_on=expires_on, extras=_chosen(args, identifications.PLAIN),
        tell_holder=True, actor=CLI,
    )  # fmt: skip
    say(f"Identification {made.id} ({made.masked}) of {user.name} added{'' if made.active else ', inactive'}.")
    warn_of_past(opened, made)


def _code(args: argparse.Namespace) -> str:
    """The code as typed; a card's bytes turned round if asked for."""
    code = read_code(args.code)
    return codes.turned(code) if args.reversed and args.type == "rfid" else code


def _list(args: argparse.Namespace, opened: Opened) -> None:
    user_id = None if args.user is None else users.find(opened.store, args.user).id
    names = {user.id: user.name for user in users.all(opened.store, archived=True)}
    rows = [
        {
            "id": one.id,
            "user_id": one.user_id,
            "user": names[one.user_id],
            "type": one.type,
            "active": one.active,
            "expires_on": one.expires_on,
            **_extra_keys(one),
        }
        for one in identifications.all(opened.store, user_id)
    ]
    if args.json:
        as_json(rows)
        return
    for row in rows:
        row["status"] = "active" if row["active"] else "inactive"
    table(
        rows, ["id", "user", "type", "tail", "name", "status", "expires_on"],
        empty="No identifications: 'wattward identifications add' adds one.",
    )  # fmt: skip


def _extra_keys(one: Identification) -> dict[str, object]:
    extras = one.extras
    return {
        "tail": one.tail, "name": extras.name, "hours": [str(window) for window in extras.hours],
        "stop_only": extras.stop_only, "vehicle_id": extras.vehicle_id, "cap_wh": extras.cap_wh,
        "cap_cents": extras.cap_cents, "cap_s": extras.cap_s,
    }  # fmt: skip


def _edit(args: argparse.Namespace, opened: Opened) -> None:
    given = (args.code, args.expires, args.active, args.name, args.hours, args.vehicle, args.stop_only)
    if all(one is None for one in given):
        raise BadInput(
            N_("Say what to change: --code, --expires, --active, --inactive, --name, --hours, --vehicle, --stop-only.")
        )
    before = identifications.get(opened.store, args.number)
    until: date | None = identifications.KEEP
    if args.expires is not None:
        until = identifications.parse_date("" if args.expires == "never" else args.expires)
    changed = identifications.edit(
        opened.store, opened.key(), opened.clock, args.number,
        code=None if args.code is None else read_code(args.code), active=args.active, expires_on=until,
        extras=_chosen(args, before.extras), tell_holder=True, actor=CLI,
    )  # fmt: skip
    say(f"Identification {changed.id} changed.")
    warn_of_past(opened, changed)


def _show(args: argparse.Namespace, opened: Opened) -> None:
    say(identifications.show(opened.store, opened.key(), opened.clock, args.number, actor=CLI))


def _test(args: argparse.Namespace, opened: Opened) -> int:
    point = None if args.point is None else points.find(opened.store, args.point)
    result, found = grants.examine(opened, read_code(args.code), point, args.type)
    owner = "" if found is None else f"Identification {found.id} of {users.get(opened.store, found.user_id).name}: "
    say(f"{owner}{WHY_NOT.get(result, 'accepted')}.")
    return 0 if result is Result.ACCEPTED else 1


def _remove(args: argparse.Namespace, opened: Opened) -> None:
    identifications.remove(opened.store, opened.clock, args.number, actor=CLI)
    say(f"Identification {args.number} removed; its code works no more.")


# Without typing the number --------------------------------------------------------------------


def _learn(args: argparse.Namespace, opened: Opened) -> int:
    """Wait for the card; exit code 0: learned."""
    user, reader = users.find(opened.store, args.user), readers.find(opened.store, args.reader)
    number = learning.ask(
        opened.store, opened.clock, reader.terminal, user.id, args.name, for_s=args.wait, actor=CLI
    )  # fmt: skip
    try:
        readers.ask(opened.store, opened.clock, reader.id, args.wait)
        say(f"Hold the card to {reader.name} within {args.wait:g} s.")
        request = _answered(opened, number)
    finally:  # also after Ctrl-C: the next card at that reader may be anybody's
        if learning.get(opened.store, opened.clock, number).outcome is None:
            learning.cancel(opened.store, opened.clock, reader.terminal)
    if request.outcome == "learned":
        say(f"The card is identification {request.identification_id} of {user.name}.")
        return 0
    say(_why_not_learned(opened, request))
    return 1


def _answered(opened: Opened, number: int) -> learning.Request:
    """A request for a card once it is answered, or over."""
    request = learning.get(opened.store, opened.clock, number)
    while request.outcome is None and request.left_s > 0:
        time.sleep(LOOK_EVERY_S)
        request = learning.get(opened.store, opened.clock, number)
    return request


def _why_not_learned(opened: Opened, request: learning.Request) -> str:
    if request.outcome == "taken" and request.identification_id is not None:
        holder = identifications.get(opened.store, request.identification_id)
        return f"This card belongs to {users.get(opened.store, holder.user_id).name} already."
    return learning.CHANGES if request.outcome == "random" else "No card came."


def _unknown(args: argparse.Namespace, opened: Opened) -> None:
    rows = [
        {"attempt": one.attempt_id, "at": local_text(opened, one.at), "terminal": one.terminal, "type": one.kind,
         "tail": one.tail}
        for one in learning.unknown(opened.store, opened.clock)
    ]  # fmt: skip
    if args.json:
        as_json(rows)
    else:
        table(rows, ["attempt", "at", "terminal", "type", "tail"], empty="No unknown card was shown lately.")


def _adopt(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    made = learning.adopt(
        opened.store, opened.key(), opened.clock, args.number, user.id, args.name, actor=CLI
    )  # fmt: skip
    say(f"The card is identification {made.id} ({made.masked}) of {user.name}.")
