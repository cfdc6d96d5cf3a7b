"""`wattward tokens`: access tokens of apps and phones."""

from __future__ import annotations

import argparse
import dataclasses
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appliance.access import app_service, tokens, tokens_charging
from appliance.access.tokens import Token
from appliance.audit import CLI
from appliance.charging import identifications
from appliance.cli import local_time
from appliance.cli.output import as_json, say, table
from appliance.cli.verbs import verb
from appliance.opened import Opened
from appliance.store import settings

COLUMNS = ["id", "state", "name", "app", "role", "number", "user", "created", "last_used", "expires"]


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listing = verb(verbs, "list", _list, "all access tokens, those that wait first")
    show = verb(verbs, "show", _show, "everything about one, but its secret, which nobody knows any more")
    request = verb(verbs, "request", _request, "make one that waits for confirmation; its secret is shown this once")
    request.add_argument("name", help="who will use it, as 'Prometheus'")
    request.add_argument("--role", default="read", choices=tokens.ROLES, help="what it may do (default: read)")
    confirm = verb(verbs, "confirm", _confirm, "let one in, when the number matches what the app shows")
    revoke = verb(verbs, "revoke", _revoke, "end one for good and keep its row")
    delete = verb(verbs, "delete", _delete, "take one and its row away")
    rename = verb(verbs, "rename", _rename, "call one something else")
    lend = verb(verbs, "lend", _lend, "say whose charging one starts")
    for one in (show, confirm, revoke, delete, rename, lend):
        one.add_argument("id", type=int, help="its number in 'wattward tokens list'")
    confirm.add_argument("--role", choices=tokens.ROLES, help="another role than it asked for")
    confirm.add_argument("--expires", default="", metavar="DATE", help="last day it works, as 2026-12-31")
    rename.add_argument("name", help="its new name")
    lend.add_argument("--user", type=int, metavar="ID", help="number of the local user; without: nobody's")
    for one in (listing, show):
        one.add_argument("--json", action="store_true", help="for programs")


def _list(args: argparse.Namespace, opened: Opened) -> None:
    found = tokens.all(opened.store, opened.clock.now())
    if args.json:
        as_json([dataclasses.asdict(one) for one in found])
        return
    table([_row(opened, one) for one in found], COLUMNS, empty="No access tokens: an app asks for one by itself.")


def _show(args: argparse.Namespace, opened: Opened) -> None:
    token = tokens.get(opened.store, args.id)
    if args.json:
        as_json(dataclasses.asdict(token))
        return
    for name, value in dataclasses.asdict(token).items():
        say(f"{name.replace('_', ' ')}: {'' if value is None else value}")


def _request(args: argparse.Namespace, opened: Opened) -> None:
    token, secret = tokens.create(opened, CLI, args.name, "command line", args.role)
    say(secret)
    say(f"Keep it now: it is not shown again. It works once 'wattward tokens confirm {token.id}' was called.")
    if not app_service.is_on(opened.store):
        say("Apps cannot connect yet: 'wattward settings set service.phone on'.")


def _confirm(args: argparse.Namespace, opened: Opened) -> None:
    token = tokens.confirm(opened, args.id, CLI, role=args.role, expires_at=_end_of(opened, args.expires))
    say(f"{token.name} may {'read' if token.role == 'read' else token.role} from now on.")


def _end_of(opened: Opened, typed: str) -> datetime | None:
    """The end of a local day; None: never. Raises BadInput."""
    day = identifications.parse_date(typed)
    if day is None:
        return None
    zone = ZoneInfo(settings.text(opened.store, "site.timezone"))
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def _revoke(args: argparse.Namespace, opened: Opened) -> None:
    token = tokens.revoke(opened, args.id, CLI)
    say(f"{token.name} has ended and stays in the list.")


def _delete(args: argparse.Namespace, opened: Opened) -> None:
    tokens.delete(opened, args.id, CLI)
    say("It is gone.")


def _rename(args: argparse.Namespace, opened: Opened) -> None:
    say(f"It is called {tokens.rename(opened, args.id, args.name, CLI).name} now.")


def _lend(args: argparse.Namespace, opened: Opened) -> None:
    token = tokens_charging.lend(opened, args.id, args.user, CLI)
    say(f"{token.name} starts charging for {'nobody' if args.user is None else f'user {args.user}'}.")


def _row(opened: Opened, token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "state": token.state,
        "name": token.name,
        "app": token.app,
        "role": token.role,
        "number": token.matching_number if token.state == "pending" else "",
        "user": tokens_charging.user_id(opened, token),
        "created": _moment(opened, token.created_at),
        "last_used": _moment(opened, token.last_used_at),
        "expires": _moment(opened, token.expires_at),
    }


def _moment(opened: Opened, moment: datetime | None) -> str:
    return "" if moment is None else local_time.local_text(opened, moment)
