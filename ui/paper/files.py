"""The files of a report: which there are, what they are called, and how they are put in place.

A file is written beside its place and moved there whole, so nobody ever finds half a report.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from appliance.billing.statement import Statement
from appliance.errors import N_, BadInput, Refused
from ui.paper import pdf, sheets
from ui.paper.wording import TITLE, Words
from ui.text.catalog import Texts

FORMATS: Mapping[str, tuple[str, Callable[[Words], bytes]]] = {
    "pdf": ("pdf", lambda words: pdf.make(words, version("wattward"))),
    "csv": ("csv", sheets.csv_excel),
    "machine": ("machine.csv", sheets.csv_machine),
    "xlsx": ("xlsx", sheets.xlsx),
}


def make(of: Statement, language: str, formats: Iterable[str]) -> dict[str, bytes]:
    """The report as files: name -> content. Raises BadInput for an unknown format."""
    words = Words(Texts(language), of)
    wanted = list(dict.fromkeys(formats))
    for one in wanted:
        if one not in FORMATS:
            raise BadInput(
                N_("There is no format {format}; there are: {formats}."), field="format", format=one,
                formats=", ".join(FORMATS),
            )  # fmt: skip
    return {f"{_name(words)}.{FORMATS[one][0]}": FORMATS[one][1](words) for one in wanted}


def _name(words: Words) -> str:
    """'Charging record 2026-11-01 2026-11-30 Anna Berger', and what else was chosen, without signs a file system minds.

    What is another report has another name: one made after it does not take its place.
    """
    wanted, people = words.of.wanted, {one.user for one in words.of.sums}
    parts = [words(TITLE), f"{wanted.begin}", f"{wanted.end}"]
    if wanted.user_id is not None:
        parts.append((people.pop() if len(people) == 1 else None) or f"{wanted.user_id}")
    if wanted.point is not None:
        parts.append(wanted.point)
    for title, number in ((N_("Identification"), wanted.identification_id), (N_("Vehicle"), wanted.vehicle_id)):
        parts += [] if number is None else [words(title), f"{number}"]
    return re.sub(r"[^\w.-]+", "_", " ".join(parts)).strip("_")


def write(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Put the files into a folder; what is there under the same name is replaced. Raises Refused."""
    found: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            half = folder / f".{name}.new"
            with half.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            found.append(half.replace(folder / name))
    except OSError as error:
        raise Refused(
            N_("The report cannot be written to {folder}: {reason}."), folder=folder, reason=error.strerror
        ) from error
    return found


def digest(content: bytes) -> str:
    """SHA-256 of a file, to write beside it."""
    return hashlib.sha256(content).hexdigest()
