"""Which backups to keep: the newest of each of the last days and weeks that have one.

Days and weeks without a backup do not count, so an appliance that was off for
a month does not lose its old ones. The newest is always kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo


def to_prune(made_at: Mapping[int, datetime], keep_daily: int, keep_weekly: int, zone: tzinfo) -> set[int]:
    """The ids of the good backups that may go. Days and ISO weeks are those of `zone`."""
    newest_first = sorted(made_at, key=lambda one: (made_at[one], one), reverse=True)
    local = {one: made_at[one].astimezone(zone) for one in newest_first}
    days = _newest_of_each(((one, local[one].date()) for one in newest_first), keep_daily)
    weeks = _newest_of_each(((one, local[one].isocalendar()[:2]) for one in newest_first), keep_weekly)
    return set(newest_first) - set(newest_first[:1]) - days - weeks


def _newest_of_each(newest_first: Iterable[tuple[int, object]], how_many: int) -> set[int]:
    """The first id of each of the first `how_many` groups."""
    kept: dict[object, int] = {}
    for one, group in newest_first:
        if group not in kept and len(kept) < how_many:
            kept[group] = one
    return set(kept.values())
