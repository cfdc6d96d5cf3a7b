"""Events: who did what, newest first, searched and exported. Append-only, without secrets."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, render_template, request

from appliance import audit, clock
from appliance.charging import identifications
from appliance.errors import BadInput
from ui.admin import forms, guard, words

pages = Blueprint("trail", __name__)
SHOWN = 100
EXPORTED = 100_000
SURFACES = ("core", "touch", "admin", "phone", "cli")
COLUMNS = ("at", "surface", "actor", "event", "subject", "detail")


@pages.get("/events")
@guard.needs("operator")
def trail() -> str | tuple[str, int]:
    """The newest events that fit what is looked for."""
    form = forms.Form(request.args.to_dict())
    found: list[audit.Event] = []
    with forms.checked(form, ("since", "until")):
        before = request.args.get("before", type=int)
        found = audit.newest(guard.appliance().store, SHOWN + 1, _search(form), before)
    more = {**form.typed, "before": found[SHOWN - 1].id} if len(found) > SHOWN else None
    page = render_template(
        "trail.html",
        events=found[:SHOWN],
        more=more,
        form=form,
        nouns=audit.nouns(guard.appliance().store),
        surfaces=SURFACES,
        query={name: value for name, value in form.typed.items() if value and name != "before"},
    )
    return (page, 422) if form.wrong else page


@pages.get("/events.csv")
@guard.needs("operator")
def as_csv() -> Response:
    """The same as a file: times in UTC, every column as text. Raises BadInput."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for event in audit.newest(guard.appliance().store, EXPORTED, _search(forms.Form(request.args.to_dict()))):
        detail = ", ".join(f"{name}={value}" for name, value in event.detail.items())
        row = (clock.utc_text(event.at), event.actor.surface, event.actor.name, event.event, event.subject, detail)
        writer.writerow([forms.as_cell(one) for one in row])
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="events.csv"'
    return answer


def _search(form: forms.Form) -> audit.Search:
    return audit.Search(
        surface=form.get("surface"),
        noun=form.get("noun"),
        words=form.get("words")[:100],
        since=_midnight(form, "since"),
        until=_midnight(form, "until", timedelta(days=1)),
    )


def _midnight(form: forms.Form, field: str, later: timedelta = timedelta()) -> datetime | None:
    """The beginning of the day that was typed. Raises BadInput at its field."""
    try:
        day: date | None = identifications.parse_date(form.get(field))
        return None if day is None else datetime.combine(day + later, time(), words.zone()).astimezone(UTC)
    except BadInput as error:
        raise BadInput(error.message, field=field, **error.values) from error
    except OverflowError:
        return None
