"""`wattward vehicles`: the cars of users."""

from __future__ import annotations

import argparse

from appliance.audit import CLI
from appliance.charging import users, vehicles
from appliance.cli.output import as_json, say, table
from appliance.cli.verbs import verb
from appliance.opened import Opened


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    add = verb(verbs, "add", _add, "give a user a vehicle")
    add.add_argument("user", metavar="USER", help="number, or first and last name in quotes")
    add.add_argument("name", metavar="NAME", help="what it is called: 'blue Golf'")
    add.add_argument("--plate", default="", metavar="PLATE", help="number plate")
    listing = verb(verbs, "list", _list, "the vehicles")
    listing.add_argument("user", nargs="?", metavar="USER", help="of this user only")
    listing.add_argument("--all", action="store_true", help="archived ones, too")
    listing.add_argument("--json", action="store_true", help="for programs")
    edit = verb(verbs, "edit", _edit, "change name or plate")
    edit.add_argument("number", type=int, metavar="NUMBER", help="as 'vehicles list' shows it")
    edit.add_argument("--name", metavar="NAME", help="another name")
    edit.add_argument("--plate", metavar="PLATE", help="number plate ('' takes it away)")
    for name, run, line in (
        ("archive", _archive, "put it out of use; its sessions keep it"),
        ("remove", _remove, "delete one no session names"),
    ):
        verb(verbs, name, run, line).add_argument("number", type=int, metavar="NUMBER", help="as 'vehicles list' shows")


def _add(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    made = vehicles.add(opened.store, opened.clock, user.id, args.name, args.plate, actor=CLI)
    say(f"Vehicle {made.id}, {made.name}, of {user.name} added.")


def _list(args: argparse.Namespace, opened: Opened) -> None:
    user_id = None if args.user is None else users.find(opened.store, args.user).id
    names = {user.id: user.name for user in users.all(opened.store, archived=True)}
    rows = [
        {
            "id": one.id, "user_id": one.user_id, "user": names[one.user_id], "name": one.name, "plate": one.plate,
            "archived": one.archived,
        }
        for one in vehicles.all(opened.store, user_id, archived=args.all)
    ]  # fmt: skip
    if args.json:
        as_json(rows)
    else:
        table(rows, ["id", "user", "name", "plate"], empty="No vehicles: 'wattward vehicles add' adds one.")


def _edit(args: argparse.Namespace, opened: Opened) -> None:
    new = vehicles.edit(opened.store, opened.clock, args.number, name=args.name, plate=args.plate, actor=CLI)
    say(f"Vehicle {new.id} is {new.name}{f', {new.plate}' if new.plate else ''}.")


def _archive(args: argparse.Namespace, opened: Opened) -> None:
    vehicles.archive(opened.store, opened.clock, args.number, actor=CLI)
    say(f"Vehicle {args.number} is archived.")


def _remove(args: argparse.Namespace, opened: Opened) -> None:
    vehicles.remove(opened.store, opened.clock, args.number, actor=CLI)
    say(f"Vehicle {args.number} removed.")
