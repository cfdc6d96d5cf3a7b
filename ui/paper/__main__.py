"""`python -m ui.paper`: make reports now, or deliver what is due."""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance import audit, clock, config, errors, site
from appliance.backup import wishes
from appliance.billing import mail_account, press, statement
from appliance.billing.statement import Wanted
from appliance.charging import identifications, points, users, vehicles
from appliance.errors import N_
from appliance.metering import export
from appliance.metering.export import Stretch
from appliance.opened import Opened, open_current
from appliance.store import settings
from ui.paper import deliver, files, history_book, mail


def main(words: list[str] | None = None) -> int:
    """Do what is asked; return the exit code."""
    args = _parser().parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        home = config.find(args.home)
        opened = open_current(home, clock.of_run(home.run))
        args.run(args, opened)
    except errors.BadInput as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except errors.WattwardError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wattward reports", description="Reports of what was charged.")
    parser.add_argument("--home", metavar="DIR")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    make = verbs.add_parser("make", help="make a report now")
    make.add_argument("--month", metavar="YYYY-MM", help="a whole month (default: the last one)")
    make.add_argument("--from", dest="begin", metavar="DATE", help="first day")
    make.add_argument("--to", dest="end", metavar="DATE", help="last day")
    make.add_argument("--user", metavar="USER", help="of this user only")
    make.add_argument("--point", metavar="POINT", help="of this charging point only")
    make.add_argument("--identification", type=int, metavar="NUMBER", help="of this card or PIN only")
    make.add_argument("--vehicle", type=int, metavar="NUMBER", help="of this car only")
    make.add_argument(
        "--format", default="pdf", metavar="LIST", help=f"of {', '.join(files.FORMATS)}; several with commas"
    )
    make.add_argument("--language", choices=("en", "de"), help="default: the appliance's")
    make.add_argument("-o", "--output", default=".", metavar="FOLDER", help="where to put it (default: here)")
    make.set_defaults(run=_make)
    past = verbs.add_parser("history", help="a meter's history, or the household's, as a file")
    past.add_argument("--meter", type=int, metavar="NUMBER", help="of this meter; without one of the household")
    past.add_argument("--from", dest="begin", required=True, metavar="DATE", help="first day")
    past.add_argument("--to", dest="end", required=True, metavar="DATE", help="last day")
    past.add_argument("--step", required=True, choices=list(export.STEPS), help="one row for each")
    past.add_argument("--format", default="xlsx", choices=history_book.FORMATS, help="a workbook, or CSV in a zip file")
    past.add_argument("--title", default="Wattward", help="of the sheet")
    past.add_argument("--name", metavar="NAME", help="of the file, without its ending (default: the period)")
    past.add_argument("--progress", action="store_true", help="say each percent")
    past.add_argument("-o", "--output", default=".", metavar="FOLDER", help="where to put it (default: here)")
    past.set_defaults(run=_history)
    verbs.add_parser("deliver", help="deliver what is due").set_defaults(run=_deliver)
    test = verbs.add_parser("test-mail", help="send a test message")
    test.add_argument("to", metavar="ADDRESS")
    test.set_defaults(run=_test_mail)
    return parser


def _make(args: argparse.Namespace, opened: Opened) -> None:
    wanted = _wanted(args, opened)
    made = statement.make(opened, wanted, "local")
    language = args.language or settings.text(opened.store, "ui.language")
    named = files.make(made, language, [one.strip() for one in args.format.split(",")])
    for path in files.write(Path(args.output), named):
        sys.stdout.write(f"{path}\n")


def _history(args: argparse.Namespace, opened: Opened) -> None:
    stretch = Stretch(_day(args.begin, "from"), _day(args.end, "to"), ZoneInfo(settings.text(opened.store, site.ZONE)))
    if args.meter is None:
        columns, rows = export.balance_columns(), export.balance_rows(opened, stretch, args.step)
    else:
        columns, rows = export.columns(args.step), export.rows(opened, args.meter, stretch, args.step)
    if args.progress:
        rows = _counted(rows, stretch)
    name = args.name or f"{stretch.first}-{stretch.last}-{args.step}"
    path = history_book.make(Path(args.output), name, args.format, args.title, columns, rows)
    if not args.progress:
        sys.stdout.write(f"{path}\n")


def _counted(rows: Iterator[export.Row], stretch: Stretch) -> Iterator[export.Row]:
    """The rows, while each percent of the period is said."""
    begin_s, end_s = stretch.bounds_s()
    said = -1
    for row in rows:
        percent = int(100 * (row.start.timestamp() - begin_s) / (end_s - begin_s))
        if percent > said:
            said = percent
            sys.stdout.write(f"{percent}\n")
            sys.stdout.flush()
        yield row


def _wanted(args: argparse.Namespace, opened: Opened) -> Wanted:
    """The period and whose. Raises BadInput."""
    if args.begin or args.end:
        begin, end = _day(args.begin or "", "from"), _day(args.end or "", "to")
    else:
        whole = statement.month(_month(args.month, opened))
        begin, end = whole.begin, whole.end
    user_id = None if args.user is None else users.find(opened.store, args.user).id
    with opened.store.read() as db:
        if args.identification is not None and identifications.by_id(db, args.identification) is None:
            identifications.row(db, args.identification)  # says which there are
        if args.vehicle is not None:
            vehicles.row(db, args.vehicle)
    point = None if args.point is None else points.find(opened.store, args.point).name
    return Wanted(begin, end, user_id, point, args.identification, args.vehicle)


def _day(text: str, field: str) -> date:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    raise errors.BadInput(N_("Give first and last day as dates like 2026-11-21 (--from and --to)."), field=field)


def _month(text: str | None, opened: Opened) -> date:
    if text is None:
        return last_month(opened)
    with contextlib.suppress(ValueError):
        return date.fromisoformat(f"{text}-01")
    raise errors.BadInput(N_("A month is written like 2026-11."), field="month")


def last_month(opened: Opened) -> date:
    """The last day of the month before this one, as the house's calendar has it. Raises StoreError."""
    today = opened.clock.now().astimezone(site.zone_now(opened.store)).date()
    return today.replace(day=1) - timedelta(days=1)


def _deliver(_args: argparse.Namespace, opened: Opened) -> None:
    """Deliver what is due and tell faults; the wish that asked for it learns how it went."""
    with opened.store.write() as db:
        claimed = wishes.claim(db, opened.clock.now(), press.REPORT)
    delivered = deliver.due(opened)
    outcomes = [outcome for outcome in delivered.values() if outcome != wishes.OK]
    for (month, target), outcome in delivered.items():
        sys.stdout.write(f"{month}, {target}: {outcome}\n")
    if not delivered:
        sys.stdout.write("No report is due now: 'wattward reports list' tells which were delivered.\n")
    try:
        deliver.tell_faults(opened, opened.key())
    except errors.Refused as error:
        outcomes.append(str(error))
    if claimed is not None:
        with opened.store.write() as db:
            wishes.finish(db, opened.clock.now(), claimed, " ".join(outcomes) or wishes.OK)


def _test_mail(args: argparse.Namespace, opened: Opened) -> None:
    account = mail_account.get(opened.store, opened.key())
    name = settings.text(opened.store, "site.name")
    mail.send(account, mail.compose(account, [args.to], f"{name}: test", "This is a test message from Wattward."))
    with opened.store.write() as db:
        audit.record(db, opened.clock.now(), audit.CLI, "mail.test", args.to)
    sys.stdout.write(f"A test message went to {args.to}.\n")


if __name__ == "__main__":
    sys.exit(main())
