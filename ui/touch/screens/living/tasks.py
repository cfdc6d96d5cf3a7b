"""Long work: what is being done, how far it is, for how long already. It can be left and found again."""

from __future__ import annotations

from dataclasses import dataclass

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance.opened import Opened
from appliance.system import tasks
from ui.text import catalog, numbers
from ui.text.catalog import _
from ui.touch import works
from ui.touch.screens.base import Page
from ui.touch.sight import Sight
from ui.touch.status import Status, TaskNow
from ui.touch.widgets.basic import Surface


@dataclass(frozen=True, slots=True)
class Ended:
    """The newest long work that is over."""

    task: TaskNow | None
    failed: bool = False
    message: str = ""
    values: tuple[tuple[str, object], ...] = ()


def look(it: Opened, _status: Status) -> Ended:
    """The last one, for who comes back to see how it went."""
    task = tasks.newest(it.live, *works.NAMES)
    if task is None or not task.over:
        return Ended(None)
    return Ended(TaskNow(task.id, task.kind), task.state == "failed", task.message, tuple(task.values.items()))


class WorkCard(Surface):
    """One piece of work."""

    title = StringProperty("")
    detail = StringProperty("")
    elapsed = StringProperty("")
    warning = StringProperty("")
    icon = StringProperty("tasks")
    good = BooleanProperty(True)


class TasksScreen(Page):
    """What is under way, and how the last one ended."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._shown: object = None

    def sight(self) -> Sight:
        """How the last one ended."""
        return Sight(look, every_s=1.0)

    def show(self, status: Status) -> None:
        """Paint what changed."""
        ended = self.seen(status, Ended)
        wanted = ([(task.id, works.stage(task), numbers.minutes(task.age_s)) for task in status.tasks], ended)
        if wanted == self._shown:
            return
        self._shown = wanted
        box = self.ids.rows
        box.clear_widgets()
        for task in status.tasks:
            box.add_widget(
                WorkCard(
                    title=works.name(task),
                    detail=works.stage(task),
                    elapsed=numbers.minutes(task.age_s),
                    warning=_("Do not remove power.") if task.kind in works.KEEP_POWER else "",
                )
            )
        if not status.tasks:
            box.add_widget(_last(ended))


def _last(ended: Ended | None) -> WorkCard:
    if ended is None or ended.task is None:
        return WorkCard(
            title=_("Nothing is being done."), detail=_("Backups, updates and other work are followed here.")
        )
    return WorkCard(
        title=works.outcome(ended.task, failed=ended.failed),
        detail=catalog.current().filled(ended.message, **dict(ended.values)) if ended.failed else "",
        icon="bad" if ended.failed else "good",
        good=not ended.failed,
    )


Builder.load_file(__file__.removesuffix("py") + "kv")
