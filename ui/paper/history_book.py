"""History as a file: a workbook (one sheet, times are times, numbers are numbers) or packed CSV; row by row.

A file has its name only when it is whole.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from appliance.errors import N_, Refused
from appliance.metering import tables
from appliance.metering.export import Column, Row

FORBIDDEN = re.compile(r"[\[\]:*?/\\']")  # in the name of a sheet
LONGEST_TITLE = 31
TEXTS = {"csv": tables.write_csv, "excel": tables.write_excel}
FORMATS = ("xlsx", *TEXTS)


def make(folder: Path, name: str, kind: str, title: str, columns: Sequence[Column], rows: Iterable[Row]) -> Path:
    """Write a file of one of FORMATS; return where it is. Raises Refused when there is no room."""
    path = folder / f"{name}.{'xlsx' if kind == 'xlsx' else 'zip'}"
    staged = folder / f".{path.name}"
    try:
        if kind == "xlsx":
            write(staged, title, columns, rows)
        else:
            _pack(staged, f"{name}.csv", TEXTS[kind], columns, rows)
        staged.replace(path)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        with contextlib.suppress(OSError):
            staged.unlink()
        raise Refused(
            N_("The file cannot be written to {folder}: free space, or choose another. ({detail})"),
            folder=folder, detail=getattr(error, "strerror", None) or error,
        ) from error  # fmt: skip
    return path


def _pack(path: Path, name: str, write: tables.Writer, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """A zip file with one CSV in it: a tenth of the size, and every system opens it."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle,
        bundle.open(name, "w", force_zip64=True) as packed,
        io.TextIOWrapper(packed, "utf-8", newline="") as text,
    ):
        write(text, columns, rows)


def write(path: Path, title: str, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Write the workbook; times are local, and the hours they differ from UTC stand beside them."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), {**options, "tmpdir": str(path.parent)}) as book:
        sheet = book.add_worksheet(FORBIDDEN.sub(" ", title).strip()[:LONGEST_TITLE] or "Wattward")
        head, time = (
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, len(columns) + 1, 16)
        sheet.freeze_panes(1, 1)
        sheet.write_row(0, 0, ["start", "utc_offset_h", *(column.name for column in columns)], head)
        for number, row in enumerate(rows, 1):
            offset = row.start.utcoffset()
            sheet.write_datetime(number, 0, row.start.replace(tzinfo=None), time)
            sheet.write_number(number, 1, 0.0 if offset is None else offset.total_seconds() / 3600)
            for place, (column, value) in enumerate(zip(columns, row.values, strict=True), 2):
                if isinstance(value, bool):
                    sheet.write_boolean(number, place, value)
                elif value is not None:
                    sheet.write_number(
                        number, place, value if column.decimals is None else round(value, column.decimals)
                    )
