"""`wattward guests`: codes that end by themselves."""

from __future__ import annotations

import argparse
from decimal import Decimal, DecimalException

from appliance.audit import CLI
from appliance.charging import guests, identifications, points, users
from appliance.charging.identifications import Extras, Identification
from appliance.cli.output import as_json, say, table
from appliance.cli.verbs import verb
from appliance.errors import N_, BadInput
from appliance.opened import Opened


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    add = verb(
        verbs, "add", _add, "make a code for a guest; it is shown once here, and again by 'identifications show'"
    )
    add.add_argument("--name", nargs=2, default=("", ""), metavar=("FIRST", "LAST"), help="a guest with a name")
    add.add_argument("--kwh", metavar="N", help="ends after so much energy")
    add.add_argument("--money", metavar="N", help="ends after so much money, by the usual tariff")
    add.add_argument("--minutes", metavar="N", help="ends after charging so long")
    add.add_argument("--expires", default="", metavar="DATE", help="last day it works, as 2026-12-31")
    listing = verb(verbs, "list", _list, "the codes of guests and what is left of them")
    listing.add_argument("--json", action="store_true", help="for programs")


def amount(text: str | None, times: int, field: str) -> int | None:
    """A number as typed, with point or comma, in the smaller unit; None: not given. Raises BadInput."""
    if text is None:
        return None
    try:
        value = Decimal(text.replace(",", ".")) * times
    except DecimalException:
        value = Decimal("NaN")
    if not value.is_finite() or value != value.to_integral_value():
        raise BadInput(N_("{text} is no number: write it like 12 or 7.5."), field=field, text=text)
    return int(value)


def _add(args: argparse.Namespace, opened: Opened) -> None:
    extras = Extras(
        cap_wh=amount(args.kwh, 1000, "kwh"), cap_cents=amount(args.money, 100, "money"),
        cap_s=amount(args.minutes, 60, "minutes"),
    )  # fmt: skip
    made = guests.make(
        opened, extras, expires_on=identifications.parse_date(args.expires), first_name=args.name[0],
        last_name=args.name[1], actor=CLI,
    )  # fmt: skip
    until = " or ".join(_ends(made.identification))
    say(f"{made.code} lets {made.user.name} charge until {until} (identification {made.identification.id}).")
    warn_of_past(opened, made.identification)
    if extras.counted and not any(point.meter_id for point in points.all(opened.store)):
        say("No charging point has a meter yet, so this code charges nowhere: 'wattward points edit NAME --meter'.")


def warn_of_past(opened: Opened, made: Identification) -> None:
    """Say so when a code's last day is over already."""
    if identifications.is_past(opened.store, opened.clock, made.expires_on):
        say(f"Mind: {made.expires_on} is past, so it does not work.")


def _ends(made: Identification) -> list[str]:
    """What ends the code, whichever comes first."""
    extras, found = made.extras, []
    if extras.cap_wh is not None:
        found.append(f"{extras.cap_wh / 1000:g} kWh are used")
    if extras.cap_cents is not None:
        found.append(f"{extras.cap_cents / 100:.2f} are spent")
    if extras.cap_s is not None:
        found.append(f"{extras.cap_s / 60:g} minutes are over")
    if made.expires_on is not None:
        found.append(f"{made.expires_on} is over")
    return found


def _list(args: argparse.Namespace, opened: Opened) -> None:
    names = {user.id: user.name for user in users.all(opened.store) if user.guest}
    rows = []
    for one in identifications.all(opened.store):
        if one.user_id in names:
            spent, extras = guests.spent(opened, one.id), one.extras
            rows.append(
                {
                    "id": one.id, "guest": names[one.user_id], "expires_on": one.expires_on, "active": one.active,
                    "cap_wh": extras.cap_wh, "used_wh": spent.energy_wh, "cap_cents": extras.cap_cents,
                    "cost": None if spent.cost is None else str(spent.cost), "cap_s": extras.cap_s,
                    "used_s": round(spent.lasted_s),
                }
            )  # fmt: skip
    if args.json:
        as_json(rows)
        return
    columns = ["id", "guest", "expires_on", "cap_wh", "used_wh", "cap_cents", "cost", "cap_s", "used_s"]
    table(rows, columns, empty="No codes for guests: 'wattward guests add' makes one.")
