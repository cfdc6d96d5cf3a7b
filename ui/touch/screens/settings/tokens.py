"""Access tokens of apps and phones: who may connect; end one, or take its row away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from appliance import audit
from appliance.access import tokens
from appliance.access.tokens import Token
from appliance.opened import Opened
from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic

SHOWN = 100  # rows; more are in the web admin


@dataclass(frozen=True, slots=True)
class TokensSeen:
    """All tokens; and the switch of the service behind them."""

    all: tuple[Token, ...]


def look(it: Opened, status: Status) -> TokensSeen:
    """All tokens as they are now."""
    return TokensSeen(tuple(tokens.all(it.store, status.now)))


class TokenRow(basic.Tap):
    """One token in the list."""

    number = NumericProperty(0)
    title = StringProperty("")
    detail = StringProperty("")
    word = StringProperty("")
    icon = StringProperty("token")
    tint = ColorProperty((1, 1, 1, 1))  # set with the icon


def state_of(token: Token) -> tuple[str, str, tuple[float, ...]]:
    """State as icon, word and colour."""
    return {
        "pending": ("wait", _("pending"), theme.WARN),
        "active": ("good", _("active"), theme.GOOD),
        "revoked": ("refused", _("revoked"), theme.QUIET),
        "expired": ("late", _("expired"), theme.QUIET),
    }[token.state]


def used(token: Token, status: Status) -> str:
    """When it was last used, in words."""
    if token.last_used_at is None:
        return _("never used")
    when = numbers.moment(token.last_used_at.astimezone(status.now.tzinfo), status.language)
    return _("last used {when}").format(when=when)


class TokensScreen(SettingPage):
    """The list."""

    empty = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._seen: TokensSeen | None = None

    def enter(self) -> None:
        """Begin anew."""
        super().enter()
        self._seen = None

    def sight(self) -> Sight:
        """The tokens."""
        return Sight(look, every_s=2.0)

    def show(self, status: Status) -> None:
        """Paint the list when it changed."""
        found = self.seen(status, TokensSeen)
        if found is None or found == self._seen:
            return
        self._seen, self.empty = found, not found.all
        self.ids.rows.clear_widgets()
        for token in found.all[:SHOWN]:
            icon, word, tint = state_of(token)
            row = TokenRow(
                number=token.id, title=token.name, detail=used(token, status), word=word, icon=icon, tint=tint
            )
            row.bind(on_release=lambda row: self.open(row.number))
            self.ids.rows.add_widget(row)

    def open(self, number: int) -> None:
        """Look at one."""
        self.app.root.manager.get_screen("token").number = number
        self.app.go("token")


class TokenScreen(SettingPage):
    """One token: what it may, since when, and its end."""

    number = NumericProperty(0)
    title = StringProperty("")
    word = StringProperty("")
    icon = StringProperty("token")
    tint = ColorProperty((1, 1, 1, 1))  # set with the icon
    detail = StringProperty("")
    ends = BooleanProperty(False)  # it has ended
    there = BooleanProperty(False)

    def sight(self) -> Sight:
        """The tokens."""
        return Sight(look, every_s=1.0)

    def show(self, status: Status) -> None:
        """Paint it; when it is gone, go back."""
        found = self.seen(status, TokensSeen)
        if found is None:
            return
        token = next((one for one in found.all if one.id == self.number), None)
        self.there = token is not None
        if token is None:
            self.app.go("tokens")
            return
        self.title, self.ends = token.name, token.state in ("revoked", "expired")
        self.icon, self.word, self.tint = state_of(token)
        may = {"read": _("may look"), "charge": _("may look and charge"), "admin": _("may do everything")}[token.role]
        made = numbers.moment(token.created_at.astimezone(status.now.tzinfo), status.language)
        lines = [token.app, may, _("made {when}").format(when=made), used(token, status)]
        self.detail = "\n".join(line for line in lines if line)

    def ask_revoke(self) -> None:
        """Say what it means, and do it only then."""
        it, number = self.app.it, int(self.number)
        self.app.root.ask(
            _("Revoke {name}?").format(name=self.title),
            _("It cannot connect any more, at once and for ever. Its row stays in the list."),
            _("Revoke"),
            lambda: self.do(lambda: tokens.revoke(it, number, audit.TOUCH), _("It was revoked.")),
        )

    def ask_delete(self) -> None:
        """Say what it means, and do it only then."""
        it, number = self.app.it, int(self.number)
        self.app.root.ask(
            _("Delete {name}?").format(name=self.title),
            _("It cannot connect any more, and its row is gone."),
            _("Delete"),
            lambda: self.do(lambda: tokens.delete(it, number, audit.TOUCH)),
        )


Builder.load_file(__file__.removesuffix("py") + "kv")
