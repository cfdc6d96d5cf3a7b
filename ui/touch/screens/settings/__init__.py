"""The settings, behind the PIN."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.settings import charging_settings, measurement
from ui.touch.screens.settings.about import AboutScreen, LicencesScreen, WiringScreen
from ui.touch.screens.settings.backups import BackupsScreen, RecoveryCodeScreen
from ui.touch.screens.settings.change_pin import ChangePinScreen
from ui.touch.screens.settings.choice import ChoiceScreen
from ui.touch.screens.settings.communication import CommunicationScreen
from ui.touch.screens.settings.display_settings import DisplayScreen, NightScreen
from ui.touch.screens.settings.factory import FactoryScreen
from ui.touch.screens.settings.link import AddressScreen, WiredScreen
from ui.touch.screens.settings.menu import SettingsScreen
from ui.touch.screens.settings.pair_phone import PairPhoneScreen
from ui.touch.screens.settings.pin import PinScreen
from ui.touch.screens.settings.restore import RestoreOneScreen, RestoreScreen
from ui.touch.screens.settings.security import SecurityScreen
from ui.touch.screens.settings.security_overview import SecurityOverviewScreen
from ui.touch.screens.settings.services import ServicesScreen
from ui.touch.screens.settings.system import SystemScreen
from ui.touch.screens.settings.task import TaskScreen
from ui.touch.screens.settings.text_entry import TextEntryScreen
from ui.touch.screens.settings.time_settings import SetTimeScreen, TimeScreen
from ui.touch.screens.settings.tokens import TokenScreen, TokensScreen
from ui.touch.screens.settings.updates import UpdatesScreen
from ui.touch.screens.settings.web_admin import BrowsersScreen, WebAdminScreen
from ui.touch.screens.settings.wifi import WifiFindScreen, WifiScreen

TAB = "settings"
TABS: dict[str, str] = {}
SCREENS: dict[str, type[Page]] = {
    "pin": PinScreen,
    "settings": SettingsScreen,
    "web_admin": WebAdminScreen,
    "browsers": BrowsersScreen,
    "change_pin": ChangePinScreen,
    "backups": BackupsScreen,
    "about": AboutScreen,
    "text_entry": TextEntryScreen,
    "security": SecurityScreen,
    "security_overview": SecurityOverviewScreen,
    "tokens": TokensScreen,
    "token": TokenScreen,
    "pair_phone": PairPhoneScreen,
    "communication": CommunicationScreen,
    "wired": WiredScreen,
    "address": AddressScreen,
    "wifi": WifiScreen,
    "wifi_find": WifiFindScreen,
    "services": ServicesScreen,
    "display": DisplayScreen,
    "night": NightScreen,
    "recovery_code": RecoveryCodeScreen,
    "restore": RestoreScreen,
    "restore_one": RestoreOneScreen,
    "updates": UpdatesScreen,
    "system": SystemScreen,
    "time": TimeScreen,
    "set_time": SetTimeScreen,
    "factory": FactoryScreen,
    "licences": LicencesScreen,
    "wiring": WiringScreen,
    "choice": ChoiceScreen,
    "task": TaskScreen,
    **charging_settings.SCREENS,
    **measurement.SCREENS,
}
