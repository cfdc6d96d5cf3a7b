"""`wattward readers`: where people show cards, tags and PINs at the charging points."""

from __future__ import annotations

import argparse

from appliance import core, faults, heartbeat
from appliance.audit import CLI
from appliance.charging import points, readers
from appliance.charging.readers import Reader
from appliance.cli.output import as_json, say, table
from appliance.cli.verbs import Command, verb
from appliance.errors import Refused
from appliance.opened import Opened

AT = "address, as docs/readers.md lists them: wiegand:gpio:5,gpio:6"
POINT = "charging point it stands at; again for a further one"
LAMPS = "lamps and buzzer: green=gpio:22,red=gpio:23,buzzer=gpio:24 ('' takes them away)"


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    add = _named(verbs, "add", _add, "add a reader")
    add.add_argument("--at", required=True, metavar="URL", help=AT)
    add.add_argument("--point", action="append", required=True, metavar="POINT", help=POINT)
    add.add_argument("--lamps", default="", metavar="LINES", help=LAMPS)
    listing = verb(verbs, "list", _list, "the readers")
    listing.add_argument("--all", action="store_true", help="archived ones, too")
    listing.add_argument("--json", action="store_true", help="for programs")
    edit = _named(verbs, "edit", _edit, "change name, address, points or lamps, switch it on or off")
    edit.add_argument("--name", dest="new_name", metavar="NAME", help="another name")
    edit.add_argument("--at", metavar="URL", help=AT)
    edit.add_argument("--point", action="append", metavar="POINT", help=POINT)
    edit.add_argument("--lamps", metavar="LINES", help=LAMPS)
    switch = edit.add_mutually_exclusive_group()
    switch.add_argument("--on", dest="enabled", action="store_true", default=None, help="it is read")
    switch.add_argument("--off", dest="enabled", action="store_false", help="it is not read")
    test = _named(verbs, "test", _test, "say whether it answers; without a core, wait for a card")
    test.add_argument("--wait", type=float, default=20.0, metavar="S", help="for a card, seconds (default 20)")
    ask = _named(verbs, "ask", _ask, "let one that listens only on demand listen for a while")
    ask.add_argument("--for", dest="for_s", type=float, default=readers.ASKED_S, metavar="S", help="seconds")
    _named(verbs, "archive", _archive, "put it out of use")
    _named(verbs, "activate", _activate, "put an archived one into use again")
    _named(verbs, "remove", _remove, "forget it; attempts keep its name")


def _named(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Command, line: str
) -> argparse.ArgumentParser:
    made = verb(verbs, name, run, line)
    made.add_argument("name", metavar="NAME", help="name of the reader")
    return made


def _point_ids(opened: Opened, names: list[str] | None) -> list[int] | None:
    return None if names is None else [points.find(opened.store, name).id for name in names]


def _add(args: argparse.Namespace, opened: Opened) -> None:
    core.check_reader(args.at, args.lamps)
    at = _point_ids(opened, args.point) or []
    reader = readers.add(opened.store, opened.clock, args.name, args.at, at, args.lamps, actor=CLI)
    say(f"Reader {reader.name} added at {', '.join(args.point)}.")
    say(f"Look whether it answers: wattward readers test {reader.name!r}")


def _list(args: argparse.Namespace, opened: Opened) -> None:
    names = {point.id: point.name for point in points.all(opened.store, archived=True)}
    wrong = _faults(opened)
    rows = [
        {
            "id": one.id, "name": one.name, "at": one.url, "points": [names[number] for number in one.point_ids],
            "lamps": one.lamps, "enabled": one.enabled, "archived": one.archived, "fault": wrong.get(one.id),
        }
        for one in readers.all(opened.store, archived=args.all)
    ]  # fmt: skip
    if args.json:
        as_json(rows)
        return
    shown = [
        row | {"points": ", ".join(row["points"]), "state": _state(row)}  # type: ignore[arg-type]  # names, see above
        for row in rows
    ]
    table(shown, ["id", "name", "at", "points", "state"], empty="No readers: 'wattward readers add' adds one.")


def _state(row: dict[str, object]) -> str:
    if row["archived"]:
        return "archived"
    return "off" if not row["enabled"] else f"! {row['fault']}" if row["fault"] else "on"


def _faults(opened: Opened) -> dict[int, str]:
    """What is wrong with each reader, as the core sees it."""
    if not heartbeat.core_runs(opened.live, opened.clock):
        return {}
    found = [one for one in faults.active(opened.live) if one.source.startswith("reader:")]
    return {int(one.source.removeprefix("reader:")): one.sentence for one in found}


def _edit(args: argparse.Namespace, opened: Opened) -> None:
    reader = readers.find(opened.store, args.name)
    core.check_reader(args.at or reader.url, args.lamps or "")
    new = readers.edit(
        opened.store, opened.clock, reader.id, name=args.new_name, url=args.at,
        point_ids=_point_ids(opened, args.point), lamps=args.lamps, enabled=args.enabled, actor=CLI,
    )  # fmt: skip
    say(f"Reader {new.name} changed.")


def _test(args: argparse.Namespace, opened: Opened) -> int:
    reader = readers.find(opened.store, args.name)
    if heartbeat.core_runs(opened.live, opened.clock):
        return _ask_core(opened, reader)
    say(f"Hold a card to {reader.name}, or type a PIN.")
    who = core.try_reader(reader.url, args.wait)
    if who is None:
        say("The reader answers; nobody showed anything.")
        return 0
    say("A PIN was typed." if who.kind == "pin" else f"{who.kind} {who.code}")
    return 0


def _ask_core(opened: Opened, reader: Reader) -> int:
    """What the core that holds the reader says of it."""
    if reader.archived or not reader.enabled:
        say(f"Reader {reader.name} is not read: it is {'archived' if reader.archived else 'off'}.")
        return 1
    wrong = _faults(opened).get(reader.id)
    if wrong is not None:
        raise Refused("{sentence}", sentence=wrong)
    say(f"Reader {reader.name} answers. What is shown there now stands in 'wattward attempts'.")
    return 0


def _ask(args: argparse.Namespace, opened: Opened) -> None:
    readers.ask(opened.store, opened.clock, readers.find(opened.store, args.name).id, args.for_s)
    say(f"Reader {args.name} listens for {args.for_s:g} s.")


def _archive(args: argparse.Namespace, opened: Opened) -> None:
    readers.archive(opened.store, opened.clock, readers.find(opened.store, args.name).id, actor=CLI)
    say(f"Reader {args.name} is archived.")


def _activate(args: argparse.Namespace, opened: Opened) -> None:
    readers.activate(opened.store, opened.clock, readers.find(opened.store, args.name).id, actor=CLI)
    say(f"Reader {args.name} is in use again.")


def _remove(args: argparse.Namespace, opened: Opened) -> None:
    readers.remove(opened.store, opened.clock, readers.find(opened.store, args.name).id, actor=CLI)
    say(f"Reader {args.name} removed.")
