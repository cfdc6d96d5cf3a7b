"""Work that takes a while, followed on a page: what is done, for how long, how it ended. It may be left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import errors
from appliance.opened import Opened
from appliance.system import tasks
from appliance.system.tasks import Task
from ui.text import catalog, numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.sight import Sight
from ui.touch.status import Status


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to follow. `order` begins it and returns its number; `said` makes the sentence of its good end."""

    title: str
    back: str
    order: Callable[[], int]
    said: Callable[[Task], str]
    doing: str  # while no stage is known
    warning: str = ""  # what nobody should do meanwhile


@dataclass(frozen=True, slots=True)
class Followed:
    """How far it is."""

    task: Task | None


def follow(app: Any, wanted: Wanted) -> None:  # noqa: ANN401 - Kivy's App, as pages hold it
    """Begin it and show how it goes."""
    page: TaskScreen = app.root.manager.get_screen("task")
    page.begin(wanted)
    app.go("task")
    app.do(wanted.order, page.begun)


class TaskScreen(Page):
    """One task at a time."""

    title = StringProperty("")
    back = StringProperty("settings")
    sentence = StringProperty("")
    elapsed = StringProperty("")
    warning = StringProperty("")
    icon = StringProperty("wait")
    over = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._said: Callable[[Task], str] | None = None
        self._number: int | None = None
        self._began_s = 0.0
        self._known = False  # its row was seen

    def begin(self, wanted: Wanted) -> None:
        """Take over what to follow; the order itself, in which a password may be, is not kept."""
        self._said, self._number = wanted.said, None
        self._began_s = self.app.real_s()
        self.title, self.back, self.sentence, self.warning = wanted.title, wanted.back, wanted.doing, wanted.warning
        self.over, self.icon, self.elapsed, self._known = False, "wait", "", False

    def take_over(self, before: Page) -> None:
        """The same work in other colours, or in the language of the backup that was put back."""
        if isinstance(before, TaskScreen):
            self._said, self._number, self._known = before._said, before._number, before._known
            self._began_s, self.over, self.elapsed, self.icon = (
                before._began_s,
                before.over,
                before.elapsed,
                before.icon,
            )
            self.title, self.back = before.title, before.back
            self.sentence, self.warning = before.sentence, before.warning

    def begun(self, number: int | None, error: errors.WattwardError | None) -> None:
        """It was asked for, or refused."""
        if error is not None:
            self._end(self.app.sentence(error), "bad")
        self._number = number
        self.app.look()

    def sight(self) -> Sight:
        """The task's row."""
        number = self._number

        def look(it: Opened, _status: Status) -> Followed:
            return Followed(None if number is None else tasks.look(it.live, number))

        return Sight(look, every_s=1.0, key=number)

    def show(self, status: Status) -> None:
        """Paint how far it is."""
        seen, said = self.seen(status, Followed), self._said
        if self.over or said is None:
            return
        self.elapsed = numbers.minutes(self.app.real_s() - self._began_s)
        if seen is None:
            return
        if seen.task is None:
            if self._known:  # what it was doing made the core start anew
                self._end(_("The appliance started anew. Look whether all is as you want it."), "info")
            return
        task, self._known = seen.task, True
        if task.state == "done":
            self._end(said(task), "good")
        elif task.state == "failed":
            self._end(catalog.current().filled(task.message, **task.values), "bad")
        elif task.stage:
            self.sentence = _(task.stage)

    def _end(self, sentence: str, icon: str) -> None:
        self.sentence, self.icon, self.over, self.warning = sentence, icon, True, ""


Builder.load_file(__file__.removesuffix("py") + "kv")
