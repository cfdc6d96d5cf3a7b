"""What set-up fetched from npm for browsers, served under names with a digest: they may keep it for a year.

All of it is there, or none: then pages show the curves that the server draws.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request

from ui.admin import guard

FOLDER = Path(sys.prefix) / "share" / "wattward" / "front"  # filled by setup.sh
FILES = {"uPlot.iife.min.js": "text/javascript", "uPlot.min.css": "text/css"}
KEPT = "public, max-age=31536000, immutable"
pages = Blueprint("front", __name__, url_prefix="/front")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file; `address` changes with what is in it."""

    address: str
    packed: bytes
    mimetype: str


def install(app: Flask) -> None:
    """Read the files once, and tell templates their addresses."""
    found = read(FOLDER)
    app.extensions["wattward-front"] = {one.address: one for one in found.values()}
    app.jinja_env.globals["front"] = {name: one.address for name, one in found.items()}


def read(folder: Path) -> dict[str, Fetched]:
    """Name -> file; nothing where one is missing."""
    found = {}
    for name, mimetype in FILES.items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            return {}
        stem, _, kind = name.partition(".")
        digest = hashlib.sha256(content).hexdigest()[:12]
        found[name] = Fetched(f"{stem}-{digest}.{kind}", gzip.compress(content, 9, mtime=0), mimetype)
    return found


@pages.get("/<address>")
@guard.needs(guard.ANYONE)
def file(address: str) -> Response:
    """One of them."""
    one: Fetched | None = current_app.extensions["wattward-front"].get(address)
    if one is None:
        abort(404)
    answer = Response(one.packed, mimetype=one.mimetype)
    answer.headers["Cache-Control"] = KEPT
    answer.headers["Vary"] = "Accept-Encoding"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer.set_data(gzip.decompress(one.packed))
    return answer
