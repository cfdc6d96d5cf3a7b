"""The language of each request: the person's choice, else the browser's, else the appliance's.

Texts and figures come from `ui.text`, in the language of the request, so that
two people may use the admin in two languages at once.
"""

from __future__ import annotations

import contextlib
import importlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, request

from appliance.errors import N_, StoreError, WattwardError
from appliance.store import settings
from ui.admin import guard

LANGUAGES = {"de": "Deutsch", "en": "English"}
COOKIE = "__Host-language"
STATES = {
    "locked": N_("Locked"),
    "idle": N_("Free"),
    "authorized": N_("Released, waiting for the car"),
    "charging": N_("Charging"),
    "paused": N_("Paused"),
    "fault": N_("Fault"),
}
ENDS = {
    "stop": N_("stopped"),
    "idle": N_("car full or unplugged"),
    "blocked": N_("user blocked"),
    "revoked": N_("identification revoked"),
    "mode": N_("mode changed"),
    "locked": N_("point locked"),
    "power_cut": N_("power cut"),
    "core_restart": N_("appliance restarted"),
    "fault": N_("fault"),
    "limit": N_("limit reached"),
    "unplug": N_("unplugged"),
}
REFUSALS = {
    "unknown": N_("This code does not belong to that person."),
    "type_disabled": N_("Charging with a PIN code is switched off in Charging authorization."),
    "blocked": N_("This person is blocked."),
    "inactive": N_("This identification is inactive."),
    "expired": N_("This identification has expired."),
    "locked_out": N_("Too many wrong codes. Wait a while, then try again."),
    "mode": N_("This charging point is locked."),
    "name_needed": N_("Choose whose code it is."),
}


def install(app: Flask) -> None:
    """Give templates `_`, the language and figures."""
    app.context_processor(lambda: {"_": gettext, "language": language(), "languages": LANGUAGES})
    for one in (power, axis, energy, size, local_time, local_day, twice):
        app.add_template_filter(one)


def language() -> str:
    """The language of this request."""
    found = g.get("language")
    if found is None:
        who = g.get("who")
        chosen = (who.language if who else None) or request.cookies.get(COOKIE)
        found = chosen if chosen in LANGUAGES else _of_browser()
        g.language = found
    return str(found)


def gettext(message: str) -> str:
    """One sentence in the language of this request."""
    texts = g.get("texts")
    if texts is None:
        texts = g.texts = _texts(language())
    return str(texts.gettext(message))


def _texts(chosen: str) -> Any:  # noqa: ANN401 - until ui.text is there
    try:
        return importlib.import_module("ui.text.catalog").Texts(chosen)
    except ModuleNotFoundError:
        import gettext as standard

        return standard.NullTranslations()


def sentence(error: WattwardError) -> str:
    """What went wrong, in the language of this request."""
    return gettext(error.message).format(**error.values)


def zone() -> ZoneInfo:
    """The time zone of the household."""
    found = g.get("zone")
    if found is None:
        found = g.zone = ZoneInfo(settings.text(guard.appliance().store, "site.timezone"))
    return found  # type: ignore[no-any-return]  # flask.g has no types


def local_time(moment: datetime | None) -> str:
    """Date and time as the household's clocks show it."""
    if moment is None:
        return ""
    pattern = "%d.%m.%Y, %H:%M" if language() == "de" else "%d %b %Y, %H:%M"
    return moment.astimezone(zone()).strftime(pattern)


def local_day(day: object) -> str:
    """A calendar day."""
    return f"{day:%d.%m.%Y}" if language() == "de" else f"{day:%d %b %Y}"


def _of_browser() -> str:
    best = request.accept_languages.best_match(list(LANGUAGES))
    if best is None:
        with contextlib.suppress(StoreError):
            return settings.text(guard.appliance().store, "ui.language")
    return best or "en"


def power(watts: float) -> str:
    """A power for people."""
    return _figure(watts / 1000, 2, "kW") if abs(watts) >= 1000 else _figure(watts, 0, "W")


def axis(watts: float) -> str:
    """A round power beside a curve."""
    kilowatts = watts / 1000
    return _figure(kilowatts, 0 if kilowatts == round(kilowatts) else 1, "kW")


def energy(wh: float) -> str:
    """An energy for people."""
    return _figure(wh / 1000, 2, "kWh")


def size(size_bytes: float) -> str:
    """The size of a file for people."""
    return _figure(size_bytes / 1000, 0, "kB") if size_bytes < 1_000_000 else _figure(size_bytes / 1_000_000, 1, "MB")


def twice(code: str) -> tuple[str, str]:
    """An option of a list: its value and how its person calls it."""
    return code, LANGUAGES.get(code, code)


def point_state(state: str) -> str:
    """What a charging point does."""
    return gettext(STATES.get(state, state))


def end_reason(reason: str | None) -> str:
    """Why a session ended."""
    return gettext(ENDS.get(reason, reason)) if reason else ""


def refusal(result: str) -> str:
    """Why a code was refused, for somebody who is signed in."""
    return gettext(REFUSALS.get(result, result))


def _figure(number: float, places: int, unit: str) -> str:
    text = f"{number:,.{places}f}"
    if language() == "de":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{text}\u202f{unit}"
