"""The phone page: one page, its texts, its manifest, and the certificate of the authority for who wants it.

The page itself holds nothing of the household: everything it shows it asks of
the API with its token, which it keeps in the browser and got from the part of
the address behind the #, which browsers send to nobody.
"""

from __future__ import annotations

import functools
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, jsonify, render_template, url_for

from appliance.access import authority
from ui.phone import guard, wording, words
from ui.text.catalog import LANGUAGES, LOCALES

pages = Blueprint("page", __name__)
DER = "application/x-x509-ca-cert"


@pages.get("/")
@guard.needs(guard.ANYONE)
def start() -> str:
    """The page."""
    return render_template(
        "phone.html", language=words.texts().language, _=words.texts().gettext, modules=_modules()
    )  # fmt: skip


@functools.cache
def _modules() -> list[str]:
    """Its scripts, all named at once so that no browser has to find them one through the other."""
    return sorted(one.name for one in Path(__file__).with_name("static").glob("*.js"))


@pages.get("/pair")
@guard.needs(guard.ANYONE)
def pair() -> str:
    """The same page, where the touchscreen's QR code leads to."""
    return start()


@pages.get("/texts/<language>.json")
@guard.needs(guard.ANYONE)
def texts(language: str) -> Response:
    """The words of the page."""
    if language not in LANGUAGES:
        raise guard.denied(404, "not_found")
    return jsonify(locale=LOCALES[language].replace("_", "-"), languages=LANGUAGES, words=wording.all(language))


@pages.get("/manifest.webmanifest")
@guard.needs(guard.ANYONE)
def manifest() -> Response:
    """What makes it an app on the home screen."""
    icons = [
        {"src": url_for("static", filename=f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": "any maskable"}
        for size in (192, 512)
    ]  # fmt: skip
    answer = jsonify(
        name="Wattward", short_name="Wattward", start_url="/", scope="/", display="standalone", id="/",
        background_color="#0f141a", theme_color="#0f141a", icons=icons,
    )  # fmt: skip
    answer.mimetype = "application/manifest+json"
    return answer


@pages.get("/authority.crt")
@guard.needs(guard.ANYONE)
def certificate() -> Response:
    """The authority's certificate, to be installed by who likes: then browsers do not warn any more."""
    found = authority.load(guard.appliance().home.tls)
    if found is None:
        raise guard.denied(404, "not_found")
    answer = Response(found.public_bytes(Encoding.DER), mimetype=DER)
    answer.headers["Content-Disposition"] = "attachment; filename=wattward-authority.crt"
    return answer
