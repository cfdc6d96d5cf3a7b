"""Give a card to a user: by holding it to a reader now, or from an attempt that was refused lately.

1. Whose card? 2. Which reader, or which refused card. 3. Waiting, and how it went.
Leaving the page waits for no card any more.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from appliance import audit, errors
from appliance.charging import learning
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.charging import telling
from ui.touch.screens.settings import charging_settings_data
from ui.touch.screens.settings.charging_settings_data import ChargingSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic
from ui.touch.widgets.growing import Growing


class LearnCardScreen(SettingPage):
    """`step` is 'who', 'how' or 'wait'."""

    keeps = True
    step = StringProperty("who")
    title = StringProperty("")
    user_name = StringProperty("")
    left = StringProperty("")
    sentence = StringProperty("")
    icon = StringProperty("card")
    over = BooleanProperty(False)
    user_id = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._terminal = ""
        self._request: int | None = None
        self._listed: object = None
        self._rows = Growing(self.ids.rows)

    def enter(self) -> None:
        """Begin with whose card it is."""
        super().enter()
        self._begin()

    def forget(self) -> None:
        """Wait for no card any more."""
        self._stop_waiting()
        self._begin()

    def _begin(self) -> None:
        self.step, self._request, self._listed = "who", None, None

    def back(self) -> None:
        """One step back, from the first one to the settings."""
        self._stop_waiting()
        if self.step == "who":
            self.app.go("charging_settings")
        else:
            self.step = "who" if self.step == "how" else "how"
            self._request = self._listed = None
            self.answer = ""
            self.show(self.app.status)

    def _stop_waiting(self) -> None:
        if self.step == "wait" and not self.over and self._terminal:
            it, terminal = self.app.it, self._terminal
            self.app.do(lambda: learning.cancel(it.store, it.clock, terminal), lambda _result, _error: None)

    def sight(self) -> Sight:
        """Users, readers, unknown cards, and the card that is waited for."""
        number = self._request

        def look(it: Any, status: Status) -> ChargingSeen:  # noqa: ANN401 - the open appliance
            return charging_settings_data.look(it, status, number)

        return Sight(look, every_s=0.9, key=number)

    def show(self, status: Status) -> None:
        """Paint the step."""
        seen = self.seen(status, ChargingSeen)
        if self.step == "wait":
            self.title = _("A card for {name}").format(name=self.user_name)
            self._show_waiting(seen)
        elif seen is not None and self.step == "who":
            self.title = _("Whose card is it?")
            self._list(("who", seen.users), [
                ("person", user.name, "", partial(self._whose, user.id, user.name)) for user in seen.users
            ])  # fmt: skip
            self.ids.empty.text = "" if seen.users else _("No users yet. Add them in the web admin.")
        elif seen is not None:
            self.title = _("A card for {name}").format(name=self.user_name)
            self._list(("how", seen.readers, seen.unknown, status.language), self._ways(seen, status))
            nothing = _("No reader is set up, and no card was refused lately.")
            self.ids.empty.text = "" if seen.readers or seen.unknown else nothing

    def _ways(self, seen: ChargingSeen, status: Status) -> list[tuple[str, str, str, Any]]:
        """Hold it to a reader, or take one that was refused."""
        held = [
            (
                "card",
                _("Hold it to the reader {reader} now").format(reader=one.name),
                "",
                partial(self._ask, one.terminal),
            )
            for one in seen.readers
        ]
        refused = [
            (
                "history",
                _("Refused card {card}").format(card=f"••••{one.tail}"),
                telling.when(one.at.astimezone(status.now.tzinfo), status.now, status.language),
                partial(self._adopt, one.attempt_id),
            )
            for one in seen.unknown
        ]
        return held + refused

    def _list(self, key: object, rows: list[tuple[str, str, str, Any]]) -> None:
        if key == self._listed:
            return
        self._listed = key

        def make(number: int) -> basic.Row:
            icon, title, value, tapped = rows[number]
            row = basic.Row(icon=icon, title=title, value=value)
            row.bind(on_release=lambda _row: tapped())
            return row

        self._rows.put(len(rows), make)

    # Step by step ------------------------------------------------------------------------------

    def _whose(self, user_id: int, name: str) -> None:
        self.user_id, self.user_name, self.step = user_id, name, "how"
        self.show(self.app.status)

    def _ask(self, terminal: str) -> None:
        """The next card at this reader is theirs."""
        it, user_id = self.app.it, int(self.user_id)
        self._terminal, self._request, self.step, self.over = terminal, None, "wait", False
        self.icon, self.sentence, self.left = "card", _("Hold the card to the reader."), ""
        self.app.do(lambda: learning.ask(it.store, it.clock, terminal, user_id, actor=audit.TOUCH), self._asked)

    def _asked(self, number: int | None, error: errors.WattwardError | None) -> None:
        if error is not None:
            self._end("bad", self.app.sentence(error))
        self._request = number
        self.app.look()

    def _show_waiting(self, seen: ChargingSeen | None) -> None:
        request = None if seen is None else seen.request
        if self.over or request is None or request.id != self._request:
            return
        self.left = numbers.minutes(request.left_s / self.app.it.clock.speed)
        if request.outcome == "learned":
            self._end("good", _("The card now belongs to {name}.").format(name=self.user_name))
        elif request.outcome == "taken":
            holder = seen.holder if seen is not None else ""
            self._end("refused", _("This card belongs to {name} already.").format(name=holder))
        elif request.outcome == "random":
            self._end("refused", _(learning.CHANGES))
        elif request.outcome is not None or request.left_s <= 0:
            self._end("wait", _("No card came."))

    def _end(self, icon: str, sentence: str) -> None:
        self.icon, self.sentence, self.over, self.left = icon, sentence, True, ""

    def _adopt(self, attempt_id: int) -> None:
        """A card that was refused is theirs."""
        it, user_id = self.app.it, int(self.user_id)
        self.step, self.over, self._terminal = "wait", True, ""
        self.icon, self.sentence, self.left = "wait", _("One moment …"), ""

        def done(_result: object, error: errors.WattwardError | None) -> None:
            if error is not None:
                self._end("refused", self.app.sentence(error))
            else:
                self._end("good", _("The card now belongs to {name}.").format(name=self.user_name))

        self.app.do(lambda: learning.adopt(it.store, it.key(), it.clock, attempt_id, user_id, actor=audit.TOUCH), done)


Builder.load_file(__file__.removesuffix("py") + "kv")
