"""Pages that take a file: more than a form may be, onto the card and not into memory, and allowed to finish.

A route says so with `takes_upload`. Only who may call it is heard for longer
than a form takes, and only such a request outlives its window (by five minutes
at most, `ui.serving.uploads`). What is not kept is gone with the request.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar, cast

from flask import Flask, Request, current_app, g, request

from ui.admin import guard
from ui.serving.uploads import Uploads

SPARE_BYTES = 256 * 1024**2  # what stays free on the card for the appliance's own work
BUFFER_BYTES = 1024**2  # the parser's buffer counts as form, and is larger than a form may be
View = TypeVar("View", bound=Callable[..., object])


def takes_upload(most_bytes: int) -> Callable[[View], View]:
    """Say that a route's POST brings a file of up to so many bytes."""

    def mark(view: View) -> View:
        view.upload_bytes = most_bytes  # type: ignore[attr-defined]  # an annotation on the function itself
        return view

    return mark


class UploadRequest(Request):
    """A request whose files are written beside the store, without a name until they are kept."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        return unnamed(guard.appliance().home.root)


def unnamed(folder: Path) -> IO[bytes]:
    """A file that no power cut leaves behind. Raises OSError."""
    return os.fdopen(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o660), "w+b")


def keep(file: IO[bytes], path: Path) -> None:
    """Give an unnamed file its name in one step, replacing what is there. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())
    half = path.with_name(f".{path.name}.new")
    half.unlink(missing_ok=True)
    ours = os.open("/proc/self/fd", os.O_PATH | os.O_DIRECTORY)
    try:
        os.link(str(file.fileno()), half, src_dir_fd=ours, follow_symlinks=True)  # linkat(2): how O_TMPFILE gets a name
    finally:
        os.close(ours)
    half.replace(path)


def install(app: Flask) -> None:
    """Stand after the guard, and before anybody reads the form."""
    app.request_class = UploadRequest
    app.before_request(_begin)
    app.teardown_request(_end)


def _begin() -> None:
    g.uploading = None
    if request.method != "POST" or request.endpoint is None:
        return
    most_bytes = getattr(current_app.view_functions[request.endpoint], "upload_bytes", None)
    if most_bytes is None:
        return
    free_bytes = shutil.disk_usage(guard.appliance().home.root).free - SPARE_BYTES
    request.max_content_length = max(0, min(cast(int, most_bytes), free_bytes))
    request.max_form_memory_size = BUFFER_BYTES
    g.uploading = _uploads(current_app)
    g.uploading.begin()


def _end(_error: BaseException | None) -> None:
    if g.get("uploading") is not None:
        g.uploading.end()


def _uploads(app: Flask) -> Uploads:
    """Those of this process; made late, because the app is made before the process that answers."""
    return cast(Uploads, app.extensions.setdefault("wattward uploads", Uploads(guard.appliance().home.run)))
