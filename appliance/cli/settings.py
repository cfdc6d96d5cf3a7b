"""`wattward settings`, `audit` and `clock`: what is set, who did what, and whether date and time are believed."""

from __future__ import annotations

import argparse

from appliance import audit, clock, known_time
from appliance.billing import tariffs
from appliance.cli.output import as_json, say, table
from appliance.opened import Opened
from appliance.store import migrate, settings


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of `settings` or `clock`, or the options of `audit`."""
    if parser.prog.endswith("audit"):
        parser.add_argument("--limit", type=int, default=50, metavar="N", help="the newest N events (default 50)")
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.set_defaults(run=_audit)
        return
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    if parser.prog.endswith("clock"):
        verbs.add_parser("status", help="whether date and time are believed").set_defaults(run=_clock)
        verbs.add_parser("confirm", help="say that date and time are right").set_defaults(run=_confirm)
        return
    listing = verbs.add_parser("list", help="all settings with their values and bounds")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=_list)
    get = verbs.add_parser("get", help="one value")
    get.add_argument("key", metavar="KEY")
    get.set_defaults(run=_get)
    change = verbs.add_parser("set", help="change one value; it takes effect at once")
    change.add_argument("key", metavar="KEY")
    change.add_argument("value", metavar="VALUE")
    change.set_defaults(run=_set)


def _typed(value: settings.Value) -> str:
    """A value as a person types it."""
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _allowed(setting: settings.Setting) -> str:
    """What may be set, in a few words."""
    if setting.type is bool:
        return "on, off"
    if setting.choices:
        return ", ".join(setting.choices)
    if setting.low is not None and setting.high is not None:
        return f"{setting.low:g} to {setting.high:g}"
    return setting.hint


def _list(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    values = {setting.key: settings.get(opened.store, setting.key) for setting in settings.TABLE}
    if args.json:
        as_json(
            [
                {
                    "key": setting.key, "value": values[setting.key], "default": setting.default, "unit": setting.unit,
                    "allowed": _allowed(setting), "label": setting.label,
                }
                for setting in settings.TABLE
            ]
        )  # fmt: skip
        return
    rows = [
        {
            "key": setting.key, "value": _typed(values[setting.key]), "unit": setting.unit,
            "allowed": _allowed(setting), "what_it_is": setting.label,
        }
        for setting in settings.TABLE
    ]  # fmt: skip
    table(rows, ["key", "value", "unit", "allowed", "what_it_is"], empty="")


def _get(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    say(_typed(settings.get(opened.store, args.key)))


def _set(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    if args.key in tariffs.NAMED_BY and args.value.strip():
        tariffs.find(opened.store, args.value, archived=False)  # a name nobody has would bill nothing
    value = settings.put(opened.store, opened.clock.now(), audit.CLI, args.key, args.value)
    unit = settings.describe(args.key).unit
    say(f"{args.key} is {_typed(value)}{' ' + unit if unit else ''}.")


def _audit(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    events = audit.newest(opened.store, max(1, args.limit))
    rows = [
        {
            "at": clock.utc_text(event.at), "surface": event.actor.surface, "actor": event.actor.name,
            "event": event.event, "subject": event.subject, "detail": event.detail,
        }
        for event in events
    ]  # fmt: skip
    if args.json:
        as_json(rows)
        return
    for row, event in zip(rows, events, strict=True):
        row["detail"] = ", ".join(f"{name}={value}" for name, value in event.detail.items())
    table(rows, ["at", "surface", "actor", "event", "subject", "detail"], empty="Nothing happened yet.")


def _clock(_args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    believed = known_time.trusted(opened.store, opened.live, opened.clock)
    say(f"{opened.clock.now():%Y-%m-%d %H:%M} UTC is {'believed' if believed else 'not believed'}.")
    if not believed:
        say("Set it or connect a time server; if it is right: 'wattward clock confirm'.")


def _confirm(_args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    known_time.confirm(opened.store, opened.clock, audit.CLI)
    say(f"{opened.clock.now():%Y-%m-%d %H:%M} UTC is taken for right from now on.")
