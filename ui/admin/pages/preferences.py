"""Settings: the same table the command line knows, as one form.

A field keeps what was typed and says what is wrong; only what differs from
what is in force is written, each with its event.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from appliance import site
from appliance.billing import tariffs
from appliance.errors import N_, BadInput
from appliance.store import settings
from appliance.system import timekeeping
from ui.admin import forms, guard, words
from ui.admin.words import gettext as _

SUBJECTS = {  # first part of a key -> what it is about
    "ui": N_("Display"),
    "site": N_("Appliance"),
    "charging": N_("Charging"),
    "identification": N_("Users and cards"),
    "users": N_("Users and cards"),
    "billing": N_("Charging records"),
    "report": N_("Charging records"),
    "faults": N_("Faults"),
    "history": N_("History"),
    "service": N_("Services"),
    "tokens": N_("Services"),
    "web": N_("Services"),
    "backup": N_("Backups"),
}
OPTIONS = {  # what a person calls the values of a choice
    "ui.theme": {"dark": N_("dark"), "light": N_("light"), "auto": N_("light by day, dark by night")},
    "ui.start_page": {"energy": N_("Energy"), "flow": N_("Live picture"), "charging": N_("Charging")},
    "ui.idle_page": {"clock": N_("Clock and one value"), "off": N_("Display off")},
    "ui.rotation": {"auto": N_("as the screen is mounted")},
    "report.meter_status": {"none": N_("not certified"), "mid": "MID", "eichrecht": N_("calibration law (Eichrecht)")},
    "report.formats": {"pdf": "PDF", "pdf csv": "PDF, CSV", "pdf csv xlsx": "PDF, CSV, XLSX"},
}
pages = Blueprint("preferences", __name__)


@pages.route("/configuration/settings", methods=["GET", "POST"])
@guard.needs("admin")
def preferences() -> Response | str | tuple[str, int]:
    """The form, and its answer."""
    form = forms.stored(**in_force())
    if request.method == "POST":
        form = forms.sent(form)
        wanted = {one.key: _typed(form, one) for one in settings.TABLE}
        for key, text in wanted.items():
            with forms.checked(form, (key,)):
                settings.parse(settings.describe(key), text)
                if key in tariffs.NAMED_BY and text not in dict(options(settings.describe(key))):
                    raise BadInput(N_("There is no such tariff any more: choose another."), field=key)
        if form.wrong:
            form.refuse(_("Nothing was saved: look at the marked fields."))
        else:
            with forms.checked(form, ()):
                _save(wanted)
                return forms.done(_("The settings are saved."), "preferences.preferences")
    page = render_template("settings.html", form=form, groups=grouped(), options=options)
    return (page, 422) if form.wrong else page


def grouped() -> list[tuple[str, list[settings.Setting]]]:
    """The table by subject, in the order of the table."""
    found: dict[str, list[settings.Setting]] = {}
    for one in settings.TABLE:
        found.setdefault(SUBJECTS[one.key.partition(".")[0]], []).append(one)
    return [(_(subject), rows) for subject, rows in found.items()]


def options(setting: settings.Setting) -> list[tuple[str, str]]:
    """The values of a choice, and what a person calls them; none where it is typed."""
    if setting.key in tariffs.NAMED_BY:
        store = guard.appliance().store
        now = settings.text(store, setting.key)
        others = [one.name for one in tariffs.all(store) if one.name.casefold() != now.casefold()]
        return [("", _("none")), *((name, name) for name in ([now] if now else []) + others)]
    known = OPTIONS.get(setting.key, {})
    return [(value, _(known[value])) if value in known else words.option(value) for value in setting.choices]


def in_force() -> dict[str, object]:
    """Every setting's value."""
    store = guard.appliance().store
    return {one.key: settings.get(store, one.key) for one in settings.TABLE}


def _typed(form: forms.Form, setting: settings.Setting) -> str:
    if setting.type is bool:
        return "on" if form.ticked(setting.key) else "off"
    return form.get(setting.key)


def _save(wanted: dict[str, str]) -> None:
    """Write what differs. Another time zone is the machine's, too; it comes first: it alone can be refused."""
    opened, actor, before = guard.appliance(), guard.who().actor, in_force()
    changed = [key for key, text in wanted.items() if not _same(key, text, before[key])]
    if site.ZONE in changed:
        timekeeping.set_zone(opened, actor, wanted[site.ZONE])
    for key in changed:
        if key != site.ZONE:
            settings.put(opened.store, opened.clock.now(), actor, key, wanted[key])


def _same(key: str, text: str, value: object) -> bool:
    return settings.parse(settings.describe(key), text) == value
