"""Events: who did what, newest first. Append-only, without secrets."""

from __future__ import annotations

from flask import Blueprint, render_template

from appliance import audit
from ui.admin import guard

pages = Blueprint("trail", __name__)
SHOWN = 200


@pages.get("/events")
@guard.needs("operator")
def trail() -> str:
    """The newest events."""
    return render_template("trail.html", events=audit.newest(guard.appliance().store, SHOWN), shown=SHOWN)
