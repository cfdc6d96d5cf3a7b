"""Fulfil wishes for backups, prune old ones, and say what is wrong.

`step` may be called at any time: it makes what is wished and due, at every
wanted target, and compares what there is with what should be. What went wrong
is the fault `backup` until it is right again; nothing here ends the core.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from appliance import audit, errors, faults, known_time
from appliance.backup import catalog, found, key, make, retention, schedule, targets, wishes
from appliance.errors import N_
from appliance.opened import Opened
from appliance.store import settings

SOURCE = "backup"
FAILED, NO_STICK = "failed", "usb_missing"
OLDEST = timedelta(days=36525)
PAUSE = timedelta(minutes=15)  # between attempts when not even the failure could be written down
NO_STICK_SENTENCE = N_(
    "The USB stick for backups is missing: plug in the stick labelled WATTWARD,"
    " or switch copies to a stick off (backup.usb)."
)
FAILED_SENTENCE = N_("The last backup failed: {sentence}")


def step(opened: Opened) -> str | None:
    """Fulfil a due wish and report; return its outcome ('ok' or a sentence), None when nothing was due."""
    try:
        wish = wishes.find(opened.store, wishes.BACKUP)
        if wish is None or wish.done:
            _look(opened)
            return None
        if _paused(opened, wish):
            return None
        outcome = fulfil(opened)
        _look(opened)
    except (errors.WattwardError, OSError) as error:
        _report(opened, FAILED, FAILED_SENTENCE, sentence=str(error))
        return str(error)
    return outcome


def fulfil(opened: Opened) -> str | None:
    """Claim the wish, make the backups, write the outcome and return it; None when nothing is wanted."""
    with opened.store.write() as db:
        claimed = wishes.claim(db, opened.clock.now(), wishes.BACKUP)
    if claimed is None:
        return None
    outcome = everywhere(opened, audit.Actor(*claimed.wanted_by.split(":", 1)))
    try:
        with opened.store.write() as db:
            wishes.finish(db, opened.clock.now(), claimed, outcome)
    except errors.StoreError as error:
        raise make.BackupFailed("{sentence}", sentence=outcome if outcome != wishes.OK else error) from error
    return outcome


def everywhere(opened: Opened, actor: audit.Actor) -> str:
    """Make a backup at every wanted target and prune there; return 'ok' or what went wrong."""
    wrong: list[str] = []
    for target in targets.wanted(opened.home, opened.store):
        if not target.is_present():
            wrong.append(NO_STICK_SENTENCE)
            continue
        try:
            make.make(opened, target, actor)
            found.enter_files(opened.home, opened.store, opened.clock, key.load(opened.home.keys), actor)
            prune(opened, target)
        except (errors.WattwardError, OSError) as error:
            wrong.append(str(error))
    return " ".join(wrong) or wishes.OK


def prune(opened: Opened, target: targets.Target) -> list[str]:
    """Remove the backups that retention lets go; return their names. A doubtful calendar removes none."""
    now = opened.clock.now()
    if not _is_calendar_known(opened):
        return []
    catalog.forget_missing(opened.store, now, target)
    good = {one.id: one for one in catalog.all(opened.store) if one.good and one.target == target.name}
    old = retention.to_prune(
        {one.id: _age_of(one.made_at, now) for one in good.values()},
        int(settings.number(opened.store, "backup.keep_daily")),
        int(settings.number(opened.store, "backup.keep_weekly")),
        schedule.plan(opened)[1],
    )
    for one in old:
        (target.folder / good[one].file).unlink(missing_ok=True)
    if old:
        with opened.store.write() as db:
            catalog.mark_pruned(db, now, old)
    return [good[one].file for one in sorted(old)]


def _is_calendar_known(opened: Opened) -> bool:
    """Tell whether date and time may decide; before the first core of a boot nobody knows."""
    with contextlib.suppress(errors.StoreMissing):
        return known_time.trusted(opened.store, opened.live, opened.clock)
    return False


def _age_of(made_at: datetime, now: datetime) -> datetime:
    """When a backup was made; one of the future, made under a wrong calendar, counts as older than all others."""
    return made_at if made_at <= now else made_at - OLDEST


def _look(opened: Opened) -> None:
    """Compare what there is with what should be: each wanted target is there and its last backup is good."""
    wanted = targets.wanted(opened.home, opened.store)
    if missing := _failed(opened, wanted):
        _report(opened, FAILED, FAILED_SENTENCE, sentence=missing)
    elif not all(target.is_present() for target in wanted):
        _report(opened, NO_STICK, NO_STICK_SENTENCE)
    else:
        faults.clear(opened.live, SOURCE)


def _failed(opened: Opened, wanted: Sequence[targets.Target]) -> str | None:
    """The sentence of the first target whose last attempt failed."""
    attempts = (catalog.newest_attempt(opened.store, target.name) for target in wanted if target.is_present())
    return next((one.outcome for one in attempts if one is not None and one.outcome != catalog.OK), None)


def _paused(opened: Opened, wish: wishes.Wish) -> bool:
    """Tell whether this wish failed a moment ago in a way that could not be written into the store."""
    since = next((one.since for one in faults.active(opened.live) if (one.source, one.code) == (SOURCE, FAILED)), None)
    if since is None or wish.started_at is None:
        return False
    if abs(opened.clock.now() - since) < PAUSE:
        return True
    faults.clear(opened.live, SOURCE)  # the next failure counts its own pause
    return False


def _report(opened: Opened, code: str, message: str, **values: object) -> None:
    with contextlib.suppress(errors.StoreError):
        faults.report(opened.live, opened.clock.now(), SOURCE, code, message, **values)
