"""Charge a car: with one point its pane at once, with several an overview, and a page for each."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import face, theme
from ui.touch.screens.base import Page
from ui.touch.screens.charging import now, pane
from ui.touch.screens.charging.now import ChargingNow
from ui.touch.sight import Sight
from ui.touch.status import PointNow, Status
from ui.touch.widgets import basic

assert pane  # noqa: S101 - used by charging.kv


class PointCard(basic.Tap):
    """One point of several: name, state, who and how much."""

    icon = StringProperty("station")
    tint = ColorProperty(theme.NOTHING)
    title = StringProperty("")
    state_text = StringProperty("")
    detail = StringProperty("")
    value = StringProperty("")
    more = StringProperty("")


class OnePoint(Page):
    """A page with the pane of one point."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.point_id = 0
        self._look = now.Look(lambda: self.app.real_s())
        self.ids.pane.tell_why = self._tell_why

    def _tell_why(self, point_id: int) -> None:
        page: Any = self.app.root.manager.get_screen("why")
        page.tell(point_id, back=self.name)
        self.app.go("why")

    def enter(self) -> None:
        """Begin with the keypad."""
        self.ids.pane.begin_anew(self.point_id)

    def forget(self) -> None:
        """Drop typed digits and a code that waits for a name."""
        self.ids.pane.forget()

    def take_over(self, before: Page) -> None:
        """The same point in other colours."""
        if isinstance(before, OnePoint):
            self.point_id = before.point_id

    def sight(self) -> Sight | None:
        """The point, closer."""
        chosen = self.chosen(self.app.status)
        if chosen is None:
            return None
        return Sight(partial(self._look_at, chosen.id), every_s=0.9, key=chosen.id)

    def _look_at(self, point_id: int, it: Any, status: Status) -> ChargingNow:  # noqa: ANN401 - the open appliance
        return self._look.look(it, status, point_id)

    def chosen(self, status: Status) -> PointNow | None:
        """The point that is shown."""
        return next((one for one in status.points if one.id == self.point_id), None)

    def show(self, status: Status) -> None:
        """Paint the point."""
        point = self.chosen(status)
        if point is not None and self.ids.pane.point_id != point.id:
            self.ids.pane.begin_anew(point.id)
        self.ids.pane.show(point, self.seen(status, ChargingNow), status)


class ChargePointScreen(OnePoint):
    """One of several points, with the way back to all of them."""

    name_text = StringProperty("")

    def show(self, status: Status) -> None:
        """Paint the point and its name."""
        point = self.chosen(status)
        if point is None and status.points:
            point, self.point_id = status.points[0], status.points[0].id
        self.name_text = "" if point is None else point.name
        super().show(status)


class ChargingScreen(OnePoint):
    """The only point, or all of them."""

    def chosen(self, status: Status) -> PointNow | None:
        """With one point, that one."""
        if len(status.points) != 1:
            return None
        self.point_id = status.points[0].id
        return status.points[0]

    def show(self, status: Status) -> None:
        """Paint the point or the overview."""
        several = len(status.points) > 1
        shown, hidden = (self.ids.several, self.ids.pane) if several else (self.ids.pane, self.ids.several)
        for widget, seen in ((shown, True), (hidden, False)):
            widget.opacity, widget.disabled = (1, False) if seen else (0, True)
            widget.pos_hint = {"x": 0 if seen else 2}  # what is not shown is out of reach, too
        if several:
            self._show_all(status)
        else:
            super().show(status)

    def _show_all(self, status: Status) -> None:
        box = self.ids.cards
        if len(box.children) != len(status.points):
            box.clear_widgets()
            for _point in status.points:
                card = PointCard()
                card.bind(on_release=lambda card: self._open(card.point_id))
                box.add_widget(card)
        for card, point in zip(reversed(box.children), status.points, strict=True):
            card.point_id = point.id
            paint(card, point, status)

    def _open(self, point_id: int) -> None:
        page: Any = self.app.root.manager.get_screen("charge_point")
        page.point_id = point_id
        self.app.go("charge_point")


def paint(card: PointCard, point: PointNow, status: Status) -> None:
    """Put a point on its card."""
    card.icon, card.tint, card.title = face.icon(point), face.tint(point), point.name
    card.state_text = sentences.point_state(catalog.current(), point.state)
    card.value = card.more = ""
    if point.window_left_s is not None:
        card.value = numbers.minutes(point.window_left_s)
    elif point.began_at is not None and not status.private:
        card.value = numbers.energy(point.energy_wh, status.language)
        card.more = numbers.power(point.power_w, status.language)
    if point.state in ("authorized", "waiting", "charging", "paused"):
        card.detail = "" if status.private else point.user or _("Without authorization")
    else:
        card.detail = _(face.next_step(point))


Builder.load_file(__file__.removesuffix("py") + "kv")
