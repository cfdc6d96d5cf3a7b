"""The report as a table for programs: CSV in two spellings, and XLSX.

`excel`: as a German or English Excel opens it (byte order mark, semicolons and
comma, or commas and point, local times). `machine`: UTF-8, commas, points, ISO
8601 with offset, column names, `yes`, `no` and reasons that stay. A text that a spreadsheet would take
for a formula gets an apostrophe before it, because names come from people.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from appliance.billing.statement import Line
from appliance.errors import N_
from ui.paper.wording import TITLE, Words

Cell = str | int | Decimal | datetime | None
COLUMNS: tuple[tuple[str, str], ...] = (
    ("number", N_("No.")),
    ("begin", N_("Begin")),
    ("end", N_("End")),
    ("point", N_("Charging point")),
    ("user", N_("Person")),
    ("identification", N_("Identification")),
    ("vehicle", N_("Vehicle")),
    ("meter", N_("Meter")),
    ("begin_kwh", N_("Start kWh")),
    ("end_kwh", N_("Stop kWh")),
    ("energy_kwh", N_("kWh")),
    ("price_per_kwh", N_("per kWh")),
    ("amount", N_("Amount")),
    ("currency", N_("Currency")),
    ("billed", N_("Billed")),
    ("end_reason", N_("Ended by")),
    ("remark", N_("Remark")),
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_machine(words: Words) -> bytes:
    """CSV for programs."""
    names = [name for name, _ in COLUMNS]
    rows = ([*_facts(words, line), *_codes(line), _remarks(words, line)] for line in words.of.lines)
    return _csv(names, rows, ",", "\n", lambda cell: _machine(words, cell)).encode()


def csv_excel(words: Words) -> bytes:
    """CSV that a spreadsheet program of the reader's language opens with a double click."""
    german = words.language == "de"
    titles = [words(title) for _, title in COLUMNS]
    separator = ";" if german else ","
    return _csv(titles, _rows(words), separator, "\r\n", lambda cell: _local(words, cell, german)).encode("utf-8-sig")


def _csv(
    titles: list[str], rows: Iterable[list[Cell]], separator: str, end: str, spell: Callable[[Cell], str]
) -> str:  # fmt: skip
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator=end)
    writer.writerow(titles)
    writer.writerows([spell(cell) for cell in row] for row in rows)
    return written.getvalue()


def _rows(words: Words) -> Iterator[list[Cell]]:
    """For people."""
    for line in words.of.lines:
        billed = words(N_("yes")) if line.session.billed else words(N_("no"))
        yield [*_facts(words, line), billed, words.end(line), _remarks(words, line)]


def _codes(line: Line) -> list[Cell]:
    """Whether it is billed and why it ended, for programs."""
    return ["yes" if line.session.billed else "no", line.session.end_reason]


def _remarks(words: Words, line: Line) -> str:
    return " ".join(words.remarks(line))


def _facts(words: Words, line: Line) -> list[Cell]:
    """What stands before that."""
    one = line.session
    return [
        one.number, one.began_at, one.ended_at, one.point, line.user, words.identification(line), line.vehicle,
        one.meter, _kwh(one.begin_wh), _kwh(one.end_wh), _kwh(one.energy_wh), _price(line), line.cost, one.currency,
    ]  # fmt: skip


def _kwh(wh: int | None) -> Decimal | None:
    return None if wh is None else Decimal(wh).scaleb(-3)


def _price(line: Line) -> Cell:
    """The price as a number; several as a text."""
    prices = line.session.per_kwh
    return Decimal(prices[0]) if len(prices) == 1 else " / ".join(prices) or None


def _machine(words: Words, cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.astimezone(words.of.zone).isoformat(timespec="seconds")
    return "" if cell is None else _harmless(cell)


def _local(words: Words, cell: Cell, german: bool) -> str:
    if isinstance(cell, datetime):
        return words.moment(cell)
    if isinstance(cell, Decimal):
        return str(cell).replace(".", ",") if german else str(cell)
    return "" if cell is None else _harmless(cell)


def _harmless(cell: str | int | Decimal) -> str:
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULAS) else text


def xlsx(words: Words) -> bytes:
    """A workbook with one sheet: times are times, numbers are numbers."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(
        written, {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": False}
    ) as book:
        sheet = book.add_worksheet(words(TITLE)[:31])
        head = book.add_format({"bold": True, "bottom": 1})
        forms = {
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "kwh": book.add_format({"num_format": "#,##0.000"}),
            "money": book.add_format({"num_format": "#,##0.00"}),
            "price": book.add_format({"num_format": "0.00##"}),
        }
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [words(title) for _, title in COLUMNS], head)
        for number, row in enumerate(_rows(words), 1):
            for column, cell in enumerate(row):
                _write(sheet, number, column, cell, forms, words)
        for column, (name, _) in enumerate(COLUMNS):
            sheet.set_column(column, column, {"begin": 19, "end": 19, "remark": 40, "user": 20}.get(name, 13))
    return written.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, forms: dict[str, Any], words: Words) -> None:  # noqa: ANN401 - xlsxwriter ships no types
    name = COLUMNS[column][0]
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.astimezone(words.of.zone).replace(tzinfo=None), forms["time"])
    elif isinstance(cell, int | Decimal):
        form = "kwh" if name.endswith("_kwh") and name != "price_per_kwh" else "money" if name == "amount" else "price"
        sheet.write_number(row, column, float(cell), None if name == "number" else forms[form])
    elif cell:
        sheet.write_string(row, column, str(cell))
