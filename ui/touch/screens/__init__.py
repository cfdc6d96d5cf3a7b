"""The screens: one .py and one .kv each. `show` paints a Status, `enter` begins anew, `forget` drops typed input."""

from __future__ import annotations

from ui.touch.screens.about import AboutScreen
from ui.touch.screens.backups import BackupsScreen
from ui.touch.screens.base import Page
from ui.touch.screens.change_pin import ChangePinScreen
from ui.touch.screens.charging import ChargingScreen
from ui.touch.screens.energy import EnergyScreen
from ui.touch.screens.faults import FaultsScreen
from ui.touch.screens.meters import MetersScreen
from ui.touch.screens.pin import PinScreen
from ui.touch.screens.sessions import SessionsScreen
from ui.touch.screens.settings import SettingsScreen
from ui.touch.screens.web_admin import WebAdminScreen

SCREENS: dict[str, type[Page]] = {
    "energy": EnergyScreen,
    "charging": ChargingScreen,
    "sessions": SessionsScreen,
    "faults": FaultsScreen,
    "pin": PinScreen,
    "settings": SettingsScreen,
    "web_admin": WebAdminScreen,
    "change_pin": ChangePinScreen,
    "backups": BackupsScreen,
    "meters": MetersScreen,
    "about": AboutScreen,
}
# Everything under the settings tab is reached with the PIN only.
TAB_OF = {name: "settings" for name in SCREENS} | {
    "energy": "energy",
    "charging": "charging",
    "sessions": "sessions",
    "faults": "energy",
}
