"""Display: language, brightness, night, standby, first page, letters, colours, motion."""

from __future__ import annotations

from kivy.lang import Builder

from appliance.store import settings
from ui.text import numbers
from ui.text.catalog import LANGUAGES, _
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.status import Status

DIM_S = (15, 30, 60, 120, 300, 600)
OFF_S = (60, 120, 300, 600, 1800, 3600, 10800)
BRIGHTNESS = tuple(range(10, 101, 10))
HOURS = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30))


class DisplayScreen(SettingPage):
    """One row a setting; what this version does not know has no row."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._house = HouseSeen()

    def paint(self, status: Status, house: HouseSeen) -> None:
        """What each is now."""
        self._house, ids = house, self.ids
        ids.language.value = LANGUAGES[status.language]
        ids.theme.value = self._words("ui.theme")
        ids.brightness.value = _percent(house, "ui.brightness")
        ids.night.value = self._night()
        ids.dim.value = _span(house.value("ui.dim_after_s"))
        ids.off.value = _span(house.value("ui.off_after_s"))
        ids.start_page.value = self._words("ui.start_page")
        ids.idle_page.value = self._words("ui.idle_page")
        ids.large_text.on = bool(house.value("ui.large_text"))
        ids.motion.on = bool(house.value("ui.reduced_motion"))

    @staticmethod
    def _options(key: str) -> dict[str, str]:
        """The values of a setting in words."""
        return {
            "ui.theme": {"dark": _("dark"), "light": _("light"), "auto": _("light by day, dark by night")},
            "ui.start_page": {"energy": _("Energy"), "charging": _("Charging"), "flow": _("Live picture")},
            "ui.idle_page": {"clock": _("Clock and one value"), "off": _("Display off")},
        }[key]

    def _words(self, key: str) -> str:
        value = str(self._house.value(key))
        return self._options(key).get(value, value)

    def _night(self) -> str:
        begin, end = self._house.value("ui.night_from"), self._house.value("ui.night_to")
        return _("{begin} to {end}").format(begin=begin, end=end) if begin and end else _("off")

    # Choosing ----------------------------------------------------------------------------------

    def choose_words(self, title: str, key: str) -> None:
        """One of a few words."""
        options = self._options(key)
        allowed = settings.describe(key).choices
        pairs = tuple((value, words) for value, words in options.items() if value in allowed)
        self.choose(title, key, pairs, str(self._house.value(key)))

    def choose_language(self) -> None:
        """In its own words."""
        self.choose(_("Language"), "ui.language", tuple(LANGUAGES.items()), self.app.status.language)

    def choose_brightness(self, title: str, key: str) -> None:
        """In steps of ten."""
        now = str(self._house.value(key))
        self.choose(title, key, tuple((str(one), f"{one} %") for one in BRIGHTNESS), now)

    def choose_span(self, title: str, key: str, spans: tuple[int, ...]) -> None:
        """A time without a touch."""
        now = round(float(self._house.value(key)))
        self.choose(title, key, tuple((str(one), _span(one)) for one in spans), str(now))


class NightScreen(SettingPage):
    """From when to when, and how bright."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._house = HouseSeen()

    def paint(self, status: Status, house: HouseSeen) -> None:
        """What is so now."""
        self._house, ids = house, self.ids
        begin, end = str(house.value("ui.night_from")), str(house.value("ui.night_to"))
        ids.night.on = bool(begin and end)
        ids.begin.value, ids.end.value = begin or "–", end or "–"
        ids.brightness.value = _percent(house, "ui.night_brightness")

    def toggle(self) -> None:
        """Every night, or none."""
        on = not self.ids.night.on
        self.put("ui.night_from", "22:00" if on else "")
        self.put("ui.night_to", "06:00" if on else "")

    def choose_hour(self, title: str, key: str) -> None:
        """Half an hour apart."""
        self.choose(title, key, tuple((one, one) for one in HOURS), str(self._house.value(key)))

    def choose_brightness(self, title: str) -> None:
        """In steps of ten, dark enough to sleep beside."""
        key = "ui.night_brightness"
        low = round(settings.describe(key).low or 0)
        steps = tuple(dict.fromkeys((max(low, 1), 5, 10, 20, 30, 40, 50)))
        self.choose(title, key, tuple((str(one), f"{one} %") for one in steps), str(self._house.value(key)))


def _percent(house: HouseSeen, key: str) -> str:
    return f"{round(float(house.value(key)))} %"


def _span(seconds: object) -> str:
    """Seconds, minutes or hours in words."""
    whole = round(float(str(seconds)))
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    if whole < 3600:
        return _("{minutes} min").format(minutes=numbers.decimal(whole / 60, 0, "en"))
    return _("{hours} h").format(hours=numbers.decimal(whole / 3600, 0, "en"))


Builder.load_file(__file__.removesuffix("py") + "kv")
