"""The users at a glance: who has which codes, who is blocked; block and unblock, which can be taken back."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from appliance import audit, errors
from appliance.charging import users
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.settings import charging_settings_data
from ui.touch.screens.settings.charging_settings_data import ChargingSeen, UserSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic
from ui.touch.widgets.growing import Growing


class UserLine(basic.Surface):
    """One user, and the button that blocks or unblocks."""

    user_id = NumericProperty(0)
    icon = StringProperty("person")
    tint = ColorProperty(theme.NOTHING)
    name = StringProperty("")
    detail = StringProperty("")
    blocked = BooleanProperty(False)

    __events__ = ("on_change",)

    def on_change(self) -> None:
        """Default handler."""


class UsersScreen(SettingPage):
    """The list."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._listed: list[UserSeen] = []
        self._list = Growing(self.ids.rows)

    def sight(self) -> Sight:
        """Users and their codes."""
        return Sight(charging_settings_data.look, every_s=2.0)

    def show(self, status: Status) -> None:
        """Rows stay where they are while their values change."""
        seen = self.seen(status, ChargingSeen)
        if seen is None:
            return
        before, self._listed = [user.id for user in self._listed], list(seen.users)
        if before != [user.id for user in seen.users]:
            self._list.put(len(seen.users), self._line)
        for line, user in zip(reversed(self.ids.rows.children), seen.users, strict=False):  # some are not made yet
            _paint(line, user)
        self.ids.empty.text = "" if seen.users else _("No users yet. Add them in the web admin.")

    def _line(self, number: int) -> UserLine:
        user = self._listed[number]
        line = UserLine(user_id=user.id)
        line.bind(on_change=partial(self._change))
        _paint(line, user)
        return line

    def _change(self, line: Any) -> None:  # noqa: ANN401 - a UserLine
        it, user_id, name, blocked = self.app.it, int(line.user_id), line.name, line.blocked
        change, back = (users.unblock, users.block) if blocked else (users.block, users.unblock)
        said = _("{name} may charge again.") if blocked else _("{name} is blocked and starts no more.")

        def done(_result: object, error: errors.WattwardError | None) -> None:
            if error is not None:
                self.say(self.app.sentence(error), good=False)
            else:
                undo = partial(back, it.store, it.clock, user_id, actor=audit.TOUCH)
                self.app.root.toast(said.format(name=name), undo=undo)
            self.app.look()

        self.app.do(lambda: change(it.store, it.clock, user_id, actor=audit.TOUCH), done)


def _paint(line: UserLine, user: UserSeen) -> None:
    line.name, line.blocked = user.name, user.blocked
    line.icon, line.tint, line.detail = _looks(user)


def _looks(user: UserSeen) -> tuple[str, theme.Colour, str]:
    """Icon, colour and words of a user."""
    codes = [_("PIN") if user.pins == 1 else _("{count} PINs").format(count=user.pins)] if user.pins else []
    if user.cards:
        codes.append(_("1 card") if user.cards == 1 else _("{count} cards").format(count=user.cards))
    words = ", ".join(codes) or _("no code yet")
    if user.guest:
        words = _("Guest") + ", " + words
    if user.blocked:
        return "lock", theme.BAD, _("blocked") + " · " + words
    if codes and not user.good:
        return "late", theme.WARN, _("expired or not active") + " · " + words
    return "person", theme.ACCENT if codes else theme.QUIET, words


Builder.load_file(__file__.removesuffix("py") + "kv")
