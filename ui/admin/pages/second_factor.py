"""One's own second factor: scan, type one code, keep the recovery codes; or turn it off with the password.

The secret that is not in force yet travels sealed in the form, so nothing is
kept before a code of it was typed.
"""

from __future__ import annotations

import base64

import segno
from flask import Blueprint, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from appliance.access import totp
from appliance.errors import Refused
from appliance.store import settings
from ui.admin import forms, guard
from ui.admin.pages.accounts import is_me
from ui.admin.words import gettext as _

pages = Blueprint("second_factor", __name__, url_prefix="/system/second-factor")
SEALED = "totp set-up"
GROUP = 4  # letters of a secret that are read together


@pages.route("", methods=["GET", "POST"], endpoint="second_factor")
@guard.needs("viewer")
def turn_on() -> str | tuple[str, int]:
    """What is in force; else the QR code, and the answer to the first code."""
    opened, who = guard.appliance(), guard.who()
    form = forms.sent()
    if request.method == "GET" or totp.is_on(opened, who.account_id):  # another takes its place after the password only
        return _page(form, _new_secret())
    try:
        secret = opened.key().unseal(SEALED, base64.b64decode(form.get("sealed"), validate=True), bound_to=who.name)
    except (Refused, ValueError):  # of another, or no base64
        form.refuse(_("This page is too old: scan the code again."))
        return _page(form, _new_secret()), 422
    with forms.checked(form, ("code",)):
        codes = totp.turn_on(opened, who.account_id, who.name, who.actor, secret, form.get("code"))
        return _page(form, None, codes=codes)
    return _page(form, secret), 422


@pages.post("/off")
@guard.needs("viewer")
def turn_off() -> Response | tuple[str, int]:
    """The password alone again."""
    who, form = guard.who(), forms.sent()
    if is_me(form):
        totp.turn_off(guard.appliance(), who.account_id, who.name, who.actor)
        return forms.done(_("The second factor is off: the password alone lets you in."), "second_factor.second_factor")
    return _page(form, None), 422


def _new_secret() -> str | None:
    """A secret to offer; None while one is in force."""
    if totp.is_on(guard.appliance(), guard.who().account_id):
        return None
    return totp.new_secret()


def _issuer() -> str:
    return settings.text(guard.appliance().store, "site.name")


def _page(form: forms.Form, secret: str | None, codes: list[str] | None = None) -> str:
    opened, who = guard.appliance(), guard.who()
    offer = {}
    if secret is not None:
        sealed = opened.key().seal(SEALED, secret, bound_to=who.name)
        offer = {
            "sealed": base64.b64encode(sealed).decode(),
            "letters": " ".join(secret[i : i + GROUP] for i in range(0, len(secret), GROUP)),
            "qr": _drawing(totp.link(secret, _issuer(), who.name)),
        }
    return render_template(
        "second_factor.html",
        form=form,
        is_on=totp.is_on(opened, who.account_id),
        left=totp.codes_left(opened, who.account_id),
        codes=codes,
        offer=offer,
    )


def _drawing(text: str) -> Markup:
    """A QR code as a drawing in the page, dark on light in every theme."""
    drawn = segno.make(text, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", lineclass=None)
    return Markup(drawn)  # noqa: S704 - made by the library from modules, nothing of it was typed
