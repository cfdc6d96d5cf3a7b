"""The first-run assistant: six steps, one at a time. It can be left at any step and goes on there.

Each step only leads to pages that exist anyway and says what is there already,
so nothing has to be done in order and nothing is asked twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, start
from appliance.errors import N_
from appliance.network import addresses
from appliance.opened import Opened
from appliance.store import settings
from ui.text import numbers
from ui.text.catalog import LANGUAGES, _
from ui.touch.screens.base import Page
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets.basic import Row, Tap


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its question, why it matters, and the pages that answer it (icon, words, page)."""

    name: str
    icon: str
    title: str
    text: str
    pages: tuple[tuple[str, str, str], ...] = ()


STEPS = (
    Step(
        "network", "network", N_("Network"),
        N_("Plug in a cable, or choose your Wi-Fi. Wattward works without the Internet, too."),
        (("wifi", N_("Wi-Fi"), "wifi"), ("ethernet", N_("Network cable"), "wired")),
    ),
    Step(
        "pin", "lock", N_("Settings PIN"),
        N_("4 digits that protect the settings. They open nothing else."),
        (("key", N_("Choose the PIN"), "pin"),),
    ),
    Step(
        "meters", "meter", N_("Meters"),
        N_("At least the meter at the grid. Wattward looks for meters in the network and on the wire."),
        (("search", N_("Find meters"), "measurement"),),
    ),
    Step(
        "points", "station", N_("Charging"),
        N_("The relay that releases the wallbox, and its meter."),
        (("station", N_("Charging points"), "charging_settings"),),
    ),
    Step(
        "users", "people", N_("People"),
        N_("Who may charge, each with a PIN or a card."),
        (("people", N_("Users"), "users"),),
    ),
    Step(
        "web", "phone", N_("Computer and phone"),
        N_("The web admin shows all of it on a large screen. Switch it on when you need it."),
        (("web", N_("Web admin"), "web_admin"), ("services", N_("Services"), "services")),
    ),
)  # fmt: skip
NAMES = [step.name for step in STEPS]
OTHERWISE = "web_admin"  # what has no page here is done in the web admin


@dataclass(frozen=True, slots=True)
class Found:
    """What the steps say is there already."""

    address: str | None = None
    users: int = 0


def look(it: Opened, status: Status) -> Found:
    """Look at it. Raises StoreError."""
    return Found(addresses.admin_url(it), len(status.people))


class Choice(Tap):
    """One of two ways that are equally good."""

    icon = StringProperty("info")
    title = StringProperty("")
    detail = StringProperty("")


class WelcomeScreen(Page):
    """Language, and then: set up anew, or restore a backup."""

    def next_language(self) -> None:
        """Speak the other language."""
        it, names = self.app.it, list(LANGUAGES)
        chosen = names[(names.index(self.app.status.language) + 1) % len(names)]
        self.app.do(lambda: settings.put(it.store, it.clock.now(), audit.TOUCH, "ui.language", chosen), _done)

    def show(self, status: Status) -> None:
        """Say which language is spoken; what was restored, or set up elsewhere meanwhile, needs no welcome."""
        if not status.setup:
            self.app.started()
            return
        self.ids.language.value = LANGUAGES[status.language]

    def begin(self) -> None:
        """Set up anew, at the first step."""
        it = self.app.it
        self.app.do(lambda: start.keep_step(it, NAMES[0]), lambda _result, _error: self.app.go("setup"))

    def restore(self) -> None:
        """Take everything from a backup."""
        self.app.root.lend("restore", "welcome")


class SetupScreen(Page):
    """The step that is due."""

    step = StringProperty(NAMES[0])
    counted = StringProperty("")
    icon = StringProperty("info")
    title = StringProperty("")
    text = StringProperty("")
    found = StringProperty("")
    is_done = BooleanProperty(False)
    is_last = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._painted: tuple[str, str] | None = None

    def enter(self) -> None:
        """Go on where it was left."""
        if self.app.status.setup in NAMES:
            self.step = self.app.status.setup
        self._painted = None

    def sight(self) -> Sight:
        """What is there already."""
        return Sight(look, every_s=2.0)

    def show(self, status: Status) -> None:
        """Paint the step."""
        step, number = STEPS[NAMES.index(self.step)], NAMES.index(self.step) + 1
        self.counted = _("Step {number} of {count}").format(number=number, count=len(STEPS))
        self.icon, self.title, self.text = step.icon, _(step.title), _(step.text)
        self.is_last = number == len(STEPS)
        self.found = FOUND[self.step](status, self.seen(status, Found))
        self.is_done = bool(self.found)
        if self._painted != (self.step, status.language):
            self._painted = (self.step, status.language)
            self.ids.pages.clear_widgets()
            for icon, words, page in step.pages:
                row = Row(icon=icon, title=_(words))
                row.bind(on_release=lambda _row, page=page: self.app.root.lend(page, "setup"))
                self.ids.pages.add_widget(row)

    def forward(self) -> None:
        """The next step; after the last one the appliance is set up."""
        place = NAMES.index(self.step)
        self._to(NAMES[place + 1] if place + 1 < len(NAMES) else start.DONE)

    def backward(self) -> None:
        """One step back; before the first one stands the welcome."""
        place = NAMES.index(self.step)
        if place:
            self._to(NAMES[place - 1])
        else:
            self.app.go("welcome")

    def _to(self, name: str) -> None:
        it = self.app.it
        self.app.do(lambda: start.keep_step(it, name), _done)
        if name == start.DONE:
            self.app.go("energy")
            return
        self.step = name
        self.show(self.app.status)

    def leave(self) -> None:
        """Later; the way back stands above every page."""
        self.app.go("energy")


def _done(_result: object, _error: object) -> None:
    """Nothing more is to do: the next look shows it."""


def _network(_status: Status, found: Found | None) -> str:
    url = found.address if found else None
    return _("Address: {address}").format(address=url.removeprefix("https://").rstrip("/")) if url else ""


def _pin(status: Status, _found: Found | None) -> str:
    return _("The PIN is set.") if status.pin_set else ""


def _meters(status: Status, _found: Found | None) -> str:
    names = ", ".join(meter.name for meter in status.meters[:3])
    more = len(status.meters) - 3
    return names + (f" +{more}" if more > 0 else "")


def _points(status: Status, _found: Found | None) -> str:
    return ", ".join(point.name for point in status.points[:3])


def _users(_status: Status, found: Found | None) -> str:
    count = found.users if found else 0
    return _("{count} may charge").format(count=numbers.decimal(count, 0, _status.language)) if count else ""


def _web(status: Status, _found: Found | None) -> str:
    return _("It is switched on.") if status.web.open else ""


FOUND: dict[str, Callable[[Status, Found | None], str]] = {
    "network": _network, "pin": _pin, "meters": _meters, "points": _points, "users": _users, "web": _web,
}  # fmt: skip


Builder.load_file(__file__.removesuffix("py") + "kv")
