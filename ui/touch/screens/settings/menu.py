"""The settings' first page: one tile a subject, each with what it is now."""

from __future__ import annotations

from kivy.app import App
from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty

from appliance.network import links
from ui.text import numbers
from ui.text.catalog import LANGUAGES, _
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.status import Status
from ui.touch.widgets import basic


class Subject(basic.Tap):
    """One subject: icon, name, and below it what it is now."""

    icon = StringProperty("info")
    title = StringProperty("")
    value = StringProperty("")
    screen = StringProperty("")
    tint = ColorProperty((1, 1, 1, 1))  # set by menu.kv

    def on_release(self) -> None:
        """Go there."""
        if self.screen:
            App.get_running_app().go(self.screen)


class SettingsScreen(SettingPage):
    """The subjects."""

    def enter(self) -> None:
        """A subject without a page cannot be tapped."""
        super().enter()
        for tile in self.ids.values():
            tile.enabled = there(tile.screen)

    def show(self, status: Status) -> None:
        """Paint what each subject is now."""
        ids = self.ids
        ids.measurement.value = meters_in_words(status)
        ids.charging.value = _points(status)
        ids.backups.value = backup_in_words(status)
        ids.updates.value = _("version {version}").format(version=status.version)
        ids.about.value = status.site
        ids.display.value = LANGUAGES[status.language]
        super().show(status)

    def paint(self, status: Status, house: HouseSeen) -> None:
        """What had to be looked at."""
        ids = self.ids
        if status.web.default_password:
            ids.security.value = _("default web password")
        else:
            ids.security.value = _("{count} to look at").format(count=house.weak) if house.weak else _("all well")
        ids.communication.value = _communication(status, house)
        ids.system.value = str(house.value("site.timezone"))


def there(screen: str) -> bool:
    """Tell whether there is such a page."""
    from ui.touch.screens import SCREENS  # known once every part is imported

    return screen in SCREENS


def _communication(status: Status, house: HouseSeen) -> str:
    if status.web.open:
        return _("web admin {time}").format(time=numbers.minutes(status.web.remaining_s))
    if house.network is None:
        return _("web admin off")
    names = [
        one.name if one.kind == links.WIFI else _("cable")
        for one in house.network.links
        if one.state == links.CONNECTED
    ]
    return ", ".join(names) or (_("no network") if house.network.managed else _("web admin off"))


def _points(status: Status) -> str:
    if not status.points:
        return _("no charging point")
    words = {"locked": _("locked"), "free": _("free"), "authorized": _("with PIN or card")}
    return ", ".join(dict.fromkeys(words.get(point.mode, point.mode) for point in status.points))


def meters_in_words(status: Status) -> str:
    """How the meters are."""
    if not status.meters:
        return _("no meter")
    silent = [meter for meter in status.meters if meter.power_w is None]
    if silent:
        return _("{count} without data").format(count=len(silent))
    return _("all {count} well").format(count=len(status.meters))


def backup_in_words(status: Status) -> str:
    """When the last backup was made."""
    if status.backup_at is None:
        return _("none yet")
    if not status.backup_ok:
        return _("failed")
    same_day = status.backup_at.date() == status.now.date()
    time = numbers.clock_time(status.backup_at, status.language)
    return _("today {time}").format(time=time) if same_day else numbers.day(status.backup_at.date(), status.language)


Builder.load_file(__file__.removesuffix("py") + "kv")
