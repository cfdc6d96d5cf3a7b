"""A backup from this computer: taken along from another appliance, or from a card that is gone.

There is room for one: the next takes its place, and it counts as a stranger's
until its recovery code opens it. Nothing in it is believed here but its first line.
"""

from __future__ import annotations

from typing import IO

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from appliance import audit
from appliance.errors import N_, BadInput
from ui.admin import forms, guard, uploading
from ui.admin.pages import restore

pages = Blueprint("backup_upload", __name__)
FILE = "wattward-uploaded.tar.gz.age"
MOST_BYTES = 2 * 1024**3
FIRST_LINE = b"age-encryption.org/v1\n"


@pages.post("/configuration/backups/restore/upload")
@guard.needs("admin")
@uploading.takes_upload(MOST_BYTES)
def upload() -> Response | tuple[str, int]:
    """Keep the file and go on to what restoring it means."""
    opened, form = guard.appliance(), forms.blank()
    with forms.checked(form, ("file",)):
        uploading.keep(_sent(), opened.home.backups / FILE)
        with opened.store.write() as db:
            size = (opened.home.backups / FILE).stat().st_size
            audit.record(db, opened.clock.now(), guard.who().actor, "backup.upload", FILE, size_bytes=size)
        return redirect(url_for("restore.one", target="folder", filename=FILE), 303)
    return restore.page(form), 422


def _sent() -> IO[bytes]:
    """The file that came. Raises BadInput for none, and for what is no backup."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadInput(N_("Choose the file of a backup."), field="file")
    file = sent.stream
    file.seek(0)
    if file.read(len(FIRST_LINE)) != FIRST_LINE:
        raise BadInput(N_("This is not a backup of Wattward, or it is damaged."), field="file")
    return file
