"""Updates: which version runs, where newer ones come from (nowhere yet), and how long there will be any."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance.system import board
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.status import Status


class UpdatesScreen(Page):
    """Version, source, support."""

    version = StringProperty("")
    support = StringProperty("")

    def show(self, status: Status) -> None:
        """Paint them."""
        self.version = _("Wattward, version {version}").format(version=status.version)
        self.support = _("Security updates until {date}.").format(
            date=numbers.day(board.SUPPORTED_UNTIL, status.language)
        )


Builder.load_file(__file__.removesuffix("py") + "kv")
