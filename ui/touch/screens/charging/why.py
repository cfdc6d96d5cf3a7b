"""Why a point charges, or why not: the sentence for now, and what led there.

At the display a refusal is only a refusal; behind the settings PIN the same
page says why, and who it was (reading 1).
"""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty

from appliance.opened import Opened
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.charging import now, telling
from ui.touch.screens.charging.now import Steps
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets.basic import Surface


class StepLine(Surface):
    """One thing that was decided."""

    icon = StringProperty("info")
    tint = ColorProperty(theme.NOTHING)
    text = StringProperty("")
    time = StringProperty("")


class WhyScreen(Page):
    """The story of one point, without reasons and names."""

    reasons = False
    title = StringProperty("")
    now_text = StringProperty("")
    back = StringProperty("charging")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.point_id = 0
        self._shown: object = None

    def tell(self, point_id: int, *, back: str) -> None:
        """Choose the point, and where one came from."""
        self.point_id, self.back = point_id, back

    def take_over(self, before: Page) -> None:
        """The same story in other colours."""
        if isinstance(before, WhyScreen):
            self.tell(before.point_id, back=before.back)

    def ask_reasons(self) -> None:
        """The same story with reasons and names, once the settings PIN was given."""
        page: Any = self.app.root.manager.get_screen("why_all")
        page.tell(self.point_id, back=self.name)
        self.app.root.behind_pin("why_all", self.name)

    def sight(self) -> Sight:
        """What was decided."""
        point_id, reasons = self.point_id, self.reasons

        def look(it: Opened, status: Status) -> Steps:
            return now.steps(it, status, point_id, reasons=reasons, private=status.private and not reasons)

        return Sight(look, every_s=1.0, key=(point_id, reasons))

    def show(self, status: Status) -> None:
        """Paint the sentence for now, and the steps when they changed."""
        seen = self.seen(status, Steps)
        self.title = _("What happened here")
        if seen is None:
            return
        self.now_text = f"{seen.point}: {telling.told(seen.now, status.now, status.language)}"
        self.ids.empty.text = "" if seen.steps else _("Nothing happened here yet.")
        key = (seen.steps, status.language, status.now.date())
        if key == self._shown:
            return
        self._shown = key
        box = self.ids.rows
        box.clear_widgets()
        for step in seen.steps:
            icon = telling.icon(step.told)
            box.add_widget(
                StepLine(
                    icon=icon,
                    tint=_tint(icon),
                    text=telling.told(step.told, status.now, status.language),
                    time=telling.when(step.at, status.now, status.language),
                )
            )


class WhyAllScreen(WhyScreen):
    """The same with reasons and names, in the settings."""

    reasons = True


def _tint(icon: str) -> theme.Colour:
    return {"refused": theme.BAD, "unlock": theme.GOOD, "bolt": theme.CAR, "stop": theme.WARN}.get(icon, theme.ACCENT)


Builder.load_file(__file__.removesuffix("py") + "kv")
