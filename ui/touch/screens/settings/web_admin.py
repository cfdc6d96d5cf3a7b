"""The web admin's window: enable it for ten minutes, see how to get in, close it."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, errors
from appliance.access import web_window
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.status import Status
from ui.touch.widgets import qr

assert qr  # noqa: S101 - used by web_admin.kv

CODE_PART = 3  # a 6-digit code is read in two halves
LINE_BYTES = 11  # of the fingerprint


class WebAdminScreen(Page):
    """Off: what Enable does. On: countdown, address, QR code, fingerprint, code."""

    open = BooleanProperty(False)
    left = StringProperty("")
    url = StringProperty("")
    fingerprint = StringProperty("")
    sign_in = StringProperty("")
    note = StringProperty("")

    def enter(self) -> None:
        """Begin without an old note."""
        self.note = ""

    def show(self, status: Status) -> None:
        """Paint the window."""
        web = status.web
        self.open = web.open
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


def in_lines(fingerprint: str) -> str:
    """All bytes of a fingerprint as browsers write them, in lines that fit."""
    pairs = fingerprint.split(":")
    return "\n".join(":".join(pairs[i : i + LINE_BYTES]) for i in range(0, len(pairs), LINE_BYTES))


Builder.load_file(__file__.removesuffix("py") + "kv")
