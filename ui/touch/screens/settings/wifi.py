"""Wi-Fi: how it is, set it up by choosing a name and typing its password, forget it (A003-25, A003-26)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from appliance import audit, errors
from appliance.network import links
from appliance.network.links import Found, Link
from appliance.opened import Opened
from appliance.system import tasks
from appliance.system.tasks import Task
from ui.text import catalog
from ui.text.catalog import _
from ui.touch.screens.settings import task, text_entry
from ui.touch.screens.settings.link import LinkScreen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic

BARS = ((75, "wifi4"), (50, "wifi3"), (25, "wifi2"), (0, "wifi1"))  # from so many per cent on


def bars(strength: int) -> str:
    """The icon of a strength."""
    return next(icon for least, icon in BARS if strength >= least)


class WifiScreen(LinkScreen):
    """The Wi-Fi in use."""

    kind = links.WIFI

    def paint_link(self, link: Link) -> None:
        """Its state, and what to do next."""
        super().paint_link(link)
        self.icon = bars(link.strength) if self.good else "no_wifi"
        if self.good:
            self.state = _("{name} · {percent} %").format(name=link.name, percent=link.strength)
        if not self.configured:
            self.detail = _("Choose Set up Wi-Fi, then the name of your Wi-Fi and its password.")

    def ask_forget(self) -> None:
        """Say what it means, and do it only then."""
        it = self.app.it
        self.app.root.ask(
            _("Reset the Wi-Fi?"),
            _("Name and password of the Wi-Fi are erased, and the connection ends. The network cable is not touched.")
            + "\n"
            + _("Without a cable, web admin and apps cannot reach this appliance until Wi-Fi is set up again."),
            _("Reset"),
            lambda: self.work(lambda: links.forget_wifi(it, audit.TOUCH), _("Name and password are erased.")),
        )


@dataclass(frozen=True, slots=True)
class Search:
    """A search for Wi-Fis, as far as it is."""

    task: Task | None


class WifiRow(basic.Tap):
    """One Wi-Fi in reach."""

    title = StringProperty("")
    detail = StringProperty("")
    icon = StringProperty("wifi1")
    locked = BooleanProperty(False)


class WifiFindScreen(SettingPage):
    """Those in reach; one is chosen, its password typed, and it is joined."""

    searching = BooleanProperty(False)
    empty = BooleanProperty(False)
    count = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._number: int | None = None
        self._shown: tuple[Found, ...] | None = None

    def enter(self) -> None:
        """Search at once."""
        super().enter()
        self.search()

    def search(self) -> None:
        """Search anew."""
        it = self.app.it
        self.searching, self.empty = True, False
        self.app.do(lambda: links.find_wifi(it, audit.TOUCH), self._begun)

    def _begun(self, number: int | None, error: errors.WattwardError | None) -> None:
        if error is not None:
            self._number = None
            self.searching = False
            self.say(self.app.sentence(error), good=False)
        else:
            self._number = number
        self.app.look()

    def sight(self) -> Sight:
        """The search."""
        number = self._number

        def look(it: Opened, _status: Status) -> Search:
            return Search(None if number is None else tasks.look(it.live, number))

        return Sight(look, every_s=0.5, key=number)

    def show(self, status: Status) -> None:
        """Paint what was found."""
        found = self.seen(status, Search)
        if found is None or found.task is None or not found.task.over:
            return
        self.searching = False
        if found.task.state == "failed":
            self.say(catalog.current().filled(found.task.message, **found.task.values), good=False)
        wifis = links.found(found.task)
        self.empty = not wifis and not self.answer
        if wifis == self._shown:
            return
        self._shown, self.count = wifis, len(wifis)
        self.ids.rows.clear_widgets()
        for one in wifis:
            row = WifiRow(title=one.name, icon=bars(one.strength), locked=one.secured)
            row.detail = "" if one.supported else _("needs an account of a company or school")
            row.enabled = one.supported
            row.bind(on_release=lambda _row, one=one: self.choose_one(one))
            self.ids.rows.add_widget(row)

    # Joining -----------------------------------------------------------------------------------

    def choose_one(self, one: Found) -> None:
        """Ask for the password, if there is one."""
        if not one.secured:
            self.join(one.name, "", sae=False, hidden=False)
            return
        text_entry.ask(
            self.app,
            text_entry.Wanted(
                one.name, self.name, lambda password: self.join(one.name, password, sae=one.sae, hidden=False),
                hint=_("Password of the Wi-Fi: 8 to 63 characters"), verb=_("Connect"), secret=True, least=8, most=63,
                stays=True,
            ),
        )  # fmt: skip

    def other(self) -> None:
        """A Wi-Fi that does not tell its name."""
        text_entry.ask(
            self.app,
            text_entry.Wanted(
                _("Hidden Wi-Fi"), self.name, self._name_typed, hint=_("Its name"), verb=_("Next"), most=32, stays=True
            ),
        )

    def _name_typed(self, name: str) -> None:
        text_entry.ask(
            self.app,
            text_entry.Wanted(
                name, self.name, lambda password: self.join(name, password, sae=False, hidden=True),
                hint=_("Password of the Wi-Fi: 8 to 63 characters"), verb=_("Connect"), secret=True, least=8, most=63,
                stays=True,
            ),
        )  # fmt: skip

    def join(self, name: str, password: str, *, sae: bool, hidden: bool) -> None:
        """Join it, and follow that."""
        it = self.app.it
        task.follow(
            self.app,
            task.Wanted(
                name, "wifi",
                lambda: links.join_wifi(it, audit.TOUCH, name, password, sae=sae, hidden=hidden),
                lambda done: _("Connected with {name}.").format(name=done.result.get("name", "")),
                _("Connecting"),
            ),
        )  # fmt: skip


Builder.load_file(__file__.removesuffix("py") + "kv")
