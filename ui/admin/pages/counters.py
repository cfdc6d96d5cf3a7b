"""Counters of a meter as people read them: since the last reset, and that reset."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from appliance.metering import totals
from ui.admin import forms, guard
from ui.admin.pages import meters
from ui.admin.words import gettext as _

pages = Blueprint("counters", __name__, url_prefix="/configuration/meters")


@pages.post("/<int:meter_id>/reset-counters")
@guard.needs("admin")
def reset(meter_id: int) -> Response:
    """Let them begin at zero, for ever; the history stays. Raises Refused."""
    opened = guard.appliance()
    meter = meters.get(meter_id)
    totals.reset(opened.store, opened.live, opened.clock, meter, actor=guard.who().actor)
    said = _("The counters of {name} begin at zero.").format(name=meter.name)
    return forms.done(said, "meters.check", meter_id=meter.id)
