"""History as a file for a browser: CSV as it is read, a workbook by the program of paper, which runs and ends.

Ten years need no more memory than a day. What is wrong is said before the first
byte; a file that breaks off later ends without its last lines, and the log says why.
A file of many rows takes longer than a browser waits, or than the window is open:
the core has it made, and it is fetched when it is ready (`exporting`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from flask import Response, send_file, stream_with_context

from appliance.errors import N_, BadInput
from appliance.metering import export, exporting, meters, tables
from appliance.metering.export import Column, Row, Stretch
from appliance.metering.meters import Meter
from ui.admin import forms, guard, paper, words
from ui.admin.forms import Form
from ui.admin.words import gettext as _

FIELDS = ("what", "step", "format", "begin", "end")
FORMATS = {"csv": N_("CSV for programs"), "excel": N_("CSV for Excel"), "xlsx": N_("Workbook (XLSX)")}
WRITERS = {"csv": tables.write_csv, "excel": tables.write_excel}
ROWS_AT_ONCE = 500
ROWS_SOON = 10_000  # are made while the browser waits: some seconds of a small machine
MOST_ROWS = 1_048_575  # a workbook has no more
STEPS_S = {"second": 1, "minute": 60, "quarter": 900}
DAY_S = 86_400
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be in the file."""

    meter: Meter | None  # None: the household
    stretch: Stretch
    step: str
    kind: str  # of FORMATS

    @property
    def rows(self) -> int:
        """How many rows it has at most."""
        days = (self.stretch.last - self.stretch.first).days + 1
        return days * DAY_S // STEPS_S.get(self.step, DAY_S)

    @property
    def takes_long(self) -> bool:
        """Tell whether it is made beside, and fetched later."""
        return self.rows > ROWS_SOON

    @property
    def name(self) -> str:
        """What the file is called, without its ending."""
        about = (
            "household" if self.meter is None else re.sub(r"[^A-Za-z0-9]+", "-", self.meter.name).strip("-") or "meter"
        )
        return f"{about.lower()}-{self.stretch.first}-{self.stretch.last}-{self.step}"


def answer(wanted: Wanted) -> Response:
    """The file. Raises Refused."""
    if wanted.kind == "xlsx":
        found = send_file(paper.made("history", *_asked(wanted))[1], mimetype=XLSX)
    else:
        found = Response(stream_with_context(_pieces(wanted, WRITERS[wanted.kind])), mimetype="text/csv")
    ending = "xlsx" if wanted.kind == "xlsx" else "csv"
    found.headers["Content-Disposition"] = f'attachment; filename="{wanted.name}.{ending}"'
    return found


def order(wanted: Wanted) -> int:
    """Have it made beside; return the number of the task. Raises Refused."""
    asked = [*_asked(wanted), "--format", wanted.kind, "--name", wanted.name]
    return exporting.ask(guard.appliance(), guard.who().actor, asked)


def wanted_of(form: Form) -> Wanted:
    """What the form asks for. Raises BadInput."""
    kind = form.get("format", "csv")
    if kind not in FORMATS:
        raise BadInput(N_("Choose one of the list."), field="format")
    meter, stretch, step = _what(form)
    wanted = Wanted(meter, stretch, step, kind)
    if kind == "xlsx" and wanted.rows > MOST_ROWS:
        raise BadInput(N_("That is too much for a workbook: choose fewer days, longer steps, or CSV."), field="end")
    return wanted


def _what(form: Form) -> tuple[Meter | None, Stretch, str]:
    opened = guard.appliance()
    today = opened.clock.now().astimezone(words.zone()).date()
    begin, end = forms.day(form, "begin", today), forms.day(form, "end", today)
    if end < begin:
        raise BadInput(N_("The last day is before the first."), field="end")
    what, step = form.get("what", "balance"), form.get("step", "day")
    if step not in export.STEPS:
        raise BadInput(N_("Choose one of the list."), field="step")
    if what == "balance":
        if step not in export.BALANCE_STEPS:
            raise BadInput(N_("The household has days, months and years; finer steps are a meter's."), field="step")
        return None, Stretch(begin, end, words.zone()), step
    meter = next((one for one in meters.all(opened.store, archived=True) if str(one.id) == what), None)
    if meter is None:
        raise BadInput(N_("Choose one of the list."), field="what")
    return meter, Stretch(begin, end, words.zone()), step


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


def _asked(wanted: Wanted) -> list[str]:
    """The same as options of the program of paper."""
    about = [] if wanted.meter is None else ["--meter", str(wanted.meter.id)]
    title = _("Household") if wanted.meter is None else wanted.meter.name
    begin, end = wanted.stretch.first.isoformat(), wanted.stretch.last.isoformat()
    return [*about, "--from", begin, "--to", end, "--step", wanted.step, f"--title={title}"]
