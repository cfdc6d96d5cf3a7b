"""Charging settings: what each point allows, the users, new cards and guests, the sessions, and what passers-by see."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance import audit, errors
from appliance.charging import points
from appliance.charging.points import Point
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.charging import telling
from ui.touch.screens.settings import choice, plan_day, point_form, weekly_plan
from ui.touch.screens.settings.charging_page import ChargingPage, PointPage
from ui.touch.screens.settings.charging_settings_data import ChargingSeen, PointSet
from ui.touch.screens.settings.learn_card import LearnCardScreen
from ui.touch.screens.settings.users import UsersScreen
from ui.touch.screens.settings.users_guest import GuestCodeScreen
from ui.touch.status import Status
from ui.touch.widgets import basic


class ChargingSettingsScreen(ChargingPage):
    """The list."""

    def paint_charging(self, status: Status, seen: ChargingSeen) -> None:
        """Points as they are set, and what each row is now."""
        box, language = self.ids.points, status.language
        if [row.point_id for row in reversed(box.children)] != [one.point.id for one in seen.points]:
            box.clear_widgets()
            for one in seen.points:
                row = basic.Row(icon="station")
                row.point_id = one.point.id
                row.bind(on_release=lambda row: self._open(row.point_id))
                box.add_widget(row)
        for row, one in zip(reversed(box.children), seen.points, strict=True):
            row.title, row.value = one.point.name, allowed(one, status, language)
        self._list_archived(seen.archived)
        blocked = sum(user.blocked for user in seen.users)
        count = _("{count} users").format(count=len(seen.users))
        self.ids.users.value = count + ", " + _("{count} blocked").format(count=blocked) if blocked else count
        unknown = len(seen.unknown)
        self.ids.learn.value = _("{count} unknown").format(count=unknown) if unknown else ""
        self.ids.privacy.on = status.private

    def _list_archived(self, archived: tuple[Point, ...]) -> None:
        box = self.ids.archived
        if [row.title for row in reversed(box.children)] != [one.name for one in archived]:
            box.clear_widgets()
            for one in archived:
                row = basic.Row(icon="undo", tint=theme.QUIET, title=one.name, leads=False)
                row.bind(on_release=partial(self._ask_back, one))
                box.add_widget(row)
        for row in box.children:
            row.value = _("out of use")

    def _ask_back(self, point: Point, *_row: object) -> None:
        it = self.app.it
        self.app.root.ask(
            _("Use {name} again?").format(name=point.name),
            _("Its relay, its contacts and who may charge there are as they were."),
            _("Use again"),
            lambda: self.do(lambda: points.activate(it.store, it.clock, point.id, actor=audit.TOUCH)),
        )

    def add_point(self) -> None:
        """Set a new one up."""
        point_form.open_form(self.app)

    def _open(self, point_id: int) -> None:
        page: Any = self.app.root.manager.get_screen("charging_settings_point")
        page.point_id = point_id
        self.app.go("charging_settings_point")

    def toggle_privacy(self) -> None:
        """Names and values before a PIN, or not."""
        self.put("ui.privacy", "off" if self.app.status.private else "on")


class PointSettingsScreen(PointPage):
    """One point: who may charge, card and PIN, and what happened there."""

    name_text = StringProperty("")
    mode_text = StringProperty("")
    now_text = StringProperty("")
    plan_text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._seen: PointSet | None = None

    def paint_point(self, status: Status, one: PointSet) -> None:
        """What is set."""
        self._seen, point = one, one.point
        self.name_text, self.mode_text = point.name, _(telling.MODES[point.mode])
        timed = point.mode == "time"
        self.now_text = telling.planned(one.mode, one.until, status.now, status.language) if timed else ""
        self.plan_text = weekly_plan.in_words(one, status)
        self.ids.both.on = point.second_factor

    def choose_mode(self) -> None:
        """Who may charge here."""
        if self._seen is None:
            return
        point = self._seen.point
        options = tuple((mode, _(words)) for mode, words in telling.MODES.items() if mode != "time" or point.plan)
        hint = _("A running session ends when the mode is changed to nobody.")
        if not point.plan:
            hint += " " + _("Charging by hours of the week needs a weekly plan first.")
        wanted = choice.Wanted(
            _("Who may charge at {point}?").format(point=point.name), self.name, options, point.mode,
            partial(self._set_mode, point.id), hint,
        )  # fmt: skip
        choice.ask(self.app, wanted)

    def _set_mode(self, point_id: int, mode: str) -> None:
        it = self.app.it
        self.do(lambda: points.set_mode(it.store, it.clock, point_id, mode, actor=audit.TOUCH))

    def toggle_both(self) -> None:
        """A card and a PIN of everybody, or one of them."""
        if self._seen is None:
            return
        it, point = self.app.it, self._seen.point
        wanted = not point.second_factor
        self.do(lambda: points.set_rules(it.store, it.clock, point.id, second_factor=wanted, actor=audit.TOUCH))

    def edit(self) -> None:
        """Its name, relay, contacts and meter."""
        if self._seen is not None:
            point_form.open_form(self.app, self._seen.point.id)

    def ask_archive(self) -> None:
        """Say what it means, and do it only then; for some seconds it can be taken back."""
        if self._seen is None:
            return
        it, point = self.app.it, self._seen.point

        def done(_result: object, error: errors.WattwardError | None) -> None:
            if error is not None:
                self.say(self.app.sentence(error), good=False)
                return
            self.app.go("charging_settings")
            self.app.root.toast(
                _("{name} is out of use; its sessions stay.").format(name=point.name),
                undo=lambda: points.activate(it.store, it.clock, point.id, actor=audit.TOUCH),
            )

        self.app.root.ask(
            _("Take {name} out of use?").format(name=point.name),
            _("Its relay opens, and a session that runs there ends. Its sessions stay."),
            _("Take out of use"),
            lambda: self.app.do(lambda: points.archive(it.store, it.clock, point.id, actor=audit.TOUCH), done),
        )

    def open_plan(self) -> None:
        """The hours of the week."""
        page: Any = self.app.root.manager.get_screen("weekly_plan")
        page.point_id = self.point_id
        self.app.go("weekly_plan")

    def tell_why(self) -> None:
        """What happened here, with reasons and names."""
        page: Any = self.app.root.manager.get_screen("why_all")
        page.tell(self.point_id, back=self.name)
        self.app.go("why_all")


def allowed(one: PointSet, status: Status, language: str) -> str:
    """What a point allows now, in a few words."""
    if one.point.mode == "time":
        return telling.planned(one.mode, one.until, status.now, language)
    return _(telling.MODES[one.point.mode])


SCREENS: dict[str, type[Page]] = {
    "charging_settings": ChargingSettingsScreen,
    "charging_settings_point": PointSettingsScreen,
    "point_form": point_form.PointFormScreen,
    "users": UsersScreen,
    "learn_card": LearnCardScreen,
    "guest_code": GuestCodeScreen,
    "weekly_plan": weekly_plan.WeekScreen,
    "plan_day": plan_day.PlanDayScreen,
    "plan_hours": plan_day.PlanHoursScreen,
    "plan_copy": weekly_plan.CopyDayScreen,
}
Builder.load_file(__file__.removesuffix("py") + "kv")
