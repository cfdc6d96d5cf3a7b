"""The web admin's window: enable it for ten minutes, see how to get in, close it, reset its password."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, errors
from appliance.access import web_accounts, web_window
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.status import Status
from ui.touch.widgets import qr

assert qr  # noqa: S101 - used by web_admin.kv

CODE_PART = 3  # a 6-digit code is read in two halves


class WebAdminScreen(Page):
    """Off: why, and Enable. On: countdown, address, QR code, fingerprint, code."""

    open = BooleanProperty(False)
    left = StringProperty("")
    url = StringProperty("")
    fingerprint = StringProperty("")
    code = StringProperty("")
    note = StringProperty("")
    asking = BooleanProperty(False)  # reset of the password waits for its confirmation

    def enter(self) -> None:
        """Begin without a half-confirmed reset."""
        self.asking, self.note = False, ""

    def forget(self) -> None:
        """A half-confirmed reset is none."""
        self.asking = False

    def show(self, status: Status) -> None:
        """Paint the window."""
        web = status.web
        self.open = web.open
        self.left = numbers.minutes(web.remaining_s)
        self.url = web.url or ""
        self.fingerprint = _short(web.fingerprint)
        self.code = f"{web.presence_code[:CODE_PART]} {web.presence_code[CODE_PART:]}".strip()
        if web.open and not web.url:
            self.note = _("No network: connect a cable or Wi-Fi.")
        elif web.default_password:
            self.note = _("Sign in as admin, password admin, with the code shown while the web admin is on.")
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

    def reset_password(self) -> None:
        """First tap asks, second resets."""
        if not self.asking:
            self.asking = True
            return
        self.asking = False
        it = self.app.it
        self.app.do(lambda: web_accounts.reset_admin(it, audit.TOUCH), self._done)

    def _done(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is not None:
            self.note = self.app.sentence(error)


def _short(fingerprint: str) -> str:
    """The first 8 bytes, in pairs, as the browser shows them first."""
    return " ".join(fingerprint.split(":")[:8])


Builder.load_file(__file__.removesuffix("py") + "kv")
