"""Backups: when the last one was made, make one now, the stick, the recovery code, and putting one back."""

from __future__ import annotations

from dataclasses import dataclass

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, errors
from appliance.backup import key, targets, wishes
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import restoring
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status


@dataclass(frozen=True, slots=True)
class BackupsSeen:
    """What belongs to backups beside their last time."""

    usb: bool = False
    stick: bool = False
    code_confirmed: bool = False
    offered: int = 0


def look(it: Opened, _status: Status) -> BackupsSeen:
    """The stick, the code, and what could be put back."""
    return BackupsSeen(
        usb=settings.flag(it.store, "backup.usb"),
        stick=targets.of(it.home)["usb"].is_present(),
        code_confirmed=key.confirmed(it.store, key.load(it.home.keys)),
        offered=len(restoring.offered(it)),
    )


class BackupsScreen(SettingPage):
    """State and rows."""

    state = StringProperty("")
    icon = StringProperty("save")
    due = BooleanProperty(False)

    def sight(self) -> Sight:
        """Stick and code."""
        return Sight(look, every_s=3.0)

    def show(self, status: Status) -> None:
        """Paint the state."""
        self.due = status.backup_due
        self.icon = "wait" if self.due else "save" if status.backup_ok else "warning"
        if self.due:
            self.state = _("The backup is being made.")
        elif status.backup_at is None:
            self.state = _("No backup yet. One is made every night.")
        else:
            when = numbers.moment(status.backup_at, status.language)
            made, failed = _("The last backup was made on {when} and checked."), _("The backup of {when} failed.")
            self.state = (made if status.backup_ok else failed).format(when=when)
        found = self.seen(status, BackupsSeen)
        if found is not None:
            ids = self.ids
            ids.usb.on = found.usb
            ids.usb.detail = _("The stick is there.") if found.stick else _("No stick labelled WATTWARD is there.")
            ids.code.value = _("written down") if found.code_confirmed else _("not written down yet")
            ids.restore.value = _("{count} to choose from").format(count=found.offered)

    def make_now(self) -> None:
        """Wish for a backup; the core makes it."""
        it = self.app.it

        def wish() -> None:
            with it.store.write() as db:
                wishes.wish(db, it.clock.now(), audit.TOUCH, wishes.BACKUP)

        self.do(wish)


class RecoveryCodeScreen(SettingPage):
    """The code that opens the backups, to be written down; shown when somebody asks, which is audited."""

    keeps = True
    code = StringProperty("")
    hidden = StringProperty("\n".join(["   ".join(["\u2022" * 4] * 5)] * 3))

    def enter(self) -> None:
        """Begin without a code."""
        super().enter()
        self.code = ""

    def forget(self) -> None:
        """Nobody reads it from a dark display."""
        self.code = ""

    def reveal(self) -> None:
        """Show it."""
        it = self.app.it
        self.app.do(lambda: key.show(it, audit.TOUCH, again=True), self._shown)

    def _shown(self, code: str | None, error: errors.WattwardError | None) -> None:
        if code is not None and self.app.root.screen == self.name:
            blocks = code.split(" ")
            self.code = "\n".join("   ".join(blocks[at : at + 5]) for at in range(0, len(blocks), 5))
        elif error is not None:
            self.say(self.app.sentence(error), good=False)

    def confirm(self) -> None:
        """It is on paper."""
        it = self.app.it
        self.do(lambda: key.confirm(it, audit.TOUCH), _("Keep the paper away from the backups."))


Builder.load_file(__file__.removesuffix("py") + "kv")
