"""Restore: choose a backup, read what it means, hold to confirm; the core does it and starts anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, errors
from appliance.backup import key
from appliance.opened import Opened
from appliance.system import restoring
from appliance.system.restoring import Offered
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.settings import task, text_entry
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.screens.settings.system import charging_now
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic


@dataclass(frozen=True, slots=True)
class OfferedSeen:
    """What can be put back."""

    all: tuple[Offered, ...]


def look(it: Opened, _status: Status) -> OfferedSeen:
    """All files within reach."""
    return OfferedSeen(tuple(restoring.offered(it)))


class BackupRow(basic.Tap):
    """One backup."""

    icon = StringProperty("save")
    title = StringProperty("")
    detail = StringProperty("")


def in_words(one: Offered, status: Status) -> tuple[str, str]:
    """When it was made, and where it lies."""
    where = _("on the USB stick") if one.target == "usb" else _("on the card")
    size = _("{size} MB").format(size=numbers.decimal(one.size_bytes / 1e6, 1, status.language))
    if one.made_at is None:
        return one.path.name.removesuffix(".tar.gz.age"), f"{where} · " + _("needs its recovery code")
    return numbers.moment(one.made_at.astimezone(status.now.tzinfo), status.language), f"{where} · {size}"


class RestoreScreen(SettingPage):
    """The list."""

    empty = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._seen: OfferedSeen | None = None

    def sight(self) -> Sight:
        """Card and stick."""
        return Sight(look, every_s=3.0)

    def show(self, status: Status) -> None:
        """Paint the list when it changed."""
        found = self.seen(status, OfferedSeen)
        if found is None or found == self._seen:
            return
        self._seen, self.empty = found, not found.all
        self.ids.rows.clear_widgets()
        for one in found.all:
            title, detail = in_words(one, status)
            row = BackupRow(icon="usb" if one.target == "usb" else "save", title=title, detail=detail)
            row.bind(on_release=lambda _row, one=one: self.open(one))
            self.ids.rows.add_widget(row)

    def open(self, one: Offered) -> None:
        """Say what restoring it means."""
        page: RestoreOneScreen = self.app.root.manager.get_screen("restore_one")
        page.prepare(one, "")
        if not one.needs_code:
            self.app.go("restore_one")
            return
        self._ask_code(one)

    def _ask_code(self, one: Offered, typed: str = "", wrong: str = "") -> None:
        text_entry.ask(
            self.app,
            text_entry.Wanted(
                _("Recovery code"), self.name, lambda code: self._with_code(one, code), least=58, most=80, stays=True,
                hint=_("58 letters and digits; blanks do not matter"), wrong=wrong, text=typed, verb=_("Next"),
            ),
        )  # fmt: skip

    def _with_code(self, one: Offered, code: str) -> None:
        """Go on with a code that can be one; in another the wrong letter is looked for, and all others stay."""
        try:
            key.from_code(code)
        except errors.BadInput as error:
            self._ask_code(one, code, self.app.sentence(error))
            return
        page: RestoreOneScreen = self.app.root.manager.get_screen("restore_one")
        page.prepare(one, code)
        self.app.go("restore_one")


class RestoreOneScreen(SettingPage):
    """What it means, and a button to hold."""

    keeps = True
    title = StringProperty("")
    detail = StringProperty("")
    warning = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._one: Offered | None = None
        self._code = ""

    def prepare(self, one: Offered, code: str) -> None:
        """Another backup."""
        self._one, self._code = one, code

    def take_over(self, before: Page) -> None:
        """The same backup in other colours."""
        if isinstance(before, RestoreOneScreen):
            self._one, self._code = before._one, before._code

    def show(self, status: Status) -> None:
        """Name it, and who is charging."""
        if self._one is not None:
            self.title, self.detail = in_words(self._one, status)
        self.warning = charging_now(status).strip()

    def restore(self) -> None:
        """It was held long enough."""
        it, one, code, charging = self.app.it, self._one, self._code, bool(self.warning)
        if one is None:
            return
        self._code = ""
        task.follow(
            self.app,
            task.Wanted(
                _("Restore a backup"), "restore",
                lambda: restoring.ask(it, audit.TOUCH, one.path, code, even_charging=charging),
                lambda _task: _("The backup is in place; the core starts anew."),
                _("Opening and checking the backup"), _("Do not take the power away."),
            ),
        )  # fmt: skip


Builder.load_file(__file__.removesuffix("py") + "kv")
