"""One way into the network, cable or Wi-Fi: how it is, and its address by DHCP or by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, errors
from appliance.network import links
from appliance.network.links import Address, Link
from appliance.system.tasks import Task
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.settings import task, text_entry
from ui.touch.screens.settings.communication import state_in_words
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.status import Status


class LinkScreen(SettingPage):
    """What WiredScreen and WifiScreen have in common."""

    kind = links.WIRED
    icon = StringProperty("ethernet")
    state = StringProperty("")
    detail = StringProperty("")
    good = BooleanProperty(False)
    managed = BooleanProperty(False)
    there = BooleanProperty(False)
    configured = BooleanProperty(False)

    def paint(self, status: Status, house: HouseSeen) -> None:
        """How it is."""
        network = house.network
        self.managed = network is not None and network.managed
        link = network.link(self.kind) if network is not None else Link(self.kind, "", links.ABSENT)
        self.there = bool(link.device)
        self.good = link.state == links.CONNECTED
        self.configured = link.state not in (links.NOT_CONFIGURED, links.ABSENT)
        if network is not None and not network.managed:
            self.state = _("The network of this machine is set with its own tools, not here.")
            self.detail = ""
            return
        self.paint_link(link)

    def paint_link(self, link: Link) -> None:
        """Its state and what belongs to it."""
        words = state_in_words(link)
        self.state = link.name if self.good and link.name else _("connected") if self.good else words
        lines = [", ".join(link.addresses[:2])] if self.good else []
        if self.good:
            lines.append(_("address by DHCP") if link.wanted.automatic else _("fixed address"))
        if link.mac:
            lines.append(f"MAC {link.mac}")
        self.detail = "\n".join(lines)


class WiredScreen(LinkScreen):
    """The network cable."""


class AddressScreen(SettingPage):
    """DHCP or a fixed address, for one link; nothing counts before *Save*."""

    keeps = True
    kind = StringProperty(links.WIRED)
    automatic = BooleanProperty(True)
    changed = BooleanProperty(False)
    wanted: Address = Address()

    def prepare(self, kind: str) -> None:
        """Another link."""
        self.kind, self.changed = kind, False

    def take_over(self, before: Page) -> None:
        """The same link in other colours, with what was typed."""
        super().take_over(before)
        if isinstance(before, AddressScreen):
            self.kind, self.changed = before.kind, before.changed

    def paint(self, status: Status, house: HouseSeen) -> None:
        """What is in force, until somebody changes it here."""
        if not self.changed and house.network is not None:
            link = house.network.link(self.kind)
            self.wanted = link.wanted
            if link.wanted.automatic and link.addresses:
                self.wanted = replace(link.wanted, address=link.addresses[0])  # a good one to begin with
        self.paint_fields()

    def paint_fields(self) -> None:
        """The five values."""
        one, ids = self.wanted, self.ids
        self.automatic = one.automatic
        ids.how.on = one.automatic
        ids.address.value = one.address or "–"
        ids.prefix.value = f"/{one.prefix}"
        ids.gateway.value = one.gateway or "–"
        ids.dns.value = ", ".join(one.dns) or "–"

    def toggle(self) -> None:
        """DHCP or not."""
        self.change(automatic=not self.wanted.automatic)

    def change(self, **fields: object) -> None:
        """Another value, not yet in force."""
        self.wanted, self.changed = replace(self.wanted, **fields), True  # type: ignore[arg-type]  # its own fields
        self.paint_fields()

    def type(self, title: str, field: str, text: str) -> None:
        """Let a value be typed."""

        def typed(text: str) -> None:
            value: object = text.strip()
            if field == "prefix":
                value = int(text) if text.strip().isdecimal() else 0
            elif field == "dns":
                value = tuple(text.replace(",", " ").split())
            self.change(**{field: value})

        text_entry.ask(
            self.app,
            text_entry.Wanted(
                title, self.name, typed, text=text, least=0, most=50, digits=True,
                hint=_("Four numbers with points, like 192.168.178.50") if field != "prefix" else "",
            ),
        )  # fmt: skip

    def save(self) -> None:
        """Let it count; what cannot be meant is said here, where it can be corrected."""
        it, kind, wanted = self.app.it, str(self.kind), self.wanted
        if wanted.automatic:
            wanted = Address()
        try:
            links.check(wanted)
        except errors.BadInput as error:
            self.say(self.app.sentence(error), good=False)
            return
        self.changed = False
        task.follow(
            self.app,
            task.Wanted(
                _("Network address"), kind, lambda: links.set_address(it, audit.TOUCH, kind, wanted),
                partial(_was_set, wanted), _("The address is being set."),
            ),
        )  # fmt: skip


def _was_set(wanted: Address, _task: Task) -> str:
    if wanted.automatic:
        return _("The router gives the address from now on.")
    return _("The address is {address} from now on.").format(address=wanted.address)


Builder.load_file(__file__.removesuffix("py") + "kv")
