"""What the pages of the charging settings have in common: they look at points, users and readers."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.settings import charging_settings_data
from ui.touch.screens.settings.charging_settings_data import ChargingSeen, PointSet
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


class PointPage(ChargingPage):
    """A page about one point, the first until one is chosen. It is left when its point is taken away."""

    point_id = 0

    def take_over(self, before: Page) -> None:
        """The same point in other colours."""
        super().take_over(before)
        if isinstance(before, PointPage):
            self.point_id = before.point_id

    def paint_charging(self, status: Status, seen: ChargingSeen) -> None:
        """Paint the point."""
        one = next((one for one in seen.points if self.point_id in (0, one.point.id)), None)
        if one is not None:
            self.point_id = one.point.id
            self.paint_point(status, one)
        elif self.point_id:
            self.app.go("charging_settings")

    def paint_point(self, status: Status, one: PointSet) -> None:
        """Paint a page's part of it."""
