"""`wattward users`: the people who may charge."""

from __future__ import annotations

import argparse

from appliance.audit import CLI
from appliance.charging import identifications, users
from appliance.charging.users import User
from appliance.cli.output import as_json, say, table
from appliance.opened import Opened
from appliance.store import migrate

WHO = "number, or first and last name in quotes"


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    add = verbs.add_parser("add", help="add a user", description="Add a user.")
    add.add_argument("first", metavar="FIRST", help="first name")
    add.add_argument("last", metavar="LAST", help="last name")
    add.set_defaults(run=_add)
    listing = verbs.add_parser("list", help="the users", description="The users.")
    listing.add_argument("--all", action="store_true", help="archived ones, too")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=_list)
    edit = verbs.add_parser("edit", help="change the name", description="Change the name.")
    edit.add_argument("user", metavar="USER", help=WHO)
    edit.add_argument("--first", metavar="FIRST", help="first name")
    edit.add_argument("--last", metavar="LAST", help="last name")
    edit.set_defaults(run=_edit)
    for name, act, line in (
        ("block", users.block, "stop new starts at once; the codes stay"),
        ("unblock", users.unblock, "allow starts again, and forget wrong guesses"),
        ("archive", users.archive, "take out of use; the sessions stay"),
        ("activate", users.activate, "take an archived user into use again"),
    ):
        verb = verbs.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        verb.add_argument("user", metavar="USER", help=WHO)
        verb.set_defaults(run=_act, act=act)


def _add(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    user = users.add(opened.store, opened.clock, args.first, args.last, actor=CLI)
    say(f"User {user.id}, {user.name}, added. Give a code: wattward identifications add {user.id} --type pin --code -")


def _list(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    codes = identifications.all(opened.store)
    rows = [
        {
            "id": user.id,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "blocked": user.blocked,
            "archived": user.archived,
            "identifications": sum(code.user_id == user.id for code in codes),
        }
        for user in users.all(opened.store, archived=args.all)
    ]
    if args.json:
        as_json(rows)
        return
    for row in rows:
        row["status"] = "archived" if row["archived"] else "blocked" if row["blocked"] else "may charge"
    table(
        rows, ["id", "first_name", "last_name", "status", "identifications"],
        empty="No users: 'wattward users add FIRST LAST' adds one.",
    )  # fmt: skip


def _edit(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    user = users.find(opened.store, args.user)
    new = users.edit(opened.store, opened.clock, user.id, first_name=args.first, last_name=args.last, actor=CLI)
    say(f"User {new.id} is now {new.name}.")


def _act(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    user = users.find(opened.store, args.user)
    new: User = args.act(opened.store, opened.clock, user.id, actor=CLI)
    state = "archived" if new.archived else "blocked" if new.blocked else "free to charge with their codes"
    say(f"{new.name} is {state}.")
