"""The language of each request: the person's choice, else the browser's, else the appliance's.

Texts and figures come from `ui.text`, in the language of the request, so that
two people may use the admin in two languages at once.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from flask import Flask, g, request

from appliance.charging.rules import Result
from appliance.charging.why import Told
from appliance.errors import N_, StoreError, WattwardError
from appliance.faults import Fault
from appliance.store import settings
from ui.admin import guard
from ui.text import numbers, sentences
from ui.text.catalog import LANGUAGES, Texts

COOKIE = "__Host-language"
QUANTITIES = {  # the first that fits
    "power_factor": N_("Power factor"),
    "power": N_("Power"),
    "voltage": N_("Voltage"),
    "current": N_("Current"),
    "apparent": N_("Apparent power"),
    "reactive": N_("Reactive power"),
    "frequency": N_("Frequency"),
    "import": N_("Energy taken"),
    "export": N_("Energy delivered"),
}
DECIMAL = re.compile(r"-?\d+\.\d+(?:, -?\d+\.\d+)*")
UNITS = {"w": "W", "v": "V", "a": "A", "va": "VA", "var": "var", "hz": "Hz", "wh": "kWh"}
REFUSALS = {
    "unknown": N_("This code does not belong to that person."),
    "type_disabled": N_("Charging with a PIN code is switched off in Charging authorization."),
    "stop_only": N_("This identification only stops."),
    "hours": N_("It is outside the hours of this person or identification."),
    "allowance": N_("The allowance of this person is used up."),
    "used_up": N_("This code is used up."),
    "uncounted": N_("This person may charge only so much, and this charging point cannot count energy now."),
    "second_factor": N_("This person needs a card and a PIN."),
    "busy": N_("Somebody else is charging here."),
    "blocked": N_("This person is blocked."),
    "inactive": N_("This identification is inactive."),
    "expired": N_("This identification has expired."),
    "locked_out": N_("Too many wrong codes. Wait a while, then try again."),
    "mode": N_("This charging point is locked."),
    "name_needed": N_("Choose whose code it is."),
}
RESULTS = {
    Result.ACCEPTED: N_("accepted"),
    Result.STOPPED: N_("stopped by it"),
    Result.LEARNED: N_("card learned"),
    Result.MODE: N_("point was locked"),
    Result.TYPE_DISABLED: N_("type switched off"),
    Result.LOCKED_OUT: N_("too many wrong codes"),
    Result.UNKNOWN: N_("unknown code"),
    Result.BLOCKED: N_("user is blocked"),
    Result.INACTIVE: N_("inactive"),
    Result.EXPIRED: N_("has expired"),
    Result.STOP_ONLY: N_("only stops"),
    Result.HOURS: N_("outside the hours"),
    Result.ALLOWANCE: N_("allowance was used up"),
    Result.USED_UP: N_("code was used up"),
    Result.UNCOUNTED: N_("energy could not be counted"),
    Result.SECOND_FACTOR: N_("PIN was wanted, too"),
    Result.BUSY: N_("point was busy"),
    Result.TAKEN: N_("card was not learned"),
    Result.NAME_NEEDED: N_("name was wanted"),
}


def install(app: Flask) -> None:
    """Give templates `_`, the language and figures."""
    app.context_processor(lambda: {"_": gettext, "language": language(), "languages": LANGUAGES})
    for one in (
        power,
        axis,
        energy,
        size,
        local_time,
        local_day,
        option,
        seconds,
        milliseconds,
        percent,
        quantity,
        amount,
        fault_sentence,
        doubled,
        told,
        price,
    ):
        app.add_template_filter(one)
    app.add_template_filter(numbers.minutes)


def language() -> str:
    """The language of this request."""
    return texts().language


def texts() -> Texts:
    """The texts of this request."""
    found = g.get("texts")
    if found is None:
        who = g.get("who")
        chosen = (who.language if who else None) or request.cookies.get(COOKIE)
        found = g.texts = Texts(chosen if chosen in LANGUAGES else _of_browser())
    return cast(Texts, found)


def gettext(message: str) -> str:
    """One sentence in the language of this request."""
    return texts().gettext(message)


def sentence(error: WattwardError) -> str:
    """What went wrong, in the language of this request."""
    return sentences.error(texts(), error)


def zone() -> ZoneInfo:
    """The time zone of the household."""
    found = g.get("zone")
    if found is None:
        found = g.zone = ZoneInfo(settings.text(guard.appliance().store, "site.timezone"))
    return cast(ZoneInfo, found)


def local_time(moment: datetime) -> str:
    """Date and time as the household's clocks show it."""
    return numbers.moment(moment.astimezone(zone()), language())


def local_day(day: date) -> str:
    """A calendar day."""
    return numbers.day(day, language())


def power(watts: float | None) -> str:
    """A power for people."""
    return numbers.power(watts, language())


def axis(watts: float) -> str:
    """A round power beside a curve."""
    kilowatts = watts / 1000
    places = 0 if kilowatts == round(kilowatts) else 1
    return f"{numbers.decimal(kilowatts, places, language())}{numbers.SPACE}kW"


def energy(wh: float | None) -> str:
    """An energy for people."""
    return numbers.energy(wh, language())


def seconds(duration_s: float) -> str:
    """A short time: `0.52 s`, `12 s`."""
    places = 2 if duration_s < 10 and round(duration_s, 2) != round(duration_s) else 0
    return f"{numbers.decimal(duration_s, places, language())}{numbers.SPACE}s"


def milliseconds(duration_s: float) -> str:
    """A very short time."""
    return f"{numbers.decimal(duration_s * 1000, 0, language())}{numbers.SPACE}ms"


def percent(share: float) -> str:
    """A share of a hundred."""
    return f"{numbers.decimal(share, 1 if 0 < share < 10 else 0, language())}{numbers.SPACE}%"


def quantity(name: str) -> str:
    """What a person calls a quantity: `voltage_l1_v` is "Voltage L1"."""
    parts = name.split("_")
    kind = next((key for key in QUANTITIES if name.startswith(key)), "")
    phases = "–".join(part.upper() for part in parts if part in ("l1", "l2", "l3"))
    return " ".join(filter(None, (gettext(QUANTITIES.get(kind, name)), phases)))


def amount(value: float | None, name: str) -> str:
    """A quantity's value with its unit, as finely as it helps somebody who checks a meter."""
    if value is None:
        return numbers.DASH
    unit = UNITS.get(name.rpartition("_")[2], "")
    if unit == "kWh":
        value /= 1000
    places = {"W": 1, "V": 1, "A": 2, "Hz": 2, "kWh": 3, "": 3}.get(unit, 1)
    return f"{numbers.decimal(value, places, language())}{numbers.SPACE if unit else ''}{unit}"


def filled(message: str, values: Mapping[str, object]) -> str:
    """A sentence with its placeholders filled; decimal numbers as people of this language write them."""
    comma = language() == "de"
    shown = {
        name: value.replace(".", ",") if comma and isinstance(value, str) and DECIMAL.fullmatch(value) else value
        for name, value in values.items()
    }
    return texts().filled(message, **shown)


def fault_sentence(found: Fault) -> str:
    """What is wrong, in the language of this request."""
    return sentences.fault(texts(), found)


def size(size_bytes: float) -> str:
    """The size of a file for people."""
    if size_bytes < 1_000_000:
        return f"{numbers.decimal(size_bytes / 1000, 0, language())}{numbers.SPACE}kB"
    return f"{numbers.decimal(size_bytes / 1_000_000, 1, language())}{numbers.SPACE}MB"


def option(code: str) -> tuple[str, str]:
    """An option of a list: its value and what a person calls it."""
    return code, LANGUAGES.get(code, code)


def told(sentence: Told) -> str:
    """Why a point does what it does; moments and places in it as people say them."""
    values = {
        name: local_time(value) if isinstance(value, datetime) else told(value) if isinstance(value, Told) else value
        for name, value in sentence.values.items()
    }
    return filled(sentence.message, values)


def result(of: Result) -> str:
    """What became of an attempt, in a word or two."""
    return gettext(RESULTS[of])


def price(per_kwh: Decimal) -> str:
    """A price with as many places as it has, two at least."""
    places = max(2, -int(per_kwh.as_tuple().exponent))
    return numbers.decimal(float(per_kwh), places, language())


def doubled(text: str) -> tuple[str, str]:
    """An option of a list that says what it is."""
    return text, text


def refusal(result: str) -> str:
    """Why a code was refused, for somebody who is signed in."""
    return gettext(REFUSALS.get(result, result))


def _of_browser() -> str:
    best = request.accept_languages.best_match(list(LANGUAGES))
    if best is None:
        with contextlib.suppress(StoreError):
            return settings.text(guard.appliance().store, "ui.language")
    return best or "en"
