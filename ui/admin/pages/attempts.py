"""Attempts: who was let in and who was refused, with the reason; to be searched by point, person and result."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from appliance.charging import attempts, points, rules, users
from ui.admin import forms, guard, words

pages = Blueprint("attempts", __name__, url_prefix="/charging/attempts")
SHOWN = 200


@pages.get("", endpoint="attempts")
@guard.needs("operator")
def show() -> str:
    """The newest that fit."""
    store, form = guard.appliance().store, forms.Form(request.args.to_dict())
    result = form.get("result")
    with store.read() as db:
        found = attempts.rows(
            db, user_id=_number(form, "user"), point_id=_number(form, "point"),
            result=result if result in set(rules.Result) else None, limit=SHOWN,
        )  # fmt: skip
    return render_template(
        "attempts.html",
        form=form,
        attempts=found,
        shown=SHOWN,
        people=[(str(one.id), one.name) for one in users.all(store, archived=True)],
        points=[(str(one.id), one.name) for one in points.all(store, archived=True)],
        results=[(one.value, words.result(one)) for one in rules.Result],
        said={one: words.result(one) for one in rules.Result},
    )


def _number(form: forms.Form, field: str) -> int | None:
    text = form.get(field)
    return int(text) if text.isdecimal() and len(text) < 10 else None
