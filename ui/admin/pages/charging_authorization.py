"""Which identifications may start charging, and the rules around it.

The administrator changes it; an operator sees it. Nothing is in force before Save.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from appliance.charging import readers
from appliance.errors import N_
from appliance.store import settings
from ui.admin import forms, guard
from ui.admin.words import gettext as _

pages = Blueprint("charging_authorization", __name__, url_prefix="/configuration")
TYPES = {
    "identification.pin.enabled": N_("PIN code"),
    "identification.rfid.enabled": N_("RFID card"),
    "identification.ble.enabled": N_("Phone nearby"),
    "identification.app.enabled": N_("App"),
}
RULES = tuple(one for one in settings.TABLE if one.key.startswith("charging."))
KEYS = (*TYPES, *(one.key for one in RULES))


@pages.get("")
@guard.needs("operator")
def configuration() -> Response:
    """Configuration begins with its first tab."""
    return redirect(url_for("charging_authorization.show"))


@pages.get("/user/charging-authorization")
@guard.needs("operator")
def show() -> str:
    """The pane as it is in force."""
    return _pane(_filled())


@pages.post("/user/charging-authorization")
@guard.needs("admin")
def save() -> Response | tuple[str, int]:
    """Put in force what differs, all of it or nothing."""
    opened = guard.appliance()
    form = forms.sent(_filled())
    wanted = {key: _typed(form, settings.describe(key)) for key in KEYS}
    for key, text in wanted.items():
        with forms.checked(form, (key,)):
            settings.parse(settings.describe(key), text)
    if form.wrong:
        return _pane(form), 422
    for key, text in wanted.items():
        if settings.parse(settings.describe(key), text) != settings.get(opened.store, key):
            settings.put(opened.store, opened.clock.now(), guard.who().actor, key, text)
    return forms.done(_("Charging authorization is saved."), "charging_authorization.show")


def _filled() -> forms.Form:
    store = guard.appliance().store
    return forms.stored(**{key: settings.get(store, key) for key in KEYS})


def _typed(form: forms.Form, setting: settings.Setting) -> str:
    if setting.type is bool:
        return "on" if form.ticked(setting.key) else "off"
    return form.get(setting.key)


def _pane(form: forms.Form) -> str:
    return render_template(
        "charging_authorization.html",
        form=form,
        types=[(key, _(name)) for key, name in TYPES.items()],
        rules=RULES,
        editable=guard.who().may("admin"),
        readers=readers.all(guard.appliance().store),
    )
