"""System: restart, switch off, date and time, support bundle, self-test, factory reset."""

from __future__ import annotations

from collections.abc import Callable

from kivy.lang import Builder
from kivy.properties import BooleanProperty

from appliance import audit
from appliance.system import power, support
from appliance.system.tasks import Task
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.settings import menu, task
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.status import Status


def charging_now(status: Status) -> str:
    """Who is charging, as a warning before something ends it; empty when nobody is."""
    running = [point for point in status.points if point.began_at is not None]
    if not running:
        return ""
    names = ", ".join(point.user or point.name for point in running)
    return _("A car is being charged ({names}): that stops.").format(names=names) + "\n"


class SystemScreen(SettingPage):
    """A row each."""

    has_self_test = BooleanProperty(False)

    def enter(self) -> None:
        """Look which pages there are."""
        super().enter()
        self.has_self_test = menu.there("self_test")

    def paint(self, status: Status, house: HouseSeen) -> None:
        """Date and time as they are now."""
        self.ids.time.value = numbers.moment(status.now, status.language)

    def ask_restart(self) -> None:
        """Say what it means, and do it only then."""
        self._ask(
            _("Restart the appliance?"),
            _("Nothing is measured for about a minute, and no relay closes."),
            _("Restart"),
            power.RESTART,
            lambda _task: _("The appliance is restarting."),
        )

    def ask_off(self) -> None:
        """Say what it means, and do it only then."""
        self._ask(
            _("Switch the appliance off?"),
            _("Nothing is measured and nobody can charge until its power is taken away and given again."),
            _("Switch off"),
            power.OFF,
            lambda _task: _("The appliance is switching off."),
        )

    def _ask(self, title: str, text: str, verb: str, kind: str, said: Callable[[Task], str]) -> None:
        it, warning = self.app.it, charging_now(self.app.status)
        wanted = task.Wanted(
            title.rstrip("?"), self.name, lambda: power.ask(it, audit.TOUCH, kind, even_charging=bool(warning)), said,
            _("One moment …"),
        )  # fmt: skip
        self.app.root.ask(title, warning + text, verb, lambda: task.follow(self.app, wanted))

    def make_bundle(self) -> None:
        """Collect what somebody far away needs."""
        it = self.app.it
        task.follow(
            self.app,
            task.Wanted(
                _("Support bundle"), self.name, lambda: support.ask(it, audit.TOUCH), _bundle_said, _("Collecting")
            ),
        )


def _bundle_said(done: Task) -> str:
    path = str(done.result.get("path", ""))
    name = path.rpartition("/")[2]
    if done.result.get("where") == "usb":
        return _("{name} is on the USB stick. It holds no PIN, password, key or name.").format(name=name)
    return _("{path} was written. Plug in the stick labelled WATTWARD to take it along.").format(path=path)


Builder.load_file(__file__.removesuffix("py") + "kv")
