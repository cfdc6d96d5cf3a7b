"""Users from a CSV file: every row is checked before any is saved, and each row is reported.

Columns: first name, last name, type, code, expiry; separated by comma, semicolon
or tab, with or without a header. The last three may be empty. Rows with the same
name are one person with several codes. One row that cannot be refuses all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from appliance import audit
from appliance.access.device_key import DeviceKey
from appliance.charging import codes, identifications, taken, users
from appliance.errors import N_, BadInput
from appliance.opened import Opened
from appliance.store.database import Db

COLUMNS = ("first name", "last name", "type", "code", "expiry")
HEADS = (COLUMNS[:2], ("vorname", "nachname"))  # how a first row that names the columns begins
ROWS_MAX = 20_000
BLANK = " ,;\t"  # what a spreadsheet writes for a row that is empty


@dataclass(slots=True)
class Line:
    """One row, and what is wrong with it."""

    number: int  # in the file, from 1
    first_name: str = ""
    last_name: str = ""
    type: str = ""
    code: str = field(default="", repr=False)
    expires_on: date | None = None
    error: BadInput | None = None

    @property
    def person(self) -> tuple[str, str]:
        return self.first_name.casefold(), self.last_name.casefold()


def decode(data: bytes) -> str:
    """The text of a file as spreadsheets write it: UTF-8 with or without a mark, or Windows-1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def parse(text: str) -> list[Line]:
    """The rows of a file, each checked by itself. Raises BadInput for a file that is none."""
    head = next((line for line in text.splitlines() if line.strip(BLANK)), "")
    rows = _rows(text, max(",;\t", key=head.count))
    first = next((number for number, row in enumerate(rows) if any(map(str.strip, row))), 0)
    named = [cell.strip().casefold() for cell in rows[first]] if rows else []
    begin = first + 1 if tuple(named[:2]) in HEADS else first
    lines = [_line(number, row) for number, row in enumerate(rows[begin:], begin + 1) if any(map(str.strip, row))]
    if not lines:
        raise BadInput(N_("The file has no rows: first name, last name, type, code, expiry."), field="file")
    return lines


def _rows(text: str, mark: str) -> list[list[str]]:
    """The rows as cells. Raises BadInput for too many, and for a quotation mark that is not closed."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True):
            rows.append(row)
    except csv.Error as error:
        raise BadInput(
            N_("The quotation marks in line {line} do not fit: one opens or closes in the wrong place."), field="file",
            line=len(rows) + 1,
        ) from error  # fmt: skip
    if len(rows) > ROWS_MAX:
        raise BadInput(N_("At most {most} rows at once."), field="file", most=ROWS_MAX)
    return rows


def _line(number: int, row: Sequence[str]) -> Line:
    line = Line(number)
    cells = [cell.strip() for cell in row] + [""] * (len(COLUMNS) - len(row))
    try:
        if len(row) > len(COLUMNS) and any(cells[len(COLUMNS) :]):
            raise BadInput(N_("A row has 5 columns: first name, last name, type, code, expiry."))
        line.first_name = users.check_name(cells[0], "first_name")
        line.last_name = users.check_name(cells[1], "last_name")
        line.type = cells[2].lower()
        if line.type or cells[3]:
            line.code = codes.check(line.type or "pin", cells[3])
            line.type = line.type or "pin"
        line.expires_on = identifications.parse_date(cells[4])
        if line.expires_on and not line.code:
            raise BadInput(N_("What expires is a code: this row has none."), field="expires_on")
    except BadInput as error:
        line.error = error
    return line


def check(db: Db, key: DeviceKey, lines: Sequence[Line]) -> None:
    """Compare the rows with each other and with what there is; note what is wrong at each."""
    known = {
        (first.casefold(), last.casefold()): number
        for number, first, last in db.execute("SELECT id, first_name, last_name FROM users WHERE archived_at IS NULL")
    }
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.error is None:
            line.error = _clash(db, key, line, known, seen)


def _clash(
    db: Db, key: DeviceKey, line: Line, known: dict[tuple[str, str], int], seen: dict[tuple[str, str], int]
) -> BadInput | None:
    if line.person in known:
        return BadInput(
            N_("There is a user {name} already, number {number}."), field="last_name",
            name=f"{line.first_name} {line.last_name}", number=known[line.person],
        )  # fmt: skip
    if not line.code:
        return None
    place = (line.type, line.code)
    if place in seen:
        return BadInput(N_("This code stands in line {line} already."), field="code", line=seen[place])
    seen[place] = line.number
    holder = identifications.by_code(db, key, line.code, line.type)
    if holder is None:
        return None
    name = users.row(db, holder.user_id).name
    message = N_("This code belongs to {holder} already: choose another.")
    return taken.Taken(message, holder.id, line.type, holder=name)


def run(
    opened: Opened, text: str, *, dry_run: bool = False, tell_holder: bool = False, actor: audit.Actor
) -> list[Line]:  # fmt: skip
    """Check all rows, and save them all if none is wrong and it is no dry run. Raises BadInput for no such file.

    Who may not know whose a PIN is (no `tell_holder`) learns of the first in use only, and may have to wait then.
    """
    lines, key = parse(text), opened.key()
    with opened.store.read() as db:
        if not tell_holder:
            taken.require_calm(db, opened.clock, actor)
        check(db, key, lines)
    _note_taken(opened, lines, tell_holder, actor)
    if dry_run or any(line.error is not None for line in lines):
        return lines
    with opened.store.write() as db:
        check(db, key, lines)  # somebody may have come meanwhile
        if all(line.error is None for line in lines):
            _save(db, key, opened, lines, actor)
    _note_taken(opened, lines, tell_holder, actor)
    return lines


def _note_taken(opened: Opened, lines: Sequence[Line], tell_holder: bool, actor: audit.Actor) -> None:
    """Note whose PINs stand in a file; who may not know them is told of one, and of no name."""
    found = [(line, line.error) for line in lines if isinstance(line.error, taken.Taken)]
    pins = [error.holder_id for _, error in found if error.type == "pin"]
    if not tell_holder:
        for line, error in found:
            line.error = taken.Taken(N_("This code is in use already: choose another."), error.holder_id, error.type)
        for line, _ in [one for one in found if one[1].type == "pin"][1:]:
            line.error = None
        pins = pins[:1]
    if pins:
        with opened.store.write(ring=False) as db:
            taken.note(db, opened.clock, actor, pins, told=tell_holder)


def _save(db: Db, key: DeviceKey, opened: Opened, lines: Sequence[Line], actor: audit.Actor) -> None:
    """Write every row."""
    now = opened.clock.now()
    people: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.person not in people:
            people[line.person] = users.insert(db, now, line.first_name, line.last_name, actor=actor).id
        if line.code:
            identifications.insert(
                db, key, now, people[line.person], type=line.type, code=line.code, expires_on=line.expires_on,
                actor=actor,
            )  # fmt: skip
