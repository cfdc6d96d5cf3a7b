"""What this appliance is and which version it runs."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import StringProperty

from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.status import Status


class AboutScreen(Page):
    """Name, version, what it does."""

    name_of_site = StringProperty("")
    version = StringProperty("")

    def show(self, status: Status) -> None:
        """Paint name and version."""
        self.name_of_site = status.site
        self.version = _("Wattward, version {version}").format(version=status.version)


Builder.load_file(__file__.removesuffix("py") + "kv")
