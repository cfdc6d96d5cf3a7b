"""A code for a guest: how much energy, how long; then the PIN, large."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from kivy.lang import Builder
from kivy.properties import NumericProperty, StringProperty

from appliance import audit, errors
from appliance.charging import guests
from appliance.charging.extras import Extras
from appliance.charging.guests import GuestCode
from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic

ENERGIES_KWH = (10, 20, 40, 0)  # 0: as much as wanted
DAYS = (0, 2, 6, 29)  # today; besides today


class GuestCodeScreen(SettingPage):
    """Two rows of choices and one button."""

    keeps = True
    kwh = NumericProperty(20)
    days = NumericProperty(2)
    code = StringProperty("")
    told = StringProperty("")
    _makes = False  # one is being made: a second tap makes no other, which nobody would see

    def enter(self) -> None:
        """Begin anew: a code that was shown is not shown again."""
        super().enter()
        self.forget()

    def forget(self) -> None:
        """Take the code away."""
        self.code = self.told = ""

    def sight(self) -> Sight:
        """Nothing more than the Status is wanted."""
        return Sight(lambda _it, _status: None, every_s=3600.0)

    def show(self, status: Status) -> None:
        """Paint the choices."""
        energies = [(kwh, f"{kwh}{numbers.SPACE}kWh" if kwh else _("any amount")) for kwh in ENERGIES_KWH]
        spans = [
            (days, _("today") if not days else _("{count} days").format(count=days + 1)) for days in DAYS
        ]  # fmt: skip
        self._offer(self.ids.energies, energies, int(self.kwh), "kwh")
        self._offer(self.ids.spans, spans, int(self.days), "days")

    def _offer(self, box: Any, options: list[tuple[int, str]], chosen: int, name: str) -> None:  # noqa: ANN401 - a layout
        if len(box.children) != len(options):
            for value, _words in options:
                button = basic.TextButton(font_units=theme.SMALL, padding=(0, 0))
                button.bind(on_release=lambda _button, value=value: self._choose(name, value))
                box.add_widget(button)
        for button, (value, words) in zip(reversed(box.children), options, strict=True):
            button.text, button.icon = words, "check" if value == chosen else ""
            button.color = theme.ACCENT if value == chosen else theme.RAISED
            button.text_color = theme.ON_ACCENT if value == chosen else theme.TEXT

    def _choose(self, name: str, value: int) -> None:
        setattr(self, name, value)
        self.show(self.app.status)

    def make(self) -> None:
        """Make the code."""
        if self._makes:
            return
        self._makes = True
        it, status = self.app.it, self.app.status
        until = status.now.date() + timedelta(days=int(self.days))
        extras = Extras(cap_wh=int(self.kwh) * 1000 or None)

        def done(made: GuestCode | None, error: errors.WattwardError | None) -> None:
            self._makes = False
            if made is None:
                self.say(self.app.sentence(error) if error else "", good=False)
            else:
                self._tell(made, until)

        self.app.do(lambda: guests.make(it, extras, expires_on=until, actor=audit.TOUCH), done)

    def _tell(self, made: GuestCode, until: date) -> None:
        self.answer = ""
        self.code = made.code
        day = numbers.day(until, self.app.status.language)
        if made.identification.extras.cap_wh:
            words = _("Good for {energy}, through {day}. Write it down: it is not shown again.")
            energy = numbers.energy(made.identification.extras.cap_wh, self.app.status.language)
            self.told = words.format(energy=energy, day=day)
        else:
            self.told = _("Good through {day}. Write it down: it is not shown again.").format(day=day)


Builder.load_file(__file__.removesuffix("py") + "kv")
