"""Security: what is locked, what is open and what is weak, as it is."""

from __future__ import annotations

from flask import Blueprint, render_template

from appliance.access import posture
from appliance.errors import N_
from ui.admin import guard, words
from ui.admin.words import gettext as _

pages = Blueprint("security", __name__, url_prefix="/system/security")
STATES = {"good": (N_("Protected"), "is-good"), "open": (N_("open"), "is-warn"), "weak": (N_("Weak"), "is-bad")}


@pages.get("", endpoint="security")
@guard.needs("operator")
def show() -> str:
    """One line for each door and lock."""
    lines = [
        (_(line.title), _(STATES[line.state][0]), STATES[line.state][1], words.filled(line.sentence, _said(line)))
        for line in posture.look(guard.appliance())
    ]
    return render_template("security.html", lines=lines)


def _said(line: posture.Line) -> dict[str, object]:
    """The names of services in the language of the request."""
    return {name: _(value) if isinstance(value, str) else value for name, value in line.values.items()}
