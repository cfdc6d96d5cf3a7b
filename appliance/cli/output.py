"""Print rows as a table for people or as JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence


def say(sentence: str) -> None:
    """One line for people."""
    sys.stdout.write(sentence + "\n")


def as_json(value: object) -> None:
    """One JSON document. Datetimes and paths become text."""
    sys.stdout.write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")


def table(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, empty: str) -> None:
    """Aligned columns with a header; `empty` is said when there is no row (and what to do then)."""
    if not rows:
        say(empty)
        return
    cells = [[column.replace("_", " ").upper() for column in columns]]
    cells += [["" if row[column] is None else str(row[column]) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
