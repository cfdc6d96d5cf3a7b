"""Moments as the command line shows them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, tzinfo

from appliance import errors, site
from appliance.opened import Opened


def local_text(opened: Opened, moment: datetime) -> str:
    """Local time of the appliance, to the second."""
    zone: tzinfo = UTC
    with contextlib.suppress(errors.StoreError):
        zone = site.zone_now(opened.store)
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
