"""Where the appliance stands: its time zone, as it is set."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.store import settings
from appliance.store.database import Db, Store

ZONE = "site.timezone"


def zone(db: Db) -> tzinfo:
    """The time zone, as a transaction sees it."""
    return zone_of(str(settings.in_force(db, ZONE)))


def zone_now(store: Store) -> tzinfo:
    """The time zone. Raises StoreError."""
    return zone_of(settings.text(store, ZONE))


def zone_of(name: str) -> tzinfo:
    """The time zone called `name`; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
