"""Write rows of history as text: CSV for programs, CSV for a German Excel, JSON. One row at a time.

The German Excel opens a file by double click when it has a byte order mark,
semicolons and decimal commas; it knows no UTC offset, so that has a column of
its own, which tells the two hours apart when the clocks go back.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from appliance.metering.export import Column, Row, Value

BYTE_ORDER_MARK = "\ufeff"


def write_csv(file: TextIO, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Comma, decimal point, ISO 8601 with offset, RFC 4180 line ends. Unknown is empty."""
    out = csv.writer(file)
    out.writerow(["start", *(column.name for column in columns)])
    for row in rows:
        out.writerow([row.start.isoformat(), *_texts(columns, row)])


def write_excel(file: TextIO, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Semicolon, decimal comma, local time as Excel reads it, UTF-8 with a byte order mark."""
    file.write(BYTE_ORDER_MARK)
    out = csv.writer(file, delimiter=";")
    out.writerow(["start", "utc_offset_h", *(column.name for column in columns)])
    for row in rows:
        offset = row.start.utcoffset()
        hours = 0.0 if offset is None else offset.total_seconds() / 3600
        values = [f"{row.start:%d.%m.%Y %H:%M:%S}", f"{hours:g}", *_texts(columns, row)]
        out.writerow([values[0], *(text.replace(".", ",") for text in values[1:])])


def write_json(file: TextIO, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """An array with one object a row and line. Unknown is null."""
    file.write("[")
    for number, row in enumerate(rows):
        values = {column.name: _rounded(column, value) for column, value in zip(columns, row.values, strict=True)}
        file.write(("," if number else "") + "\n" + json.dumps({"start": row.start.isoformat(), **values}))
    file.write("\n]\n")


def write_text(file: TextIO, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Aligned columns for people."""
    widths = [max(8, len(column.name)) for column in columns]
    titles = [column.name.rjust(width) for column, width in zip(columns, widths, strict=True)]
    file.write("  ".join(["START".ljust(25), *titles]) + "\n")
    for row in rows:
        texts = [text.rjust(width) for text, width in zip(_texts(columns, row), widths, strict=True)]
        file.write("  ".join([row.start.isoformat(), *texts]) + "\n")


Writer = Callable[[TextIO, Sequence[Column], Iterable[Row]], None]


def _rounded(column: Column, value: Value) -> Value:
    if isinstance(value, float) and column.decimals is not None:
        return round(value, column.decimals) if column.decimals else round(value)
    return value


def _texts(columns: Sequence[Column], row: Row) -> list[str]:
    return [_text(column, value) for column, value in zip(columns, row.values, strict=True)]


def _text(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and column.decimals is not None:
        return f"{value:.{column.decimals}f}"
    return str(int(value) if isinstance(value, bool) else value)
