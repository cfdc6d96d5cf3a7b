"""History as a file for a browser: CSV as it is read, a workbook by the program of paper, which runs and ends.

Ten years need no more memory than a day. What is wrong is said before the first
byte; a file that breaks off later ends without its last lines, and the log says why.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import BinaryIO

from flask import Response, send_file, stream_with_context

from appliance.charging import identifications
from appliance.errors import N_, BadInput
from appliance.metering import export, meters, tables
from appliance.metering.export import Column, Row, Stretch
from appliance.metering.meters import Meter
from ui.admin import guard, paper, words
from ui.admin.forms import Form
from ui.admin.words import gettext as _

FIELDS = ("what", "step", "format", "begin", "end")
FORMATS = {"csv": N_("CSV for programs"), "excel": N_("CSV for Excel"), "xlsx": N_("Workbook (XLSX)")}
WRITERS = {"csv": tables.write_csv, "excel": tables.write_excel}
ROWS_AT_ONCE = 500
MOST_CELLS = 1_000_000  # of a workbook: a minute's work of a small machine
STEPS_S = {"second": 1, "minute": 60, "quarter": 900}
DAY_S = 86_400
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be in the file."""

    meter: Meter | None  # None: the household
    stretch: Stretch
    step: str

    @property
    def name(self) -> str:
        """What the file is called, without its ending."""
        about = (
            "household" if self.meter is None else re.sub(r"[^A-Za-z0-9]+", "-", self.meter.name).strip("-") or "meter"
        )
        return f"{about.lower()}-{self.stretch.first}-{self.stretch.last}-{self.step}"


def answer(form: Form) -> Response:
    """The file. Raises BadInput, Refused."""
    wanted, kind = _wanted(form), form.get("format", "csv")
    if kind not in FORMATS:
        raise BadInput(N_("Choose one of the list."), field="format")
    if kind == "xlsx":
        found = send_file(_workbook(wanted), mimetype=XLSX)
    else:
        found = Response(stream_with_context(_pieces(wanted, WRITERS[kind])), mimetype="text/csv")
    ending = "xlsx" if kind == "xlsx" else "csv"
    found.headers["Content-Disposition"] = f'attachment; filename="{wanted.name}.{ending}"'
    return found


def _wanted(form: Form) -> Wanted:
    """What the form asks for. Raises BadInput."""
    opened = guard.appliance()
    today = opened.clock.now().astimezone(words.zone()).date()
    begin, end = _day(form, "begin", today), _day(form, "end", today)
    if end < begin:
        raise BadInput(N_("The last day is before the first."), field="end")
    what, step = form.get("what", "balance"), form.get("step", "day")
    if step not in export.STEPS:
        raise BadInput(N_("Choose one of the list."), field="step")
    if what == "balance":
        if step not in export.BALANCE_STEPS:
            raise BadInput(N_("The household has days, months and years; finer steps are a meter's."), field="step")
        return Wanted(None, Stretch(begin, end, words.zone()), step)
    meter = next((one for one in meters.all(opened.store, archived=True) if str(one.id) == what), None)
    if meter is None:
        raise BadInput(N_("Choose one of the list."), field="what")
    return Wanted(meter, Stretch(begin, end, words.zone()), step)


def _day(form: Form, field: str, default: date) -> date:
    try:
        return identifications.parse_date(form.get(field)) or default
    except BadInput as error:
        raise BadInput(error.message, field=field, **error.values) from error


def _pieces(wanted: Wanted, write: tables.Writer) -> Iterator[str]:
    """The text piece by piece: the writer writes some rows at a time, and its heading counts once."""
    columns, rows = _columns_and_rows(wanted)
    head = _text(write, columns, ())
    yield head
    while some := list(islice(rows, ROWS_AT_ONCE)):
        yield _text(write, columns, some)[len(head) :]


def _text(write: tables.Writer, columns: Sequence[Column], rows: Iterable[Row]) -> str:
    file = io.StringIO(newline="")
    write(file, columns, rows)
    return file.getvalue()


def _columns_and_rows(wanted: Wanted) -> tuple[Sequence[Column], Iterator[Row]]:
    opened = guard.appliance()
    if wanted.meter is None:
        return export.balance_columns(), export.balance_rows(opened, wanted.stretch, wanted.step)
    return export.columns(wanted.step), export.rows(opened, wanted.meter.id, wanted.stretch, wanted.step)


def _workbook(wanted: Wanted) -> BinaryIO:
    """A workbook. Raises BadInput when it would be too large, Refused with the program's sentence."""
    days = (wanted.stretch.last - wanted.stretch.first).days + 1
    width = len(export.balance_columns() if wanted.meter is None else export.columns(wanted.step))
    if days * DAY_S // STEPS_S.get(wanted.step, DAY_S) * width > MOST_CELLS:
        raise BadInput(N_("That is too much for a workbook: choose fewer days, longer steps, or CSV."), field="end")
    about = [] if wanted.meter is None else ["--meter", str(wanted.meter.id)]
    title = _("Household") if wanted.meter is None else wanted.meter.name
    begin, end = wanted.stretch.first.isoformat(), wanted.stretch.last.isoformat()
    asked = [*about, "--from", begin, "--to", end, "--step", wanted.step, f"--title={title}"]
    return paper.made("history", *asked)[1]
