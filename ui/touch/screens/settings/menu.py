"""The settings' first page: one row a subject, each with what it is now."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance import audit, errors
from appliance.access import web_accounts
from appliance.store import settings
from ui.text import numbers
from ui.text.catalog import LANGUAGES, _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import Status


class SettingsScreen(Page):
    """The list of subjects."""

    answer = StringProperty("")

    def enter(self) -> None:
        """Begin without an old answer."""
        self.answer = ""

    def show(self, status: Status) -> None:
        """Paint what each subject is now."""
        ids = self.ids
        left = numbers.minutes(status.web.remaining_s)
        ids.web.value = _("on, {time} left").format(time=left) if status.web.open else _("off")
        ids.language.value = LANGUAGES[status.language]
        ids.meters.value = _meters(status)
        ids.backups.value = _backup(status)
        ids.about.value = status.version

    def next_language(self) -> None:
        """Switch to the other language, everywhere."""
        it, names = self.app.it, list(LANGUAGES)
        chosen = names[(names.index(self.app.status.language) + 1) % len(names)]
        self.app.do(lambda: settings.put(it.store, it.clock.now(), audit.TOUCH, "ui.language", chosen), self._done)

    def ask_reset(self) -> None:
        """The web password: say what a reset means, and do it only then."""
        self.app.root.ask(
            _("Reset the web password?"),
            _("User admin gets the password admin again and every browser is signed out. PIN, users and meters stay."),
            _("Reset"),
            self._reset,
        )

    def _reset(self) -> None:
        it = self.app.it
        self.app.do(lambda: web_accounts.reset_admin(it, audit.TOUCH), self._was_reset)

    def _was_reset(self, result: object, error: errors.WattwardError | None) -> None:
        self._done(result, error)
        if error is None:
            self._say(_("The web password is admin again. Change it at the next sign-in."), good=True)

    def _done(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is not None:
            self._say(self.app.sentence(error), good=False)

    def _say(self, sentence: str, *, good: bool) -> None:
        self.ids.answer.tint, self.ids.answer.icon = (theme.GOOD, "good") if good else (theme.BAD, "bad")
        self.answer = sentence


def _meters(status: Status) -> str:
    if not status.meters:
        return _("none")
    silent = [meter for meter in status.meters if meter.power_w is None]
    if silent:
        return _("{count} without data").format(count=len(silent))
    return _("all {count} well").format(count=len(status.meters))


def _backup(status: Status) -> str:
    if status.backup_at is None:
        return _("none yet")
    if not status.backup_ok:
        return _("failed")
    same_day = status.backup_at.date() == status.now.date()
    time = numbers.clock_time(status.backup_at, status.language)
    return _("today {time}").format(time=time) if same_day else numbers.day(status.backup_at.date(), status.language)


Builder.load_file(__file__.removesuffix("py") + "kv")
