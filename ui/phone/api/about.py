"""What this service can do, and what this appliance has."""

from __future__ import annotations

from appliance import heartbeat
from appliance.charging import points
from appliance.metering import meters
from appliance.store import settings
from ui.phone import guard
from ui.phone.api import schemas
from ui.phone.api.operations import Subject

subject = Subject("about")
CAPABILITIES = ("access_tokens", "password", "live", "stream", "history", "sessions", "charging")


@subject.operation("GET", "/capabilities", needs=guard.ANYONE, answer=schemas.Capabilities)
def capabilities() -> dict[str, object]:
    """What this service can do. Apps without 'access_tokens' sign in to the web admin by password, as ever."""
    return {"product": "Wattward", "api": ["v1"], "capabilities": CAPABILITIES}


@subject.operation("GET", "/appliance", needs="read", answer=schemas.Appliance)
def appliance() -> dict[str, object]:
    """This appliance, and what it has."""
    it = guard.appliance()
    with it.store.read() as db:
        has_points = bool(points.rows(db))
    roles = {meter.role for meter in meters.all(it.store)}
    return {
        "name": settings.text(it.store, "site.name"),
        "version": heartbeat.version(),
        "language": settings.text(it.store, "ui.language"),
        "timezone": settings.text(it.store, "site.timezone"),
        "charging": has_points,
        "solar": "pv" in roles,
        "battery": "battery" in roles,
        "metrics": settings.flag(it.store, "service.metrics"),
    }
