"""`wattward tariffs`: what charging costs, and whose tariff is which."""

from __future__ import annotations

import argparse
import contextlib
from datetime import date

from appliance.audit import CLI
from appliance.billing import prices, tariffs
from appliance.charging import users
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, BadInput
from appliance.opened import Opened
from appliance.store import migrate, settings


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    add = verbs.add_parser("add", help="make a tariff")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--kind", default="fixed", metavar="KIND", help=f"one of {', '.join(tariffs.KINDS)}")
    add.add_argument("--basis", default="", metavar="TEXT", help="where the price comes from, as reports say it")
    add.set_defaults(run=_add)
    price = verbs.add_parser("price", help="let a price hold from a day on")
    price.add_argument("name", metavar="NAME")
    price.add_argument("per_kwh", metavar="PRICE", help="per kWh, like 0.34")
    price.add_argument("--from", dest="valid_from", required=True, metavar="DATE", help="first day, like 2026-01-01")
    price.add_argument(
        "--band",
        action="append",
        default=[],
        metavar="BAND",
        help="another price at some hours: '1-5 22:00-06:00 0.21'",
    )
    price.set_defaults(run=_price)
    give = verbs.add_parser("give", help="let a user pay by a tariff of their own")
    give.add_argument("user", metavar="USER")
    give.add_argument("name", metavar="NAME", help="a tariff, or - for the usual one")
    give.set_defaults(run=_give)
    listing = verbs.add_parser("list", help="tariffs and their prices")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.add_argument("--archived", action="store_true", help="also those out of use")
    listing.set_defaults(run=_list)
    archive = verbs.add_parser("archive", help="take a tariff out of use")
    archive.add_argument("name", metavar="NAME")
    archive.set_defaults(run=_archive)


def _add(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    made = tariffs.add(opened.store, opened.clock, args.name, args.kind, basis=args.basis, actor=CLI)
    say(f"Tariff {made.name} is made. Now its price: wattward tariffs price '{made.name}' 0.34 --from 2026-01-01")
    if not settings.text(opened.store, "billing.tariff"):
        say(f"To make it the usual one: wattward settings set billing.tariff '{made.name}'")


def _price(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    tariff = tariffs.find(opened.store, args.name)
    bands = [prices.band(one) for one in args.band]
    since = _date(args.valid_from)
    tariffs.set_price(opened.store, opened.clock, tariff.id, since, prices.amount(args.per_kwh), bands, actor=CLI)
    say(f"{tariff.name} costs {prices.amount(args.per_kwh)} per kWh from {since} on.")


def _date(text: str) -> date:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    raise BadInput(N_("A date is written like 2026-11-21."), field="valid_from")


def _give(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    user = users.find(opened.store, args.user)
    tariff = None if args.name == "-" else tariffs.find(opened.store, args.name, archived=False)
    tariffs.give(opened.store, opened.clock, user.id, None if tariff is None else tariff.id, actor=CLI)
    say(f"{user.name} pays by {'the usual tariff' if tariff is None else tariff.name}.")


def _list(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    found = tariffs.all(opened.store, archived=args.archived)
    if args.json:
        as_json([_as_keys(one) for one in found])
        return
    usual = settings.text(opened.store, "billing.tariff").casefold()
    rows: list[dict[str, object]] = [
        {
            "name": one.name + (" (usual)" if one.name.casefold() == usual else ""),
            "kind": one.kind,
            "from": "" if price is None else price.valid_from.isoformat(),
            "per_kwh": "no price yet" if price is None else str(price.per_kwh),
            "bands": "" if price is None else "; ".join(prices.band_text(band) for band in price.bands),
            "basis": one.basis,
        }
        for one in found
        for price in (one.prices or (None,))
    ]
    table(rows, ["name", "kind", "from", "per_kwh", "bands", "basis"], empty="No tariffs yet.")


def _as_keys(one: tariffs.Tariff) -> dict[str, object]:
    return {
        "name": one.name,
        "kind": one.kind,
        "basis": one.basis,
        "archived": one.archived,
        "prices": [
            {
                "valid_from": price.valid_from.isoformat(),
                "per_kwh": str(price.per_kwh),
                "bands": [prices.band_text(band) for band in price.bands],
            }
            for price in one.prices
        ],
    }


def _archive(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    tariff = tariffs.find(opened.store, args.name)
    tariffs.archive(opened.store, opened.clock, tariff.id, actor=CLI)
    say(f"{tariff.name} is out of use.")
