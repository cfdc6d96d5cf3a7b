"""What the settings' pages have in common: they see the house, change a setting, and say how that went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance import audit, errors
from appliance.store import settings
from appliance.system.tasks import Task
from ui.text import catalog
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.settings import choice, house_seen
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import hold, switch

assert hold, switch  # noqa: S101 - used by the .kv files of these pages


class SettingPage(Page):
    """A page of the settings. Its .kv has a Message with the id `answer`."""

    answer = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._awaited: tuple[int, str] | None = None  # number of a task, and what to say when it is done

    def enter(self) -> None:
        """Begin without an old answer."""
        self.answer, self._awaited = "", None

    def sight(self) -> Sight:
        """The house."""
        return Sight(house_seen.look, every_s=2.0)

    def show(self, status: Status) -> None:
        """Paint the house, once it was looked at."""
        found = self.seen(status, HouseSeen)
        if found is not None:
            self._hear(found.task)
            self.paint(status, found)

    def paint(self, status: Status, house: HouseSeen) -> None:
        """Paint a page's part of it."""

    # Changing ----------------------------------------------------------------------------------

    def put(self, key: str, value: str) -> None:
        """Set a setting; what is seen changes when it is so."""
        it = self.app.it
        self.do(lambda: settings.put(it.store, it.clock.now(), audit.TOUCH, key, value))

    def choose(self, title: str, key: str, options: tuple[tuple[str, str], ...], chosen: str, hint: str = "") -> None:
        """Let somebody choose a setting's value on a page of its own."""
        short = len(options) > 5 and not any(len(words) > 18 for _value, words in options)
        choice.ask(
            self.app,
            choice.Wanted(title, self.name, options, chosen, lambda value: self.put(key, value), hint, in_two=short),
        )

    def do(self, order: Callable[[], object], said: str = "") -> None:
        """Run an order and say how it went."""

        def done(_result: object, error: errors.WattwardError | None) -> None:
            if error is not None:
                self.say(self.app.sentence(error), good=False)
            elif said:
                self.say(said, good=True)
            self.app.look()

        self.app.do(order, done)

    def work(self, order: Callable[[], int], said: str) -> None:
        """Let the core do something short, and say how that went once it is over."""

        def begun(number: int | None, error: errors.WattwardError | None) -> None:
            if error is not None:
                self.say(self.app.sentence(error), good=False)
            elif number is not None:
                self._awaited = (number, said)
            self.app.look()

        self.app.do(order, begun)

    def _hear(self, task: Task | None) -> None:
        if task is None or self._awaited is None or task.id != self._awaited[0] or not task.over:
            return
        good, said = task.state == "done", self._awaited[1]
        self._awaited = None
        self.say(said if good else catalog.current().filled(task.message, **task.values), good=good)

    def say(self, sentence: str, *, good: bool) -> None:
        """Answer with a sentence."""
        message = self.ids.answer
        message.tint, message.icon = (theme.GOOD, "good") if good else (theme.BAD, "bad")
        self.answer = sentence


def on_off(on: object) -> str:
    """A switch in a word."""
    return _("on") if on else _("off")


Builder.load_file(__file__.removesuffix("py") + "kv")
