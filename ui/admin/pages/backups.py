"""Backups: the list, one more now, and the file to take along.

The recovery code is never shown here: whoever reads this page and this file
together must still not be able to open it.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, send_file
from werkzeug.wrappers import Response as BaseResponse

from appliance import audit
from appliance.backup import catalog, key, targets, wishes
from ui.admin import forms, guard
from ui.admin.words import gettext as _

pages = Blueprint("backups", __name__)
OLD = timedelta(days=3)  # without a good backup for so long the page warns


@pages.get("/configuration/backups")
@guard.needs("operator")
def backups() -> str:
    """The list, newest first."""
    opened = guard.appliance()
    known = catalog.all(opened.store)
    last = next((one for one in known if one.good), None)
    return render_template(
        "backups.html",
        backups=known,
        last=last,
        is_old=last is None or opened.clock.now() - last.made_at > OLD,
        wish=wishes.find(opened.store, wishes.BACKUP),
        code_is_kept=key.confirmed(opened.store, key.load(opened.home.keys)),
        downloadable={one.id for one in known if _file(one.id) is not None},
    )


@pages.post("/configuration/backups/make")
@guard.needs("operator")
def make() -> BaseResponse:
    """Wish for one now; the core makes it."""
    opened = guard.appliance()
    with opened.store.write() as db:
        wishes.wish(db, opened.clock.now(), guard.who().actor, wishes.BACKUP)
    return forms.done(_("A backup is being made. Reload the page in a moment."), "backups.backups")


@pages.get("/configuration/backups/<int:backup_id>/file")
@guard.needs("operator")
def download(backup_id: int) -> Response:
    """The encrypted file itself."""
    opened = guard.appliance()
    path = _file(backup_id)
    if path is None:
        abort(404)
    with opened.store.write() as db:
        audit.record(db, opened.clock.now(), guard.who().actor, "backup.download", path.name)
    return send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=path.name)


def _file(backup_id: int) -> Path | None:
    """The file of a good backup, only from a folder of ours."""
    opened = guard.appliance()
    found = catalog.find(opened.store, backup_id)
    target = targets.of(opened.home).get(found.target) if found is not None and found.good else None
    if found is None or target is None:
        return None
    path = target.folder / found.file
    return path if path.parent == target.folder and path.is_file() else None
