"""The web admin's window: enable it for ten minutes, see how to get in, close it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from appliance import audit, errors
from appliance.access import web_sessions, web_window
from appliance.access.web_sessions import Browser
from appliance.opened import Opened
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic, qr

assert qr  # noqa: S101 - used by web_admin.kv

CODE_PART = 3  # a 6-digit code is read in two halves
LINE_BYTES = 11  # of the fingerprint


@dataclass(frozen=True, slots=True)
class BrowsersSeen:
    """Who is signed in."""

    all: tuple[Browser, ...]


def look(it: Opened, _status: Status) -> BrowsersSeen:
    """Signed-in browsers as they are now."""
    return BrowsersSeen(tuple(web_sessions.all_of(it)))


class WebAdminScreen(Page):
    """Off: what Enable does. On: countdown, address, QR code, fingerprint, code."""

    open = BooleanProperty(False)
    left = StringProperty("")
    url = StringProperty("")
    fingerprint = StringProperty("")
    sign_in = StringProperty("")
    note = StringProperty("")
    browsers = NumericProperty(0)

    def enter(self) -> None:
        """Begin without an old note."""
        self.note, self.browsers = "", 0

    def sight(self) -> Sight:
        """Who is signed in."""
        return Sight(look, every_s=1.0)

    def show(self, status: Status) -> None:
        """Paint the window."""
        web, found = status.web, self.seen(status, BrowsersSeen)
        self.open = web.open
        self.browsers = len(found.all) if found is not None else 0
        self.left = numbers.minutes(web.remaining_s)
        self.url = web.url or ""
        self.fingerprint = in_lines(web.fingerprint)
        code = f"{web.presence_code[:CODE_PART]} {web.presence_code[CODE_PART:]}".strip()
        self.sign_in = _("admin / admin, code {code}").format(code=code) if code else ""
        if web.open and not web.url:
            self.note = _("No network: connect a cable or Wi-Fi.")
        elif web.default_password:
            self.note = _("The password is still the default one: sign in as admin and choose another.")
        else:
            self.note = ""

    def enable(self) -> None:
        """Open the port for ten minutes from now."""
        it = self.app.it
        self.app.do(lambda: web_window.enable(it.store, it.clock, audit.TOUCH), self._done)

    def close(self) -> None:
        """Close the port now."""
        it = self.app.it
        self.app.do(lambda: web_window.close(it.store, it.clock, audit.TOUCH), self._done)

    def _done(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is not None:
            self.note = self.app.sentence(error)


class BrowserRow(basic.Surface):
    """One signed-in browser, and the way to sign it out."""

    number = NumericProperty(0)
    title = StringProperty("")
    detail = StringProperty("")
    owner = ObjectProperty(None)


class BrowsersScreen(SettingPage):
    """Signed-in browsers."""

    empty = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._seen: BrowsersSeen | None = None

    def sight(self) -> Sight:
        """Who is signed in."""
        return Sight(look, every_s=1.0)

    def show(self, status: Status) -> None:
        """Paint the list when it changed."""
        found = self.seen(status, BrowsersSeen)
        if found is None or found == self._seen:
            return
        self._seen, self.empty = found, not found.all
        self.ids.rows.clear_widgets()
        for one in found.all:
            since = numbers.clock_time(one.signed_in_at.astimezone(status.now.tzinfo), status.language)
            row = BrowserRow(
                number=one.id,
                title=_("{name} since {time}").format(name=one.name, time=since),
                detail=f"{one.address} · {kind_of(one.browser)}",
            )
            row.owner = self
            self.ids.rows.add_widget(row)

    def sign_out(self, number: int) -> None:
        """Send one away."""
        it = self.app.it
        self.do(lambda: web_sessions.end(it, number, audit.TOUCH), _("It was signed out."))


def kind_of(browser: str) -> str:
    """What a browser calls itself, in a word that people know."""
    names = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
    shown = {"Edg": "Edge", "OPR": "Opera"}
    return next((shown.get(name, name) for name in names if name in browser), browser[:30] or "?")


def in_lines(fingerprint: str) -> str:
    """All bytes of a fingerprint as browsers write them, in lines that fit."""
    pairs = fingerprint.split(":")
    return "\n".join(":".join(pairs[i : i + LINE_BYTES]) for i in range(0, len(pairs), LINE_BYTES))


Builder.load_file(__file__.removesuffix("py") + "kv")
