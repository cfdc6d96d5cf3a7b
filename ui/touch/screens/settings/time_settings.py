"""Date and time: a time server, the time zone, and setting both by hand."""

from __future__ import annotations

import zoneinfo
from calendar import monthrange
from datetime import datetime, timedelta

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit
from appliance.system import timekeeping
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.settings import choice, text_entry
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.status import Status

NEAR = (
    "Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/Amsterdam", "Europe/Brussels", "Europe/Luxembourg",
    "Europe/Paris", "Europe/Madrid", "Europe/Lisbon", "Europe/Rome", "Europe/London", "Europe/Dublin",
    "Europe/Copenhagen", "Europe/Oslo", "Europe/Stockholm", "Europe/Helsinki", "Europe/Tallinn", "Europe/Riga",
    "Europe/Vilnius", "Europe/Warsaw", "Europe/Prague", "Europe/Bratislava", "Europe/Budapest", "Europe/Ljubljana",
    "Europe/Zagreb", "Europe/Belgrade", "Europe/Bucharest", "Europe/Sofia", "Europe/Athens", "Europe/Istanbul",
)  # fmt: skip
OTHER = "other"


class TimeScreen(SettingPage):
    """Three rows, and what is so now."""

    managed = BooleanProperty(False)
    now = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._zone = "Europe/Berlin"

    def show(self, status: Status) -> None:
        """The time itself is in every look."""
        self.now = numbers.moment(status.now, status.language)
        super().show(status)

    def paint(self, status: Status, house: HouseSeen) -> None:
        """What each is now."""
        ids, time = self.ids, house.time
        self.managed = time is not None and time.managed
        self._zone = str(house.value("site.timezone"))
        ids.zone.value = self._zone
        ids.server.on = time is not None and time.server
        if time is None or not time.managed:
            ids.server.detail = _("set by this machine")
        elif not time.server:
            ids.server.detail = _("The time is set by hand.")
        else:
            ids.server.detail = _("in step") if time.in_step else _("not in step yet: is there a network?")

    def toggle_server(self) -> None:
        """Ask a time server, or do not."""
        it, on = self.app.it, not self.ids.server.on
        said = _("A time server is asked from now on.") if on else _("No time server is asked any more.")
        self.work(lambda: timekeeping.set_server(it, audit.TOUCH, on=on), said)

    def choose_zone(self) -> None:
        """One nearby, or any by its name."""
        zones = tuple((one, one.partition("/")[2]) for one in NEAR)
        choice.ask(
            self.app,
            choice.Wanted(
                _("Time zone"), self.name, (*zones, (OTHER, _("another …"))), self._zone, self._zone_chosen, in_two=True
            ),
        )

    def _zone_chosen(self, zone: str) -> None:
        if zone == OTHER:
            text_entry.ask(
                self.app,
                text_entry.Wanted(
                    _("Time zone"), self.name, self.set_zone, hint=_("A name like Europe/Berlin or America/New_York"),
                    text=self._zone, most=40,
                ),
            )  # fmt: skip
        else:
            self.set_zone(zone)

    def set_zone(self, zone: str) -> None:
        """Live in another time zone."""
        it = self.app.it
        known = {one.lower(): one for one in zoneinfo.available_timezones()}
        name = known.get(zone.strip().lower(), zone.strip())
        self.work(lambda: timekeeping.set_zone(it, audit.TOUCH, name), _("The time zone is {name}.").format(name=name))


class SetTimeScreen(SettingPage):
    """Five values with UP and DOWN; nothing counts before *Set*."""

    keeps = True
    zone = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._moment = datetime(2026, 1, 1)  # noqa: DTZ001 - local, as it is read from a clock on the wall

    def enter(self) -> None:
        """Begin with what the appliance believes."""
        super().enter()
        self._moment = self.app.status.now.replace(tzinfo=None, second=0, microsecond=0)
        self._paint()

    def turn(self, what: str, step: int) -> None:
        """One more or less of something."""
        one = self._moment
        if what == "minute":
            self._moment = one.replace(minute=(one.minute + step) % 60)
        elif what == "hour":
            self._moment = one.replace(hour=(one.hour + step) % 24)
        elif what == "day":
            self._moment = one + timedelta(days=step)
        elif what == "month":
            self._moment = _on_that_day(one, one.year, (one.month - 1 + step) % 12 + 1)
        else:
            self._moment = _on_that_day(one, max(2025, min(2060, one.year + step)), one.month)
        self._paint()

    def _paint(self) -> None:
        one, ids = self._moment, self.ids
        for name in ("day", "month", "hour", "minute"):
            ids[name].value = f"{getattr(one, name):02}"
        ids.year.value = str(one.year)

    def set(self) -> None:
        """Let it count."""
        it, moment = self.app.it, self._moment
        self.work(lambda: timekeeping.set_time(it, audit.TOUCH, moment), _("Date and time are set."))


def _on_that_day(moment: datetime, year: int, month: int) -> datetime:
    """The same day of another month, or its last where it has fewer."""
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


Builder.load_file(__file__.removesuffix("py") + "kv")
