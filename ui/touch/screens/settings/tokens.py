"""Access tokens of apps and phones: who may connect; let one in, end it, or take its row away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from appliance import audit
from appliance.access import tokens, tokens_charging
from appliance.access.tokens import Token
from appliance.charging import users
from appliance.opened import Opened
from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.settings import choice, text_entry
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic

SHOWN = 100  # rows; more are in the web admin


@dataclass(frozen=True, slots=True)
class TokensSeen:
    """All tokens."""

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


@dataclass(frozen=True, slots=True)
class TokenSeen:
    """One token, whose charging it starts, and who there is."""

    token: Token | None
    user: int | None = None
    people: tuple[tuple[int, str], ...] = ()


def look_at(number: int, it: Opened, status: Status) -> TokenSeen:
    """One token as it is now."""
    token = next((one for one in tokens.all(it.store, status.now) if one.id == number), None)
    people = tuple((user.id, user.name) for user in users.all(it.store))
    return TokenSeen(token, None if token is None else tokens_charging.user_id(it, token), people)


class TokenScreen(SettingPage):
    """One token: what it may, since when, for whom; and its begin and end."""

    number = NumericProperty(0)
    title = StringProperty("")
    word = StringProperty("")
    icon = StringProperty("token")
    tint = ColorProperty((1, 1, 1, 1))  # set with the icon
    detail = StringProperty("")
    charges_for = StringProperty("")
    matching = StringProperty("")  # the number to compare, while it waits
    ends = BooleanProperty(False)  # it has ended
    there = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._seen = TokenSeen(None)

    def take_over(self, before: Page) -> None:
        """The same token in other colours."""
        if isinstance(before, TokenScreen):
            self.number = before.number

    def sight(self) -> Sight:
        """The token."""
        return Sight(partial(look_at, int(self.number)), every_s=1.0, key=self.number)

    def show(self, status: Status) -> None:
        """Paint it; when it is gone, go back."""
        found = self.seen(status, TokenSeen)
        if found is None:
            return
        token, self._seen = found.token, found
        self.there = token is not None
        if token is None:
            self.app.go("tokens")
            return
        self.title, self.ends = token.name, token.state in ("revoked", "expired")
        self.matching = token.matching_number if token.state == "pending" else ""
        self.icon, self.word, self.tint = state_of(token)
        may = {"read": _("may look"), "charge": _("may look and charge"), "admin": _("may do everything")}[token.role]
        made = numbers.moment(token.created_at.astimezone(status.now.tzinfo), status.language)
        made = _("made {when}").format(when=made)
        self.detail = "\n".join(line for line in (token.app, may, f"{made} · {used(token, status)}") if line)
        nobody = _("nobody") if token.may("charge") else numbers.DASH
        self.charges_for = dict(found.people).get(found.user or 0, nobody)

    def ask_confirm(self) -> None:
        """Compare the numbers, then let it in: the second click (reading 11)."""
        it, number = self.app.it, int(self.number)
        self.app.root.ask(
            _("Confirm {name}?").format(name=self.title),
            _("The app must show the same number: {number}").format(number=self.matching),
            _("Confirm"),
            lambda: self.do(lambda: tokens.confirm(it, number, audit.TOUCH), _("It can connect now.")),
        )

    def rename(self) -> None:
        """Call it something else."""
        it, number = self.app.it, int(self.number)
        text_entry.ask(
            self.app,
            text_entry.Wanted(
                _("Name"), self.name, lambda text: self.do(lambda: tokens.rename(it, number, text, audit.TOUCH)),
                text=self.title, most=tokens.LONGEST_NAME,
            ),
        )  # fmt: skip

    def choose_user(self) -> None:
        """Whose charging it starts."""
        it, number = self.app.it, int(self.number)
        options = (("0", _("Nobody: it starts no charging")), *((str(one), name) for one, name in self._seen.people))

        def chosen(user: str) -> None:
            self.do(lambda: tokens_charging.lend(it, number, int(user) or None, audit.TOUCH))

        hint = _("What it starts is charged to this person.")
        choice.ask(
            self.app,
            choice.Wanted(_("It charges for"), self.name, options, str(self._seen.user or 0), chosen, hint),
        )

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
