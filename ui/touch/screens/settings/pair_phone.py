"""Pair a phone: switch the service on, scan the code, compare the number, let it in.

The secret is on the screen only while this page is seen and the display awake.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, errors
from appliance.access import app_service, tokens
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.settings import pair_phone_data as data
from ui.touch.screens.settings.pair_phone_data import Begun, PairSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.screens.settings.web_admin import in_lines
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import qr

assert qr  # noqa: S101 - used by pair_phone.kv


class PairPhoneScreen(SettingPage):
    """One phone; `state` is one of those of `pair_phone_data`."""

    keeps = True
    state = StringProperty("")
    address = StringProperty("")  # with the secret
    plain = StringProperty("")  # without
    fingerprint = StringProperty("")
    number = StringProperty("")  # to compare
    sentence = StringProperty("")  # when there is nothing to scan or compare
    verb = StringProperty("")
    busy = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._token = 0
        self._question = 0  # answers to older questions are not shown

    def enter(self) -> None:
        """Begin anew."""
        super().enter()
        self._token, self.state, self.busy, self.number = 0, "", False, ""

    def forget(self) -> None:
        """Take the secret away; who comes back gets another."""
        self.address = ""
        self._question += 1
        self.busy = False

    def take_over(self, before: Page) -> None:
        """In other colours it begins anew."""
        if isinstance(before, PairPhoneScreen):
            before.on_pre_leave()

    def on_pre_leave(self, *_args: object) -> None:
        """A token that no phone took is not needed any more."""
        it, number = self.app.it, self._token
        self._token, self.state = 0, ""
        if number:
            self.app.do(lambda: data.drop(it, number), lambda _result, _error: None)

    def sight(self) -> Sight:
        """The token of this pairing."""
        number = self._token
        return Sight(partial(_look, number), every_s=0.9, key=number)

    def show(self, status: Status) -> None:
        """Paint what is to be done now."""
        seen = self.seen(status, PairSeen)
        if seen is None or self.busy:
            return
        before, self.state = self.state, data.state(seen, self._token)
        self.plain = (seen.address or "").removeprefix("https://").rstrip("/")
        self.fingerprint = in_lines(seen.fingerprint)
        self.number = "" if seen.token is None else seen.token.matching_number
        if self.state in (data.READY, data.SCAN) and not self.address and (self._token or self.app.dimness > 0):
            self.state = data.GONE  # nobody looks: the code was taken away
        elif self.state == data.READY:
            self.begin()
        elif self.state == data.ASKS and before != data.ASKS:
            self.address = ""
            self.app.wake()
        elif self.state == data.IN:
            self._open_token()
        self._say_state()

    def _say_state(self) -> None:
        self.sentence, self.verb = {
            data.OFF: (
                _("Apps and phones cannot connect: their service is switched off and its port is closed."),
                _("Switch it on"),
            ),
            data.NO_NETWORK: (_("No network: connect a cable or Wi-Fi."), ""),
            data.GONE: (_("The code is not valid any more."), _("Show a new code")),
        }.get(self.state, ("", ""))

    def act(self) -> None:
        """The button below the sentence."""
        if self.state == data.OFF:
            self.put(app_service.SWITCH, "on")
        elif self.state == data.GONE:
            self.on_pre_leave()
            self.begin()

    def begin(self) -> None:
        """Make a token and show its code."""
        it = self.app.it
        self._question += 1
        self.busy = True
        self.app.do(lambda: data.begin(it), partial(self._begun, self._question))

    def _begun(self, question: int, begun: Begun | None, error: errors.WattwardError | None) -> None:
        it = self.app.it
        if begun is not None and question != self._question:  # nobody waits for it any more
            self.app.do(lambda: data.drop(it, begun.number), lambda _result, _error: None)
            return
        self.busy = False
        if begun is None:
            self.say(self.app.sentence(error) if error else "", good=False)
            return
        self._token, self.address, self.state = begun.number, begun.address, data.SCAN
        self.app.look()

    def let_in(self, *, may_charge: bool) -> None:
        """The numbers are the same."""
        it, number = self.app.it, self._token
        self.do(lambda: data.confirm(it, number, may_charge=may_charge))

    def refuse(self) -> None:
        """They are not: it is nobody's phone of this house."""
        it, number = self.app.it, self._token
        self._token = 0
        self.app.do(lambda: tokens.delete(it, number, audit.TOUCH), lambda _result, _error: None)
        self.app.go("tokens")

    def _open_token(self) -> None:
        """It is in: its own page says the rest."""
        self.app.root.manager.get_screen("token").number = self._token
        self._token = 0
        self.app.root.toast(_("The phone is connected."))
        self.app.go("token")


def _look(number: int, it: Any, status: Status) -> PairSeen:  # noqa: ANN401 - the open appliance
    return data.look(it, status, number)


Builder.load_file(__file__.removesuffix("py") + "kv")
