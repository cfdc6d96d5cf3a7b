"""`wattward identifications`: the PIN codes of users. A code given as `-` is asked for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date

from appliance.audit import CLI
from appliance.charging import grants, identifications, points, users
from appliance.charging.rules import Result
from appliance.cli.codes import read_code
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, BadInput
from appliance.opened import Opened
from appliance.store import migrate

CODE = "# and 4 to 8 digits in quotes; - asks for it"
DATE = "last day it works, as 2026-12-31"
WHY_NOT = {
    Result.MODE: N_("refused: the point is locked"),
    Result.TYPE_DISABLED: N_("refused: charging with a PIN code is switched off"),
    Result.UNKNOWN: N_("refused: nobody has this code"),
    Result.BLOCKED: N_("refused: its user is blocked or archived"),
    Result.INACTIVE: N_("refused: it is inactive"),
    Result.EXPIRED: N_("refused: it has expired, or date and time are not known"),
}


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    add = _verb(verbs, "add", _add, "give a user a code")
    add.add_argument("user", metavar="USER", help="number, or first and last name in quotes")
    add.add_argument("--type", required=True, metavar="TYPE", help=", ".join(identifications.TYPES))
    add.add_argument("--code", required=True, metavar="CODE", help=CODE)
    add.add_argument("--expires", default="", metavar="DATE", help=DATE)
    add.add_argument("--inactive", action="store_true", help="it does not work until it is made active")
    listing = _verb(verbs, "list", _list, "the codes, without showing them")
    listing.add_argument("user", nargs="?", metavar="USER", help="of this user only")
    listing.add_argument("--json", action="store_true", help="for programs")
    edit = _verb(verbs, "edit", _edit, "change code, expiry or status", numbered=True)
    edit.add_argument("--code", metavar="CODE", help=CODE)
    edit.add_argument("--expires", metavar="DATE", help=f"{DATE}; never takes it away")
    status = edit.add_mutually_exclusive_group()
    status.add_argument("--active", dest="active", action="store_true", default=None, help="it works")
    status.add_argument("--inactive", dest="active", action="store_false", help="it does not work")
    _verb(verbs, "show", _show, "show a code; this is written down", numbered=True)
    test = _verb(verbs, "test", _test, "say whether a code would be accepted; starts nothing")
    test.add_argument("code", metavar="CODE", help=CODE)
    test.add_argument("--point", metavar="NAME", help="at this charging point")
    _verb(verbs, "remove", _remove, "forget a code for good", numbered=True)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str,
    run: Callable[[argparse.Namespace, Opened], int | None], line: str, *, numbered: bool = False,
) -> argparse.ArgumentParser:  # fmt: skip
    verb = verbs.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
    if numbered:
        verb.add_argument("number", type=int, metavar="NUMBER", help="as 'identifications list' shows it")

    def checked(args: argparse.Namespace, opened: Opened) -> int | None:
        migrate.require_current(opened.store)
        return run(args, opened)

    verb.set_defaults(run=checked)
    return verb


def _add(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    identifications.check_type(args.type)
    expires_on = identifications.parse_date(args.expires)
    made = identifications.add(
        opened.store, opened.key(), opened.clock, user.id, type=args.type, code=read_code(args.code),
        active=not args.inactive, expires_on=expires_on, actor=CLI,
    )  # fmt: skip
    say(f"Identification {made.id} ({made.masked}) of {user.name} added{'' if made.active else ', inactive'}.")
    _warn_of_past(opened, made)


def _warn_of_past(opened: Opened, made: identifications.Identification) -> None:
    if identifications.is_past(opened.store, opened.clock, made.expires_on):
        say(f"Mind: {made.expires_on} is past, so it does not work.")


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
        }
        for one in identifications.all(opened.store, user_id)
    ]
    if args.json:
        as_json(rows)
        return
    for row in rows:
        row["status"] = "active" if row["active"] else "inactive"
    table(
        rows, ["id", "user", "type", "status", "expires_on"],
        empty="No identifications: 'wattward identifications add' adds one.",
    )  # fmt: skip


def _edit(args: argparse.Namespace, opened: Opened) -> None:
    if args.code is None and args.expires is None and args.active is None:
        raise BadInput(N_("Say what to change: --code, --expires, --active or --inactive."))
    until: date | None = identifications.KEEP
    if args.expires is not None:
        until = identifications.parse_date("" if args.expires == "never" else args.expires)
    changed = identifications.edit(
        opened.store, opened.key(), opened.clock, args.number,
        code=None if args.code is None else read_code(args.code), active=args.active, expires_on=until, actor=CLI,
    )  # fmt: skip
    say(f"Identification {changed.id} changed.")
    _warn_of_past(opened, changed)


def _show(args: argparse.Namespace, opened: Opened) -> None:
    say(identifications.show(opened.store, opened.key(), opened.clock, args.number, actor=CLI))


def _test(args: argparse.Namespace, opened: Opened) -> int:
    point = None if args.point is None else points.find(opened.store, args.point)
    result, found = grants.examine(opened, read_code(args.code), point)
    owner = "" if found is None else f"Identification {found.id} of {users.get(opened.store, found.user_id).name}: "
    say(f"{owner}{WHY_NOT.get(result, 'accepted')}.")
    return 0 if result is Result.ACCEPTED else 1


def _remove(args: argparse.Namespace, opened: Opened) -> None:
    identifications.remove(opened.store, opened.clock, args.number, actor=CLI)
    say(f"Identification {args.number} removed; its code works no more.")
