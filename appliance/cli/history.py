"""`wattward history`: what was measured, for any days, as a table or for other programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from appliance.errors import N_, BadInput, Refused
from appliance.metering import export, meters, tables
from appliance.metering.export import Column, Row, Stretch
from appliance.opened import Opened
from appliance.store import migrate, settings


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("meter", nargs="?", metavar="METER", help="of 'wattward meters list'")
    parser.add_argument("--balance", action="store_true", help="of the whole household instead of one meter")
    parser.add_argument(
        "--from", dest="first", metavar="DATE", help="first local day, like 2026-11-01 (default: today)"
    )
    parser.add_argument("--to", dest="last", metavar="DATE", help="last local day, included (default: today)")
    parser.add_argument(
        "--step", choices=list(export.STEPS), help="one row for each (default: quarter, day for balances)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", dest="write", action="store_const", const=tables.write_csv, help="for programs")
    form.add_argument(
        "--excel", dest="write", action="store_const", const=tables.write_excel, help="CSV for a German Excel"
    )
    form.add_argument("--json", dest="write", action="store_const", const=tables.write_json, help="for programs")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (default: standard output)")
    parser.set_defaults(run=_run, write=tables.write_text)


def _run(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    stretch = _stretch(args, opened)
    if args.balance == (args.meter is not None):
        raise BadInput(N_("Name either a meter or --balance."), field="meter")
    step = args.step or ("day" if args.balance else "quarter")
    if args.balance:
        if step not in export.BALANCE_STEPS:
            raise BadInput(
                N_("Balances are made for each {steps}."), field="step", steps=", ".join(export.BALANCE_STEPS)
            )
        columns, rows = export.balance_columns(), export.balance_rows(opened, stretch, step)
    else:
        meter = meters.find(opened.store, args.meter)
        columns, rows = export.columns(step), export.rows(opened, meter.id, stretch, step)
    if args.output is None:
        args.write(_unchanged(sys.stdout), columns, rows)
    else:
        _write_file(Path(args.output), args.write, columns, rows)


def _stretch(args: argparse.Namespace, opened: Opened) -> Stretch:
    zone = ZoneInfo(settings.text(opened.store, "site.timezone"))
    today = opened.clock.now().astimezone(zone).date()
    first, last = _day(args.first, "--from", today), _day(args.last, "--to", today)
    if last < first:
        raise BadInput(N_("--to ({last}) is before --from ({first})."), field="to", first=first, last=last)
    return Stretch(first, last, zone)


def _day(text: str | None, option: str, today: date) -> date:
    if text is None:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(N_("{option} is a day like 2026-11-01."), field=option.lstrip("-"), option=option) from error


def _unchanged(file: TextIO) -> TextIO:
    """Standard output, so that line ends and text arrive as they are written."""
    if hasattr(file, "reconfigure"):
        file.reconfigure(encoding="utf-8", newline="")
    return file


def _write_file(path: Path, write: tables.Writer, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Write beside the file first: what is there is whole, or as it was."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            write(file, columns, rows)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Refused(N_("{file} cannot be written: {detail}"), file=path, detail=error.strerror or error) from error
