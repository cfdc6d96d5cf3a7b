"""What the pages of the charging settings have in common: they look at points, users and readers."""

from __future__ import annotations

from ui.touch.screens.settings import charging_settings_data
from ui.touch.screens.settings.charging_settings_data import ChargingSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status


class ChargingPage(SettingPage):
    """A page that looks at the charging settings instead of the house."""

    def sight(self) -> Sight:
        """Points, users, readers."""
        return Sight(charging_settings_data.look, every_s=2.0)

    def show(self, status: Status) -> None:
        """Paint them, once they were looked at."""
        seen = self.seen(status, ChargingSeen)
        if seen is not None:
            self.paint_charging(status, seen)

    def paint_charging(self, status: Status, seen: ChargingSeen) -> None:
        """Paint a page's part of it."""
