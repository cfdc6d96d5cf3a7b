"""The charging pages' sentences: what was decided, and what a point's mode allows until when. No Kivy here."""

from __future__ import annotations

from datetime import datetime

from appliance.charging import why
from appliance.charging.rules import Result
from appliance.charging.why import Told
from appliance.charging.windows import OUTSIDE
from appliance.errors import N_
from ui.text import catalog, numbers
from ui.text.catalog import _

MODES = {
    "authorized": N_("Only with a PIN or card"),
    "free": N_("Anybody: plug in and charge"),
    "time": N_("By the weekly plan"),
    "locked": N_("Nobody"),
}
PLANNED = {
    "authorized": N_("With a PIN or card until {time}"),
    "free": N_("Free for everybody until {time}"),
    OUTSIDE: N_("Locked by the weekly plan until {time}"),
}
AT_READER = why.AT_READER.partition("{")[0]
REFUSED = (why.REFUSED, *why.WHY.values(), why.DOUBT)


def told(one: Told, now: datetime, language: str) -> str:
    """A decision as a sentence."""
    values: dict[str, object] = dict(one.values)
    place = str(values.get("place", ""))
    if place.startswith(AT_READER):
        values["place"] = _(why.AT_READER).format(reader=place.removeprefix(AT_READER))
    elif place:
        values["place"] = _(place)
    if isinstance(since := values.get("since"), datetime):
        values["since"] = when(since.astimezone(now.tzinfo), now, language)
    if "kwh" in values:
        values["kwh"] = numbers.decimal(float(str(values["kwh"])), 2, language)
    return catalog.current().filled(one.message, **values)


def icon(one: Told) -> str:
    """The icon of a decision."""
    if one.message in REFUSED:
        return "refused"
    if one.message in why.DONE[Result.ACCEPTED]:
        return "unlock"
    if one.message == why.BEGAN:
        return "bolt"
    if one.message == why.ENDED:
        return "check"
    return "card" if one.message in why.DONE[Result.LEARNED] else "stop"


def when(moment: datetime, now: datetime, language: str) -> str:
    """14:05 today, else with its day."""
    time = numbers.clock_time(moment, language)
    said = time if moment.date() == now.date() else f"{numbers.weekday_and_day(moment, language)} {time}"
    return said.replace(" ", "\u00a0")  # in one line


def planned(mode: str, until: datetime | None, now: datetime, language: str) -> str:
    """What a weekly plan allows now, and how long."""
    if until is None:
        return _("Locked by the weekly plan") if mode == OUTSIDE else _(MODES["time"])
    return _(PLANNED[mode]).format(time=when(until, now, language))
