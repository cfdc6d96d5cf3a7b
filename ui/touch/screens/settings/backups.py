"""The backup: when the last one was made, and make one now."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, errors
from appliance.backup import wishes
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.status import Status


class BackupsScreen(Page):
    """State and one button."""

    state = StringProperty("")
    note = StringProperty("")
    icon = StringProperty("save")
    due = BooleanProperty(False)

    def show(self, status: Status) -> None:
        """Paint the state."""
        self.due = status.backup_due
        self.note = _("The backup is being made.") if self.due else ""
        self.icon = "save" if status.backup_ok else "warning"
        if status.backup_at is None:
            self.state = _("No backup yet. One is made every night.")
            return
        when = numbers.moment(status.backup_at, status.language)
        made, failed = _("The last backup was made on {when} and checked."), _("The backup of {when} failed.")
        self.state = (made if status.backup_ok else failed).format(when=when)

    def make_now(self) -> None:
        """Wish for a backup; the core makes it."""
        it = self.app.it

        def wish() -> None:
            with it.store.write() as db:
                wishes.wish(db, it.clock.now(), audit.TOUCH, wishes.BACKUP)

        self.app.do(wish, self._wished)

    def _wished(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is not None:
            self.note = self.app.sentence(error)


Builder.load_file(__file__.removesuffix("py") + "kv")
