"""One session closely: who, when, from which counter reading to which, what it cost, and its power."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from appliance.opened import Opened
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.charging import session_data
from ui.touch.screens.charging.session_data import Closely
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import chart

assert chart  # noqa: S101 - used by session.kv


class Fact(BoxLayout):
    """What something is called, and what it is."""

    title = StringProperty("")
    text = StringProperty("")


class SessionScreen(Page):
    """Facts on the left; the power, and what to know, on the right."""

    back = StringProperty("sessions")
    title = StringProperty("")
    energy = StringProperty("")
    cost = StringProperty("")
    remark = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.session_id = 0
        self._shown: object = None

    def take_over(self, before: Page) -> None:
        """The same session in other colours."""
        if isinstance(before, SessionScreen):
            self.session_id = before.session_id

    def _hides(self, status: Status) -> bool:
        return status.private

    def sight(self) -> Sight | None:
        """The session."""
        number = self.session_id
        if self._hides(self.app.status):
            return None

        def look(it: Opened, status: Status) -> Closely:
            return session_data.closely(it, status, number)

        return Sight(look, every_s=5.0, key=number)

    def show(self, status: Status) -> None:
        """Paint it when it changed."""
        if self._hides(status):  # since a moment ago
            self.app.go("sessions")
            return
        seen = self.seen(status, Closely)
        if seen is None or (seen, status.language) == self._shown:
            return
        self._shown = (seen, status.language)
        session, language = seen.session, status.language
        began = session.began_at.astimezone(status.now.tzinfo)
        end = status.now if session.ended_at is None else session.ended_at.astimezone(status.now.tzinfo)
        self.title = session.user or _("Without authorization")
        self.energy = numbers.energy(seen.energy_wh, language)
        self.cost = "" if seen.cost is None else numbers.money(seen.cost, seen.currency, language)
        self.remark = " ".join(_(remark) for remark in session.remarks)
        box = self.ids.facts
        box.clear_widgets()
        for title, text in _facts(seen, status):
            box.add_widget(Fact(title=title, text=text))
        curve = self.ids.curve
        curve.language = language
        curve.ticks = [(0.0, numbers.clock_time(began, language)), (1.0, numbers.clock_time(end, language))]
        curve.series = [(theme.CAR, seen.curve)] if any(watts is not None for watts in seen.curve) else []
        self.ids.no_curve.text = "" if curve.series else _("No curve is kept of this session.")


class SessionBehindPinScreen(SessionScreen):
    """The same in the settings."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.back = "all_sessions"

    def _hides(self, status: Status) -> bool:
        return False


def _facts(seen: Closely, status: Status) -> list[tuple[str, str]]:
    """Rows of what is known."""
    one, language, zone = seen.session, status.language, status.now.tzinfo
    began = one.began_at.astimezone(zone)
    end = status.now if one.ended_at is None else one.ended_at.astimezone(zone)
    price = " / ".join(_per_kwh(text, seen.currency, language) for text in seen.per_kwh)
    ended = _("charging") if one.ended_at is None else sentences.end_reason(catalog.current(), one.end_reason)
    return [
        (_("Charging point"), one.point),
        (_("Card or PIN"), one.identification or numbers.DASH),
        (_("Begin"), numbers.moment(began, language)),
        (_("End"), numbers.DASH if one.ended_at is None else numbers.moment(end, language)),
        (_("Time"), numbers.duration(((one.ended_at or status.now.astimezone(UTC)) - one.began_at).total_seconds())),
        (_("Meter, begin"), _counter(one.begin_wh, language)),
        (_("Meter, end"), _counter(one.end_wh, language)),
        (_("Price per kWh"), price or numbers.DASH),
        (_("Ended by"), ended),
    ]


def _per_kwh(text: str, currency: str, language: str) -> str:
    """A price as it was set, to the cent at least: 0.34 € or 0.2855 €."""
    cents = numbers.money(Decimal(text), currency, language)
    places = len(text.rstrip("0").partition(".")[2])
    if places <= 2:
        return cents
    return f"{numbers.decimal(float(text), places, language)}{numbers.SPACE}{cents.rpartition(numbers.SPACE)[2]}"


def _counter(wh: int | None, language: str) -> str:
    """The meter's own counter, to the watt hour."""
    return numbers.DASH if wh is None else f"{numbers.decimal(wh / 1000, 3, language)}{numbers.SPACE}kWh"


Builder.load_file(__file__.removesuffix("py") + "kv")
