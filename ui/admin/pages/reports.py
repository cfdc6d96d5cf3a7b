"""Charging records: the sessions of a period with prices and sums, as PDF, CSV and workbook; and the journal's proof.

What is shown comes from the journal. The files are made by the program of
paper, which runs and ends; this page hands over what it made.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from flask import Blueprint, Response, render_template, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from appliance.billing import journal, statement
from appliance.billing.journal import Signer
from appliance.billing.statement import Statement, Wanted
from appliance.charging import points, users
from appliance.errors import N_, BadInput, Refused
from ui.admin import forms, guard, paper, words
from ui.admin.words import gettext as _
from ui.text import numbers, sentences

pages = Blueprint("reports", __name__, url_prefix="/sessions/record")
SHOWN = 500  # of a long period the files have all
FORMATS = {"pdf": "PDF", "csv": N_("CSV for Excel"), "machine": N_("CSV for programs"), "xlsx": N_("Workbook (XLSX)")}
TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "machine": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One session as the table shows it; amounts are text in the language of the reader."""

    number: int
    began: str
    user: str
    point: str
    energy_wh: int | None
    cost: str
    reason: str
    notes: str


@pages.get("", endpoint="record")
@guard.needs("operator")
def show() -> str | tuple[str, int]:
    """The period asked for; without one the month that runs."""
    form, made = forms.Form(request.args.to_dict()), None
    with forms.checked(form, ("begin", "end", "user")):
        made = statement.make(guard.appliance(), _wanted(form), guard.who().name)
    page = render_template(
        "record.html",
        form=form,
        record=made,
        rows=[] if made is None else _rows(made),
        formats={key: _(name) for key, name in FORMATS.items()},
        everybody=[(str(one.id), one.name) for one in users.all(guard.appliance().store, archived=True)],
        points=[(one.name, one.name) for one in points.all(guard.appliance().store)],
        query={} if made is None else _query(made.wanted),
        money=None if made is None else _amount(made.total.cost, made),
        sums=[] if made is None else [(one, _amount(one.cost, made)) for one in made.sums],
    )
    return (page, 422) if form.wrong else page


@pages.get("/<any(pdf, csv, machine, xlsx):kind>")
@guard.needs("operator")
def file(kind: str) -> Response:
    """The same as a file. Raises BadInput, Refused."""
    wanted = _wanted(forms.Form(request.args.to_dict()))
    name, content = _made(wanted, kind)
    answer = send_file(content, as_attachment=True, download_name=name)  # a person's name may have any letters
    answer.headers["Content-Type"] = TYPES[kind]
    return answer


@pages.post("/verify")
@guard.needs("operator")
def verify() -> BaseResponse:
    """Recompute the whole journal and say what it proves."""
    opened = guard.appliance()
    found = journal.verify(opened, Signer.of(opened.key()))
    if found.sound:
        said = _("The journal is sound: {entries} entries, {sessions} sessions, newest {head}.")
        return forms.done(
            said.format(entries=found.entries, sessions=found.sessions, head=found.head), "reports.record"
        )
    first = found.findings[0]
    raise Refused(
        N_("The journal is not sound, {count} findings; the first: {detail}"),
        count=len(found.findings), detail=words.filled(first.message, {"number": first.number}),
    )  # fmt: skip


def _wanted(form: forms.Form) -> Wanted:
    """What the form asks for; the month that runs when no day is given. Raises BadInput."""
    this_month = statement.month(guard.appliance().clock.now().astimezone(words.zone()).date())
    begin, end = forms.day(form, "begin", this_month.begin), forms.day(form, "end", this_month.end)
    form.typed |= {"begin": begin.isoformat(), "end": end.isoformat()}
    user = form.get("user")
    if user and not (user.isdecimal() and len(user) < 10):
        raise BadInput(N_("There is no user {name}; 'wattward users list' shows them."), field="user", name=user)
    return Wanted(begin, end, int(user) if user else None, form.get("point") or None)


def _query(wanted: Wanted) -> dict[str, object]:
    return {"begin": wanted.begin, "end": wanted.end, "user": wanted.user_id, "point": wanted.point}


def _rows(of: Statement) -> list[Row]:
    """The newest sessions first."""
    return [
        Row(
            line.session.number,
            words.local_time(line.session.began_at),
            line.user or "",
            line.session.point,
            line.session.energy_wh,
            numbers.DASH if line.cost is None else _amount(line.cost, of),
            sentences.end_reason(words.texts(), line.session.end_reason),
            " ".join(line.session.notes if line.session.billed else (_("Not billed."), *line.session.notes)),
        )
        for line in of.lines[: -SHOWN - 1 : -1]
    ]


def _amount(cost: Decimal, of: Statement) -> str:
    return f"{numbers.decimal(float(cost), 2, words.language())}{numbers.SPACE}{of.currency}"


def _made(wanted: Wanted, kind: str) -> tuple[str, BinaryIO]:
    """Name and content of a record. Raises Refused with the program's sentence."""
    asked = ["--from", wanted.begin.isoformat(), "--to", wanted.end.isoformat(), "--format", kind]
    asked += ["--language", words.language()]
    asked += [] if wanted.user_id is None else ["--user", str(wanted.user_id)]
    asked += [] if wanted.point is None else [f"--point={wanted.point}"]
    return paper.made("make", *asked)
