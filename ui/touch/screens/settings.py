"""The settings' first page: one row a subject, each with what it is now."""

from __future__ import annotations

from kivy.lang import Builder

from appliance import audit, errors
from appliance.store import settings
from ui.text import numbers
from ui.text.catalog import LANGUAGES, _
from ui.touch.screens.base import Page
from ui.touch.status import Status


class SettingsScreen(Page):
    """The list of subjects."""

    def show(self, status: Status) -> None:
        """Paint what each subject is now."""
        ids = self.ids
        left = numbers.minutes(status.web.remaining_s)
        ids.web.value = _("on, {time} left").format(time=left) if status.web.open else _("off")
        ids.language.value = LANGUAGES[status.language]
        ids.meters.value = self._meters(status)
        ids.backups.value = self._backup(status)
        ids.about.value = status.version

    def _meters(self, status: Status) -> str:
        if not status.meters:
            return _("none")
        silent = [meter for meter in status.meters if meter.power_w is None]
        if silent:
            return _("{count} without data").format(count=len(silent))
        return _("all {count} well").format(count=len(status.meters))

    def _backup(self, status: Status) -> str:
        if status.backup_at is None:
            return _("none yet")
        if not status.backup_ok:
            return _("failed")
        return numbers.moment(status.backup_at, status.language)

    def next_language(self) -> None:
        """Switch to the other language, everywhere."""
        app = self.app
        names = list(LANGUAGES)
        chosen = names[(names.index(app.status.language) + 1) % len(names)]
        app.do(lambda: settings.put(app.it.store, app.it.clock.now(), audit.TOUCH, "ui.language", chosen), self._done)

    def _done(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is not None:
            self.ids.language.value = self.app.sentence(error)


Builder.load_file(__file__.removesuffix("py") + "kv")
