"""Charging sessions: the list, of everybody or one person, and the same as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template, request

from appliance import clock
from appliance.charging import sessions, users
from appliance.charging.sessions import Session
from ui.admin import forms, guard, words
from ui.text import sentences

pages = Blueprint("sessions", __name__, url_prefix="/sessions")
SHOWN = 200
EXPORTED = 100_000
COLUMNS = (
    "id",
    "charging_point",
    "user",
    "began_at",
    "ended_at",
    "begin_wh",
    "end_wh",
    "energy_wh",
    "end_reason",
    "remarks",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One session as the list shows it."""

    user: str
    point: str
    began_at: datetime
    ended_at: datetime | None
    energy_wh: int | None
    reason: str
    remarks: str


@pages.get("", endpoint="sessions")
@guard.needs("viewer")
def show() -> str:
    """The newest sessions."""
    rows = [
        Row(
            one.user or "",
            one.point,
            one.began_at,
            one.ended_at,
            one.energy_wh,
            sentences.end_reason(words.texts(), one.end_reason),
            " ".join(words.gettext(remark) for remark in one.remarks),
        )
        for one in _found(SHOWN)
    ]
    everybody = users.all(guard.appliance().store, archived=True)
    return render_template("sessions.html", sessions=rows, users=everybody, chosen=_chosen())


@pages.get("/sessions.csv")
@guard.needs("operator")
def as_csv() -> Response:
    """All sessions, oldest first, for a spreadsheet: UTC times, energies in Wh as the meter counted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in reversed(_found(EXPORTED)):
        writer.writerow([forms.as_cell(cell) for cell in _cells(one)])
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="sessions.csv"'
    return answer


def _found(limit: int) -> Sequence[Session]:
    return sessions.newest(guard.appliance().store, limit, user=_chosen())


def _chosen() -> int | None:
    """The person asked for."""
    text = request.args.get("user", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _cells(one: Session) -> tuple[object, ...]:
    ended_at = "" if one.ended_at is None else clock.utc_text(one.ended_at)
    return (
        one.id, one.point, one.user, clock.utc_text(one.began_at), ended_at, one.begin_wh, one.end_wh, one.energy_wh,
        one.end_reason, " ".join(one.remark_codes),
    )  # fmt: skip
