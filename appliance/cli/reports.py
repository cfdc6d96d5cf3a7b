"""`wattward reports`: made now, delivered every month, sent by e-mail."""

from __future__ import annotations

import argparse
import os
import sys

from appliance import clock
from appliance.audit import CLI
from appliance.billing import deliveries, mail_account
from appliance.billing.mail_account import SECURITY, Account
from appliance.cli.codes import read_secret
from appliance.cli.local_time import local_text
from appliance.cli.output import as_json, say, table
from appliance.opened import Opened
from appliance.store import migrate, settings

PRESS = ("make", "deliver", "test-mail")  # verbs of the program that makes reports: it knows their options


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for verb, line in zip(PRESS, ("make a report now", "deliver what is due", "send a test message"), strict=True):
        made = verbs.add_parser(verb, help=line, add_help=False, prefix_chars="\0")  # its options go through untouched
        made.add_argument("words", nargs="*")
        made.set_defaults(run=_press, verb=verb)
    listing = verbs.add_parser("list", help="what became of the monthly reports")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=_list)
    account = verbs.add_parser("mail-account", help="set up the account that sends e-mail; its password is asked for")
    account.add_argument("host", metavar="HOST", help="mail server")
    account.add_argument("--security", choices=tuple(SECURITY), default="tls", help="default: tls")
    account.add_argument("--port", type=int, metavar="N", help="default: 465 for tls, 587 for starttls")
    account.add_argument("--user", default="", metavar="NAME", help="who we are there")
    account.add_argument("--sender", required=True, metavar="ADDRESS", help="from whom messages come")
    account.set_defaults(run=_account)
    verbs.add_parser("forget-mail", help="remove the account and its password").set_defaults(run=_forget)


def _press(args: argparse.Namespace, opened: Opened) -> None:
    """Become the program that makes reports: appliance never imports ui."""
    os.environ["WATTWARD_RUN"] = str(opened.home.run)
    command = [sys.executable, "-m", "ui.paper", "--home", str(opened.home.root), args.verb, *args.words]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, our own module


def _list(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    rows: list[dict[str, object]] = [
        {
            "month": one.month,
            "target": one.target,
            "attempts": one.attempts,
            "last_at": clock.utc_text(one.last_at) if args.json else local_text(opened, one.last_at),
            "delivered_at": None if one.delivered_at is None else clock.utc_text(one.delivered_at),
            "outcome": one.outcome,
        }
        for one in deliveries.all(opened.store)
    ]
    if args.json:
        as_json(rows)
    else:
        table(
            rows, ["month", "target", "attempts", "last_at", "outcome"],
            empty=_none_yet(opened),
        )  # fmt: skip


def _none_yet(opened: Opened) -> str:
    if settings.flag(opened.store, "report.monthly"):
        return f"No monthly report yet: that of a month comes on day {deliveries.FIRST_DAY} of the next one."
    return "No monthly report yet: 'wattward settings set report.monthly on' begins with this month's."


def _account(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    password = read_secret("Password (empty: none): ") or None
    account = Account(args.host, args.port or SECURITY[args.security], args.security, args.user, args.sender, password)
    mail_account.put(opened.store, opened.key(), opened.clock, account, actor=CLI)
    say(f"E-mail goes out by {account.host}:{account.port}. Try it: wattward reports test-mail {account.sender}")


def _forget(_args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    mail_account.forget(opened.store, opened.clock, actor=CLI)
    say("The account for e-mail is removed.")
