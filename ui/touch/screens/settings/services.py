"""Services that listen in the local network, each with its switch (A003-38): off is off, its port is closed."""

from __future__ import annotations

from kivy.lang import Builder

from appliance.store import settings
from ui.text.catalog import _
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.status import Status
from ui.touch.widgets.switch import SwitchRow

ICONS = {"service.phone": "phone", "service.sunspec": "meter", "service.metrics": "curve", "service.mdns": "search"}


class ServicesScreen(SettingPage):
    """One switch a service."""

    def paint(self, status: Status, house: HouseSeen) -> None:
        """What is on."""
        switches = [one for one in settings.TABLE if one.key.startswith("service.") and one.type is bool]
        box = self.ids.rows
        if len(box.children) != len(switches):
            box.clear_widgets()
            for one in switches:
                row = SwitchRow(icon=ICONS.get(one.key, "services"), title=_(one.label))
                row.bind(on_release=lambda row, key=one.key: self.put(key, "off" if row.on else "on"))
                box.add_widget(row)
        for row, one in zip(reversed(box.children), switches, strict=True):
            row.on = bool(house.value(one.key))
            port = settings.KEYS.get(f"{one.key}_port")
            number = 5353 if one.key == "service.mdns" else house.value(port.key) if port is not None else None
            row.detail = _("port {number}").format(number=number) if number is not None else ""


Builder.load_file(__file__.removesuffix("py") + "kv")
