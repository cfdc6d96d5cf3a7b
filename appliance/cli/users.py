"""`wattward users`: the people who may charge."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from appliance.audit import CLI
from appliance.charging import allowances, identifications, local_days, privacy, user_import, users, windows
from appliance.charging.users import User
from appliance.cli.guests import amount
from appliance.cli.output import as_json, say, table
from appliance.cli.verbs import verb
from appliance.errors import N_, BadInput
from appliance.opened import Opened

WHO = "number, or first and last name in quotes"
HOURS = "when they may charge, as '1-5 08:00-18:00'; again for more; 'always' takes them away"


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    add = verb(verbs, "add", _add, "add a user")
    add.add_argument("first", metavar="FIRST", help="first name")
    add.add_argument("last", metavar="LAST", help="last name")
    listing = verb(verbs, "list", _list, "the users")
    listing.add_argument("search", nargs="*", metavar="WORD", help="whose name, number or plate begins so")
    listing.add_argument("--all", action="store_true", help="archived ones, too")
    listing.add_argument("--limit", type=int, default=100_000, metavar="N", help="at most so many")
    listing.add_argument("--json", action="store_true", help="for programs")
    show = verb(verbs, "show", _show, "one user with hours and allowances")
    show.add_argument("user", metavar="USER", help=WHO)
    show.add_argument("--json", action="store_true", help="for programs")
    edit = verb(verbs, "edit", _edit, "change name, hours, or whether a card needs a PIN")
    edit.add_argument("user", metavar="USER", help=WHO)
    edit.add_argument("--first", metavar="FIRST", help="first name")
    edit.add_argument("--last", metavar="LAST", help="last name")
    edit.add_argument("--hours", action="append", metavar="HOURS", help=HOURS)
    factor = edit.add_mutually_exclusive_group()
    factor.add_argument("--card-and-pin", dest="factor", action="store_true", default=None, help="both are wanted")
    factor.add_argument("--card-or-pin", dest="factor", action="store_false", help="one is enough")
    allow = verb(verbs, "allow", _allow, "say how much a user may charge in a day, a week or a month")
    allow.add_argument("user", metavar="USER", help=WHO)
    allow.add_argument("period", choices=local_days.PERIODS, metavar="PERIOD", help=", ".join(local_days.PERIODS))
    allow.add_argument("kwh", metavar="KWH", help="kWh; 'any' takes the allowance away")
    for name, act, line in (
        ("block", users.block, "stop new starts at once; the codes stay"),
        ("unblock", users.unblock, "allow starts again, and forget wrong guesses"),
        ("archive", users.archive, "take out of use; the sessions stay"),
        ("activate", users.activate, "take an archived user into use again"),
    ):
        made = verb(verbs, name, _act, line)
        made.add_argument("user", metavar="USER", help=WHO)
        made.set_defaults(act=act)
    forget = verb(verbs, "anonymise", _anonymise, "take an archived user's data out of everything, for good")
    forget.add_argument("user", metavar="USER", help=WHO)
    verb(verbs, "remove", _remove, "delete one nobody ever saw").add_argument("user", metavar="USER", help=WHO)
    bring = verb(verbs, "import", _import, "add users from a CSV file: first name, last name, type, code, expiry")
    bring.add_argument("file", metavar="FILE", help="the file; - for standard input")
    bring.add_argument("--dry-run", action="store_true", help="only check every row")


def _add(args: argparse.Namespace, opened: Opened) -> None:
    user = users.add(opened.store, opened.clock, args.first, args.last, actor=CLI)
    say(f"User {user.id}, {user.name}, added. Give a code: wattward identifications add {user.id} --type pin --code -")


def _list(args: argparse.Namespace, opened: Opened) -> None:
    counts = identifications.counts(opened.store)
    words = " ".join(args.search)
    rows = [
        _row(user) | {"identifications": counts.get(user.id, 0)}
        for user in users.search(opened.store, words, archived=args.all, limit=max(0, args.limit))
    ]
    if args.json:
        as_json(rows)
        return
    for row in rows:
        row["status"] = "archived" if row["archived"] else "blocked" if row["blocked"] else "may charge"
    table(
        rows, ["id", "first_name", "last_name", "status", "identifications"],
        empty="Nobody is called so." if words else "No users: 'wattward users add FIRST LAST' adds one.",
    )  # fmt: skip


def _row(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "blocked": user.blocked,
        "archived": user.archived,
        "guest": user.guest,
        "second_factor": user.second_factor,
        "hours": [str(one) for one in user.hours],
    }


def _show(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    allowed = allowances.look(opened.store, opened.clock, user.id)
    if args.json:
        known = [{"period": one.period, "wh": one.wh, "used_wh": one.used_wh} for one in allowed]
        as_json(_row(user) | {"allowances": known})
        return
    say(f"User {user.id}, {user.name}: {_state(user)}.")
    say(f"Charges {'; '.join(str(one) for one in user.hours) if user.hours else 'at any hour'}.")
    if user.second_factor:
        say("Needs a card and a PIN.")
    for one in allowed:
        say(f"{one.used_wh / 1000:.1f} of {one.wh / 1000:.1f} kWh used this {one.period}.")


def _state(user: User) -> str:
    return "archived" if user.archived else "blocked" if user.blocked else "free to charge with their codes"


def parse_hours(texts: list[str] | None) -> tuple[windows.Window, ...] | None:
    """Hours as typed; 'always' alone takes them away. Raises BadInput."""
    if texts is None:
        return None
    return () if texts == ["always"] else windows.parse(texts)


def _edit(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    new = users.edit(
        opened.store, opened.clock, user.id, first_name=args.first, last_name=args.last,
        hours=parse_hours(args.hours), second_factor=args.factor, actor=CLI,
    )  # fmt: skip
    say(f"User {new.id} is now {new.name}.")


def _allow(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    wh = None if args.kwh == "any" else amount(args.kwh, 1000, "kwh")
    allowances.put(opened.store, opened.clock, user.id, args.period, wh, actor=CLI)
    say(f"{user.name} may charge {'as much as they like' if wh is None else f'{wh / 1000:g} kWh'} a {args.period}.")


def _act(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    new: User = args.act(opened.store, opened.clock, user.id, actor=CLI)
    say(f"{new.name} is {_state(new)}.")


def _anonymise(args: argparse.Namespace, opened: Opened) -> None:
    new = privacy.anonymise(
        opened.store, opened.clock, users.find(opened.store, args.user).id, actor=CLI
    )  # fmt: skip
    say(f"Their name, codes and cars are gone; the sessions stay, as those of {new.name}.")


def _remove(args: argparse.Namespace, opened: Opened) -> None:
    user = users.find(opened.store, args.user)
    users.remove(opened.store, opened.clock, user.id, actor=CLI)
    say(f"User {user.id} removed.")


def _import(args: argparse.Namespace, opened: Opened) -> int:
    """Report each row; exit code 0: all are good."""
    lines = user_import.run(opened, _read(args.file), dry_run=args.dry_run, tell_holder=True, actor=CLI)
    for line in lines:
        what = f"{line.first_name} {line.last_name}{f', {line.type}' if line.type else ''}"
        say(f"line {line.number}: {line.error}" if line.error else f"line {line.number}: {what}: ok")
    wrong = sum(line.error is not None for line in lines)
    if wrong:
        say(f"{wrong} of {len(lines)} rows cannot be: nothing was saved.")
        return 1
    say(f"{len(lines)} rows are good; nothing was saved." if args.dry_run else f"{len(lines)} rows were saved.")
    return 0


def _read(name: str) -> str:
    try:
        return user_import.decode(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
    except OSError as error:
        raise BadInput(
            N_("{file} cannot be read: {reason}."), field="file", file=name, reason=error.strerror
        ) from error
