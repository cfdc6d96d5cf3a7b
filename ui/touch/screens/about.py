"""What this appliance is and which version it runs."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import StringProperty

from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.status import Status


class AboutScreen(Page):
    """Name, version, what it does."""

    text = StringProperty("")

    def show(self, status: Status) -> None:
        """Paint name and version."""
        self.text = _("{name}, Wattward {version}").format(name=status.site, version=status.version)


Builder.load_file(__file__.removesuffix("py") + "kv")
