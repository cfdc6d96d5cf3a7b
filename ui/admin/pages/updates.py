"""Updates: which version runs, where newer ones would come from (nowhere yet), and how one is installed."""

from __future__ import annotations

from flask import Blueprint, render_template

from appliance import heartbeat
from appliance.system import board
from ui.admin import guard

pages = Blueprint("updates", __name__, url_prefix="/system/updates")


@pages.get("", endpoint="updates")
@guard.needs("operator")
def show() -> str:
    """The page."""
    return render_template("updates.html", running=heartbeat.version(), support_until=board.SUPPORTED_UNTIL)
