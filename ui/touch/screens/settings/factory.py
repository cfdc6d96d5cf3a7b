"""Factory reset: what goes, what stays, and the word that is typed by whoever means it (X-07)."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance import audit, errors
from appliance.system import factory
from ui.text.catalog import _
from ui.touch.screens.settings import task, text_entry
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.screens.settings.system import charging_now
from ui.touch.status import Status


class FactoryScreen(SettingPage):
    """The consequence; then a page to type the word."""

    warning = StringProperty("")

    def show(self, status: Status) -> None:
        """Say who is charging."""
        self.warning = charging_now(status).strip()

    def ask_word(self) -> None:
        """Let the word be typed."""
        word = _(factory.WORD)
        text_entry.ask(
            self.app,
            text_entry.Wanted(
                _("Factory reset"), self.name, self.typed,
                hint=_("Type {word} to forget everything.").format(word=word), verb=_("Forget everything"),
                least=len(word), most=20,
            ),
        )  # fmt: skip

    def typed(self, typed: str) -> None:
        """The right word begins it; any other changes nothing."""
        word = _(factory.WORD)
        if typed.strip().upper() != word:
            refused = errors.BadInput("Nothing was reset: the word is {word}.", word=word)
            self.say(self.app.sentence(refused), good=False)
            return
        it, charging = self.app.it, bool(self.warning)
        task.follow(
            self.app,
            task.Wanted(
                _("Factory reset"), self.name,
                lambda: factory.ask(it, audit.TOUCH, typed, word, even_charging=charging),
                lambda _task: _("Everything is being forgotten; the appliance starts anew."), _("One moment …"),
                _("Do not take the power away."),
            ),
        )  # fmt: skip


Builder.load_file(__file__.removesuffix("py") + "kv")
