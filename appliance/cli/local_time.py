"""Moments as the command line shows them."""

from __future__ import annotations

import contextlib
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance import errors
from appliance.opened import Opened
from appliance.store import settings


def local_text(opened: Opened, moment: datetime) -> str:
    """Local time of the appliance, to the second."""
    zone = ZoneInfo("UTC")
    with contextlib.suppress(ZoneInfoNotFoundError, ValueError, errors.StoreError):
        zone = ZoneInfo(settings.text(opened.store, "site.timezone"))
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
