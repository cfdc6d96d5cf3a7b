"""Communication: web admin, cable, Wi-Fi, services."""

from __future__ import annotations

from kivy.lang import Builder

from appliance.network import links
from appliance.network.links import Link
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.status import Status


def state_in_words(link: Link) -> str:
    """How a link is, in a few words."""
    if link.state == links.CONNECTED:
        return link.addresses[0] if link.addresses else _("connected")
    words = {
        links.CONNECTING: _("connecting"),
        links.OFF: _("not connected"),
        links.UNPLUGGED: _("no cable"),
        links.NOT_CONFIGURED: _("not configured"),
        links.FAILED: _("failed"),
        links.ABSENT: _("not there"),
    }
    return words[link.state]


class CommunicationScreen(SettingPage):
    """Four rows."""

    def paint(self, status: Status, house: HouseSeen) -> None:
        """What each is now."""
        ids = self.ids
        left = numbers.minutes(status.web.remaining_s)
        ids.web.value = _("on, {time} left").format(time=left) if status.web.open else _("off")
        ids.services.value = _("{count} on").format(count=house.services_on)
        network = house.network
        if network is None or not network.managed:
            ids.wired.value = ids.wifi.value = "" if network is None else _("set by this machine")
            return
        wired, wifi = network.link(links.WIRED), network.link(links.WIFI)
        ids.wired.value = state_in_words(wired)
        ids.wifi.value = wifi.name if wifi.state == links.CONNECTED else state_in_words(wifi)


Builder.load_file(__file__.removesuffix("py") + "kv")
