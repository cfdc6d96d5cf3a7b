"""The settings, behind the PIN."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.settings.about import AboutScreen
from ui.touch.screens.settings.backups import BackupsScreen
from ui.touch.screens.settings.change_pin import ChangePinScreen
from ui.touch.screens.settings.menu import SettingsScreen
from ui.touch.screens.settings.meters import MetersScreen
from ui.touch.screens.settings.pin import PinScreen
from ui.touch.screens.settings.text_entry import TextEntryScreen
from ui.touch.screens.settings.web_admin import WebAdminScreen

TAB = "settings"
TABS: dict[str, str] = {}
SCREENS: dict[str, type[Page]] = {
    "pin": PinScreen,
    "settings": SettingsScreen,
    "web_admin": WebAdminScreen,
    "change_pin": ChangePinScreen,
    "backups": BackupsScreen,
    "meters": MetersScreen,
    "about": AboutScreen,
    "text_entry": TextEntryScreen,
}
