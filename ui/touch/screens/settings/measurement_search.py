"""Look for a meter to add: on a serial line or at an address in the network. The core does the looking.

While it looks one may leave the page and find it again; what is found can be
set up at once.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from appliance import errors
from appliance.metering import scans
from appliance.metering.scans import Found
from ui.text import catalog
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.settings import measurement_data, text_entry
from ui.touch.screens.settings.measurement_data import SearchSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic

WANT_ON_S = 5.0  # how often the core is told that somebody still waits


class SearchScreen(SettingPage):
    """First where, then how far it is and what was found."""

    looking = BooleanProperty(False)  # a search was begun and its results are seen
    over = BooleanProperty(False)
    share = NumericProperty(0.0)
    place = StringProperty("")
    sentence = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._number: int | None = None
        self._listed: object = None
        self._address = ""  # typed before, to be corrected
        self._roles: tuple[str, ...] = ()
        self._wanting = Clock.create_trigger(lambda _dt: self._want_on(), WANT_ON_S, interval=True)

    def take_over(self, before: Page) -> None:
        """The same search: it went on while other pages were seen."""
        if isinstance(before, SearchScreen) and before._number is not None:
            self._number = before._number
            before._wanting.cancel()
            self._wanting()

    def sight(self) -> Sight:
        """How far the search is."""
        number = self._number

        def look(it: Any, status: Status) -> SearchSeen:  # noqa: ANN401 - the open appliance
            return measurement_data.search(it, status, number)

        return Sight(look, every_s=0.5, key=number)

    def show(self, status: Status) -> None:
        """Paint where to look, or what came of it."""
        if isinstance(status.page, errors.NotFound) and self._number is not None:
            self.begin_anew()
            return
        seen = self.seen(status, SearchSeen)
        if seen is None:
            return
        self._roles = seen.roles
        self.looking = seen.scan is not None
        if seen.scan is None:
            self._offer(seen)
        else:
            self._show_scan(seen)

    # Where -------------------------------------------------------------------------------------

    def _offer(self, seen: SearchSeen) -> None:
        if self._listed == ("where", seen.adapters):
            return
        self._listed = ("where", seen.adapters)
        rows = [("network", _("In the network"), _("by its address"), self.ask_address)]
        rows += [
            ("meter", _("On the line {name}").format(name=_short(path)), "RS-485", partial(self.begin, f"rtu://{path}"))
            for path in seen.adapters
        ]
        self._list(rows)
        if not seen.adapters:
            hint = basic.Message(text=_("No serial adapter is plugged in."), icon="usb", tint=theme.QUIET)
            self.ids.rows.add_widget(hint)

    def ask_address(self) -> None:
        """Type where to look in the network."""
        wanted = text_entry.Wanted(
            _("Address of the meter"), self.name, self._typed, hint=_("Like 192.168.1.30, or with a port :1502."),
            text=self._address, verb=_("Search"), most=80,
        )  # fmt: skip
        text_entry.ask(self.app, wanted)

    def _typed(self, address: str) -> None:
        self._address = address = address.strip()
        self.begin(address if "://" in address else f"tcp://{address}")

    def begin(self, url: str) -> None:
        """Let the core look there."""
        it = self.app.it
        self.answer = ""
        self.app.do(lambda: scans.begin(it, scans.wanted(url)), self._begun)

    def _begun(self, number: int | None, error: errors.WattwardError | None) -> None:
        if error is not None:
            self.say(self.app.sentence(error), good=False)
            return
        self._number, self._listed, self.over, self.share = number, None, False, 0.0
        self.place = self.sentence = ""
        self._wanting()
        self.app.look()

    def _want_on(self) -> None:
        """Somebody waits, also while another page is seen."""
        it, number = self.app.it, self._number
        if number is None or self.over:
            self._wanting.cancel()
            return
        self.app.do(lambda: scans.look(it, number).over, self._wanted_on)

    def _wanted_on(self, over: bool | None, error: errors.WattwardError | None) -> None:
        if over or error is not None:
            self._wanting.cancel()

    # What came of it ---------------------------------------------------------------------------

    def _show_scan(self, seen: SearchSeen) -> None:
        scan = seen.scan
        assert scan is not None  # noqa: S101 - asked before
        self.over, self.share = scan.over, measurement_data.percent(scan)
        at = scan.step
        self.place = (
            "" if at is None else _("{place}, unit {unit}").format(place=at.url.partition("?")[0], unit=at.unit)
        )
        self.sentence = self._told(seen)
        listed = self._listed if isinstance(self._listed, list) else []
        named_now = list(zip(scan.found, seen.known, strict=True))
        if isinstance(self._listed, list) and named_now == listed:
            return
        self._listed = named_now
        goes_on = bool(listed) and named_now[: len(listed)] == listed  # what stands there stays under the finger
        rows = []
        for one, name in named_now[len(listed) :] if goes_on else named_now:
            value = _("is {name}").format(name=name) if name is not None else _("unit {unit}").format(unit=one.unit)
            usable = name is None and one.candidates
            rows.append(("meter", named(one), value, partial(self._open, one) if usable else None))
        self._list(rows, clear=not goes_on)

    def _told(self, seen: SearchSeen) -> str:
        """How it goes, or how it ended, in a sentence."""
        scan = seen.scan
        assert scan is not None  # noqa: S101 - asked before
        if scan.message:
            return catalog.current().filled(scan.message, **scan.values)
        if not scan.over:
            return _("Looking for meters …")
        if scan.found:
            return _("Tap a meter to set it up.")
        if scan.noise:
            return _("Something is heard that cannot be understood: check speed, parity and termination.")
        return _("Nothing answers: check power, wires (swap A and B once) and that Modbus is on in the meter.")

    def _list(self, rows: list[tuple[str, str, str, Any]], *, clear: bool = True) -> None:
        box = self.ids.rows
        if clear:
            box.clear_widgets()
        for icon, title, value, tapped in rows:
            row = basic.Row(icon=icon, title=title, value=value, leads=tapped is not None)
            if tapped is not None:
                row.bind(on_release=lambda _row, tapped=tapped: tapped())
            box.add_widget(row)

    def _open(self, found: Found) -> None:
        page: Any = self.app.root.manager.get_screen("measurement_found")
        page.begin(found, self._roles, [meter.name for meter in self.app.status.meters])
        self.app.go("measurement_found")

    def stop(self) -> None:
        """Look no further, or look somewhere else."""
        it, number = self.app.it, self._number
        if self.over or number is None:
            self.begin_anew()
        else:
            self.app.do(lambda: scans.stop(it, number), lambda _result, _error: self.app.look())

    def begin_anew(self) -> None:
        """Where to look."""
        self._number, self._listed, self.over, self.looking = None, None, False, False
        self._wanting.cancel()
        self.app.look()


def named(found: Found) -> str:
    """What a find is called until it has a name."""
    if found.candidates:
        return found.candidates[0].title
    return found.identity or _("something that is no known meter")


def _short(path: str) -> str:
    """The end of a device's path."""
    name = path.rpartition("/")[2]
    return name if len(name) <= 18 else f"…{name[-17:]}"


Builder.load_file(__file__.removesuffix("py") + "kv")
